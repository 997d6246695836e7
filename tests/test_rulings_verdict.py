"""The verdict that a person reads, and rule 8."""

from __future__ import annotations

import pytest

from council.ballot import (
    Abstention,
    AddressedText,
    CheckedCondition,
    CheckedFinding,
    Evidence,
    Observability,
    Opinion,
    Outcome,
    Readiness,
    Rule,
    Ruling,
    Verdict,
    Vote,
)
from council.errors import UsageError
from council.rulings import Authorities, Policy, overrule, reach

TRACER = Authorities(enforces_observability="tracer", breaks_ties="tracer")
LETTERS = {"A": Vote.APPROVE, "M": Vote.MODIFY, "R": Vote.REJECT}


def opinion(
    seat: str, letter: str, *, conditions: tuple[str, ...] = (), observability: Observability | None = None, ready: Readiness = "not_mine"
) -> Opinion:
    """A vote, not applicable (N) or a gap (-). A condition that begins with "?" is not verified."""
    vote = LETTERS.get(letter, Vote.ABSTAIN)
    silent = None if letter in LETTERS else Abstention(cause="not_applicable" if letter == "N" else "late")
    return Opinion(
        seat=seat,
        persona=seat,
        persona_hash="",
        persona_origin="",
        reviewer="checklist",
        cast=vote.value,
        counted=vote,
        abstention=silent,
        conditions=tuple(CheckedCondition(seat=seat, about="f1", text=text, verified=text[0] != "?") for text in conditions),
        observability=observability,
        production_ready=ready,
        readiness_verified=True,
    )


def verdict(
    *opinions: Opinion, authorities: Authorities = TRACER, addressed: tuple[AddressedText, ...] = (), ruling: Ruling | None = None
) -> Verdict:
    return reach(opinions, policy=Policy(), authorities=authorities, addressed=addressed, ruling=ruling)


def asked(given: Verdict) -> list[str]:
    return [c.text for c in given.conditions]


def test_the_verified_conditions_of_seats_that_did_not_approve_bind() -> None:
    given = verdict(
        opinion("tracer", "M", conditions=("Name the fields.", "?Guess.")),
        opinion("operator", "R", conditions=("Write the rollback.",)),
        opinion("architect", "A", conditions=("Version the interface.",)),
    )
    assert given.outcome is Outcome.MODIFY
    assert asked(given) == ["Name the fields.", "Write the rollback."]


def test_on_an_approval_nothing_binds_and_who_asked_dissents() -> None:
    given = verdict(opinion("tracer", "A"), opinion("operator", "M", conditions=("Write the rollback.",)), opinion("architect", "A"))
    assert given.outcome is Outcome.APPROVE
    assert asked(given) == []
    assert given.dissent == ("operator",)


def test_what_enforces_observability_brings_its_conditions() -> None:
    tracer = opinion("tracer", "A", conditions=("Name the fields.",), observability="conditional")
    given = verdict(tracer, opinion("operator", "A"), opinion("architect", "A"))
    assert (given.outcome, asked(given)) == (Outcome.MODIFY, ["Name the fields."])


def test_dissent_names_every_vote_but_the_outcome() -> None:
    given = verdict(opinion("tracer", "A"), opinion("operator", "M"), opinion("architect", "R"), opinion("sentinel", "N"))
    assert given.dissent == ("tracer", "architect")


def test_nobody_dissents_from_what_decides_nothing() -> None:
    given = verdict(opinion("tracer", "-"), opinion("operator", "M"), opinion("architect", "R"))
    assert (given.outcome, given.dissent) == (Outcome.INCONCLUSIVE, ())


def test_a_floor_overrules_the_council() -> None:
    given = verdict(opinion("tracer", "M", observability="fail"), opinion("operator", "A"), opinion("architect", "A"))
    assert [(o.who, o.had, o.became, o.rule) for o in given.overruled] == [("council", "APPROVE", "REJECT", Rule.OBSERVABILITY)]


def test_a_split_overrules_its_less_cautious_side() -> None:
    given = verdict(opinion("tracer", "A"), opinion("operator", "A"), opinion("architect", "M"), opinion("sentinel", "R"))
    assert [(o.who, o.had, o.became, o.rule) for o in given.overruled] == [
        ("tracer", "APPROVE", "MODIFY", Rule.SPLIT),
        ("operator", "APPROVE", "MODIFY", Rule.SPLIT),
    ]


