import logging
import re

from arq.connections import RedisSettings
from httpx import AsyncClient
from opentelemetry import metrics, trace

log = logging.getLogger("crawl")
tracer = trace.get_tracer("crawl")
pages = metrics.get_meter("crawl").create_counter("pages")


async def fetch_page(ctx, url, crawl_id):
    with tracer.start_as_current_span("fetch_page") as span:
        span.set_attribute("crawl.id", crawl_id)
        session: AsyncClient = ctx["session"]
        response = await session.get(url)
        span.set_attribute("http.response.status_code", response.status_code)
        if response.status_code != 200:
            pages.add(1, {"outcome": "refused"})
            log.warning("page refused", extra={"crawl_id": crawl_id, "status": response.status_code})
            return 0
        pages.add(1, {"outcome": "fetched"})
        log.info("page fetched", extra={"crawl_id": crawl_id})
        return await enqueue_links(ctx, response.text, crawl_id)


async def enqueue_links(ctx, text, crawl_id):
    with tracer.start_as_current_span("enqueue_links") as span:
        links = re.findall(r"href=.(\S+?).>", text)
        span.set_attribute("links", len(links))
        for link in links:
            await ctx["redis"].enqueue_job("fetch_page", link, crawl_id)
        log.info("links enqueued", extra={"crawl_id": crawl_id, "links": len(links)})
        return len(links)


async def startup(ctx):
    ctx["session"] = AsyncClient()
    log.info("worker up")


async def shutdown(ctx):
    await ctx["session"].aclose()
    log.info("worker down")


class WorkerSettings:
    functions = (fetch_page,)
    on_startup = startup
    on_shutdown = shutdown
    redis_settings = RedisSettings()
