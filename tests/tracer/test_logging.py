"""Structured logging: what is rewritten and how, and what is left with its reason."""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner

from council.cli.root import cli
from council.errors import UnavailableError

pytest.importorskip("libcst", reason="the extra `tracer` is not installed")

from council.tracer.structured.model import LoggingReport
from council.tracer.structured.run import rewrite_logging

TOP = "import logging\n\nlogger = logging.getLogger(__name__)\n\n\n"


@pytest.fixture(autouse=True)
def log(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNCIL_LOG", str(tmp_path_factory.mktemp("log") / "council.log"))


@pytest.fixture
def rewritten(tmp_path: Path) -> Callable[..., tuple[str, LoggingReport]]:
    def run(text: str, style: str = "stdlib", **others: str) -> tuple[str, LoggingReport]:
        for name, content in {"app": text, **others}.items():
            (tmp_path / f"{name}.py").write_text(dedent(content), newline="")
        report = rewrite_logging(tmp_path, style=style, write=True)
        return (tmp_path / "app.py").read_bytes().decode(), report

    return run


@pytest.mark.parametrize(
    ("call", "event", "fields"),
    [
        ('"User %s paid %d", user, n', "user_paid", {"user": "user", "n": "n"}),
        ('f"Paid {order.id} in {took!r:>5}s"', "paid_in_s", {"order_id": "order.id", "took": "took"}),
        ('"Got {} from {total} left".format(n, total=m)', "got_from_left", {"n": "n", "total": "m"}),
        ('"Got %s" % (n,)', "got", {"n": "n"}),
        ('"%(a)s left", {"a": n}', "left", {"a": "n"}),
        ('"Got " + str(n) + " items"', "got_items", {"n": "str(n)"}),
        ('"Cache is empty."', "cache_is_empty", {}),
        ('"Read %s", len(rows)', "read", {"rows_count": "len(rows)"}),
        ('"Seen %s", u.name', "seen", {"u_name": "u.name"}),
        ("'50%% of it is %s', disk", "50_of_it", {"disk": "disk"}),
        ('f"It couldn\'t\\nwork: {n}"', "it_couldnt_work", {"n": "n"}),
    ],
)
def test_a_message_becomes_an_event_with_fields(rewritten: Callable, call: str, event: str, fields: dict[str, str]) -> None:
    extra = ", ".join(f'"{name}": {value}' for name, value in fields.items())
    keywords = "".join(f", {name}={value}" for name, value in fields.items())
    text, _ = rewritten(TOP + f"logger.info({call})\n")
    assert text.splitlines()[-1] == (f'logger.info("{event}", extra={{{extra}}})' if fields else f'logger.info("{event}")')
    text, _ = rewritten(TOP + f"logger.info({call})\n", "structlog")
    assert text.splitlines()[-1] == f'logger.info("{event}"{keywords})'


def test_an_extra_that_is_there_is_added_to(rewritten: Callable) -> None:
    call = TOP + 'logger.log(10, "Seen %s", n, extra={"k": 1})\n'
    assert rewritten(call)[0].splitlines()[-1] == 'logger.log(10, "seen", extra={"k": 1, "n": n})'
    assert rewritten(call, "structlog")[0].splitlines()[-1] == 'logger.log(10, "seen", k=1, n=n)'


def test_fields_never_overwrite_what_a_record_has(rewritten: Callable) -> None:
    text, _ = rewritten(TOP + 'logger.info("Load %s of %s", name, self.module)\n')
    fields = ast.literal_eval(
        text.splitlines()[-1].partition("extra=")[2].rstrip(")").replace(": name", ": 1").replace(": self.module", ": 1")
    )
    assert not set(fields) & set(vars(__import__("logging").makeLogRecord({})))


def test_the_rewritten_call_logs_what_it_logged(rewritten: Callable, caplog: pytest.LogCaptureFixture) -> None:
    text, _ = rewritten(TOP + "def f(order_id, amount):\n    logger.warning('Order %s for %.2f refused', order_id, amount)\n")
    space: dict[str, object] = {"__name__": "rewritten_service"}
    exec(compile(text, "app.py", "exec"), space)  # noqa: S102 - what was rewritten here, to see what it logs
    space["f"]("o-1", 3)
    (record,) = caplog.records
    assert (record.levelname, record.getMessage(), record.order_id, record.amount) == ("WARNING", "order_for_refused", "o-1", 3)


HANDLER = "def pay(order_id):\n    try:\n        work()\n    except ValueError as e:\n        {}\n"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('logger.error("Failed: %s", e)', 'logger.error("failed", extra={"error": str(e), "order_id": order_id}, exc_info=True)'),
        ("logger.exception(e)", 'logger.exception("pay_failed", extra={"error": str(e), "order_id": order_id})'),
        ('logger.error("Refused", exc_info=e)', 'logger.error("refused", extra={"order_id": order_id}, exc_info=e)'),
        ('logger.info("Retried")', 'logger.info("retried")'),
    ],
)
def test_an_except_block_gets_the_error_s_context(rewritten: Callable, call: str, expected: str) -> None:
    text, _ = rewritten(TOP + HANDLER.format(call))
    (handler,) = ast.parse(text).body[-1].body[0].handlers
    assert ast.unparse(handler.body[0]) == ast.unparse(ast.parse(expected))


