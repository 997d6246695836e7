"""Options that several commands share: which seats, from where, and the project's configuration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from council.errors import UsageError

if TYPE_CHECKING:  # both need pydantic, which `--help` does without
    from council.config import Settings
    from council.seats import Roster

DIRECTORY = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class SeatOptions:
    """What the command line says about seats and configuration."""

    agents: tuple[Path, ...] = ()
    personas: tuple[Path, ...] = ()
    seat: dict[str, str] = field(default_factory=dict)
    seats: tuple[str, ...] | None = None
    config: Path | None = None
    no_project_config: bool = False

    def settings(self) -> Settings:
        """The project's settings, or the defaults where they are not to be trusted.

        Raises:
            UsageError: the configuration is named and refused at once.
            MissingInputError, ConfigError: as `council.config.load_config`.
        """
        if self.config and self.no_project_config:
            raise UsageError("--config and --no-project-config contradict each other", hint="keep one")
        from council.config import Settings, load_config, settings_for

        if self.no_project_config:
            return Settings()
        return load_config(self.config) if self.config else settings_for(Path.cwd())

    def roster(self, settings: Settings) -> Roster:
        """The seats: flags before configuration before the package.

        Raises:
            MissingInputError, SeatFileError, RosterError: as `council.seats.build_roster`.
        """
        from council.seats import Sources, build_roster

        config = Sources(agents=settings.agents, personas=settings.personas, seat=settings.seat, names=settings.seats)
        return build_roster(agents_dirs=self.agents, personas_dirs=self.personas, seat=self.seat, names=self.seats, config=config)


def seat_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds these options to a command, which gets them together as `seating`."""

    @click.option(
        "--agents", multiple=True, metavar="DIR", type=DIRECTORY, help="Add or replace seats by the agent files in DIR. Repeatable."
    )
    @click.option(
        "--personas", multiple=True, metavar="DIR", type=DIRECTORY, help="Add or replace personas by the files in DIR. Repeatable."
    )
    @click.option("--seat", multiple=True, metavar="SEAT=PERSONA", callback=_pairs, help="Put a persona into a seat. Repeatable.")
    @click.option("--seats", metavar="NAMES", callback=_names, help="Only these seats: tracer,operator,sentinel")
    @click.option("--config", metavar="FILE", type=DIRECTORY, help="Read this instead of the project's council.toml or pyproject.toml.")
    @click.option("--no-project-config", is_flag=True, help="Read no configuration; for gates that must not trust the branch.")
    @wraps(command)
    def with_seating(
        *,
        agents: tuple[Path, ...],
        personas: tuple[Path, ...],
        seat: dict[str, str],
        seats: tuple[str, ...] | None,
        config: Path | None,
        no_project_config: bool,
        **others: Any,
    ) -> Any:
        return command(seating=SeatOptions(agents, personas, seat, seats, config, no_project_config), **others)

    return with_seating


def _pairs(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for pair in given:
        seat, equals, persona = (part.strip() for part in pair.partition("="))
        if not (seat and equals and persona):
            raise click.BadParameter(f"{pair!r} is not SEAT=PERSONA, such as operator=acme")
        if pairs.setdefault(seat, persona) != persona:
            raise click.BadParameter(f"seat {seat!r} is given two personas, {pairs[seat]!r} and {persona!r}")
    return pairs


def _names(_context: click.Context, _option: click.Parameter, given: str | None) -> tuple[str, ...] | None:
    if given is None:
        return None
    names = [name.strip() for name in given.split(",")]
    if not all(names):
        raise click.BadParameter(f"{given!r} holds an empty name")
    return tuple(names)
