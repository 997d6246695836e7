"""The error-context standard of the tracer's specification: ten fields for the log, one reference for the person.

    {"error_id": "err-…", "message": …, "code": …, "user_id": …, "request_id": …, "trace_id": …,
     "operation": …, "input_summary": …, "stack_trace": …, "timestamp": …}

A person sees `user_message(context)`; the record with that id has the rest. Secrets, personal data and control
characters are taken out before anything is kept, so that no text of a proposal, a model or an exception can forge a
line of the log. Standard library only at import.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from council.redaction import clip, one_line

FIELDS = ("error_id", "message", "code", "user_id", "request_id", "trace_id", "operation", "input_summary", "stack_trace", "timestamp")

_LOGGER = logging.getLogger("council")
_MARK = "_council_error_context"
_MESSAGE_LIMIT = 500
_ID_LIMIT = 200
_FRAMES = 40  # of one traceback, the innermost
_CAUSES = 10
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "error_message"}


@dataclass(frozen=True, slots=True)
class ErrorContext:
    """What is needed to find out why one operation failed, in the order of the specification."""

    error_id: str
    message: str
    code: str
    user_id: str
    request_id: str
    trace_id: str
    operation: str
    input_summary: str
    stack_trace: str
    timestamp: str


def capture(
    exc: BaseException, *, operation: str, input_summary: str = "", user_id: str = "", request_id: str = "", code: str = ""
) -> ErrorContext:
    """The record of an exception, under a new error id.

    Args:
        exc: what was raised.
        operation: what was being done, in words that a search finds: "review", "seat tracer".
        input_summary: what it was done to: sizes, hashes, names; never the input itself.
        user_id: for whom it was done.
        request_id: within which request or review.
        code: a stable code; by default the exception's class in upper snake case.
    """
    return ErrorContext(
        error_id=f"err-{secrets.token_hex(8)}",
        message=clip(_words(exc), _MESSAGE_LIMIT) or type(exc).__name__,
        code=clip(code, _ID_LIMIT) or _code(exc),
        user_id=clip(user_id, _ID_LIMIT),
        request_id=clip(request_id, _ID_LIMIT),
        trace_id=_trace_id(),
        operation=clip(operation, _ID_LIMIT),
        input_summary=clip(input_summary, _MESSAGE_LIMIT),
        stack_trace=_stack_trace(exc),
        timestamp=_rfc3339(datetime.now(UTC)),
    )


def log_error(context: ErrorContext, logger: logging.Logger = _LOGGER) -> None:
    """Writes one record at level ERROR whose attributes are the ten fields.

    The text of the record is short, message and reference, so that a plain log too is found by the id. `logging`
    keeps the attribute `message` for itself, so the field of that name travels as `error_message`.

    Where OpenTelemetry is in use the ten fields are an OpenTelemetry log record too, once: where a handler of the logger
    brings its records there already, that is the one.
    """
    fields = asdict(context)
    fields["error_message"] = fields.pop("message")
    logger.error("%s: %s [%s]", context.operation, context.message, context.error_id, extra=fields)
    if "opentelemetry._logs" in sys.modules and not _bridged(logger):
        with suppress(Exception):  # the error is recorded already; that telemetry fails must not hide it
            _emit(context)


def user_message(context: ErrorContext) -> str:
    """All that a person sees."""
    return f"Something went wrong. Reference: {context.error_id}"


def context_of(exc: BaseException) -> ErrorContext | None:
    """The record under which `error_context` logged this exception, or None."""
    found = getattr(exc, _MARK, None)
    return found if isinstance(found, ErrorContext) else None


@contextmanager
def error_context(
    operation: str,
    *,
    input_summary: str = "",
    user_id: str = "",
    request_id: str = "",
    code: str = "",
    passing: tuple[type[BaseException], ...] = (),
    logger: logging.Logger = _LOGGER,
) -> Iterator[None]:
    """Logs what is raised inside and raises it again; once, however many of these are nested.

    `context_of` then gives the record. Interrupts and cancellations are no errors and pass unseen, and so does what
    `passing` names: errors that are words for a person already. The other arguments are those of `capture`.
    """
    try:
        yield
    except passing:
        raise
    except Exception as exc:
        if context_of(exc) is None:
            context = capture(exc, operation=operation, input_summary=input_summary, user_id=user_id, request_id=request_id, code=code)
            log_error(context, logger)
            with suppress(AttributeError):  # an exception with slots: an outer manager will log it again
                setattr(exc, _MARK, context)
        raise


class JsonFormatter(logging.Formatter):
    """One JSON object on one line for each record: the ten fields where it has them, and whatever else was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON, in ASCII."""
        given = vars(record)
        entry: dict[str, object] = {
            "timestamp": _rfc3339(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname,
            "logger": record.name,
            "message": one_line(record.getMessage()),
        }
        if "error_id" in given:
            entry |= {name: given.get(name, "") for name in FIELDS if name != "message"}
            entry["message"] = given.get("error_message", entry["message"])
        elif record.exc_info and record.exc_info[1]:
            entry["stack_trace"] = _stack_trace(record.exc_info[1])
        entry |= {name: value for name, value in given.items() if name not in _STANDARD and name not in entry}
        return json.dumps(entry, default=lambda value: clip(str(value), _MESSAGE_LIMIT))


def _bridged(logger: logging.Logger) -> bool:
    """Whether a handler that hears this logger passes its records on to OpenTelemetry."""
    at: logging.Logger | None = logger
    while at is not None:
        if any(base.__module__.startswith("opentelemetry.") for handler in at.handlers for base in type(handler).__mro__):
            return True
        at = at.parent if at.propagate else None
    return False


def _emit(context: ErrorContext) -> None:
    """One log record of OpenTelemetry, rather than an exception on a span, which its specification deprecates."""
    from opentelemetry._logs import LogRecord, SeverityNumber, get_logger

    record = LogRecord(
        timestamp=time.time_ns(),
        severity_text="ERROR",
        severity_number=SeverityNumber.ERROR,
        body=f"{context.operation}: {context.message} [{context.error_id}]",
        attributes=asdict(context),
    )
    get_logger("council").emit(record)


def _words(exc: BaseException) -> str:
    try:
        return str(exc)
    except Exception:  # noqa: BLE001 - a broken __str__ must not hide the error it belongs to
        return ""


def _code(exc: BaseException) -> str:
    """`ProposalError` → `PROPOSAL_ERROR`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(exc).__name__).upper()


def _stack_trace(exc: BaseException) -> str:
    """The exception and what caused it, latest first; every line is either a frame's or one cleaned message.

    The standard formatting would let an exception's text begin lines of its own.
    """
    parts: list[str] = []
    todo, seen = [exc], set[int]()
    while todo and len(parts) < _CAUSES:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        frames = "".join(traceback.format_tb(one.__traceback__, limit=-_FRAMES))
        parts.append(f"{type(one).__module__}.{type(one).__qualname__}: {clip(_words(one), _MESSAGE_LIMIT)}\n{frames}".rstrip())
        if isinstance(one, BaseExceptionGroup):
            todo.extend(reversed(one.exceptions))
        cause = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        if cause is not None:
            todo.append(cause)
    return "\nfrom ".join(parts)


def _trace_id() -> str:
    """The current OpenTelemetry trace, or empty; where nobody imported OpenTelemetry there is none."""
    if "opentelemetry.trace" not in sys.modules:
        return ""
    from opentelemetry import trace

    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else ""


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
