"""Which expressions of a module are stdlib loggers, and which of them may become structlog's."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from council.tracer.names import chain, dotted, imports_of, last

Kind = Literal["own", "module", "stdlib", "adapter", "unknown", ""]
"""Assigned here and for nothing but logging; the module `logging`; some stdlib logger; an adapter; cannot be told; none."""

METHODS = frozenset("debug info warning warn error exception critical fatal log".split())
_NAME = re.compile(r"(?i)^_*(?:\w*_)?(?:log|logger)$")
_OTHERS = ("structlog", "loguru", "logbook", "twisted", "absl", "logfire")


@dataclass(slots=True)
class Loggers:
    """The loggers of one module.

    Attributes:
        names: bound by `logging.getLogger`.
        doubtful: bound somewhere in the project to what nobody can tell is a stdlib logger.
        own: of these, plain names of the module that only ever log, and that no other module imports.
    """

    imports: dict[str, str]
    names: set[str] = field(default_factory=set)
    own: set[str] = field(default_factory=set)
    adapters: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    doubtful: Collection[str] = ()

    def kind(self, path: list[str]) -> Kind:
        """What `a.b.logger` is, by its names."""
        if not path:
            return ""
        name = path[-1]
        whole = ".".join([self.imports.get(path[0], path[0]), *path[1:]])
        if whole == "logging":
            return "module"
        if name in self.adapters:
            return "adapter"
        if name in self.foreign or whole.split(".")[0] in _OTHERS:
            return ""
        if name in self.names:
            return "own" if len(path) == 1 and name in self.own else "stdlib"
        if not _NAME.match(name):
            return ""
        return "unknown" if name in self.doubtful or any(value.split(".")[0] in _OTHERS for value in self.imports.values()) else "stdlib"


def loggers_of(tree: ast.Module, imported_elsewhere: Collection[str], doubtful: Collection[str] = ()) -> Loggers:
    """The loggers of a module.

    Args:
        tree: the module.
        imported_elsewhere: names that other modules import from somewhere in the project.
        doubtful: `doubtful_names` of all its modules.
    """
    found = Loggers(imports_of(tree), doubtful=doubtful)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            made = dotted(node.value.func, found.imports)
            names = {last(target) for target in targets}
            if made == "logging.getLogger":
                found.names |= names
            elif made.endswith("LoggerAdapter"):
                found.adapters |= names
            elif made.split(".")[0] in _OTHERS:
                found.foreign |= names
    plain = {target.id for target in _module_targets(tree) if target.id in found.names}
    found.own = {name for name in plain if name not in imported_elsewhere and _only_logs(tree, name)}
    return found


def doubtful_names(tree: ast.Module) -> set[str]:
    """Names as of a logger that a module binds to what may be none of the stdlib's: a parameter, what some other call gives.

    A logger of the project's own, or one that its tests put in its place, need not take `extra`.
    """
    made = {"getLogger", "get_task_logger", "getChild", "LoggerAdapter", "get_logger"}
    known = {last(t) for node in ast.walk(tree) if isinstance(node, ast.Assign) and _calls(node.value, made) for t in node.targets}
    untyped = {arg.arg for arg in ast.walk(tree) if isinstance(arg, ast.arg) and not _says_logger(arg)}
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or _calls(node.value, made):
            continue
        called = isinstance(node.value, ast.Call)
        given = isinstance(node.value, ast.Name) and node.value.id in untyped and node.value.id not in known
        if called or given:
            found |= {name for name in map(last, node.targets) if _NAME.match(name)}
    return found


def _calls(node: ast.expr, made: set[str]) -> bool:
    return any(isinstance(inner, ast.Call) and last(inner.func) in made for inner in ast.walk(node))


def _says_logger(arg: ast.arg) -> bool:
    return arg.annotation is not None and "Logger" in ast.unparse(arg.annotation)


def _module_targets(tree: ast.Module) -> list[ast.Name]:
    return [
        node.targets[0]
        for node in tree.body
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    ]


def _only_logs(tree: ast.Module, name: str) -> bool:
    """Whether a name is used for nothing but logging calls, and bound once."""
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name]
    logged = [
        node.func.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in METHODS
        and chain(node.func.value) == [name]
    ]
    loads = [node for node in uses if isinstance(node.ctx, ast.Load)]
    exported = any(isinstance(node, ast.Constant) and node.value == name for node in ast.walk(tree))
    return len(uses) - len(loads) == 1 and len(logged) == len(loads) and not exported
