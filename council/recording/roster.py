"""The seats of a recording as they are today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from council.recording.model import Recording
from council.seats import Roster, Sources, build_roster


def recorded_roster(
    recording: Recording,
    *,
    root: Path | None = None,
    agents: Sequence[Path] = (),
    personas: Sequence[Path] = (),
    seat: Mapping[str, str] | None = None,
    names: Sequence[str] | None = None,
    config: Sources | None = None,
) -> Roster:
    """The recorded seats with the recorded personas in them.

    Args:
        recording: the recording.
        root: where directories that it names are looked for; the working directory, if not given.
        agents, personas: directories instead of the recorded ones.
        seat: from a seat's name to another persona.
        names: other seats.
        config: directories of the project's configuration; who sits where is the recording's to say.

    Raises:
        MissingInputError, SeatFileError, RosterError: as `council.seats.build_roster`.
    """
    sat = {each.seat: each.persona for each in recording.seats}
    names = tuple(sat) if names is None else names
    return build_roster(
        agents_dirs=agents or _there(recording.options.agents, root),
        personas_dirs=personas or _there(recording.options.personas, root),
        seat={**{name: persona for name, persona in sat.items() if name in names}, **(seat or {})},
        names=names,
        config=None if config is None else Sources(agents=config.agents, personas=config.personas),
    )


def _there(paths: Sequence[str], root: Path | None) -> list[Path]:
    """The directories that are there; what was in the others may have moved to the configuration."""
    return [path for each in paths if (path := (root or Path()) / each).exists()]
