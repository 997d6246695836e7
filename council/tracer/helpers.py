"""A service's own thin helpers that write telemetry, such as `def count(name, **labels)` in its telemetry.py.

A call of one is telemetry of the function that calls it. Only functions in modules and classes that are named after
telemetry count, so that a function which happens to log is not taken for one. A helper is known by its place and its
name even where it writes nothing, so that an empty one is found itself, and not at each of its callers.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from council.tracer.model import Signal
from council.tracer.names import Function, Imports, dotted, last
from council.tracer.telemetry import Emission, Vocabulary, written_by_helper

_PLACE = re.compile(
    r"(?i)(?:^|_)(?:telemetry|observability|o11y|otel|opentelemetry|instrumentation|monitoring|metrics?|tracing|statsd|logs|logging|log_?utils)(?:$|_)"
    r"|(?:Telemetry|Metrics|Tracing|Observability)$"
)
_VERBS: tuple[tuple[Signal, re.Pattern[str]], ...] = (
    (
        "metrics",
        re.compile(r"^(?:count|counter|inc|incr|increment|gauge|timing|timer|timed|observe|measure|histogram|metric)(?:$|_)|^record_"),
    ),
    ("traces", re.compile(r"^(?:span|trace|traced|tag|annotate|attributes?|set_attr\w*)(?:$|_)|_span$")),
    ("logs", re.compile(r"^(?:log|event|info|warn|warning|error|problem|exception|debug|emit|audit)(?:$|_)")),
)
_PLAIN = frozenset(dir(builtins)) | frozenset("items get update setdefault copy pop append perf_counter monotonic time wraps".split())
_LIMIT = 15
_FRAMEWORK_NAMES = ("__", "configure", "setup", "init")


@dataclass(slots=True)
class Helper:
    """A thin helper.

    Attributes:
        writes: what its body writes; none where it is hollow.
        signal: the signal that it is there for.
        unused: its first parameter that its body does not use, or "".
        decorates: it is put before functions, and not called by them.
    """

    node: Function
    imports: Imports
    owner: str
    writes: tuple[Emission, ...] = ()
    signal: Signal | None = None
    unused: str = ""
    decorates: bool = False


@dataclass(slots=True)
class Helpers:
    """The helpers of a project: by file and qualified name, and by the last name of their module or class and their own."""

    known: dict[tuple[str, str], Helper] = field(default_factory=dict)
    _named: dict[tuple[str, str], Helper] = field(default_factory=dict)
    _instances: dict[str, str] = field(default_factory=dict)

    def learn(self, file: str, tree: ast.Module, imports: Imports) -> None:
        """Take in the functions of one module that may be helpers, and which names are made of which class."""
        stem = PurePosixPath(file).stem
        place = PurePosixPath(file).parent.name if stem == "__init__" else stem
        for statement in tree.body:
            if isinstance(statement, ast.ClassDef) and _PLACE.search(statement.name):
                self._take(file, f"{statement.name}.", statement.name, statement.body, imports)
        if _PLACE.search(place):
            self._take(file, "", place, tree.body, imports)
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _PLACE.search(made := last(node.value.func)):
                self._instances.update({name: made for name in map(last, node.targets) if name})
            elif isinstance(node, ast.arg) and node.annotation is not None and _PLACE.search(kind := last(node.annotation)):
                self._instances.setdefault(node.arg, kind)

    def _take(self, file: str, prefix: str, owner: str, body: list[ast.stmt], imports: Imports) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith(_FRAMEWORK_NAMES):
                self.known[file, prefix + node.name] = Helper(node, imports, owner)

    def settle(self, vocabulary: Vocabulary) -> None:
        """Keep those that do nothing but write, now that the names of all modules are known."""
        self.known = {key: helper for key, helper in self.known.items() if _settled(helper, vocabulary)}
        for helper in self.known.values():
            self._named.setdefault((helper.owner, helper.node.name), helper)

    def called(self, node: ast.expr, imports: Imports) -> Helper | None:
        """The helper that a call calls or a decorator names, or None."""
        parts = dotted(node, imports).split(".") if self._named else []
        if len(parts) < 2:
            return None
        owner, name = parts[-2:]
        return self._named.get((owner, name)) or self._named.get((self._instances.get(owner, ""), name))

    def emissions(self, call: ast.Call, imports: Imports) -> tuple[Emission, ...]:
        """What a call of a helper writes; nothing where it calls none."""
        helper = self.called(call.func, imports)
        return () if helper is None or helper.decorates else _written(helper, call)

    def decorations(self, decorator: ast.expr, imports: Imports) -> tuple[Emission, ...]:
        """What a decorator of the service's own writes around a function; nothing where it is none."""
        helper = self.called(decorator.func if isinstance(decorator, ast.Call) else decorator, imports)
        if helper is None or not helper.decorates:
            return ()
        call = decorator if isinstance(decorator, ast.Call) else ast.Call(decorator, [], [])
        return _written(helper, ast.copy_location(call, decorator))


