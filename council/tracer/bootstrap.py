"""What OpenTelemetry's Python instrumentations cover: by import name, the instrumentation and whether it measures too.

Made from the table of `opentelemetry-bootstrap` in opentelemetry-instrumentation 0.66b2, with each distribution there
given by its import name; libraries that it lists for other reasons than calls and requests (psutil, pydantic, jinja2)
are left out. Which instrumentations emit metrics is stated by each package's own `_supports_metrics`.
"""

from __future__ import annotations

VERSION = "0.66b2"

_PREFIX = "opentelemetry-instrumentation-"

# import name → instrumentations, without their common prefix; one of them is enough
INSTRUMENTATIONS: dict[str, tuple[str, ...]] = {
    "openai": ("openai-v2",),
    "aio_pika": ("aio-pika",),
    "aiohttp": ("aiohttp-client", "aiohttp-server"),
    "aiokafka": ("aiokafka",),
    "aiopg": ("aiopg",),
    "asyncclick": ("asyncclick",),
    "asyncpg": ("asyncpg",),
    "boto3": ("botocore", "boto3sqs"),
    "botocore": ("botocore",),
    "aiobotocore": ("botocore",),
    "cassandra": ("cassandra",),
    "celery": ("celery",),
    "click": ("click",),
    "confluent_kafka": ("confluent-kafka",),
    "django": ("django", "wsgi", "asgi"),
    "falcon": ("falcon", "wsgi", "asgi"),
    "fastapi": ("fastapi", "starlette", "asgi"),
    "flask": ("flask", "wsgi"),
    "grpc": ("grpc",),
    "httpx": ("httpx",),
    "kafka": ("kafka-python",),
    "mysql": ("mysql",),
    "MySQLdb": ("mysqlclient",),
    "pika": ("pika",),
    "psycopg": ("psycopg",),
    "psycopg2": ("psycopg2",),
    "pymemcache": ("pymemcache",),
    "pymongo": ("pymongo",),
    "pymssql": ("pymssql",),
    "pymysql": ("pymysql",),
    "pyramid": ("pyramid", "wsgi"),
    "redis": ("redis",),
    "remoulade": ("remoulade",),
    "requests": ("requests",),
    "sqlalchemy": ("sqlalchemy",),
    "flask_sqlalchemy": ("sqlalchemy",),
    "sqlmodel": ("sqlalchemy",),
    "starlette": ("starlette", "asgi"),
    "quart": ("asgi",),
    "tornado": ("tornado",),
    "tortoise": ("tortoiseorm",),
    "urllib3": ("urllib3",),
    "sqlite3": ("sqlite3", "dbapi"),
    "urllib": ("urllib",),
    "asyncio": ("asyncio",),
    "threading": ("threading",),
}
DEFAULT = frozenset("asyncio dbapi exceptions logging sqlite3 threading urllib wsgi".split())
"""Those that `opentelemetry-bootstrap` installs whatever the libraries."""

MEASURE = frozenset(
    "aiohttp-client aiohttp-server aiopg asgi django falcon fastapi flask httpx pyramid requests sqlalchemy starlette tornado urllib"
    " urllib3 wsgi".split()
)


def instrumentation(library: str) -> str:
    """The distribution that instruments a library, or ""."""
    found = INSTRUMENTATIONS.get(library)
    return _PREFIX + found[0] if found else ""
