"""`council schema`."""

from __future__ import annotations

import click

from council.cli import output
from council.cli.logs import debug_option


@click.command()
@click.option("--of", type=click.Choice(["verdict", "reply"]), default="verdict", help="default: verdict")
@debug_option
def schema(*, of: str) -> None:
    """Print the JSON schema of the verdict that --format json writes, or of the reply that a reviewer gives."""
    from council.reports import json

    output.write(json.dumps(json.schema(of)))
