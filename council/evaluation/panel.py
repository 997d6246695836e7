"""How distinct the seats are, and how stable what they say is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import fmean

from council.evaluation.figures import cohens_kappa, effective_votes, modal_share, unanimous_by_chance
from council.evaluation.judging import RANK
from council.evaluation.reviews import Key, Review
from council.evaluation.suite import Entry

NOT_APPLICABLE = "not_applicable"


class Pair(Entry):
    """How far two seats agree; `kappa` is Cohen's, None where both vote the same way always."""

    seats: tuple[str, str]
    proposals: int
    agreement: float
    by_chance: float
    kappa: float | None


class Distinctness(Entry):
    """How far the seats are several, over the first reviews of the proposals that the whole council reviewed.

    Attributes:
        proposals: how many.
        votes: from a seat to how often it cast each vote.
        pairs: of seats, on the proposals where neither vote is missing; "not applicable" is a vote of its own here.
        unanimous: share of the proposals on which all votes are the same; unanimous_by_chance: what it would be if each seat
            voted as often each way as it does, independently of the others.
        effective_votes: how many independent votes the seats that vary are worth (`council.evaluation.figures.effective_votes`).
        varying: how many seats vary; correlation: the mean of their pairwise correlations.
    """

    proposals: int
    votes: dict[str, dict[str, int]]
    pairs: tuple[Pair, ...]
    unanimous: float
    unanimous_by_chance: float
    effective_votes: float | None
    varying: int
    correlation: float | None

    @property
    def mean_kappa(self) -> float | None:
        """Over the pairs that have one."""
        kappas = [pair.kappa for pair in self.pairs if pair.kappa is not None]
        return fmean(kappas) if kappas else None


class Stability(Entry):
    """How far a second review says what the first said; None where nothing was repeated.

    Attributes:
        seats: reviews by a seat that were repeated; votes: mean share of the most frequent vote among the repeats;
            steadfast: share in which all repeats gave one vote; score_spread: mean range of the scores.
        verdicts, outcomes, steadfast_verdicts: the same of the council's outcomes.
        orders: how often a verdict was decided again with its seats in another order; same: share that came out the same.
    """

    seats: int
    votes: float | None
    steadfast: float | None
    score_spread: float | None
    verdicts: int
    outcomes: float | None
    steadfast_verdicts: float | None
    orders: int
    same: float | None


def distinctness(reviews: Mapping[Key, Review]) -> Distinctness | None:
    """How distinct the seats are; None where the whole council reviewed nothing."""
    ballots = [_ballot(review) for key, review in reviews.items() if review.verdict is not None and key.repeat == 0]
    if not ballots:
        return None
    names = list(dict.fromkeys(name for ballot in ballots for name in ballot))
    pairs = []
    for a, b in combinations(names, 2):
        if both := [(ballot[a], ballot[b]) for ballot in ballots if a in ballot and b in ballot]:
            of, agreement, by_chance, kappa = cohens_kappa(both)
            pairs.append(Pair(seats=(a, b), proposals=of, agreement=agreement, by_chance=by_chance, kappa=kappa))
    cast = {name: [ballot[name] for ballot in ballots if name in ballot] for name in names}
    worth = effective_votes([{name: float(RANK[vote]) for name, vote in ballot.items() if vote in RANK} for ballot in ballots])
    return Distinctness(
        proposals=len(ballots),
        votes={name: dict(sorted(Counter(votes).items())) for name, votes in cast.items()},
        pairs=tuple(pairs),
        unanimous=fmean(len(set(ballot.values())) == 1 for ballot in ballots),
        unanimous_by_chance=unanimous_by_chance(list(cast.values())),
        effective_votes=worth.votes,
        varying=worth.raters,
        correlation=worth.correlation,
    )


def stability(reviews: Mapping[Key, Review]) -> Stability:
    """How stable votes and verdicts are."""
    votes: dict[tuple[str, str], list[str]] = {}
    scores: dict[tuple[str, str], list[float]] = {}
    outcomes: dict[str, list[str]] = {}
    for review in reviews.values():
        for seat in review.seats:
            votes.setdefault((review.file, seat.seat), []).append(seat.vote.value)
            scores.setdefault((review.file, seat.seat), []).append(seat.score)
        if review.verdict is not None:
            outcomes.setdefault(review.file, []).append(review.verdict.outcome.value)
    repeated = [mine for mine in votes.values() if len(mine) > 1]
    decided = [mine for mine in outcomes.values() if len(mine) > 1]
    orders = sum(review.verdict.orders for review in reviews.values() if review.verdict)
    same = sum(review.verdict.same for review in reviews.values() if review.verdict)
    return Stability(
        seats=len(repeated),
        votes=_mean([modal_share(mine) for mine in repeated]),
        steadfast=_mean([len(set(mine)) == 1 for mine in repeated]),
        score_spread=_mean([max(mine) - min(mine) for mine in scores.values() if len(mine) > 1]),
        verdicts=len(decided),
        outcomes=_mean([modal_share(mine) for mine in decided]),
        steadfast_verdicts=_mean([len(set(mine)) == 1 for mine in decided]),
        orders=orders,
        same=same / orders if orders else None,
    )


def _ballot(review: Review) -> dict[str, str]:
    """The votes on a proposal; a vote that is missing is left out, "not applicable" is a judgement like any other."""
    return {
        seat.seat: NOT_APPLICABLE if seat.cause == NOT_APPLICABLE else seat.vote.value
        for seat in review.seats
        if seat.cause in ("", NOT_APPLICABLE)
    }


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None
