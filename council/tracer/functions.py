"""The facts of each function: what it does, and what it writes to traces, logs and metrics while it does it.

What makes a function matter is read from its code without the telemetry in it, so that a function matters the same
whether it is instrumented or not.
"""

from __future__ import annotations

import ast
import builtins
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from council.tracer.choices import ABORTS, Arm, Branch, arms_of_if, arms_of_match, branches_of_if, branches_of_match
from council.tracer.clients import Clients
from council.tracer.entries import Entry, Registrations, entry_of, phase_of
from council.tracer.helpers import Helper, Helpers
from council.tracer.model import MODULE, CallKind, Phase, Signal
from council.tracer.names import Function, Imports, dotted, ids_in, last, own_id, written
from council.tracer.telemetry import Emission, Vocabulary

_BUILTINS = frozenset(dir(builtins))
_RUNNERS = frozenset("asyncio.run uvicorn.run anyio.run trio.run app.run hypercorn.run waitress.serve aiohttp.web.run_app".split())
_FEW = 3
_READS = frozenset(
    "int float complex bool str bytes Decimal Fraction UUID loads literal_eval strptime fromisoformat ip_address ip_network index"
    " split strip lower decode encode b64decode b64encode unquote getattr timedelta datetime get isinstance len"
    " urlparse urlsplit rsplit append dumps fileno".split()
)
_PARSES = re.compile(r"(?i)^_?(?:parse|clean|coerce|convert|validate|decode|deserialize|normalize|to_|from_|as_)")
# A function that is given what was caught: set_exception, handle_job_failure, on_error, exc_info, format_exc.
_TELLS = re.compile(
    r"(?i)(?:^|_)(?:exception|exc_info|format_exc|print_exc|failure|report|capture|notify)(?:$|_)|^on_error|handle_\w*error|^set_error"
)
_APPS = frozenset(
    "flask.Flask quart.Quart fastapi.FastAPI starlette.applications.Starlette aiohttp.web.Application sanic.Sanic litestar.Litestar"
    " falcon.App falcon.asgi.App tornado.web.Application connexion.App connexion.FlaskApp".split()
)
_OWN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(slots=True)
class Except:
    """An `except` clause."""

    line: int
    end: int
    exceptions: tuple[str, ...]
    raises: bool
    trivial: bool
    uses_exception: bool
    converts: bool  # what it guards does no more than read a value: int(text)
    handed_to: str  # the function that is given the exception to tell of it, or ""


@dataclass(slots=True)
class Sent:
    """A call that leaves the process."""

    line: int
    kind: CallKind
    library: str
    call: str


@dataclass(slots=True)
class Unit:
    """One function, or the code of a module outside of any."""

    file: str
    line: int
    name: str
    simple: str
    entry: Entry | None = None
    phase: Phase | None = None
    helper: Helper | None = None
    nested: bool = False  # inside of another function, whose names it may use
    framework_calls: bool = False  # a method of a class with a base, or decorated: called by what the audit does not see
    emissions: list[Emission] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    handlers: list[Except] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    arms: list[Arm] = field(default_factory=list)
    yields: list[int] = field(default_factory=list)
    prints: list[int] = field(default_factory=list)
    references: set[str] = field(default_factory=set)
    ids: dict[str, int] = field(default_factory=dict)
    statements: int = 0
    calls: bool = False
    serves: bool = False
    consumes: str = ""
    bound: set[str] = field(default_factory=set)
    always: list[tuple[int, int]] = field(default_factory=list)  # `finally`, which every way through passes
    end: int = 0  # the line of the last statement where a way through leads that is no branch's and no handler's; else 0

    def between(self, first: int, final: int) -> list[Emission]:
        """What is written between two lines, both included; `emissions` are in the order of their lines."""
        low = bisect_left(self.emissions, first, key=_line_of)
        return self.emissions[low : bisect_right(self.emissions, final, lo=low, key=_line_of)]

    def signals(self, first: int, final: int) -> tuple[Signal, ...]:
        """The signals that are written between two lines."""
        return tuple(sorted({emission.signal for emission in self.between(first, final) if emission.kind != "bind"}))

    def under_span(self) -> Ranges:
        """The lines inside of spans that this function starts."""
        return Ranges(self.spans)


class Ranges:
    """Ranges of lines, both ends included; whether a line is in any takes time in the logarithm of how many."""

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        self._firsts: list[int] = []
        self._finals: list[int] = []
        for first, final in sorted(ranges):
            if self._finals and first <= self._finals[-1]:
                self._finals[-1] = max(self._finals[-1], final)
            else:
                self._firsts.append(first)
                self._finals.append(final)

    def __contains__(self, line: int) -> bool:
        at = bisect_right(self._firsts, line) - 1
        return at >= 0 and line <= self._finals[at]


def _line_of(emission: Emission) -> int:
    return emission.line


