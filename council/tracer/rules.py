"""From the facts of a function to findings: what somebody who debugs it in production would miss, or must not see."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from council.tracer.automatic import Automatic
from council.tracer.choices import Branch
from council.tracer.functions import Except, Unit
from council.tracer.model import (
    MODULE,
    Decision,
    Finding,
    FindingKind,
    FunctionCoverage,
    Handler,
    Level,
    OutgoingCall,
    Severity,
    Signal,
    SignalCoverage,
)
from council.tracer.names import written
from council.tracer.outcomes import Remark, of_arms, of_handler, of_ways, of_yields
from council.tracer.sensitive import sensitive, unbounded
from council.tracer.telemetry import ERROR_METHODS, Emission, carried

# Exceptions that are part of how Python or a queue works, and none of an operation's failures.
_CONTROL = frozenset(
    "ImportError ModuleNotFoundError StopIteration StopAsyncIteration KeyboardInterrupt SystemExit GeneratorExit CancelledError"
    " Empty BlockingIOError".split()
)
_KEY_IDS = frozenset("user_id request_id session_id tenant_id customer_id account_id order_id correlation_id".split())


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules make of one function.

    Attributes:
        row: its line of the matrix, or None where it does not matter.
        asked, covered: of what counts for the score, how much there is and how much is seen.
    """

    row: FunctionCoverage | None
    findings: tuple[Finding, ...]
    calls: tuple[OutgoingCall, ...]
    handlers: tuple[Handler, ...]
    decisions: tuple[Decision, ...]
    asked: float
    covered: float


