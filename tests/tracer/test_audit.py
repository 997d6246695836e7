"""What the audit finds in small services, one thing each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from council.tracer.audit import audit
from council.tracer.model import AuditReport

Audit = Callable[..., AuditReport]


@pytest.fixture
def audited(tmp_path: Path) -> Audit:
    def run(text: str, **others: str) -> AuditReport:
        (tmp_path / "app.py").write_text(dedent(text))
        for name, content in others.items():
            (tmp_path / name.replace("__", ".")).write_text(dedent(content))
        return audit(tmp_path)

    return run


def kinds(report: AuditReport, function: str | None = None) -> set[str]:
    return {finding.kind for finding in report.findings if function is None or finding.function == function}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from flask import Flask\napp = Flask('x')\n@app.route('/a')\ndef f(): ...", ("http", "flask", "/a")),
        ("from fastapi import APIRouter\nr = APIRouter()\n@r.post('/a')\nasync def f(): ...", ("http", "fastapi", "POST /a")),
        ("from django.urls import path\ndef f(request): ...\nurlpatterns = [path('a/', f)]", ("http", "django", "a/")),
        ("from django.views import View\nclass V(View):\n def get(self, request): ...", ("http", "django", "V.get")),
        ("import x_pb2_grpc\nclass S(x_pb2_grpc.ShopServicer):\n def Buy(self, request, context): ...", ("rpc", "grpc", "S.Buy")),
        ("from celery import shared_task\n@shared_task\ndef f(): ...", ("task", "celery", "f")),
        ("import click\n@click.command()\ndef f(): ...", ("command", "click", "f")),
        ("import typer\napp = typer.Typer()\n@app.command()\ndef f(): ...", ("command", "typer", "f")),
        ("import asyncio\nasync def f(): ...\nasyncio.run(f())", ("asyncio", "asyncio", "f")),
        ("from kafka import KafkaConsumer\ndef f():\n c = KafkaConsumer('t')\n for m in c: print(m)", ("consumer", "kafka", "f")),
        ("import pika\ndef f(ch, method, props, body): ...\ndef g(ch): ch.basic_consume('q', f)", ("consumer", "pika", "f")),
        (
            "from aiohttp import web\nasync def f(request): ...\napp = web.Application()\napp.router.add_get('/a', f)",
            ("http", "aiohttp", "/a"),
        ),
    ],
)
def test_entry_points_are_found(audited: Audit, code: str, expected: tuple[str, str, str]) -> None:
    assert expected in [(e.kind, e.framework, e.name) for e in audited(code).entry_points]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import requests\ndef f(): requests.get('u')", ("http", "requests")),
        ("import requests as rq\ns = rq.Session()\ndef f(): s.post('u')", ("http", "requests")),
        ("import httpx\nasync def f():\n async with httpx.AsyncClient() as c: await c.get('u')", ("http", "httpx")),
        ("import aiohttp\nasync def f(session: aiohttp.ClientSession): await session.get('u')", ("http", "aiohttp")),
        ("from urllib.request import urlopen\ndef f(): urlopen('u')", ("http", "urllib")),
        ("import sqlite3\ndb = sqlite3.connect('x')\ndef f():\n cur = db.cursor()\n cur.execute('q')", ("sql", "sqlite3")),
        ("from sqlalchemy.orm import Session\ndef f(db: Session): db.execute('q')", ("sql", "sqlalchemy")),
        ("from django.db import models\nfrom app.models import Order\ndef f(): Order.objects.get(pk=1)", ("sql", "django")),
        ("import redis\nr = redis.Redis()\ndef f(): r.setex('k', 1, 'v')", ("cache", "redis")),
        ("import boto3\ns3 = boto3.client('s3')\ndef f(): s3.put_object()", ("cloud", "boto3")),
        ("from kafka import KafkaProducer\np = KafkaProducer()\ndef f(): p.send('t', b'')", ("queue", "kafka")),
        ("import x_pb2_grpc\nstub = x_pb2_grpc.ShopStub(c)\ndef f(): stub.Buy(1)", ("rpc", "grpc")),
        ("from jobs import mail\ndef f(): mail.delay(1)", ("queue", "celery")),
    ],
)
def test_outgoing_calls_are_found(audited: Audit, code: str, expected: tuple[str, str]) -> None:
    assert (*expected, "f") in [(c.kind, c.library, c.function) for c in audited(code).outgoing_calls]


def test_what_comes_of_a_call_is_no_client(audited: Audit) -> None:
    report = audited("import requests\ndef f():\n data = requests.get('u').json()\n return data.get('k')")
    assert [call.call for call in report.outgoing_calls] == ["requests.get"]


FLASK = """
    from flask import Flask
    from opentelemetry.instrumentation.flask import FlaskInstrumentor
    app = Flask(__name__)
    {setup}

    @app.get("/orders/<order_id>")
    def show(order_id):
        return read(order_id)
