"""Which calls leave the process: through a library's own functions, or through a client that one of them made."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from council.tracer.libraries import ALL_METHODS, CALLS, CONSUMERS, LOCAL, RECEIVES
from council.tracer.model import CallKind
from council.tracer.names import Imports, chain, dotted, last

_MAKES = re.compile(
    r"(?i)client|session|connect|engine|redis|producer|pool|cursor|cache|sqlalchemy|channel|database|mongo|consumer|resource|stub|elasticsearch"
    r"|openai|anthropic|from_url|begin|acquire|transaction|queue|broker|celery|exchange|elastic|cluster|strict"
)
_ANY = frozenset("client session resource queue channel service api".split())
_SQL_NAMES = re.compile(r"(?:^|_)(?:cursor|cur|conn|connection|session|db|engine|tx|database)$")
_SQL_SURE = frozenset("execute executemany commit scalar scalars fetchrow fetchval flush".split())


def library(name: str) -> str:
    """The library of a dotted name, or ""."""
    first = name.split(".", maxsplit=1)[0]
    if name.startswith("django.core.cache"):
        return "django.cache"
    if name.startswith(("urllib.parse", "urllib.error", "http.server", "http.cookies", "http.HTTP")):
        return ""
    return first if first in CALLS or first in ALL_METHODS else ""


class Clients:
    """What the names of one module are clients of.

    Args:
        tree, imports: the module.
        shared: clients by name from all modules, for what is imported or stands on an object.
    """

    def __init__(self, tree: ast.Module, imports: Imports, shared: Mapping[str, str]) -> None:
        self._imports = imports
        self._shared = shared
        self.names: dict[str, str] = {}
        for _ in range(2):  # a client may be made of one that is assigned further down
            for target, value in _bindings(tree):
                found = self._made_by(value)
                if found and target:
                    self.names.setdefault(target, found)

    def outgoing(self, call: ast.Call) -> tuple[CallKind, str] | None:
        """Kind and library of a call that leaves the process, or None."""
        method = last(call.func)
        parts = chain(call.func)
        if method in {"delay", "apply_async", "send_task"} and len(parts) > 1:
            return "queue", "celery"
        if len(parts) > 1 and method[:1].isupper() and any(part.lower().endswith("stub") for part in parts[:-1]):
            return "rpc", "grpc"
        found = self._of(call.func)
        if not found:
            return self._by_convention(method, parts)
        if found == "grpc":
            return ("rpc", "grpc") if method[:1].isupper() and not method.endswith("Stub") else None
        if found == "django.cache":
            return ("cache", "django") if method in CALLS["redis"][1] else None
        if found in ALL_METHODS:
            plain = len(parts) == 1 or method in LOCAL or method[:1].isupper() or method in {"client", "resource"}
            return None if plain else (ALL_METHODS[found], found)
        kind, methods = CALLS[found]
        if found == "django" and "objects" not in parts and "cursor" not in parts:
            return None
        return (kind, found) if method in methods else None

    def consumed(self, loop: ast.For | ast.AsyncFor | ast.While) -> str:
        """The library whose messages a loop takes one by one ("asyncio", "kafka"), or ""."""
        if not isinstance(loop, ast.While):
            found = self._of(ast.Attribute(loop.iter, "next", ast.Load()))
            return found if found in CONSUMERS else ""
        for node in ast.walk(loop):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                parts = chain(node.func)
                if parts[-1] in RECEIVES:
                    return self._of(node.func) or "queue"
                if parts[-1] in {"get", "get_nowait"} and len(parts) > 1 and parts[-2].lower().endswith(("queue", "inbox")):
                    return "asyncio" if any(isinstance(child, ast.Await) for child in ast.walk(loop)) else "queue"
        return ""

    def _of(self, func: ast.expr) -> str:
        parts = chain(func)
        if not parts:
            return ""
        named = library(dotted(func, self._imports)) if parts[0] in self._imports else ""
        if named and (len(parts) == 1 or parts[0] in self._imports):
            return named
        if "objects" in parts[1:-1] and parts[0][:1].isupper():
            return "django"
        for n, part in enumerate(parts[:-1]):
            if part in self.names:
                return self.names[part]
            if part in self._shared and (part in self._imports or (n and self._is_known(part))):
                return self._shared[part]
        return ""

    def _is_known(self, name: str) -> bool:
        """Whether an attribute that another module makes a client of is one here: any thing may be called a client."""
        return name.strip("_") not in _ANY or any(library(value) == self._shared[name] for value in self._imports.values())

    def _by_convention(self, method: str, parts: list[str]) -> tuple[CallKind, str] | None:
        if method in _SQL_SURE and any(_SQL_NAMES.search(part) for part in parts[:-1]):
            own, others = {library(name) for name in self._imports.values()}, list(self._shared.values())
            ranked = [*sorted(own), *sorted(set(others), key=lambda name: (-others.count(name), name))]
            return "sql", next((name for name in ranked if name in CALLS and CALLS[name][0] == "sql"), "sql")
        return None

    def _made_by(self, value: ast.expr) -> str:
        """The library that an expression makes a client of, or ""."""
        while isinstance(value, ast.Await | ast.BoolOp):
            value = value.value if isinstance(value, ast.Await) else value.values[-1]
        if isinstance(value, ast.Name | ast.Attribute | ast.Subscript):
            parts = chain(value)
            if isinstance(value, ast.Subscript) or not parts:
                return ""
            return self.names.get(parts[-1], "") or (library(dotted(value, self._imports)) if _MAKES.search(parts[-1]) else "")
        if not isinstance(value, ast.Call):
            return ""
        method = last(value.func)
        if method.endswith("Stub"):
            return "grpc"
        parts = chain(value.func)
        made = self.names.get(method, "") if len(parts) == 1 else ""
        return made or (self._of(value.func) if _MAKES.search(method) else "")


def _bindings(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield last(target), node.value
        elif isinstance(node, ast.AnnAssign):
            yield last(node.target), node.value if node.value is not None else node.annotation
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            yield last(node.optional_vars), node.context_expr
        elif isinstance(node, ast.arg) and node.annotation is not None:
            yield node.arg, _plain_annotation(node.annotation)


def _plain_annotation(node: ast.expr) -> ast.expr:
    """`Annotated[Session, Depends(...)]` and `Session | None` → `Session`."""
    while True:
        if isinstance(node, ast.Subscript) and last(node.value) in {"Annotated", "Optional"}:
            node = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
        elif isinstance(node, ast.BinOp):
            node = node.left
        else:
            return node
