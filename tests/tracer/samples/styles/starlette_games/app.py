import asyncio
import logging

import aiomcache
from opentelemetry import metrics, trace
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint, WebSocketEndpoint
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)
_m = metrics.get_meter(__name__)
game_counter = _m.create_counter("games")
round_time = _m.create_histogram("round.time")
mc = aiomcache.Client("mc")


class RequestLog(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        trace.get_current_span().set_attribute("request.id", request.headers.get("x-request-id", ""))
        response = await call_next(request)
        logger.info("answered", extra={"status": response.status_code})
        return response


class Game(HTTPEndpoint):
    async def get(self, request):
        game_id = request.path_params["game_id"]
        with tracer.start_as_current_span("game.get") as span:
            span.set_attribute("game.id", game_id)
            state = await mc.get(game_id.encode())
            game_counter.add(1, {"op": "get", "hit": state is not None})
            logger.info("game read", extra={"game_id": game_id})
            return JSONResponse({"state": state})


class Play(WebSocketEndpoint):
    encoding = "json"

    async def on_connect(self, websocket):
        await websocket.accept()
        game_counter.add(1, {"op": "connect"})
        logger.info("player connected", extra={"game_id": websocket.path_params["game_id"]})

    async def on_receive(self, websocket, data):
        with tracer.start_as_current_span("game.move") as span:
            span.set_attribute("game.id", data["game_id"])
            started = asyncio.get_event_loop().time()
            try:
                result = await play(data)
            except ValueError as e:
                span.set_status(trace.StatusCode.ERROR)
                span.record_exception(e)
                logger.exception("bad move", extra={"game_id": data["game_id"]})
                game_counter.add(1, {"op": "bad_move"})
                await websocket.send_json({"error": "bad move"})
                return
            round_time.record(asyncio.get_event_loop().time() - started, {"op": "move"})
            game_counter.add(1, {"op": "move"})
            logger.debug("moved", extra={"game_id": data["game_id"]})
            await websocket.send_json(result)


async def play(data):
    with tracer.start_as_current_span("play") as span:
        span.set_attribute("game.id", data["game_id"])
        await mc.set(data["game_id"].encode(), b"x")
        logger.debug("stored", extra={"game_id": data["game_id"]})
        return {"ok": True}


app = Starlette(routes=[Route("/games/{game_id}", Game), WebSocketRoute("/play/{game_id}", Play)])
app.add_middleware(RequestLog)
