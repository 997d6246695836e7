"""`council tracer audit`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from council.cli import exits, output
from council.cli.logs import debug_option

if TYPE_CHECKING:
    from council.tracer.audit_report import Format


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["terminal", "md", "json", "sarif"]), default="terminal", help="default: terminal")
@click.option("--output", "to", metavar="FILE", type=click.Path(path_type=Path), default=output.STDOUT, help="Write the report to FILE.")
@click.option("--fail-under", metavar="N", type=click.FloatRange(0, 100), help="End with 4 where the score is below N.")
@click.option("--verbose", is_flag=True, help="Show notes, and the functions in between.")
@debug_option
def audit(*, path: Path, form: Format, to: Path, fail_under: float | None, verbose: bool) -> int:
    """Find where debugging the Python service in PATH in production would be blind.

    Reads the code, and never imports or runs it.
    """
    output.check_output(to, str(path))
    from council.tracer.audit import audit as audit_code
    from council.tracer.audit_report import render

    report = audit_code(path)
    on_screen = to == output.STDOUT
    width = output.width() if on_screen else output.FILE_WIDTH
    output.write(render(report, form, width=width, color=on_screen and output.color(), verbose=verbose), to)
    return exits.Exit.UNMET if fail_under is not None and report.score < fail_under else exits.Exit.OK
