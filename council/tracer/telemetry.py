"""Which statements write telemetry, to which signal and with which fields.

Spans, attributes, events: OpenTelemetry's API, and ddtrace, Sentry and Logfire where their names are the same in kind.
Logs: stdlib logging, structlog, loguru. Metrics: OpenTelemetry's and Prometheus's instruments, statsd.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from council.tracer.model import Signal
from council.tracer.names import Function, Imports, as_id, chain, dotted, ids_in, last, snake, string, written

LOG_METHODS = frozenset("debug info warning warn error exception critical fatal log msg success trace".split())
ERROR_METHODS = frozenset("error exception critical fatal".split())
SPAN_STARTS = frozenset(
    "start_as_current_span start_span start_transaction start_child start_active_span in_segment in_subsegment use_span".split()
)
_SPAN_WRITES = {
    "set_attribute": "attribute",
    "set_attributes": "attribute",
    "set_tag": "attribute",
    "set_tags": "attribute",
    "add_event": "event",
    "record_exception": "exception",
    "set_exc_info": "exception",
    "set_status": "status",
    "update_name": "attribute",
    "add_link": "attribute",
    "set_baggage": "attribute",
}
# Names that other things have too: a reply's status, a graph's link. They count on what is a span by its name or its making.
_SHARED_WRITES = frozenset("set_status add_event add_link update_name set_tag set_tags".split())
_CURRENT = frozenset("get_current_span current_span get_current_root_span".split())
_SPAN_DECORATORS = frozenset("traced trace_function with_span spanned in_span start_as_current_span".split())
_INSTRUMENT_FACTORIES = frozenset(
    "create_counter create_up_down_counter create_histogram create_gauge create_observable_counter create_observable_gauge"
    " create_observable_up_down_counter".split()
)
_PROMETHEUS = frozenset("Counter Gauge Histogram Summary Info Enum".split())
_METRIC_METHODS = frozenset(
    "add record set inc dec observe labels time incr increment decr decrement gauge timing histogram distribution timer timed"
    " count_exceptions track_inprogress count set_to_current_time".split()
)
_STATSD_ONLY = frozenset("incr increment decr decrement gauge timing histogram distribution timed timer".split())
_METRIC_NAME = re.compile(r"(?i)(?:counter|histogram|gauge|statsd|metrics?|_total|_seconds)$")
_LOGGER_NAME = re.compile(r"(?i)^_*(?:\w*_)?(?:log|logger|logging)$|(?<=[a-z])(?:Log|Logger)$")
_GET_LOGGER = re.compile(r"(?i)^get_?\w*logger$|^logger$")
_BINDS = frozenset("bind_contextvars bound_contextvars contextualize".split())
_SET_UP = (
    frozenset(
        "basicConfig dictConfig set_tracer_provider set_meter_provider set_logger_provider TracerProvider MeterProvider"
        " LoggerProvider get_tracer get_meter getLogger get_logger add_span_processor BatchSpanProcessor attach"
        " add_log_record_processor get_current_span current_span current_root_span"
        " is_recording addHandler setLevel setFormatter start_http_server"
        " configure_azure_monitor end detach".split()
    )
    | _INSTRUMENT_FACTORIES
)


@dataclass(frozen=True, slots=True)
class Emission:
    """One write to a signal.

    Attributes:
        kind: span, attribute, event, exception, status, log, bind, metric.
        level: of a log, its method.
        fields: the names under which values are written.
        ids: ids that the keys or the values name.
        values: from each field's name to its expression, for what must not be written.
        traceback: a log that carries the exception.
        bare: a log of a constant alone.
        in_text: ids that only the text of a log shows, which is no field to ask by.
        receiver: the plain name it is written on, or "".
    """

    signal: Signal
    kind: str
    line: int
    level: str = ""
    fields: tuple[str, ...] = ()
    ids: frozenset[str] = frozenset()
    values: tuple[tuple[str, ast.expr], ...] = ()
    traceback: bool = False
    bare: bool = False
    receiver: str = ""
    in_text: frozenset[str] = frozenset()


@dataclass(slots=True)
class Vocabulary:
    """Names that mean telemetry in this project, whatever module they stand in."""

    instruments: dict[str, tuple[str, ...]] = field(default_factory=dict)  # to label names, where they are declared
    factories: set[str] = field(default_factory=set)
    loggers: set[str] = field(default_factory=set)
    decorators: set[str] = field(default_factory=set)
    spans: set[str] = field(default_factory=set)  # names that some statement binds to a span

    def learn(self, tree: ast.Module, imports: Imports) -> None:
        """Take in the names that one module binds to instruments and loggers, and its own span decorators."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                self._learn_value([last(target) for target in targets], node.value, imports)
            elif isinstance(node, ast.withitem) and node.optional_vars is not None:
                self._learn_value([last(node.optional_vars)], node.context_expr, imports)
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    self._learn_value([string(key)], value, imports)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._learn_function(node, imports)

    def _learn_value(self, names: list[str], value: ast.expr, imports: Imports) -> None:
        names = [name for name in names if name]
        if isinstance(value, ast.Name | ast.Attribute) and last(value) in self.instruments:
            self.instruments.update(dict.fromkeys(names, self.instruments[last(value)]))
        if not isinstance(value, ast.Call):
            return
        called = last(value.func)
        if called in _INSTRUMENT_FACTORIES or called in self.factories or _is_prometheus(value, imports):
            self.instruments.update(dict.fromkeys(names, _declared_labels(value)))
        elif called in SPAN_STARTS or called in _CURRENT:
            self.spans.update(names)
        elif _GET_LOGGER.match(called) or (called in {"LoggerAdapter", "bind"} and set(chain(value.func)) & (self.loggers | {"logging"})):
            self.loggers.update(names)

    def _learn_function(self, node: Function, imports: Imports) -> None:
        inner = [child for child in ast.walk(node) if child is not node]
        if any(isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) for child in inner) and any(
            isinstance(child, ast.Call) and last(child.func) in SPAN_STARTS for child in inner
        ):
            self.decorators.add(node.name)
        for child in inner:
            made = child.value if isinstance(child, ast.Return) else None
            if isinstance(made, ast.Call) and (last(made.func) in _INSTRUMENT_FACTORIES or _is_prometheus(made, imports)):
                self.factories.add(node.name)

    def emission(self, call: ast.Call, imports: Imports) -> Emission | None:
        """What a call writes, or None where it is no telemetry."""
        method = last(call.func)
        if method in SPAN_STARTS and isinstance(call.func, ast.Attribute):
            return _emission("traces", "span", call, _mapping(_keyword(call, "attributes")))
        if method in _SPAN_WRITES and isinstance(call.func, ast.Attribute) and (method not in _SHARED_WRITES or self._on_span(call)):
            return _emission("traces", _SPAN_WRITES[method], call, _written_attributes(call, method))
        name = dotted(call.func, imports)
        if name in {"logfire.span", "ddtrace.tracer.trace", "tracer.trace", "tracer.wrap"}:
            return _emission("traces", "span", call, _keywords(call))
        if name in {"sentry_sdk.capture_exception", "sentry_sdk.capture_message"}:
            return _emission("logs", "log", call, [], level="exception")
        if method in _BINDS:
            return _emission("logs", "bind", call, _keywords(call))
        if method in LOG_METHODS and isinstance(call.func, ast.Attribute) and self.is_logger(call.func.value, imports):
            return self._log(call, method)
        if method in _METRIC_METHODS and isinstance(call.func, ast.Attribute) and self._is_instrument(call, method, imports):
            return _emission("metrics", "metric", call, self._labels(call), level=method)
        return None

    def is_logger(self, node: ast.AST, imports: Imports) -> bool:
        """Whether an expression is a logger: by its name, by what was assigned to it, or by an import."""
        parts = [part for part in chain(node) if part not in {"bind", "opt", "new", "getChild"}]
        if not parts:
            return False
        return bool(parts[-1] in self.loggers or _LOGGER_NAME.search(parts[-1])) or dotted(node, imports).startswith(
            ("loguru.logger", "logging.getLogger", "structlog.get_logger")
        )

    def is_span_decorator(self, node: ast.expr) -> bool:
        """Whether a decorator puts the function under a span."""
        parts = chain(node)
        return bool(parts) and (
            parts[-1] in _SPAN_DECORATORS or parts[-1] in self.decorators or parts[-2:] in (["tracer", "wrap"], ["logfire", "instrument"])
        )

    def is_set_up(self, call: ast.Call) -> bool:
        """Whether a call sets telemetry up rather than doing the service's work."""
        return last(call.func) in _SET_UP

    def _on_span(self, call: ast.Call) -> bool:
        """Whether a method that other things have too is called on a span."""
        parts = chain(call.func)[:-1]
        named = any("span" in part.lower() or part in self.spans for part in parts)
        return named or any("Status" in part or "StatusCode" in part for argument in call.args[:1] for part in chain(argument))

    def _is_instrument(self, call: ast.Call, method: str, imports: Imports) -> bool:
        assert isinstance(call.func, ast.Attribute)
        parts = [part for part in chain(call.func.value) if part != "labels"]
        if not parts:
            return False
        if parts[-1] in self.instruments or _METRIC_NAME.search(parts[-1]):
            return method not in {"labels"}
        if method in _STATSD_ONLY and imports.get(parts[0], parts[0]).split(".")[0] in {"statsd", "datadog", "aiostatsd"}:
            return True
        # meter.create_counter("x").add(1), and add(1, {"a": b}), which no set has
        return bool(set(parts) & _INSTRUMENT_FACTORIES) or (
            method in {"add", "record"} and len(call.args) == 2 and isinstance(call.args[1], ast.Dict)
        )

    def _labels(self, call: ast.Call) -> list[tuple[str, ast.expr]]:
        found: list[tuple[str, ast.expr]] = []
        for argument in [*call.args[1:], *(keyword.value for keyword in call.keywords if keyword.arg in {"attributes", "tags", "labels"})]:
            found += _mapping(argument)
        inner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if isinstance(inner, ast.Call) and last(inner.func) == "labels":
            declared = self.instruments.get(last(inner.func.value) if isinstance(inner.func, ast.Attribute) else "", ())
            found += _keywords(inner)
            found += [(declared[n] if n < len(declared) else last(value), value) for n, value in enumerate(inner.args)]
        return found

    @staticmethod
    def _log(call: ast.Call, method: str) -> Emission:
        extra = [pair for keyword in call.keywords if keyword.arg == "extra" for pair in _mapping(keyword.value)]
        structured = [pair for pair in _keywords(call) if pair[0] not in {"extra", "exc_info", "stack_info", "stacklevel", "event"}]
        message, *args = call.args[1:] if method == "log" and len(call.args) > 1 else (call.args or [ast.Constant("")])
        inline = [value for part in _parts_of(message) for value in [part]]
        named = [(last(value), value) for value in [*inline, *args]]
        info = _keyword(call, "exc_info")
        carries = method == "exception" or (info is not None and not (isinstance(info, ast.Constant) and not info.value))
        bare = not (extra or structured or named)
        return _emission("logs", "log", call, [*extra, *structured], level=method, traceback=carries, bare=bare, text=named)


