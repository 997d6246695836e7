"""`council seats` and `council schema`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from council.seats import Seat

Run = Callable[..., Any]

SINGLE = """\
---
name: guest
---
# guest - A reader from outside

## Core Philosophy
Read it as a newcomer would.

## Analysis Framework
**1. Words**
- [ ] Is every term explained?
"""


def test_the_list_shows_every_seat(council: Run) -> None:
    done = council("seats")
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.stdout.splitlines()[1:] if line[0] != " "] == [
        "tracer",
        "measurer",
        "operator",
        "architect",
        "benchmarker",
        "sentinel",
    ]


def test_a_seat_of_one_s_own_is_listed_with_where_it_came_from(council: Run, project: Path) -> None:
    (project / "mine").mkdir()
    (project / "mine/guest.md").write_text(SINGLE)
    done = council("seats", "--agents", "mine")
    assert done.exit_code == 0, done.stderr
    assert next(line for line in done.stdout.splitlines() if line.startswith("guest")).split()[2:4] == ["--agents", "mine"]


def test_the_configuration_chooses_the_seats_unless_it_is_not_to_be_trusted(council: Run, project: Path) -> None:
    (project / "council.toml").write_text('seats = ["operator", "tracer", "sentinel"]')
    rows = [line for line in council("seats").stdout.splitlines()[1:] if line[0] != " "]
    assert [row.split()[0] for row in rows] == ["operator", "tracer", "sentinel"]
    assert "measurer" in council("seats", "--no-project-config").stdout
    assert "architect" in council("seats", "--seats", "architect,tracer,operator").stdout


def test_a_seat_is_shown_for_people_and_for_machines(council: Run) -> None:
    assert "[tracer.high-cardinality.user-id]" in council("seats", "show", "tracer").stdout
    seat = Seat.model_validate_json(council("seats", "show", "operator", "--format", "json").stdout)
    assert (seat.name, bool(seat.persona.questions)) == ("operator", True)


def test_an_unknown_seat_is_said_with_those_there_are(council: Run) -> None:
    done = council("seats", "show", "nobody")
    assert (done.exit_code, done.stdout) == (64, "")
    assert done.stderr.startswith("council: unknown seat 'nobody' (seats: tracer, measurer,")


def test_options_before_the_subcommand_are_not_lost_in_silence(council: Run) -> None:
    done = council("seats", "--seats", "tracer,operator,sentinel", "show", "tracer")
    assert (done.exit_code, done.stderr) == (64, "council: options about seats stand at the end (council seats show ... --agents DIR)\n")


def test_check_passes_good_files(council: Run, project: Path) -> None:
    (project / "guest.md").write_text(SINGLE)
    done = council("seats", "check", "guest.md")
    assert (done.exit_code, done.output) == (0, "")


def test_check_says_file_line_and_what_is_wrong(council: Run, project: Path) -> None:
    (project / "bad.md").write_text(SINGLE.replace("name: guest", "name: guest\ncolour: red"))
    done = council("seats", "check", "bad.md")
    assert done.exit_code == 65
    assert done.stdout.startswith("bad.md:3: ")
    assert "colour" in done.stdout


def test_check_of_a_file_that_is_not_there(council: Run) -> None:
    assert council("seats", "check", "nope.md").exit_code == 66


@pytest.mark.parametrize(("of", "title"), [("verdict", "Verdict"), ("reply", "Reply")])
def test_the_schema_is_printed(council: Run, of: str, title: str) -> None:
    assert json.loads(council("schema", "--of", of).stdout)["title"] == title


def test_the_schema_of_the_verdict_is_what_one_gets_unasked(council: Run) -> None:
    assert council("schema").stdout == council("schema", "--of", "verdict").stdout
