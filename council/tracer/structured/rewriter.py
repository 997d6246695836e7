"""The codemod for one module: what is rewritten, what is left, what is added to the top."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import libcst as cst
import libcst.matchers as m
from libcst.metadata import PositionProvider

from council.tracer.model import MODULE, EntryKind, Place
from council.tracer.names import as_id
from council.tracer.structured.calls import Around, Parts, Rewrite, parts_of, print_parts, rewrite
from council.tracer.structured.loggers import METHODS, Kind, Loggers
from council.tracer.structured.messages import NotSafeError
from council.tracer.structured.model import Left, Rewritten, Style
from council.tracer.structured.pinned import Pinned

_BOUND_AT: frozenset[EntryKind] = frozenset({"http", "rpc", "task", "consumer"})
_ERROR_LEVELS = frozenset({"warning", "error", "exception", "critical", "fatal"})
_CONTEXT = "structlog.contextvars"


@dataclass(frozen=True, slots=True)
class Given:
    """What the codemod is told about a module.

    Attributes:
        prints: lines of the prints that a service's entry points reach.
        entries: from the line of a function's `def` to how the outside calls it.
        pinned: messages that tests match.
        line_length: longest line to write.
    """

    file: str
    style: Style
    loggers: Loggers
    prints: Collection[int]
    entries: Mapping[int, EntryKind]
    pinned: Pinned
    line_length: int


@dataclass(slots=True)
class _Frame:
    """A function, class or handler that is being visited."""

    name: str
    qualified: str
    ids: tuple[str, ...] = ()
    entry: EntryKind | None = None
    function: bool = False
    handlers: list[tuple[str, bool]] = field(default_factory=list)


class Rewriter(cst.CSTTransformer):
    """Rewrites the calls of one module; afterwards its attributes say what was done."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, given: Given) -> None:
        super().__init__()
        self.calls = self.already = 0
        self.rewritten: list[Rewritten] = []
        self.left: list[Left] = []
        self.bound: list[Place] = []
        self.converted: set[str] = set()
        self.needs_logger = ""
        self._given = given
        self._frames = [_Frame("module", MODULE)]

    # ------------------------------------------------------------ where we are

    def visit_ClassDef(self, node: cst.ClassDef) -> None:  # noqa: N802 - libcst calls it so
        """A class gives its name to what is in it."""
        self._enter(node.name.value)

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:  # noqa: ARG002, N802 - libcst calls it so
        """The class is done."""
        self._frames.pop()
        return updated_node

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:  # noqa: N802 - libcst calls it so
        """A function brings its parameters."""
        parameters = [*node.params.posonly_params, *node.params.params, *node.params.kwonly_params]
        deleted = {
            found.value for dropped in m.findall(node, m.Del()) for found in m.findall(dropped, m.Name()) if isinstance(found, cst.Name)
        }
        ids = tuple(p.name.value for p in parameters if as_id(p.name.value) == p.name.value and p.name.value not in deleted)
        entry = self._given.entries.get(self._line(node.name))
        self._enter(node.name.value, ids, entry, function=True)

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:  # noqa: N802 - libcst calls it so
        """An entry point of a service binds what is known of its request, once."""
        frame = self._frames.pop()
        if self._given.style != "structlog" or frame.entry not in _BOUND_AT or not isinstance(updated_node.body, cst.IndentedBlock):
            return updated_node
        if m.findall(updated_node.body, m.Name("bind_contextvars")):
            return updated_node
        values = self._context(original_node, frame)
        if not values:
            return updated_node
        self.bound.append(Place(file=self._given.file, line=self._line(original_node.name), function=frame.qualified))
        return updated_node.with_changes(body=_first(updated_node.body, values))

    def visit_ExceptHandler(self, node: cst.ExceptHandler) -> None:  # noqa: N802 - libcst calls it so
        """A handler has an exception, and may raise it again."""
        name = node.name.name.value if node.name is not None and isinstance(node.name.name, cst.Name) else ""
        self._frames[-1].handlers.append((name, bool(m.findall(node.body, m.Raise()))))

    def leave_ExceptHandler(self, original_node: cst.ExceptHandler, updated_node: cst.ExceptHandler) -> cst.ExceptHandler:  # noqa: ARG002, N802 - libcst calls it so
        """The handler is done."""
        self._frames[-1].handlers.pop()
        return updated_node

    def _enter(self, name: str, ids: tuple[str, ...] = (), entry: EntryKind | None = None, *, function: bool = False) -> None:
        above = self._frames[-1]
        prefix = "" if len(self._frames) == 1 else f"{above.qualified}.<locals>." if above.function else f"{above.qualified}."
        self._frames.append(_Frame(name, prefix + name, ids, entry, function))

    def _line(self, node: cst.CSTNode) -> int:
        return int(self.get_metadata(PositionProvider, node).start.line)

    # ------------------------------------------------------------ calls

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:  # noqa: N802 - libcst calls it so
        """A logging call, a print of a service, or the making of a logger."""
        if isinstance(original_node.func, cst.Name) and original_node.func.value == "print":
            return self._print(original_node, updated_node)
        if not isinstance(original_node.func, cst.Attribute) or original_node.func.attr.value not in METHODS:
            return updated_node
        kind = self._given.loggers.kind(_path(original_node.func.value))
        if not kind:
            return updated_node
        method = original_node.func.attr.value
        self.calls += 1
        around = self._around(method)
        try:
            parts = parts_of(updated_node, method, around)
            self._refuse(kind, parts)
            keywords = self._given.style == "structlog" and kind == "own"
            made = rewrite(parts, method, around, keywords=keywords)
        except NotSafeError as why:
            return self._leave(original_node, updated_node, str(why))
        if keywords:
            self.converted.add(_path(original_node.func.value)[-1])
        if made is None:
            self.already += 1
            return updated_node
        return self._make(original_node, updated_node, made)

    def _print(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        line = self._line(original_node)
        if line not in self._given.prints:
            return updated_node
        self.calls += 1
        around = self._around("error")
        method = "error" if around.handler is not None else "info"
        plain = sorted(self._given.loggers.names & self._given.loggers.own) or sorted(self._given.loggers.own)
        keywords = self._given.style == "structlog"
        try:
            parts = print_parts(updated_node)
            self._refuse("stdlib", parts)
            made = rewrite(parts, method, around, keywords=keywords)
        except NotSafeError as why:
            return self._leave(original_node, updated_node, str(why))
        assert made is not None  # a print is never structured as it stands
        name = plain[0] if plain else self._new_logger()
        if keywords:
            self.converted.add(name)
        func = cst.Attribute(cst.Name(name), cst.Name(method))
        return self._make(original_node, updated_node.with_changes(func=func), made)

    def _refuse(self, kind: Kind, parts: Parts) -> None:
        if kind == "adapter":
            raise NotSafeError("it goes through an adapter, which gives its own extra")
        if kind == "unknown":
            raise NotSafeError("it cannot be told what kind of logger it is")
        if self._given.pinned.matches(parts.message.words):
            raise NotSafeError("the project's tests match its message")

    def _new_logger(self) -> str:
        self.needs_logger = self.needs_logger or ("_logger" if "logger" in self._given.loggers.imports else "logger")
        return self.needs_logger

    def _make(self, original: cst.Call, updated: cst.Call, made: Rewrite) -> cst.Call:
        place = self.get_metadata(PositionProvider, original).start
        call = updated.with_changes(args=made.arguments, whitespace_before_args=cst.SimpleWhitespace(""))
        length = place.column + len(cst.Module([]).code_for_node(call))
        if length > self._given.line_length:
            call = _spread(call)
        self.rewritten.append(
            Rewritten(file=self._given.file, line=place.line, function=self._frames[-1].qualified, event=made.event, fields=made.fields)
        )
        return call

    def _leave(self, original: cst.Call, updated: cst.Call, why: str) -> cst.Call:
        shown = " ".join(cst.Module([]).code_for_node(original).split())
        shown = shown if len(shown) <= 80 else shown[:79] + "…"
        self.left.append(
            Left(file=self._given.file, line=self._line(original), function=self._frames[-1].qualified, call=shown, reason=why)
        )
        return updated

    def _around(self, method: str) -> Around:
        frame = self._frames[-1]
        handler, raises = frame.handlers[-1] if frame.handlers else (None, False)
        failed = handler is not None and method in _ERROR_LEVELS
        every_call = frame.entry is not None and self._given.style == "stdlib"
        return Around(frame.name, handler, raises, frame.ids if failed or every_call else ())

    # ------------------------------------------------------------ context

    def _context(self, node: cst.FunctionDef, frame: _Frame) -> dict[str, str]:
        """What is bound at an entry point: from each name to its expression."""
        imports = self._given.loggers.imports
        parameters = {parameter.name.value for parameter in [*node.params.params, *node.params.kwonly_params]}
        values: dict[str, str] = {}
        request = "request" in parameters or imports.get("request") in {"flask.request", "quart.request"}
        if frame.entry == "http" and request:
            values["request_id"] = 'request.headers.get("X-Request-Id")'
        values |= {name: name for name in frame.ids}
        if frame.entry == "rpc" and "request" in parameters:
            for found in m.findall(node.body, m.Attribute(value=m.Name("request"))):
                if isinstance(found, cst.Attribute) and as_id(found.attr.value) == found.attr.value:
                    values.setdefault(found.attr.value, f"request.{found.attr.value}")
        if imports.get("trace") == "opentelemetry.trace":
            values["trace_id"] = 'format(trace.get_current_span().get_span_context().trace_id, "032x")'
        return values


def _first(body: cst.IndentedBlock, values: Mapping[str, str]) -> cst.IndentedBlock:
    """A body that binds values first, after its docstring."""
    arguments = ", ".join(f"{name}={value}" for name, value in values.items())
    added = [cst.parse_statement(f"{_CONTEXT}.clear_contextvars()\n"), cst.parse_statement(f"{_CONTEXT}.bind_contextvars({arguments})\n")]
    statements = list(body.body)
    documented = statements and m.matches(statements[0], m.SimpleStatementLine(body=[m.Expr(m.SimpleString() | m.ConcatenatedString())]))
    at = 1 if documented else 0
    return body.with_changes(body=[*statements[:at], *added, *statements[at:]])


def _path(node: cst.BaseExpression) -> list[str]:
    """The names of `self.app.logger`, or of `logging.getLogger("x")` without its call."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if isinstance(node, cst.Name):
        return [node.value, *reversed(parts)]
    if isinstance(node, cst.Call) and not parts and _path(node.func)[-1:] == ["getLogger"]:
        return ["logger"]
    return []


def _spread(call: cst.Call) -> cst.Call:
    """A call with one argument on a line."""
    inner = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace("    "))
    arguments = [
        argument.with_changes(comma=cst.Comma(whitespace_after=inner), whitespace_after_arg=cst.SimpleWhitespace(""))
        for argument in call.args[:-1]
    ]
    final = call.args[-1].with_changes(
        comma=cst.Comma(whitespace_after=cst.ParenthesizedWhitespace(indent=True)), whitespace_after_arg=cst.SimpleWhitespace("")
    )
    return call.with_changes(args=[*arguments, final], whitespace_before_args=inner)
