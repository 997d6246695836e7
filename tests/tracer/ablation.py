"""Takes one signal out of one function of a service, by what the APIs of OpenTelemetry and logging call it.

Knows nothing of the audit: it is what the audit is measured against.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SPANS = {"start_as_current_span", "start_span"}
ATTRIBUTES = {"set_attribute", "set_attributes", "add_event"}
ON_SPAN = ATTRIBUTES | {"record_exception", "set_status"}
LOGS = {"debug", "info", "warning", "error", "exception", "critical"}
METRICS = {"add", "record"}
PROMETHEUS = {"inc", "observe", "set"}
WHAT = ("spans", "attributes", "logs", "metrics")
SIGNAL = {"spans": "traces", "attributes": "traces", "logs": "logs", "metrics": "metrics"}


def method(node: ast.AST) -> str:
    """The method of `a.b(...)`."""
    return node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""


def written_by(node: ast.AST) -> str:
    """What a call writes: spans, attributes, logs, metrics or nothing."""
    name = method(node)
    if name in SPANS:
        return "spans"
    if name in ON_SPAN:
        return "attributes"
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return ""
    receiver = ast.unparse(node.func.value)
    if name in LOGS and receiver.rpartition(".")[2].lower().strip("_") in {"logger", "log", "logging"}:
        return "logs"
    if name in METRICS and len(node.args) == 2 and isinstance(node.args[1], ast.Dict):
        return "metrics"
    if name in PROMETHEUS and ".labels(" in receiver:
        return "metrics"
    return ""


@dataclass
class Strip(ast.NodeTransformer):
    """Strips one signal from the function it is first shown, or one statement of it.

    Attributes:
        what: spans, attributes, logs or metrics; spans take what is written on them along.
        only: the number of the one statement to take out, or -1 for all.
    """

    what: str
    only: int = -1
    seen: int = 0
    removed: int = 0
    entered: bool = False

    def _wanted(self, node: ast.AST) -> bool:
        found = written_by(node)
        if found != self.what and not (self.what == "spans" and found == "attributes" and self.only < 0):
            return False
        self.seen += 1
        return self.only < 0 or self.only == self.seen - 1

    def visit_FunctionDef(self, node):
        if self.entered:
            return node  # a function inside is another function
        self.entered = True
        kept = [decorator for decorator in node.decorator_list if not self._wanted(decorator)]
        self.removed += len(node.decorator_list) - len(kept)
        node.decorator_list = kept
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node):
        return self.visit_FunctionDef(node)

    def visit_ClassDef(self, node):
        return node

    def visit_Expr(self, node):
        if self._wanted(node.value):
            self.removed += 1
            return ast.Pass()
        return self.generic_visit(node)

    def visit_With(self, node):
        kept = [item for item in node.items if not self._wanted(item.context_expr)]
        self.removed += len(node.items) - len(kept)
        node = self.generic_visit(node)
        if not kept:
            return node.body
        node.items = kept
        return node

    def visit_AsyncWith(self, node):
        return self.visit_With(node)


def without_idle_passes(tree: ast.AST) -> ast.AST:
    """Drops each `pass` that is not alone."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list) and len(body) > 1:
                kept = [statement for statement in body if not isinstance(statement, ast.Pass)]
                setattr(node, name, kept or [ast.Pass()])
    return ast.fix_missing_locations(tree)


def functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Each function with its qualified name."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from functions(node, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{node.name}", node
            yield from functions(node, f"{prefix}{node.name}.<locals>.")
        else:
            yield from functions(node, prefix)


def ablations(root: Path, *, single: bool = False) -> Iterator[tuple[str, str, str, str]]:
    """File, function, what was taken out, and the file's text without it."""
    for path in sorted(root.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for name, _ in functions(ast.parse(text)):
            for what in WHAT:
                number = 0
                while True:
                    tree = ast.parse(text)
                    strip = Strip(what, only=number if single else -1)
                    target = dict(functions(tree))[name]
                    strip.visit(target)
                    if not strip.removed:
                        break
                    yield path.relative_to(root).as_posix(), name, what, ast.unparse(without_idle_passes(tree))
                    if not single:
                        break
                    number += 1


def stripped(text: str) -> str:
    """A module without any of it."""
    tree = ast.parse(text)
    for _, node in functions(tree):
        for what in WHAT:
            Strip(what).visit(node)
    return ast.unparse(without_idle_passes(tree))
