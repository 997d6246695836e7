"""What runs later: Celery."""

import os

import httpx
import structlog
from celery import Celery
from opentelemetry import trace

from shop.telemetry import instruments

app = Celery("shop", broker=os.environ.get("BROKER_URL", "redis://broker"))
logger = structlog.get_logger()
mail = httpx.Client(base_url="http://mail")


@app.task(bind=True, max_retries=3)
def confirm(self, order_id, user_id):
    span = trace.get_current_span()
    span.set_attribute("shop.order.id", order_id)
    span.set_attribute("user.id", user_id)
    try:
        answer = mail.post("/confirmations", json={"order": order_id, "user": user_id})
        answer.raise_for_status()
    except httpx.HTTPError as error:
        span.record_exception(error)
        instruments["charges"].add(1, {"outcome": "mail_failed"})
        logger.exception("confirmation_failed", order_id=order_id, user_id=user_id)
        raise self.retry(exc=error) from error
    logger.info("confirmation_sent", order_id=order_id, user_id=user_id)


@app.task
def refund(order_id, amount):
    span = trace.get_current_span()
    span.set_attributes({"shop.order.id": order_id, "shop.refund.amount": amount})
    if amount <= 0:
        logger.warning("refund_refused", order_id=order_id, amount=amount)
        instruments["refunds"].add(1, {"outcome": "refused"})
        return False
    answer = httpx.post("http://payments/refunds", json={"order": order_id, "amount": amount})
    instruments["refunds"].add(1, {"outcome": str(answer.is_success)})
    logger.info("refunded", order_id=order_id, amount=amount, status=answer.status_code)
    return answer.is_success
