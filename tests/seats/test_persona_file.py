from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from council.errors import SeatFileError
from council.seats import Flag, FlagRules, Lesson, Pattern, Persona, Relation, Style, load_persona
from council.seats.files import parse_seat_file
from council.seats.problems import Problem, Problems

Write = Callable[..., Path]
HEAD = "---\nname: acme\n---\n"


def read(body: str, head: str = HEAD) -> Persona:
    """A persona from a body; fails where anything is wrong with it."""
    problems = Problems("acme.md")
    found = parse_seat_file((head + body).encode(), problems, place="personas")
    assert problems.found == []
    assert found is not None
    assert found.persona is not None
    return found.persona


def wrong(body: str, head: str = HEAD) -> list[Problem]:
    problems = Problems("acme.md")
    parse_seat_file((head + body).encode(), problems, place="personas")
    return problems.found


def test_front_matter_fills_its_fields() -> None:
    head = """---
name: acme
title: The Careful One
description: Reads twice
inspiration: Somebody
role: reading
motto: Read twice.
sections: [monitoring, "observab*"]
stakes: [secrets]
applicability: {not_to: [library], unless: [secrets]}
thresholds: {approve: 0.7, modify: 0.2}
---
"""
    persona = read("", head)
    assert (persona.name, persona.title, persona.role, persona.motto) == ("acme", "The Careful One", "reading", "Read twice.")
    assert (persona.sections, persona.stakes) == (("monitoring", "observab*"), ("secrets",))
    assert (persona.applicability.not_to, persona.applicability.unless) == (("library",), ("secrets",))
    assert (persona.thresholds.approve, persona.thresholds.modify) == (0.7, 0.2)


def test_labels_under_the_title_fill_what_the_front_matter_leaves_open() -> None:
    persona = read("# acme - The Careful One\n\n**Inspiration:** Somebody\n**Role:** reading\n")
    assert (persona.title, persona.inspiration, persona.role) == ("The Careful One", "Somebody", "reading")


def test_front_matter_comes_before_the_body_and_what_differs_is_kept() -> None:
    persona = read("# acme — Other\n\n**Role:** writing\n", "---\nname: acme\ntitle: The Careful One\nrole: reading\n---\n")
    assert (persona.title, persona.role) == ("The Careful One", "reading")
    assert persona.prose == {"acme — Other": "**Role:** writing"}


def test_philosophy_gives_up_its_focus_questions_and_its_motto() -> None:
    persona = read('## Core Philosophy\n\n"Read twice."\n\nHaste misleads.\n\n**My focus:**\n- Who?\n- Why?\n')
    assert persona.philosophy == '"Read twice."\n\nHaste misleads.'
    assert persona.focus == ("Who?", "Why?")
    assert persona.motto == "Read twice."


def test_thinking_patterns_keep_their_worked_example() -> None:
    persona = read("## Thinking Style\n\n### Slowly\n\n**Pattern:** slow\n\n```\n# not a heading\n```\n\n---\n")
    assert persona.thinking == (Pattern(title="Slowly", text="**Pattern:** slow\n\n```\n# not a heading\n```"),)


def test_communication_tells_the_bad_example_from_the_good_one() -> None:
    persona = read("## Communication Style\n### Plain\nI say it.\n\n❌ **Bad:** maybe\n✅ **Good:** no,\nnever\n")
    assert persona.communication == (Style(title="Plain", text="I say it.", bad="maybe", good="no,\nnever"),)


@pytest.mark.parametrize("level", ["##", "###"])
def test_the_three_lists_are_told_apart_at_any_level(level: str) -> None:
    body = f"## When I APPROVE\n- ✅ a\n{level} When I REJECT\n- ❌ b\n{level} When I APPROVE WITH MODIFICATIONS\n- ⚠️ c\n"
    persona = read(body)
    assert (persona.approves, persona.rejects, persona.modifies) == (("a",), ("b",), ("c",))


def test_questions_are_grouped_under_headings_with_given_ids() -> None:
    persona = read(
        "## Checklist\n### High-Cardinality Capability {#high}\n- [ ] Can we query by user_id? {#user-id}\n- [x] And by tenant?\n"
    )
    (group,) = persona.groups
    assert (group.id, group.title) == ("high", "High-Cardinality Capability")
    assert [(q.id, q.text, q.line, q.rules) for q in group.questions] == [
        ("acme.high.user-id", "Can we query by user_id?", 6, None),
        ("acme.high.tenant", "And by tenant?", 7, None),
    ]


