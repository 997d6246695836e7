"""Where the outside world enters: decorators, base classes and registrations that frameworks know."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from council.tracer.libraries import DJANGO_BASES, VIEW_BASES, VIEW_METHODS, WEB
from council.tracer.model import EntryKind, Phase
from council.tracer.names import Function, Imports, chain, dotted, last, string

Entry = tuple[EntryKind, str, str]
"""Kind, framework, and what the outside calls it."""

_VERBS = frozenset("get post put patch delete head options route websocket api_route".split())
_ROUTERS = (
    frozenset("add_url_rule add_get add_post add_put add_delete add_patch add_route add_api_route Route route WebSocketRoute".split())
    | _VERBS
)
_URLS = frozenset("path re_path url".split())
_RUNS = frozenset(
    "run create_task ensure_future run_until_complete start_server run_coroutine_threadsafe start_soon start_unix_server".split()
)
_RUNNERS = frozenset("asyncio anyio trio loop tg nursery task_group event_loop".split())
_TASKS = frozenset("task shared_task actor periodic_task db_task job scheduled_job cron_job on_after_configure agent".split())
# What a framework calls around each of its requests.
_AROUND = frozenset(
    "errorhandler app_errorhandler exception_handler exception middleware before_request after_request teardown_request before_app_request"
    " after_app_request teardown_app_request on_request on_response before_websocket after_websocket".split()
)
_TASK_HOOKS = frozenset("on_failure on_retry on_success before_start after_return".split())
_RPC_ARGUMENTS = 3  # self, the request or its stream, the context
_COMMANDS = frozenset("command group callback result_callback cli_command".split())
_SIGNAL_ENDS = frozenset("SIGTERM SIGINT SIGHUP SIGQUIT".split())
_SERVES = frozenset("serve_forever wait_for_termination run_app run_forever start_http_server run_simple start_consuming".split())
_SCRIPT = re.compile(r"^\s*[\"']?([\w.-]+)[\"']?\s*=\s*[\"']([\w.]+):(\w+)[\"']", re.MULTILINE)


@dataclass(slots=True)
class Registrations:
    """Functions and classes that code registers by name, from all modules: simple name to what it is."""

    entries: dict[str, Entry] = field(default_factory=dict)
    methods: set[str] = field(default_factory=set)  # those of the entries that are registered as an attribute of something
    phases: dict[str, Phase] = field(default_factory=dict)
    bases: dict[str, list[str]] = field(default_factory=dict)  # of the project's own classes
    frameworks: list[str] = field(default_factory=list)

    def learn(self, tree: ast.Module, imports: Imports) -> None:
        """Take in one module's registrations."""
        used = {name.lstrip(".").split(".")[0] for name in imports.values()}
        self.frameworks += [name for name in WEB if name in used and name not in self.frameworks]
        framework = _framework(imports, self.frameworks)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                self._call(node, framework, imports)
            elif isinstance(node, ast.ClassDef):
                self.bases.setdefault(node.name, [last(base) for base in node.bases])

    def ancestors(self, owner: ast.ClassDef) -> list[str]:
        """The names of a class's bases, and of theirs as far as they are the project's own; nearest first."""
        found = [last(base) for base in owner.bases]
        for name in found:  # which grows while it is read
            found += [base for base in self.bases.get(name, ()) if base not in found]
        return found

    def learn_scripts(self, text: str) -> None:
        """Take in the console scripts of a pyproject.toml."""
        _head, found, tail = text.partition("[project.scripts]")
        if not found:
            _head, found, tail = text.partition("[tool.poetry.scripts]")
        if found:
            for name, _, function in _SCRIPT.findall(tail.partition("\n[")[0]):
                self.entries.setdefault(function, ("command", "script", name))

    def _call(self, call: ast.Call, framework: str, imports: Imports) -> None:
        method = last(call.func)
        words = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
        first = call.args[0] if call.args else None
        if method in _URLS and len(call.args) > 1:
            self._enter(call.args[1], ("http", "django", string(first)))
        elif method in _ROUTERS and string(first).startswith("/"):
            for handler in [*call.args[1:], *(words[name] for name in ("view_func", "endpoint", "handler") if name in words)]:
                self._enter(handler, ("http", framework, string(first)))
        elif method in {"basic_consume", "consume", "subscribe", "add_consumer", "register_callback"}:
            library = next(
                (name for name in ("pika", "aio_pika", "kombu", "nats") if any(v.startswith(name) for v in imports.values())), "queue"
            )
            for handler in [*call.args, *(words[name] for name in ("on_message_callback", "callback", "cb") if name in words)]:
                self._enter(handler, ("consumer", library, ""))
        self._job(call, method, words)
        self._phase(call, method, words)

    def _job(self, call: ast.Call, method: str, words: dict[str, ast.expr]) -> None:
        """What runs beside the caller or later: tasks of an event loop, threads, scheduled and queued jobs."""
        if method in _RUNS and chain(call.func)[0] in {*_RUNNERS, method}:
            for argument in call.args[:2]:
                self._enter(argument.func if isinstance(argument, ast.Call) else argument, ("asyncio", "asyncio", ""))
        elif method in {"Thread", "Process", "Timer"} and ("target" in words or len(call.args) > 1):
            self._enter(words.get("target") or call.args[1], ("asyncio", "threading", ""))
        elif method in {"add_job", "do"}:
            for handler in call.args[:1]:
                self._enter(handler, ("task", "scheduler", ""))
        elif method in {"enqueue", "enqueue_call", "enqueue_in", "enqueue_at"}:
            for handler in call.args[: 2 if method in {"enqueue_in", "enqueue_at"} else 1]:
                self._enter(handler, ("task", "rq", ""))

    def _enter(self, handler: ast.expr, entry: Entry) -> None:
        if isinstance(handler, ast.Call) and last(handler.func) == "as_view":
            handler = handler.func.value if isinstance(handler.func, ast.Attribute) else handler
        if isinstance(handler, ast.Name | ast.Attribute) and last(handler):
            self.entries.setdefault(last(handler), entry)
            if isinstance(handler, ast.Attribute):
                self.methods.add(last(handler))

    def _phase(self, call: ast.Call, method: str, words: dict[str, ast.expr]) -> None:
        if method in {"signal", "add_signal_handler"} and len(call.args) > 1 and last(call.args[0]) in _SIGNAL_ENDS:
            self.phases.setdefault(last(call.args[1]), "shut-down")
        elif method == "register" and chain(call.func)[0] == "atexit" and call.args:
            self.phases.setdefault(last(call.args[0]), "shut-down")
        elif method == "add_event_handler" and len(call.args) > 1:
            self.phases.setdefault(last(call.args[1]), "start-up" if string(call.args[0]) == "startup" else "shut-down")
        for name, phase in (("lifespan", "start-up"), ("on_startup", "start-up"), ("on_shutdown", "shut-down")):
            if name in words:
                value = words[name]
                for handler in value.elts if isinstance(value, ast.List | ast.Tuple) else [value]:
                    if last(handler):
                        self.phases.setdefault(last(handler), "start-up" if phase == "start-up" else "shut-down")