def test_an_error_that_is_raised_again_gets_no_second_traceback(rewritten: Callable) -> None:
    text, _ = rewritten(TOP + HANDLER.format('logger.error("Failed")\n        raise'))
    assert "exc_info" not in text


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("logger.info(message)", "its message is made elsewhere"),
        ("logger.info(TEMPLATE % n)", "its format is made elsewhere"),
        ('logger.info("%s of %s", n)', "do not match"),
        ('logger.info("%s", *values)', "unpacked"),
        ('logger.info("a %s",  # why\n    n)', "a comment stands inside"),
        ('logger.info("a %s", n, extra=context)', "extra is made elsewhere"),
        ('logger.info("a %s", (n := 1))', "more than give a value"),
        ('logger.info("for %s", user.email)', "personal data"),
        ('logger.info("with %s", password)', "a secret"),
        ('logger.info("%*d", 3, n)', "width"),
        ('logger.info("{0.name}".format(n))', "reaches into"),
    ],
)
def test_what_is_not_safe_is_left_and_reported(rewritten: Callable, call: str, reason: str) -> None:
    before = TOP + call + "\n"
    text, report = rewritten(before)
    assert text == before
    assert [reason in left.reason for left in report.left] == [True]
    assert report.left[0].line == 6


@pytest.mark.parametrize(
    ("call", "test"),
    [
        ("logger.info('Read %s from %s', a, b)", "def test_it(caplog):\n    assert caplog.text == 'Read one from two'\n"),
        ("logger.info('Slow by %s, see --interval', a)", "def test_it(caplog):\n    assert '--interval' in caplog.text\n"),
    ],
)
def test_a_message_that_the_tests_beside_the_package_match_is_left(tmp_path: Path, call: str, test: str) -> None:
    (tmp_path / "pyproject.toml").touch()
    for name, text in (("src/app/__init__.py", TOP + call + "\nlogger.info('Other %s', a)\n"), ("tests/test_app.py", test)):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    report = rewrite_logging(tmp_path / "src" / "app")
    assert ["the project's tests match its message" in left.reason for left in report.left] == [True]
    assert len(report.rewritten) == 1


def test_a_message_that_the_tests_match_is_left(rewritten: Callable) -> None:
    tests = "def test_it(caplog):\n    f()\n    assert 'Cache is cold' in caplog.text\n"
    text, report = rewritten(TOP + 'logger.info("Cache is cold: %s", n)\nlogger.info("Other %s", n)\n', "structlog", test_app=tests)
    assert 'logger.info("Cache is cold: %s", n)' in text
    assert 'logger.info("other", extra={"n": n})' in text, "what the tests listen to stays the stdlib's logger"
    assert "the project's tests match its message" in report.left[0].reason


@pytest.mark.parametrize(
    "text",
    [
        "import structlog\n\nlogger = structlog.get_logger()\nlogger.info('A b', c=1)\n",
        "from loguru import logger\n\nlogger.info('A {}', b)\n",
        "import math\n\nmath.log(1)\nx.log('A b')\n",
        TOP + 'logger.info("already_an_event", extra={"a": 1})\n',
    ],
)
def test_what_is_no_unstructured_stdlib_call_stays(rewritten: Callable, text: str) -> None:
    after, report = rewritten(text)
    assert after == text
    assert report.left == ()


def test_an_adapter_gives_its_own_extra(rewritten: Callable) -> None:
    _, report = rewritten(TOP + 'log = logging.LoggerAdapter(logger, {})\nlog.info("A %s", b)\n')
    assert [left.reason for left in report.left] == ["it goes through an adapter, which gives its own extra"]


def test_a_logger_with_other_uses_stays_the_stdlib_s(rewritten: Callable) -> None:
    text, _ = rewritten(TOP + 'logger.setLevel(10)\nlogger.info("A %s", b)\n', "structlog")
    assert "structlog" not in text
    assert 'logger.info("a", extra={"b": b})' in text


def test_a_logger_that_only_logs_becomes_structlog_s(rewritten: Callable) -> None:
    text, _ = rewritten(TOP + 'logger.info("A %s", b)\n', "structlog")
    assert text.startswith("import structlog\n\nlogger = structlog.stdlib.get_logger(__name__)\n")


SERVICE = """\
from flask import Flask, request

app = Flask(__name__)


@app.get("/orders/<order_id>")
def show(order_id):
    "Shows an order."
    print("Showing", order_id)
    return helper(order_id)


def helper(order_id):
    print(f"reading {order_id}", file=err)
    return order_id
"""
COMMAND = "import click\n\n\n@click.command()\ndef tell():\n    print('hello', 1)\n"


def test_a_print_of_a_service_becomes_a_log(rewritten: Callable) -> None:
    text, report = rewritten(SERVICE)
    assert 'logger.info("showing", extra={"order_id": order_id})' in text
    assert text.index("import logging") < text.index("logger = logging.getLogger(__name__)") < text.index("app = Flask")
    assert [left.reason for left in report.left] == ["it says where or how to print"]