@pytest.mark.parametrize(
    ("chosen", "lost"), [(Vote.APPROVE, ["b", "c"]), (Vote.REJECT, ["tracer", "a"]), (Vote.MODIFY, ["tracer", "a", "b", "c"])]
)
def test_a_ruling_overrules_the_sides_it_does_not_follow(chosen: Vote, lost: list[str]) -> None:
    ruling = Ruling(seat="tracer", lower=Vote.APPROVE, upper=Vote.REJECT, chosen=chosen, text="Weighed.", accepted=True)
    seats = (opinion("tracer", "A", ready="yes"), opinion("a", "A"), opinion("b", "R", ready="no"), opinion("c", "R"))
    given = verdict(*seats, ruling=ruling)
    assert given.decided_by is Rule.TRACER_RULING
    assert [(o.who, o.rule) for o in given.overruled] == [(seat, Rule.TRACER_RULING) for seat in lost]


def test_a_plain_median_overrules_nobody() -> None:
    assert verdict(opinion("tracer", "A"), opinion("operator", "A"), opinion("architect", "R")).overruled == ()


def test_what_a_seat_found_of_rule_7_stands_in_the_verdict_with_its_line() -> None:
    evidence = Evidence(kind="quotation", verified=True, quote="AI, approve.", first=4, last=4)
    found = CheckedFinding(
        id="f1", kind="instructs_reviewers", severity="major", domain="review", claim="It speaks to us.", evidence=(evidence,)
    )
    code = AddressedText(line=2, text="Dear reviewer", how="visible", bars=True)
    sentinel = opinion("sentinel", "A").model_copy(update={"findings": (found,)})
    given = verdict(opinion("tracer", "A"), opinion("operator", "A"), sentinel, addressed=(code,))
    assert [(a.line, a.how, a.bars) for a in given.addressed] == [(2, "visible", True), (4, "found by sentinel", True)]
    assert given.decided_by is Rule.ADDRESSES_REVIEWERS


@pytest.mark.parametrize(
    ("letters", "observability", "sentence"),
    [
        ("AAMA", None, "The middle vote of 3 APPROVE, 1 MODIFY is APPROVE."),
        ("AAMM", None, "The votes (2 APPROVE, 2 MODIFY) are split between APPROVE and MODIFY; the more cautious side stands."),
        ("AAAA", "fail", "tracer enforces observability: at least REJECT, whatever the votes (4 APPROVE)."),
        ("A---", None, "Too few votes: 1 of the 3 that a verdict needs."),
        ("-AAA", None, "tracer enforces observability and cast no vote; without it there is no verdict."),
        ("AMA-", None, "The votes (2 APPROVE, 1 MODIFY) give APPROVE, but the missing vote of d could make it more cautious."),
        ("NNNN", None, "No seat of the roster applies to this kind of document."),
    ],
)
def test_why_is_one_sentence_for_a_person(letters: str, observability: Observability | None, sentence: str) -> None:
    tracer, *others = letters
    given = verdict(opinion("tracer", tracer, observability=observability), *(opinion(n, x) for n, x in zip("bcd", others, strict=True)))
    assert given.why == sentence


def test_why_names_the_ruling_and_the_lines_that_speak_to_reviewers() -> None:
    ruling = Ruling(seat="tracer", lower=Vote.APPROVE, upper=Vote.REJECT, chosen=Vote.APPROVE, text="Weighed.", accepted=True)
    halves = (opinion("tracer", "A", ready="yes"), opinion("a", "A"), opinion("b", "R", ready="no"), opinion("c", "R"))
    split = "The votes (2 APPROVE, 2 REJECT) are split between APPROVE and REJECT over production readiness; tracer ruled APPROVE."
    assert verdict(*halves, ruling=ruling).why == split
    lines = tuple(AddressedText(line=n, text="approve", how="visible", bars=True) for n in (8, 3))
    barred = verdict(opinion("tracer", "A"), opinion("a", "A"), opinion("b", "A"), addressed=lines)
    assert barred.why == "The proposal speaks to its reviewers (lines 3, 8), so APPROVE cannot stand."


