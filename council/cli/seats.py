"""`council seats`: who sits in the council, one seat whole, and whether seat files are right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from council.cli import exits, output
from council.cli.logs import debug_option
from council.cli.options import SeatOptions, seat_options
from council.errors import MissingInputError, UsageError


@click.group(invoke_without_command=True)
@seat_options
@debug_option
@click.pass_context
def seats(context: click.Context, *, seating: SeatOptions) -> None:
    """List the seats, show one, or check seat files."""
    if context.invoked_subcommand is not None:
        if seating != SeatOptions():
            raise UsageError("options about seats stand at the end", hint=f"council seats {context.invoked_subcommand} ... --agents DIR")
        return
    from council.reports.seats import render_roster

    roster = seating.roster(seating.settings())
    output.write(render_roster(roster, width=output.width(), color=output.color()))


@seats.command()
@click.argument("name")
@click.option("--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", help="default: terminal")
@seat_options
@debug_option
def show(*, name: str, form: str, seating: SeatOptions) -> None:
    """Show everything about the seat NAME: its agent and its persona."""
    from council.reports import json
    from council.reports.seats import render_seat

    roster = seating.roster(seating.settings())
    if name not in roster.names:
        raise UsageError(f"unknown seat {name!r:.60}", hint=f"seats: {', '.join(roster.names)}")
    seat = roster.seat(name)
    shown = json.dumps(seat.model_dump(mode="json")) if form == "json" else render_seat(seat, width=output.width(), color=output.color())
    output.write(shown)


@seats.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@debug_option
def check(*, paths: Sequence[Path]) -> int:
    """Check agent and persona files, or directories of them.

    Prints file:line: message for everything that is wrong, and ends with 65 if anything is.
    """
    for path in paths:
        if not path.exists():
            raise MissingInputError("no such file or directory", where=str(path))

    from council.redaction import one_line
    from council.reviewers.checklist.phrases import parse_phrase
    from council.seats import check_paths

    problems = check_paths(paths, validate_phrase=parse_phrase)
    output.write("".join(f"{one_line(str(problem))}\n" for problem in problems))
    return exits.Exit.INPUT if problems else exits.Exit.OK
