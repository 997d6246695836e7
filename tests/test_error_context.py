"""The ten fields of an error, and that nothing in them can forge a line of the log."""

from __future__ import annotations

import io
import json
import logging
import re
import subprocess
import sys
from dataclasses import asdict, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor

from council.error_context import FIELDS, ErrorContext, JsonFormatter, capture, context_of, error_context, log_error, user_message
from council.errors import ProposalError


def raised(exc: BaseException) -> BaseException:
    """The same exception with a traceback."""
    with pytest.raises(type(exc)) as caught:
        raise exc
    return caught.value


def written(context: ErrorContext, formatter: logging.Formatter | None = None) -> str:
    """What a handler writes of a context."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter or JsonFormatter())
    logger = logging.Logger("test")  # noqa: LOG001 - one that no other test shares
    logger.addHandler(handler)
    log_error(context, logger)
    return stream.getvalue()


def test_the_fields_are_those_of_the_specification_in_its_order() -> None:
    names = "error_id, message, code, user_id, request_id, trace_id, operation, input_summary, stack_trace, timestamp"
    assert ", ".join(FIELDS) == names
    assert tuple(f.name for f in fields(ErrorContext)) == FIELDS


def test_capture_fills_them() -> None:
    exc = raised(ProposalError("no prose", where="rfc.md", hint="write some"))
    context = capture(exc, operation="review", input_summary="cart_id=123", user_id="user-456", request_id="rev-789")
    assert re.fullmatch(r"err-[0-9a-f]{16}", context.error_id)
    assert context.message == "rfc.md: no prose (write some)"
    assert context.code == "PROPOSAL_ERROR"
    assert (context.user_id, context.request_id, context.operation, context.input_summary) == (
        "user-456",
        "rev-789",
        "review",
        "cart_id=123",
    )
    assert "in raised" in context.stack_trace
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", context.timestamp)


def test_each_capture_has_its_own_id() -> None:
    exc = ValueError("x")
    assert capture(exc, operation="a").error_id != capture(exc, operation="a").error_id


def test_a_person_sees_the_reference_and_nothing_else() -> None:
    context = capture(ValueError("the secret plan"), operation="review")
    assert user_message(context) == f"Something went wrong. Reference: {context.error_id}"


def test_secrets_and_personal_data_reach_no_field() -> None:
    text = "mail ada@example.com with token=abcdef123 and sk-proj-1234567890abcdef"
    context = capture(raised(ValueError(text)), operation=text, input_summary=text)
    for value in asdict(context).values():
        assert not re.search(r"ada@example|abcdef123|1234567890abcdef", value.split("\n  File", maxsplit=1)[0])


def test_the_trace_id_is_that_of_the_current_span() -> None:
    span = trace.NonRecordingSpan(trace.SpanContext(trace_id=0xABC, span_id=0x1, is_remote=False))
    with trace.use_span(span):
        assert capture(ValueError(), operation="x").trace_id == f"{0xABC:032x}"
    assert capture(ValueError(), operation="x").trace_id == ""


def test_causes_and_members_of_a_group_are_in_the_stack_trace() -> None:
    group = ExceptionGroup("several", [ValueError("second"), OSError("third")])
    group.__cause__ = KeyError("first")
    stack = capture(group, operation="x").stack_trace
    assert all(word in stack for word in ("several", "first", "second", "third"))


def test_an_exception_that_causes_itself_ends() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert capture(first, operation="x").stack_trace.count("ValueError") == 2


def test_a_broken_str_does_not_hide_the_error() -> None:
    class BrokenError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert capture(BrokenError(), operation="x").message == "BrokenError"


def test_a_deep_recursion_gives_a_short_stack() -> None:
    def down() -> None:
        down()

    with pytest.raises(RecursionError) as caught:
        down()
    assert len(capture(caught.value, operation="x").stack_trace.splitlines()) < 150


def test_the_log_record_has_the_ten_fields(caplog: pytest.LogCaptureFixture) -> None:
    context = capture(raised(ValueError("declined")), operation="checkout", user_id="user-456")
    with caplog.at_level(logging.ERROR, logger="council"):
        log_error(context)
    (record,) = caplog.records
    assert {name: getattr(record, "error_message" if name == "message" else name) for name in FIELDS} == asdict(context)
    assert record.getMessage() == f"checkout: declined [{context.error_id}]"


def test_json_holds_the_ten_fields_and_their_values() -> None:
    context = capture(raised(ValueError("declined")), operation="checkout")
    entry = json.loads(written(context))
    assert {name: entry[name] for name in FIELDS} == asdict(context)
    assert entry["level"] == "ERROR"


@given(st.text(min_size=1))
def test_no_text_can_forge_a_line_of_the_log(text: str) -> None:
    context = capture(raised(ValueError(text)), operation=text, input_summary=text, user_id=text, request_id=text, code=text)
    plain = written(context, logging.Formatter("%(levelname)s %(message)s %(input_summary)s %(user_id)s %(request_id)s %(code)s"))
    as_json = written(context)
    for line in (plain, as_json):
        assert line.endswith("\n")
        assert line[:-1].isprintable()
    assert all(line.startswith(("builtins.ValueError:", "  ")) for line in context.stack_trace.splitlines())


def test_json_of_an_ordinary_record_has_its_extras_and_its_exception() -> None:
    record = logging.makeLogRecord(
        {"msg": "hello\n%s", "args": ("you",), "review_id": "rev-1", "path": object(), "exc_info": (ValueError, ValueError("x"), None)}
    )
    entry = json.loads(JsonFormatter().format(record))
    assert entry["message"] == "hello you"
    assert entry["review_id"] == "rev-1"
    assert entry["stack_trace"] == "builtins.ValueError: x"


def test_nested_managers_log_once_and_raise_the_same(caplog: pytest.LogCaptureFixture) -> None:
    exc = ValueError("boom")
    with pytest.raises(ValueError, match="boom") as caught, error_context("outer"), error_context("inner", request_id="rev-1"):
        raise exc
    assert caught.value is exc
    (record,) = caplog.records
    context = context_of(exc)
    assert context is not None
    assert (context.operation, context.request_id, context.error_id) == ("inner", "rev-1", vars(record)["error_id"])


@pytest.mark.parametrize("exc", [KeyboardInterrupt(), SystemExit(1), GeneratorExit()])
def test_an_interrupt_is_no_error(exc: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(type(exc)), error_context("x"):
        raise exc
    assert not caplog.records
    assert context_of(exc) is None


def test_errors_that_are_words_for_a_person_can_pass(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ProposalError), error_context("x", passing=(ProposalError,)):
        raise ProposalError("is empty")
    assert not caplog.records


@pytest.fixture
def otel_logs(monkeypatch: pytest.MonkeyPatch) -> tuple[LoggerProvider, InMemoryLogRecordExporter]:
    """OpenTelemetry set up for this test alone."""
    exporter = InMemoryLogRecordExporter()
    provider = LoggerProvider()
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    monkeypatch.setattr("opentelemetry._logs.get_logger", provider.get_logger)
    return provider, exporter


def test_an_error_is_one_log_record_of_opentelemetry_with_the_ten_fields(
    otel_logs: tuple[LoggerProvider, InMemoryLogRecordExporter],
) -> None:
    with pytest.raises(ValueError, match="declined") as caught, error_context("pay"), error_context("charge"):
        raise ValueError("declined")
    (data,) = otel_logs[1].get_finished_logs()
    context = context_of(caught.value)
    assert context is not None
    assert data.log_record.attributes == asdict(context)
    assert data.log_record.severity_text == "ERROR"
    assert context.error_id in str(data.log_record.body)


def test_a_logger_that_opentelemetry_hears_already_is_not_recorded_twice(
    otel_logs: tuple[LoggerProvider, InMemoryLogRecordExporter],
) -> None:
    class Bridge(logging.Handler):
        """Stands for OpenTelemetry's own, which several of its packages bring."""

        __module__ = "opentelemetry.instrumentation.logging.handler"

        def emit(self, record: logging.LogRecord) -> None:
            otel_logs[0].get_logger("bridge").emit(body=record.getMessage())

    parent, child = logging.Logger("parent"), logging.Logger("child")  # noqa: LOG001 - ones that no other test shares
    child.parent = parent
    parent.addHandler(Bridge())
    log_error(capture(raised(ValueError("declined")), operation="pay"), child)
    assert len(otel_logs[1].get_finished_logs()) == 1


def test_telemetry_that_fails_does_not_hide_the_error(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_name: str) -> None:
        raise RuntimeError("no exporter")

    monkeypatch.setattr("opentelemetry._logs.get_logger", broken)
    with pytest.raises(ValueError, match="declined"), error_context("pay"):
        raise ValueError("declined")
    assert len(caplog.records) == 1


def test_the_import_needs_the_standard_library_only() -> None:
    code = "import sys; before = set(sys.modules); import council.error_context; print(*set(sys.modules) - before)"
    new = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert {name.split(".")[0] for name in new} - sys.stdlib_module_names == {"council"}
