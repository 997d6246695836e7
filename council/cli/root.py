"""The `council` command. Nothing heavy is imported before a command runs, so that help comes at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import click

import council
from council.cli import exits, tracing
from council.cli.eval import evaluate
from council.cli.overrule import overrule, reviews
from council.cli.replay import replay
from council.cli.review import review
from council.cli.schema import schema
from council.cli.seats import seats
from council.cli.tracer import tracer


class Root(click.Group):
    """A group whose exit codes are ours: never click's 2 for a wrong option, which is our REJECT."""

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run and exit; with `standalone_mode=False` return and raise as click does."""
        click_main: Callable[..., Any] = super().main
        if not standalone_mode:
            return click_main(*args, standalone_mode=False, **extra)
        words = args[0] if args else extra.get("args") or sys.argv[1:]
        named = next((word for word in words or () if word in self.commands), "")
        return sys.exit(exits.guarded(lambda: click_main(*args, standalone_mode=False, **extra), f"council {named}".strip()))


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(council.__version__, prog_name="council", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """A council of reviewers reads a proposal and votes; deterministic code turns the votes into a verdict."""
    tracing.hold(context)


for _command in (review, replay, reviews, overrule, seats, evaluate, schema, tracer):
    cli.add_command(_command)


def main() -> None:
    """The console script."""
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")  # read when langgraph is imported: no checkpoint runs code
    cli(prog_name="council")
