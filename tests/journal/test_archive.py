"""What lies beside a checkpoint: proposals come back as they were, and only by names that are ids."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from council import Proposal, parse_proposal, read_proposal
from council.errors import InputError, MissingInputError, UnavailableError, UsageError
from council.journal import Archive
from council.journal.archive import what_changed
from council.journal.entries import Waiting
from council.redaction import one_line

TEXT = "# Limits\n\nEach request carries a request id.\n"
RST = "Limits\n======\n\nEach request carries a *request* id.\n"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.beside(str(tmp_path / "council.sqlite"))


def begin(archive: Archive, proposal: Proposal, review_id: str = "rev-1") -> None:
    with archive.begin(review_id, proposal, {"seats": "a,b,c"}):
        pass


@pytest.mark.parametrize(
    "data", [TEXT.encode(), b"\xef\xbb\xbf" + TEXT.encode(), TEXT.replace("\n", "\r\n").encode(), "# Maß\n\nEin Text.\n".encode()]
)
def test_a_proposal_comes_back_as_it_was(data: bytes, archive: Archive) -> None:
    proposal = replace(parse_proposal(data, source="rfc.md"), left_out=("Motivation",))
    begin(archive, proposal)
    assert archive.proposal(archive.begun("rev-1")) == proposal
    assert archive.begun("rev-1").options == {"seats": "a,b,c"}


def test_its_format_comes_back_too(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "rfc.rst").write_text(RST)
    proposal = read_proposal(tmp_path / "rfc.rst")
    begin(archive, proposal)
    assert archive.proposal(archive.begun("rev-1")) == proposal


def test_everything_is_for_nobody_else_to_read(archive: Archive, tmp_path: Path) -> None:
    begin(archive, parse_proposal(TEXT))
    made = list((tmp_path / "council.sqlite.d").rglob("*"))
    assert {(path.is_dir(), path.stat().st_mode & 0o777) for path in made} == {(True, 0o700), (False, 0o600)}
    assert len([path for path in made if path.is_file()]) == 2


@pytest.mark.parametrize("name", ["", ".", "..", "../rev-1", "a/b", "/etc/passwd", "a\0b", "-x", ".hidden", "a..b", "é", "x" * 101, "a\n"])
def test_what_is_no_id_is_no_path(name: str, archive: Archive, tmp_path: Path) -> None:
    for use in (archive.journal, archive.begun, lambda name: archive.begin(name, parse_proposal(TEXT), {})):
        with pytest.raises(UsageError, match="is not the id of a review") as raised:
            use(name)
        assert one_line(str(raised.value)) == str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_a_stored_proposal_that_was_changed_is_refused(archive: Archive, tmp_path: Path) -> None:
    begin(archive, parse_proposal(TEXT))
    (stored,) = (tmp_path / "council.sqlite.d/proposals").iterdir()
    stored.write_text(TEXT.replace("Each", "No"))
    with pytest.raises(InputError, match="is not what the review began with"):
        archive.proposal(archive.begun("rev-1"))
    stored.unlink()
    with pytest.raises(MissingInputError, match="is gone"):
        archive.proposal(archive.begun("rev-1"))


def test_what_became_of_the_file_is_known(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "rfc.md"
    path.write_text(TEXT)
    begin(archive, read_proposal(path))
    assert what_changed(archive.begun("rev-1")) == ""
    path.write_text(TEXT + "More.\n")
    assert what_changed(archive.begun("rev-1")) == "has changed since the review began"
    path.unlink()
    assert what_changed(archive.begun("rev-1")) == "is no longer there"


def test_reviews_are_listed_with_how_far_they_are(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="no reviews are kept here"):
        archive.all()
    begin(archive, parse_proposal(TEXT), "rev-1")
    with archive.begin("rev-2", parse_proposal(TEXT), {}) as journal:
        journal.append(Waiting(at="2026-01-01"))
    (tmp_path / "council.sqlite.d/reviews/rev-3.ndjson").write_text("not a journal\n")
    assert {(review.review_id, review.status) for review in archive.all()} == {
        ("rev-1", "unfinished"),
        ("rev-2", "waiting"),
        ("rev-3", "damaged"),
    }


def test_a_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match="cannot be made"):
        Archive.beside(str(tmp_path / "file/council.sqlite")).begin("rev-1", parse_proposal(TEXT), {})


def test_a_database_s_archive_depends_on_no_password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    one, same, other = (
        Archive.beside(url)._reviews
        for url in ("postgresql://a:secret@host/db", "postgresql://b@host/db", "postgresql://a:secret@host/other")
    )
    assert one == same != other
    assert one.is_relative_to(tmp_path)
