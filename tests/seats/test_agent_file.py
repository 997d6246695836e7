from __future__ import annotations

import pytest

from council.seats import Agent, Task
from council.seats.files import parse_seat_file
from council.seats.problems import Problem, Problems

HEAD = "---\nname: acme\npersona: acme\n---\n"


def read(body: str, head: str = HEAD) -> Agent:
    problems = Problems("acme.md")
    found = parse_seat_file((head + body).encode(), problems)
    assert problems.found == []
    assert found is not None
    assert found.persona is None
    assert found.agent is not None
    return found.agent


def wrong(body: str, head: str = HEAD) -> list[Problem]:
    problems = Problems("acme.md")
    parse_seat_file((head + body).encode(), problems)
    return problems.found


def test_front_matter_fills_its_fields_and_keeps_the_keys_of_claude_code() -> None:
    head = """---
name: acme
description: Keeps watch
persona: watcher
domain: safety
authority: [enforce-observability]
genie: {executor: [CODEX], background: true}
forge: {CODEX: {model: m}}
model: opus
tools: Read, Grep
---
"""
    agent = read("", head)
    assert (agent.name, agent.persona, agent.domain, agent.authority) == ("acme", "watcher", "safety", ("enforce-observability",))
    assert agent.genie == {"executor": ["CODEX"], "background": True}
    assert agent.forge == {"CODEX": {"model": "m"}}
    assert agent.extra == {"model": "opus", "tools": "Read, Grep"}


def test_the_opening_gives_title_and_mode() -> None:
    agent = read("# acme — The Watcher\n\n**Role:** watching\n**Mode:** Hybrid (Review + Execution)\n")
    assert (agent.title, agent.mode) == ("The Watcher", "Hybrid (Review + Execution)")
    assert agent.prose == {"acme — The Watcher": "**Role:** watching"}


@pytest.mark.parametrize("over", ["## Hybrid Capabilities\n\n", "## Capabilities\n\n", ""])
def test_review_and_execution_are_lists_of_what_it_does(over: str) -> None:
    tasks = "- **Plan probes** with outputs\n- Audit: coverage\n- Write the runbook for all\n"
    agent = read(f"{over}### Review Mode\n- judge plans\n\n### Execution Mode\n{tasks}")
    assert agent.review == ("judge plans",)
    assert agent.tasks == (
        Task(name="Plan probes", text="Plan probes with outputs"),
        Task(name="Audit", text="Audit: coverage"),
        Task(name="Write the runbook", text="Write the runbook for all"),
    )


def test_any_template_is_verbatim_with_its_success_criteria() -> None:
    agent = read("## Runbook Template\n\nUse this:\n\n```\nScope: <x>\n  Steps: [\n```\n\n**Success Criteria:**\n- short\n- tested\n")
    assert agent.template == "Scope: <x>\n  Steps: ["
    assert agent.success_criteria == ("short", "tested")
    assert agent.prose == {"Runbook Template": "Use this:"}


def test_the_error_context_is_read_in_order_as_text() -> None:
    record = '{"error_id": "e-1", "count": 2, "ok": true, "who": {"id": 1}}'
    agent = read(f'## Error Context Standard\n\nFields:\n\n```json\n{record}\n```\n\nUser-facing: "Sorry: e-1"\nInternal: all.\n')
    assert list(agent.error_context.items()) == [("error_id", "e-1"), ("count", "2"), ("ok", "true"), ("who", '{"id": 1}')]
    assert agent.user_facing == "Sorry: e-1"
    assert agent.prose == {"Error Context Standard": "Fields:\n\nInternal: all."}


@pytest.mark.parametrize(
    ("json", "line", "words"),
    [
        ('{"a": 1,\n"b" 2}', 8, "not valid JSON"),
        ("[1]", 6, "not a JSON object"),
        ("[" * 100_000, 6, "not JSON that can be read"),
        ('{"a": ' + "9" * 5000 + "}", 6, "not JSON that can be read"),
    ],
)
def test_an_error_context_that_is_no_record_is_named_with_its_line(json: str, line: int, words: str) -> None:
    (problem,) = wrong(f"## Error Context Standard\n```json\n{json}\n```\n")
    assert problem.line == line
    assert words in problem.message


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("domian: x", "unknown key 'domian'; did you mean domain"),
        ("modle: x", "did you mean mode or model"),
        ("zzz: x", "unknown key 'zzz'; known: "),
        ("stakes: [x]", "key 'stakes' is a persona's and this is an agent file"),
        ("authority: [rule]", "authority.0: should be"),
        ("genie: [x]", "genie: should be a valid dictionary"),
        ("domain: [x]", "domain: should be a valid string"),
    ],
)
def test_a_wrong_key_is_named_with_its_line_and_the_nearest_known_one(key: str, words: str) -> None:
    (problem,) = wrong("", f"---\nname: acme\npersona: acme\n{key}\n---\n")
    assert problem.line == 4
    assert words in problem.message


def test_an_agent_without_persona_key_seats_its_namesake() -> None:
    assert read("", "---\nname: acme\ndomain: safety\n---\n").persona == "acme"
