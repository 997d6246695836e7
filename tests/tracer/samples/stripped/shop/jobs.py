"""What runs later: Celery."""

import os

import httpx
import structlog
from celery import Celery

app = Celery("shop", broker=os.environ.get("BROKER_URL", "redis://broker"))
logger = structlog.get_logger()
mail = httpx.Client(base_url="http://mail")


@app.task(bind=True, max_retries=3)
def confirm(self, order_id, user_id):
    try:
        answer = mail.post("/confirmations", json={"order": order_id, "user": user_id})
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise self.retry(exc=error) from error


@app.task
def refund(order_id, amount):
    if amount <= 0:
        return False
    answer = httpx.post("http://payments/refunds", json={"order": order_id, "amount": amount})
    return answer.is_success
