"""What is taken out of code in the styles of other services: the audit names its function and signal, and nothing else new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from council.tracer.audit import audit

New = Callable[..., set[tuple[str, str, str]]]

SETUP = """
import logging
from opentelemetry import metrics, trace
from opentelemetry.trace import StatusCode
from prometheus_client import Counter, Summary
logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)
done = metrics.get_meter(__name__).create_counter("done")
SEEN = Counter("seen", "Seen", ["outcome"])
LATENCY = Summary("latency", "Latency")
"""


@pytest.fixture
def new(tmp_path: Path) -> New:
    """The functions, signals and kinds that are found only once some text is taken out of app.py, or of another module."""

    def run(text: str, gone: str, instead: str = "pass", **others: str) -> set[tuple[str, str, str]]:
        files = {"app.py": SETUP + dedent(text)} | {f"{name}.py": dedent(content) for name, content in others.items()}
        assert sum(gone in content for content in files.values()) == 1
        found = []
        for changed in (files, {name: content.replace(gone, instead) for name, content in files.items()}):
            for name, content in changed.items():
                (tmp_path / name).write_text(content)
            found.append(Counter((f.function, f.signal, f.kind, f.message) for f in audit(tmp_path).findings))
        return {key[:3] for key in found[1] - found[0]}

    return run


def test_the_log_of_an_application_factory(new: New) -> None:
    code = """
        from flask import Flask
        def create_app():
            app = Flask(__name__)
            logger.info("ready", extra={"port": 1})
            return app
        @create_app().get("/")
        def index():
            return "x"
    """
    assert new(code, 'logger.info("ready", extra={"port": 1})') == {("create_app", "logs", "unseen-lifecycle")}


def test_a_log_where_the_context_is_bound_too(new: New) -> None:
    code = """
        from fastapi import FastAPI
        from loguru import logger as log
        app = FastAPI()
        @app.get("/")
        async def index(request):
            with log.contextualize(request_id=request.id):
                log.info("shown")
                return render(request)
    """
    assert ("index", "logs", "no-log") in new(code, 'log.info("shown")')


@pytest.mark.parametrize(("half", "phase"), [("starting", "start-up"), ("stopped", "shut-down")])
def test_either_half_of_a_lifespan(new: New, half: str, phase: str) -> None:
    code = """
        from contextlib import asynccontextmanager
        from fastapi import FastAPI
        @asynccontextmanager
        async def lifespan(app):
            logger.info("starting")
            yield
            logger.info("stopped")
        app = FastAPI(lifespan=lifespan)
    """
    assert new(code, f'logger.info("{half}")') == {("lifespan", "logs", "unseen-lifecycle")}


def test_a_django_middleware(new: New) -> None:
    code = """
        import django.http
        class RequestIds:
            def __init__(self, get_response):
                self.get_response = get_response
            def __call__(self, request):
                logger.info("request", extra={"request_id": request.id})
                return self.get_response(request)
    """
    assert ("RequestIds.__call__", "logs", "no-log") in new(code, 'logger.info("request", extra={"request_id": request.id})')


def test_a_task_hook_that_only_tells(new: New) -> None:
    code = """
        from celery import Task
        class Base(Task):
            def on_failure(self, exc, task_id, args, kwargs, einfo):
                logger.error("failed", exc_info=exc, extra={"task_id": task_id})
                done.add(1, {"outcome": "failed"})
    """
    assert ("Base.on_failure", "metrics", "no-metric") in new(code, 'done.add(1, {"outcome": "failed"})')


def test_a_function_that_nothing_here_calls(new: New) -> None:
    code = """
        from flask import Flask
        app = Flask(__name__)
        @app.get("/")
        def index():
            return "x"
        def called_by_a_plugin(order):
            logger.info("ordered", extra={"order_id": order.id})
            return store(order)
    """
    assert ("called_by_a_plugin", "logs", "no-log") in new(code, 'logger.info("ordered", extra={"order_id": order.id})')


def test_a_reply_that_is_given_a_status_is_no_span(new: New) -> None:
    code = """
        import tornado.web
        class Item(tornado.web.RequestHandler):
            def get(self, item_id):
                trace.get_current_span().set_attribute("item.id", item_id)
                self.set_status(404)
                return self.render(item_id)
    """
    assert ("Item.get", "traces", "no-trace") in new(code, 'trace.get_current_span().set_attribute("item.id", item_id)')


ARMS = """
    def stock(key, request_id):
        with tracer.start_as_current_span("stock") as span:
            if key in cache:
                span.set_attribute("hit", True)
                logger.info("hit", extra={"request_id": request_id})
                done.add(1, {"hit": True})
                found = cache[key]
            else:
                span.set_attribute("hit", False)
                logger.info("miss", extra={"request_id": request_id})
                done.add(1, {"hit": False})
                found = load(key)
            return found
"""


@pytest.mark.parametrize(
    ("gone", "signal"),
    [
        ('span.set_attribute("hit", False)', "traces"),
        ('logger.info("miss", extra={"request_id": request_id})', "logs"),
        ('done.add(1, {"hit": False})', "metrics"),
    ],
)
def test_one_arm_of_a_choice(new: New, gone: str, signal: str) -> None:
    assert new(ARMS, gone) == {("stock", signal, "unseen-outcome")}


HANDLER = """
    def pay(order_id):
        with tracer.start_as_current_span("pay") as span:
            span.set_attribute("order.id", order_id)
            done.add(1, {"outcome": "tried"})
            try:
                charge(order_id)
            except OSError as error:
                logger.error("not paid: %s %s", order_id, error)
                span.record_exception(error)
                span.set_status(StatusCode.ERROR)
