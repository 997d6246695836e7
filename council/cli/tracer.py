"""`council tracer`: the tracer's execution mode. Each command is imported when it runs or is asked for help."""

from __future__ import annotations

from importlib import import_module

import click

# The module of each command: it holds a click command of the same name.
COMMANDS = {
    "audit": "council.cli.tracer_audit",
    "plan": "council.cli.tracer_plan",
    "config": "council.cli.tracer_config",
    "runbook": "council.cli.tracer_runbook",
    "logging": "council.cli.tracer_logging",
}


class Lazy(click.Group):
    """A group that imports a command when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command, or None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Lazy)
def tracer() -> None:
    """What the tracer does to a service's code: find what production debugging would miss, and mend it."""