def test_questions_are_grouped_under_bold_lines() -> None:
    persona = read(
        "## Analysis Framework\n### My Checklist for Every Proposal\n**1. One Thing**\n- [ ] a b?\n\n**2. Two** {#second}\n- [ ] c?\n"
    )
    assert [(g.id, g.title, [q.id for q in g.questions]) for g in persona.groups] == [
        ("one-thing", "One Thing", ["acme.one-thing.b"]),
        ("second", "Two", ["acme.second.c"]),
    ]


def test_questions_directly_under_the_checklist_form_a_group_of_its_title() -> None:
    assert [(g.id, len(g.questions)) for g in read("## Checklist\n- [ ] a?\n- [ ] b?\n").groups] == [("checklist", 2)]


def test_ids_from_words_leave_out_the_small_words_and_stay_unique() -> None:
    persona = read(
        "## Checklist\n### The group\n- [ ] Can we find the user's journey?\n- [ ] Find users journey!\n- [ ] ¿Qué?\n- [ ] 日本\n"
    )
    assert [q.id for q in persona.questions] == [
        "acme.group.find-users-journey",
        "acme.group.find-users-journey-2",
        "acme.group.qu",
        "acme.group.item",
    ]


def test_an_id_from_words_gives_way_to_a_given_one_that_comes_later() -> None:
    persona = read("## Checklist\n### G\n- [ ] Rollback?\n- [ ] Is it tested? {#rollback}\n")
    assert [q.id for q in persona.questions] == ["acme.g.rollback-2", "acme.g.rollback"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40), min_size=1, max_size=20))
def test_any_questions_have_ids_that_are_unique_and_well_formed(texts: list[str]) -> None:
    body = "## Checklist\n### Group\n" + "\n".join(f"- [ ] q{text.replace('{#', '')}" for text in texts) + "\n"
    problems = Problems("acme.md")
    found = parse_seat_file((HEAD + body).encode(), problems, place="personas")
    assert problems.found == []
    assert found is not None
    assert found.persona is not None
    ids = [q.id for q in found.persona.questions]
    assert len(set(ids)) == len(ids) == len(texts)
    assert all(len(id_) <= 120 and id_.isascii() and id_.replace(".", "").replace("-", "").isalnum() for id_ in ids)


def test_an_evidence_block_beside_a_question_becomes_its_rules() -> None:
    body = """## Checklist
### G
- [ ] Is there a runbook?

  ```evidence
  bears_on: [production_ready]
  phrases: ["runbook|playbook"]
  needs: reason
  weight: 2
  severity: blocker
  ask: Write one.
  ```
- [ ] Else?
"""
    first, second = read(body).questions
    assert first.bears_on == ("production_ready",)
    assert first.rules is not None
    assert (first.rules.phrases, first.rules.needs, first.rules.weight) == (("runbook|playbook",), "reason", 2.0)
    assert (first.rules.severity, first.rules.ask) == ("blocker", "Write one.")
    assert (second.rules, second.bears_on) == (None, ())


def test_flags_say_what_and_why() -> None:
    body = """## Heuristics
### Red Flags (Usually Reject)
- "Average response time" (hides outliers)
- “Works here” — not there
- Nobody is on call (at night)
- plain words
- "quoted" and more

### Green Flags
- "Request ID"

  ```evidence
  phrases: [request id]
  severity: minor
  ```
"""
    persona = read(body)
    assert [(f.text, f.why) for f in persona.red_flags] == [
        ("Average response time", "hides outliers"),
        ("Works here", "not there"),
        ("Nobody is on call", "at night"),
        ("plain words", ""),
        ('"quoted" and more', ""),
    ]
    assert persona.green_flags == (Flag(text="Request ID", rules=FlagRules(phrases=("request id",), severity="minor"), line=13),)


def test_lessons_pair_a_saying_with_what_follows_from_it() -> None:
    body = """## Notable Sayings Philosophy (Inspiration)
> "One."
> → Lesson: first

> "Two,
> both."
> → Lesson: second
> "Three."
> → Lesson: third
"""
    assert read(body).lessons == (
        Lesson(saying="One.", lesson="first"),
        Lesson(saying="Two, both.", lesson="second"),
        Lesson(saying="Three.", lesson="third"),
    )


@pytest.mark.parametrize("lead", ["", "- "])
def test_related_seats_are_named_with_what_they_are_to_each_other(lead: str) -> None:
    body = f"## Related Agents\n\n{lead}**measurer (profiling):** we agree.\n\n{lead}**operator:** we differ.\n"
    assert read(body).related == (Relation(seat="measurer", text="(profiling) we agree."), Relation(seat="operator", text="we differ."))


