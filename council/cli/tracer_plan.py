"""`council tracer plan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from council.cli import output
from council.cli.logs import debug_option
from council.cli.tracer_source import read_source

if TYPE_CHECKING:
    from council.reports.tracer import PlanFormat


@click.command()
@click.argument("path", metavar="PATH|PROPOSAL")
@click.option("--format", "form", type=click.Choice(["terminal", "md", "json"]), default="terminal", help="default: terminal")
@click.option("--output", "to", metavar="FILE", type=click.Path(path_type=Path), default=output.STDOUT, help="Write the plan to FILE.")
@debug_option
def plan(*, path: str, form: PlanFormat, to: Path) -> None:
    """Plan the instrumentation of a service: which probe goes where, and what it will show.

    PATH is a directory or a file of Python code; any other file, and "-", is read as a proposal.
    """
    output.check_output(to, path)
    source = read_source(path)
    from council.reports.tracer import render_plan
    from council.tracer.model import AuditReport
    from council.tracer.plan import plan_of_audit
    from council.tracer.plan_proposal import plan_of_proposal

    made = plan_of_audit(source) if isinstance(source, AuditReport) else plan_of_proposal(source)
    output.write(render_plan(made, form), to)
