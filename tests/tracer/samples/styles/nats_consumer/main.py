import asyncio
import json
import os

import nats
import structlog
from motor.motor_asyncio import AsyncIOMotorClient
from opentelemetry import metrics, propagate, trace

structlog.configure(processors=[structlog.contextvars.merge_contextvars, structlog.processors.JSONRenderer()])
log = structlog.get_logger(__name__)
TRACER = trace.get_tracer("telemetry-ingest")
METER = metrics.get_meter("telemetry-ingest")
READINGS = METER.create_counter("readings")
LATENCY = METER.create_histogram("ingest.latency", unit="ms")


class Ingestor:
    def __init__(self, db):
        self._db = db
        self._log = log.bind(component="ingestor")

    async def handle(self, msg):
        ctx = propagate.extract(dict(msg.headers or {}))
        with TRACER.start_as_current_span("reading.process", context=ctx) as span:
            structlog.contextvars.bind_contextvars(subject=msg.subject)
            try:
                reading = json.loads(msg.data)
            except ValueError as exc:
                span.set_status(trace.StatusCode.ERROR, "bad json")
                span.record_exception(exc)
                READINGS.add(1, {"result": "malformed"})
                self._log.warning("reading.malformed", size=len(msg.data), exc_info=True)
                return
            span.set_attribute("device.id", reading["device_id"])
            await self._store(reading)
            READINGS.add(1, {"result": "stored"})
            self._log.info("reading.stored", device_id=reading["device_id"])

    async def _store(self, reading):
        with TRACER.start_as_current_span("reading.store") as span:
            span.set_attribute("device.id", reading["device_id"])
            started = asyncio.get_event_loop().time()
            result = await self._db.readings.insert_one(reading)
            LATENCY.record((asyncio.get_event_loop().time() - started) * 1000, {"collection": "readings"})
            self._log.debug("reading.inserted", device_id=reading["device_id"], inserted=str(result.inserted_id))


async def main():
    nc = await nats.connect(os.environ["NATS_URL"])
    db = AsyncIOMotorClient(os.environ["MONGO_URL"]).iot
    ingestor = Ingestor(db)
    await nc.subscribe("readings.*", cb=ingestor.handle)
    log.info("ingestor.started", url=os.environ["NATS_URL"])
    stop = asyncio.Event()
    await stop.wait()
    await nc.drain()
    log.info("ingestor.stopped")


if __name__ == "__main__":
    asyncio.run(main())