"""


@pytest.mark.parametrize("gone", ["span.record_exception(error)", "span.set_status(StatusCode.ERROR)"])
def test_an_exception_that_its_span_only_half_keeps(new: New, gone: str) -> None:
    assert new(HANDLER, gone) == {("pay", "traces", "error-not-on-span")}


def test_a_duration_is_no_outcome(new: New) -> None:
    code = """
        import grpc
        import x_pb2_grpc
        class Shop(x_pb2_grpc.ShopServicer):
            @LATENCY.time()
            async def Buy(self, request, context):
                if request.n <= 0:
                    SEEN.labels("invalid").inc()
                    await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "n")
                SEEN.labels("ok").inc()
                return await sell(request)
    """
    assert new(code, 'SEEN.labels("ok").inc()') == {("Shop.Buy", "metrics", "unseen-outcome")}


def test_the_only_log_of_what_only_a_metric_sees_otherwise(new: New) -> None:
    code = """
        from flask import Flask
        app = Flask(__name__)
        @app.get("/")
        def index():
            SEEN.labels("shown").inc()
            logger.info("shown")
            return render()
    """
    assert new(code, 'logger.info("shown")') == {("index", "logs", "only-aggregates")}


def test_an_id_that_the_logs_name_and_the_span_does_not(new: New) -> None:
    code = """
        def book(room):
            with tracer.start_as_current_span("book") as span:
                span.set_attribute("kind", "double")
                booking = store(room)
                span.set_attribute("booking.id", booking.pk)
                logger.info("booked", extra={"booking_id": booking.pk})
                done.add(1, {"kind": "double"})
                return booking
    """
    assert new(code, 'span.set_attribute("booking.id", booking.pk)') == {("book", "traces", "missing-id")}


def test_a_decorator_that_starts_a_span_for_what_is_written_on_the_current_one(new: New) -> None:
    code = """
        @tracer.start_as_current_span("index")
        def index(item_id):
            trace.get_current_span().set_attribute("item.id", item_id)
            logger.info("indexed", extra={"item_id": item_id})
            return send(item_id)
    """
    assert new(code, '@tracer.start_as_current_span("index")', "") == {("index", "traces", "no-own-span")}


def test_what_is_written_on_a_span_that_is_no_more_started(new: New) -> None:
    code = """
        def place(order_id):
            trace.get_current_span().set_attribute("order.id", order_id)
            with tracer.start_as_current_span("place") as current:
                current.set_attribute("order.id", order_id)
                return store(order_id)
    """
    assert ("place", "traces", "no-trace") in new(code, 'with tracer.start_as_current_span("place") as current:', "if True:")


TELEMETRY = """
    import functools
    from contextlib import contextmanager
    from opentelemetry import metrics, trace
    counters = {}
    tracer = trace.get_tracer("x")

    def count(name, **labels):
        if name not in counters:
            counters[name] = metrics.get_meter("x").create_counter(name)
        counters[name].add(1, labels)

    @contextmanager
    def span(name, **attributes):
        with tracer.start_as_current_span(name) as current:
            current.set_attributes(attributes)
            yield current

    def traced(function):
        @functools.wraps(function)
        def inner(*args):
            with tracer.start_as_current_span(function.__name__):
                return function(*args)
        return inner
"""
CALLER = """
    from telemetry import count, span, traced
    import telemetry as t

    def buy(order):
        with span("buy", order_id=order.id):
            logger.info("bought", extra={"order_id": order.id})
            count("bought", kind="plain")
            return charge(order)

    @traced
    def sell(order):
        logger.info("sold", extra={"order_id": order.id})
        t.count("sold", kind="plain")
        return charge(order)
"""


@pytest.mark.parametrize(
    ("gone", "instead", "expected"),
    [
        ('    count("bought", kind="plain")', "    pass", ("buy", "metrics", "no-metric")),
        ('t.count("sold", kind="plain")', "pass", ("sell", "metrics", "no-metric")),
        ('with span("buy", order_id=order.id):', "if True:", ("buy", "traces", "no-trace")),
        ("@traced\n", "\n", ("sell", "traces", "no-trace")),
    ],
)
def test_a_call_of_the_services_own_helper(new: New, gone: str, instead: str, expected: tuple[str, str, str]) -> None:
    assert new(CALLER, gone, instead, telemetry=TELEMETRY) == {expected}


@pytest.mark.parametrize(
    ("gone", "instead", "expected"),
    [
        ("counters[name].add(1, labels)", "pass", ("count", "metrics", "no-metric")),
        ("current.set_attributes(attributes)", "pass", ("span", "traces", "no-trace")),
        ("with tracer.start_as_current_span(function.__name__):", "with nullcontext():", ("traced.<locals>.inner", "traces", "no-trace")),
    ],
)
def test_what_a_helper_writes_is_missed_in_the_helper_and_not_at_its_callers(
    new: New, gone: str, instead: str, expected: tuple[str, str, str]
) -> None:
    assert new(CALLER, gone, instead, telemetry=TELEMETRY) == {expected}


def test_what_a_framework_calls_is_no_helper_whatever_its_class_is_named(new: New) -> None:
    code = """
        import falcon
        class Tracing:
            def process_request(self, req, resp):
                trace.get_current_span().set_attribute("request.id", req.id)
                logger.info("request", extra={"request_id": req.id})
    """
    gone = 'trace.get_current_span().set_attribute("request.id", req.id)'
    assert new(code, gone) == {("Tracing.process_request", "traces", "no-trace")}
