"""Takes one signal out of one function of a service, by what the APIs of OpenTelemetry, ddtrace, Prometheus, statsd and logging call it.

Knows nothing of the audit: it is what the audit is measured against. `python tests/tracer/ablation.py FOLDER...` measures
the audit on other services, and prints what it missed.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SPANS = {"start_as_current_span", "start_span"}
DDTRACE = {"trace", "wrap"}  # of a name that ends with "tracer"
ATTRIBUTES = {"set_attribute", "set_attributes", "add_event", "set_tag", "set_tags"}
ON_SPAN = ATTRIBUTES | {"record_exception", "set_status", "set_exc_info", "end"}
LOGS = {"debug", "info", "warning", "error", "exception", "critical"}
OTEL_INSTRUMENTS = {"create_counter", "create_histogram", "create_up_down_counter", "create_gauge"}
PROMETHEUS = {"Counter", "Gauge", "Histogram", "Summary"}
MEASURES = {"add", "record", "inc", "dec", "observe", "set", "time", "count_exceptions", "track_inprogress"}
STATSD = {"increment", "incr", "decrement", "gauge", "timing", "timed", "timer", "histogram"}
WHAT = ("spans", "attributes", "logs", "metrics")
SIGNAL = {"spans": "traces", "attributes": "traces", "logs": "logs", "metrics": "metrics"}


def last(node: ast.AST) -> str:
    """The last name of `a.b`, `a["b"]`, `a.b(...)`."""
    if isinstance(node, ast.Call):
        return last(node.func)
    if isinstance(node, ast.Subscript):
        return str(node.slice.value) if isinstance(node.slice, ast.Constant) else last(node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


@dataclass
class Api:
    """What writes telemetry in one service.

    Attributes:
        instruments, loggers: names that its modules bind to one.
        wrappers: the service's own functions that write, each with what it writes.
    """

    instruments: set[str] = field(default_factory=set)
    loggers: set[str] = field(default_factory=set)
    wrappers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path, wrappers: Mapping[str, str] | None = None) -> Api:
        """Read the names from a service's modules."""
        api = cls(wrappers=wrappers or {})
        for path in root.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    api._bind([last(target) for target in targets], last(node.value.func))
                elif isinstance(node, ast.Dict):
                    for key, value in zip(node.keys, node.values, strict=True):
                        if isinstance(key, ast.Constant):
                            api._bind([str(key.value)], last(value))
                            api.instruments |= {str(key.value)} if last(value) in api.instruments else set()
        return api

    def _bind(self, names: list[str], made_by: str) -> None:
        if made_by in OTEL_INSTRUMENTS | PROMETHEUS:
            self.instruments |= set(names)
        elif made_by.lower().endswith("logger") or made_by in {"bind", "getChild"}:
            self.loggers |= set(names)

    def written_by(self, node: ast.AST) -> str:
        """What a call writes: spans, attributes, logs, metrics or nothing."""
        while isinstance(node, ast.Await):
            node = node.value
        if not isinstance(node, ast.Call):
            return ""
        name = last(node.func)
        if name in self.wrappers:
            return self.wrappers[name]
        if not isinstance(node.func, ast.Attribute):
            return ""
        on = node.func.value
        receiver, by = last(on), ast.unparse(on)
        if name in SPANS or (name in DDTRACE and receiver.endswith("tracer")):
            return "spans"
        if name in ON_SPAN and (name != "end" or "span" in receiver):
            return "attributes"
        if name in LOGS and (receiver in self.loggers or receiver in {"bind", "opt"} or self._is_logger(receiver)):
            return "logs"
        if name in MEASURES and (receiver in self.instruments or (receiver == "labels" and last(on.func.value) in self.instruments)):
            return "metrics"
        if name in MEASURES and any(f"{factory}(" in by for factory in OTEL_INSTRUMENTS):
            return "metrics"
        return "metrics" if name in STATSD and "statsd" in by else ""

    @staticmethod
    def _is_logger(name: str) -> bool:
        return name.lower().strip("_") in {"logger", "log", "logging"}