def test_the_output_of_a_command_stays(rewritten: Callable) -> None:
    text, report = rewritten(COMMAND)
    assert text == COMMAND
    assert report.calls == 0


def test_ids_are_bound_once_at_the_entry_point(rewritten: Callable) -> None:
    text, report = rewritten(SERVICE, "structlog")
    lines = [line.strip() for line in text.splitlines()]
    at = lines.index("structlog.contextvars.clear_contextvars()")
    assert lines[at - 1] == '"Shows an order."'
    assert lines[at + 1] == 'structlog.contextvars.bind_contextvars(request_id=request.headers.get("X-Request-Id"), order_id=order_id)'
    assert text.count("bind_contextvars") == 1
    assert [place.function for place in report.bound] == ["show"]


FORMATTED = """\
# -*- coding: utf-8 -*-
\"\"\"Doc.\"\"\"
import   logging  # why

log=logging.getLogger( 'x' )   # named


class A :
    def f( self,a ) :  # odd
        log.debug( 'Read %s', a )  # after
        return {'a':a,
                'b' : 1}  # kept
"""


@pytest.mark.parametrize("style", ["stdlib", "structlog"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_formatting_comments_and_line_ends_stay(rewritten: Callable, style: str, newline: str) -> None:
    before = FORMATTED.replace("\n", newline)
    after, _ = rewritten(before, style)
    assert comments(after.encode()) == comments(before.encode())
    changed = [(a, b) for a, b in zip(before.split(newline), after.split(newline), strict=True) if a != b]
    assert {a for a, _ in changed} <= {
        "import   logging  # why",
        "log=logging.getLogger( 'x' )   # named",
        "        log.debug( 'Read %s', a )  # after",
    }


def test_by_default_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(TOP + 'logger.info("A %s", b)\n')
    done = CliRunner().invoke(cli, ["tracer", "logging", str(tmp_path)])
    assert done.exit_code == 0, done.stderr
    assert '-logger.info("A %s", b)\n+logger.info("a", extra={"b": b})\n' in done.stdout
    assert "1 logging calls: 1 to rewrite in 1 files" in done.stderr
    assert (tmp_path / "app.py").read_text().endswith('logger.info("A %s", b)\n')


def test_written_in_place_with_the_file_s_mode(tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text(TOP + 'logger.info("A %s", b)\n')
    path.chmod(0o751)
    done = CliRunner().invoke(cli, ["tracer", "logging", str(tmp_path), "--write"])
    assert done.exit_code == 0, done.stderr
    assert path.read_text().endswith('logger.info("a", extra={"b": b})\n')
    assert path.stat().st_mode & 0o777 == 0o751
    assert [p.name for p in tmp_path.iterdir()] == ["app.py"]


def test_a_missing_libcst_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app.py").write_text(TOP)
    monkeypatch.setitem(sys.modules, "libcst", None)
    with pytest.raises(UnavailableError, match=r"pip install 'rfc-council\[tracer\]'"):
        rewrite_logging(tmp_path)


def test_a_file_that_does_not_parse_is_reported_and_left(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(TOP + 'logger.info("A %s", b)\n')
    (tmp_path / "bad.py").write_text("import logging\nlogging.info('A %s' b)\n")
    report = rewrite_logging(tmp_path, write=True)
    assert ["does not parse" in skipped.reason for skipped in report.skipped] == [True]
    assert len(report.rewritten) == 1


def comments(data: bytes) -> Counter[str]:
    return Counter(t.string for t in tokenize.tokenize(io.BytesIO(data).readline) if t.type == tokenize.COMMENT)


GIVEN = """
import logging

class A:
    def __init__(self, {parameter}):
        self.log = {value}

    def f(self, a):
        self.log.info("A %s", a)
"""


@pytest.mark.parametrize(("parameter", "value"), [("log", "log"), ("config", "config.logger_class(1)")])
def test_a_logger_that_is_given_may_be_none_of_the_stdlib_s(tmp_path: Path, parameter: str, value: str) -> None:
    (tmp_path / "app.py").write_text(GIVEN.format(parameter=parameter, value=value))
    report = rewrite_logging(tmp_path)
    assert ["what kind of logger" in left.reason for left in report.left] == [True]


@pytest.mark.parametrize("parameter", ["log: logging.Logger", "log: 'logging.Logger | None' = None"])
def test_a_logger_that_is_given_and_says_so_is_the_stdlib_s(tmp_path: Path, parameter: str) -> None:
    (tmp_path / "app.py").write_text(GIVEN.format(parameter=parameter, value="log"))
    assert len(rewrite_logging(tmp_path).rewritten) == 1


def test_a_word_that_a_test_looks_for_in_something_else_pins_nothing(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(TOP + "logger.info('The user %s', a)\n")
    (tmp_path / "test_app.py").write_text("def test_it(caplog):\n    assert 'user' in answer.json()\n")
    assert len(rewrite_logging(tmp_path).rewritten) == 1
