"""What browsers call: Flask."""

import logging
import uuid

import httpx
from flask import Flask, g, jsonify, request

from shop import store, telemetry
from shop.jobs import confirm

app = Flask(__name__)
telemetry.configure()
log = logging.getLogger("shop.api")
payments = httpx.Client(base_url="http://payments")


@app.before_request
def identify():
    g.request_id = request.headers.get("X-Request-Id") or str(uuid.uuid4())


@app.get("/products/<product_id>")
def product(product_id):
    amount = store.stock_of(product_id)
    if amount == 0:
        return (jsonify(error="out of stock"), 404)
    return jsonify(product=product_id, amount=amount)


@app.post("/orders")
def place_order():
    user_id = request.headers["X-User-Id"]
    lines = request.get_json()["lines"]
    order_id = str(uuid.uuid4())
    try:
        for line in lines:
            store.reserve(line["product"], line["quantity"])
    except store.OutOfStockError:
        return (jsonify(error="out of stock"), 409)
    total = charge(order_id, user_id, lines)
    if total is None:
        return (jsonify(error="declined"), 402)
    store.save_order(order_id, user_id, lines)
    confirm.delay(order_id, user_id)
    return (jsonify(order=order_id), 201)


def charge(order_id, user_id, lines):
    total = sum(line["price"] * line["quantity"] for line in lines)
    answer = payments.post("/charges", json={"order": order_id, "user": user_id, "amount": total})
    if answer.status_code == 402:
        return None
    answer.raise_for_status()
    return total


if __name__ == "__main__":
    app.run(port=8080)
