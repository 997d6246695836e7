"""Runbooks and the alerts that lead to them."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest

from council.proposal import parse_proposal
from council.reports.tracer import runbook_markdown, runbook_stubs
from council.safe_yaml import load_yaml
from council.tracer.alerts import RULES_FILE, TESTS_FILE, rule_tests_yaml, rules_yaml
from council.tracer.audit import audit
from council.tracer.runbook import Runbook, runbook_of, runbooks_of_audit, runbooks_of_proposal
from council.tracer.scenarios import Scenario, scenarios_of_audit, scenarios_of_proposal

SAMPLES = Path(__file__).parent / "samples"
SECTIONS = ["Meaning", "Impact", "Diagnosis", "Mitigation", "Rollback", "Escalation", "Verification"]
RFC = """\
# RFC 7: A queue of orders

## Design

Orders carry `order_id` and `request_id`; whatever fails is logged.

## Failure modes

| failure | what happens |
|---|---|
| the queue is down {{ $labels }} | orders are refused |

- The `warehouse` times out after 10 s, `$(reboot)`.
"""


@cache
def made(which: str) -> tuple[Runbook, ...]:
    if which == "proposal":
        return runbooks_of_proposal(parse_proposal(RFC, source="rfc.md"))
    return runbooks_of_audit(audit(SAMPLES / which))


def commands(runbook: Runbook) -> list[str]:
    parts = (runbook.impact, runbook.diagnosis, runbook.mitigation, runbook.rollback, runbook.escalation, runbook.verification)
    return [step.command for steps in parts for step in steps if step.command]


@pytest.mark.parametrize("which", ["stripped", "instrumented", "proposal"])
def test_every_runbook_has_every_section_and_something_to_copy(which):
    for runbook in made(which):
        text = runbook_markdown(runbook)
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
        for section in re.split(r"^## ", text, flags=re.MULTILINE)[2:]:
            assert re.search(r"^\d+\. \S", section, re.MULTILINE), section
        assert runbook.rollback[0].command.startswith("kubectl rollout undo")


@pytest.mark.parametrize("which", ["stripped", "instrumented", "proposal"])
def test_no_step_logs_in_to_a_machine(which):
    assert not [c for runbook in made(which) for c in commands(runbook) if re.search(r"\b(ssh|exec|sudo|attach)\b", c)]


@pytest.mark.parametrize("which", ["stripped", "instrumented", "proposal"])
def test_every_command_is_one_that_the_shell_can_read(which):
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash here to read the commands")
    script = "\n".join(command for runbook in made(which) for command in commands(runbook))
    subprocess.run([bash, "-n"], input=script, text=True, check=True)


def test_queries_name_fields_that_the_code_writes():
    report = audit(SAMPLES / "instrumented")
    logged = {name for row in report.matrix.rows for name in row.logs.fields}
    traced = {name for row in report.matrix.rows for name in row.traces.fields}
    asked = "\n".join(command for runbook in made("instrumented") for command in commands(runbook))
    fields, attributes = set(re.findall(r'select\(\.\["(\w+)"\]', asked)), set(re.findall(r'span\."([^"]+)"', asked))
    assert {"user_id", "order_id", "request_id"} <= fields <= logged
    assert {"user.id", "shop.order.id"} <= attributes <= traced


def test_an_id_that_nothing_carries_is_no_query():
    for runbook in made("stripped"):
        assert not [c for c in commands(runbook) if "user_id" in c or "user.id" in c]
        assert any("user_id" in step.what for step in runbook.diagnosis)


def test_the_code_s_ways_to_fail_are_scenarios():
    found = {(scenario.kind, scenario.calls or scenario.span_kind) for scenario in scenarios_of_audit(audit(SAMPLES / "stripped"))}
    assert found >= {
        ("errors", "SERVER"),
        ("latency", "SERVER"),
        ("dependency", "sql"),
        ("dependency", "cache"),
        ("silent", ""),
        ("start", ""),
    }


def test_a_swallowed_exception_has_its_own_runbook_and_a_handled_one_has_none():
    assert [s.locations for s in scenarios_of_audit(audit(SAMPLES / "stripped")) if s.kind == "silent"]
    assert not [s for s in scenarios_of_audit(audit(SAMPLES / "instrumented")) if s.kind == "silent"]


def test_what_a_proposal_says_can_fail_is_a_scenario_at_its_line():
    stated = [s for s in scenarios_of_proposal(parse_proposal(RFC, source="rfc.md")) if s.kind == "stated"]
    assert [s.locations[0] for s in stated] == ["rfc.md:11 section “Failure modes”", "rfc.md:13 section “Failure modes”"]
    assert all(s.fields == ("order_id", "request_id") for s in stated)


@pytest.mark.parametrize("which", ["stripped", "instrumented", "proposal"])
def test_every_alert_leads_to_a_runbook_that_is_there(which):
    alerts = {runbook.name: runbook.alert for runbook in made(which) if runbook.alert}
    rules = load_yaml(rules_yaml(alerts, "https://example.com/books/"), path="rules", max_bytes=1_000_000)
    urls = [rule["annotations"]["runbook_url"] for group in rules["groups"] for rule in group["rules"]]
    assert urls == [f"https://example.com/books/{name}.md" for name in alerts]
    assert len(set(urls)) == len(urls) > 0


@pytest.mark.parametrize("which", ["stripped", "instrumented", "proposal"])
def test_promtool_accepts_the_rules_and_their_tests(which, tmp_path):
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    alerts = {runbook.name: runbook.alert for runbook in made(which) if runbook.alert}
    (tmp_path / RULES_FILE).write_text(rules_yaml(alerts, "runbooks"), encoding="utf-8")
    (tmp_path / TESTS_FILE).write_text(rule_tests_yaml(alerts, "runbooks"), encoding="utf-8")
    for command, file in (("check", RULES_FILE), ("test", TESTS_FILE)):
        run = subprocess.run([promtool, command, "rules", file], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("name", ["$(reboot)", "a'b", 'a"b', "a`b`", "a b", "ä", "x;y", "a\nb"])
def test_no_name_from_outside_gets_into_a_command(name):
    scenario = Scenario(
        name="s",
        title=name,
        kind="errors",
        service="shop",
        locations=(),
        fields=(f"{name}_id",),
        attributes=(name,),
        spans=(name,),
        missing=(name,),
    )
    assert not [command for command in commands(runbook_of(scenario)) if name in command]


def test_text_of_a_proposal_stays_text():
    text = "\n".join(map(runbook_markdown, made("proposal")))
    fences = re.findall(r"^ *```sh\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    assert fences
    assert not [fence for fence in fences if "reboot" in fence or "$labels" in fence]


def test_stubs_name_every_scenario_once():
    text = runbook_stubs(made("proposal"))
    assert len(re.findall(r"^### ", text, re.MULTILINE)) == len(made("proposal"))


def test_a_runbook_reads_like_this(snapshot):
    scenario = Scenario(
        name="shop-http-errors",
        title="HTTP requests of shop fail",
        kind="errors",
        service="shop",
        locations=("shop/api.py:12 order",),
        span_kind="SERVER",
        fields=("request_id", "user_id"),
        attributes=("user.id",),
        missing=("order_id",),
        trace_on_logs=True,
    )
    runbook = runbook_of(scenario)
    assert runbook_markdown(runbook) == snapshot
    assert rules_yaml({runbook.name: runbook.alert}, "runbooks") == snapshot
    assert runbook_stubs([runbook]) == snapshot


def test_an_id_that_only_the_text_of_a_log_shows_is_searched_as_text(tmp_path: Path) -> None:
    code = """
        import logging
        from flask import Flask
        app = Flask("x")
        logger = logging.getLogger("x")
        @app.get("/<order_id>")
        def show(order_id, shelf_id):
            logger.info("shown %s", order_id, extra={"shelf_id": shelf_id})
            return read(order_id)
    """
    (tmp_path / "app.py").write_text(dedent(code))
    commands = [step.command for runbook in runbooks_of_audit(audit(tmp_path)) for step in runbook.diagnosis]
    assert [command for command in commands if command.endswith('| grep -F -- "$ORDER_ID"')]
    assert [command for command in commands if '.["shelf_id"]' in command]
    assert not [command for command in commands if '.["order_id"]' in command]
