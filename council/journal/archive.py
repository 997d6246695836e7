"""What lies beside a checkpoint: each review's journal, and the proposals under review by their hash."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from council.errors import CouncilError, InputError, MissingInputError, UnavailableError, UsageError
from council.journal.entries import Begun, Waiting
from council.journal.journal import PRIVATE, Journal, begun, decided, now, read
from council.proposal import Proposal, parse_proposal
from council.proposal.read import Limits
from council.workflow import is_postgres

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_ANY_SIZE = Limits(max_bytes=2**62, max_words=2**62, min_words=0)  # it was accepted when the review began

Status = Literal["finished", "waiting", "unfinished", "damaged"]


@dataclass(frozen=True, slots=True)
class Summary:
    """One review in a list: how far it is, and what was decided."""

    review_id: str
    status: Status
    begun: str = ""
    source: str = ""
    outcome: str = ""
    decided_by: str = ""


def check_id(review_id: str) -> str:
    """The id of a review, which names a file.

    Raises:
        UsageError: it is none.
    """
    if not _ID.fullmatch(review_id) or ".." in review_id:
        raise UsageError(f"{review_id!r:.60} is not the id of a review", hint="`council reviews` lists them")
    return review_id


class Archive:
    """A directory that belongs to one checkpoint: `reviews/ID.ndjson` and `proposals/SHA256`, for nobody else to read."""

    def __init__(self, directory: Path) -> None:
        self._reviews = directory / "reviews"
        self._proposals = directory / "proposals"

    @classmethod
    def beside(cls, checkpoint: str) -> Archive:
        """The archive of a checkpoint: beside its file; for Postgres where programs keep their state (XDG), on this machine."""
        if not is_postgres(checkpoint):
            return cls(Path(f"{checkpoint}.d"))
        url = urlsplit(checkpoint)
        database = hashlib.sha256(f"{url.hostname}:{url.port}{url.path}".encode()).hexdigest()[:16]
        state = Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser()
        return cls(state / "rfc-council" / f"postgres-{database}")

    def begin(self, review_id: str, proposal: Proposal, options: Mapping[str, Any]) -> Journal:
        """Store a proposal, and make the journal of its review; nothing has been asked of anybody then.

        Args:
            review_id: a name that no other review here has.
            proposal: as it is reviewed.
            options: what the review was asked for, to resume it with the same; JSON.

        Returns:
            The journal, not yet entered.

        Raises:
            UsageError: the id is none.
            UnavailableError: it cannot be written.
        """
        check_id(review_id)
        for directory in (self._reviews, self._proposals):
            _make(directory)
        text = proposal.text.encode()
        _store(self._proposals / proposal.sha256, text)
        path = Path(proposal.source)
        first = Begun(
            at=now(),
            review_id=review_id,
            source=proposal.source,
            format=proposal.format,
            sha256=proposal.sha256,
            text_sha256=hashlib.sha256(text).hexdigest(),
            left_out=proposal.left_out,
            file=str(path.absolute()) if path.is_file() else "",
            file_sha256=_sha256_of(path),
            options=dict(options),
        )
        return Journal(self._journal(review_id), first=first)

    def journal(self, review_id: str) -> Journal:
        """The journal of a review that has begun, to go on with it; not yet entered.

        Raises:
            UsageError: the id is none.
        """
        return Journal(self._journal(check_id(review_id)))

    def begun(self, review_id: str) -> Begun:
        """How a review began.

        Raises:
            UsageError, MissingInputError, InputError: there is no such review, or its journal is damaged.
        """
        path = self._journal(check_id(review_id))
        return begun(read(path), path)

    def proposal(self, review: Begun) -> Proposal:
        """The proposal of a review, as it was when the review began.

        Raises:
            MissingInputError, InputError: it is gone, or was changed.
        """
        path = self._proposals / review.sha256
        where, hint = f"proposal {path}", "restore it, or begin the review anew"
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            raise MissingInputError("is gone", where=where, hint=hint) from None
        except OSError as error:
            raise UnavailableError(f"cannot be read: {error.strerror or error}", where=where) from error
        if hashlib.sha256(text).hexdigest() != review.text_sha256:
            raise InputError("is not what the review began with", where=where, hint=hint)
        parsed = parse_proposal(text, source=review.source, format=review.format, limits=_ANY_SIZE)
        return replace(parsed, sha256=review.sha256, left_out=review.left_out)

    def all(self) -> list[Summary]:
        """Every review, the latest first; the ones that cannot be read last.

        Raises:
            MissingInputError: none was ever kept here.
        """
        if not self._reviews.is_dir():
            raise MissingInputError("no reviews are kept here", where=str(self._reviews), hint="name the checkpoint that they began with")
        found = [self._summary(path) for path in self._reviews.glob("*.ndjson")]
        return sorted(found, key=lambda review: (review.begun, review.review_id), reverse=True)

    def _summary(self, path: Path) -> Summary:
        try:
            entries = read(path)
            first, last = begun(entries, path), decided(entries)
        except CouncilError:
            return Summary(path.stem, "damaged")
        if last is not None:
            return Summary(path.stem, "finished", first.at, first.source, last.verdict.outcome, last.verdict.decided_by)
        return Summary(path.stem, "waiting" if isinstance(entries[-1], Waiting) else "unfinished", first.at, first.source)

    def _journal(self, review_id: str) -> Path:
        return self._reviews / f"{review_id}.ndjson"


def what_changed(review: Begun) -> str:
    """What has become of the proposal's file since the review began, in words; empty where it is as it was."""
    if not review.file or _sha256_of(Path(review.file)) == review.file_sha256:
        return ""
    return "has changed since the review began" if Path(review.file).is_file() else "is no longer there"


def _sha256_of(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    except OSError:
        return ""


def _make(directory: Path) -> None:
    try:
        directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UnavailableError(f"cannot be made: {error.strerror or error}", where=f"directory {directory}") from error


def _store(path: Path, content: bytes) -> None:
    """Write a file that is either whole or not there."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UnavailableError(f"cannot be written: {error.strerror or error}", where=f"proposal {path}") from error
