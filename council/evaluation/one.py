"""The review of one proposal of a suite, by some seats or by the whole council."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from council.ballot import Abstention, Verdict
from council.council import Council
from council.errors import InputError
from council.evaluation.reviews import Key, Review, VerdictReview, seat_review, verdict_review
from council.proposal import Limits, Proposal, read_proposal
from council.reviewers.base import Reviewed, Reviewer
from council.rulings import Authorities, Policy, reach
from council.seats import Roster, Seat

ORDERS = 5
"""In how many other orders of its seats each verdict is decided again."""


@dataclass(frozen=True, slots=True)
class Job:
    """A review that has to be made.

    Attributes:
        file: the proposal, as the suite names it; path: where it is; sha256: of its bytes.
        repeat: 0 for the first.
        seats: those that cases ask for, in roster order.
        council: whether the verdict of the whole roster is wanted too.
    """

    file: str
    path: Path
    sha256: str
    repeat: int
    seats: tuple[str, ...]
    council: bool

    @property
    def key(self) -> Key:
        """Of the review that it makes."""
        return Key(self.file, self.sha256, self.repeat)


@dataclass(frozen=True, slots=True)
class Panel:
    """Who reviews, whatever the reviewer: the seats and the policy, under the fingerprint of all of it."""

    roster: Roster
    policy: Policy
    fingerprint: str


async def review(
    job: Job, panel: Panel, reviewers: Reviewer | Mapping[str, Reviewer], prepare: Callable[[Proposal], Proposal] | None = None
) -> Review:
    """Make one review: by the council, with a reviewer in the seats that are wanted and nobody in the others.

    Args:
        reviewers: one for all seats, or one for each.
        prepare: makes of the proposal what the reviewers get to see.

    Raises:
        ProposalError, MissingInputError: the proposal cannot be read.
        InputError: it is not the one that the suite was loaded with.
    """
    start = time.perf_counter()
    proposal = read_proposal(job.path, limits=Limits(min_words=0))
    if proposal.sha256 != job.sha256:
        raise InputError("changed since the suite was loaded", where=str(job.path), hint="run again")
    each = reviewers if isinstance(reviewers, Mapping) else dict.fromkeys(panel.roster.names, reviewers)
    seated: dict[str, Reviewer] = {name: each[name] if name in job.seats else _Silent() for name in panel.roster.names}
    verdict = await Council(panel.roster, reviewers=seated, policy=panel.policy).areview(prepare(proposal) if prepare else proposal)
    return Review(
        fingerprint=panel.fingerprint,
        file=job.file,
        sha256=job.sha256,
        repeat=job.repeat,
        seats=tuple(seat_review(opinion) for opinion in verdict.opinions if opinion.seat in job.seats),
        verdict=_in_other_orders(verdict, panel) if job.council else None,
        usage=verdict.usage,
        seconds=round(time.perf_counter() - start, 3),
    )


class _Silent:
    """Sits where no case asks for a seat, and costs nothing."""

    name = "nobody"

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:  # noqa: ARG002 - the protocol's signature
        return Reviewed(reply=None, abstention=Abstention(cause="not_needed"))


def _in_other_orders(verdict: Verdict, panel: Panel) -> VerdictReview:
    """The verdict, and whether the same comes of its opinions in other orders of the seats."""
    authorities = Authorities(
        enforces_observability=panel.roster.holder("enforce-observability"), breaks_ties=panel.roster.holder("break-readiness-ties")
    )
    same = 0
    for number in range(ORDERS):
        shuffled = list(verdict.opinions)
        random.Random(f"{verdict.proposal_sha256}:seat-order:{number}").shuffle(shuffled)  # noqa: S311 - the same shuffle in each run
        again = reach(shuffled, policy=panel.policy, authorities=authorities, addressed=verdict.addressed, ruling=verdict.ruling)
        same += (again.outcome, again.decided_by) == (verdict.outcome, verdict.decided_by)
    return verdict_review(verdict, orders=ORDERS, same=same)