def _written(helper: Helper, call: ast.Call) -> tuple[Emission, ...]:
    encloses = helper.decorates or any(isinstance(node, ast.Yield) for node in ast.walk(helper.node))
    found = [(one.signal, one.kind, one.level, one.traceback) for one in helper.writes]
    if helper.signal == "traces" and encloses:
        found = [("traces", "span", "", False), *(one for one in found if one[0] != "traces")]
    elif not found:
        signal = helper.signal or "logs"
        found = [(signal, {"traces": "attribute", "logs": "log", "metrics": "metric"}[signal], "", False)]
    return tuple(written_by_helper(call, signal, kind, level, traceback=traceback) for signal, kind, level, traceback in found)


def _settled(helper: Helper, vocabulary: Vocabulary) -> bool:
    """Fill a helper in; False where it is none."""
    node = helper.node
    nodes = [inner for inner in ast.walk(node) if inner is not node]
    helper.decorates = any(isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) for inner in nodes)
    if not helper.decorates and not _thin(nodes, helper.imports, vocabulary):
        return False
    writes: dict[tuple[Signal, str], Emission] = {}
    for call in _calls(node):
        if found := vocabulary.emission(call, helper.imports):
            writes.setdefault((found.signal, found.kind), found)
    named = next((signal for signal, verbs in _VERBS if verbs.search(node.name)), None)
    helper.writes = _chief(tuple(writes.values()))
    helper.signal = named or (helper.writes[0].signal if helper.writes else None)
    parameters = [argument.arg for argument in _parameters(node) if argument.arg not in {"self", "cls"}]
    used = {inner.id for inner in nodes if isinstance(inner, ast.Name)}
    if named:  # else it cannot be told which signal a parameter is for
        helper.unused = next((name for name in parameters if name not in used and not name.startswith("_")), "")
    return helper.signal is not None and bool(parameters) and (bool(helper.writes) or helper.decorates or _hollow(node))


def _thin(nodes: list[ast.AST], imports: Imports, vocabulary: Vocabulary) -> bool:
    if sum(isinstance(inner, ast.stmt) for inner in nodes) > _LIMIT:
        return False
    if any(isinstance(inner, ast.ClassDef | ast.Raise | ast.Await) for inner in nodes):
        return False
    calls = [inner for inner in nodes if isinstance(inner, ast.Call)]
    return all(vocabulary.emission(call, imports) or vocabulary.is_set_up(call) or last(call.func) in _PLAIN for call in calls)


def _chief(writes: tuple[Emission, ...]) -> tuple[Emission, ...]:
    """A span rather than what is written on it; else one for each signal."""
    starts = {one.signal for one in writes if one.kind == "span"}
    return tuple(one for one in writes if one.kind == "span" or one.signal not in starts)


def _hollow(node: Function) -> bool:
    """Whether a body neither gives anything back nor does anything."""
    return not any(
        isinstance(inner, ast.Return) and inner.value is not None and not isinstance(inner.value, ast.Constant) for inner in ast.walk(node)
    )


def _calls(node: Function) -> Iterator[ast.Call]:
    for statement in node.body:
        for inner in ast.walk(statement):
            if isinstance(inner, ast.Call):
                yield inner


def _parameters(node: Function) -> list[ast.arg]:
    rest = [argument for argument in (node.args.vararg, node.args.kwarg) if argument is not None]
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, *rest]
