"""A plan for instrumentation, in the fields of the tracer's template and no others.

From an audit here, from a proposal in `council.tracer.plan_proposal`. Probes come in the order in which they should be
made: each is one change, and the one that mends most comes first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from council.ballot import Confidence
from council.tracer import attributes
from council.tracer.bootstrap import INSTRUMENTATIONS, MEASURE
from council.tracer.model import (
    MODULE,
    SIGNALS,
    AuditReport,
    EntryPoint,
    Finding,
    FunctionCoverage,
    Library,
    OutgoingCall,
    Result,
    Signal,
)
from council.tracer.services import service_of, services_of

Priority = Literal["high", "medium", "low"]


class Probe(Result):
    """One change, and what it shows once it is made."""

    location: str = Field(description="`file:line function`, or `file:line section “title”` of a proposal")
    signal: Signal
    expected_output: str


class PlanVerdict(Result):
    """What to do in a sentence, how much it matters, and how sure that is."""

    plan: str
    priority: Priority
    confidence: Confidence


class Plan(Result):
    """The instrumentation template of the tracer's specification."""

    scope: str
    signals: tuple[Signal, ...]
    probes: tuple[Probe, ...]
    high_cardinality_fields: tuple[str, ...]
    verdict: PlanVerdict


@dataclass(frozen=True, slots=True)
class Change:
    """A probe and what it is worth: the weights of the gaps that it closes."""

    probe: Probe
    gain: float
    file: str
    line: int


WEIGHT = {"error": 3.0, "warning": 2.0, "note": 0.5}
_HARM = frozenset({"personal-data", "high-cardinality-label"})
_OF_SETUP = frozenset({"instrumentation-missing", "logs-without-trace-id"})


def plan_of_audit(report: AuditReport) -> Plan:
    """What to instrument in the code of an audit.

    Notes alone make no probe: they are what the next plan is for.

    Raises:
        UnavailableError: the extra `tracer` is not installed.
    """
    changes = ordered([*_setup(report), *_in_functions(report)])
    left = sum(f.severity == "note" for f in report.findings)
    return Plan(
        scope=", ".join(services_of(report)),
        signals=signals_of(changes),
        probes=tuple(change.probe for change in changes),
        high_cardinality_fields=fields_of(report),
        verdict=_verdict(report, changes, left),
    )


def ordered(changes: Iterable[Change]) -> list[Change]:
    """Most visibility for one change first; then as the text stands."""
    return sorted(changes, key=lambda c: (-c.gain, c.file, c.line, SIGNALS.index(c.probe.signal)))


def signals_of(changes: Iterable[Change]) -> tuple[Signal, ...]:
    """The signals of some probes, in their usual order."""
    used = {change.probe.signal for change in changes}
    return tuple(signal for signal in SIGNALS if signal in used)


def fields_of(report: AuditReport) -> tuple[str, ...]:
    """The ids by which one request is found again: those at hand in the code, and those that every service wants."""
    found = {attribute: None for row in report.matrix.rows for attribute in _ids(row, report)}
    requests = any(entry.kind in {"http", "rpc"} for entry in report.entry_points)
    wanted = (attributes.USER_ID, attributes.REQUEST_ID) if requests else ()
    return tuple(dict.fromkeys((*wanted, attributes.TRACE_ID, *sorted(found))))


def _ids(row: FunctionCoverage, report: AuditReport) -> list[str]:
    return sorted({attributes.attribute_of(name, service_of(row.file, report)) for name in row.identifiers})


# ---------------------------------------------------------------- once for many


def _setup(report: AuditReport) -> Iterator[Change]:
    for library in report.libraries:
        if library.instrumentation and not library.active:
            yield _library(library, report)
    for finding in report.findings:
        if finding.kind == "logs-without-trace-id":
            expected = f"every log record carries {attributes.TRACE_ID} and span_id of the request's span: from a log line to its trace"
            yield _change(finding.location, "logs", expected, 2.0 * (1 + len(report.entry_points)), finding)


def _library(library: Library, report: AuditReport) -> Change:
    entries = [entry for entry in report.entry_points if entry.framework == library.name]
    calls = [call for call in report.outgoing_calls if call.library == library.name and call.level == "none"]
    names = [name for entry in entries for name in attributes.OF_ENTRY[entry.kind]]
    names += [name for call in calls for name in attributes.OF_CALL[call.kind]]
    what = [f"one server span for each request to {len(entries)} entry points"] if entries else []
    what += [f"one client span for each of {len(calls)} calls"] if calls else []
    said = f", with {', '.join(dict.fromkeys([*names, attributes.ERROR_TYPE]))}" if names else ""
    expected = f"{library.instrumentation} set up: {' and '.join(what) or 'spans of its calls'}{said}"
    gain = 1.0 + 3.0 * len(entries) + 2.0 * len(calls)
    probe = Probe(location=f"{library.file}:{library.line} {MODULE}", signal="traces", expected_output=expected)
    return Change(probe, gain, library.file, library.line)


