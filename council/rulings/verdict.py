"""From a decision to the verdict a person reads, and rule 8: a person may overrule it."""

from __future__ import annotations

from collections.abc import Sequence

from council.ballot import AddressedText, CheckedCondition, Opinion, Outcome, Overruled, Rule, Ruling, Tally, Verdict, Vote
from council.errors import UsageError
from council.rulings.decide import Decision, Quorum, decide
from council.rulings.policy import Authorities, Policy
from council.rulings.votes import CAUTION, Split


def reach(
    opinions: Sequence[Opinion],
    *,
    policy: Policy,
    authorities: Authorities,
    addressed: Sequence[AddressedText] = (),
    ruling: Ruling | None = None,
) -> Verdict:
    """`decide` and `verdict_from` in one: opinions in, verdict out. Arguments and errors are those of `decide`."""
    decision = decide(opinions, policy=policy, authorities=authorities, addressed=addressed, ruling=ruling)
    return verdict_from(opinions, decision, authorities=authorities, addressed=addressed)


def verdict_from(
    opinions: Sequence[Opinion], decision: Decision, *, authorities: Authorities, addressed: Sequence[AddressedText] = ()
) -> Verdict:
    """Put a decision into words.

    Returns:
        A verdict without what the workflow alone knows: ids, times, the proposal, the origins.
    """
    from_seats = tuple(a for a in decision.barring if a not in addressed)
    return Verdict(
        outcome=decision.outcome,
        decided_by=decision.decided_by,
        why=_why(decision, authorities),
        tally=decision.tally,
        opinions=tuple(opinions),
        conditions=_binding(opinions, decision.outcome),
        dissent=_dissent(opinions, decision.outcome),
        overruled=_overruled(opinions, decision),
        ruling=decision.ruling,
        addressed=(*addressed, *from_seats),
        notes=_notes(decision, authorities),
    )


def overrule(verdict: Verdict, *, by: str, outcome: Outcome, reason: str) -> Verdict:
    """Rule 8: a person's outcome replaces the council's, which the verdict keeps.

    Args:
        verdict: the council's, or one that a person has overruled before.
        by: who overrules.
        outcome: APPROVE, MODIFY or REJECT. Where it is what the verdict says already, it is confirmed, not overruled.
        reason: why.

    Raises:
        UsageError: nobody, no reason, or INCONCLUSIVE, which decides nothing.
    """
    by, reason = by.strip(), reason.strip()
    if not by or not reason:
        raise UsageError("an overruling needs a person and a reason", hint="say who overrules and why")
    if outcome is Outcome.INCONCLUSIVE:
        raise UsageError("a person cannot overrule to INCONCLUSIVE", hint="choose APPROVE, MODIFY or REJECT")
    if outcome is verdict.outcome:
        return verdict.model_copy(update={"notes": (*verdict.notes, f"Confirmed by {by}: {reason}")})
    put_aside = Overruled(who="council", had=verdict.outcome, became=outcome, rule=Rule.PERSON)
    return verdict.model_copy(
        update={
            "outcome": outcome,
            "decided_by": Rule.PERSON,
            "why": f"{by} overruled {verdict.outcome} with {outcome}: {reason}",
            "conditions": _binding(verdict.opinions, outcome),
            "dissent": _dissent(verdict.opinions, outcome),
            "overruled": (*verdict.overruled, put_aside),
            "notes": (*verdict.notes, f"Before that: {verdict.why}"),
            "council_said": verdict.council_said or verdict.outcome,
        }
    )


def _binding(opinions: Sequence[Opinion], outcome: Outcome) -> tuple[CheckedCondition, ...]:
    """The verified conditions of seats counted MODIFY or REJECT, and those that enforce observability (rule 4)."""
    if outcome is Outcome.APPROVE:
        return ()
    asking = (o for o in opinions if o.counted in (Vote.MODIFY, Vote.REJECT) or o.observability in ("conditional", "fail"))
    return tuple(c for o in asking for c in o.conditions if c.verified)


def _dissent(opinions: Sequence[Opinion], outcome: Outcome) -> tuple[str, ...]:
    """Seats that voted otherwise. Nobody dissents from an outcome that decides nothing."""
    if outcome is Outcome.INCONCLUSIVE:
        return ()
    return tuple(o.seat for o in opinions if o.counted is not Vote.ABSTAIN and o.counted.value != outcome.value)