class Judge:
    """Applies the rules to one function.

    Args:
        unit: the function's facts.
        automatic: what is instrumented without its own doing.
        reached: something that the outside calls may call it.
        serves: what calls it is a service, not a command whose output is its own.
    """

    def __init__(self, unit: Unit, automatic: Automatic, *, reached: bool, serves: bool) -> None:
        self._unit = unit
        self._automatic = automatic
        self._reached = reached
        self._serves = serves
        self._handlers = [handler for handler in unit.handlers if not _is_control(handler)]
        self._branches = unit.branches if (reached or unit.entry) and unit.name != MODULE else []
        self._under_span = unit.under_span()
        self._told = {name for emission in unit.emissions for _, value in emission.values for name in _names_in(value)}
        self._asked = self._covered = 0.0

    def judge(self) -> Judged:
        """The function's row, points and findings."""
        row = self._row()
        findings = [*self._of_points(), *self._of_values(), *self._of_helper()]
        if row is not None:
            findings += [*self._of_coverage(row), *self._of_ids(row)]
            self._score(row)
        calls = tuple(self._call(n) for n in range(len(self._unit.sent)))
        handlers = tuple(self._handler(handler) for handler in self._handlers)
        decisions = tuple(self._decision(branch) for branch in self._branches)
        return Judged(row, tuple(findings), calls, handlers, decisions, self._asked, self._covered)

    # ------------------------------------------------------------ the matrix

    def _roles(self) -> tuple[str, ...]:
        unit = self._unit
        roles = [f"entry:{unit.entry[0]}"] if unit.entry else []
        roles += [unit.phase] if unit.phase else []
        roles += sorted({f"call:{sent.kind}" for sent in unit.sent})
        roles += ["handler"] if self._handlers else []
        return (*roles, *(["decision"] if self._branches else []))

    def _row(self) -> FunctionCoverage | None:
        unit, roles = self._unit, self._roles()
        hook = unit.framework_calls and bool(unit.emissions)  # which does nothing but tell
        works = self._reached and (unit.statements > 1 or unit.calls or hook) and unit.name != MODULE and unit.helper is None
        if not (roles or works):
            return None
        return FunctionCoverage(
            file=unit.file,
            line=unit.line,
            function=unit.name,
            roles=roles,
            traces=self._coverage("traces"),
            logs=self._coverage("logs"),
            metrics=self._coverage("metrics"),
            identifiers=tuple(sorted(unit.ids)),
        )

    def _coverage(self, signal: Signal) -> SignalCoverage:
        written = [emission for emission in self._unit.emissions if emission.signal == signal]
        fields = tuple(sorted({name for emission in written for name in emission.fields if name}))
        lines = tuple(sorted({emission.line for emission in written}))
        in_text = tuple(sorted({name for emission in written for name in emission.in_text}))
        seen = [emission for emission in written if emission.kind != "bind"]
        if signal == "traces" and not self._unit.spans and all(_orphan(emission, self._unit) for emission in written):
            seen = []
        level: Level = "explicit" if seen else "automatic" if self._comes_by_itself(signal) else "none"
        return SignalCoverage(signal=signal, level=level, fields=fields, lines=lines, in_text=in_text)

    def _comes_by_itself(self, signal: Signal) -> bool:
        if signal == "logs":
            return False
        seen = self._automatic.covers if signal == "traces" else self._automatic.measures
        entry = self._unit.entry
        if entry is not None:
            return seen(entry[1])
        return bool(self._unit.sent) and all(seen(sent.library) for sent in self._unit.sent)

    # ------------------------------------------------------------ coverage

    def _of_coverage(self, row: FunctionCoverage) -> Iterator[Finding]:
        ids = f" ({', '.join(row.identifiers[:4])})" if row.identifiers else ""
        severity: Severity = "warning" if self._unit.entry else "note"
        yield from self._of_traces(row, severity, ids)
        yield from self._of_logs(row, severity, ids)
        if row.metrics.level == "none":
            fix = "a counter by outcome and a histogram of durations"
            yield self._finding("metrics", "no-metric", severity, "no metric counts or times it", fix)
        elif row.metrics.level == "automatic":
            message = "only automatic metrics: requests and durations, nothing of its outcome"
            yield self._finding("metrics", "no-metric", "note", message, "a counter by outcome")

    def _of_traces(self, row: FunctionCoverage, severity: Severity, ids: str) -> Iterator[Finding]:
        unit = self._unit
        start = f"with tracer.start_as_current_span({unit.simple!r}) as span: span.set_attribute(...){ids}"
        if row.traces.level == "none":
            yield self._finding("traces", "no-trace", severity, "no span sees it", start)
        elif row.traces.level == "automatic":
            message = "only the automatic span sees it, with nothing of what it decides or for whom"
            yield self._finding("traces", "automatic-only", "note", message, f"trace.get_current_span().set_attribute(...){ids}")
        elif lost := next((emission for emission in unit.emissions if _orphan(emission, unit)), None):
            message = f"it writes on {lost.receiver}, which nothing here starts"
            yield self._finding("traces", "no-trace", severity, message, f"with tracer.start_as_current_span(...) as {lost.receiver}")
        elif not (unit.entry or unit.phase or unit.spans) and unit.calls:
            message = "it writes on its caller's span and has none of its own: nothing tells how long it takes"
            yield self._finding("traces", "no-own-span", "note", message, start)
        elif not row.traces.fields:
            yield self._finding("traces", "no-attributes", severity, "its span carries no attribute", f"span.set_attribute(...){ids}")
        elif all(emission.kind == "span" for emission in unit.emissions if emission.signal == "traces") and unit.calls:
            message = "its span carries what it was given, and nothing of what came of it"
            yield self._finding("traces", "no-attributes", "note", message, "span.set_attribute(...) with the outcome")

    def _of_logs(self, row: FunctionCoverage, severity: Severity, ids: str) -> Iterator[Finding]:
        if row.logs.level != "none":
            return
        if self._unit.phase:
            fix = "log version, configuration and port, or what stops it and why"
            yield self._finding("logs", "unseen-lifecycle", "warning", f"nothing tells of this {self._unit.phase}", fix)
        elif self._unit.entry and row.traces.level == "none" and row.metrics.level != "none":
            message = "only aggregates see it: nothing leads from its metric to the single request"
            yield self._finding("logs", "only-aggregates", "warning", message, f"a log, or a span, with the ids of the request{ids}")
        else:
            yield self._finding("logs", "no-log", severity, "it writes no log", f"log what came of it, with fields{ids}")

    def _of_ids(self, row: FunctionCoverage) -> Iterator[Finding]:
        unit = self._unit
        entry = unit.entry is not None
        traces = [emission for emission in unit.emissions if emission.signal == "traces"]
        if row.traces.fields:
            for identifier, line in self._ids().items():
                if not any(carried(emission, identifier) for emission in traces):
                    severity: Severity = "warning" if entry and identifier in _KEY_IDS else "note"
                    message = f"{identifier} is at hand and on no span attribute"
                    yield self._finding("traces", "missing-id", severity, message, f"span.set_attribute({identifier!r}, ...)", line)
        logs = [emission for emission in unit.emissions if emission.signal == "logs"]
        if logs and unit.ids and not any(carried(emission, identifier) for emission in logs for identifier in unit.ids):
            severity = "warning" if entry and not self._automatic.log_context else "note"
            message = f"none of its logs carries an id that is at hand: {', '.join(sorted(unit.ids)[:4])}"
            yield self._finding("logs", "missing-id", severity, message, "give the ids as fields of the log", logs[0].line)

    def _ids(self) -> dict[str, int]:
        """The ids at hand, and those that only its logs name."""
        found = dict(self._unit.ids)
        for emission in self._unit.emissions:
            for identifier in sorted(emission.ids) if emission.kind == "log" else ():
                found.setdefault(identifier, emission.line)
        return found

    def _of_helper(self) -> Iterator[Finding]:
        """A thin helper for telemetry that writes nothing, or leaves out what it is given."""
        helper = self._unit.helper
        if helper is None or helper.signal is None or helper.decorates or (helper.writes and not helper.unused):
            return
        kinds: dict[Signal, FindingKind] = {"traces": "no-trace", "logs": "no-log", "metrics": "no-metric"}
        message = f"it leaves out its parameter {helper.unused}" if helper.writes else "it is called to write telemetry and writes nothing"
        yield self._finding(helper.signal, kinds[helper.signal], "warning", message, "write it, or take the helper out")

    # ------------------------------------------------------------ points

    def _of_points(self) -> Iterator[Finding]:
        for number, sent in enumerate(self._unit.sent):
            if self._call(number).level == "none":
                message = f"no span sees the call {sent.call} ({sent.kind}, {sent.library})"
                fix = f"instrument {sent.library}, or call it inside a span"
                yield self._finding("traces", "unseen-call", "warning", message, fix, sent.line)
        for handler in self._handlers:
            yield from self._all(of_handler(self._unit, handler, self._lacking()))
        for branch in self._branches:
            if finding := self._of_branch(branch):
                yield finding
        for remarks in (
            of_ways(self._unit, self._branches, self._handlers, "logs"),
            of_ways(self._unit, self._branches, self._handlers, "metrics"),
            of_arms(self._unit),
            of_yields(self._unit),
        ):
            yield from self._all(remarks)
        for line in self._unit.prints if self._serves and self._unit.name != MODULE else []:
            yield self._finding(
                "logs", "print-instead-of-log", "note", "print writes no level, no time and no fields", "log an event with fields", line
            )

    def _all(self, remarks: Iterator[Remark]) -> Iterator[Finding]:
        return (self._finding(*remark) for remark in remarks)

    def _of_branch(self, branch: Branch) -> Finding | None:
        entry = self._unit.entry is not None
        if self._unit.signals(branch.first, branch.last) or (branch.outcome == "raises" and not entry):
            return None
        traced = branch.first in self._under_span or self._comes_by_itself("traces")
        if branch.outcome == "raises" and traced:
            return None
        if branch.names and branch.names <= self._told:
            return None
        message = f"nothing tells that it {branch.outcome} where {branch.condition}"
        return self._finding(
            self._lacking(),
            "unseen-decision",
            "warning" if entry and self._unit.emissions else "note",  # where nothing is told the function itself is what to begin with
            message,
            "an attribute or a log with the outcome and its cause",
            branch.line,
        )

    # ------------------------------------------------------------ values

    def _of_values(self) -> Iterator[Finding]:
        for emission in self._unit.emissions:
            for name, value in emission.values:
                if what := sensitive(name, value):
                    message = f"{name or written(value, 40)} puts {what} into {emission.signal}"
                    yield self._finding(
                        emission.signal,
                        "personal-data",
                        "error",
                        message,
                        "leave it out, or write an opaque id, a length or a keyed hash",
                        emission.line,
                    )
                elif emission.signal == "metrics" and (why := unbounded(name, value)):
                    message = f"label {name} takes {why}: a time series for each value"
                    yield self._finding(
                        "metrics", "high-cardinality-label", "warning", message, f"put {name} on the span or the log", emission.line
                    )
            if emission.signal == "metrics" and not emission.fields and emission.level in {"add", "record", "observe"}:
                message = "the metric is an aggregate alone: no attribute to break it down by"
                yield self._finding(
                    "metrics", "metric-without-attributes", "note", message, "add the outcome, the route or the kind", emission.line
                )
            if emission.kind == "log" and emission.level in ERROR_METHODS and emission.bare and not self._automatic.log_context:
                unit = self._unit
                alone = unit.phase or unit.name == MODULE or (unit.entry and unit.entry[0] == "command")  # it serves nobody yet
                message = "the error is logged without saying for whom or what"
                yield self._finding(
                    "logs",
                    "error-without-context",
                    "note" if alone else "warning",
                    message,
                    "add user_id, request_id and the ids at hand as fields",
                    emission.line,
                )

    # ------------------------------------------------------------ score and small parts

    def _score(self, row: FunctionCoverage) -> None:
        if self._unit.entry:
            self._count(
                4, sum([row.traces.level != "none", bool(row.traces.fields), row.logs.level != "none", row.metrics.level != "none"])
            )
        elif self._unit.phase:
            self._count(1, row.logs.level != "none")
        elif not self._unit.sent:
            self._count(0.5, 0.5 * any(row.of(signal).level != "none" for signal in ("traces", "logs")))
        for number in range(len(self._unit.sent)):
            self._count(1, self._call(number).level != "none")
        for handler in self._handlers:
            self._count(1, not self._handler(handler).swallowed)
        for branch in self._branches:
            self._count(0.5, 0.5 * (self._of_branch(branch) is None))

    def _count(self, asked: float, covered: float) -> None:
        self._asked += asked
        self._covered += covered

    def _call(self, number: int) -> OutgoingCall:
        sent = self._unit.sent[number]
        level: Level = "automatic" if self._automatic.covers(sent.library) else "explicit" if sent.line in self._under_span else "none"
        return OutgoingCall(
            file=self._unit.file,
            line=sent.line,
            function=self._unit.name,
            kind=sent.kind,
            library=sent.library,
            call=sent.call,
            level=level,
        )

    def _handler(self, handler: Except) -> Handler:
        signals = self._unit.signals(handler.line, handler.end)
        return Handler(
            file=self._unit.file,
            line=handler.line,
            function=self._unit.name,
            exceptions=handler.exceptions,
            raises=handler.raises,
            signals=signals,
            swallowed=not (handler.raises or signals),
        )

    def _decision(self, branch: Branch) -> Decision:
        signals = self._unit.signals(branch.first, branch.last)
        return Decision(
            file=self._unit.file,
            line=branch.line,
            function=self._unit.name,
            outcome=branch.outcome,
            condition=branch.condition,
            signals=signals,
        )

    def _lacking(self) -> Signal:
        """The signal that a point should be seen by: of logs and traces the one that the function has none of."""
        used = {emission.signal for emission in self._unit.emissions}
        return "traces" if "logs" in used and "traces" not in used else "logs"

    def _finding(self, signal: Signal, kind: FindingKind, severity: Severity, message: str, fix: str, line: int = 0) -> Finding:
        unit = self._unit
        return Finding(
            file=unit.file,
            line=line or unit.line,
            function=unit.name,
            signal=signal,
            kind=kind,
            severity=severity,
            message=message,
            fix=fix,
        )


def _is_control(handler: Except) -> bool:
    return bool(handler.exceptions) and all(name.rpartition(".")[2] in _CONTROL for name in handler.exceptions)


def _orphan(emission: Emission, unit: Unit) -> bool:
    """Whether something is written on a span that nothing in the function brings about."""
    if not emission.receiver or emission.kind == "span" or emission.signal != "traces":
        return False
    return emission.receiver not in unit.bound and not unit.nested


def _names_in(value: object) -> Iterator[str]:
    if isinstance(value, ast.AST):
        for node in ast.walk(value):
            if isinstance(node, ast.Name):
                yield node.id
