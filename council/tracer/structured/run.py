"""`rewrite_logging(path)`: structured logging for a service, as a diff or in place.

Each file that is rewritten has been checked: it compiles, holds every comment it held, and a second run changes nothing.
What fails a check is left as it was, and reported.
"""

from __future__ import annotations

import ast
import difflib
import io
import os
import secrets
import tokenize
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from council.errors import UnavailableError
from council.tracer.audit import serving_units
from council.tracer.files import Sources, find_sources
from council.tracer.model import EntryKind, Place
from council.tracer.names import chain, imports_of
from council.tracer.structured.loggers import METHODS, Loggers, doubtful_names, loggers_of
from council.tracer.structured.model import FileChange, Left, LoggingReport, Rewritten, Style
from council.tracer.structured.pinned import Pinned, pinned_by_tests

if TYPE_CHECKING:
    import libcst as cst

    from council.tracer.structured.rewriter import Rewriter

MIN_LINE, MAX_LINE = 88, 120
_STRUCTLOG_NOTE = (
    "configure structlog once at start-up, so that its records pass through logging: structlog.configure(processors=["
    "structlog.contextvars.merge_contextvars, structlog.stdlib.filter_by_level, structlog.stdlib.add_log_level, "
    "structlog.stdlib.PositionalArgumentsFormatter(), structlog.processors.format_exc_info, structlog.processors.JSONRenderer()], "
    "logger_factory=structlog.stdlib.LoggerFactory(), wrapper_class=structlog.stdlib.BoundLogger)"
)
_STDLIB_NOTE = (
    "a formatter has to write the fields (python-json-logger, OpenTelemetry's LoggingHandler); LoggingInstrumentor adds the trace id"
)


@dataclass(slots=True)
class _Done:
    """What came of one file."""

    calls: int = 0
    already: int = 0
    rewritten: list[Rewritten] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    bound: list[Place] = field(default_factory=list)
    after: bytes | None = None


@dataclass(frozen=True, slots=True)
class _About:
    """What is known of the whole project."""

    style: Style
    imported: frozenset[str]
    doubtful: frozenset[str]
    prints: Mapping[str, set[int]]
    entries: Mapping[str, dict[int, EntryKind]]
    pinned: Pinned


def rewrite_logging(path: Path, *, style: Style = "stdlib", write: bool = False) -> LoggingReport:
    """Structured logging for the Python service in a directory or file.

    Args:
        path: the service.
        style: "stdlib" gives fields as `extra`; "structlog" makes each logger that only logs structlog's, gives fields
            as keywords, and binds request, user and trace ids once at each entry point.
        write: change the files; by default only the diffs are returned.

    Raises:
        MissingInputError, InputError: nothing is there, or no Python.
        UnavailableError: libcst is not installed, or a file cannot be written.
    """
    try:
        import libcst  # noqa: F401 - asked for here, so that the message comes before any work
    except ImportError as error:
        raise UnavailableError("rewriting code needs libcst", hint="pip install 'rfc-council[tracer]'") from error
    sources = find_sources(path)
    about = _about(sources, style)
    changes: list[FileChange] = []
    done: list[_Done] = []
    for file, real in sources.python:
        before = real.read_bytes()
        if b"log" not in before.lower() and b"print" not in before:
            continue
        one = _rewrite(sources, file, before, about)
        done.append(one)
        if one.after is not None:
            changes.append(_change(file, before, one.after))
            if write:
                _replace(Path(os.path.realpath(real)), one.after)
    rewritten = [item for one in done for item in one.rewritten]
    return LoggingReport(
        root=str(sources.root),
        style=style,
        calls=sum(one.calls for one in done),
        already=sum(one.already for one in done),
        rewritten=tuple(rewritten),
        left=tuple(item for one in done for item in one.left),
        bound=tuple(item for one in done for item in one.bound),
        changes=tuple(changes),
        skipped=tuple(sources.skipped),
        notes=((_STRUCTLOG_NOTE if style == "structlog" else _STDLIB_NOTE),) if rewritten else (),
    )


def _about(sources: Sources, style: Style) -> _About:
    units, telling = serving_units(sources)
    imported: set[str] = set()
    doubtful: set[str] = set()
    for source in sources.parsed():
        doubtful |= doubtful_names(source.tree)
        imported |= {value.rpartition(".")[2] for value in imports_of(source.tree).values() if "." in value}
    prints: dict[str, set[int]] = {}
    entries: dict[str, dict[int, EntryKind]] = {}
    for unit in units:
        prints.setdefault(unit.file, set()).update(unit.prints)
        if unit.entry is not None and id(unit) in telling:
            entries.setdefault(unit.file, {})[unit.line] = unit.entry[0]
    return _About(style, frozenset(imported), frozenset(doubtful), prints, entries, pinned_by_tests(sources.root))


