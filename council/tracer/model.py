"""What the audit finds in a service: its points, what sees them, and the findings.

Everything is a frozen pydantic model. Files are relative to the audited root with forward slashes, lines are 1-based,
and a function is its qualified name ("Orders.create", "checkout.<locals>.charge"), or `MODULE` outside of any.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MODULE = "<module>"

Signal = Literal["traces", "logs", "metrics"]
SIGNALS: tuple[Signal, ...] = ("traces", "logs", "metrics")

Level = Literal["none", "automatic", "explicit"]
"""Nothing sees it; an instrumentation library does; the code itself does."""

EntryKind = Literal["http", "rpc", "task", "command", "consumer", "asyncio", "script"]
CallKind = Literal["http", "sql", "cache", "queue", "rpc", "cloud"]
Outcome = Literal["returns", "raises", "chooses"]
Phase = Literal["start-up", "shut-down"]
Severity = Literal["error", "warning", "note"]
"""The levels of SARIF 2.1.0 (§3.27.10), so that nothing is lost on the way there."""

FindingKind = Literal[
    "no-trace",
    "automatic-only",
    "no-own-span",
    "no-attributes",
    "no-log",
    "no-metric",
    "missing-id",
    "unseen-call",
    "unseen-decision",
    "unseen-outcome",
    "unseen-lifecycle",
    "swallowed-exception",
    "error-not-on-span",
    "error-without-traceback",
    "error-without-context",
    "only-aggregates",
    "metric-without-attributes",
    "high-cardinality-label",
    "personal-data",
    "instrumentation-missing",
    "logs-without-trace-id",
    "print-instead-of-log",
]


class Result(BaseModel):
    """Base of everything here: unknown keys are refused, values are never changed after."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(Result):
    """Where something stands."""

    file: str
    line: int = Field(ge=1)
    function: str

    @property
    def location(self) -> str:
        """`file:line function`, as the plan's probes give it."""
        return f"{self.file}:{self.line} {self.function}"


class EntryPoint(Place):
    """A function that the outside world calls."""

    kind: EntryKind
    framework: str = Field(description="flask, fastapi, django, grpc, celery, click, asyncio, kafka, ...")
    name: str = Field(description="a route, a task, a command; else the function's own name")


class OutgoingCall(Place):
    """A call that leaves the process."""

    kind: CallKind
    library: str = Field(description="the import name of the library: requests, sqlalchemy, redis, ...")
    call: str = Field(description="the callable as written: session.execute")
    level: Level = Field(description="what traces it")


class Handler(Place):
    """An `except` clause, and what becomes of the exception."""

    exceptions: tuple[str, ...] = Field(description="names as written; empty for a bare except")
    raises: bool = Field(description="it raises again, the same or another")
    signals: tuple[Signal, ...] = Field(description="what its body writes to")
    swallowed: bool = Field(description="neither raised again nor written anywhere")


class Decision(Place):
    """A branch that settles what comes of a request."""

    outcome: Outcome
    condition: str = Field(description="the condition as written, clipped")
    signals: tuple[Signal, ...] = Field(description="what the branch writes to")


class Lifecycle(Place):
    """Where the service starts or stops."""

    phase: Phase
    signals: tuple[Signal, ...] = ()


class SignalCoverage(Result):
    """What one signal sees of one function."""

    signal: Signal
    level: Level
    fields: tuple[str, ...] = Field(default=(), description="attribute, field or label names, sorted")
    lines: tuple[int, ...] = Field(default=(), description="where the code itself writes to it")
    in_text: tuple[str, ...] = Field(default=(), description="ids that only the text of a log shows, sorted")


class FunctionCoverage(Place):
    """One row of the matrix: a function that matters, and what each signal sees of it."""

    roles: tuple[str, ...] = Field(description="entry:http, call:sql, handler, decision, start-up, ...; empty: work in between")
    traces: SignalCoverage
    logs: SignalCoverage
    metrics: SignalCoverage
    identifiers: tuple[str, ...] = Field(default=(), description="ids at hand in the function: user_id, order_id")

    def of(self, signal: Signal) -> SignalCoverage:
        """The coverage of one signal."""
        return {"traces": self.traces, "logs": self.logs, "metrics": self.metrics}[signal]


class CoverageMatrix(Result):
    """Function by signal."""

    rows: tuple[FunctionCoverage, ...] = ()

    def row(self, file: str, function: str) -> FunctionCoverage | None:
        """The row of a function, or None where it does not matter for debugging."""
        return next((row for row in self.rows if (row.file, row.function) == (file, function)), None)


class Finding(Place):
    """One thing that would leave somebody blind, or tell too much, in production."""

    signal: Signal
    kind: FindingKind
    severity: Severity
    message: str
    fix: str = Field(description="what to write")


class Library(Result):
    """A library with an OpenTelemetry instrumentation that the service imports."""

    name: str = Field(description="its import name")
    instrumentation: str = Field(description="the distribution that instruments it, or empty where the table knows none")
    active: bool = Field(description="that instrumentation is set up")
    file: str
    line: int


class Skipped(Result):
    """A file that was not read, and why."""

    file: str
    line: int = 0
    reason: str


class AuditReport(Result):
    """What an audit says. `score` is 0 to 100."""

    root: str
    files: int
    lines: int
    score: float
    entry_points: tuple[EntryPoint, ...] = ()
    outgoing_calls: tuple[OutgoingCall, ...] = ()
    handlers: tuple[Handler, ...] = ()
    decisions: tuple[Decision, ...] = ()
    lifecycle: tuple[Lifecycle, ...] = ()
    libraries: tuple[Library, ...] = ()
    matrix: CoverageMatrix = CoverageMatrix()
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