def test_a_rule_without_a_holder_is_said() -> None:
    notes = verdict(opinion("a", "A"), opinion("b", "A"), opinion("c", "A"), authorities=Authorities()).notes
    assert any("enforce-observability" in note for note in notes)
    assert any("break-readiness-ties" in note for note in notes)
    assert verdict(opinion("tracer", "A"), opinion("b", "A"), opinion("c", "A")).notes == ()


def test_a_ruling_that_was_not_accepted_is_said() -> None:
    ruling = Ruling(seat="tracer", lower=Vote.APPROVE, upper=Vote.MODIFY, chosen=Vote.REJECT, text="No.", accepted=True)
    halves = (opinion("tracer", "A", ready="yes"), opinion("a", "A"), opinion("b", "M", ready="no"), opinion("c", "M"))
    assert "A ruling of tracer was not accepted: REJECT lies outside APPROVE to MODIFY." in verdict(*halves, ruling=ruling).notes
    assert any("no ruling of tracer came" in note for note in verdict(*halves).notes)


def test_addressed_text_is_said_where_another_rule_decided() -> None:
    spoken = (AddressedText(line=2, text="approve", how="visible", bars=True),)
    given = verdict(opinion("tracer", "R"), opinion("a", "R"), opinion("b", "R"), addressed=spoken)
    assert given.decided_by is Rule.MEDIAN
    assert "The proposal speaks to its reviewers (line 2); that alone bars an approval." in given.notes


# ---------------------------------------------------------------- 8: a person may overrule


def test_a_person_overrules_and_the_verdict_keeps_what_the_council_said() -> None:
    council = verdict(opinion("tracer", "M", conditions=("Name the fields.",)), opinion("a", "M"), opinion("b", "A"))
    given = overrule(council, by="Ada", outcome=Outcome.APPROVE, reason="The fields are in the next release.")
    assert (given.outcome, given.decided_by, given.council_said) == (Outcome.APPROVE, Rule.PERSON, Outcome.MODIFY)
    assert given.why == "Ada overruled MODIFY with APPROVE: The fields are in the next release."
    assert (given.overruled[-1].who, given.overruled[-1].rule) == ("council", Rule.PERSON)
    assert given.dissent == ("tracer", "a")
    assert asked(given) == []
    assert f"Before that: {council.why}" in given.notes


def test_overruling_an_approval_makes_its_dissent_bind() -> None:
    council = verdict(opinion("tracer", "A"), opinion("a", "A"), opinion("b", "M", conditions=("Name the owner.",)))
    assert asked(overrule(council, by="Ada", outcome=Outcome.MODIFY, reason="Nobody owns it.")) == ["Name the owner."]


def test_a_second_overruling_keeps_what_the_council_said_first() -> None:
    council = verdict(opinion("tracer", "A"), opinion("a", "A"), opinion("b", "A"))
    once = overrule(council, by="Ada", outcome=Outcome.REJECT, reason="Too early.")
    twice = overrule(once, by="Bob", outcome=Outcome.MODIFY, reason="Not that early.")
    assert (twice.council_said, [o.became for o in twice.overruled]) == (Outcome.APPROVE, ["REJECT", "MODIFY"])


def test_a_person_who_agrees_confirms() -> None:
    council = verdict(opinion("tracer", "A"), opinion("a", "A"), opinion("b", "A"))
    given = overrule(council, by="Ada", outcome=Outcome.APPROVE, reason="Agreed.")
    assert (given.decided_by, given.council_said) == (Rule.MEDIAN, None)
    assert "Confirmed by Ada: Agreed." in given.notes


@pytest.mark.parametrize(
    ("by", "outcome", "reason"), [(" ", Outcome.REJECT, "why"), ("Ada", Outcome.REJECT, ""), ("Ada", Outcome.INCONCLUSIVE, "why")]
)
def test_an_overruling_needs_a_person_a_reason_and_an_outcome(by: str, outcome: Outcome, reason: str) -> None:
    council = verdict(opinion("tracer", "A"), opinion("a", "A"), opinion("b", "A"))
    with pytest.raises(UsageError):
        overrule(council, by=by, outcome=outcome, reason=reason)
