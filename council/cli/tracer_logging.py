"""`council tracer logging`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from council.cli import output
from council.cli.logs import debug_option
from council.redaction import one_line

if TYPE_CHECKING:
    from council.tracer.structured.model import LoggingReport, Style


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--style", type=click.Choice(["structlog", "stdlib"]), default="stdlib", help="default: stdlib, with fields in extra")
@click.option("--write", is_flag=True, help="Change the files; without it, show the diff.")
@click.option("--format", "form", type=click.Choice(["diff", "json"]), default="diff", help="default: diff")
@click.option("--output", "to", metavar="FILE", type=click.Path(path_type=Path), default=output.STDOUT, help="Write the diff to FILE.")
@debug_option
def logging(*, path: Path, style: Style, write: bool, form: str, to: Path) -> None:
    """Rewrite the logging calls of the Python service in PATH to events with fields.

    Prints a diff on standard output, and on standard error what was left as it is, with the reason.
    """
    output.check_output(to, str(path))
    from council.tracer.structured.run import rewrite_logging

    report = rewrite_logging(path, style=style, write=write)
    if form == "json":
        output.write(json.dumps(report.model_dump(mode="json"), indent=2) + "\n", to)
        return
    if not write:
        output.write("".join(change.diff for change in report.changes), to)
    click.echo("\n".join(_summary(report, written=write)), err=True)


def _summary(report: LoggingReport, *, written: bool) -> list[str]:
    verb = "rewritten" if written else "to rewrite"
    lines = [one_line(f"left {left.file}:{left.line} {left.function}: {left.call}: {left.reason}") for left in report.left]
    lines += [one_line(f"skipped {skipped.file}: {skipped.reason}") for skipped in report.skipped]
    lines += [f"note: {note}" for note in report.notes]
    lines.append(
        f"{report.calls} logging calls: {len(report.rewritten)} {verb} in {len(report.changes)} files, {report.already} structured, "
        f"{len(report.left)} left; ids bound at {len(report.bound)} entry points"
    )
    return lines
