"""Rules 2 to 7 together: from counted votes to the outcome and the rule that fixed it."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from council.ballot import Abstention, AddressedText, Opinion, Outcome, Rule, Ruling, Tally, Vote
from council.rulings.policy import Authorities, Policy
from council.rulings.votes import CAUTION, Split, is_gap, judge, middle_votes, more_cautious, split, tally, voting


@dataclass(frozen=True, slots=True)
class Floor:
    """An outcome below which a rule lets nothing go."""

    least: Vote
    rule: Rule


@dataclass(frozen=True, slots=True)
class Quorum:
    """Rule 5 in figures: votes cast, votes needed, and the holder of enforce-observability where its vote is missing."""

    votes: int
    needed: int
    holder_missing: str | None

    @property
    def met(self) -> bool:
        """Whether enough seats voted, the holder among them."""
        return self.votes >= self.needed and self.holder_missing is None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided and everything it rests on.

    Attributes:
        outcome, decided_by: the decision.
        tally: the counted votes.
        carried: what the votes, and a ruling on them, give by themselves; None where nobody voted.
        split: the two sides, where the middle votes differ.
        ruling: the ruling, judged; None where there was none.
        floors: rules 4 and 7, as far as they apply.
        barring: text that speaks to the reviewers and bars an approval, found by code or by a seat.
        quorum: rule 5 in figures.
    """

    outcome: Outcome
    decided_by: Rule
    tally: Tally
    carried: Vote | None
    split: Split | None
    ruling: Ruling | None
    floors: tuple[Floor, ...]
    barring: tuple[AddressedText, ...]
    quorum: Quorum


def decide(
    opinions: Sequence[Opinion],
    *,
    policy: Policy,
    authorities: Authorities,
    addressed: Sequence[AddressedText] = (),
    ruling: Ruling | None = None,
) -> Decision:
    """Apply rules 1 to 7.

    Args:
        opinions: one for each seat of the roster; their order changes nothing but the order of names.
        policy: the quorum.
        authorities: who enforces observability and who breaks ties.
        addressed: text found by code that speaks to the reviewers.
        ruling: the tie-breaker's ruling on a dispute, where there is one; it is judged here.

    Raises:
        ValueError: no opinions, two of one seat, or none of a seat that holds an authority.
    """
    _check(opinions, authorities)
    halves = split(opinions)
    contested = halves if halves is not None and halves.is_dispute else None
    judged = None if ruling is None else judge(ruling, contested, opinions, authorities.breaks_ties)
    carried, carrier = _carry(opinions, halves, judged)
    barring = _barring(opinions, addressed)
    floors = _floors(opinions, authorities, barring)
    quorum = _quorum(opinions, policy, authorities)
    outcome, rule = _settle(opinions, carried, carrier, floors, quorum)
    return Decision(outcome, rule, tally(opinions), carried, halves, judged, floors, barring, quorum)


def could_change(
    opinions: Sequence[Opinion],
    open_seats: Collection[str],
    *,
    policy: Policy,
    authorities: Authorities,
    addressed: Sequence[AddressedText] = (),
) -> bool:
    """Whether seats that have not replied yet could still change the outcome (rule 6, deciding early).

    The open seats are filled both ways: as gaps, which by rule 6 covers every REJECT among them, and as APPROVE, with
    a split that the tie-breaker might rule on ruled the less cautious way. Where both give one outcome, so does
    every mixture of votes, abstentions and failures, and the open seats can be recorded as `not_needed`. What an open
    seat might yet find of rule 7 is not waited for: code has looked, with any roster.

    Args:
        opinions: of the seats that have replied.
        open_seats: names of the others.
        policy, authorities, addressed: as for `decide`.

    Raises:
        ValueError: as `decide` does.
    """
    if not open_seats:
        return False
    silent = [_silent(seat) for seat in open_seats]
    now = decide([*opinions, *silent], policy=policy, authorities=authorities, addressed=addressed)
    if now.outcome is Outcome.INCONCLUSIVE:
        return True
    voters = voting(opinions)
    lower, upper = middle_votes([o.counted for o in voters] + [Vote.APPROVE] * len(silent))
    tie_breaker = authorities.breaks_ties
    can_rule = tie_breaker in open_seats or any(o.seat == tie_breaker for o in voters)
    # The open seats are on the lower side of such a split, so one on the upper side has to have taken a stand already.
    contested = any(o.readiness_verified and o.production_ready != "not_mine" for o in voters if CAUTION[o.counted] >= CAUTION[upper])
    least = lower if can_rule and contested else upper
    for floor in now.floors:
        least = more_cautious(least, floor.least)
    return Outcome(least) is not now.outcome


