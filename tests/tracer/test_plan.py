"""The instrumentation plan, from code and from proposals."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from council.ballot import CheckedAnswer, Opinion, Vote
from council.proposal import parse_proposal
from council.reports.tracer import plan_markdown, plan_text, render_plan
from council.tracer.audit import audit
from council.tracer.model import AuditReport
from council.tracer.plan import Plan, plan_of_audit
from council.tracer.plan_proposal import plan_of_proposal
from council.tracer.services import service_name, service_of_title, services_of

SAMPLES = Path(__file__).parent / "samples"
RFC = """\
# RFC 0012: Orders over the queue

## API

Each order has an `order_id`; the handler answers before the warehouse has it.

## Failure modes

| failure | what happens |
|---|---|
| the queue is down for a while | orders are refused with 503 |

- The warehouse times out after 10 s and the order is retried.
"""


@cache
def stripped() -> AuditReport:
    return audit(SAMPLES / "stripped")


@cache
def conventions() -> frozenset[str]:
    """Every name that the semantic conventions define, attributes and metrics."""
    import opentelemetry.semconv as root

    names: set[str] = set()
    for path in Path(root.__path__[0]).rglob("*_*.py"):
        if path.stem.endswith(("_attributes", "_metrics")):
            names |= set(re.findall(r'^[A-Z_]+(?:: Final)? = \(?\s*"([^"]+)"', path.read_text(encoding="utf-8"), re.MULTILINE))
    return frozenset(names)


def opinion(*gaps: str, observability: str = "fail") -> Opinion:
    questions = [f"tracer.x.{name}" for name in ("user-id", "errors", "probes", "correlation", "runbooks", "overhead")]
    return Opinion(
        seat="tracer",
        persona="tracer",
        persona_hash="0",
        persona_origin="test",
        reviewer="checklist",
        cast="REJECT",
        counted=Vote.REJECT,
        observability=observability,
        confidence="high",
        answers=tuple(
            CheckedAnswer(question=q, asked=q, status="absent" if q.rpartition(".")[2] in gaps else "answered") for q in questions
        ),
    )


def test_a_plan_has_exactly_the_fields_of_the_template():
    plan = plan_of_audit(stripped())
    assert list(plan.model_dump()) == ["scope", "signals", "probes", "high_cardinality_fields", "verdict"]
    assert {key for probe in plan.model_dump()["probes"] for key in probe} == {"location", "signal", "expected_output"}
    assert list(plan.model_dump()["verdict"]) == ["plan", "priority", "confidence"]


def test_every_probe_stands_at_a_line_that_is_there():
    for probe in plan_of_audit(stripped()).probes:
        file, line, function = re.fullmatch(r"(\S+):(\d+) (.+)", probe.location).groups()
        text = (SAMPLES / "stripped" / file).read_text(encoding="utf-8").splitlines()
        assert 1 <= int(line) <= len(text)
        if function != "<module>":
            assert f"def {function.rpartition('.')[2]}(" in "\n".join(text)


def test_attributes_and_metrics_are_of_the_conventions_or_named_after_the_service():
    # The last: an HTTP header's attribute is a template of the conventions, and trace_id a field of the log data model.
    plan = plan_of_audit(stripped())
    named = {
        name
        for probe in plan.probes
        for name in re.findall(r"\b[a-z_]+(?:\.[a-z_0-9]+)+\b", probe.expected_output)
        if probe.signal != "logs"
    }
    named |= set(plan.high_cardinality_fields) - {"http.request.header.x-request-id", "trace_id"}
    ours = {name for name in named if name.startswith("shop.")}
    assert "http.route" in named
    assert "db.system.name" in named
    assert named - ours - conventions() <= {"http.request.header.x"}


def test_what_mends_most_comes_first():
    probes = plan_of_audit(stripped()).probes
    libraries = [n for n, probe in enumerate(probes) if "opentelemetry-instrumentation-flask" in probe.expected_output]
    single = [n for n, probe in enumerate(probes) if "the span of GET /products" in probe.expected_output]
    assert libraries < single


def test_a_function_that_an_instrumentation_covers_is_asked_for_no_span_of_its_own():
    assert not [p for p in plan_of_audit(stripped()).probes if p.signal == "traces" and "one span POST /orders" in p.expected_output]


def test_ids_never_stand_on_metrics():
    metrics = [probe.expected_output for probe in plan_of_audit(stripped()).probes if probe.signal == "metrics"]
    assert metrics
    assert not [words for words in metrics if re.search(r"\.id\b|request-id|message\.id", words)]


def test_an_instrumented_service_needs_less_than_a_stripped_one():
    instrumented = plan_of_audit(audit(SAMPLES / "instrumented"))
    assert len(instrumented.probes) < len(plan_of_audit(stripped()).probes) / 4
    assert instrumented.verdict.priority != "high"


def test_the_text_has_the_shape_of_the_template():
    text = plan_text(plan_of_audit(stripped()))
    heads = [line.partition(":")[0] for line in text.splitlines() if line and not line.startswith((" ", "]"))]
    assert heads == ["Scope", "Signals", "Probes", "High-Cardinality Fields", "Verdict"]
    assert re.search(r"priority: high \(confidence: (low|med|high)\)\n\Z", text)


def test_json_is_the_plan():
    plan = plan_of_audit(stripped())
    assert Plan.model_validate_json(render_plan(plan, "json")) == plan


def test_a_proposal_s_probes_stand_in_its_sections():
    plan = plan_of_proposal(parse_proposal(RFC, source="rfc.md"), opinion("user-id", "errors", "probes"))
    assert [probe.location for probe in plan.probes if probe.signal == "traces"] == ["rfc.md:3 section “API”"]
    assert {probe.location for probe in plan.probes} >= {"rfc.md:11 section “Failure modes”"}
    assert "orders_queue.order.id" in plan.high_cardinality_fields or "orders_over_queue.order.id" in plan.high_cardinality_fields


def test_only_open_questions_of_the_tracer_make_probes():
    proposal = parse_proposal(RFC, source="rfc.md")
    assert plan_of_proposal(proposal, opinion(observability="pass")).probes == ()
    (probe,) = plan_of_proposal(proposal, opinion("correlation")).probes
    assert "traceparent" in probe.expected_output


@pytest.mark.parametrize(("observability", "priority"), [("fail", "high"), ("conditional", "medium"), ("pass", "low")])
def test_the_priority_is_that_of_the_tracer_s_ruling(observability, priority):
    assert plan_of_proposal(parse_proposal(RFC), opinion("errors", observability=observability)).verdict.priority == priority


def test_without_an_opinion_the_checklist_gives_it():
    plan = plan_of_proposal(parse_proposal(RFC, source="rfc.md"))
    assert plan.probes
    assert plan == plan_of_proposal(parse_proposal(RFC, source="rfc.md"))


def test_text_of_a_proposal_cannot_leave_its_place_in_markdown():
    hostile = RFC.replace("Failure modes", "Failure modes | x `y` <img src=x> \x1b[31m")
    plan = plan_of_proposal(parse_proposal(hostile, source="a|b`\x1b.md"), opinion("errors"))
    text = plan_markdown(plan)
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| #")]
    assert len(rows) == len(plan.probes)
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}
    assert "\x1b" not in text


def test_the_plan_reads_like_this(snapshot):
    plan = plan_of_proposal(parse_proposal(RFC, source="rfc.md"), opinion("user-id", "errors", "probes", "correlation"))
    assert plan_text(plan) == snapshot
    assert plan_markdown(plan) == snapshot


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_makes_a_name_fit_for_kubernetes(text):
    for name in (service_name(text), service_of_title(text)):
        assert re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", name)
        assert len(name) <= 48


def test_services_are_the_directories_that_hold_entry_points(tmp_path):
    for service in ("cart", "mail"):
        (tmp_path / "services" / service).mkdir(parents=True)
        code = "import flask\napp = flask.Flask(__name__)\n@app.get('/')\ndef index():\n    return ''\n"
        (tmp_path / "services" / service / "app.py").write_text(code, encoding="utf-8")
    assert services_of(audit(tmp_path)) == ("cart", "mail")
