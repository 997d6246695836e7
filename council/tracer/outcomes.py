"""What comes of a function, and whether its signals tell it: exceptions, ways that end it, arms of a choice, a start and a stop."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator

from council.tracer.choices import Arm, Branch
from council.tracer.functions import Except, Ranges, Unit
from council.tracer.model import MODULE, FindingKind, Severity, Signal
from council.tracer.telemetry import ERROR_METHODS, Emission

Remark = tuple[Signal, FindingKind, Severity, str, str, int]
"""Of a finding what is not its function's place: signal, kind, severity, message, fix, line."""

_MILD = frozenset(
    "KeyError AttributeError IndexError LookupError NameError NotImplementedError FileNotFoundError FileExistsError"
    " ImportError ModuleNotFoundError ProcessLookupError NoSuchProcess BrokenPipeError ConnectionResetError StreamClosedError".split()
)
_ABSENT = re.compile(r"(?:DoesNotExist|NotFound(?:Error)?|NoResultFound|NoSuch\w+|HTTPException|NotFoundException)$")
_BROAD = frozenset({"Exception", "BaseException"})
_LOUD = ERROR_METHODS | {"warning", "warn"}
_MEASURES = frozenset(
    "record observe set time timing timed timer histogram distribution gauge set_to_current_time track_inprogress labels".split()
)
_TIMERS = frozenset("time timed timer track_inprogress".split())


def of_handler(unit: Unit, handler: Except, lacking: Signal) -> Iterator[Remark]:
    """What an `except` clause leaves untold. `lacking` is the signal that should see a swallowed exception."""
    written = [emission for emission in unit.between(handler.line, handler.end) if emission.kind != "bind"]
    what = f"except {', '.join(handler.exceptions)}".strip()
    if not handler.raises and not written:
        broad = not handler.exceptions or not _BROAD.isdisjoint(handler.exceptions)
        mild = _is_mild(handler) or unit.name == MODULE  # where it is imported, and nobody is served yet
        mild = mild or (handler.converts and not broad) or bool(handler.handed_to)
        severity: Severity = "note" if mild else "error" if broad and handler.trivial else "warning"
        became = "only the caller hears of the exception" if handler.uses_exception else "the exception goes nowhere"
        message = f"{what}: {f'only {handler.handed_to} hears of the exception' if handler.handed_to else became}"
        yield lacking, "swallowed-exception", severity, message, "log it with exc_info and the ids at hand, or raise it again", handler.line
        return
    if handler.raises:
        return
    if remark := _on_span(unit, handler, written, what):
        yield remark
    for log in written:
        if log.level in ERROR_METHODS and not log.traceback and log.kind == "log":
            message = f"{what}: the error is logged without its traceback"
            yield (
                "logs",
                "error-without-traceback",
                "note" if _is_mild(handler) else "warning",
                message,
                "logger.exception(...), or exc_info=True",
                log.line,
            )


def _is_mild(handler: Except) -> bool:
    """Whether it catches only what says that something is not there, or is an answer itself."""
    return bool(handler.exceptions) and all(name.rpartition(".")[2] in _MILD or _ABSENT.search(name) for name in handler.exceptions)


def _on_span(unit: Unit, handler: Except, written: list[Emission], what: str) -> Remark | None:
    kinds = {emission.kind for emission in written}
    if not kinds & {"status", "attribute", "event"}:
        if handler.line not in unit.under_span() and not any(emission.signal == "traces" for emission in unit.emissions):
            return None
        message = f"{what}: the span ends as if nothing had failed"
        fix = "span.set_status(StatusCode.ERROR); span.set_attribute('error.type', ...)"
        return "traces", "error-not-on-span", "note", message, fix, handler.line
    logs = [emission for emission in written if emission.kind == "log"]
    if logs and "status" in kinds and "exception" not in kinds and not any(log.traceback for log in logs):
        message = f"{what}: the span fails and nothing keeps the exception"
        return "traces", "error-not-on-span", "note", message, "span.record_exception(...), or a log with exc_info", handler.line
    return None


def of_ways(unit: Unit, branches: list[Branch], handlers: list[Except], signal: Signal) -> Iterator[Remark]:
    """The ways through a function that logs or counters do not tell, where they tell others."""
    written = [one for one in unit.emissions if one.signal == signal and one.kind != "bind"]
    telling = [one.line for one in written if one.level not in _MEASURES]  # how long or how much is not how it went
    regions = [(b.first, b.last) for b in branches] + [(h.line, h.end) for h in handlers]
    always, inside = Ranges(unit.always), Ranges(regions)
    lines = [emission.line for emission in written if emission.level not in _TIMERS and emission.line not in always]
    if not telling or not regions or any(line in always for line in telling):
        return
    verb = "counted" if signal == "metrics" else "logged"
    counted = [line for line in telling if line not in inside] if signal == "metrics" else []
    for first, last in regions:
        before = bool(counted) and counted[0] < first
        if not before and bisect_left(lines, first) == bisect_right(lines, last):
            yield signal, "unseen-outcome", "note", f"other outcomes are {verb}, this one is not", f"have it {verb} too", first
    if unit.end and all(line in inside for line in lines) and unit.end not in inside:
        yield (
            signal,
            "unseen-outcome",
            "note",
            f"its exceptions to the rule are {verb}, its success is not",
            f"have it {verb} too",
            unit.end,
        )


def of_arms(unit: Unit) -> Iterator[Remark]:
    """Arms of a choice of which some tell a thing and another does not: a hit and never a miss."""
    choices: dict[int, list[Arm]] = defaultdict(list)
    for arm in unit.arms:
        choices[arm.turns].append(arm)
    for arms in choices.values():
        inside = [unit.between(arm.first, arm.last) for arm in arms]
        for arm, silent in zip(arms, inside, strict=True):
            others = [emission for one in inside if one is not silent for emission in one]
            yield from _of_arm(unit, arm, silent, others)


def _of_arm(unit: Unit, arm: Arm, own: list[Emission], others: list[Emission]) -> Iterator[Remark]:
    told = {name for one in unit.emissions if one.signal == "traces" and one not in others for name in one.fields}
    for name in sorted({name for one in others if one.kind == "attribute" for name in one.fields} - told):
        message = f"{name} is set where it goes another way, and not here"
        yield "traces", "unseen-outcome", "note", message, f"set {name} here too, or once after the choice", arm.first
    if arm.ends:
        return  # it is among the ways that end the function
    logs = [one for one in others if one.kind == "log"]
    if logs and not any(one.level in _LOUD for one in logs) and not any(one.signal == "logs" for one in own):
        yield "logs", "unseen-outcome", "note", "another way of this choice is logged, this one is not", "have it logged too", arm.first
    counted = any(one.signal == "metrics" and one.level not in _MEASURES for one in others)
    if counted and not any(one.signal == "metrics" for one in own):
        message = "another way of this choice is counted, this one is not"
        yield "metrics", "unseen-outcome", "note", message, "have it counted too", arm.first


def of_yields(unit: Unit) -> Iterator[Remark]:
    """A function that starts a service, yields, and stops it: both halves should tell."""
    logs = [emission.line for emission in unit.emissions if emission.kind == "log"]
    if unit.phase is None or not unit.yields or not logs:
        return
    first, final = min(unit.yields), max(unit.yields)
    halves = (("start-up", final, any(line < first for line in logs)), ("shut-down", final, any(line > final for line in logs)))
    for phase, line, told in halves:
        if not told:
            fix = "log version, configuration and port, or what stops it and why"
            yield "logs", "unseen-lifecycle", "warning", f"nothing tells of this {phase}", fix, line
