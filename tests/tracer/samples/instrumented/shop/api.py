"""What browsers call: Flask."""

import logging
import uuid

import httpx
from flask import Flask, g, jsonify, request
from opentelemetry import trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.trace import StatusCode

from shop import store, telemetry
from shop.jobs import confirm

app = Flask(__name__)
telemetry.configure()
FlaskInstrumentor().instrument_app(app)

log = logging.getLogger("shop.api")
tracer = trace.get_tracer("shop.api")
payments = httpx.Client(base_url="http://payments")


@app.before_request
def identify():
    g.request_id = request.headers.get("X-Request-Id") or str(uuid.uuid4())
    span = trace.get_current_span()
    span.set_attribute("http.request.id", g.request_id)
    log.debug("request_started", extra={"request_id": g.request_id})


@app.get("/products/<product_id>")
def product(product_id):
    span = trace.get_current_span()
    span.set_attribute("shop.product.id", product_id)
    amount = store.stock_of(product_id)
    if amount == 0:
        telemetry.instruments["stock"].add(1, {"outcome": "empty"})
        log.info("product_empty", extra={"product_id": product_id})
        return jsonify(error="out of stock"), 404
    log.info("product_shown", extra={"product_id": product_id, "amount": amount})
    return jsonify(product=product_id, amount=amount)


@app.post("/orders")
def place_order():
    user_id = request.headers["X-User-Id"]
    lines = request.get_json()["lines"]
    order_id = str(uuid.uuid4())
    with tracer.start_as_current_span("place_order") as span:
        span.set_attribute("user.id", user_id)
        span.set_attribute("shop.order.id", order_id)
        try:
            for line in lines:
                store.reserve(line["product"], line["quantity"])
        except store.OutOfStockError as error:
            span.set_status(StatusCode.ERROR, "out of stock")
            telemetry.orders_placed.add(1, {"outcome": "out_of_stock"})
            log.warning("order_refused", exc_info=error, extra={"order_id": order_id, "user_id": user_id})
            return jsonify(error="out of stock"), 409
        total = charge(order_id, user_id, lines)
        if total is None:
            telemetry.orders_placed.add(1, {"outcome": "declined"})
            log.warning("order_declined", extra={"order_id": order_id, "user_id": user_id})
            return jsonify(error="declined"), 402
        store.save_order(order_id, user_id, lines)
        confirm.delay(order_id, user_id)
        telemetry.orders_placed.add(1, {"outcome": "placed"})
        telemetry.order_value.record(total, {"currency": "EUR"})
        log.info("order_placed", extra={"order_id": order_id, "user_id": user_id, "total": total})
        return jsonify(order=order_id), 201


def charge(order_id, user_id, lines):
    span = trace.get_current_span()
    total = sum(line["price"] * line["quantity"] for line in lines)
    span.set_attribute("shop.order.id", order_id)
    span.set_attribute("user.id", user_id)
    span.set_attribute("shop.order.total", total)
    answer = payments.post("/charges", json={"order": order_id, "user": user_id, "amount": total})
    if answer.status_code == 402:
        span.add_event("declined", {"reason": answer.headers.get("X-Reason", "")})
        telemetry.instruments["charges"].add(1, {"outcome": "declined"})
        log.info("charge_declined", extra={"order_id": order_id, "user_id": user_id})
        return None
    answer.raise_for_status()
    telemetry.instruments["charges"].add(1, {"outcome": "paid"})
    log.info("charge_paid", extra={"order_id": order_id, "user_id": user_id, "amount": total})
    return total


if __name__ == "__main__":
    log.info("shop_starting", extra={"port": 8080})
    app.run(port=8080)
