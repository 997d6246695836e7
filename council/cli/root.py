"""The `council` command. Nothing heavy is imported before a command runs, so that help comes at once."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import click

import council
from council.cli import exits, tracing

_COMMANDS = {
    "eval": "eval:evaluate",
    "overrule": "overrule:overrule",
    "replay": "replay:replay",
    "review": "review:review",
    "reviews": "overrule:reviews",
    "schema": "schema:schema",
    "seats": "seats:seats",
    "tracer": "tracer:tracer",
}


class Root(click.Group):
    """A group that imports a command when it is asked for, and whose exit codes are ours: never click's 2, which is our REJECT."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names of all commands, for help."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """One command, imported now."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"council.cli.{module}"), name)
        return command

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run and exit; with `standalone_mode=False` return and raise as click does."""
        click_main: Callable[..., Any] = super().main
        if not standalone_mode:
            return click_main(*args, standalone_mode=False, **extra)
        words = args[0] if args else extra.get("args") or sys.argv[1:]
        named = next((word for word in words or () if word in _COMMANDS), "")
        return sys.exit(exits.guarded(lambda: click_main(*args, standalone_mode=False, **extra), f"council {named}".strip()))


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(council.__version__, prog_name="council", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """A council of reviewers reads a proposal and votes; deterministic code turns the votes into a verdict."""
    tracing.hold(context)


_YOUNG = 100_000  # new objects before the garbage collector looks at them


def main() -> None:
    """The console script."""
    gc.set_threshold(_YOUNG, 20, 20)  # what is imported stays: by default it is looked through dozens of times before the first call
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")  # read when langgraph is imported: no checkpoint runs code
    cli(prog_name="council")