def _rewrite(sources: Sources, file: str, before: bytes, about: _About) -> _Done:
    """One file, with what fails a check left as it was."""
    text = next((source for name, path in sources.python if name == file and (source := sources.read(name, path)) is not None), None)
    if text is None:
        return _Done()
    try:
        tree = _parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _Done()  # noted when the project was read
    loggers = loggers_of(tree, about.imported, about.doubtful)
    if not (_logs(tree, loggers) or about.prints.get(file) or (about.style == "structlog" and file in about.entries)):
        return _Done()
    longest = min(MAX_LINE, max((len(line) for line in text.splitlines()), default=0))
    done = _pass(sources, file, before, about, loggers, max(MIN_LINE, longest))
    if done.after is None or (why := _wrong(before, done.after)) is None:
        return done
    left = [Left(file=file, line=item.line, function=item.function, call=item.event, reason=why) for item in done.rewritten]
    return _Done(calls=done.calls, already=done.already, left=[*done.left, *left])


def _logs(tree: ast.Module, loggers: Loggers) -> bool:
    """Whether a module holds a call that may be a logging call; libcst is slow, and most modules hold none."""
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(isinstance(func, ast.Attribute) and func.attr in METHODS and loggers.kind(chain(func.value)) for func in called)


def _parsed(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the code that is read; it is not ours to mend here
        return ast.parse(text)


def _pass(sources: Sources, file: str, before: bytes, about: _About, loggers: Loggers, line_length: int) -> _Done:
    import libcst as cst
    from libcst.metadata import MetadataWrapper

    from council.tracer.structured.rewriter import Given, Rewriter

    try:
        wrapper = MetadataWrapper(cst.parse_module(before))
        while True:
            given = Given(file, about.style, loggers, about.prints.get(file, set()), about.entries.get(file, {}), about.pinned, line_length)
            rewriter = Rewriter(given)
            module = wrapper.visit(rewriter)
            tested = any("tests match" in item.reason for item in rewriter.left)
            if not (tested and loggers.own and about.style == "structlog"):
                break
            loggers.own.clear()  # what the tests listen to is the stdlib's logger
    except (cst.ParserSyntaxError, RecursionError, UnicodeDecodeError) as error:
        sources.skip(file, f"libcst cannot read it: {' '.join(str(error).split())[:80]}")
        return _Done()
    done = _Done(rewriter.calls, rewriter.already, rewriter.rewritten, rewriter.left, rewriter.bound)
    if rewriter.rewritten or rewriter.bound:
        after = _topped(module, rewriter, about.style).bytes
        done.after = after if after != before else None
    return done


def _topped(module: cst.Module, rewriter: Rewriter, style: Style) -> cst.Module:
    from council.tracer.structured.top import Convert, with_logger, with_structlog

    if rewriter.converted - {rewriter.needs_logger}:
        module = module.visit(Convert(rewriter.converted))
    if rewriter.bound or rewriter.converted:
        module = with_structlog(module)
    return with_logger(module, rewriter.needs_logger, style) if rewriter.needs_logger else module


def _wrong(before: bytes, after: bytes) -> str | None:
    """Why a rewritten file cannot stand, or None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(after, "<rewritten>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return "the rewritten file would not compile"
    return None if _comments(before) == _comments(after) else "a comment of the file would be lost"


def _comments(data: bytes) -> Counter[str]:
    tokens = tokenize.tokenize(io.BytesIO(data).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


def _change(file: str, before: bytes, after: bytes) -> FileChange:
    encoding, _ = tokenize.detect_encoding(io.BytesIO(before).readline)
    old, new = before.decode(encoding), after.decode(encoding)
    lines = difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{file}", f"b/{file}")
    diff = "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
    return FileChange(file=file, before=old, after=new, diff=diff)


def _replace(path: Path, data: bytes) -> None:
    """Write beside the file and rename, with the file's own mode.

    Raises:
        UnavailableError: it cannot be written; the file is then as it was.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        beside.write_bytes(data)
        beside.chmod(path.stat().st_mode)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UnavailableError(f"cannot be written: {error.strerror}", where=str(path), hint="files before it are changed") from error
