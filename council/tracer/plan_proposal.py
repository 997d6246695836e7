"""A plan for instrumentation from a proposal: what the tracer's checklist found missing, as probes at its sections."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from council.ballot import CheckedAnswer, Opinion
from council.proposal import Proposal, Section, SectionStatus
from council.redaction import clip
from council.tracer import attributes
from council.tracer.model import Signal
from council.tracer.opinion import tracer_opinion
from council.tracer.plan import Change, Plan, PlanVerdict, Priority, Probe, ordered, signals_of
from council.tracer.scenarios import fields_in, place_in, stated_failures
from council.tracer.services import service_of_title

_GAPS = {"absent": 2.0, "denied": 2.0, "mentioned": 1.0}
_PRIORITY: dict[str | None, Priority] = {"fail": "high", "conditional": "medium", "pass": "low", "not_applicable": "low"}
_TEN = "error_id, message, code, user_id, request_id, trace_id, operation, input_summary, stack_trace, timestamp"


@dataclass(frozen=True, slots=True)
class _Need:
    """What closes several of the tracer's questions at once.

    Attributes:
        questions: the last parts of their ids.
        titles: words of headings of the sections in which such a probe belongs.
    """

    questions: frozenset[str]
    signal: Signal
    expected: str
    titles: re.Pattern[str]


def _need(questions: str, signal: Signal, expected: str, titles: str) -> _Need:
    return _Need(frozenset(questions.split()), signal, expected, re.compile(rf"\b(?:{titles})", re.IGNORECASE))


_REQUEST = ", ".join([*attributes.OF_ENTRY["http"], attributes.ERROR_TYPE])
_DURATION = attributes.DURATION_OF_ENTRY["http"]
_NEEDS = (
    _need(
        "user-id request-id any-field specific-requests context",
        "traces",
        f"one server span for each request, with {_REQUEST}, {{fields}}: one request, and all of one user, are found by a query",
        "api|interface|request|endpoint|handler|design|detail|implementation|proposal|architecture",
    ),
    _need(
        "user-journey correlation",
        "traces",
        "the W3C headers traceparent and tracestate go with each call and each message: one trace id from the first service to the last",
        "architecture|component|dependenc|integration|flow|design|detail|proposal",
    ),
    _need(
        "errors",
        "logs",
        f"one record for each failure, with {_TEN}; the person sees a reference to it",
        "error|failure|risk|recovery|design|detail|proposal",
    ),
    _need(
        "probes expected-outputs",
        "metrics",
        f"histogram {_DURATION} in seconds by {_REQUEST}: share of failures and p99, with the values that alert",
        "metric|monitor|observab|goal|slo|performance|design|detail|proposal",
    ),
    _need(
        "find-problem investigation-ui runbooks without-ssh",
        "metrics",
        "an alert on the share of failures and one on p99, each with a runbook_url whose queries need no SSH",
        "troubleshoot|operation|rollout|monitor|support|observab|risk|deploy|design|proposal",
    ),
    _need(
        "signal-to-noise overhead",
        "traces",
        "tail sampling keeps each trace with an error and each slow one, and a stated share of the rest",
        "performance|scal|cost|observab|monitor|rollout|design|proposal",
    ),
)


def plan_of_proposal(proposal: Proposal, opinion: Opinion | None = None) -> Plan:
    """What to instrument of what a proposal describes.

    Args:
        proposal: the proposal; its text is untrusted, and what is taken from it is cleaned and clipped.
        opinion: the tracer's, of a review; without one the offline checklist gives it.

    Raises:
        RosterError: without an opinion, where no seat enforces observability.
        UnavailableError: the extra `tracer` is not installed.
    """
    opinion = opinion or tracer_opinion(proposal)
    service = service_of_title(proposal.title)
    named = [attributes.attribute_of(name, service) for name in fields_in(proposal)]
    fields = tuple(dict.fromkeys((attributes.USER_ID, attributes.REQUEST_ID, attributes.TRACE_ID, *named)))
    not_applicable = opinion.abstention is not None and not opinion.abstention.is_gap
    changes = [] if not_applicable else ordered(_changes(proposal, opinion, fields))
    return Plan(
        scope=clip(proposal.title, 200) or service,
        signals=signals_of(changes),
        probes=tuple(change.probe for change in changes),
        high_cardinality_fields=() if not_applicable else fields,
        verdict=_verdict(opinion, changes, not_applicable=not_applicable),
    )


def _changes(proposal: Proposal, opinion: Opinion, fields: tuple[str, ...]) -> Iterator[Change]:
    gaps = {answer.question: answer for answer in opinion.answers if answer.status in _GAPS}
    known = {answer.question for answer in opinion.answers}
    on_spans = ", ".join(name for name in fields if name != attributes.TRACE_ID)
    for need in _NEEDS:
        open_ = [gap for question, gap in gaps.items() if question.rpartition(".")[2] in need.questions]
        if open_ or not known:  # a seat that gave no answers leaves every need open
            line = _where(proposal, need, open_)
            yield _at(proposal, line, need.signal, need.expected.replace("{fields}", on_spans), sum(_GAPS[gap.status] for gap in open_))
    yield from _others(proposal, opinion, gaps)
    if not known or any(question.rpartition(".")[2] in {"errors", "probes", "runbooks"} for question in gaps):
        for sentence in stated_failures(proposal):
            what = clip(sentence.plain, 140)
            expected = f"one record with {attributes.ERROR_TYPE}, error_id, user_id, request_id and trace_id each time this happens: {what}"
            yield _at(proposal, sentence.first, "logs", expected, 0.5)


def _others(proposal: Proposal, opinion: Opinion, gaps: dict[str, CheckedAnswer]) -> Iterator[Change]:
    """What a persona asks that the tracer's own does not: its condition, in its words."""
    ours = frozenset().union(*(need.questions for need in _NEEDS))
    for condition in opinion.conditions:
        if condition.about in gaps and condition.about.rpartition(".")[2] not in ours:
            text = clip(condition.text, 300)
            metric = re.search(r"\b(?:metric|alert|histogram|counter|gauge)", text, re.IGNORECASE)
            traced = re.search(r"\b(?:trac|span|correlat)", text, re.IGNORECASE)
            signal: Signal = "metrics" if metric else "traces" if traced else "logs"
            yield _at(proposal, _evidence_line(gaps[condition.about]) or _largest(proposal).first, signal, text, 1.0)


