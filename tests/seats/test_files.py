from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from council.errors import MissingInputError, SeatFileError
from council.seats import load_agent, load_persona, load_seat_file
from council.seats.files import MAX_FILE_BYTES, RESERVED_NAMES, parse_seat_file
from council.seats.problems import Problems

Write = Callable[..., Path]
CHECKLIST = "## Analysis Framework\n**1. One**\n- [ ] Is it good?\n"

SINGLE = """---
name: gardener
description: Looks after what grows
genie:
  executor: [CODEX]
  background: true
forge:
  CODEX: {}
---

# gardener - The Patient One

**Inspiration:** Somebody
**Mode:** Hybrid

## Seasons

Unknown, and kept.

## What I would never skip: a checklist

**1. Soil**
- [ ] Is the soil known?

## Related Agents

**tracer (debugging):** we both dig.

## Hybrid Capabilities

### Execution Mode
- **Dig** deep

## My Philosophy (Inspiration)

> "Water first."
> → Lesson: then wait.
"""


def test_a_single_file_is_a_seat_with_its_own_persona_whatever_its_order_and_sections(write: Write) -> None:
    found = load_seat_file(write("any-name.md", SINGLE))
    assert found.agent is not None
    assert found.persona is not None
    assert (found.agent.name, found.agent.persona, found.persona.name) == ("gardener", "gardener", "gardener")
    assert (found.agent.domain, found.agent.authority) == ("", ())
    assert found.agent.title == found.persona.title == "The Patient One"
    assert [task.name for task in found.agent.tasks] == ["Dig"]
    assert [(q.id, q.rules) for q in found.persona.questions] == [("gardener.soil.soil-known", None)]
    assert found.persona.prose["Seasons"] == "Unknown, and kept."
    assert found.persona.lessons[0].lesson == "then wait."


def test_a_group_without_questions_in_a_single_file_is_prose(write: Write) -> None:
    found = load_seat_file(write("x.md", "---\nname: x\ngenie: {}\n---\n## Analysis Framework\n### How I read\nSlowly.\n" + CHECKLIST))
    assert found.persona is not None
    assert found.persona.prose["How I read"] == "Slowly."


@pytest.mark.parametrize(
    ("head", "body", "place", "halves"),
    [
        ("persona: y", "", "either", "agent"),
        ("persona: y", "## Core Philosophy\nx\n", "seats", "agent"),
        ("domain: y", "", "either", "agent"),
        ("authority: [enforce-observability]", "## Notes\nx\n", "seats", "agent"),
        ("domain: y", CHECKLIST, "either", "both"),
        ("domain: y", "## Core Philosophy\nx\n", "either", "both"),
        ("persona: x", CHECKLIST, "either", "both"),
        ("genie: {}", "## Notes\nx\n", "either", "both"),
        ("color: red", CHECKLIST, "either", "both"),
        ("description: y", CHECKLIST, "either", "persona"),
        ("description: y", CHECKLIST, "seats", "both"),
        ("description: y", CHECKLIST + "## Capabilities\n### Review Mode\n- x\n", "either", "both"),
        ("description: y", CHECKLIST + "## Capabilities\n### Review Mode\n- x\n", "personas", "persona"),
        ("description: y", CHECKLIST + "## Runbook Template\n```\nx\n```\n", "either", "persona"),
        ("role: y", "## Notes\nx\n", "either", "persona"),
    ],
)
def test_what_a_file_is_follows_from_its_keys_and_headings(write: Write, head: str, body: str, place: str, halves: str) -> None:
    found = load_seat_file(write("x.md", f"---\nname: x\n{head}\n---\n{body}"), place=place)  # type: ignore[arg-type]  # from the table
    kept = "both" if found.agent and found.persona else "agent" if found.agent else "persona"
    assert kept == halves


def test_a_single_file_that_names_another_persona_is_refused(write: Write) -> None:
    with pytest.raises(SeatFileError, match=r"x\.md:3: names the persona 'y' and holds a checklist of its own"):
        load_agent(write("x.md", f"---\nname: x\npersona: y\n---\n{CHECKLIST}"))


