"""Stock and orders: SQL behind a cache."""

import json
import logging
import os

import redis
from sqlalchemy import create_engine, text

logger = logging.getLogger(__name__)
cache = redis.Redis.from_url(os.environ.get("CACHE_URL", "redis://cache"))
engine = create_engine(os.environ.get("DATABASE_URL", "postgresql://shop"))


class OutOfStockError(Exception):
    """Nothing is left of a product."""


def stock_of(product_id):
    held = cache.get(f"stock:{product_id}")
    if held is not None:
        return int(held)
    with engine.connect() as connection:
        row = connection.execute(text("select amount from stock where product = :id"), {"id": product_id}).one_or_none()
    amount = row.amount if row else 0
    cache.setex(f"stock:{product_id}", 60, amount)
    return amount


def reserve(product_id, quantity):
    left = stock_of(product_id) - quantity
    if left < 0:
        raise OutOfStockError(product_id)
    with engine.begin() as connection:
        connection.execute(text("update stock set amount = :n where product = :id"), {"n": left, "id": product_id})
    cache.delete(f"stock:{product_id}")
    return left


def save_order(order_id, user_id, lines):
    try:
        with engine.begin() as connection:
            connection.execute(
                text("insert into orders values (:order, :user, :lines)"), {"order": order_id, "user": user_id, "lines": json.dumps(lines)}
            )
    except TimeoutError:
        return False
    return True
