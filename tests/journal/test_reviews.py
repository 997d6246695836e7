"""Damage to what lies on disk, and overruling what was decided."""

from __future__ import annotations

import asyncio
import importlib.util
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from council import Verdict
from council.ballot import PersonDecision
from council.errors import CouncilError, InputError, JournalError, MissingInputError, PendingError, UsageError
from council.journal import Journal, Reviews
from council.journal.entries import Decided, Replied
from council.journal.journal import read
from council.redaction import one_line

pytest.importorskip("langgraph.checkpoint.sqlite.aio", reason="the extra `sqlite` is not installed")


@pytest.fixture
def kit(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The council of the tests that kill it."""
    monkeypatch.setenv("LANGGRAPH_STRICT_MSGPACK", "true")
    spec = importlib.util.spec_from_file_location("killed", Path(__file__).with_name("killed.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def pending(kit: ModuleType, tmp_path: Path) -> Callable[..., Verdict]:
    """Begins a review that then waits for a person; going on with it is what this calls."""
    reviews = Reviews(str(tmp_path / "council.sqlite"))
    council = kit.council_of(kit.SPLIT, str(tmp_path / "calls"), escalate=True)
    with pytest.raises(PendingError):
        asyncio.run(reviews.areview(council, kit.parse_proposal(kit.TEXT), review_id=kit.REVIEW))

    def go_on(outcome: str | None = None, *, votes: dict[str, str] = kit.SPLIT) -> Verdict:
        decision = PersonDecision.model_validate({"outcome": outcome, "reason": "Decided.", "by": "Ann"}) if outcome else None
        again = kit.council_of(votes, str(tmp_path / "calls"), escalate=True)
        return asyncio.run(reviews.aresume(again, kit.REVIEW, decision=decision))

    return go_on


def one_clear_line(error: CouncilError) -> bool:
    return str(error) == one_line(str(error)) and "Error" not in str(error)


def test_it_waits_until_somebody_decides(pending: Callable[..., Verdict], tmp_path: Path) -> None:
    reviews = Reviews(str(tmp_path / "council.sqlite"))
    with pytest.raises(PendingError):
        pending()
    assert [review.status for review in reviews.archive.all()] == ["waiting"]
    verdict = pending("APPROVE")
    with pytest.raises(UsageError, match="has a verdict already"):
        pending("REJECT")
    assert (verdict.outcome, verdict.council_said, verdict.decided_by) == ("APPROVE", "REJECT", "person")
    assert [(review.status, review.outcome) for review in reviews.archive.all()] == [("finished", "APPROVE")]


def test_another_council_cannot_finish_it(pending: Callable[..., Verdict], kit: ModuleType) -> None:
    with pytest.raises(UsageError, match="the council has changed since: delta"):
        pending("APPROVE", votes={name: vote for name, vote in kit.SPLIT.items() if name != "delta"})


def test_overruling_keeps_what_was_said_before(pending: Callable[..., Verdict], kit: ModuleType, tmp_path: Path) -> None:
    reviews = Reviews(str(tmp_path / "council.sqlite"))
    change = PersonDecision(outcome="MODIFY", reason="Second thoughts.", by="Bob")
    with pytest.raises(UsageError, match="has no verdict yet"):
        reviews.overrule(kit.REVIEW, change)
    first = pending("APPROVE")
    second = reviews.overrule(kit.REVIEW, change)
    assert (second.outcome, second.council_said, second.why) == ("MODIFY", "REJECT", "Bob overruled APPROVE with MODIFY: Second thoughts.")
    entries = read(tmp_path / "council.sqlite.d/reviews/rev-1.ndjson")
    assert [entry.verdict for entry in entries if isinstance(entry, Decided)] == [first, second]
    assert pending() == second


def test_a_reply_that_cannot_be_kept_stops_the_review_and_is_no_abstention(
    kit: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviews = Reviews(str(tmp_path / "council.sqlite"))
    council = kit.council_of(kit.VOTES, str(tmp_path / "calls"))
    real = Journal.append

    def full(self: Journal, entry: object) -> None:
        if isinstance(entry, Replied) and entry.seat == "gamma":
            raise JournalError("cannot be written: the disk is full")
        real(self, entry)

    monkeypatch.setattr(Journal, "append", full)
    with pytest.raises(JournalError, match="the disk is full"):
        asyncio.run(reviews.areview(council, kit.parse_proposal(kit.TEXT), review_id=kit.REVIEW))
    monkeypatch.setattr(Journal, "append", real)
    assert asyncio.run(reviews.aresume(council, kit.REVIEW)).tally.gaps == ()


def test_a_checkpoint_that_is_no_database(pending: Callable[..., Verdict], tmp_path: Path) -> None:
    (tmp_path / "council.sqlite").write_bytes(b"this is text " * 1000)
    with pytest.raises(InputError, match=r"council\.sqlite: is damaged, or is none") as raised:
        pending("APPROVE")
    assert one_clear_line(raised.value)


def test_a_checkpoint_that_is_gone(pending: Callable[..., Verdict], tmp_path: Path) -> None:
    (tmp_path / "council.sqlite").unlink()
    with pytest.raises(MissingInputError, match=r"council\.sqlite: no such file"):
        pending("APPROVE")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE checkpoints SET checkpoint = substr(checkpoint, 1, length(checkpoint) / 2)",
        "UPDATE checkpoints SET checkpoint = x'c703ffffffff'",
        "UPDATE checkpoints SET checkpoint = x'00'",
        "DROP TABLE checkpoints",
    ],
)
def test_a_checkpoint_that_was_changed_by_hand(change: str, pending: Callable[..., Verdict], tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "council.sqlite") as database:
        database.execute(change)
    database.close()
    if change.startswith("DROP"):  # nothing is left of it there: begun anew, with the replies that the journal has
        with pytest.raises(PendingError):
            pending()
        assert (tmp_path / "calls").read_text().count("\n") == 4
        return
    with pytest.raises(InputError, match="damaged") as raised:
        pending("APPROVE")
    assert one_clear_line(raised.value)


def test_a_vote_that_was_changed_to_none_there_is_is_found(pending: Callable[..., Verdict], tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "council.sqlite") as database:
        for table, column in (("checkpoints", "checkpoint"), ("writes", "value")):
            rows = database.execute(f"SELECT rowid, {column} FROM {table}").fetchall()  # noqa: S608 (names of ours)
            for row, blob in rows:
                if isinstance(blob, bytes):
                    forged = blob.replace(b"\xa6REJECT", b"\xa6REJOCT")
                    database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (forged, row))  # noqa: S608 (names of ours)
    database.close()
    with pytest.raises(InputError, match="was changed") as raised:
        pending("APPROVE")
    assert one_clear_line(raised.value)
