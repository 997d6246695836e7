"""Libraries that take a request in or send one out, by import name: data for the audit."""

from __future__ import annotations

from council.tracer.model import CallKind

_HTTP = frozenset("get post put patch delete head options request send urlopen ws_connect stream websocket_connect fetch".split())
_SQL = frozenset(
    "execute executemany executescript execute_many fetch fetchrow fetchval fetch_all fetch_one fetch_val query scalar scalars scalar_one"
    " add add_all commit flush merge delete get callproc copy_from copy_expert rollback refresh bulk_save_objects iterate connect".split()
)
_ORM = frozenset(
    "get filter exclude all create get_or_create update_or_create bulk_create update delete first last count aggregate exists values"
    " values_list raw save select_related prefetch_related order_by annotate in_bulk aget acreate afirst acount".split()
)
_MONGO = frozenset(
    "find find_one insert_one insert_many update_one update_many delete_one delete_many aggregate count_documents replace_one"
    " find_one_and_update bulk_write distinct search index".split()
)
_CACHE = frozenset(
    "get set setex setnx delete incr decr incrby hget hset hgetall hmset hincrby lpush rpush lpop rpop brpop blpop lrange sadd srem"
    " smembers zadd zrange expire exists publish get_many set_many get_or_set add touch mget mset xadd xread getset eval execute_command"
    " keys replace cas gets gat ping".split()
)
_SEND = frozenset(
    "send produce send_and_wait basic_publish publish default_exchange put_message send_message send_messages send_task delay apply_async"
    " enqueue enqueue_job send_with_options".split()
)
_LOCAL = frozenset(
    "close generate_presigned_url generate_presigned_post get_paginator get_waiter Table Bucket Object Queue Topic meta exceptions"
    " Session from_config channel stub".split()
)

CALLS: dict[str, tuple[CallKind, frozenset[str]]] = {
    "requests": ("http", _HTTP),
    "httpx": ("http", _HTTP),
    "aiohttp": ("http", _HTTP),
    "urllib": ("http", frozenset({"urlopen", "urlretrieve"})),
    "urllib3": ("http", _HTTP),
    "http": ("http", frozenset({"request", "getresponse"})),
    "openai": ("http", frozenset("create parse stream generate".split())),
    "anthropic": ("http", frozenset("create stream parse".split())),
    "sqlite3": ("sql", _SQL),
    "psycopg2": ("sql", _SQL),
    "psycopg": ("sql", _SQL),
    "asyncpg": ("sql", _SQL),
    "aiopg": ("sql", _SQL),
    "aiosqlite": ("sql", _SQL),
    "MySQLdb": ("sql", _SQL),
    "pymysql": ("sql", _SQL),
    "mysql": ("sql", _SQL),
    "pymssql": ("sql", _SQL),
    "pyodbc": ("sql", _SQL),
    "databases": ("sql", _SQL),
    "sqlalchemy": ("sql", _SQL),
    "flask_sqlalchemy": ("sql", _SQL | {"first_or_404", "get_or_404", "all", "first", "paginate"}),
    "sqlmodel": ("sql", _SQL | {"exec"}),
    "tortoise": ("sql", _ORM),
    "peewee": ("sql", _ORM | {"execute", "select", "insert"}),
    "django": ("sql", _ORM | {"execute", "executemany"}),
    "cassandra": ("sql", _SQL | {"execute_async"}),
    "pymongo": ("sql", _MONGO),
    "motor": ("sql", _MONGO),
    "elasticsearch": ("sql", _MONGO | {"get", "delete", "update", "bulk"}),
    "redis": ("cache", _CACHE),
    "aioredis": ("cache", _CACHE),
    "pymemcache": ("cache", _CACHE),
    "memcache": ("cache", _CACHE),
    "aiomcache": ("cache", _CACHE),
    "flask_caching": ("cache", _CACHE),
    "kafka": ("queue", _SEND),
    "confluent_kafka": ("queue", _SEND),
    "aiokafka": ("queue", _SEND),
    "pika": ("queue", _SEND),
    "aio_pika": ("queue", _SEND),
    "kombu": ("queue", _SEND),
    "celery": ("queue", _SEND),
    "rq": ("queue", _SEND),
    "arq": ("queue", _SEND),
    "nats": ("queue", _SEND | {"request"}),
    "dramatiq": ("queue", _SEND),
}
# Every method of a client of these goes over the wire, but for the ones in LOCAL.
ALL_METHODS: dict[str, CallKind] = {"boto3": "cloud", "botocore": "cloud", "aioboto3": "cloud", "aiobotocore": "cloud", "google": "cloud"}
LOCAL = _LOCAL

CONSUMERS = frozenset("kafka confluent_kafka aiokafka pika aio_pika kombu nats".split())
# What a consumer's loop calls for its next message.
RECEIVES = frozenset("poll getmany receive_message receive_messages basic_get get_message blpop brpop xread xreadgroup pull".split())

WEB = tuple(
    "flask fastapi django rest_framework starlette aiohttp sanic quart bottle falcon tornado litestar microdot pyramid flask_restful"
    " flask_admin robyn blacksheep cherrypy webapp2".split()
)
# base class → framework, for views whose methods are named after HTTP's
VIEW_BASES = {
    "MethodView": "flask",
    "Resource": "flask",
    "BaseView": "flask",
    "RequestHandler": "tornado",
    "WebSocketHandler": "tornado",
    "HTTPEndpoint": "starlette",
    "BaseHTTPMiddleware": "starlette",
    "MiddlewareMixin": "django",
    "HTTPMethodView": "sanic",
    "BaseHTTPRequestHandler": "http.server",
    "SimpleHTTPRequestHandler": "http.server",
}
DJANGO_BASES = ("View", "APIView", "ViewSet", "ViewSetMixin")
VIEW_METHODS = frozenset(
    "get post put patch delete head options dispatch list create retrieve update partial_update destroy form_valid open on_message"
    " on_get on_post on_put on_patch on_delete do_GET do_POST do_PUT do_PATCH do_DELETE do_HEAD get_context_data"
    " process_request process_view process_response process_exception".split()
)
