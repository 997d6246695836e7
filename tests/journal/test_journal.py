"""A journal is on disk before anybody relies on it, and what is wrong with it is said in one line."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from council.errors import InputError, JournalError, MissingInputError, UnavailableError, UsageError
from council.journal.entries import Begun, Waiting
from council.journal.journal import Journal, begun, read
from council.reviewers.replies import Request

FIRST = Begun(at="2026-01-01", review_id="rev-1", source="rfc.md", format="markdown", sha256="ab" * 32, text_sha256="cd" * 32)
ASKED = Request("alpha", "review", 1, "ef" * 32)


def keep(journal: Journal, request: Request, reply: str) -> None:
    asyncio.run(journal.keep(request, reply))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with three entries: begun, a reply, waiting."""
    path = tmp_path / "rev-1.ndjson"
    with Journal(path, first=FIRST) as journal:
        keep(journal, ASKED, "yes")
        journal.append(Waiting(at="2026-01-02"))
    return path


def test_what_was_kept_is_found_by_everything_that_it_answers(path: Path) -> None:
    with Journal(path) as journal:
        assert journal.find(ASKED) == "yes"
        others = [Request("beta", "review", 1, "ef" * 32)]
        others += [
            Request("alpha", "repair", 1, "ef" * 32),
            Request("alpha", "review", 2, "ef" * 32),
            Request("alpha", "review", 1, "00" * 32),
        ]
        assert [journal.find(other) for other in others] == [None] * 4


def test_it_is_for_nobody_else_to_read(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


def test_entries_are_synced_before_they_count(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (synced.append(len(path.read_bytes())), real(file)))
    with Journal(path) as journal:
        keep(journal, Request("beta", "review", 1, "ef" * 32), "no")
    assert synced == [len(path.read_bytes())]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.data())
def test_a_last_line_that_was_torn_is_passed_over_and_written_over(path: Path, data: st.DataObject) -> None:
    whole = path.read_bytes()
    last = whole.rstrip(b"\n").rfind(b"\n") + 1
    cut = data.draw(st.integers(last, len(whole) - 1))
    path.write_bytes(whole[:cut])
    try:
        assert len(read(path)) == 2
        with Journal(path) as journal:
            assert journal.find(ASKED) == "yes"
            journal.append(Waiting(at="2026-01-02"))
        assert path.read_bytes() == whole
    finally:
        path.write_bytes(whole)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_a_changed_byte_is_found_and_its_line_named(path: Path, data: st.DataObject) -> None:
    whole = path.read_bytes()
    at = data.draw(st.sampled_from([n for n, byte in enumerate(whole[:-1]) if byte != ord("\n")]))
    other = data.draw(st.integers(32, 126).filter(lambda byte: byte != whole[at]))
    path.write_bytes(whole[:at] + bytes([other]) + whole[at + 1 :])
    try:
        with pytest.raises(InputError, match=rf"rev-1\.ndjson:{whole.count(bytes([10]), 0, at) + 1}: is damaged or was changed"):
            read(path)
    finally:
        path.write_bytes(whole)


@pytest.mark.parametrize("line", [0, 1])
def test_a_line_that_was_taken_out_is_missed(line: int, path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    del lines[line]
    path.write_bytes(b"".join(lines))
    with pytest.raises(InputError, match="is damaged or was changed"), Journal(path):
        pass


def test_an_entry_that_cannot_be_written_is_an_error_and_leaves_the_rest(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with Journal(path) as journal:
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(JournalError, match="No space left on device"):
            keep(journal, Request("beta", "review", 1, "ef" * 32), "no")
        assert journal.find(Request("beta", "review", 1, "ef" * 32)) is None
        monkeypatch.undo()
        assert path.read_bytes() == before
        journal.append(Waiting(at="2026-01-03"))
    assert len(read(path)) == 4


def test_one_process_at_a_time(path: Path) -> None:
    with Journal(path), pytest.raises(UnavailableError, match="review rev-1: another process works on it"), Journal(path):
        pass
    with Journal(path):
        pass


def test_a_name_is_given_once(path: Path) -> None:
    with pytest.raises(UsageError, match="there is one of that name"), Journal(path, first=FIRST):
        pass


def test_a_review_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="review rev-2: no such review"), Journal(tmp_path / "rev-2.ndjson"):
        pass
    with pytest.raises(MissingInputError, match="review rev-2: no such review"):
        read(tmp_path / "rev-2.ndjson")


def test_a_process_that_died_while_it_began_leaves_nothing_to_resume(tmp_path: Path) -> None:
    (tmp_path / "rev-1.ndjson").write_bytes(b'{"check":"12')
    with pytest.raises(InputError, match="does not say how its review began"):
        begun(read(tmp_path / "rev-1.ndjson"), tmp_path / "rev-1.ndjson")
