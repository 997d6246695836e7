"""A plan for instrumentation from a proposal: what the tracer's checklist found missing, as probes at its sections."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from council.ballot import CheckedAnswer, Opinion
from council.proposal import PROSE, Proposal, Section, SectionStatus, Sentence
from council.redaction import clip
from council.tracer import attributes
from council.tracer.model import EntryKind, Signal
from council.tracer.opinion import tracer_opinion
from council.tracer.plan import Change, Plan, PlanVerdict, Priority, Probe, ordered, signals_of
from council.tracer.scenarios import failure_title, fields_in, place_in
from council.tracer.services import service_of_title
from council.tracer.stated import ASIDE, stated_failures

_GAPS = {"absent": 2.0, "denied": 2.0, "mentioned": 1.0}
_PRIORITY: dict[str | None, Priority] = {"fail": "high", "conditional": "medium", "pass": "low", "not_applicable": "low"}
_TEN = "error_id, message, code, user_id, request_id, trace_id, operation, input_summary, stack_trace, timestamp"
_ERRORS = frozenset({"errors"})
MOST_PROBES = 8
MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class _Need:
    """What closes several of the tracer's questions at once.

    Attributes:
        questions: the last parts of their ids.
        titles: words of headings of the sections in which such a probe belongs, the best first.
    """

    questions: frozenset[str]
    signal: Signal
    expected: str
    titles: tuple[str, ...]


def _need(questions: str, signal: Signal, expected: str, titles: str) -> _Need:
    return _Need(frozenset(questions.split()), signal, expected, tuple(titles.split("|")))


_NEEDS = (
    _need(
        "user-id request-id any-field specific-requests context",
        "traces",
        "one span for each {unit}, with {attributes}, {fields}: one {unit}, and all of one user, are found by a query",
        "api|interface|endpoint|handler|request|design|implementation|architecture|proposal|detail",
    ),
    _need(
        "user-journey correlation",
        "traces",
        "the W3C headers traceparent and tracestate go with each call and each message: one trace id from the first service to the last",
        "architecture|component|dependenc|data flow|flow|design|proposal|detail",
    ),
    _need(
        "errors",
        "logs",
        f"one record for each failure, with {_TEN}; the person sees a reference to it",
        "error|failure|risk|recovery|design|proposal|detail",
    ),
    _need(
        "probes expected-outputs",
        "metrics",
        "histogram {duration} in seconds by {labels}: share of failures and p99, with the values that alert",
        "metric|monitor|observab|slo|performance|design|proposal|detail",
    ),
    _need(
        "find-problem investigation-ui runbooks without-ssh",
        "metrics",
        "an alert on the share of failures and one on p99, each with a runbook_url whose queries need no SSH",
        "troubleshoot|monitor|observab|operation|support|rollout|deploy|risk|design|proposal",
    ),
    _need(
        "signal-to-noise overhead",
        "traces",
        "tail sampling keeps each trace with an error and each slow one, and a stated share of the rest",
        "observab|monitor|performance|scalab|cost|operation|design|proposal",
    ),
)

# What a design does again and again, by the words that it is full of: what its spans and durations are of.
_UNITS: tuple[tuple[str, EntryKind, re.Pattern[str]], ...] = (
    ("RPC call", "rpc", re.compile(r"(?i)\bg?RPCs?\b")),
    ("request", "http", re.compile(r"(?i)\b(?:https?|requests?|endpoints?|rest api|gateway|web ?hooks?)\b")),
    ("message", "consumer", re.compile(r"(?i)\b(?:messages?|queues?|topics?|consumers?|kafka|publish\w*|subscri\w+)\b")),
    ("reconciliation", "asyncio", re.compile(r"(?i)\b(?:reconcil\w+|controllers?|informers?|kubelet|watch loop)\b")),
    ("run", "command", re.compile(r"(?i)\b(?:cli|command line|commands?|subcommands?|batch|cron|nightly|pipelines?)\b")),
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
    found = [] if not_applicable else ordered(_changes(proposal, opinion, fields, service))
    changes, left = found[:MOST_PROBES], found[MOST_PROBES:]
    return Plan(
        scope=clip(proposal.title, 200) or service,
        signals=signals_of(changes),
        probes=tuple(change.probe for change in changes),
        high_cardinality_fields=() if not_applicable else fields,
        verdict=_verdict(opinion, changes, left, not_applicable=not_applicable),
    )


def _changes(proposal: Proposal, opinion: Opinion, fields: tuple[str, ...], service: str) -> Iterator[Change]:
    gaps = {answer.question: answer for answer in opinion.answers if answer.status in _GAPS}
    known = {answer.question for answer in opinion.answers}
    words = _words(proposal, fields, service)
    asked = not known or any(question.rpartition(".")[2] in {"errors", "probes", "runbooks"} for question in gaps)
    stated = _stated(proposal) if asked else []
    for need in _NEEDS:
        open_ = [gap for question, gap in gaps.items() if question.rpartition(".")[2] in need.questions]
        if not open_ and known:  # a seat that gave no answers leaves every need open
            continue
        line, expected, gain = _where(proposal, need, open_), need.expected.format_map(words), sum(_GAPS[gap.status] for gap in open_)
        if need.questions == _ERRORS and stated:  # one change: the same record for what the proposal names
            (line, named), *stated = stated
            expected = f"{expected}; error.type tells apart: {named}"
        yield _at(proposal, line, need.signal, expected, gain)
    yield from _others(proposal, opinion, gaps)
    for line, named in stated:
        yield _at(
            proposal, line, "logs", f"one record with {attributes.ERROR_TYPE}, error_id, user_id, request_id and trace_id for: {named}", 0.5
        )


def _words(proposal: Proposal, fields: tuple[str, ...], service: str) -> dict[str, str]:
    """What the needs' texts say of this design: what it does again and again, and by which names that is told apart."""
    prose = "\n".join(sentence.plain for sentence in proposal.sentences if sentence.kind in PROSE)
    unit, kind, _ = max(_UNITS, key=lambda entry: len(entry[2].findall(prose)))
    names = [name for name in attributes.OF_ENTRY[kind] if name != attributes.FUNCTION] or [f"{service.replace('-', '_')}.operation"]
    labels = [name for name in names if name not in attributes.UNBOUNDED]
    return {
        "unit": unit,
        "attributes": ", ".join([*names, attributes.ERROR_TYPE]),
        "labels": ", ".join([*labels, attributes.ERROR_TYPE]),
        "duration": attributes.duration_of(kind, service, unit),
        "fields": ", ".join(name for name in fields if name != attributes.TRACE_ID),
    }


