"""Where checkpoints go: private files, extras that say so when they are missing, and a warning where they are read leniently."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from council import Council, Roster
from council.errors import CouncilWarning, InputError, MissingInputError, UnavailableError
from council.workflow import open_saver
from council.workflow.checkpoint import settled, warn_of_lenient_msgpack


async def opened(checkpoint: str, *, create: bool = True) -> None:
    async with open_saver(checkpoint, create=create):
        pass


@pytest.mark.parametrize(
    ("checkpoint", "module", "extra"),
    [("council.sqlite", "langgraph.checkpoint.sqlite.aio", "sqlite"), ("postgresql://localhost/x", "psycopg", "postgres")],
)
def test_a_missing_extra_is_said_and_how_to_get_it(
    checkpoint: str, module: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UnavailableError, match=rf"an extra that is not installed \(pip install 'rfc-council\[{extra}\]'\)"):
        asyncio.run(opened(checkpoint))
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_for_nobody_else_to_read(tmp_path: Path) -> None:
    pytest.importorskip("langgraph.checkpoint.sqlite.aio", reason="the extra `sqlite` is not installed")
    path = tmp_path / "council.sqlite"

    async def look() -> set[int]:
        async with open_saver(str(path)):
            return {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}  # noqa: ASYNC240 (nothing else runs)

    assert asyncio.run(look()) == {0o600}


def test_what_is_not_there_or_no_database_is_said(tmp_path: Path) -> None:
    pytest.importorskip("langgraph.checkpoint.sqlite.aio", reason="the extra `sqlite` is not installed")
    with pytest.raises(MissingInputError, match="no such file"):
        asyncio.run(opened(str(tmp_path / "council.sqlite"), create=False))
    with pytest.raises(MissingInputError, match="no such directory"):
        asyncio.run(opened(str(tmp_path / "below/council.sqlite")))
    with pytest.raises(UnavailableError, match="cannot be opened"):
        asyncio.run(opened(str(tmp_path)))
    (tmp_path / "notes.txt").write_text("not a database, but a text of some length " * 50)
    with pytest.raises(InputError, match=r"notes\.txt: is damaged, or is none"):
        asyncio.run(opened(str(tmp_path / "notes.txt")))


def test_a_write_that_is_under_way_is_kept_when_it_closes(tmp_path: Path) -> None:
    pytest.importorskip("langgraph.checkpoint.sqlite.aio", reason="the extra `sqlite` is not installed")
    path = tmp_path / "council.sqlite"
    config = {"configurable": {"thread_id": "t", "checkpoint_ns": "", "checkpoint_id": "1"}}

    async def leave() -> None:
        async with open_saver(str(path)) as saver:
            writing = asyncio.create_task(saver.aput_writes(config, [("opinions", "a reply that was paid for")], "task"))
            while not saver.lock.locked():  # noqa: ASYNC110 (the saver's own lock, taken when the transaction is about to begin)
                await asyncio.sleep(0)
        await writing

    asyncio.run(leave())
    with sqlite3.connect(path, timeout=0) as database:
        assert database.execute("SELECT count(*) FROM writes").fetchone() == (1,)
        database.execute("DELETE FROM writes")  # nobody holds the lock
    database.close()


def test_reading_checkpoints_leniently_is_warned_of_once(small: Roster, kit: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    council = Council(small, reviewers=kit.Saying("APPROVE"))
    warn_of_lenient_msgpack.cache_clear()
    monkeypatch.setenv("LANGGRAPH_STRICT_MSGPACK", "true")
    council.with_checkpointer(InMemorySaver())
    monkeypatch.delenv("LANGGRAPH_STRICT_MSGPACK")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        council.with_checkpointer(InMemorySaver())
        council.with_checkpointer(InMemorySaver())
    assert [(warning.category, warning.filename) for warning in caught] == [(CouncilWarning, __file__)]
    assert "LANGGRAPH_STRICT_MSGPACK=true" in str(caught[0].message)


def test_a_checkpoint_waits_for_a_write_under_way() -> None:
    async def wait() -> list[str]:
        lock, done = asyncio.Lock(), []

        async def write() -> None:
            async with lock:
                await asyncio.sleep(0.02)
                done.append("written")

        task = asyncio.create_task(write())
        await asyncio.sleep(0)
        await settled(lock)
        done.append("closed")
        await task
        return done

    assert asyncio.run(wait()) == ["written", "closed"]


def test_a_checkpoint_closes_although_a_write_never_ends() -> None:
    async def wait() -> bool:
        lock = asyncio.Lock()
        await lock.acquire()
        await settled(lock, within=0.01)
        return lock.locked()

    assert asyncio.run(wait())