def _overruled(opinions: Sequence[Opinion], decision: Decision) -> tuple[Overruled, ...]:
    """The side of a split that lost, and the tally's own outcome where another rule replaced it."""
    entries: list[Overruled] = []
    carried, halves = decision.carried, decision.split
    if carried is None:
        return ()
    if halves is not None:
        rule = Rule.TRACER_RULING if decision.ruling is not None and decision.ruling.accepted else Rule.SPLIT
        lost = halves.lower_seats if CAUTION[carried] > CAUTION[halves.lower] else ()
        lost += halves.upper_seats if CAUTION[carried] < CAUTION[halves.upper] else ()
        entries += [Overruled(who=o.seat, had=o.counted, became=carried, rule=rule) for o in opinions if o.seat in lost]
    if carried.value != decision.outcome.value:
        entries.append(Overruled(who="council", had=carried, became=decision.outcome, rule=decision.decided_by))
    return tuple(entries)


def _why(decision: Decision, authorities: Authorities) -> str:
    votes = _counts(decision.tally)
    match decision.decided_by:
        case Rule.SPLIT if decision.split is not None:
            return f"The votes ({votes}) are split {_between(decision.split)}; the more cautious side stands."
        case Rule.TRACER_RULING if decision.split is not None:
            split = _between(decision.split)
            return f"The votes ({votes}) are split {split} over production readiness; {authorities.breaks_ties} ruled {decision.carried}."
        case Rule.OBSERVABILITY:
            least = decision.floors[0].least
            return f"{authorities.enforces_observability} enforces observability: at least {least}, whatever the votes ({votes})."
        case Rule.QUORUM:
            return _no_quorum(decision.quorum)
        case Rule.NOT_APPLICABLE:
            return "No seat of the roster applies to this kind of document."
        case Rule.MISSING_VOTES:
            return f"The votes ({votes}) give {decision.carried}, but {_missing(decision.tally)} could make it more cautious."
        case Rule.ADDRESSES_REVIEWERS:
            return f"The proposal speaks to its reviewers ({_lines(decision)}), so {decision.carried} cannot stand."
        case _:
            return f"The middle vote of {votes} is {decision.carried}."


def _counts(counted: Tally) -> str:
    groups = {"APPROVE": counted.approve, "MODIFY": counted.modify, "REJECT": counted.reject}
    return ", ".join(f"{len(seats)} {vote}" for vote, seats in groups.items() if seats) or "none"


def _between(halves: Split) -> str:
    return f"between {halves.lower} and {halves.upper}"


def _no_quorum(quorum: Quorum) -> str:
    if quorum.votes < quorum.needed:
        return f"Too few votes: {quorum.votes} of the {quorum.needed} that a verdict needs."
    return f"{quorum.holder_missing} enforces observability and cast no vote; without it there is no verdict."


def _missing(counted: Tally) -> str:
    what = "the missing vote of" if len(counted.gaps) == 1 else "the missing votes of"
    return f"{what} {', '.join(counted.gaps)}"


def _lines(decision: Decision) -> str:
    lines = sorted({a.line for a in decision.barring})
    return f"line {lines[0]}" if len(lines) == 1 else f"lines {', '.join(map(str, lines))}"


def _notes(decision: Decision, authorities: Authorities) -> tuple[str, ...]:
    """What a reader should know beside the sentence that says why."""
    notes = []
    if authorities.enforces_observability is None:
        notes.append("No seat holds enforce-observability: observability was not enforced.")
    if authorities.breaks_ties is None:
        notes.append("No seat holds break-readiness-ties: a split stands at its more cautious side.")
    elif decision.split is not None and decision.split.is_dispute and decision.ruling is None:
        notes.append(f"The split is a production-readiness dispute, and no ruling of {authorities.breaks_ties} came.")
    if decision.ruling is not None and not decision.ruling.accepted:
        notes.append(f"A ruling of {decision.ruling.seat} was not accepted: {decision.ruling.problem}.")
    if decision.barring and decision.decided_by is not Rule.ADDRESSES_REVIEWERS:
        notes.append(f"The proposal speaks to its reviewers ({_lines(decision)}); that alone bars an approval.")
    return tuple(notes)