class Reader:
    """Reads the functions of one module.

    Args:
        file: its path, relative to the root.
        imports: what it imports.
        vocabulary, helpers, known: names of the whole project.
        clients: the module's clients.
    """

    def __init__(
        self, file: str, imports: Imports, vocabulary: Vocabulary, helpers: Helpers, known: Registrations, clients: Clients
    ) -> None:
        self._file = file
        self._imports = imports
        self._vocabulary = vocabulary
        self._helpers = helpers
        self._known = known
        self._clients = clients

    def read(self, tree: ast.Module) -> list[Unit]:
        """The module's own code, then each function in the order of the file."""
        units = [self._module(tree)]
        todo: list[tuple[ast.AST, str, ast.ClassDef | None]] = [(tree, "", None)]
        while todo:
            node, prefix, owner = todo.pop()
            for child in _definitions(node):
                name = f"{prefix}{child.name}"
                if isinstance(child, ast.ClassDef):
                    todo.append((child, f"{name}.", child))
                else:
                    units.append(self._function(child, name, owner))
                    todo.append((child, f"{name}.<locals>.", None))
        return [units[0], *sorted(units[1:], key=lambda unit: unit.line)]

    def _module(self, tree: ast.Module) -> Unit:
        unit = Unit(self._file, 1, MODULE, MODULE)
        body: list[ast.stmt] = []
        for statement in tree.body:
            if isinstance(statement, ast.If) and "__name__" in written(statement.test):
                unit.phase, unit.line = "start-up", statement.lineno
            body.append(statement)
        self._body(unit, body)
        for node in ast.walk(tree):  # decorators, defaults and bases are run by the module
            if isinstance(node, _OWN):
                unit.references |= {last(decorator) for decorator in node.decorator_list}
        return unit

    def _function(self, node: Function, name: str, owner: ast.ClassDef | None) -> Unit:
        unit = Unit(self._file, node.lineno, name, node.name, nested="<locals>" in name)
        for decorator in node.decorator_list:
            if self._vocabulary.is_span_decorator(decorator):
                line = decorator.lineno
                found = self._vocabulary.emission(decorator, self._imports) if isinstance(decorator, ast.Call) else None
                unit.emissions.append(found or Emission("traces", "span", line))
                unit.spans.append((node.lineno, node.end_lineno or node.lineno))
            elif isinstance(decorator, ast.Call) and (found := self._vocabulary.emission(decorator, self._imports)):
                unit.emissions.append(found)
            elif around := self._helpers.decorations(decorator, self._imports):
                unit.emissions += around
                unit.spans += [(node.lineno, node.end_lineno or node.lineno) for one in around if one.kind == "span"]
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        unit.bound |= {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        unit.end = _end(node.body)
        for argument in arguments:
            for identifier in ids_in(argument):
                unit.ids.setdefault(identifier, node.lineno)
        self._body(unit, node.body)
        unit.entry = entry_of(node, owner, self._imports, self._known)
        if unit.entry is None and unit.consumes:
            unit.entry = ("consumer", unit.consumes, node.name)
        unit.phase = phase_of(node, unit.references, self._known) or ("start-up" if unit.serves else None)
        if unit.entry is None and unit.phase is None:
            unit.helper = self._helpers.known.get((self._file, name))
        plain = {
            "staticmethod",
            "classmethod",
            "property",
            "contextmanager",
            "asynccontextmanager",
            "cached_property",
            "lru_cache",
            "cache",
            "wraps",
        }
        decorated = any(last(d) not in plain and not self._vocabulary.is_span_decorator(d) for d in node.decorator_list)
        unit.framework_calls = decorated or bool(owner and any(last(base) not in {"object", "Protocol", "ABC", ""} for base in owner.bases))
        return unit

    def _body(self, unit: Unit, body: Sequence[ast.stmt]) -> None:
        for statement in _statements(body):
            self._statement(unit, statement, body)
            for expression in _expressions(statement):
                self._expression(unit, expression)
        unit.emissions.sort(key=_line_of)

    def _statement(self, unit: Unit, node: ast.stmt, body: Sequence[ast.stmt]) -> None:
        if isinstance(node, ast.With | ast.AsyncWith):
            if any(self._is_span(item.context_expr) for item in node.items):
                unit.spans.append((node.lineno, node.end_lineno or node.lineno))
                return
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and self._is_span(node.value):
            unit.spans.append((node.lineno, body[-1].end_lineno or node.lineno))
            return
        elif isinstance(node, ast.Try | ast.TryStar):
            converts = _converts(node.body)
            unit.handlers += [self._handler(handler, converts) for handler in node.handlers]
            unit.bound |= {handler.name for handler in node.handlers if handler.name}
            if node.finalbody:
                unit.always.append((node.finalbody[0].lineno, node.finalbody[-1].end_lineno or node.lineno))
        elif isinstance(node, ast.For | ast.AsyncFor | ast.While):
            unit.consumes = unit.consumes or self._clients.consumed(node)
        elif isinstance(node, ast.If):
            unit.branches += branches_of_if(node)
            unit.arms += arms_of_if(node)
        elif isinstance(node, ast.Match):
            unit.branches += branches_of_match(node)
            unit.arms += arms_of_match(node)
        if not self._is_telemetry(node) and not isinstance(node, ast.Pass | ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal):
            unit.statements += 1

    def _expression(self, unit: Unit, expression: ast.expr) -> None:
        """Everything in an expression, but not what is inside of telemetry."""
        todo: list[ast.AST] = [expression]
        while todo:
            node = todo.pop()
            if isinstance(node, ast.Call):
                if found := self._writes(node):
                    unit.emissions += found
                    continue
                if self._vocabulary.is_set_up(node):
                    continue
                self._call(unit, node)
            elif isinstance(node, ast.Name):
                (unit.references if isinstance(node.ctx, ast.Load) else unit.bound).add(node.id)
            elif isinstance(node, ast.Attribute):
                unit.references.add(node.attr)
            elif isinstance(node, ast.Yield):
                unit.yields.append(node.lineno)
            if identifier := own_id(node):
                unit.ids.setdefault(identifier, getattr(node, "lineno", unit.line))
            todo.extend(ast.iter_child_nodes(node))

    def _call(self, unit: Unit, node: ast.Call) -> None:
        name = last(node.func)
        if isinstance(node.func, ast.Name) and name == "print":
            unit.prints.append(node.lineno)
        if not (isinstance(node.func, ast.Name) and name in _BUILTINS):
            unit.calls = True
        unit.serves = unit.serves or dotted(node.func, self._imports) in _RUNNERS | _APPS
        if sent := self._clients.outgoing(node):
            unit.sent.append(Sent(node.lineno, sent[0], sent[1], written(node.func)))

    def _is_span(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and any(found.kind == "span" for found in self._writes(node))

    def _writes(self, call: ast.Call) -> tuple[Emission, ...]:
        """What a call writes, by itself or through one of the service's helpers."""
        found = self._vocabulary.emission(call, self._imports)
        return (found,) if found is not None else self._helpers.emissions(call, self._imports)

    def _is_telemetry(self, node: ast.stmt) -> bool:
        value = node.value if isinstance(node, ast.Expr | ast.Assign | ast.AnnAssign) else None
        if isinstance(node, ast.Expr) and isinstance(value, ast.Constant):
            return True  # a docstring does nothing either
        while isinstance(value, ast.Await):
            value = value.value
        return isinstance(value, ast.Call) and (bool(self._writes(value)) or self._vocabulary.is_set_up(value))

    def _handler(self, node: ast.ExceptHandler, converts: bool) -> Except:
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type] if node.type else []
        inner = [child for statement in node.body for child in ast.walk(statement)]
        raises = any(isinstance(child, ast.Raise) or (isinstance(child, ast.Call) and last(child.func) in ABORTS) for child in inner)
        work = [statement for statement in node.body if not self._is_telemetry(statement)]
        trivial = all(
            isinstance(s, ast.Pass | ast.Continue | ast.Break) or (isinstance(s, ast.Return) and not isinstance(s.value, ast.Call))
            for s in work
        )
        used = any(isinstance(child, ast.Name) and child.id == node.name for statement in work for child in ast.walk(statement))
        return Except(
            line=node.lineno,
            end=node.end_lineno or node.lineno,
            exceptions=tuple(written(kind, 60) for kind in kinds),
            raises=raises,
            trivial=trivial,
            uses_exception=used,
            converts=converts,
            handed_to=next((last(call.func) for call in inner if isinstance(call, ast.Call) and _TELLS.search(last(call.func))), ""),
        )


def _converts(body: list[ast.stmt]) -> bool:
    calls = [inner for statement in body for inner in ast.walk(statement) if isinstance(inner, ast.Call)]
    return bool(calls) and len(body) <= _FEW and all(last(call.func) in _READS or _PARSES.search(last(call.func)) for call in calls)


def _definitions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Functions and classes in a node's own body, at any depth of statements but not inside each other."""
    todo = list(ast.iter_child_nodes(node))
    while todo:
        child = todo.pop()
        if isinstance(child, _OWN):
            yield child
        elif not isinstance(child, ast.expr):
            todo.extend(ast.iter_child_nodes(child))


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body at any depth, in order, without those of functions and classes in it."""
    todo = list(reversed(body))
    while todo:
        node = todo.pop()
        if isinstance(node, _OWN):
            continue
        yield node
        inner: list[ast.stmt] = []
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                inner.append(child)
            elif isinstance(child, ast.ExceptHandler | ast.match_case):
                inner += child.body
        todo.extend(reversed(inner))


def _expressions(node: ast.stmt) -> Iterator[ast.expr]:
    """The expressions of a statement itself, not those of statements in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        elif isinstance(child, ast.withitem):
            yield child.context_expr
            if child.optional_vars is not None:
                yield child.optional_vars
        elif isinstance(child, ast.ExceptHandler):
            if child.type is not None:
                yield child.type
        elif isinstance(child, ast.match_case) and child.guard is not None:
            yield child.guard


def _end(body: Sequence[ast.stmt]) -> int:
    """The last line of a body, or of the round of the loop that it ends with; 0 where only a branch that ends leads there."""
    final = body[-1]
    if isinstance(final, ast.With | ast.AsyncWith | ast.While):
        return _end(final.body)
    if isinstance(final, ast.Raise) or (isinstance(final, ast.If) and final.orelse):
        return 0
    return final.end_lineno or final.lineno
