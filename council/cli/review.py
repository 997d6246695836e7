"""`council review`."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from council.cli import exits, output
from council.cli.logs import debug_option
from council.cli.options import SeatOptions, seat_options

if TYPE_CHECKING:
    from council.ballot import Verdict
    from council.config import Settings
    from council.events import OnEvent
    from council.proposal import Proposal
    from council.reports import Format
    from council.seats import Roster

CODES = """\b
Exit codes:
  0 APPROVE   1 MODIFY   2 REJECT   3 INCONCLUSIVE   5 waiting for a person
  64 usage   65 bad input   66 missing input   69 model or service unavailable
  70 a fault of ours   130 interrupted
"""


@click.command(epilog=CODES)
@click.argument("path")
@click.option("--format", "form", type=click.Choice(["terminal", "md", "json"]), help="The report's format; default: terminal.")
@click.option("--output", "to", metavar="FILE", type=click.Path(path_type=Path), default=output.STDOUT, help="Write the report to FILE.")
@click.option("--verbose", is_flag=True, help="Report every answer with its evidence.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--exit-zero", is_flag=True, help="End with 0 whatever the verdict; errors keep their codes.")
@click.option("--max-bytes", metavar="N", type=click.IntRange(min=1), help="Largest proposal; default: 2000000.")
@click.option("--max-words", metavar="N", type=click.IntRange(min=1), help="Longest proposal; default: 200000.")
@seat_options
@debug_option
def review(  # noqa: PLR0913 (one argument for each option)
    *,
    path: str,
    form: Format | None,
    to: Path,
    verbose: bool,
    quiet: bool,
    exit_zero: bool,
    max_bytes: int | None,
    max_words: int | None,
    seating: SeatOptions,
) -> int:
    """Review the proposal in PATH, or on standard input for "-"."""
    output.check_output(to, path)
    settings = seating.settings()
    proposal = _read(path, settings, max_bytes, max_words)
    verdict = _convene(proposal, seating.roster(settings), settings, quiet=quiet)

    from council.reports import render

    on_screen = to == output.STDOUT
    width = output.width() if on_screen else output.FILE_WIDTH
    report = render(verdict, form or settings.format or "terminal", width=width, color=on_screen and output.color(), verbose=verbose)
    output.write(report, to)
    return exits.Exit.OK if exit_zero else exits.of_outcome(verdict.outcome)


def _read(path: str, settings: Settings, max_bytes: int | None, max_words: int | None) -> Proposal:
    """The proposal; read before the workflow is imported, so that a wrong one is refused at once."""
    from council.proposal.read import Limits, read_proposal

    default = Limits()
    limits = Limits(
        max_bytes=max_bytes or settings.limits.max_bytes or default.max_bytes,
        max_words=max_words or settings.limits.max_words or default.max_words,
    )
    return read_proposal(path, limits=limits)


def _convene(proposal: Proposal, roster: Roster, settings: Settings, *, quiet: bool) -> Verdict:
    """Review, with a live table of the seats where somebody watches."""
    from council.council import Council

    council = Council(roster, policy=settings.policy, policy_origin=settings.policy_origin)
    with ExitStack() as stack:
        on_event: OnEvent | None = None
        if not quiet and sys.stderr is not None and sys.stderr.isatty():
            from rich.console import Console

            from council.reports.live import LiveSeats

            on_event = stack.enter_context(LiveSeats(roster.names, Console(stderr=True))).on_event
        return council.review(proposal, on_event=on_event)
