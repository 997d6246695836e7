import logging
from typing import Any

from billing.gateway import DeclinedError, gateway
from billing.models import Invoice
from celery import Celery, Task
from celery.signals import worker_process_init, worker_shutdown
from opentelemetry import trace
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.metrics import get_meter
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, sessionmaker

app = Celery("billing")
logger = logging.getLogger(__name__)
tracer: trace.Tracer = trace.get_tracer(__name__)
meter = get_meter(__name__)
invoices = meter.create_counter("billing.invoices", description="x")
amounts = meter.create_histogram("billing.amount")
SessionLocal = sessionmaker(bind=create_engine("postgresql://"))


@worker_process_init.connect(weak=False)
def init_tracing(*args, **kwargs):
    CeleryInstrumentor().instrument()
    logger.info("worker process ready")


@worker_shutdown.connect
def bye(**kwargs):
    logger.info("worker going")


class BaseTask(Task):
    def on_failure(self, exc, task_id, args, kwargs, einfo):
        logger.error("task failed", exc_info=exc, extra={"task_id": task_id})
        trace.get_current_span().record_exception(exc)
        invoices.add(1, {"outcome": "failed"})


@app.task(base=BaseTask, name="billing.close_month")
def close_month(tenant_id: str, month: str) -> int:
    with tracer.start_as_current_span("close_month") as span, SessionLocal() as session:
        span.set_attribute("tenant.id", tenant_id)
        rows = session.execute(select(1)).all()
        for row in rows:
            make_invoice(session, tenant_id, row.customer_id)
        session.commit()
        invoices.add(len(rows), {"outcome": "closed"})
        logger.info("month closed", extra={"tenant_id": tenant_id, "month": month, "count": len(rows)})
        return len(rows)


def make_invoice(session: Session, tenant_id: str, customer_id: str) -> Any:
    with tracer.start_as_current_span(
        "make_invoice",
        attributes={"tenant.id": tenant_id, "customer.id": customer_id},
    ) as span:
        total = session.scalar(select(1))
        if not total:
            invoices.add(1, {"outcome": "zero"})
            logger.info("nothing to bill", extra={"tenant_id": tenant_id, "customer_id": customer_id})
            span.set_attribute("invoice.empty", True)
            return None
        invoice = Invoice(tenant_id, customer_id, total)
        session.add(invoice)
        amounts.record(total, {"currency": "EUR"})
        span.set_attribute("invoice.id", invoice.id)
        logger.info("invoiced", extra={"tenant_id": tenant_id, "customer_id": customer_id, "invoice_id": invoice.id})
        return invoice


@app.task(bind=True)
def charge(self, invoice_id: str):
    span = trace.get_current_span()
    span.set_attribute("invoice.id", invoice_id)
    try:
        gateway.charge(invoice_id)
    except DeclinedError:
        logger.warning("declined: %s", invoice_id)
        invoices.add(1, {"outcome": "declined"})
        span.set_attribute("invoice.outcome", "declined")
        return "declined"
    except ConnectionError as exc:
        logger.exception("gateway down for %s", invoice_id)
        span.record_exception(exc)
        invoices.add(1, {"outcome": "gateway_down"})
        raise self.retry(exc=exc, countdown=30) from exc
    invoices.add(1, {"outcome": "charged"})
    logger.info("charged %s", invoice_id)
    return "charged"