"""


def test_an_instrumentation_that_is_set_up_covers_what_it_covers(audited: Audit) -> None:
    report = audited(FLASK.format(setup="FlaskInstrumentor().instrument_app(app)"))
    row = report.matrix.row("app.py", "show")
    assert (row.traces.level, row.logs.level, row.metrics.level) == ("automatic", "none", "automatic")
    assert "instrumentation-missing" not in kinds(report)
    assert "no-trace" not in kinds(report)


def test_an_instrumentation_that_is_only_imported_covers_nothing(audited: Audit) -> None:
    report = audited(FLASK.format(setup=""))
    assert report.matrix.row("app.py", "show").traces.level == "none"
    assert {("flask", False)} == {(library.name, library.active) for library in report.libraries}
    assert "instrumentation-missing" in kinds(report)


@pytest.mark.parametrize(
    ("launch", "requirements", "level"),
    [
        ("CMD opentelemetry-instrument python app.py", "opentelemetry-instrumentation-flask", "automatic"),
        ("CMD opentelemetry-instrument python app.py", "flask", "none"),
        ("RUN opentelemetry-bootstrap -a install\nCMD opentelemetry-instrument python app.py", "flask", "automatic"),
        ("CMD python app.py", "opentelemetry-instrumentation-flask", "none"),
    ],
)
def test_instrumentation_at_launch_counts_where_it_is_installed(audited: Audit, launch: str, requirements: str, level: str) -> None:
    report = audited(FLASK.format(setup=""), Dockerfile=launch, requirements__txt=requirements)
    assert report.matrix.row("app.py", "show").traces.level == level


HANDLER = """
    import logging
    logger = logging.getLogger(__name__)

    def f(order_id):
        try:
            work(order_id)
        except {exception}:
            {body}
"""


@pytest.mark.parametrize(
    ("exception", "body", "kind", "severity"),
    [
        ("Exception", "pass", "swallowed-exception", "error"),
        ("ValueError", "return None", "swallowed-exception", "warning"),
        ("KeyError", "pass", "swallowed-exception", "note"),
        ("Exception as e", "return str(e)", "swallowed-exception", "warning"),
        ("Exception", "logger.error('failed')", "error-without-traceback", "warning"),
        ("Exception", "logger.exception('failed')", "error-without-context", "warning"),
    ],
)
def test_what_a_handler_does_not_tell_is_found(audited: Audit, exception: str, body: str, kind: str, severity: str) -> None:
    report = audited(HANDLER.format(exception=exception, body=body))
    assert (kind, severity) in {(f.kind, f.severity) for f in report.findings}


@pytest.mark.parametrize("body", ["logger.exception('failed', extra={'order_id': order_id})", "raise"])
def test_a_handler_that_tells_is_no_finding(audited: Audit, body: str) -> None:
    report = audited(HANDLER.format(exception="Exception", body=body))
    assert not kinds(report) & {"swallowed-exception", "error-without-traceback", "error-without-context"}


def test_the_end_of_an_iteration_is_no_failure(audited: Audit) -> None:
    assert "swallowed-exception" not in kinds(audited(HANDLER.format(exception="StopIteration", body="pass")))


TELEMETRY = """
    import logging
    from opentelemetry import metrics, trace
    logger = logging.getLogger(__name__)
    orders = metrics.get_meter("x").create_counter("orders")

    def f(user, order_id, request):
        span = trace.get_current_span()
        {write}
        return work(user, order_id)
