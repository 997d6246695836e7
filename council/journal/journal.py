"""The journal of one review: a file that only grows, one JSON object a line, each on disk before anybody relies on it.

Every line carries a hash of itself and of the line before it, so that damage, and a line taken out or changed by hand,
is found when it is read. It does not protect against somebody who can write the file and means to forge it.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from council.errors import InputError, JournalError, MissingInputError, UnavailableError, UsageError
from council.journal.entries import ENTRY, Begun, Decided, Entry, Replied
from council.reviewers.replies import Request

PRIVATE = 0o600

_LINE, _TAIL = b'{"check":"%s","is":%s}', b"}"
_HEAD = len(_LINE % (b"0" * 64, b"")) - len(_TAIL)  # of a line, what stands before the entry


def now() -> str:
    """This moment, in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read(path: Path) -> tuple[Entry, ...]:
    """What a journal holds. A last line without its end was being written when the process died, and is passed over.

    Raises:
        MissingInputError: there is none.
        InputError: it is damaged; names the line.
    """
    return _parse(_bytes(path), path)[0]


class Journal:
    """A journal that is being written, by one process at a time. A context manager; it holds a lock while it is open.

    Attributes:
        entries: all of it.

    Raises:
        MissingInputError, InputError: as `read`.
        UsageError: there is one of that name already.
        UnavailableError: it cannot be opened, or another process works on the review.
    """

    def __init__(self, path: Path, *, first: Begun | None = None) -> None:
        """Open the journal at `path`; with `first`, make it, and begin with that entry."""
        self.path = path
        self._first = first
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._file = _open(self.path, create=self._first is not None)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.entries, self._check, end = _parse(_bytes(self.path), self.path)
            os.ftruncate(self._file, end)  # of a line that was torn nobody knows
            self._replies = {_request(entry): entry.reply for entry in self.entries if isinstance(entry, Replied)}
            if self._first is not None:
                self.append(self._first)
                _sync_directory(self.path.parent)
        except BlockingIOError:
            os.close(self._file)
            raise UnavailableError("another process works on it", where=f"review {self.path.stem}", hint="wait for it to end") from None
        except BaseException:
            os.close(self._file)
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self._file)

    @property
    def begun(self) -> Begun:
        """How the review began."""
        return begun(self.entries, self.path)

    @property
    def verdict(self) -> Decided | None:
        """The verdict that holds, if there is one."""
        return decided(self.entries)

    def append(self, entry: Entry) -> None:
        """Write an entry; it is on disk when this returns.

        Raises:
            JournalError: it cannot be written; the journal is as it was.
        """
        with self._lock:
            body = entry.model_dump_json().encode()
            check = _check(self._check, body)
            end = os.lseek(self._file, 0, os.SEEK_END)
            try:
                _write(self._file, _LINE % (check.encode(), body) + b"\n")
            except OSError as error:
                with suppress(OSError):
                    os.ftruncate(self._file, end)
                raise JournalError(f"cannot be written: {error.strerror or error}", where=f"journal {self.path}") from error
            self._check = check
            self.entries = (*self.entries, entry)

    def find(self, request: Request) -> str | None:
        """The reply to a request, if it came before."""
        return self._replies.get(request)

    async def keep(self, request: Request, reply: str) -> None:
        """Keep a reply; it is on disk when this returns.

        Raises:
            JournalError: it cannot be written.
        """
        entry = Replied(at=now(), seat=request.seat, purpose=request.purpose, attempt=request.attempt, request=request.sha256, reply=reply)
        await asyncio.to_thread(self.append, entry)
        self._replies[request] = reply


def begun(entries: tuple[Entry, ...], path: Path) -> Begun:
    """How a review began.

    Raises:
        InputError: the journal does not say.
    """
    if not entries or not isinstance(entries[0], Begun):
        raise InputError("does not say how its review began", where=f"journal {path}", hint="the process died at once; review anew")
    return entries[0]


def decided(entries: tuple[Entry, ...]) -> Decided | None:
    """The verdict that holds, if there is one."""
    return next((entry for entry in reversed(entries) if isinstance(entry, Decided)), None)


def _request(entry: Replied) -> Request:
    return Request(entry.seat, entry.purpose, entry.attempt, entry.request)


def _check(before: str, body: bytes) -> str:
    return hashlib.sha256(before.encode() + body).hexdigest()


def _parse(data: bytes, path: Path) -> tuple[tuple[Entry, ...], str, int]:
    """Entries, the last check, and where the last whole line ends."""
    end = data.rfind(b"\n") + 1
    entries: list[Entry] = []
    check = ""
    for number, line in enumerate(data[:end].split(b"\n")[:-1], 1):
        body = line[_HEAD : -len(_TAIL)]
        check = _check(check, body)
        try:
            entry = ENTRY.validate_json(body) if line == _LINE % (check.encode(), body) else None
        except ValidationError:
            entry = None
        if entry is None:
            where = f"journal {path}:{number}"
            raise InputError("is damaged or was changed", where=where, hint="restore it, or begin the review anew")
        entries.append(entry)
    return tuple(entries), check, end


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise MissingInputError("no such review beside this checkpoint", where=f"review {path.stem}", hint="check its name") from None
    except OSError as error:
        raise UnavailableError(f"cannot be read: {error.strerror or error}", where=f"journal {path}") from error


def _open(path: Path, *, create: bool) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_APPEND | (os.O_CREAT | os.O_EXCL if create else 0), PRIVATE)
    except FileExistsError:
        raise UsageError("there is one of that name", where=f"review {path.stem}", hint="choose another, or resume it") from None
    except FileNotFoundError:
        raise MissingInputError("no such review beside this checkpoint", where=f"review {path.stem}", hint="check its name") from None
    except OSError as error:
        raise UnavailableError(f"cannot be opened: {error.strerror or error}", where=f"journal {path}") from error


def _write(file: int, line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(file, rest) :]
    os.fsync(file)


def _sync_directory(directory: Path) -> None:
    """Without this a new file's name may be lost where its content is not."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
