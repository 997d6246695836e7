"""Stock and orders: SQL behind a cache."""

import json
import logging
import os

import redis
from opentelemetry import trace
from opentelemetry.trace import StatusCode
from sqlalchemy import create_engine, text

from shop.telemetry import instruments

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)
cache = redis.Redis.from_url(os.environ.get("CACHE_URL", "redis://cache"))
engine = create_engine(os.environ.get("DATABASE_URL", "postgresql://shop"))


class OutOfStockError(Exception):
    """Nothing is left of a product."""


def stock_of(product_id):
    span = trace.get_current_span()
    span.set_attribute("shop.product.id", product_id)
    held = cache.get(f"stock:{product_id}")
    if held is not None:
        span.set_attribute("shop.cache.hit", True)
        instruments["stock"].add(1, {"cache.hit": True})
        logger.debug("stock_cached", extra={"product_id": product_id})
        return int(held)
    span.set_attribute("shop.cache.hit", False)
    instruments["stock"].add(1, {"cache.hit": False})
    with engine.connect() as connection:
        row = connection.execute(text("select amount from stock where product = :id"), {"id": product_id}).one_or_none()
    amount = row.amount if row else 0
    cache.setex(f"stock:{product_id}", 60, amount)
    logger.info("stock_read", extra={"product_id": product_id, "amount": amount})
    return amount


def reserve(product_id, quantity):
    with tracer.start_as_current_span("reserve") as span:
        span.set_attributes({"shop.product.id": product_id, "shop.quantity": quantity})
        left = stock_of(product_id) - quantity
        if left < 0:
            span.set_status(StatusCode.ERROR, "out of stock")
            logger.warning("out_of_stock", extra={"product_id": product_id, "missing": -left})
            raise OutOfStockError(product_id)
        with engine.begin() as connection:
            connection.execute(text("update stock set amount = :n where product = :id"), {"n": left, "id": product_id})
        cache.delete(f"stock:{product_id}")
        return left


def save_order(order_id, user_id, lines):
    with tracer.start_as_current_span("save_order") as span:
        span.set_attribute("shop.order.id", order_id)
        span.set_attribute("user.id", user_id)
        try:
            with engine.begin() as connection:
                connection.execute(
                    text("insert into orders values (:order, :user, :lines)"),
                    {"order": order_id, "user": user_id, "lines": json.dumps(lines)},
                )
        except TimeoutError as error:
            span.record_exception(error)
            span.set_status(StatusCode.ERROR)
            logger.exception("order_not_saved", extra={"order_id": order_id, "user_id": user_id})
            return False
        logger.info("order_saved", extra={"order_id": order_id, "user_id": user_id, "lines": len(lines)})
        return True
