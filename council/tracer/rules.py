"""From the facts of a function to findings: what somebody who debugs it in production would miss, or must not see."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from council.tracer.automatic import Automatic
from council.tracer.functions import Branch, Except, Ranges, Unit
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
from council.tracer.sensitive import sensitive, unbounded
from council.tracer.telemetry import ERROR_METHODS, Emission, carried

# Exceptions that are part of how Python or a queue works, and none of an operation's failures.
_CONTROL = frozenset(
    "ImportError ModuleNotFoundError StopIteration StopAsyncIteration KeyboardInterrupt SystemExit GeneratorExit CancelledError"
    " Empty BlockingIOError".split()
)
_MILD = frozenset("KeyError AttributeError IndexError LookupError NameError NotImplementedError FileNotFoundError FileExistsError".split())
_BROAD = frozenset({"Exception", "BaseException"})
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
        findings = [*self._of_points(), *self._of_values()]
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
        works = self._reached and (unit.statements > 1 or unit.calls) and unit.name != MODULE
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
        if signal == "traces" and not self._unit.spans and all(_orphan(emission, self._unit) for emission in written):
            written = []
        level: Level = "explicit" if written else "automatic" if self._comes_by_itself(signal) else "none"
        return SignalCoverage(signal=signal, level=level, fields=fields, lines=lines)

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
        entry = self._unit.entry is not None
        severity: Severity = "warning" if entry else "note"
        ids = f" ({', '.join(row.identifiers[:4])})" if row.identifiers else ""
        if row.traces.level == "none":
            fix = f"with tracer.start_as_current_span({self._unit.simple!r}) as span: span.set_attribute(...){ids}"
            yield self._finding("traces", "no-trace", severity, "no span sees it", fix)
        elif row.traces.level == "automatic":
            message = "only the automatic span sees it, with nothing of what it decides or for whom"
            yield self._finding("traces", "automatic-only", "note", message, f"trace.get_current_span().set_attribute(...){ids}")
        elif not row.traces.fields:
            yield self._finding("traces", "no-attributes", severity, "its span carries no attribute", f"span.set_attribute(...){ids}")
        if row.logs.level == "none":
            if self._unit.phase:
                message = f"nothing tells of this {self._unit.phase}"
                yield self._finding(
                    "logs", "unseen-lifecycle", "warning", message, "log version, configuration and port, or what stops it and why"
                )
            else:
                yield self._finding("logs", "no-log", severity, "it writes no log", f"log what came of it, with fields{ids}")
        if row.metrics.level == "none":
            yield self._finding(
                "metrics", "no-metric", severity, "no metric counts or times it", "a counter by outcome and a histogram of durations"
            )
        elif entry and row.traces.level == "none" and row.logs.level == "none":
            message = "only aggregates see it: nothing leads from its metric to the single request"
            yield self._finding("metrics", "only-aggregates", "warning", message, "a span or a log with the ids of the request")
        elif row.metrics.level == "automatic":
            message = "only automatic metrics: requests and durations, nothing of its outcome"
            yield self._finding("metrics", "no-metric", "note", message, "a counter by outcome")

    def _of_ids(self, row: FunctionCoverage) -> Iterator[Finding]:
        unit = self._unit
        entry = unit.entry is not None
        traces = [emission for emission in unit.emissions if emission.signal == "traces"]
        if row.traces.fields:
            for identifier, line in unit.ids.items():
                if not any(carried(emission, identifier) for emission in traces):
                    severity: Severity = "warning" if entry and identifier in _KEY_IDS else "note"
                    message = f"{identifier} is at hand and on no span attribute"
                    yield self._finding("traces", "missing-id", severity, message, f"span.set_attribute({identifier!r}, ...)", line)
        logs = [emission for emission in unit.emissions if emission.signal == "logs"]
        if logs and unit.ids and not any(carried(emission, identifier) for emission in logs for identifier in unit.ids):
            severity = "warning" if entry and not self._automatic.log_context else "note"
            message = f"none of its logs carries an id that is at hand: {', '.join(sorted(unit.ids)[:4])}"
            yield self._finding("logs", "missing-id", severity, message, "give the ids as fields of the log", logs[0].line)

    # ------------------------------------------------------------ points

    def _of_points(self) -> Iterator[Finding]:
        for number, sent in enumerate(self._unit.sent):
            if self._call(number).level == "none":
                message = f"no span sees the call {sent.call} ({sent.kind}, {sent.library})"
                fix = f"instrument {sent.library}, or call it inside a span"
                yield self._finding("traces", "unseen-call", "warning", message, fix, sent.line)
        for handler in self._handlers:
            yield from self._of_handler(handler)
        for branch in self._branches:
            if finding := self._of_branch(branch):
                yield finding
        for signal in ("logs", "metrics"):
            yield from self._of_outcomes("logs" if signal == "logs" else "metrics")
        for line in self._unit.prints if self._serves and self._unit.name != MODULE else []:
            yield self._finding(
                "logs", "print-instead-of-log", "note", "print writes no level, no time and no fields", "log an event with fields", line
            )

    def _of_handler(self, handler: Except) -> Iterator[Finding]:
        written = self._unit.between(handler.line, handler.end)
        what = f"except {', '.join(handler.exceptions)}".strip()
        if not handler.raises and not written:
            broad = not handler.exceptions or not _BROAD.isdisjoint(handler.exceptions)
            mild = all(name.rpartition(".")[2] in _MILD or name.endswith("DoesNotExist") for name in handler.exceptions) and not broad
            severity: Severity = "note" if mild else "error" if broad and handler.trivial else "warning"
            message = (
                f"{what}: the exception goes nowhere" if not handler.uses_exception else f"{what}: only the caller hears of the exception"
            )
            fix = "log it with exc_info and the ids at hand, or raise it again"
            yield self._finding(self._lacking(), "swallowed-exception", severity, message, fix, handler.line)
            return
        under_span = handler.line in self._under_span or any(emission.signal == "traces" for emission in self._unit.emissions)
        told = any(emission.kind in {"status", "attribute", "event"} for emission in written)
        if not handler.raises and under_span and not told:
            message = f"{what}: the span ends as if nothing had failed"
            yield self._finding(
                "traces",
                "error-not-on-span",
                "note",
                message,
                "span.set_status(StatusCode.ERROR); span.set_attribute('error.type', ...)",
                handler.line,
            )
        for log in written:
            if log.level in ERROR_METHODS and not log.traceback and not handler.raises and log.kind == "log":
                message = f"{what}: the error is logged without its traceback"
                yield self._finding(
                    "logs", "error-without-traceback", "warning", message, "logger.exception(...), or exc_info=True", log.line
                )

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
            "warning" if entry else "note",
            message,
            "an attribute or a log with the outcome and its cause",
            branch.line,
        )

    def _of_outcomes(self, signal: Signal) -> Iterator[Finding]:
        """The ways through a function that a signal does not tell, where it tells others."""
        unit = self._unit
        written = [emission for emission in unit.emissions if emission.signal == signal and emission.kind != "bind"]
        regions = [(b.first, b.last) for b in self._branches] + [(h.line, h.end) for h in self._handlers]
        always, inside = Ranges(unit.always), Ranges(regions)
        lines = [emission.line for emission in written]
        if not written or not regions or any(line in always for line in lines):
            return
        outside = [line for line in lines if line not in inside]
        verb = "counted" if signal == "metrics" else "logged"
        for first, last in regions:
            before = signal == "metrics" and bool(outside) and outside[0] < first
            if not before and bisect_left(lines, first) == bisect_right(lines, last):
                yield self._finding(
                    signal, "unseen-outcome", "note", f"other outcomes are {verb}, this one is not", f"have it {verb} too", first
                )
        if unit.end and not outside and unit.end not in inside:
            message = f"its exceptions to the rule are {verb}, its success is not"
            yield self._finding(signal, "unseen-outcome", "note", message, f"have it {verb} too", unit.end)

    # ------------------------------------------------------------ values

    def _of_values(self) -> Iterator[Finding]:
        for emission in self._unit.emissions:
            for name, value in emission.values:
                if what := sensitive(name, value):
                    message = f"{name} puts {what} into {emission.signal}"
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
                message = "the error is logged without saying for whom or what"
                yield self._finding(
                    "logs",
                    "error-without-context",
                    "warning",
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
    return bool(emission.receiver) and emission.kind != "span" and emission.receiver not in unit.bound and "span" in emission.receiver


def _names_in(value: object) -> Iterator[str]:
    if isinstance(value, ast.AST):
        for node in ast.walk(value):
            if isinstance(node, ast.Name):
                yield node.id