def _parts_of(message: ast.expr) -> list[ast.expr]:
    """The values that an f-string, a %-format or str.format puts into a message."""
    if isinstance(message, ast.JoinedStr):
        return [part.value for part in message.values if isinstance(part, ast.FormattedValue)]
    if isinstance(message, ast.BinOp):
        right = message.right
        if isinstance(message.op, ast.Mod):
            return list(right.elts) if isinstance(right, ast.Tuple) else [right]
        return [*_parts_of(message.left), *_parts_of(right)]
    if isinstance(message, ast.Call) and last(message.func) == "format":
        return [*message.args, *(keyword.value for keyword in message.keywords)]
    return [] if isinstance(message, ast.Constant) else [message]


def _emission(
    signal: Signal,
    kind: str,
    call: ast.Call,
    values: list[tuple[str, ast.expr]],
    *,
    level: str = "",
    traceback: bool = False,
    bare: bool = False,
    text: Sequence[tuple[str, ast.expr]] = (),
) -> Emission:
    ids = _ids_of(values)
    in_text = _ids_of(text) - ids
    fields = tuple(key for key, _ in values)
    on = call.func.value if isinstance(call.func, ast.Attribute) else None
    receiver = on.id if isinstance(on, ast.Name) else ""
    shown = (*values, *text)
    return Emission(signal, kind, call.lineno, level, fields, ids | in_text, shown, traceback, bare, receiver, in_text)