def _at(proposal: Proposal, line: int, signal: Signal, expected: str, gain: float) -> Change:
    return Change(Probe(location=place_in(proposal, line), signal=signal, expected_output=expected), gain, "", line)


def _where(proposal: Proposal, need: _Need, gaps: list[CheckedAnswer]) -> int:
    """The line of the section where a probe belongs: by its heading, by what the tracer found nearest, else the largest."""
    for section in proposal.sections:
        if section.status is SectionStatus.FILLED and section.level and need.titles.search(section.title[:200]):
            return section.first
    return next((line for gap in gaps if (line := _evidence_line(gap))), 0) or max(1, _largest(proposal).first)


def _evidence_line(answer: CheckedAnswer) -> int:
    return next((evidence.first for evidence in answer.evidence if evidence.first), 0)


def _largest(proposal: Proposal) -> Section:
    return max(proposal.sections, key=lambda section: section.words)


def _verdict(opinion: Opinion, changes: list[Change], *, not_applicable: bool) -> PlanVerdict:
    if not_applicable:
        words = "nothing runs in production by this proposal: no instrumentation is due"
        return PlanVerdict(plan=words, priority="low", confidence=opinion.confidence)
    open_ = sum(answer.status in _GAPS for answer in opinion.answers)
    words = f"probes to add to the proposal, in this order: {len(changes)}"
    words += f"; they answer {open_} of the tracer's {len(opinion.answers)} questions" if open_ else ""
    if not changes:
        words = "the proposal answers what the tracer asks: keep its instrumentation as it is described"
    if opinion.abstention is not None:
        words += f"; the tracer gave no opinion ({opinion.abstention.cause})"
    priority = _PRIORITY.get(opinion.observability, "high")
    return PlanVerdict(plan=words, priority=priority, confidence=opinion.confidence)
