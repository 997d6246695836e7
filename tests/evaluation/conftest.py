"""Suites in a folder, reviews made by hand, and a reviewer whose vote stands in the proposal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from council.ballot import Citation, Finding, Outcome, Reply, Rule, Usage, Vote
from council.evaluation import Candidate, Review, SeatReview, Suite, load_suite
from council.evaluation.reviews import VerdictReview
from council.proposal import Proposal
from council.reviewers.base import Reviewed
from council.seats import Seat

TEXT = "# A proposal\n\nThe votes are {votes}. Each of them is written here so that a reviewer can find it.\n"


class ReadsItsVote:
    """Votes as the proposal says: one word for all seats, or SEAT=VOTE; counts the reviews it made."""

    name = "reads its vote"
    made: list[tuple[str, str]]

    def __init__(self) -> None:
        self.made = []
        self.read: list[str] = []
        self.usage = Usage()

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
        self.made.append((Path(proposal.source).name, seat.name))
        self.read.append(proposal.text)
        line = proposal.lines[2]
        words = line.removeprefix("The votes are ").split(".")[0].split()
        votes = dict(word.split("=") for word in words if "=" in word)
        vote = votes.get(seat.name, words[0])
        if vote == "FAIL":
            raise RuntimeError("out of order")
        cited = (Citation(first=3, last=3, quote=line),)
        finding = Finding(id="f1", kind="gap", severity="major", domain="all", claim="It says so.", citations=cited)
        reply = Reply(findings=(finding,) if vote == "REJECT" else (), vote=vote, rationale="As it is written.")
        return Reviewed(reply=reply, score=0.5, usage=self.usage)


@pytest.fixture
def reviewer() -> ReadsItsVote:
    return ReadsItsVote()


@pytest.fixture
def candidate(reviewer: ReadsItsVote) -> Candidate:
    return Candidate("reads its vote", lambda: reviewer, cpu_bound=False)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes a suite: proposals by the votes that stand in them, and cases."""

    def write(cases: list[dict[str, Any]], **votes: str) -> Path:
        root = tmp_path / "suite"
        root.mkdir(exist_ok=True)
        for name, said in votes.items():
            (root / f"{name}.md").write_text(TEXT.format(votes=said), encoding="utf-8")
        (root / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
        return root

    return write


@pytest.fixture
def suite(folder: Callable[..., Path]) -> Callable[..., Suite]:
    """The same, loaded; a case is completed with what it lacks."""

    def load(*cases: dict[str, Any], **votes: str) -> Suite:
        whole = [{"id": f"c{n}", "class": "all", "seat": "tracer", **case} for n, case in enumerate(cases, 1)]
        return load_suite(folder(whole, **votes))

    return load


@pytest.fixture
def review() -> Callable[..., Review]:
    """A review by hand: seat names to votes, of one proposal of a suite."""

    def make(
        suite: Suite,
        file: str,
        votes: dict[str, str],
        *,
        repeat: int = 0,
        outcome: str = "",
        scores: dict[str, float] | None = None,
        causes: dict[str, str] | None = None,
        **of_seats: Any,
    ) -> Review:
        seats = tuple(
            SeatReview(
                seat=name,
                vote=Vote(vote),
                cast=vote,
                score=(scores or {}).get(name, 0.5),
                cause=(causes or {}).get(name, ""),
                **of_seats,
            )
            for name, vote in votes.items()
        )
        verdict = VerdictReview(outcome=Outcome(outcome), decided_by=Rule.MEDIAN, orders=5, same=5) if outcome else None
        return Review(fingerprint="f", file=file, sha256=suite.hashes[file], repeat=repeat, seats=seats, verdict=verdict, seconds=0.1)

    return make
