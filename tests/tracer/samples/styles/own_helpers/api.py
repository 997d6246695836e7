import time

import requests
import telemetry as t
from flask import Flask, jsonify, request
from telemetry import count, event, problem, span, tag, traced

app = Flask(__name__)


@app.post("/orders")
def create():
    order = request.get_json()
    tag(order_id=order["id"])
    if not order["lines"]:
        count("orders", outcome="empty")
        event("order_empty", order_id=order["id"])
        return jsonify(error="empty"), 400
    price = quote(order)
    try:
        ship(order)
    except requests.RequestException as error:
        problem("shipping_failed", error, order_id=order["id"])
        count("orders", outcome="unshipped")
        tag(error_type=type(error).__name__)
        return jsonify(error="shipping"), 502
    count("orders", outcome="ok")
    event("order_created", order_id=order["id"], price=price)
    return jsonify(price=price)


@app.get("/orders/<order_id>")
def show(order_id):
    with t.span("show", order_id=order_id):
        started = time.time()
        found = requests.get(f"http://store/{order_id}", timeout=2).json()
        t.timing("show", time.time() - started, route="show")
        t.event("order_shown", order_id=order_id)
        return jsonify(found)


@traced("quote")
def quote(order):
    tag(order_id=order["id"], lines=len(order["lines"]))
    price = sum(line["price"] for line in order["lines"])
    t.count("quotes", kind="std")
    event("quoted", order_id=order["id"], price=price)
    return price


def ship(order):
    with span("ship", order_id=order["id"]) as current:
        answer = requests.post("http://ship", json=order, timeout=2)
        current.set_attribute("ship.status", answer.status_code)
        answer.raise_for_status()
        event("shipped", order_id=order["id"])
