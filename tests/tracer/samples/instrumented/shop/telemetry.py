"""Sets tracing, metrics and logging up for every process of the shop."""

import logging

from opentelemetry import metrics, trace
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.instrumentation.logging import LoggingInstrumentor
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider

meter = metrics.get_meter("shop")

orders_placed = meter.create_counter("shop.orders.placed")
order_value = meter.create_histogram("shop.order.value", unit="EUR")
instruments = {
    "stock": meter.create_counter("shop.stock.lookups"),
    "charges": meter.create_counter("shop.charges"),
    "refunds": meter.create_counter("shop.refunds"),
}


def configure():
    trace.set_tracer_provider(TracerProvider())
    metrics.set_meter_provider(MeterProvider())
    logging.basicConfig(level=logging.INFO)
    HTTPXClientInstrumentor().instrument()
    RedisInstrumentor().instrument()
    SQLAlchemyInstrumentor().instrument()
    CeleryInstrumentor().instrument()
    LoggingInstrumentor().instrument(set_logging_format=True)
