"""Which files of a service are read: its own Python code and the files that start it, never what lies outside."""

from __future__ import annotations

import ast
import io
import os
import stat
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from council.errors import InputError, MissingInputError
from council.tracer.model import Skipped

MAX_BYTES = 2_000_000
MAX_LAUNCH_BYTES = 200_000

# Not the service's own code, or not run in production.
_OTHERS = frozenset(
    "__pycache__ node_modules site-packages venv env build dist tests test testing docs examples htmlcov migrations eggs".split()
)
_GENERATED = ("_pb2.py", "_pb2_grpc.py")
_LAUNCH_SUFFIXES = frozenset(".sh .yml .yaml .toml .cfg .ini .txt .service .env .lock".split())
_LAUNCH_NAMES = ("dockerfile", "containerfile", "procfile", "makefile", "pipfile")


@dataclass(frozen=True, slots=True)
class Source:
    """A Python file that was parsed."""

    file: str
    text: str
    tree: ast.Module


@dataclass(slots=True)
class Sources:
    """The files below a root, and what was left out."""

    root: Path
    python: list[tuple[str, Path]] = field(default_factory=list)
    launch: list[tuple[str, Path]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def skip(self, file: str, reason: str, line: int = 0) -> None:
        """Note why a file is not read."""
        left_out = Skipped(file=file, line=line, reason=reason)
        if left_out not in self.skipped:
            self.skipped.append(left_out)

    def check_parsed(self, parsed: int) -> None:
        """Refuse to say anything of code of which not one file could be parsed.

        Raises:
            InputError: with the first file and its reason.
        """
        if not parsed:
            first = next((left for left in self.skipped if left.file.endswith(".py")), None)
            why = f"; {first.file}{f':{first.line}' if first.line else ''}: {first.reason}" if first else ""
            raise InputError(f"no Python code that parses{why}", where=str(self.root), hint="mend it, or name another directory")

    def texts(self) -> Iterator[tuple[str, str]]:
        """The files that start or package the service, as text."""
        for file, path in self.launch:
            try:
                yield file, path.read_text(encoding="utf-8", errors="replace")
            except OSError as error:
                self.skip(file, f"cannot be read: {error.strerror}")

    def parsed(self) -> Iterator[Source]:
        """Each Python file that parses; the others are noted."""
        for file, path in self.python:
            text = self.read(file, path)
            tree = None if text is None else self._parse(file, text)
            if text is not None and tree is not None:
                yield Source(file, text, tree)

    def read(self, file: str, path: Path) -> str | None:
        """A Python file's text in the encoding it declares (PEP 263), or None."""
        try:
            data = path.read_bytes()
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
            return io.TextIOWrapper(io.BytesIO(data), encoding, newline="").read()
        except OSError as error:
            self.skip(file, f"cannot be read: {error.strerror}")
        except (SyntaxError, UnicodeDecodeError, LookupError):
            self.skip(file, "not text in the encoding it declares")
        return None

    def _parse(self, file: str, text: str) -> ast.Module | None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the code that is read; it is not ours to mend here
                return ast.parse(text)
        except SyntaxError as error:
            self.skip(file, f"does not parse: {error.msg}", error.lineno or 0)
        except (RecursionError, MemoryError):
            self.skip(file, "does not parse: nested too deeply")
        except ValueError as error:
            self.skip(file, f"does not parse: {error}")
        return None


def find_sources(path: Path) -> Sources:
    """The files of the service in a directory, or one file.

    Raises:
        MissingInputError: nothing is there.
        InputError: it holds no Python, or it cannot be read.
    """
    if not path.exists():
        raise MissingInputError("no such file or directory", where=str(path))
    if not path.is_file() and not path.is_dir():
        raise InputError("not a regular file", where=str(path), hint="name a .py file or a directory")
    single = path.is_file()
    sources = Sources(Path(os.path.realpath(path.parent if single else path)))
    if single:
        if path.suffix != ".py":
            raise InputError("not a Python file", where=str(path), hint="name a .py file or a directory")
        _take(sources, path.name, path)
    else:
        _walk(sources, sources.root)
    if not sources.python:
        why = f"; {sources.skipped[0].file}: {sources.skipped[0].reason}" if sources.skipped else ""
        raise InputError(f"no Python code to read{why}", where=str(path), hint="tests, hidden and installed packages do not count")
    return sources


def _walk(sources: Sources, root: Path) -> None:
    def failed(error: OSError) -> None:
        sources.skip(os.path.relpath(error.filename, root), f"cannot be read: {error.strerror}")

    for folder, names, files in os.walk(root, onerror=failed):  # which follows no link to a directory
        here = Path(folder)
        linked = [name for name in names if (here / name).is_symlink()]
        for name in sorted(linked):
            sources.skip((here / name).relative_to(root).as_posix(), "a symbolic link to a directory, which is not followed")
        names[:] = sorted(name for name in names if name not in _OTHERS and name not in linked and not name.startswith("."))
        for name in sorted(files):
            _take(sources, (here / name).relative_to(root).as_posix(), here / name)


def _take(sources: Sources, file: str, path: Path) -> None:
    python = path.suffix == ".py" and not path.name.endswith(_GENERATED)
    if path.name.startswith("test_") or path.name == "conftest.py":
        return
    launch = path.suffix in _LAUNCH_SUFFIXES or path.name.lower().startswith(_LAUNCH_NAMES)
    if not (python or launch):
        return
    try:
        real = Path(os.path.realpath(path, strict=True))
        status = real.stat()
    except OSError as error:
        sources.skip(file, "a symbolic link that leads nowhere or to itself" if path.is_symlink() else f"cannot be read: {error.strerror}")
        return
    limit = MAX_BYTES if python else MAX_LAUNCH_BYTES
    if not real.is_relative_to(sources.root):
        sources.skip(file, "a symbolic link to outside the root")
    elif not stat.S_ISREG(status.st_mode):
        sources.skip(file, "not a regular file")
    elif status.st_size > limit:
        if python:
            sources.skip(file, f"{status.st_size / 1e6:.1f} MB; files above {limit / 1e6:g} MB are not read")
    else:
        (sources.python if python else sources.launch).append((file, path))
