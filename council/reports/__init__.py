"""What people and machines read of a verdict: for a terminal, in Markdown, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # a command that shows no verdict needs neither the papers nor pydantic
    from council.ballot import Verdict

Format = Literal["terminal", "md", "json"]


def render(verdict: Verdict, form: Format, *, width: int = 100, color: bool = False, verbose: bool = False) -> str:
    """The report in one of the formats, ending in a line feed.

    Args:
        verdict: what to report; every string in it is untrusted.
        form: which report.
        width: columns of the terminal.
        color: whether the terminal gets colours.
        verbose: everything instead of what to act upon; JSON always has everything.
    """
    if form == "json":
        from council.reports import json

        return json.render(verdict)
    if form == "md":
        from council.reports import markdown

        return markdown.render(verdict, verbose=verbose)
    from council.reports import terminal

    return terminal.render(verdict, width=width, color=color, verbose=verbose)
