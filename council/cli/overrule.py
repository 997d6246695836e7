"""`council overrule` and `council reviews`: what a person does with reviews that are kept beside a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from council.cli import output
from council.cli.logs import debug_option
from council.cli.resume import decision_of, login

if TYPE_CHECKING:
    from council.reports import Format

_CHECKPOINT = click.option("--checkpoint", metavar="FILE|URL", required=True, help="Where the review is kept.")


@click.command()
@click.argument("review_id", metavar="ID")
@click.option("--verdict", "outcome", type=click.Choice(["APPROVE", "MODIFY", "REJECT"], case_sensitive=False), required=True)
@click.option("--reason", metavar="TEXT", required=True, help="Why; it stands in the verdict.")
@click.option("--by", metavar="NAME", help="Who; default: whoever is logged in.")
@_CHECKPOINT
@click.option("--format", "form", type=click.Choice(["terminal", "md", "json"]), default="terminal", help="default: terminal")
@click.option("--output", "to", metavar="FILE", type=click.Path(path_type=Path), default=output.STDOUT, help="Write the report to FILE.")
@debug_option
def overrule(*, review_id: str, outcome: str, reason: str, by: str | None, checkpoint: str, form: Format, to: Path) -> None:
    """Overrule the verdict of the review ID. The new verdict keeps what the council had said, and is reported."""
    output.check_output(to, "-")
    decision = decision_of(outcome, reason, by or login() or "")

    from council.journal import Reviews
    from council.reports import render

    verdict = Reviews(checkpoint).overrule(review_id, decision)
    on_screen = to == output.STDOUT
    width = output.width() if on_screen else output.FILE_WIDTH
    output.write(render(verdict, form, width=width, color=on_screen and output.color()), to)


@click.command()
@_CHECKPOINT
@debug_option
def reviews(*, checkpoint: str) -> None:
    """List the reviews beside a checkpoint, the latest first: finished, waiting for a person, or unfinished."""
    from council.journal import Archive
    from council.redaction import one_line

    rows = [
        (review.review_id, review.status, review.outcome, review.begun, one_line(review.source))
        for review in Archive.beside(checkpoint).all()
    ]
    widths = [max((len(row[n]) for row in rows), default=0) for n in range(4)]
    output.write("".join("  ".join([*map(str.ljust, row, widths), row[4]]) + "\n" for row in rows))
