"""Listens to Kafka and tells parcels apart, and quotes prices over FastAPI."""

import asyncio
import json
import logging

import httpx
from fastapi import FastAPI, HTTPException
from kafka import KafkaConsumer
from opentelemetry import metrics, trace
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.trace import StatusCode

logger = logging.getLogger("shop.shipping")
tracer = trace.get_tracer("shop.shipping")
meter = metrics.get_meter("shop.shipping")
parcels = meter.create_counter("shop.parcels")
quotes = meter.create_histogram("shop.quotes")

api = FastAPI()
FastAPIInstrumentor.instrument_app(api)


@api.get("/quotes/{parcel_id}")
async def quote(parcel_id: str, user_id: str) -> dict:
    span = trace.get_current_span()
    span.set_attribute("shop.parcel.id", parcel_id)
    span.set_attribute("user.id", user_id)
    price = await price_of(parcel_id)
    if price is None:
        logger.info("quote_missing", extra={"parcel_id": parcel_id, "user_id": user_id})
        raise HTTPException(404)
    quotes.record(price, {"carrier": "post"})
    logger.info("quoted", extra={"parcel_id": parcel_id, "user_id": user_id, "price": price})
    return {"price": price}


@tracer.start_as_current_span("price_of")
async def price_of(parcel_id: str):
    trace.get_current_span().set_attribute("shop.parcel.id", parcel_id)
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://carrier/prices/{parcel_id}")
    logger.debug("price_read", extra={"parcel_id": parcel_id, "status": answer.status_code})
    return answer.json().get("price")


def consume() -> None:
    consumer = KafkaConsumer("parcels", bootstrap_servers="kafka")
    for message in consumer:
        with tracer.start_as_current_span("consume") as span:
            span.set_attribute("messaging.kafka.offset", message.offset)
            parcels.add(1, {"outcome": "received"})
            logger.info("parcel_received", extra={"offset": message.offset})
            handle(json.loads(message.value))


def handle(event: dict) -> None:
    with tracer.start_as_current_span("parcel") as span:
        parcel_id = event["parcel_id"]
        span.set_attribute("shop.parcel.id", parcel_id)
        try:
            label = weigh(event)
        except ValueError as error:
            span.record_exception(error)
            span.set_status(StatusCode.ERROR)
            parcels.add(1, {"outcome": "unreadable"})
            logger.exception("parcel_unreadable", extra={"parcel_id": parcel_id})
            return
        parcels.add(1, {"outcome": label})
        logger.info("parcel_ready", extra={"parcel_id": parcel_id, "label": label})


def weigh(event: dict) -> str:
    span = trace.get_current_span()
    weight = float(event["weight"])
    span.set_attribute("shop.parcel.weight", weight)
    return "heavy" if weight > 10 else "light"


async def sweep() -> None:
    while True:
        with tracer.start_as_current_span("sweep") as span:
            async with httpx.AsyncClient() as client:
                answer = await client.post("http://carrier/sweep")
            span.set_attribute("shop.swept", answer.json()["count"])
            parcels.add(answer.json()["count"], {"outcome": "swept"})
            logger.info("swept", extra={"count": answer.json()["count"]})
        await asyncio.sleep(60)


def main() -> None:
    logger.info("shipping_starting", extra={"topic": "parcels"})
    asyncio.run(sweep())
