from __future__ import annotations

import logging

import grpc
import users_pb2 as pb
from opentelemetry import trace
from opentelemetry.metrics import get_meter_provider
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from users_pb2_grpc import UsersServicer, add_UsersServicer_to_server

from .db import User

_LOGGER = logging.getLogger(__name__)
_TRACER = trace.get_tracer(__name__)
_METER = get_meter_provider().get_meter(__name__)


class Metrics:
    def __init__(self):
        self.lookups = _METER.create_counter("users.lookups")
        self.writes = _METER.create_counter("users.writes")


class Users(UsersServicer):
    def __init__(self, sessions: async_sessionmaker[AsyncSession], m: Metrics):
        self.sessions = sessions
        self.m = m

    async def GetUser(self, request, context):  # noqa: N802 - the service's own definition names it
        with _TRACER.start_as_current_span("Users.GetUser") as span:
            span.set_attribute("user.id", request.user_id)
            async with self.sessions() as session:
                user = await session.get(User, request.user_id)
            if user is None:
                self.m.lookups.add(1, {"found": "no"})
                _LOGGER.info("user %s not found", request.user_id)
                await context.abort(grpc.StatusCode.NOT_FOUND, "user")
            self.m.lookups.add(1, {"found": "yes"})
            _LOGGER.info("user %s found", request.user_id)
            return pb.User(id=user.id)

    async def PutUser(self, request, context):  # noqa: N802 - the service's own definition names it
        with _TRACER.start_as_current_span("Users.PutUser") as span:
            span.set_attribute("user.id", request.user_id)
            try:
                async with self.sessions.begin() as session:
                    session.add(User(id=request.user_id))
            except Exception:
                _LOGGER.exception("put of %s failed", request.user_id)
                self.m.writes.add(1, {"outcome": "error"})
                raise
            self.m.writes.add(1, {"outcome": "ok"})
            _LOGGER.info("user %s stored", request.user_id)
            return pb.Empty()

    async def ListUsers(self, request, context):  # noqa: N802 - the service's own definition names it
        with _TRACER.start_as_current_span("Users.ListUsers") as span:
            n = 0
            async with self.sessions() as session:
                async for row in await session.stream(select(User)):
                    n += 1
                    yield pb.User(id=row.id)
            span.set_attribute("users.count", n)
            self.m.lookups.add(n, {"found": "list"})
            _LOGGER.info("listed %d users", n)


async def serve() -> None:
    server = grpc.aio.server()
    add_UsersServicer_to_server(Users(async_sessionmaker(create_async_engine("pg")), Metrics()), server)
    server.add_insecure_port("[::]:50051")
    await server.start()
    _LOGGER.info("listening", extra={"port": 50051})
    await server.wait_for_termination()
