"""`council tracer config`."""

from __future__ import annotations

from pathlib import Path

import click

from council.cli import output
from council.cli.logs import debug_option
from council.cli.tracer_source import read_source, write_files


@click.command()
@click.argument("path", metavar="PATH|PROPOSAL")
@click.option("--service", "named", multiple=True, metavar="NAME", help="Configure this service instead of those found. Repeatable.")
@click.option("--slow-ms", type=click.IntRange(min=1), default=1000, help="Keep every trace slower than this; default: 1000.")
@click.option("--keep-percent", type=click.FloatRange(0, 100), default=10, help="Share of the other traces to keep; default: 10.")
@click.option("--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", help="default: terminal")
@click.option("--output", "to", metavar="DIR", type=click.Path(path_type=Path), help="Write the files below DIR.")
@debug_option
def config(*, path: str, named: tuple[str, ...], slow_ms: int, keep_percent: float, form: str, to: Path | None) -> None:
    """Write OpenTelemetry configuration: SDK, Collector, environment, Kubernetes, Compose.

    For the services in PATH, a directory or file of Python code, or the one that a proposal describes. Prints the files, and
    on standard error how each was checked.
    """
    source = read_source(path)
    from council.reports.json import dumps
    from council.tracer.collector import CollectorOptions
    from council.tracer.model import AuditReport
    from council.tracer.otel_config import configure
    from council.tracer.services import service_of_title, services_of

    found = services_of(source) if isinstance(source, AuditReport) else (service_of_title(source.title),)
    made = configure(named or found, CollectorOptions(slow_ms=slow_ms, keep_percent=keep_percent))
    if to is not None:
        write_files(to, {file.path: file.text for file in made.files})
    if form == "json":
        output.write(dumps(made.model_dump(mode="json")))
    elif to is None:
        output.write("".join(f"# file: {file.path}\n{file.text}\n" for file in made.files))
    click.echo("\n".join(f"{file.path}: {file.detail}" for file in made.files), err=True)
