"""The statistics of an evaluation: pure functions of counts and votes, each with its source.

Sources: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927);
J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960);
L. Kish, "Survey Sampling" (1965), for the design effect.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from statistics import NormalDist, StatisticsError, correlation, fmean
from typing import NamedTuple

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """Between which two a share lies."""

    low: float
    high: float


def wilson(passed: int, of: int, confidence: float = CONFIDENCE) -> Interval:
    """Wilson's score interval of a share, without a correction for continuity.

    With p = passed/n and z the normal quantile: (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n). Unlike the
    plain normal interval it stays within 0 and 1 and keeps its coverage for few trials and shares near 0 or 1. Of
    nothing it is the whole range.

    Raises:
        ValueError: counts that cannot be.
    """
    if not 0 <= passed <= of:
        raise ValueError(f"{passed} of {of}")
    if of == 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, weight = passed / of, z * z / of
    centre = (share + weight / 2) / (1 + weight)
    half = z * math.sqrt(share * (1 - share) / of + weight / (4 * of)) / (1 + weight)
    low = 0.0 if passed == 0 else max(0.0, centre - half)  # exact at the ends, where rounding is not
    high = 1.0 if passed == of else min(1.0, centre + half)
    return Interval(low, high)


class Kappa(NamedTuple):
    """Agreement of two raters.

    Attributes:
        of: what both rated.
        agreement: share on which they agree.
        expected: what two raters would agree on by chance who vote as often each way, each in itself.
        kappa: (agreement - expected) / (1 - expected); None where chance alone makes them agree always.
    """

    of: int
    agreement: float
    expected: float
    kappa: float | None


def cohens_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> Kappa:
    """Cohen's kappa, unweighted: 1 is the same vote always, 0 what chance gives, below 0 less than that.

    Raises:
        ValueError: no pairs.
    """
    if not pairs:
        raise ValueError("no pairs")
    of = len(pairs)
    agreement = sum(a == b for a, b in pairs) / of
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    by_chance = sum(first[vote] * second[vote] for vote in first)
    kappa = None if by_chance == of * of else (agreement - by_chance / of**2) / (1 - by_chance / of**2)
    return Kappa(of, agreement, by_chance / of**2, kappa)


def unanimous_by_chance(votes: Sequence[Sequence[Hashable]]) -> float:
    """The share of unanimous ballots if each rater voted as often each way as it does, independently of the others.

    Args:
        votes: for each rater its votes, on whatever it voted on.
    """
    shares = [Counter(mine) for mine in votes if mine]
    kinds = set().union(*shares) if shares else set()
    return math.fsum(math.prod(count[kind] / count.total() for count in shares) for kind in kinds) if shares else 0.0


class Effective(NamedTuple):
    """How many independent votes a panel is worth.

    Attributes:
        votes: between 1 and `raters`; None where fewer than two raters vary.
        raters: that do not vote the same way always: a constant vote adds nothing.
        correlation: mean of the pairwise correlations of the votes.
    """

    votes: float | None
    raters: int
    correlation: float | None


def effective_votes(votes: Sequence[Mapping[str, float]]) -> Effective:
    """N / (1 + (n-1)·r): Kish's design effect, with r the mean Pearson correlation over the pairs of raters.

    A panel of n raters with a mean correlation r averages out noise as well as this many independent ones would. r also
    holds what all see rightly: good and bad proposals make honest raters agree, so it is a floor, best compared between
    panels on one suite.

    Args:
        votes: for each document the rater's votes as numbers; a rater that did not vote on it is left out.
    """
    names = sorted({name for ballot in votes for name in ballot})
    varying = [n for n in names if len({ballot[n] for ballot in votes if n in ballot}) > 1]
    correlations = []
    for at, a in enumerate(varying):
        for b in varying[at + 1 :]:
            both = [(ballot[a], ballot[b]) for ballot in votes if a in ballot and b in ballot]
            try:
                correlations.append(correlation([x for x, _ in both], [y for _, y in both]))
            except StatisticsError:  # one of them constant on what both voted on
                continue
    if not correlations:
        return Effective(None, len(varying), None)
    mean, raters = fmean(correlations), len(varying)
    effect = 1 + (raters - 1) * mean
    return Effective(float(raters) if effect <= 1 else raters / effect, raters, mean)


def modal_share(values: Sequence[Hashable]) -> float:
    """The share of the most frequent value.

    Raises:
        ValueError: no values.
    """
    if not values:
        raise ValueError("no values")
    return Counter(values).most_common(1)[0][1] / len(values)
