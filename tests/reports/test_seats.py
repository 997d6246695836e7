"""What a terminal shows of a roster and of one seat."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest

from council.reports.seats import render_roster, render_seat
from council.seats import Agent, Persona, Roster, build_roster

NOT_SHOWN = {"rules", "sections", "stakes", "applicability", "thresholds", "sha256", "origin", "line"}


@pytest.fixture(scope="module")
def roster() -> Roster:
    return build_roster()


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(inner) if key not in NOT_SHOWN else ()
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def collapsed(text: str) -> str:
    return " ".join(text.split())


def test_the_roster_names_every_seat_its_authority_and_where_it_came_from(roster: Roster) -> None:
    listing = render_roster(roster, width=80)
    rows = listing.splitlines()
    assert rows[1].split() == ["tracer", "tracer", "observability", "enforce-observability", "package", roster.seats[0].agent.sha256[:8]]
    assert rows[2].split() == ["break-readiness-ties", "package", roster.seats[0].persona.sha256[:8]]
    assert [row.split()[0] for row in rows[1:] if not row.startswith(" ")] == list(roster.names)


@pytest.mark.parametrize("seat", ["tracer", "measurer", "operator", "architect", "benchmarker", "sentinel"])
def test_a_seat_is_shown_whole(roster: Roster, seat: str) -> None:
    shown = collapsed(render_seat(roster.seat(seat), width=4000))
    missing = [text for text in strings(roster.seat(seat).model_dump(mode="json")) if collapsed(text.replace("\ufe0f", "")) not in shown]
    assert missing == []


def test_executors_background_and_models_are_shown(roster: Roster) -> None:
    shown = render_seat(roster.seat("tracer"))
    assert "genie.background: True" in shown
    assert "forge.CLAUDE_CODE.model: sonnet" in shown
    assert "forge.CODEX:" in shown


def test_a_template_keeps_its_lines_and_their_indentation(roster: Roster) -> None:
    tracer = roster.seat("tracer")
    lines = [line.strip() for line in tracer.agent.template.splitlines() if line.strip()]
    shown = render_seat(tracer)
    assert len(lines) > 3
    assert all(f"  {line}\n" in shown for line in lines)


def test_a_hostile_file_cannot_control_the_terminal(roster: Roster) -> None:
    evil = "a\x1b[2Jb\x9b\u202e[red]"
    seat = roster.seats[1].model_copy(
        update={
            "agent": Agent(name="x", title=evil, template=evil, genie={evil: evil}, prose={evil: evil}, path=evil),
            "persona": Persona(name="x", motto=evil, prose={evil: evil}, origin=evil),
        }
    )
    for shown in (render_seat(seat), render_roster(Roster(seats=(seat,)))):
        assert not [c for c in shown if c != "\n" and unicodedata.category(c) in {"Cc", "Cf"}]
    assert "[red]" in render_seat(seat)
