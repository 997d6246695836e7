"""What a terminal shows of a roster and of one seat. Seat files, too, are text that somebody else may have written."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from council.reports.clean import clean, clean_line
from council.seats.model import Agent, Persona, Roster, Seat

HASH_DIGITS = 8


def render_roster(roster: Roster, *, width: int = 100, color: bool = False) -> str:
    """The seats in their order: who sits there, for what, with which authority, and where both files came from."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for column in ("Seat", "Persona", "Domain", "Authority"):
        table.add_column(column, no_wrap=True)
    table.add_column("Agent, persona", overflow="fold")
    for seat in roster.seats:
        agent, persona = seat.agent, seat.persona
        cells = (seat.name, persona.name, agent.domain, "\n".join(agent.authority), f"{_source(agent)}\n{_source(persona)}")
        table.add_row(*(Text(clean(cell), style="bold" if n == 0 else "") for n, cell in enumerate(cells)))
    return _printed(table, width, color)


def render_seat(seat: Seat, *, width: int = 100, color: bool = False) -> str:
    """Everything that the files of a seat say, without the evidence rules beside the questions; JSON has those too."""
    parts: list[RenderableType] = [Text(clean_line(f"{seat.name}: {seat.agent.title or seat.agent.description}"), style="bold")]
    for title, lines in (*_agent_parts(seat.agent), *_persona_parts(seat.persona)):
        shown = [line for line in lines if line.strip()]
        if shown:
            parts.append(Padding(Text(clean_line(title), style="bold underline"), (1, 0, 0, 0)))
            parts.append(Padding(Text(clean("\n".join(shown))), (0, 0, 0, 2)))
    return _printed(Group(*parts), width, color)


def _agent_parts(agent: Agent) -> Iterator[tuple[str, Iterable[str]]]:
    about = {"description": agent.description, "domain": agent.domain, "authority": ", ".join(agent.authority), "mode": agent.mode}
    yield "The chair", [*_labelled(about), f"from: {_source(agent)}, {agent.path}"]
    settings = {"genie": agent.genie, "forge": agent.forge, **agent.extra}
    yield "Executors, background and models (shown, never acted upon in a review)", _flat(settings)
    yield "In review", _listed(agent.review)
    yield "Can execute", (f"- {task.name}: {task.text}" for task in agent.tasks)
    yield "Template", [agent.template]
    yield "Success criteria", _listed(agent.success_criteria)
    shown_to_people = [f"a person sees: {agent.user_facing}"] if agent.user_facing else []
    yield "Error context", [*_labelled(agent.error_context), *shown_to_people]
    yield from ((title, [text]) for title, text in agent.prose.items())


def _persona_parts(persona: Persona) -> Iterator[tuple[str, Iterable[str]]]:
    about = {"name": persona.name, "title": persona.title, "description": persona.description, "inspiration": persona.inspiration}
    about |= {"role": persona.role, "motto": persona.motto}
    yield "The persona", [*_labelled(about), f"from: {_source(persona)}, {persona.path}"]
    yield "Philosophy", [persona.philosophy, *_listed(persona.focus)]
    yield "Thinks", (f"{pattern.title}\n{pattern.text}" for pattern in persona.thinking)
    yield "Speaks", ("\n".join((style.title, style.text, f"bad: {style.bad}", f"good: {style.good}")) for style in persona.communication)
    yield "Approves when", _listed(persona.approves)
    yield "Rejects when", _listed(persona.rejects)
    yield "Approves with modifications when", _listed(persona.modifies)
    for group in persona.groups:
        yield (
            f"Checklist: {group.title}",
            (f"- {q.text} [{q.id}]" + (f" bears on {', '.join(q.bears_on)}" if q.bears_on else "") for q in group.questions),
        )
    yield "Red flags", (f"- {flag.text}" + (f" ({flag.why})" if flag.why else "") for flag in persona.red_flags)
    yield "Green flags", (f"- {flag.text}" + (f" ({flag.why})" if flag.why else "") for flag in persona.green_flags)
    yield "Lessons", (f"{lesson.saying}\n-> {lesson.lesson}" for lesson in persona.lessons)
    yield "Related", (f"{relation.seat}: {relation.text}" for relation in persona.related)
    yield "Remember", [persona.remember]
    yield from ((title, [text]) for title, text in persona.prose.items())


def _source(half: Agent | Persona) -> str:
    return f"{half.origin or 'unknown'} {half.sha256[:HASH_DIGITS]}".strip()


def _labelled(fields: Mapping[str, str]) -> list[str]:
    return [f"{name}: {text}" for name, text in fields.items() if text]


def _listed(items: Iterable[str]) -> list[str]:
    return [f"- {item}" for item in items]


def _flat(value: Any, key: str = "") -> Iterator[str]:
    """A mapping as lines `genie.executor: CLAUDE_CODE, CODEX`; an empty one is there all the same."""
    if isinstance(value, Mapping) and (value or not key):
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else str(name))
    else:
        yield f"{key}: {', '.join(map(str, value)) if isinstance(value, list) else '' if value == {} else value}"


def _printed(what: RenderableType, width: int, color: bool) -> str:
    buffer = io.StringIO()
    Console(file=buffer, width=max(40, width), force_terminal=color, highlight=False, emoji=False, markup=False).print(what)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"
