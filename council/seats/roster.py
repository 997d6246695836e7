"""The roster: which chairs there are, who sits in each, and where both came from.

Precedence: package < entry points < configuration < flags. A later source replaces by name, and the chair keeps its
place in the order; new chairs follow in order of their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from council.errors import RosterError
from council.seats.model import Agent, Authority, Bearing, Group, Persona, Roster, Seat
from council.seats.problems import nearest
from council.seats.sources import Level, Sources, directory_level, entry_point_level, package_level

MIN_SEATS, MAX_SEATS = 3, 20
OUR_ORDER = ("tracer", "measurer", "operator", "architect", "benchmarker", "sentinel")

# What the questions of whoever sits in a chair with this authority must bear on.
_NEEDS: tuple[tuple[Authority, Bearing], ...] = (("enforce-observability", "observability"), ("break-readiness-ties", "production_ready"))


def build_roster(
    *,
    agents_dirs: Sequence[Path] = (),
    personas_dirs: Sequence[Path] = (),
    seat: Mapping[str, str] | None = None,
    names: Sequence[str] | None = None,
    config: Sources | None = None,
    entry_points: bool = True,
) -> Roster:
    """Gather the seats of a council, and check that they fit together.

    Args:
        agents_dirs, personas_dirs: directories or files named by flag.
        seat: from a seat's name to the persona to put in it, before what the configuration says.
        names: the seats to take, in this order; None for those of the configuration, or all.
        config: what the configuration says.
        entry_points: whether seats of other installed packages count.

    Raises:
        MissingInputError: a path is not there.
        SeatFileError: a file is wrong; names file and line.
        RosterError: a name twice in one source, an unknown seat or persona, too few or too many seats, an authority held
            twice, or a persona whose questions do not bear on what its chair decides.
    """
    config = config or Sources()
    ours = package_level()
    levels = [ours, *([entry_point_level()] if entry_points else [])]
    levels.append(directory_level(config.agents, config.personas, agents_label="configuration", personas_label="configuration"))
    levels.append(directory_level(agents_dirs, personas_dirs, agents_label="--agents", personas_label="--personas"))
    agents, personas = _layered(levels, ours.agents)
    seating = {**config.seat, **(seat or {})}
    _refuse_unknown(seating, agents, "seat")
    wanted = names if names is not None else config.names
    if wanted is not None:
        _refuse_unknown(wanted, agents, "seat")
        if len(set(wanted)) < len(wanted):
            raise RosterError(f"a seat is named twice: {', '.join(wanted):.200}", hint="name each once")
        agents = {name: agents[name] for name in wanted}
    _check_chairs(list(agents.values()))
    return Roster(seats=tuple(_seated(agent, seating.get(agent.name, agent.persona), personas) for agent in agents.values()))


def _layered(levels: Iterable[Level], ours: Mapping[str, Agent]) -> tuple[dict[str, Agent], dict[str, Persona]]:
    """Later over earlier; the order of the chairs is that of their first appearance."""
    agents: dict[str, Agent] = {}
    personas: dict[str, Persona] = {}
    for level in levels:
        rank = {name: index for index, name in enumerate(OUR_ORDER)}
        for name in sorted(level.agents, key=lambda name: (rank.get(name, len(rank)), name)):
            agents[name] = _own_chair(level.agents[name], level.personas.get(name), ours.get(name))
        personas |= level.personas
    return agents, personas


def _refuse_unknown(names: Iterable[str], known: Iterable[str], what: str) -> None:
    for name in names:
        if name not in known:
            raise RosterError(f"unknown {what} {name!r:.60}", hint=nearest(name, known))


def _is_single(agent: Agent, persona: Persona | None) -> bool:
    """Whether a chair and a character come from one file."""
    return persona is not None and (agent.path, agent.sha256) == (persona.path, persona.sha256)


def _own_chair(agent: Agent, own: Persona | None, chair: Agent | None) -> Agent:
    """A single file named like one of our seats takes that chair: its domain and authority, where it names none itself."""
    if chair is None or not _is_single(agent, own):
        return agent
    return agent.model_copy(update={"domain": agent.domain or chair.domain, "authority": agent.authority or chair.authority})


def _check_chairs(chairs: Sequence[Agent]) -> None:
    if not MIN_SEATS <= len(chairs) <= MAX_SEATS:
        names = ", ".join(agent.name for agent in chairs) or "none"
        raise RosterError(f"a council has {MIN_SEATS} to {MAX_SEATS} seats, and this one {len(chairs)}", hint=f"seats: {names:.200}")
    for authority, _ in _NEEDS:
        holders = [agent for agent in chairs if authority in agent.authority]
        if len(holders) > 1:
            held = " and ".join(f"{agent.name} ({agent.path})" for agent in holders)
            raise RosterError(f"{authority} is held by {held}", hint="one seat of a roster may hold it")


def _seated(agent: Agent, name: str, personas: Mapping[str, Persona]) -> Seat:
    """Put the persona of that name into the chair."""
    if name not in personas:
        where = agent.path if name == agent.persona else ""
        raise RosterError(f"unknown persona {name!r:.60} for the seat {agent.name!r}", where=where, hint=nearest(name, personas))
    persona = personas[name]
    missing = [bearing for authority, bearing in _NEEDS if authority in agent.authority and not _bears_on(persona, bearing)]
    if missing and persona.questions and _is_single(agent, persona):
        # A single file in the shape of the specification says nothing of bearing; there, every question of the seat counts.
        persona = _bearing_all(persona, missing)
    elif missing:
        raise RosterError(
            f"no question of the persona {name!r} bears on {' and '.join(missing)}, which the seat {agent.name!r} decides",
            where=persona.path,
            hint=f"write `bears_on: [{', '.join(missing)}]` in the evidence block of a question",
        )
    return Seat(agent=agent, persona=persona)


def _bears_on(persona: Persona, bearing: Bearing) -> bool:
    return any(bearing in question.bears_on for question in persona.questions)


def _bearing_all(persona: Persona, bearings: Sequence[Bearing]) -> Persona:
    """The persona with all its questions bearing on these as well."""
    groups: list[Group] = []
    for group in persona.groups:
        questions = tuple(q.model_copy(update={"bears_on": (*q.bears_on, *bearings)}) for q in group.questions)
        groups.append(group.model_copy(update={"questions": questions}))
    return persona.model_copy(update={"groups": tuple(groups)})
