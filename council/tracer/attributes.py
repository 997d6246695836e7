"""Names of attributes and metrics, from OpenTelemetry's semantic conventions where they have one.

What they have no name for is named after the service (`shop.order.id`), as their naming guidelines ask.
"""

from __future__ import annotations

import re

from council.errors import UnavailableError
from council.tracer.model import CallKind, EntryKind

try:
    # What is still in development there (databases' clients apart: queues, RPC, users, sessions) lives under `_incubating`.
    from opentelemetry.semconv._incubating.attributes import messaging_attributes, rpc_attributes, session_attributes, user_attributes
    from opentelemetry.semconv._incubating.metrics import messaging_metrics, rpc_metrics
    from opentelemetry.semconv.attributes import code_attributes, db_attributes, error_attributes, http_attributes, server_attributes
    from opentelemetry.semconv.metrics import db_metrics, http_metrics
except ImportError as error:  # pragma: no cover - the test environment has it
    raise UnavailableError("the semantic conventions are not installed", hint="pip install 'rfc-council[tracer]'") from error

ERROR_TYPE = error_attributes.ERROR_TYPE
FUNCTION = code_attributes.CODE_FUNCTION_NAME
USER_ID = user_attributes.USER_ID
REQUEST_ID = f"{http_attributes.HTTP_REQUEST_HEADER_TEMPLATE}.x-request-id"
TRACE_ID = "trace_id"
"""Of a log record; a span has it by itself (OpenTelemetry's log data model)."""

_HTTP = (http_attributes.HTTP_REQUEST_METHOD, http_attributes.HTTP_ROUTE, http_attributes.HTTP_RESPONSE_STATUS_CODE)
_RPC = (rpc_attributes.RPC_METHOD, rpc_attributes.RPC_RESPONSE_STATUS_CODE)
_QUEUE = (messaging_attributes.MESSAGING_SYSTEM, messaging_attributes.MESSAGING_DESTINATION_NAME, messaging_attributes.MESSAGING_MESSAGE_ID)
_DATABASE = (db_attributes.DB_SYSTEM_NAME, db_attributes.DB_OPERATION_NAME, db_attributes.DB_COLLECTION_NAME)

OF_ENTRY: dict[EntryKind, tuple[str, ...]] = {
    "http": _HTTP,
    "rpc": _RPC,
    "task": _QUEUE,
    "consumer": _QUEUE,
    "asyncio": (FUNCTION,),
    "command": (FUNCTION,),
    "script": (FUNCTION,),
}
OF_CALL: dict[CallKind, tuple[str, ...]] = {
    "http": (http_attributes.HTTP_REQUEST_METHOD, server_attributes.SERVER_ADDRESS, http_attributes.HTTP_RESPONSE_STATUS_CODE),
    "rpc": _RPC,
    "sql": _DATABASE,
    "cache": (db_attributes.DB_SYSTEM_NAME, db_attributes.DB_OPERATION_NAME),
    "queue": _QUEUE[:2],
    "cloud": _RPC[:1],
}
DURATION_OF_ENTRY: dict[EntryKind, str] = {
    "http": http_metrics.HTTP_SERVER_REQUEST_DURATION,
    "rpc": rpc_metrics.RPC_SERVER_CALL_DURATION,
    "task": messaging_metrics.MESSAGING_PROCESS_DURATION,
    "consumer": messaging_metrics.MESSAGING_PROCESS_DURATION,
}
DURATION_OF_CALL: dict[CallKind, str] = {
    "http": http_metrics.HTTP_CLIENT_REQUEST_DURATION,
    "rpc": rpc_metrics.RPC_CLIENT_CALL_DURATION,
    "sql": db_metrics.DB_CLIENT_OPERATION_DURATION,
    "cache": db_metrics.DB_CLIENT_OPERATION_DURATION,
    "queue": messaging_metrics.MESSAGING_CLIENT_OPERATION_DURATION,
}
UNBOUNDED = frozenset({USER_ID, session_attributes.SESSION_ID, messaging_attributes.MESSAGING_MESSAGE_ID, REQUEST_ID})
"""Belong on spans and logs, and never on a metric."""

_OF_ID = {
    "user_id": USER_ID,
    "session_id": session_attributes.SESSION_ID,
    "message_id": messaging_attributes.MESSAGING_MESSAGE_ID,
    "request_id": REQUEST_ID,
    "correlation_id": REQUEST_ID,
}


def attribute_of(identifier: str, service: str) -> str:
    """The attribute for an id as code or a proposal names it: `user_id` is `user.id`, `order_id` in shop `shop.order.id`."""
    name = re.sub(r"\W", "_", identifier.lower()).removeprefix("x_").strip("_")
    return _OF_ID.get(name) or f"{service.replace('-', '_')}.{name.removesuffix('_id')}{'.id' if name.endswith('_id') else ''}"


def duration_of(kind: EntryKind, service: str, function: str) -> str:
    """The histogram that times an entry point."""
    return DURATION_OF_ENTRY.get(kind) or f"{service.replace('-', '_')}.{re.sub(r'[^a-z0-9]+', '_', function.lower()).strip('_')}.duration"
