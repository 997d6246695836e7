"""Rules 1 to 3: the order of caution, the median vote, the split, and the ruling on a readiness dispute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from council.ballot import Evidence, Opinion, Readiness, Ruling, Tally, Vote

CAUTION = {Vote.APPROVE: 0, Vote.MODIFY: 1, Vote.REJECT: 2}
"""Rule 1. ABSTAIN has no place in it: it is not a vote."""

BY_CAUTION = tuple(CAUTION)
_SEVERITY = {"blocker": 0, "major": 1, "minor": 2}
_QUOTED = 200  # characters of a passage that a ruling quotes


@dataclass(frozen=True, slots=True)
class Split:
    """Two middle votes that differ (rule 2).

    Attributes:
        lower, upper: the less and the more cautious middle vote.
        lower_seats, upper_seats: who stands on which side; together all seats that voted.
        ready, not_ready: seats that say so on verified evidence.
    """

    lower: Vote
    upper: Vote
    lower_seats: tuple[str, ...]
    upper_seats: tuple[str, ...]
    ready: tuple[str, ...]
    not_ready: tuple[str, ...]

    @property
    def is_dispute(self) -> bool:
        """Whether it is a production-readiness dispute: both are said, on different sides (rule 3)."""
        ready, not_ready = set(self.ready), set(self.not_ready)
        lower, upper = set(self.lower_seats), set(self.upper_seats)
        return bool((ready & lower and not_ready & upper) or (ready & upper and not_ready & lower))


def more_cautious(one: Vote, other: Vote) -> Vote:
    """The more cautious of two votes (rule 1)."""
    return one if CAUTION[one] >= CAUTION[other] else other


def voting(opinions: Sequence[Opinion]) -> list[Opinion]:
    """The opinions that hold a vote."""
    return [o for o in opinions if o.counted is not Vote.ABSTAIN]


def is_gap(opinion: Opinion) -> bool:
    """Whether a vote is missing. An abstention without a cause is one: in doubt nothing is gained by silence."""
    return opinion.counted is Vote.ABSTAIN and (opinion.abstention is None or opinion.abstention.is_gap)


def tally(opinions: Sequence[Opinion]) -> Tally:
    """Seats by counted vote, in the order given."""

    def of(vote: Vote) -> tuple[str, ...]:
        return tuple(o.seat for o in opinions if o.counted is vote)

    # For the rules a seat not waited for is a gap like any other: that it changes nothing is why it was not waited for.
    not_needed = tuple(o.seat for o in opinions if o.abstention is not None and o.abstention.cause == "not_needed")
    gaps = tuple(o.seat for o in opinions if is_gap(o) and o.seat not in not_needed)
    return Tally(
        approve=of(Vote.APPROVE),
        modify=of(Vote.MODIFY),
        reject=of(Vote.REJECT),
        not_applicable=tuple(seat for seat in of(Vote.ABSTAIN) if seat not in gaps + not_needed),
        gaps=gaps,
        not_needed=not_needed,
    )


def middle_votes(votes: Sequence[Vote]) -> tuple[Vote, Vote]:
    """The two middle votes in order of caution; twice the same where there is one (rule 2).

    Raises:
        ValueError: there is no vote.
    """
    if not votes:
        raise ValueError("no votes have no middle")
    ordered = sorted(votes, key=CAUTION.__getitem__)
    return ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]


def split(opinions: Sequence[Opinion]) -> Split | None:
    """The split of a council, or None where one vote is the median (rule 2)."""
    voters = voting(opinions)
    if len(voters) % 2 or not voters:
        return None
    lower, upper = middle_votes([o.counted for o in voters])
    if lower is upper:
        return None

    def saying(word: Readiness) -> tuple[str, ...]:
        return tuple(o.seat for o in voters if o.readiness_verified and o.production_ready == word)

    return Split(
        lower=lower,
        upper=upper,
        lower_seats=tuple(o.seat for o in voters if CAUTION[o.counted] <= CAUTION[lower]),
        upper_seats=tuple(o.seat for o in voters if CAUTION[o.counted] >= CAUTION[upper]),
        ready=saying("yes"),
        not_ready=saying("no"),
    )


def dispute(opinions: Sequence[Opinion]) -> Split | None:
    """The split, where it is a production-readiness dispute that the tie-breaker may rule on (rule 3)."""
    found = split(opinions)
    return found if found is not None and found.is_dispute else None


def allowed_rulings(over: Split) -> tuple[Vote, ...]:
    """From the lower to the upper middle vote (rule 3)."""
    return BY_CAUTION[CAUTION[over.lower] : CAUTION[over.upper] + 1]


def judge(ruling: Ruling, over: Split | None, opinions: Sequence[Opinion], holder: str | None) -> Ruling:
    """Whether a ruling stands (rule 3): by the holder, who voted, within the range, in writing.

    Returns:
        The ruling with `accepted`, `problem` and the range set anew. One that came with a problem stays refused.
    """
    if over is None:
        problem = "there is no production-readiness dispute to rule on"
    elif ruling.seat != holder:
        problem = f"{ruling.seat} does not hold break-readiness-ties"
    elif not any(o.seat == holder for o in voting(opinions)):
        problem = f"{holder} cast no vote itself"
    elif ruling.chosen not in allowed_rulings(over):
        problem = f"{ruling.chosen} lies outside {over.lower} to {over.upper}"
    elif ruling.problem or ruling.text.strip():
        problem = ruling.problem
    else:
        problem = "it came without a written reason"
    bounds = {} if over is None else {"lower": over.lower, "upper": over.upper}
    return ruling.model_copy(update={"accepted": not problem, "problem": problem, **bounds})


def model_free_ruling(opinions: Sequence[Opinion], over: Split, holder: str | None) -> Ruling | None:
    """The ruling where no model can be asked: the holder's own counted vote, clamped to the range (rule 3).

    Returns:
        None where nobody holds the authority or the holder cast no vote; the more cautious side then stands.
    """
    own = next((o.counted for o in voting(opinions) if o.seat == holder), None)
    if holder is None or own is None:
        return None
    chosen = BY_CAUTION[min(max(CAUTION[own], CAUTION[over.lower]), CAUTION[over.upper])]
    seats = {o.seat: o for o in opinions}
    ready = "; ".join(_ground(seats[name]) for name in over.ready)
    not_ready = "; ".join(_ground(seats[name]) for name in over.not_ready)
    clamped = "" if own is chosen else f", taken to the nearer side, {chosen}"
    text = f"Ready: {ready}. Not ready: {not_ready}. No model weighed the two; {holder}'s own vote decides, {own}{clamped}."
    return Ruling(seat=holder, lower=over.lower, upper=over.upper, chosen=chosen, text=text, accepted=True)


def _ground(opinion: Opinion) -> str:
    """A seat and the strongest verified passage for what it says of production readiness."""
    for_ready = opinion.production_ready == "yes"
    graded: list[tuple[int, str, tuple[Evidence, ...]]] = [
        (_SEVERITY[f.severity], f.claim, f.evidence) for f in opinion.findings if f.verified and (f.kind == "praise") is for_ready
    ]
    graded += [(2, a.asked, a.evidence) for a in opinion.answers if a.verified and (a.status == "answered") is for_ready]
    if not graded:
        return opinion.seat
    _, claim, evidence = min(graded, key=lambda each: each[0])
    return f"{opinion.seat} ({_passage(claim, evidence[0])})"


def _passage(claim: str, evidence: Evidence) -> str:
    where = f"line {evidence.first}" if evidence.first == evidence.last else f"lines {evidence.first}-{evidence.last}"
    quote = " ".join(evidence.quote.split())
    if not quote:
        return claim
    shown = quote if len(quote) <= _QUOTED else quote[: _QUOTED - 1].rstrip() + "…"
    return f'{claim} "{shown}", {where}'