def _ids_of(values: Iterable[tuple[str, ast.expr]]) -> frozenset[str]:
    return frozenset(identifier for key, value in values for identifier in [as_id(key), *ids_in(value)] if identifier)


def _written_attributes(call: ast.Call, method: str) -> list[tuple[str, ast.expr]]:
    if method in {"record_exception", "set_status", "add_link", "update_name"}:
        return []
    if method in {"set_attributes", "set_tags"}:
        return [pair for argument in call.args[:1] for pair in _mapping(argument)]
    if method == "add_event":
        attributes = call.args[1] if len(call.args) > 1 else _keyword(call, "attributes")
        return _mapping(attributes)
    if len(call.args) < 2:
        return [(keyword.arg or "", keyword.value) for keyword in call.keywords if keyword.arg == "value"]
    key = call.args[0]
    return [(string(key) or last(key) or written(key, 40), call.args[1])]


def _mapping(node: ast.expr | None) -> list[tuple[str, ast.expr]]:
    if isinstance(node, ast.Dict):
        return [(string(key) or (last(key) if key else ""), value) for key, value in zip(node.keys, node.values, strict=True)]
    if isinstance(node, ast.Call) and last(node.func) == "dict":
        return _keywords(node)
    return [] if node is None or isinstance(node, ast.Constant) else [(last(node), node)]


