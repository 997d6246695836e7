"""Layered FastAPI: service and repository classes, class-level logger mixin, own instruments class, retries."""

import logging
import time
from typing import Annotated

import httpx
from fastapi import APIRouter, Depends, Request, Response
from opentelemetry import trace
from opentelemetry.trace.status import Status, StatusCode

from .instruments import instruments
from .repo import OrderRepo, StaleOrderError

router = APIRouter(prefix="/orders")
tracer = trace.get_tracer(__name__)


class LogMixin:
    @property
    def log(self):
        return logging.getLogger(type(self).__module__)


class OrderService(LogMixin):
    def __init__(self, repo: OrderRepo, client: httpx.AsyncClient):
        self.repo = repo
        self.client = client

    async def submit(self, order_id: str, user_id: str) -> dict:
        with tracer.start_as_current_span("OrderService.submit") as span:
            span.set_attribute("app.order.id", order_id)
            span.set_attribute("app.user.id", user_id)
            order = await self.repo.load(order_id)
            if order["state"] != "draft":
                span.set_attribute("app.order.state", order["state"])
                instruments.submissions.add(1, {"outcome": "wrong_state"})
                self.log.warning("order not a draft", extra={"order_id": order_id, "user_id": user_id})
                return {"ok": False}
            for attempt in range(3):
                try:
                    await self.repo.mark(order_id, "submitted")
                    break
                except StaleOrderError as stale:
                    span.add_event("stale", {"attempt": attempt})
                    instruments.retries.add(1, {"attempt": str(attempt)})
                    self.log.info("order stale, again", exc_info=stale, extra={"order_id": order_id})
            else:
                span.set_status(Status(StatusCode.ERROR, "stale"))
                instruments.submissions.add(1, {"outcome": "stale"})
                self.log.error("order stays stale", extra={"order_id": order_id, "user_id": user_id})
                return {"ok": False}
            await self._announce(order_id)
            instruments.submissions.add(1, {"outcome": "submitted"})
            self.log.info("order submitted", extra={"order_id": order_id, "user_id": user_id})
            return {"ok": True}

    async def _announce(self, order_id: str) -> None:
        with tracer.start_as_current_span("OrderService.announce") as span:
            span.set_attribute("app.order.id", order_id)
            try:
                response = await self.client.post("/events", json={"order": order_id})
                response.raise_for_status()
            except httpx.HTTPStatusError as exc:
                span.record_exception(exc)
                span.set_status(Status(StatusCode.ERROR))
                self.log.exception("announcement refused", extra={"order_id": order_id})
            except httpx.TransportError as exc:
                span.record_exception(exc)
                span.set_status(Status(StatusCode.ERROR))
                self.log.exception("announcement not sent", extra={"order_id": order_id})
            else:
                self.log.debug("announced", extra={"order_id": order_id})


def get_service(request: Request) -> OrderService:
    return request.app.state.service


Service = Annotated[OrderService, Depends(get_service)]


@router.post("/{order_id}/submit")
async def submit(order_id: str, request: Request, service: Service):
    started = time.perf_counter()
    span = trace.get_current_span()
    span.set_attribute("app.order.id", order_id)
    result = await service.submit(order_id, request.headers["x-user-id"])
    instruments.latency.record(time.perf_counter() - started, {"route": "submit"})
    logging.getLogger(__name__).info("submit answered", extra={"order_id": order_id, "ok": result["ok"]})
    return result


@router.get("/{order_id}")
async def show(order_id: str, response: Response, service: Service):
    trace.get_current_span().set_attribute("app.order.id", order_id)
    order = await service.repo.load(order_id)
    if not order:
        logging.getLogger(__name__).info("order %s unknown", order_id)
        response.status_code = 404
        return {"error": "unknown"}
    return order
