"""Names in a syntax tree: what an import brought in, a dotted name, the ids that a piece of code has at hand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

Imports = dict[str, str]
Function = ast.FunctionDef | ast.AsyncFunctionDef

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ID = re.compile(r"(?:[a-z0-9]+_)+(?:id|ids|uuid|guid)")
_MADE_BY = re.compile(
    r"^(?:get|fetch|find|set|load|by|make|new|next|generate|gen|create|check|has|is|to|from|parse)_|_by_"
)  # a function's name
_OWN_ID = frozenset({"id", "uuid", "pk"})
_NOT_AN_ID = frozenset(
    "process_id thread_id span_id object_id_or_none client_id app_id widget_id element_id html_id parent_span_id".split()
)


def imports_of(tree: ast.Module) -> Imports:
    """From each name that an import binds, anywhere in the module, to what it stands for."""
    found: Imports = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = alias.name if alias.asname else alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{'.' * node.level}{node.module or ''}.{alias.name}"
    return found


def chain(node: ast.AST) -> list[str]:
    """The names of `a.b["c"].d()`: ["a", "b", "c", "d"]; what is no name is left out."""
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Await):
            node = node.value
        elif isinstance(node, ast.Subscript):
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
                parts.append(node.slice.value)
            node = node.value
        else:
            if isinstance(node, ast.Name):
                parts.append(node.id)
            return parts[::-1]


def dotted(node: ast.AST, imports: Imports) -> str:
    """The dotted name of an expression with its first part resolved: `rq.get` → "requests.get"."""
    parts = chain(node)
    return ".".join([imports.get(parts[0], parts[0]), *parts[1:]]) if parts else ""


def last(node: ast.AST) -> str:
    """The last name of an expression: `self.orders` → "orders"."""
    parts = chain(node)
    return parts[-1] if parts else ""


def snake(name: str) -> str:
    """`orderId`, `app.order.id`, `X-Order-Id` → "order_id", "app_order_id", "x_order_id"."""
    return re.sub(r"[^a-z0-9]+", "_", _CAMEL.sub("_", name).lower()).strip("_")


def as_id(name: str) -> str:
    """The id that a name stands for, in the singular, or ""."""
    name = snake(name)
    if not _ID.fullmatch(name) or name in _NOT_AN_ID or _MADE_BY.search(name):
        return ""
    return name[:-1] if name.endswith("ids") else name


def ids_in(node: ast.AST) -> Iterator[str]:
    """The ids that an expression or statement names: `user_id`, `order.id`, `data["orderId"]`."""
    for inner in ast.walk(node):
        if name := own_id(inner):
            yield name


def own_id(node: ast.AST) -> str:
    """The id that a node itself names, not those of the nodes below it, or ""."""
    name = ""
    if isinstance(node, ast.Name):
        name = as_id(node.id)
    elif isinstance(node, ast.arg):
        name = as_id(node.arg)
    elif isinstance(node, ast.Attribute):
        base = last(node.value)
        name = as_id(f"{base}_id") if node.attr in _OWN_ID and base not in {"self", "cls", ""} else as_id(node.attr)
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        name = as_id(f"{last(node.value)}_id") if node.slice.value in _OWN_ID else as_id(node.slice.value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        first = node.args[0]
        name = as_id(first.value) if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
    return name


def string(node: ast.AST | None) -> str:
    """The value of a string literal, or ""."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def written(node: ast.AST, limit: int = 80) -> str:
    """An expression as one would write it, clipped."""
    try:
        text = " ".join(ast.unparse(node).split())
    except RecursionError:  # a chain of a thousand operators parses, and does not unparse
        return f"{last(node)}…"
    return text if len(text) <= limit else text[: limit - 1] + "…"
