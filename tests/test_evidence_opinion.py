"""Rule 0: what a vote counts as, by example and by property."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from council.ballot import Absence, Abstention, Answer, Citation, Condition, Finding, Opinion, Reply, Usage, Vote
from council.evidence import Chair, abstained, check
from council.proposal import parse_proposal

PROPOSAL = parse_proposal("""\
# PEP 9999: A syntax for pauses

This is a change to the language, not to a service.

## Operations

The service is debugged over SSH by its author.

## Rollback

Redeploy the old version by hand.
""")
ASKED = {
    "tracer.night.ssh": "Can we debug without SSH?",
    "tracer.night.runbook": "Are runbooks there?",
    "tracer.id.request": "Request ids?",
}
CHAIR = Chair(
    seat="tracer",
    persona="tracer",
    persona_hash="ab" * 32,
    persona_origin="package",
    reviewer="checklist",
    questions=ASKED,
    readiness=frozenset({"tracer.night.runbook"}),
    enforces_observability=True,
)
SSH = Citation(first=7, last=7, anchor="debugged over SSH")
KIND = Citation(first=3, last=3, anchor="a change to the language")
MADE_UP = Citation(first=7, last=7, quote="The service is debugged with request ids in every log.")
NO_RUNBOOK = Absence(sections=("Operations",), terms=("runbook",))


def finding(**changes: Any) -> Finding:
    base = {
        "id": "f1",
        "kind": "risk",
        "severity": "major",
        "domain": "debugging",
        "claim": "Only its author can debug it.",
        "citations": (SSH,),
    }
    return Finding.model_validate(base | changes)


def reply(vote: str, *findings: Finding, **changes: Any) -> Reply:
    return Reply.model_validate({"vote": vote, "rationale": "Because.", "findings": findings} | changes)


def checked(given_reply: Reply, *, chair: Chair = CHAIR, **more: Any) -> Opinion:
    return check(given_reply, proposal=PROPOSAL, chair=chair, **more)


def answer(question: str, status: str, *citations: Citation, absence: Absence | None = None) -> Answer:
    return Answer.model_validate({"question": question, "status": status, "citations": citations, "absence": absence})


# ---------------------------------------------------------------- the counted vote


@pytest.mark.parametrize("kind", ["gap", "risk", "red_flag", "instructs_reviewers"])
@pytest.mark.parametrize("severity", ["blocker", "major"])
def test_a_supported_reject_counts(kind: str, severity: str) -> None:
    opinion = checked(reply("REJECT", finding(kind=kind, severity=severity)))
    assert (opinion.cast, opinion.counted, opinion.notes) == ("REJECT", Vote.REJECT, ("questions left without an answer: 3 of 3",))


@pytest.mark.parametrize(
    "unsupporting",
    [
        finding(severity="minor"),
        finding(kind="praise"),
        finding(citations=(MADE_UP,)),
        finding(citations=(SSH, MADE_UP)),
        finding(citations=()),
        finding(kind="red_flag", citations=(), absence=NO_RUNBOOK),
    ],
)
def test_an_unsupported_reject_counts_as_modify(unsupporting: Finding) -> None:
    opinion = checked(reply("REJECT", unsupporting))
    assert (opinion.cast, opinion.counted) == ("REJECT", Vote.MODIFY)
    assert any(note.startswith("unsupported") for note in opinion.notes)


def test_a_gap_may_rest_on_an_absence() -> None:
    assert checked(reply("REJECT", finding(kind="gap", citations=(), absence=NO_RUNBOOK))).counted is Vote.REJECT
    contradicted = Absence(terms=("SSH",))
    assert checked(reply("REJECT", finding(kind="gap", citations=(), absence=contradicted))).counted is Vote.MODIFY


@pytest.mark.parametrize("vote", ["APPROVE", "MODIFY"])
def test_other_votes_count_as_cast(vote: str) -> None:
    assert checked(reply(vote)).counted == vote


# ---------------------------------------------------------------- not applicable


@pytest.mark.parametrize("domain", ["document-kind", "Document kind", "document_kind"])
def test_not_applicable_on_verified_evidence_of_the_kind_of_document(domain: str) -> None:
    shown = finding(kind="praise", severity="minor", domain=domain, claim="A language proposal.", citations=(KIND,))
    opinion = checked(reply("ABSTAIN", shown))
    assert opinion.counted is Vote.ABSTAIN
    assert opinion.abstention == Abstention(cause="not_applicable", detail="A language proposal.")


def test_the_title_may_show_the_kind_of_document() -> None:
    title = Citation(first=1, last=1, quote="PEP 9999: A syntax for pauses")
    opinion = checked(reply("ABSTAIN", finding(kind="praise", domain="document-kind", citations=(title,))))
    assert opinion.abstention is not None
    assert not opinion.abstention.is_gap


@pytest.mark.parametrize(
    "shown",
    [
        finding(kind="gap", domain="document-kind", citations=(), absence=NO_RUNBOOK),
        finding(kind="praise", domain="document-kind", citations=(MADE_UP,)),
        finding(kind="praise", domain="operations", citations=(KIND,)),
    ],
)
def test_not_applicable_without_such_evidence_is_a_gap(shown: Finding) -> None:
    opinion = checked(reply("ABSTAIN", shown))
    assert opinion.counted is Vote.ABSTAIN
    assert opinion.abstention is not None
    assert (opinion.abstention.cause, opinion.abstention.is_gap) == ("unproved_not_applicable", True)
    assert any(note.startswith("unproved") for note in opinion.notes)


# ---------------------------------------------------------------- observability


def test_only_the_holder_speaks_of_observability() -> None:
    other = Chair("operator", "operator", "", "", "checklist", ASKED)
    assert checked(reply("REJECT", finding(), observability="fail"), chair=other).observability is None


def test_a_fail_is_kept_on_verified_evidence() -> None:
    assert checked(reply("REJECT", finding(), observability="fail")).observability == "fail"


def test_a_fail_without_it_enforces_as_conditional() -> None:
    opinion = checked(reply("MODIFY", finding(citations=(MADE_UP,)), observability="fail"))
    assert opinion.observability == "conditional"
    assert any("observability fail" in note for note in opinion.notes)


@pytest.mark.parametrize("said", ["pass", "conditional", "not_applicable"])
def test_what_else_the_holder_says_is_kept(said: str) -> None:
    assert checked(reply("MODIFY", observability=said)).observability == said


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("given_answer", "verified"),
    [
        (answer("tracer.night.ssh", "denied", SSH), True),
        (answer("tracer.night.ssh", "denied", MADE_UP), False),
        (answer("tracer.night.ssh", "answered", SSH), True),
        (answer("tracer.night.ssh", "answered", Citation(first=5, last=5, anchor="Operations")), False),
        (answer("tracer.night.ssh", "mentioned", Citation(first=5, last=5, anchor="Operations")), True),
        (answer("tracer.night.ssh", "answered"), False),
        (answer("tracer.night.ssh", "answered", absence=NO_RUNBOOK), False),
        (answer("tracer.night.runbook", "absent", absence=NO_RUNBOOK), True),
        (answer("tracer.night.runbook", "absent", SSH), False),
        (answer("tracer.night.runbook", "absent", MADE_UP, absence=NO_RUNBOOK), False),
    ],
)
def test_an_answer_is_verified_by_what_its_status_needs(given_answer: Answer, verified: bool) -> None:
    (found,) = checked(reply("MODIFY", answers=(given_answer,))).answers
    assert found.verified is verified
    assert found.asked == ASKED[found.question]


def test_answers_to_no_question_and_second_answers_are_dropped_and_said() -> None:
    answers = (answer("tracer.night.ssh", "denied", SSH), answer("tracer.night.ssh", "answered", SSH), answer("made.up", "answered", SSH))
    opinion = checked(reply("MODIFY", answers=answers))
    assert [(a.question, a.status) for a in opinion.answers] == [("tracer.night.ssh", "denied")]
    assert opinion.notes == (
        "dropped, answers to questions that are not on the checklist: 1",
        "dropped, second answers to one question: 1",
        "questions left without an answer: 2 of 3",
    )


def test_a_score_is_derived_from_verified_answers() -> None:
    answers = (
        answer("tracer.night.ssh", "answered", SSH),
        answer("tracer.night.runbook", "mentioned", SSH),
        answer("tracer.id.request", "answered", MADE_UP),
    )
    assert checked(reply("MODIFY", answers=answers)).score == pytest.approx(1.25 / 3, abs=1e-4)


def test_the_reviewers_own_score_notes_and_usage_are_kept() -> None:
    opinion = checked(reply("MODIFY"), score=0.0, usage=Usage(calls=2), notes=("repaired once",))
    assert (opinion.score, opinion.usage.calls, opinion.notes[0]) == (0.0, 2, "repaired once")


# ---------------------------------------------------------------- conditions and readiness


def test_a_condition_is_verified_where_what_it_is_about_is() -> None:
    answers = (answer("tracer.night.runbook", "absent", absence=NO_RUNBOOK), answer("tracer.id.request", "answered", MADE_UP))
    wanted = ("f1", "f2", "tracer.night.runbook", "tracer.id.request", "nothing")
    conditions = tuple(Condition(about=about, text="Write it.", where="Operations") for about in wanted)
    opinion = checked(reply("MODIFY", finding(), finding(id="f2", citations=(MADE_UP,)), answers=answers, conditions=conditions))
    assert [(c.about, c.verified) for c in opinion.conditions] == list(zip(wanted, (True, False, True, False, False), strict=True))
    assert {(c.seat, c.where) for c in opinion.conditions} == {("tracer", "Operations")}


def test_of_two_findings_of_one_id_both_have_to_hold() -> None:
    condition = Condition(about="f1", text="Write it.")
    opinion = checked(reply("MODIFY", finding(), finding(citations=(MADE_UP,)), conditions=(condition,)))
    assert not opinion.conditions[0].verified


@pytest.mark.parametrize(
    ("says", "status", "evidence", "verified"),
    [
        ("yes", "answered", {"citations": (SSH,)}, True),
        ("yes", "answered", {"citations": (MADE_UP,)}, False),
        ("yes", "absent", {"absence": NO_RUNBOOK}, False),
        ("no", "absent", {"absence": NO_RUNBOOK}, True),
        ("no", "denied", {"citations": (SSH,)}, True),
        ("no", "answered", {"citations": (SSH,)}, False),
        ("not_mine", "answered", {"citations": (SSH,)}, False),
    ],
)
def test_readiness_rests_on_answers_that_bear_on_it_and_point_that_way(
    says: str, status: str, evidence: dict[str, Any], verified: bool
) -> None:
    bearing = Answer.model_validate({"question": "tracer.night.runbook", "status": status} | evidence)
    assert checked(reply("MODIFY", answers=(bearing,), production_ready=says)).readiness_verified is verified
    elsewhere = bearing.model_copy(update={"question": "tracer.night.ssh"})
    assert not checked(reply("MODIFY", answers=(elsewhere,), production_ready=says)).readiness_verified


def test_readiness_may_rest_on_a_finding() -> None:
    bearing = finding(question="tracer.night.runbook")
    assert checked(reply("MODIFY", bearing, production_ready="no")).readiness_verified
    assert not checked(reply("MODIFY", bearing, production_ready="yes")).readiness_verified
    assert checked(reply("APPROVE", bearing.model_copy(update={"kind": "praise"}), production_ready="yes")).readiness_verified


# ---------------------------------------------------------------- a vote against its own answers

ABSENT = [answer(question, "absent", absence=NO_RUNBOOK) for question in ASKED]
ANSWERED = [answer(question, "answered", SSH) for question in ASKED]


@pytest.mark.parametrize(
    "odd",
    [
        reply("APPROVE", finding(), answers=ANSWERED),
        reply("APPROVE", answers=[*ABSENT[:2], ANSWERED[2]]),
        reply("MODIFY", answers=ANSWERED),
        reply("REJECT", finding(kind="praise"), answers=ANSWERED),
    ],
)
def test_a_vote_that_disagrees_with_its_own_answers_is_flagged(odd: Reply) -> None:
    assert any(note.startswith("disagrees with its own") for note in checked(odd).notes)


@pytest.mark.parametrize(
    "even",
    [
        reply("APPROVE", answers=ANSWERED),
        reply("APPROVE", finding(severity="minor"), answers=[ABSENT[0], *ANSWERED[1:]]),
        reply("MODIFY", finding(severity="minor"), answers=ANSWERED),
        reply("REJECT", finding(), answers=ABSENT),
        reply("ABSTAIN", answers=ABSENT),
    ],
)
def test_a_vote_that_follows_from_them_is_not(even: Reply) -> None:
    assert not any(note.startswith("disagrees with its own") for note in checked(even).notes)


def test_an_approval_without_any_evidence_that_holds_is_flagged_and_counts_as_cast() -> None:
    made_up = [answer(question, "answered", MADE_UP) for question in ASKED]
    opinion = checked(reply("APPROVE", finding(kind="praise", citations=(MADE_UP,)), answers=made_up))
    assert "rests on nothing: APPROVE, and of 3 answers none has evidence that checks out" in opinion.notes
    assert opinion.counted is Vote.APPROVE
    one_holds = checked(reply("APPROVE", answers=[answer("tracer.night.ssh", "answered", SSH), *made_up[1:]]))
    assert not any(note.startswith("rests on nothing") for note in one_holds.notes)


# ---------------------------------------------------------------- no reply, and any reply


def test_a_seat_without_a_reply_abstains_with_its_cause() -> None:
    opinion = abstained(CHAIR, Abstention(cause="late", detail="after 30 s", reference="err-1"), usage=Usage(calls=1))
    assert (opinion.seat, opinion.cast, opinion.counted) == ("tracer", "ABSTAIN", Vote.ABSTAIN)
    assert opinion.abstention is not None
    assert opinion.abstention.reference == "err-1"


def test_an_opinion_says_who_sat_where() -> None:
    opinion = checked(reply("MODIFY"))
    assert (opinion.seat, opinion.persona, opinion.persona_origin, opinion.reviewer) == ("tracer", "tracer", "package", "checklist")
    assert opinion.persona_hash == CHAIR.persona_hash


citations = st.sampled_from([SSH, KIND, MADE_UP])
findings = st.builds(
    lambda kind, severity, domain, cited: finding(kind=kind, severity=severity, domain=domain, citations=tuple(cited)),
    st.sampled_from(["gap", "risk", "red_flag", "praise", "instructs_reviewers"]),
    st.sampled_from(["blocker", "major", "minor"]),
    st.sampled_from(["debugging", "document-kind"]),
    st.lists(citations, max_size=2),
)


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(["APPROVE", "MODIFY", "REJECT", "ABSTAIN"]),
    st.lists(findings, max_size=3),
    st.sampled_from(["pass", "conditional", "fail", "not_applicable"]),
)
def test_no_vote_gains_weight_without_evidence(vote: str, found: list[Finding], observability: str) -> None:
    opinion = checked(reply(vote, *found, observability=observability))
    grave = any(f.verified and f.kind != "praise" and f.severity != "minor" for f in opinion.findings)
    assert opinion.cast == vote
    assert opinion.counted == ("MODIFY" if vote == "REJECT" and not grave else vote)
    assert (opinion.observability == "fail") is (observability == "fail" and grave)
    assert (opinion.abstention is not None) is (vote == "ABSTAIN")
    assert all(e.quote in PROPOSAL.text for f in opinion.findings for e in f.evidence)