"""


@pytest.mark.parametrize(
    ("write", "what"),
    [
        ("span.set_attribute('user.email', user.email)", "personal data"),
        ("logger.info('for %s', user.phone)", "personal data"),
        ("logger.info('in', extra={'to': user.shipping_address})", "personal data"),
        ("logger.info(f'with {user.password}')", "a secret"),
        ("span.set_attribute('auth', request.headers['Authorization'])", "a secret"),
        ("span.set_attribute('card', user.card_number)", "a secret"),
        ("logger.info('got %s', request.json)", "a whole body"),
        ("span.set_attribute('payload', request.get_data())", "a whole body"),
    ],
)
def test_personal_data_secrets_and_bodies_in_telemetry_are_errors(audited: Audit, write: str, what: str) -> None:
    found = [f for f in audited(TELEMETRY.format(write=write)).findings if f.kind == "personal-data"]
    assert [f.severity for f in found] == ["error"]
    assert what in found[0].message


@pytest.mark.parametrize(
    "write",
    [
        "span.set_attribute('user.id', user.id)",
        "span.set_attribute('order.id', order_id)",
        "span.set_attribute('email.hash', sha256(user.email))",
        "span.set_attribute('body.size', len(request.data))",
        "span.set_attribute('llm.prompt_tokens', user.prompt_tokens)",
        "logger.info('sent', extra={'email_template': 'welcome'})",
    ],
)
def test_opaque_ids_lengths_and_hashes_are_fine(audited: Audit, write: str) -> None:
    assert "personal-data" not in kinds(audited(TELEMETRY.format(write=write)))


def test_an_id_is_for_spans_and_logs_and_not_for_metric_labels(audited: Audit) -> None:
    on_metric = audited(TELEMETRY.format(write="orders.add(1, {'order.id': order_id})"))
    assert "high-cardinality-label" in kinds(on_metric)
    assert "high-cardinality-label" not in kinds(audited(TELEMETRY.format(write="span.set_attribute('order.id', order_id)")))
    assert "high-cardinality-label" not in kinds(audited(TELEMETRY.format(write="orders.add(1, {'outcome': 'ok'})")))


def test_an_id_at_hand_that_is_on_no_attribute_is_found(audited: Audit) -> None:
    missing = [
        f.message for f in audited(TELEMETRY.format(write="span.set_attribute('user.id', user.id)")).findings if f.kind == "missing-id"
    ]
    assert missing == ["order_id is at hand and on no span attribute"]


def test_a_set_that_is_added_to_is_no_metric(audited: Audit) -> None:
    report = audited("from flask import Flask\napp = Flask('x')\n@app.get('/')\ndef f():\n seen = set()\n seen.add(1)\n return g(seen)")
    assert report.matrix.row("app.py", "f").metrics.level == "none"


def test_print_is_found_in_a_service_and_not_in_a_command(audited: Audit) -> None:
    service = audited("from flask import Flask\napp = Flask('x')\n@app.get('/')\ndef f():\n print('hello')")
    command = audited("import click\n@click.command()\ndef f():\n print('hello')")
    assert "print-instead-of-log" in kinds(service)
    assert "print-instead-of-log" not in kinds(command)


def test_the_code_is_never_run(audited: Audit, tmp_path: Path) -> None:
    audited(f"open({str(tmp_path / 'ran')!r}, 'w')\nraise SystemExit(3)")
    assert not (tmp_path / "ran").exists()


def test_the_council_itself_can_be_audited() -> None:
    report = audit(Path(__file__).parents[2] / "council" / "cli")
    assert {entry.kind for entry in report.entry_points} == {"command"}


def test_a_metric_alone_is_only_an_aggregate(audited: Audit) -> None:
    report = audited("""
        from flask import Flask
        from prometheus_client import Counter
        app = Flask("x")
        SEEN = Counter("seen", "Seen", ["outcome"])

        @app.get("/")
        def f():
            SEEN.labels("ok").inc()
            return g()
    """)
    assert report.matrix.row("app.py", "f").metrics.fields == ("outcome",)
    assert "only-aggregates" in kinds(report, "f")


@pytest.mark.slow
def test_one_long_function_is_read_in_linear_time(audited: Audit) -> None:
    """It takes seconds; with a search of all branches for each log it would take longer than a test may."""
    lines = "".join(f"    if a == {n}:\n        return logger.info('x', extra={{'n': {n}}})\n" for n in range(15_000))
    report = audited(f"import logging\nlogger = logging.getLogger('x')\ndef f(a):\n{lines}")
    assert len(report.decisions) == 15_000


@pytest.mark.parametrize(
    "code",
    [
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from redis import Redis\n",
        "def f(store):\n    return store.fetch()\n",
    ],
)
def test_a_library_that_is_not_used_is_not_missed(audited: Audit, code: str) -> None:
    assert "instrumentation-missing" not in kinds(audited(code))


@pytest.mark.parametrize(
    ("guarded", "exception", "body"),
    [
        ("n = int(order_id)", "ValueError", "n = 0"),
        ("n = parse_amount(order_id)", "(TypeError, ValueError)", "n = 0"),
        ("work(order_id)", "orm.NoResultFound", "pass"),
        ("work(order_id)", "Exception as e", "handle_failure(e)"),
    ],
)
def test_an_exception_that_says_a_value_is_no_good_or_that_is_handed_on_is_a_note(
    audited: Audit, guarded: str, exception: str, body: str
) -> None:
    report = audited(HANDLER.format(exception=exception, body=body).replace("work(order_id)", guarded))
    assert {f.severity for f in report.findings if f.kind == "swallowed-exception"} == {"note"}


@pytest.mark.parametrize(
    "write",
    [
        "logger.info('because %s', _email_disabled_reason())",
        "logger.info('of %s', user.token and user.token.kind)",
        "logger.info('to', extra={'server.address': user.host})",
    ],
)
def test_a_name_that_only_speaks_of_personal_data_is_none(audited: Audit, write: str) -> None:
    assert "personal-data" not in kinds(audited(TELEMETRY.format(write=write)))


@pytest.mark.parametrize("write", ["logger.info('for %s', user.name)", "span.set_attribute('x', user.email or '')"])
def test_a_person_s_name_and_a_choice_that_shows_an_address_are_personal(audited: Audit, write: str) -> None:
    assert "personal-data" in kinds(audited(TELEMETRY.format(write=write)))


def test_a_label_of_class_names_is_bounded(audited: Audit) -> None:
    write = "orders.add(1, {'handler': f'{type(user).__module__}.{type(user).__name__}'})"
    assert "high-cardinality-label" not in kinds(audited(TELEMETRY.format(write=write)))


def test_a_function_that_fetches_by_an_id_is_no_id(audited: Audit) -> None:
    report = audited(TELEMETRY.format(write="span.set_attribute('order.id', find_by_user_id(order_id))"))
    assert "missing-id" not in kinds(report)


def test_a_client_of_another_module_is_not_every_client(audited: Audit) -> None:
    other = "import boto3\nclass S3:\n    def __init__(self):\n        self.client = boto3.client('s3')\n"
    report = audited("class Docker:\n    def pull(self, image):\n        return self.client.pull(image)\n", s3__py=other)
    assert [call.call for call in report.outgoing_calls if call.function == "Docker.pull"] == []


def test_a_property_is_no_entry_point(audited: Audit) -> None:
    code = "def go(q, func):\n    q.enqueue(func)\nclass Job:\n    @property\n    def func(self):\n        return load(self.name)\n"
    assert audited(code).entry_points == ()
