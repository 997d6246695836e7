"""Listens to Kafka and tells parcels apart, and quotes prices over FastAPI."""

import asyncio
import json
import logging

import httpx
from fastapi import FastAPI, HTTPException
from kafka import KafkaConsumer

logger = logging.getLogger("shop.shipping")
api = FastAPI()


@api.get("/quotes/{parcel_id}")
async def quote(parcel_id: str, user_id: str) -> dict:
    price = await price_of(parcel_id)
    if price is None:
        raise HTTPException(404)
    return {"price": price}


async def price_of(parcel_id: str):
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://carrier/prices/{parcel_id}")
    return answer.json().get("price")


def consume() -> None:
    consumer = KafkaConsumer("parcels", bootstrap_servers="kafka")
    for message in consumer:
        handle(json.loads(message.value))


def handle(event: dict) -> None:
    event["parcel_id"]
    try:
        weigh(event)
    except ValueError:
        return


def weigh(event: dict) -> str:
    weight = float(event["weight"])
    return "heavy" if weight > 10 else "light"


async def sweep() -> None:
    while True:
        async with httpx.AsyncClient() as client:
            await client.post("http://carrier/sweep")
        await asyncio.sleep(60)


def main() -> None:
    asyncio.run(sweep())
