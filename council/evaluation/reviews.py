"""What was seen in the review of one proposal, as far as cases ask for it, and the file in which it is kept."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from council.ballot import AnswerStatus, Evidence, Opinion, Outcome, Rule, Usage, Verdict, Vote
from council.errors import InputError, UnavailableError
from council.evaluation.lines import parse
from council.evaluation.suite import Entry

AGAIN = frozenset({"failed", "late", "over_budget", "not_needed"})
"""Causes of an abstention that say nothing of the reviewer's judgement: the next run asks again."""


class SeatReview(Entry):
    """What a seat made of a proposal.

    Attributes:
        vote: as counted; cast: as given.
        cause, detail: of an abstention.
        answers: from a question's id to the status of its answer and whether its evidence checked out.
        quotes: lines of the quotations that checked out.
    """

    seat: str
    vote: Vote
    cast: str
    score: float
    cause: str = ""
    detail: str = ""
    answers: dict[str, tuple[AnswerStatus, bool]] = Field(default_factory=dict)
    quotes: tuple[tuple[int, int], ...] = ()


class VerdictReview(Entry):
    """What the council made of it.

    Attributes:
        addressed: lines of text that speaks to the reviewers.
        orders, same: in how many other orders of the seats it was decided again, and how often the same came of it.
    """

    outcome: Outcome
    decided_by: Rule
    addressed: tuple[tuple[int, int], ...] = ()
    orders: int = 0
    same: int = 0


class Key(NamedTuple):
    """Which review: of which proposal, by its name and bytes, and which of its repeats."""

    file: str
    sha256: str
    repeat: int


class Review(Entry):
    """One review of one proposal by some seats or the whole council.

    Attributes:
        fingerprint: of what reviewed; see `council.evaluation.reviewing.fingerprint`.
        repeat: 0 for the first.
        seats: in roster order.
        verdict: where the whole council reviewed.
        usage: calls and tokens.
        seconds: what it took, with whatever else the machine did meanwhile.
    """

    fingerprint: str
    file: str
    sha256: str
    repeat: int
    seats: tuple[SeatReview, ...]
    verdict: VerdictReview | None = None
    usage: Usage = Usage()
    seconds: float

    @property
    def key(self) -> Key:
        """Which review it is."""
        return Key(self.file, self.sha256, self.repeat)

    @property
    def missing(self) -> str:
        """Why it has to be asked for again, or empty."""
        return next((f"{s.seat} {s.cause}: {s.detail}".rstrip(": ") for s in self.seats if s.cause in AGAIN), "")

    def covers(self, seats: Iterable[str], *, council: bool) -> bool:
        """Whether it has these seats, and the verdict where that is wanted."""
        return {s.seat for s in self.seats}.issuperset(seats) and (self.verdict is not None or not council)


def seat_review(opinion: Opinion) -> SeatReview:
    """What cases may ask for of an opinion."""
    evidence = [e for answer in opinion.answers for e in answer.evidence] + [e for finding in opinion.findings for e in finding.evidence]
    return SeatReview(
        seat=opinion.seat,
        vote=opinion.counted,
        cast=opinion.cast,
        score=opinion.score,
        cause=opinion.abstention.cause if opinion.abstention else "",
        detail=opinion.abstention.detail if opinion.abstention else "",
        answers={answer.question: (answer.status, answer.verified) for answer in opinion.answers},
        quotes=tuple(sorted({(e.first, e.last) for e in evidence if _is_quotation(e)})),
    )


def verdict_review(verdict: Verdict, *, orders: int = 0, same: int = 0) -> VerdictReview:
    """What cases may ask for of a verdict."""
    addressed = tuple(sorted({(a.line, a.line) for a in verdict.addressed}))
    return VerdictReview(outcome=verdict.outcome, decided_by=verdict.decided_by, addressed=addressed, orders=orders, same=same)


def _is_quotation(evidence: Evidence) -> bool:
    return evidence.kind == "quotation" and evidence.verified and evidence.first > 0


class ReviewLog:
    """Reviews kept as NDJSON, one a line and flushed, so that a run which was interrupted goes on where it was.

    Reviews under another fingerprint stay in the file and are passed over: a run with the old reviewer finds its own
    again. A last line that was cut off is taken away.

    Args:
        path: the file, or None to keep nothing.
        fingerprint: of what reviews now.
    """

    def __init__(self, path: Path | None, fingerprint: str) -> None:
        self._path = path
        self._fingerprint = fingerprint

    def load(self) -> dict[Key, Review]:
        """The reviews by what reviews now.

        Raises:
            InputError: a line is no review; names it.
        """
        if self._path is None or not self._path.exists():
            return {}
        data = self._read(self._path)
        kept: dict[Key, Review] = {}
        for number, line in enumerate(data.split(b"\n"), 1):
            if line.strip() and self._is_ours(line, f"{self._path}:{number}"):
                review = parse(Review, line, f"{self._path}:{number}")
                kept[review.key] = review
        return kept

    def add(self, review: Review) -> None:
        """Keep a review; one that has to be asked for again is not kept.

        Raises:
            UnavailableError: the file cannot be written.
        """
        if self._path is None or review.missing:
            return
        try:
            with self._path.open("ab") as stream:
                stream.write(review.model_dump_json().encode() + b"\n")
        except OSError as error:
            raise UnavailableError(
                f"cannot be written: {error.strerror}", where=str(self._path), hint="what was kept before stays"
            ) from error

    def _read(self, path: Path) -> bytes:
        data = path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.truncate(path, whole)
        return data[:whole]

    def _is_ours(self, line: bytes, where: str) -> bool:
        try:
            return bool(json.loads(line)["fingerprint"] == self._fingerprint)
        except (ValueError, TypeError, KeyError, RecursionError):
            raise InputError("is no review", where=where, hint="name another file, or remove this one") from None
