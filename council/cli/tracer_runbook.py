"""`council tracer runbook`."""

from __future__ import annotations

from pathlib import Path

import click

from council.cli import output
from council.cli.logs import debug_option
from council.cli.tracer_source import read_source, write_files


@click.command()
@click.argument("path", metavar="PATH|PROPOSAL")
@click.option(
    "--base-url", metavar="URL", default="runbooks", help="Where the runbooks will be published, for the alerts; default: runbooks"
)
@click.option("--format", "form", type=click.Choice(["md", "json"]), default="md", help="default: md")
@click.option(
    "--output", "to", metavar="DIR", type=click.Path(path_type=Path), help="Write runbooks, alert rules and their tests below DIR."
)
@debug_option
def runbook(*, path: str, base_url: str, form: str, to: Path | None) -> None:
    """Write a runbook for each way in which a service can fail, and the alerts that lead to them.

    PATH is a directory or a file of Python code; any other file, and "-", is read as a proposal.
    """
    source = read_source(path)
    from council.reports.tracer import runbook_markdown, runbooks_json
    from council.tracer.alerts import RULES_FILE, TESTS_FILE, rule_tests_yaml, rules_yaml
    from council.tracer.model import AuditReport
    from council.tracer.runbook import runbooks_of_audit, runbooks_of_proposal

    made = runbooks_of_audit(source) if isinstance(source, AuditReport) else runbooks_of_proposal(source)
    pages = {f"runbooks/{one.name}.md": runbook_markdown(one) for one in made}
    if to is None:
        output.write(runbooks_json(made) if form == "json" else "\n".join(pages.values()))
        return
    alerts = {one.name: one.alert for one in made if one.alert}
    rules = {RULES_FILE: rules_yaml(alerts, base_url), TESTS_FILE: rule_tests_yaml(alerts, base_url)} if alerts else {}
    write_files(to, {**pages, **rules})
    if form == "json":
        output.write(runbooks_json(made))
    click.echo(f"runbooks: {len(pages)}, alert rules: {len(alerts)}; written below {to}", err=True)
