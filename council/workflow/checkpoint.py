"""Where LangGraph's checkpoints go: a file of SQLite, or Postgres. Both come with extras, imported when they are used."""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.pregel.protocol import PregelProtocol
from langgraph.types import Overwrite
from pydantic import TypeAdapter

from council.errors import CouncilWarning, InputError, MissingInputError, UnavailableError
from council.workflow.state import CouncilState

STRICT = "LANGGRAPH_STRICT_MSGPACK"
PRIVATE = 0o600
QUIET = 8  # turns of the event loop in which nobody writes, after which nobody is taken to; what begins later is lost, as before
SETTLED_WITHIN = 10.0  # seconds after which a checkpoint closes in any case


Checkpointer: TypeAlias = BaseCheckpointSaver[Any]


def thread(review_id: str) -> RunnableConfig:
    """Each review has a thread of its own, named like it."""
    return {"configurable": {"thread_id": review_id}}


async def has_begun(graph: PregelProtocol[Any, Any, Any, Any], review_id: str) -> bool:
    """Whether a graph's checkpointer holds a review whose seats have been called.

    Raises:
        InputError: what it holds is not what a council saves.
    """
    saved = await graph.aget_state(thread(review_id))
    if "docket" not in saved.values:
        return False
    try:
        for values in (saved.values, *(task.result for task in saved.tasks if task.result)):  # and of seats that had finished
            plain = {key: value for key, value in values.items() if not isinstance(value, Overwrite)}
            kind = _state()
            kind.validate_json(kind.dump_json(kind.validate_python(plain, strict=True), warnings=False))
    except (ValueError, TypeError) as error:
        what = "what was saved of it is damaged or was changed"
        raise InputError(what, where=f"review {review_id}", hint="restore the checkpoint, or begin the review anew") from error
    return True


@cache
def _state() -> TypeAdapter[CouncilState]:
    """Built where a checkpoint is read; a review without one starts sooner."""
    return TypeAdapter(CouncilState)


def strict_msgpack() -> bool:
    """Whether checkpoints are read strictly: LangGraph reads the variable once, when it is imported."""
    return os.environ.get(STRICT, "").lower() in ("1", "true", "yes")


@cache
def warn_of_lenient_msgpack() -> None:
    """Warn, once for the process, that whoever can write a checkpoint can run code when it is read."""
    words = f"set {STRICT}=true before langgraph is imported: without it a crafted checkpoint runs code when it is read"
    warnings.warn(words, CouncilWarning, stacklevel=4)


async def is_asking(graph: PregelProtocol[Any, Any, Any, Any], review_id: str) -> bool:
    """Whether a review waits for a person."""
    return bool((await graph.aget_state(thread(review_id))).interrupts)


def is_postgres(checkpoint: str) -> bool:
    """Whether a checkpoint is named by the URL of a Postgres database, and not by a path."""
    return checkpoint.startswith(("postgres://", "postgresql://"))


@asynccontextmanager
async def open_saver(checkpoint: str, *, create: bool = True) -> AsyncIterator[Checkpointer]:
    """A checkpointer that is ready to use.

    Args:
        checkpoint: path of an SQLite file, made with mode 0600 if it is not there; or URL of a Postgres database.
        create: False where it has to be there.

    Raises:
        UnavailableError: the extra is missing, or the database cannot be reached.
        MissingInputError: there is no such file, or no directory for it.
        InputError: the file is no SQLite database, or is damaged.
    """
    if is_postgres(checkpoint):
        async with _postgres(checkpoint) as saver:
            yield saver
        return
    path = Path(checkpoint)
    with _in_words(path):
        async with _sqlite(path, create=create) as saver:
            yield saver


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """Turns what SQLite says of a file into words."""
    import sqlite3  # a review without a checkpoint file does without it

    where = f"checkpoint {path}"
    try:
        yield
    except sqlite3.OperationalError as error:
        raise UnavailableError(f"cannot be used: {error}", where=where, hint="check the disk, and who else uses it") from error
    except sqlite3.DatabaseError as error:
        raise InputError(f"is damaged, or is none: {error}", where=where, hint="restore it, or begin anew with another") from error


@asynccontextmanager
async def _sqlite(path: Path, *, create: bool) -> AsyncIterator[Checkpointer]:
    try:
        from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver  # type: ignore[import-not-found, unused-ignore]  # an extra
    except ImportError:
        raise _missing("a checkpoint file", "sqlite") from None
    _touch(path, create=create)
    async with AsyncSqliteSaver.from_conn_string(str(path)) as saver:
        await saver.setup()
        try:
            yield saver
        finally:
            await settled(saver.lock)


async def settled(lock: asyncio.Lock, *, within: float = SETTLED_WITHIN) -> None:
    """Wait for the writes that LangGraph leaves under way when a node fails or is cancelled, for at most `within` seconds.

    A connection that is closed between a write and its commit keeps SQLite's lock for as long as anything refers to the
    write, so that the review could not be resumed in the same process.
    """
    with suppress(TimeoutError):
        await asyncio.wait_for(_quiet(lock), within)


async def _quiet(lock: asyncio.Lock) -> None:
    """Until nobody has held the lock for a few turns of the event loop."""
    quiet = 0
    while quiet < QUIET:
        if lock.locked():
            async with lock:
                quiet = 0
        else:
            quiet += 1
            await asyncio.sleep(0)


def _touch(path: Path, *, create: bool) -> None:
    """Make the file before SQLite does, which would make it for everybody to read."""
    try:
        os.close(os.open(path, os.O_RDWR | (os.O_CREAT if create else 0), PRIVATE))
    except (FileNotFoundError, NotADirectoryError):
        what, hint = ("no such directory", "make it first") if create else ("no such file", "name the one that the review was begun with")
        raise MissingInputError(what, where=f"checkpoint {path}", hint=hint) from None
    except OSError as error:
        raise UnavailableError(f"cannot be opened: {error.strerror or error}", where=f"checkpoint {path}") from error


@asynccontextmanager
async def _postgres(url: str) -> AsyncIterator[Checkpointer]:
    try:
        import psycopg  # type: ignore[import-not-found, unused-ignore]  # an extra, which need not be there to check types
        from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver  # type: ignore[import-not-found, unused-ignore]  # the same
    except ImportError:
        raise _missing("a Postgres checkpoint", "postgres") from None
    try:
        async with AsyncPostgresSaver.from_conn_string(url) as saver:
            await saver.setup()
            yield saver
    except psycopg.Error as error:  # its words may hold the URL, and that a password
        what = f"the database cannot be used: {type(error).__name__}"
        raise UnavailableError(what, where="Postgres checkpoint", hint="check its URL, and that it runs") from error


def _missing(what: str, extra: str) -> UnavailableError:
    return UnavailableError(f"{what} needs an extra that is not installed", hint=f"pip install 'rfc-council[{extra}]'")
