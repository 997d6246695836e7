"""`audit(path)`: reads a service's Python code and tells what production debugging would miss.

The code is parsed twice and kept never: first for the names that mean something in the whole project (loggers,
instruments, clients, registered handlers), then for the facts of each function. Nothing of it is imported or run.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from council.tracer.automatic import Automatic
from council.tracer.bootstrap import INSTRUMENTATIONS, instrumentation
from council.tracer.clients import Clients
from council.tracer.entries import Registrations
from council.tracer.files import Source, Sources, find_sources
from council.tracer.functions import Reader, Unit
from council.tracer.helpers import Helpers
from council.tracer.model import MODULE, AuditReport, CoverageMatrix, EntryPoint, Finding, FunctionCoverage, Library, Lifecycle
from council.tracer.names import imports_of, last
from council.tracer.rules import Judge, Judged
from council.tracer.telemetry import Vocabulary

_OWN_OUTPUT = frozenset({"command", "script"})
_NOT_CALLED = frozenset({"asyncio", "threading", "click", "asyncclick"})  # used everywhere; a missing one is no gap by itself
_HARM = frozenset({"personal-data", "high-cardinality-label"})
_TOO_DEEP = "not read: nested too deeply"
HARM_POINTS = 2.0
HARM_LIMIT = 20.0


@dataclass(slots=True)
class _Project:
    """What holds for all modules."""

    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    helpers: Helpers = field(default_factory=Helpers)
    known: Registrations = field(default_factory=Registrations)
    automatic: Automatic = field(default_factory=Automatic)
    clients: dict[str, str] = field(default_factory=dict)
    imported: dict[str, tuple[str, int]] = field(default_factory=dict)
    lines: int = 0
    files: int = 0


def audit(path: Path) -> AuditReport:
    """What traces, logs and metrics see of the Python service in a directory or file.

    The score is 100 times the share of what is seen among what should be: of an entry point its trace, its attributes,
    its log and its metric; each outgoing call by a span; each exception by anything; each start and stop by a log; at
    half the weight each decision and each function in between. Each personal datum in telemetry and each label of high
    cardinality then takes 2 points, together at most 20.

    Raises:
        MissingInputError, InputError: nothing is there, or no Python.
    """
    sources = find_sources(path)
    project = _learn(sources)
    units = _units(sources, project)
    judged = _judge(units, project.automatic)
    return _report(sources, project, units, judged)


def serving_units(sources: Sources) -> tuple[list[Unit], set[int]]:
    """The functions that a service's entry points reach, none of which serves a command alone.

    And the ids of those of them from which something that logs or prints can be reached.
    """
    units = _units(sources, _learn(sources))
    serving = _reached(units, _serving_entries(units))
    found = [unit for unit in units if id(unit) in serving]
    telling = {id(unit) for unit in found if unit.prints or any(emission.signal == "logs" for emission in unit.emissions)}
    names = {unit.simple for unit in found if id(unit) in telling}
    while more := [unit for unit in found if id(unit) not in telling and not names.isdisjoint(unit.references)]:
        telling |= {id(unit) for unit in more}
        names |= {unit.simple for unit in more}
    return found, telling


def _units(sources: Sources, project: _Project) -> list[Unit]:
    units: list[Unit] = []
    for source in sources.parsed():
        try:
            imports = imports_of(source.tree)
            clients = Clients(source.tree, imports, project.clients)
            units += Reader(source.file, imports, project.vocabulary, project.helpers, project.known, clients).read(source.tree)
        except RecursionError:
            sources.skip(source.file, _TOO_DEEP)
    return units


def _serving_entries(units: list[Unit]) -> list[Unit]:
    return [unit for unit in units if unit.entry and unit.entry[0] not in _OWN_OUTPUT]


def _learn(sources: Sources) -> _Project:
    project = _Project()
    for name, text in sources.texts():
        project.automatic.learn_text(text)
        if name.endswith("pyproject.toml"):
            project.known.learn_scripts(text)
    for source in sources.parsed():
        project.files += 1
        project.lines += source.text.count("\n") + 1
        try:
            _learn_module(project, source)
        except RecursionError:
            sources.skip(source.file, _TOO_DEEP)
    sources.check_parsed(project.files)
    project.helpers.settle(project.vocabulary)
    return project


def _learn_module(project: _Project, source: Source) -> None:
    imports = imports_of(source.tree)
    project.vocabulary.learn(source.tree, imports)
    project.helpers.learn(source.file, source.tree, imports)
    project.known.learn(source.tree, imports)
    project.automatic.learn(source.tree, imports)
    for name, library in Clients(source.tree, imports, project.clients).names.items():
        project.clients.setdefault(name, library)
    _note_imports(project, source.file, source.tree)


def _note_imports(project: _Project, file: str, tree: ast.Module) -> None:
    typing = {id(inner) for node in ast.walk(tree) if _for_types(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        names: list[str] = []
        if id(node) in typing:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            library = name.split(".")[0]
            if library == "urllib" and not name.startswith("urllib.request"):
                continue
            if library in INSTRUMENTATIONS and isinstance(node, ast.stmt):
                project.imported.setdefault(library, (file, node.lineno))


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and last(node.test) == "TYPE_CHECKING"


def _judge(units: list[Unit], automatic: Automatic) -> list[Judged]:
    entered = [unit for unit in units if unit.entry or unit.phase]
    # What nothing here calls is called by what the audit does not see.
    named = {name for unit in units for name in unit.references if name != unit.simple}
    roots = [u for u in units if u.entry or u.phase or u.framework_calls or u.name == MODULE or u.simple not in named]
    reached = _reached(units, roots if entered else units)
    serving = _reached(units, _serving_entries(units))
    return [Judge(unit, automatic, reached=id(unit) in reached, serves=id(unit) in serving).judge() for unit in units]


def _reached(units: list[Unit], roots: Iterable[Unit]) -> set[int]:
    """What can be called from some functions, taken by name alone: too much rather than too little."""
    by_name: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        by_name[unit.simple].append(unit)
        if unit.simple == "__init__":
            by_name[unit.name.split(".")[-2]].append(unit)
    todo = list(roots)
    found = {id(unit) for unit in todo}
    followed: set[str] = set()
    while todo:
        for name in todo.pop().references - followed:
            followed.add(name)
            for unit in by_name.get(name, ()):
                if id(unit) not in found:
                    found.add(id(unit))
                    todo.append(unit)
    return found


def _report(sources: Sources, project: _Project, units: list[Unit], judged: list[Judged]) -> AuditReport:
    rows = [one.row for one in judged if one.row is not None]
    libraries = _libraries(project)
    findings = [finding for one in judged for finding in one.findings]
    findings += _of_project(project, libraries, units)
    ordered = sorted(dict.fromkeys(findings), key=lambda finding: (finding.file, finding.line, finding.kind))
    return AuditReport(
        root=str(sources.root),
        files=project.files,
        lines=project.lines,
        score=_score(judged, ordered),
        entry_points=tuple(_entry(unit) for unit in units if unit.entry),
        outgoing_calls=tuple(call for one in judged for call in one.calls),
        handlers=tuple(handler for one in judged for handler in one.handlers),
        decisions=tuple(decision for one in judged for decision in one.decisions),
        lifecycle=tuple(_lifecycle(unit) for unit in units if unit.phase),
        libraries=libraries,
        matrix=CoverageMatrix(rows=tuple(sorted(rows, key=_place))),
        findings=tuple(ordered),
        skipped=tuple(sources.skipped),
    )


def _place(row: FunctionCoverage) -> tuple[str, int]:
    return row.file, row.line


def _score(judged: list[Judged], findings: list[Finding]) -> float:
    asked, covered = sum(one.asked for one in judged), sum(one.covered for one in judged)
    harm = min(HARM_LIMIT, HARM_POINTS * sum(finding.kind in _HARM for finding in findings))
    return round(max(0.0, 100 * (covered / asked if asked else 1.0) - harm), 1)


def _entry(unit: Unit) -> EntryPoint:
    assert unit.entry is not None
    kind, framework, name = unit.entry
    return EntryPoint(file=unit.file, line=unit.line, function=unit.name, kind=kind, framework=framework, name=name)


def _lifecycle(unit: Unit) -> Lifecycle:
    assert unit.phase is not None
    signals = tuple(sorted({emission.signal for emission in unit.emissions}))
    return Lifecycle(file=unit.file, line=unit.line, function=unit.name, phase=unit.phase, signals=signals)


def _libraries(project: _Project) -> tuple[Library, ...]:
    return tuple(
        Library(name=name, instrumentation=instrumentation(name), active=project.automatic.covers(name), file=file, line=line)
        for name, (file, line) in sorted(project.imported.items())
        if name not in _NOT_CALLED
    )


def _of_project(project: _Project, libraries: Iterable[Library], units: list[Unit]) -> list[Finding]:
    found = [
        Finding(
            file=library.file,
            line=library.line,
            function=MODULE,
            signal="traces",
            kind="instrumentation-missing",
            severity="warning",
            message=f"{library.name} is used and {library.instrumentation} is not set up",
            fix=f"install {library.instrumentation} and call its instrumentor, or start the service with opentelemetry-instrument",
        )
        for library in libraries
        if not library.active
    ]
    serving = _serving_entries(units)
    if serving and not project.automatic.log_context:
        found.append(
            Finding(
                file=serving[0].file,
                line=1,
                function=MODULE,
                signal="logs",
                kind="logs-without-trace-id",
                severity="warning",
                message="log records carry no trace id: nothing leads from a log to its trace",
                fix="LoggingInstrumentor().instrument(set_logging_format=True), or structlog's merge_contextvars",
            )
        )
    return found