def entry_of(node: Function, owner: ast.ClassDef | None, imports: Imports, known: Registrations) -> Entry | None:
    """How the outside world calls a function, or None."""
    if any(last(decorator) in {"property", "cached_property"} for decorator in node.decorator_list):
        return None
    for decorator in node.decorator_list:
        if found := _by_decorator(decorator, imports, known):
            return (*found[:2], found[2] or node.name)
    if owner is not None and (found := _by_class(node, owner, known)):
        return found
    if (registered := known.entries.get(node.name)) and (owner is None or (node.name in known.methods and node.name != "run")):
        return (*registered[:2], registered[2] or node.name)
    arguments = [argument.arg for argument in node.args.args]
    if arguments[:2] == ["event", "context"] and owner is None:
        return "consumer", "lambda", node.name
    if owner is None and arguments[:1] == ["request"] and any(name.startswith(("django.", "rest_framework")) for name in imports.values()):
        return "http", "django", node.name
    if node.name == "__call__" and arguments[1:] in (["scope", "receive", "send"], ["environ", "start_response"]):
        return "http", "asgi" if "scope" in arguments else "wsgi", owner.name if owner else node.name
    return None


def phase_of(node: Function, calls: Iterable[str], known: Registrations) -> Phase | None:
    """Whether a function starts or stops the service."""
    for decorator in node.decorator_list:
        name, argument = last(decorator), string(decorator.args[0]) if isinstance(decorator, ast.Call) and decorator.args else ""
        if name in {"on_event", "listener"} and argument in {"startup", "shutdown", "before_server_start", "after_server_stop"}:
            return "start-up" if argument in {"startup", "before_server_start"} else "shut-down"
        if name in {"before_serving", "before_first_request", "on_startup"} or chain(decorator)[-2:] in (
            ["worker_process_init", "connect"],
            ["worker_ready", "connect"],
            ["worker_init", "connect"],
            ["celeryd_init", "connect"],
            ["beat_init", "connect"],
        ):
            return "start-up"
        if name in {"after_serving", "on_shutdown"} or "shutdown" in "".join(chain(decorator)):
            return "shut-down"
        if name == "asynccontextmanager" and "lifespan" in node.name:
            return "start-up"
    if node.name in known.phases:
        return known.phases[node.name]
    if not _SERVES.isdisjoint(calls) or (node.name == "ready" and [a.arg for a in node.args.args] == ["self"]):
        return "start-up"
    return None


