"""The ways in which a service can fail, as its code or its proposal has them: what runbooks are written for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from council.proposal import PROSE, BlockKind, Proposal, Sentence
from council.redaction import clip
from council.tracer import attributes
from council.tracer.model import AuditReport, EntryKind, EntryPoint, OutgoingCall, Place, Result
from council.tracer.services import service_name, service_of, service_of_title, services_of
from council.tracer.stated import stated_failures

ScenarioKind = Literal["errors", "latency", "dependency", "silent", "start", "stated"]
MOST_PLACES = 6
TITLE_LIMIT = 100

_SPAN_KIND: dict[EntryKind, str] = {"http": "SERVER", "rpc": "SERVER", "task": "CONSUMER", "consumer": "CONSUMER"}
_NOUN: dict[EntryKind, str] = {
    "http": "HTTP requests",
    "rpc": "RPC calls",
    "task": "Tasks",
    "consumer": "Messages",
    "asyncio": "Background tasks",
}
_ENDINGS: tuple[tuple[ScenarioKind, str], ...] = (("errors", "fail"), ("latency", "are slow"))
_HEAD = re.compile(r"^[\s*_>#-]+|[*_]{2}|`")
_ID = re.compile(r"(?<![A-Za-z0-9_.])[a-z][a-z0-9]{0,30}(?:_[a-z0-9]{1,30}){0,3}_id(?![A-Za-z0-9_])")


class Scenario(Result):
    """One way to fail.

    `fields` are those of log records and `attributes` those of spans that the service is known to write: by its code or by
    its proposal; `missing` are ids that are at hand and not written, which the plan adds.
    """

    name: str = Field(description="fit for a file's name and an alert's")
    title: str
    kind: ScenarioKind
    service: str
    locations: tuple[str, ...]
    detail: str = ""
    calls: str = Field(default="", description="of a dependency: http, sql, cache, queue, rpc, cloud")
    span_kind: str = Field(default="", description="SERVER, CONSUMER, CLIENT; empty: any")
    spans: tuple[str, ...] = Field(default=(), description="names of spans that this is about; empty: all of the kind")
    fields: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    in_text: tuple[str, ...] = Field(default=(), description="ids that only the text of its log records shows")
    trace_on_logs: bool = Field(default=False, description="log records carry the trace id")


def scenarios_of_audit(report: AuditReport) -> tuple[Scenario, ...]:
    """For each service: each kind of entry failing and slow, each dependency, each swallowed exception, not starting."""
    found: list[Scenario] = []
    for service in services_of(report):
        found += _of_entries(report, service)
        found += _of_dependencies(report, service)
        found += _of_silence(report, service)
        starts = [place for place in report.lifecycle if place.phase == "start-up" and service_of(place.file, report) == service]
        if starts or any(service_of(entry.file, report) == service for entry in report.entry_points):
            title = f"{service} does not start, or is gone"
            found.append(_scenario(report, "not-running", title, "start", starts, service=service))
    return tuple(_unique(found))


def _of_entries(report: AuditReport, service: str) -> Iterator[Scenario]:
    groups: dict[EntryKind, list[EntryPoint]] = defaultdict(list)
    for entry in report.entry_points:
        if service_of(entry.file, report) == service and entry.kind in _NOUN:
            groups[entry.kind].append(entry)
    for kind, entries in groups.items():
        # No instrumentation names the spans of background tasks: they are those of the functions.
        spans = tuple(sorted({entry.function for entry in entries})) if kind == "asyncio" else ()
        for ending, what in _ENDINGS:
            title = f"{_NOUN[kind]} of {service} {what}"
            span_kind = _SPAN_KIND.get(kind, "")
            yield _scenario(report, f"{kind}-{ending}", title, ending, entries, service=service, span_kind=span_kind, spans=spans)


def _of_dependencies(report: AuditReport, service: str) -> Iterator[Scenario]:
    groups: dict[tuple[str, str], list[OutgoingCall]] = defaultdict(list)
    for call in report.outgoing_calls:
        if service_of(call.file, report) == service:
            groups[call.library, call.kind].append(call)
    for (library, kind), calls in sorted(groups.items()):
        words = {"sql": "the database", "cache": "the cache", "queue": "the queue", "http": "another service", "rpc": "another service"}
        title = f"{service} cannot reach {words.get(kind, 'a cloud service')} ({library})"
        detail = f"calls: {', '.join(sorted({call.call for call in calls})[:MOST_PLACES])}"
        span_kind = "PRODUCER" if kind == "queue" else "CLIENT"
        yield _scenario(
            report, f"{library}-{kind}-fails", title, "dependency", calls, service=service, span_kind=span_kind, calls=kind, detail=detail
        )


def _of_silence(report: AuditReport, service: str) -> Iterator[Scenario]:
    for handler in report.handlers:
        if handler.swallowed and service_of(handler.file, report) == service:
            what = f"{', '.join(handler.exceptions) or 'every exception'} goes nowhere in {handler.function}"
            name = f"{handler.function}-{handler.line}-silent"
            title = f"{service} fails silently: {what}"
            yield _scenario(report, name, title, "silent", [handler], service=service, spans=(handler.function,))


def _scenario(  # noqa: PLR0913 (the parts of a scenario)
    report: AuditReport,
    name: str,
    title: str,
    kind: ScenarioKind,
    places: Iterable[Place],
    *,
    service: str,
    span_kind: str = "",
    spans: tuple[str, ...] = (),
    calls: str = "",
    detail: str = "",
) -> Scenario:
    places = list(places)
    rows = [row for place in places if (row := report.matrix.row(place.file, place.function)) is not None]
    logged = {name for row in rows for name in row.logs.fields}
    in_text = {name for row in rows for name in row.logs.in_text} - logged
    traced = {name for row in rows for name in row.traces.fields}
    at_hand = {name.removeprefix("x_") for row in rows for name in row.identifiers}
    missing = {name for name in at_hand if name not in logged and attributes.attribute_of(name, service) not in traced}
    return Scenario(
        name=service_name(f"{service}-{name}"),
        title=clip(title, TITLE_LIMIT),
        kind=kind,
        service=service,
        locations=tuple(dict.fromkeys(place.location for place in places)),
        detail=detail,
        calls=calls,
        trace_on_logs=not any(finding.kind == "logs-without-trace-id" for finding in report.findings),
        span_kind=span_kind,
        spans=spans,
        fields=tuple(sorted(logged)),
        attributes=tuple(sorted(traced)),
        missing=tuple(sorted(missing - in_text)),
        in_text=tuple(sorted(in_text)),
    )


# ---------------------------------------------------------------- of a proposal


def place_in(proposal: Proposal, line: int) -> str:
    """`file:line section “title”`, all of it clean."""
    title = clip(proposal.section_at(line).title, TITLE_LIMIT) or "before the first heading"
    return f"{clip(Path(proposal.source).name, TITLE_LIMIT)}:{line} section “{title}”"


def fields_in(proposal: Proposal) -> tuple[str, ...]:
    """The ids that the proposal names in its own prose, such as `order_id`."""
    prose = (sentence.plain for sentence in proposal.sentences if sentence.kind in PROSE)
    return tuple(sorted({name for text in prose for name in _ID.findall(text)}))


def scenarios_of_proposal(proposal: Proposal) -> tuple[Scenario, ...]:
    """Requests that fail or are slow, and what the proposal itself says can fail: first where it says so by a heading."""
    service = service_of_title(proposal.title)
    fields = fields_in(proposal)
    traced = "trace_id" in proposal.text or "trace id" in proposal.text.lower()
    main = max(proposal.sections, key=lambda section: section.words)
    found = [
        Scenario(
            name=service_name(f"{service}-{kind}"),
            title=f"Requests of {service} {what}",
            kind=kind,
            service=service,
            locations=(place_in(proposal, max(1, main.first)),),
            span_kind="SERVER",
            fields=fields,
            trace_on_logs=traced,
        )
        for kind, what in _ENDINGS
    ]
    found += [
        Scenario(
            name=service_name(f"{service}-line-{sentence.first}"),
            title=failure_title(sentence),
            kind="stated",
            service=service,
            locations=(place_in(proposal, sentence.first),),
            detail=clip(sentence.plain, 3 * TITLE_LIMIT),
            fields=fields,
            trace_on_logs=traced,
        )
        for sentence in stated_failures(proposal)
    ]
    return tuple(_unique(found))


def failure_title(sentence: Sentence) -> str:
    """What fails, in the sentence's first words."""
    words = sentence.plain.partition(" | ")[0] if sentence.kind is BlockKind.TABLE_ROW else sentence.plain
    return clip(_HEAD.sub("", words), TITLE_LIMIT) or "A failure that the proposal names"


def _unique(scenarios: Iterable[Scenario]) -> Iterator[Scenario]:
    """The same, each with a name of its own."""
    taken: set[str] = set()
    for scenario in scenarios:
        name, number = scenario.name, 1
        while name in taken:
            number += 1
            name = f"{scenario.name}-{number}"
        taken.add(name)
        yield scenario if name == scenario.name else scenario.model_copy(update={"name": name})