def _silent(seat: str) -> Opinion:
    return Opinion(
        seat=seat,
        persona="",
        persona_hash="",
        persona_origin="",
        reviewer="",
        cast="ABSTAIN",
        counted=Vote.ABSTAIN,
        abstention=Abstention(cause="not_needed"),
    )


def _check(opinions: Sequence[Opinion], authorities: Authorities) -> None:
    names = [o.seat for o in opinions]
    if not names:
        raise ValueError("a verdict needs opinions")
    if len(set(names)) != len(names):
        raise ValueError(f"a seat has two opinions: {', '.join(sorted(n for n in set(names) if names.count(n) > 1))}")
    for holder in (authorities.enforces_observability, authorities.breaks_ties):
        if holder is not None and holder not in names:
            raise ValueError(f"{holder} holds an authority and has no opinion")


def _carry(opinions: Sequence[Opinion], halves: Split | None, ruling: Ruling | None) -> tuple[Vote | None, Rule]:
    """Rules 2 and 3: the median; in a split the ruling that stands, else the more cautious side."""
    votes = [o.counted for o in voting(opinions)]
    if not votes:
        return None, Rule.MEDIAN
    if halves is None:
        return middle_votes(votes)[1], Rule.MEDIAN
    if ruling is not None and ruling.accepted:
        return ruling.chosen, Rule.TRACER_RULING
    return halves.upper, Rule.SPLIT


def _barring(opinions: Sequence[Opinion], addressed: Sequence[AddressedText]) -> tuple[AddressedText, ...]:
    """Rule 7: what code found, and what seats add to it on verified evidence.

    A seat adds nothing where it cites exactly what code has judged to be a note (code, a condemned quotation).
    """
    found = [a for a in addressed if a.bars]
    notes = [_folded(a.text) for a in addressed if not a.bars]
    for opinion in opinions:
        for finding in opinion.findings:
            if finding.kind != "instructs_reviewers" or not finding.verified:
                continue
            for evidence in finding.evidence:
                known = any(a.line == evidence.first for a in found)
                noted = bool(evidence.quote) and any(_folded(evidence.quote) in note for note in notes)
                if not known and not noted:
                    found.append(AddressedText(line=evidence.first, text=evidence.quote, how=f"found by {opinion.seat}", bars=True))
    return tuple(found)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _floors(opinions: Sequence[Opinion], authorities: Authorities, barring: Sequence[AddressedText]) -> tuple[Floor, ...]:
    """Rules 4 and 7, the most cautious first. A floor holds whatever its seat voted."""
    floors = []
    enforcer = authorities.enforces_observability
    enforced = next((o.observability for o in opinions if o.seat == enforcer), None)
    if enforced == "fail":
        floors.append(Floor(Vote.REJECT, Rule.OBSERVABILITY))
    elif enforced == "conditional":
        floors.append(Floor(Vote.MODIFY, Rule.OBSERVABILITY))
    if barring:
        floors.append(Floor(Vote.MODIFY, Rule.ADDRESSES_REVIEWERS))
    return tuple(floors)


def _quorum(opinions: Sequence[Opinion], policy: Policy, authorities: Authorities) -> Quorum:
    """Rule 5."""
    votes = len(voting(opinions))
    applicable = votes + sum(is_gap(o) for o in opinions)
    needed = max(math.ceil(policy.quorum_of_applicable * applicable), math.ceil(policy.quorum_of_roster * len(opinions)))
    missing = next((o.seat for o in opinions if o.seat == authorities.enforces_observability and is_gap(o)), None)
    return Quorum(votes, needed, missing)


def _settle(
    opinions: Sequence[Opinion], carried: Vote | None, carrier: Rule, floors: Sequence[Floor], quorum: Quorum
) -> tuple[Outcome, Rule]:
    """The order of the rules: a `fail` before quorum (4, 5), quorum before gaps (5, 6), gaps before everything below REJECT."""
    floor = floors[0] if floors else None
    if floor is not None and floor.least is Vote.REJECT:
        return Outcome.REJECT, carrier if carried is Vote.REJECT and quorum.met else floor.rule
    gaps = sum(is_gap(o) for o in opinions)
    if carried is None and not gaps:
        return Outcome.INCONCLUSIVE, Rule.NOT_APPLICABLE
    if carried is None or not quorum.met:
        return Outcome.INCONCLUSIVE, Rule.QUORUM
    result, rule = carried, carrier
    if floor is not None and CAUTION[floor.least] > CAUTION[carried]:
        result, rule = floor.least, floor.rule
    # A ruling lowers a split only where nobody is missing: with the gaps filled nobody can say that it would have been given.
    worst = middle_votes([o.counted for o in voting(opinions)] + [Vote.REJECT] * gaps)[1]
    if gaps and CAUTION[worst] > CAUTION[result]:
        return Outcome.INCONCLUSIVE, Rule.MISSING_VOTES
    return Outcome(result), rule