def _by_decorator(node: ast.expr, imports: Imports, known: Registrations) -> Entry | None:
    parts, method = chain(node), last(node)
    call = node if isinstance(node, ast.Call) else None
    first = string(call.args[0]) if call and call.args else ""
    if method == "api_view" or method == "csrf_exempt" or (method.startswith("require_") and "django" in dotted(node, imports)):
        return "http", "django", ""
    if method == "action" and any(name.startswith("rest_framework") for name in imports.values()):
        return "http", "django", ""
    if method == "expose" and call:
        return "http", _framework(imports, known.frameworks), first
    if call and len(parts) > 1 and method in _VERBS and (first[:1] in {"/", "<"} or first == "" or method == "route"):
        path = first or next((string(keyword.value) for keyword in call.keywords if keyword.arg in {"path", "rule"}), "")
        return (
            "http",
            _framework(imports, known.frameworks),
            path if method in {"route", "websocket", "api_route"} else f"{method.upper()} {path}",
        )
    if method in _AROUND and len(parts) > 1:
        return "http", _framework(imports, known.frameworks), method
    if method in _TASKS:
        framework = next(
            (name for name in ("celery", "dramatiq", "huey", "rq", "locust", "faust", "apscheduler") if _imported(name, imports)), "celery"
        )
        return ("consumer" if method == "agent" else "task"), framework, first
    if parts[-2:-1] and parts[-2].startswith("task_") and method in {"connect", "connect_via"}:
        return "task", "celery", parts[-2]
    if method in _COMMANDS and len(parts) > 1:
        return "command", "typer" if _imported("typer", imports) else "click", first
    return None


def _by_class(node: Function, owner: ast.ClassDef, known: Registrations) -> Entry | None:
    arguments = [argument.arg for argument in node.args.args]
    if node.name == "__call__" and arguments[1:] == ["request"]:
        return "http", "django", owner.name
    if node.name in {"process_request", "process_response", "process_resource"} and arguments[1:2] == ["req"]:
        return "http", "falcon", f"{owner.name}.{node.name}"
    if node.name.startswith("_"):
        return None
    bases = known.ancestors(owner)
    if any(base.endswith("Servicer") for base in bases):
        return ("rpc", "grpc", f"{owner.name}.{node.name}") if len(arguments) == _RPC_ARGUMENTS else None
    if node.name in _TASK_HOOKS and any(base.endswith("Task") for base in bases):
        return "task", "celery", f"{owner.name}.{node.name}"
    if node.name in VIEW_METHODS and (view := _view(node, owner, bases, known)):
        return view
    if node.name == "handle" and "BaseCommand" in bases:
        return "command", "django", owner.name
    return None


def _view(node: Function, owner: ast.ClassDef, bases: list[str], known: Registrations) -> Entry | None:
    if routed := known.entries.get(owner.name):
        return (*routed[:2], f"{node.name.upper()} {routed[2]}".strip())
    for base in bases:
        if base in VIEW_BASES:
            return "http", VIEW_BASES[base], f"{owner.name}.{node.name}"
        if base.endswith(DJANGO_BASES) and base != "BaseView":
            return "http", "aiohttp" if "aiohttp" in known.frameworks else "django", f"{owner.name}.{node.name}"
    return None


def _framework(imports: Imports, known: list[str]) -> str:
    return next((name for name in WEB if _imported(name, imports)), known[0] if known else "http")


def _imported(name: str, imports: Imports) -> bool:
    return any(value == name or value.startswith(f"{name}.") for value in imports.values())
