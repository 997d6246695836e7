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
        own: of these, plain names of the module that only ever log, and that no other module imports.
    """

    imports: dict[str, str]
    names: set[str] = field(default_factory=set)
    own: set[str] = field(default_factory=set)
    adapters: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)

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
        return "unknown" if any(value.split(".")[0] in _OTHERS for value in self.imports.values()) else "stdlib"


def loggers_of(tree: ast.Module, imported_elsewhere: Collection[str]) -> Loggers:
    """The loggers of a module.

    Args:
        tree: the module.
        imported_elsewhere: names that other modules import from somewhere in the project.
    """
    found = Loggers(imports_of(tree))
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