def test_hash_origin_and_path_are_those_of_the_file(write: Write) -> None:
    path = write("gardener.md", SINGLE)
    found = load_seat_file(path, origin="--agents ./seats")
    for half in (found.agent, found.persona):
        assert half is not None
        assert half.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert (half.origin, half.path) == ("--agents ./seats", str(path))


def test_the_wrong_kind_of_file_is_refused_with_the_right_place(write: Write) -> None:
    with pytest.raises(SeatFileError, match="--personas"):
        load_agent(write("p.md", f"---\nname: p\n---\n{CHECKLIST}"))
    with pytest.raises(SeatFileError, match="--agents"):
        load_persona(write("a.md", "---\nname: a\npersona: p\n---\n"))


@pytest.mark.parametrize("name", ["A", "1a", "a_b", "a b", "a.b", "é", "-a", "a" * 41, '"a\\n"', *sorted(RESERVED_NAMES)])
def test_a_name_that_could_be_no_seat_is_refused(write: Write, name: str) -> None:
    with pytest.raises(SeatFileError) as caught:
        load_persona(write("x.md", f"---\ndescription: d\nname: {name}\n---\n"))
    assert caught.value.line == 3
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["a", "a1", "a-b", "a" * 40])
def test_a_name_that_could_be_one_is_taken(write: Write, name: str) -> None:
    assert load_persona(write("x.md", f"---\nname: {name}\n---\n")).name == name


def test_a_missing_name_is_said_once(write: Write) -> None:
    with pytest.raises(SeatFileError) as caught:
        load_seat_file(write("x.md", f"---\ngenie: {{}}\n---\n{CHECKLIST}"))
    assert caught.value.what == "name is missing"
    assert caught.value.hint == ""


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"none\.md"):
        load_persona(tmp_path / "none.md")


def test_a_path_that_the_system_refuses_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(SeatFileError, match="cannot be read: "):
        load_persona(tmp_path / ("a" * 300))


def test_directories_and_pipes_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    for path in (tmp_path, tmp_path / "pipe.md"):
        with pytest.raises(SeatFileError, match="not a regular file"):
            load_persona(path)


def test_a_symbolic_link_is_followed(write: Write, tmp_path: Path) -> None:
    link = tmp_path / "link.md"
    link.symlink_to(write("x.md", "---\nname: x\n---\n"))
    assert load_persona(link).name == "x"


def test_a_huge_sparse_file_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.md"
    with path.open("wb") as stream:
        stream.truncate(1 << 30)
    with pytest.raises(SeatFileError, match="larger than 256 KB"):
        load_persona(path)


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    head = b"---\nname: x\n---\n"
    path.write_bytes(head + b"a" * (MAX_FILE_BYTES - len(head)))
    assert load_persona(path).name == "x"


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"---\nname: x\n---\n\xff\n", 4, "not UTF-8"),
        ("---\nname: x\n".encode("utf-16"), 1, "not UTF-8"),
        (b"---\nname: x\n---\n\0\n", 4, "a binary file"),
        (b"", 1, "no front matter"),
        (b"---\nname: x\n", 1, "not closed"),
        (b"---\nname: x\na: &a [x]\nb: [*a, *a]\n---\n", 3, "anchors and aliases"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(tmp_path: Path, data: bytes, line: int, words: str) -> None:
    path = tmp_path / "x.md"
    path.write_bytes(data)
    with pytest.raises(SeatFileError) as caught:
        load_seat_file(path)
    assert (caught.value.path, caught.value.line) == (str(path), line)
    assert words in caught.value.what


@pytest.mark.timeout(20)  # a reader that is not linear takes far longer
@pytest.mark.parametrize(
    "unit", ["> " * 50 + "x\n", "- - ", "{#", '- "', "### G\n- [ ] a\n", "### G\n\n**1. a**\n\n", "## Other\nx\n", "\n> → a\n", "[a]: b\n"]
)
def test_a_hostile_body_is_read_or_refused(tmp_path: Path, unit: str) -> None:
    path = tmp_path / "x.md"
    head = "---\nname: x\n---\n## Checklist\n"
    path.write_text(head + unit * (50_000 // len(unit.encode())), encoding="utf-8")
    problems = Problems("x.md")
    found = parse_seat_file(path.read_bytes(), problems)
    assert found is not None or problems.found