def _stated(proposal: Proposal) -> list[tuple[int, str]]:
    """For each section that names failures its first line that does, and the failures: one record serves them all."""
    by_section: dict[int, list[Sentence]] = {}
    for sentence in stated_failures(proposal):
        by_section.setdefault(sentence.section, []).append(sentence)
    found = []
    for sentences in by_section.values():
        named = "; ".join(dict.fromkeys(failure_title(sentence) for sentence in sentences[:MOST_NAMED]))
        more = len(sentences) - MOST_NAMED
        found.append((sentences[0].first, f"{named}; and {more} more" if more > 0 else named))
    return found


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
    sections = [
        section for section in proposal.sections if section.status is SectionStatus.FILLED and section.level > 1 and _is_design(section)
    ]
    for title in need.titles:
        for section in sections:
            if re.search(rf"(?i)\b{title}", section.title[:200]):
                return section.first
    return next((line for gap in gaps if (line := _evidence_line(gap))), 0) or max(1, _largest(proposal).first)


def _is_design(section: Section) -> bool:
    if section.title.rstrip().endswith("?"):
        return False  # a question of a template; its answer is no place of the design
    return not any(ASIDE.search(title[:200]) for title in section.path[1:] or section.path)


def _evidence_line(answer: CheckedAnswer) -> int:
    return next((evidence.first for evidence in answer.evidence if evidence.first), 0)


def _largest(proposal: Proposal) -> Section:
    return max([s for s in proposal.sections if _is_design(s)] or proposal.sections, key=lambda section: section.words)


def _verdict(opinion: Opinion, changes: list[Change], left: list[Change], *, not_applicable: bool) -> PlanVerdict:
    if not_applicable:
        words = "nothing runs in production by this proposal: no instrumentation is due"
        return PlanVerdict(plan=words, priority="low", confidence=opinion.confidence)
    open_ = sum(answer.status in _GAPS for answer in opinion.answers)
    words = f"probes to add to the proposal, in this order: {len(changes)}"
    words += f"; they answer {open_} of the tracer's {len(opinion.answers)} questions" if open_ else ""
    if left:
        words += (
            f"; left out, as each shows less: {len(left)} more at {', '.join(change.probe.location.partition(' ')[0] for change in left)}"
        )
    if not changes:
        words = "the proposal answers what the tracer asks: keep its instrumentation as it is described"
    if opinion.abstention is not None:
        words += f"; the tracer gave no opinion ({opinion.abstention.cause})"
    priority = _PRIORITY.get(opinion.observability, "high")
    return PlanVerdict(plan=words, priority=priority, confidence=opinion.confidence)