def _keywords(call: ast.Call) -> list[tuple[str, ast.expr]]:
    return [(keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg]


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _is_prometheus(call: ast.Call, imports: Imports) -> bool:
    name = dotted(call.func, imports)
    return name.rpartition(".")[2] in _PROMETHEUS and name.split(".")[0] in {"prometheus_client", "aioprometheus"}


def _declared_labels(call: ast.Call) -> tuple[str, ...]:
    declared = _keyword(call, "labelnames") or (call.args[2] if len(call.args) > 2 else None)
    return tuple(string(item) for item in declared.elts) if isinstance(declared, ast.List | ast.Tuple) else ()


def carried(emission: Emission, identifier: str) -> bool:
    """Whether an emission writes an id: under its name, under a longer one ("app.user.id"), or as its value."""
    return identifier in emission.ids or any(snake(name).endswith(identifier) for name in emission.fields)


_NOT_FIELDS = frozenset("name value amount seconds error exc exc_info extra attributes labels tags".split())


def written_by_helper(call: ast.Call, signal: Signal, kind: str, level: str, *, traceback: bool = False) -> Emission:
    """What a call of a helper writes: its keywords, the items of a mapping, and for a log what its message shows."""
    values = [pair for pair in _keywords(call) if pair[0] not in _NOT_FIELDS]
    text: list[tuple[str, ast.expr]] = []
    for keyword in call.keywords:
        if keyword.arg in {"extra", "attributes", "labels", "tags"}:
            values += _mapping(keyword.value)
    for number, argument in enumerate(call.args):
        if isinstance(argument, ast.Dict):
            values += _mapping(argument)
        elif signal == "logs" or number:
            (text if signal == "logs" else values).extend((last(part), part) for part in _parts_of(argument))
    return _emission(signal, kind, call, values, level=level, traceback=traceback, bare=not (values or text), text=text)