def _change(location: str, signal: Signal, expected: str, gain: float, place: Finding | FunctionCoverage) -> Change:
    return Change(Probe(location=location, signal=signal, expected_output=expected), gain, place.file, place.line)


# ---------------------------------------------------------------- function by function


def _in_functions(report: AuditReport) -> Iterator[Change]:
    automatic = {library.name for library in report.libraries if library.instrumentation or library.active}
    entries = {(entry.file, entry.function): entry for entry in report.entry_points}
    calls = defaultdict(list)
    for call in report.outgoing_calls:
        if call.level == "none" and call.library not in automatic:
            calls[call.file, call.function].append(call)
    grouped: dict[tuple[str, str, Signal], list[Finding]] = defaultdict(list)
    for finding in report.findings:
        if finding.kind in _HARM:
            yield _change(finding.location, finding.signal, f"{finding.message}: no longer; {finding.fix}", WEIGHT["error"], finding)
        elif finding.kind not in _OF_SETUP and not (finding.kind == "unseen-call" and not calls[finding.file, finding.function]):
            grouped[finding.file, finding.function, finding.signal].append(finding)
    for (file, function, signal), findings in grouped.items():
        row = report.matrix.row(file, function)
        entry = entries.get((file, function))
        if row is None or all(finding.severity == "note" for finding in findings):
            continue
        if expected := _expected(signal, row, entry, calls[file, function], findings, report, automatic):
            gain = sum(WEIGHT[finding.severity] for finding in findings)
            yield _change((findings[0] if len(findings) == 1 else row).location, signal, expected, gain, row)


def _expected(
    signal: Signal,
    row: FunctionCoverage,
    entry: EntryPoint | None,
    calls: list[OutgoingCall],
    findings: list[Finding],
    report: AuditReport,
    automatic: set[str],
) -> str:
    """What the function's signal shows once it is mended, or "" where a library's instrumentation mends it alone."""
    service, ids = service_of(row.file, report), _ids(row, report)
    if signal == "traces":
        return _trace(row, entry, calls, ids, automatic)
    if signal == "logs":
        return _log(row, findings)
    measured = MEASURE.union(name for name in automatic if not MEASURE.isdisjoint(INSTRUMENTATIONS.get(name, ())))
    if entry is None or entry.framework in measured:
        return ""
    labels = [name for name in attributes.OF_ENTRY[entry.kind] if name not in {*attributes.UNBOUNDED, attributes.FUNCTION}]
    metric = attributes.duration_of(entry.kind, service, row.function)
    return f"histogram {metric} in seconds by {', '.join([*labels, attributes.ERROR_TYPE])}: its count, its failures and its p99"


def _trace(row: FunctionCoverage, entry: EntryPoint | None, calls: list[OutgoingCall], ids: list[str], automatic: set[str]) -> str:
    new = [name for name in ids if name not in row.traces.fields]
    if entry is not None and entry.framework in automatic:
        return f"the span of {entry.name} carries {', '.join(new)}" if new else ""
    names = [*(attributes.OF_ENTRY[entry.kind] if entry else (attributes.FUNCTION,))]
    names += [name for call in calls for name in attributes.OF_CALL[call.kind]]
    said = ", ".join(dict.fromkeys([*names, *new, attributes.ERROR_TYPE]))
    return f"one span {entry.name if entry else row.function} for each call, with {said}"


def _log(row: FunctionCoverage, findings: list[Finding]) -> str:
    fields = ", ".join(dict.fromkeys([*(name.removeprefix("x_") for name in row.identifiers), "outcome", attributes.TRACE_ID]))
    parts = []
    if any(finding.kind == "unseen-lifecycle" for finding in findings):
        parts.append("one record when the service starts or stops, with its version and configuration, or the reason")
    elif any(finding.kind in {"no-log", "missing-id", "print-instead-of-log"} for finding in findings):
        parts.append(f"one record for each call, with {fields}")
    for finding in findings:
        if finding.kind in {"swallowed-exception", "error-without-traceback", "error-without-context"}:
            parts.append(f"line {finding.line}: the exception with its traceback, error_id and {fields}")
        elif finding.kind in {"unseen-decision", "unseen-outcome"}:
            parts.append(f"line {finding.line}: the outcome where {finding.message.rpartition(' where ')[2]}")
    return "; ".join(dict.fromkeys(parts)) or f"one record for each call, with {fields}"


def _verdict(report: AuditReport, changes: list[Change], left: int) -> PlanVerdict:
    setup = sum(finding.kind in _OF_SETUP for finding in report.findings)
    if not changes:
        words = f"nothing to add for {Path(report.root).name}"
    else:
        words = (
            f"{len(changes)} changes, in this order; the first {setup} are set up once"
            if setup
            else f"{len(changes)} changes, in this order"
        )
    words += f"; {left} notes of the audit are left for later" if left else ""
    grave = any(change.gain >= WEIGHT["error"] for change in changes)
    priority: Priority = "high" if grave and report.score < 60 else "medium" if changes else "low"
    sure: Confidence = "low" if not report.entry_points else "med" if report.skipped else "high"
    return PlanVerdict(plan=words, priority=priority, confidence=sure)