@dataclass
class Strip(ast.NodeTransformer):
    """Strips one signal from the function it is first shown, or one statement of it.

    Attributes:
        what: spans, attributes, logs or metrics.
        only: the number of the one statement to take out, or -1 for all.
        along: spans take what is written on them along.
    """

    api: Api
    what: str
    only: int = -1
    along: bool = True
    seen: int = 0
    removed: int = 0
    entered: bool = False

    def _wanted(self, node: ast.AST) -> bool:
        found = self.api.written_by(node)
        if found != self.what and not (self.along and self.what == "spans" and found == "attributes" and self.only < 0):
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

    def visit_Lambda(self, node):
        return node

    def visit_Expr(self, node):
        if self._wanted(node.value):
            self.removed += 1
            return ast.Pass()
        return self.generic_visit(node)

    def visit_Assign(self, node):
        if self.api.written_by(node.value) == "spans" and self._wanted(node.value):
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


def ablations(root: Path, api: Api, *, single: bool = False, along: bool = True) -> Iterator[tuple[str, str, str, str]]:
    """File, function, what was taken out, and the file's text without it."""
    for path in sorted(root.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for name, _ in functions(ast.parse(text)):
            if name.rpartition(".")[2] in api.wrappers:
                continue  # its callers write no more either
            for what in WHAT:
                number = 0
                while True:
                    tree = ast.parse(text)
                    strip = Strip(api, what, only=number if single else -1, along=along)
                    target = dict(functions(tree))[name]
                    strip.visit(target)
                    if not strip.removed:
                        break
                    yield path.relative_to(root).as_posix(), name, what, ast.unparse(without_idle_passes(tree))
                    if not single:
                        break
                    number += 1


def stripped(text: str, api: Api) -> str:
    """A module without any of it."""
    tree = ast.parse(text)
    for _, node in functions(tree):
        for what in WHAT:
            Strip(api, what).visit(node)
    return ast.unparse(without_idle_passes(tree))


@dataclass
class Measured:
    """What an audit found of what was taken out."""

    total: int = 0
    missed: list = field(default_factory=list)
    elsewhere: list = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The share of what was taken out that was named."""
        return 1 - len(self.missed) / self.total if self.total else 1.0


def found(root: Path) -> Counter:
    """The audit's findings, without their lines, which move when something above them is taken out."""
    from council.tracer.audit import audit

    return Counter((f.file, f.function, f.signal, f.kind, f.message) for f in audit(root).findings)


def measure(root: Path, api: Api, *, single: bool = False, along: bool = True) -> Measured:
    """Take each signal out of each function of a service, which is rewritten as `ast.unparse` writes it."""
    for path in root.rglob("*.py"):
        path.write_text(ast.unparse(ast.parse(path.read_text(encoding="utf-8"))), encoding="utf-8")
    before, result = found(root), Measured()
    for file, function, what, text in ablations(root, api, single=single, along=along):
        path = root / file
        kept = path.read_text(encoding="utf-8")
        path.write_text(text, encoding="utf-8")
        new = found(root) - before
        path.write_text(kept, encoding="utf-8")
        result.total += 1
        expected = (file, function, SIGNAL[what])
        if not any(key[:3] == expected for key in new):
            gone = sorted(set(kept.splitlines()) - set(text.splitlines()))[:2] if single else []
            result.missed.append((*expected, what, *gone))
        result.elsewhere += [(what, function, *key) for key in new if key[:3] != expected]
    return result


def main(folders: list[str]) -> None:
    """Measure on copies of services; `FOLDER:name=logs,other=metrics` names its own functions that write."""
    import shutil
    import tempfile

    for folder in folders:
        folder, _, named = folder.partition(":")
        with tempfile.TemporaryDirectory() as scratch:
            root = Path(scratch) / "service"
            shutil.copytree(folder, root)
            api = Api.of(root, dict(pair.split("=") for pair in named.split(",") if pair))
            for title, options in (("function", {}), ("span alone", {"along": False}), ("statement", {"single": True})):
                result = measure(root, api, **options)
                print(f"{folder} by {title}: {result.total - len(result.missed)} of {result.total}, {len(result.elsewhere)} elsewhere")  # noqa: T201 - figures for a person
                for line in [f"  missed {m}" for m in result.missed] + [f"  ELSEWHERE {e}" for e in result.elsewhere]:
                    print(line)  # noqa: T201 - figures for a person


if __name__ == "__main__":
    main(sys.argv[1:])