def test_remember_is_found_in_whatever_section_it_stands() -> None:
    persona = read("## Anything\nsome text\n\n---\n\n**Remember:** read\ntwice.\n")
    assert persona.remember == "read twice."
    assert persona.prose == {"Anything": "some text"}


def test_sections_of_no_known_meaning_are_prose_with_all_that_is_under_them() -> None:
    persona = read("## Manners\nBe kind.\n### At night\n- be brief\n## Manners\nBe on time.\n")
    assert persona.prose == {"Manners": "Be kind.\n### At night\n- be brief\n\nBe on time."}


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("## Checklist\n### Empty\ntext\n### G\n- [ ] a?\n", 5, "group 'Empty' has no questions"),
        ("## Checklist\n**1. Empty**\n\n**2. G**\n- [ ] a?\n", 5, "group '1. Empty' has no questions"),
        ("## Checklist\n- [ ] a? {#one}\n- [ ] b? {#one}\n", 6, "id 'one' is given twice"),
        ("## Checklist\n### A {#g}\n- [ ] a?\n### B {#g}\n- [ ] b?\n", 7, "id 'g' is given twice"),
        ("## Checklist\n- [ ] a? {#Not An Id}\n", 5, "id 'Not An Id'"),
        ("## Checklist\n- [ ] a?\n\n  ```evidence\n  needs: any\n  phrase: [x]\n  ```\n", 9, "unknown key 'phrase'; did you mean phrases"),
        ("## Checklist\n- [ ] a?\n\n  ```evidence\n  needs: proof\n  ```\n", 8, "needs: should be"),
        ("## Checklist\n- [ ] a?\n\n  ```evidence\n  phrases: word\n  ```\n", 8, "phrases: should be a valid list"),
        (
            "## Checklist\n- [ ] a?\n\n  ```evidence\n  phrases:\n    - ok\n    - no\n  ```\n",
            10,
            "phrases.1: should be a valid string, not False",
        ),
        ("## Checklist\n- [ ] a?\n\n  ```evidence\n  bears_on: [safety]\n  ```\n", 8, "bears_on.0"),
        ("## Checklist\n- [ ] a?\n\n  ```evidence\n  a: &x 1\n  ```\n", 8, "anchors and aliases"),
        ("## Checklist\n- [ ] a?\n\n  ```evidence\n  ```\n", 8, "not a mapping"),
        (
            "## Checklist\n- [ ] a?\n\n  ```evidence\n  needs: any\n  ```\n  ```evidence\n  needs: any\n  ```\n",
            10,
            "a second evidence block",
        ),
        ("## Checklist\n- [ ] a?\n\n```evidence\nneeds: any\n```\n", 7, "belongs to no question"),
        ("## Red Flags\n- a\n\n  ```evidence\n  needs: any\n  ```\n", 8, "unknown key 'needs'"),
        ("## Checklist\n" + "- [ ] a?\n" * 61, 4, "61 questions"),
    ],
)
def test_what_is_wrong_in_a_body_is_named_with_its_line(body: str, line: int, words: str) -> None:
    (problem,) = wrong(body)
    assert problem.line == line
    assert words in problem.message


def test_thresholds_out_of_order_are_refused() -> None:
    (problem,) = wrong("", "---\nname: acme\nthresholds: {approve: 0.2, modify: 0.4}\n---\n")
    assert problem.line == 3
    assert problem.message.startswith("thresholds: modify is above approve, so that no score could lead to MODIFY")


@pytest.mark.parametrize("threshold", ["treated: 0.3", "treated: 0", "slight: 0.3", "begun: 4", "placed: 1"])
def test_a_threshold_of_a_ground_needs_headings(threshold: str) -> None:
    (problem,) = wrong("", f"---\nname: acme\nthresholds: {{{threshold}}}\n---\n")
    assert f"{threshold.partition(':')[0]} needs sections" in problem.message


def test_all_problems_of_a_file_are_found_at_once() -> None:
    head = "---\nname: acme\nmoto: x\nstakes: many\n---\n"
    found = wrong("## Checklist\n### Empty\n### G\n- [ ] a? {#one}\n- [ ] b? {#one}\n", head)
    assert [problem.line for problem in found] == [3, 4, 7, 10]


def test_loading_names_the_first_problem_and_counts_the_others(write: Write) -> None:
    path = write("acme.md", "---\nname: acme\nmoto: x\n---\n## Checklist\n### Empty\n")
    with pytest.raises(SeatFileError) as caught:
        load_persona(path)
    assert (caught.value.path, caught.value.line) == (str(path), 3)
    assert "unknown key 'moto'; did you mean motto" in caught.value.what
    assert "and 1 more" in caught.value.hint
