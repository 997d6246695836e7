"""Every line of a seat file is found again in some field of the agent or the persona."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from council.seats import load_seat_file
from council.seats.files import parse_seat_file
from council.seats.problems import Problems

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT.parent / "shared" / "spec" / "tracer.md"
OURS = sorted((ROOT / "agents").glob("*.md")) + sorted((ROOT / "personas").glob("*.md"))

# What a field's own name says; the line may stand on it alone.
NAMES_OF_FIELDS = {
    *(
        "core philosophy",
        "my focus",
        "hybrid capabilities",
        "capabilities",
        "execution mode",
        "review mode",
        "success criteria",
        "checklist",
    ),
    *("thinking style", "communication style", "when i approve", "when i reject", "when i approve with modifications", "lessons"),
    *("red flags", "green flags", "related agents", "error context standard", "json"),
}
LABELS = re.compile(r"^\W*((Inspiration|Role|Mode|Bad|Good|Remember|User-facing|Lesson):|\d+\.)")


def values(part: object) -> Iterator[str]:
    """All text of a model, in order, keys of free mappings included."""
    if isinstance(part, BaseModel):
        for name in type(part).model_fields:
            if name not in ("path", "origin", "sha256", "line", "id"):
                yield from values(getattr(part, name))
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from (str(key), *values(value))
    elif isinstance(part, (tuple, list)):
        for value in part:
            yield from values(value)
    else:
        yield str(part)


def words(text: str) -> str:
    """The words of a text, apart from marks and markup."""
    return " ".join(re.findall(r"\w+", text.lower()))


def body_lines(text: str) -> Iterator[str]:
    """The lines of a body that say something, without evidence rules and ids."""
    body = text.split("\n---\n", 1)[1]
    body = re.sub(r"^( *)```evidence\n.*?^\1```$", "", body, flags=re.MULTILINE | re.DOTALL)
    for line in body.split("\n"):
        line = re.sub(r"\{#[^}]*\}", "", line)
        bare = words(LABELS.sub("", line))
        if bare and bare not in NAMES_OF_FIELDS:
            yield bare


def lost(path: Path) -> list[str]:
    found = load_seat_file(path)
    said = f" {words(' '.join(values((found.agent, found.persona))))} "
    return [line for line in body_lines(path.read_text(encoding="utf-8")) if f" {line} " not in said]


@pytest.mark.skipif(not SPEC.exists(), reason="the tracer's specification is not beside the repository")
def test_the_specification_of_the_tracer_loads_whole() -> None:
    assert lost(SPEC) == []


@pytest.mark.parametrize("path", OURS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_our_own_files_load_whole(path: Path) -> None:
    assert lost(path) == []


def test_a_word_that_is_dropped_would_be_noticed(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_text(
        "---\nname: x\n---\n<!-- kept -->\n## Checklist\n- [ ] Is it {#gone}?\n\n  ```evidence\n  ask: rule\n  ```\n", encoding="utf-8"
    )
    assert list(body_lines(path.read_text(encoding="utf-8"))) == ["kept", "is it"]


HEADINGS = [
    *("Core Philosophy", "Capabilities", "Review Mode (Advisory)", "Execution Mode", "Plan Template", "Success Criteria", "Thinking Style"),
    *("Communication Style", "When I APPROVE", "When I REJECT", "When I APPROVE WITH MODIFICATIONS", "Analysis Framework", "My Checklist"),
    *(
        "Red Flags (x)",
        "Green Flags",
        "Lessons",
        "Great Philosophy (Inspiration)",
        "Related Agents",
        "Error Context Standard",
        "Other",
        "My focus",
    ),
]
SHAPES = [
    *(
        "- {}",
        "- [ ] {}",
        "1. [ ] {}",
        "- **{}** {}",
        '- "{}" ({})',
        '- "{}" — {}',
        "- {} ({})",
        "  - {}",
        "  {}",
        "- ✅ {}: {}",
        "> {}",
        "> → {}",
    ),
    *(
        "**{}**",
        "**1. {}**",
        "**{} (x):** {}",
        "**My focus:**",
        "**Role:** {}",
        "**Mode:** {}",
        "**Inspiration:** {}",
        "**Remember:** {}",
        "***",
    ),
    *(
        "**Success Criteria:**",
        "❌ **Bad:** {}",
        "✅ **Good:** {}",
        "User-facing: {}",
        "{}",
        "",
        "```",
        "```\n{}\n```",
        "  ```\n  {}\n  ```",
    ),
    *("## {}", "### {}", "#### {}", "<!-- {} -->", "---", "    {}", "| {} | {} |", "[x]: {}"),
]
SECTIONS = st.tuples(st.sampled_from(["#", "##", "###"]), st.sampled_from(HEADINGS), st.lists(st.sampled_from(SHAPES), max_size=6))
LINES = st.builds(
    lambda opening, sections: [*opening, *(line for level, title, lines in sections for line in (f"{level} {title}", *lines))],
    st.lists(st.sampled_from(SHAPES), max_size=3),
    st.lists(SECTIONS, max_size=4),
)


@settings(max_examples=400)
@given(
    LINES,
    st.sampled_from(["seats", "personas", "either"]),
    st.sampled_from(["", "genie: {}\n", "persona: x\n", "title: t\nmotto: m\nrole: r\n"]),
)
def test_no_word_of_any_body_is_lost(lines: list[str], place: str, head: str) -> None:
    numbers = iter(range(1000))
    body = re.sub(r"\{\}", lambda _: f"zq{next(numbers)}x", "\n".join(lines))
    data = f"---\nname: x\n{head}---\n{body}\n".encode()
    problems = Problems("x.md")
    found = parse_seat_file(data, problems, place=place)  # type: ignore[arg-type]  # drawn from its values
    assert {problem.message.split(" ")[0] for problem in problems.found} <= {"group"}
    assert found is not None
    said = words(" ".join(values((found.agent, found.persona))))
    assert [word for word in re.findall(r"zq\d+x", body) if word not in said.split()] == []
