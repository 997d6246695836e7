"""The ruling by model: opposing evidence without names, an allowed outcome, and caution where there is none."""

from __future__ import annotations

import re

import pytest
from langchain_core.language_models import FakeListChatModel
from syrupy.assertion import SnapshotAssertion

from council.ballot import Absence, Answer, Citation, Condition, Finding, Opinion, Reply, Vote
from council.proposal import Proposal
from council.reviewers.chat import ChatReviewer
from council.reviewers.chat.rebuttal import rebuttal_messages
from council.reviewers.chat.tie_break import dispute_messages, ruling_schema
from council.rulings.votes import Split, judge, split
from tests.loopback import behaviour as do
from tests.loopback.behaviour import Behaviour
from tests.loopback.server import Loopback
from tests.reviewers.chat.samples import opinion, proposal, reviewer, run, seat

TIMED = Citation(first=11, last=11, anchor="timed at four minutes")
LATER = Citation(first=16, last=16, anchor="Dashboards will come later")


def ready(name: str, about: Proposal) -> Opinion:
    reply = Reply(
        answers=(Answer(question=f"{name}.rollback.command", status="answered", citations=(TIMED,)),),
        production_ready="yes",
        vote="APPROVE",
        rationale=f"As the {name} I approve.",
    )
    return opinion(reply, of=seat(name), about=about)


def unready(name: str, about: Proposal) -> Opinion:
    gap = Finding(
        id="f1",
        kind="gap",
        severity="blocker",
        domain=f"{name}-matters",
        question=f"{name}.watch.signal",
        claim="Nobody sees a failure.\x1b[31m",
        citations=(LATER,),
    )
    made_up = gap.model_copy(
        update={"id": "f2", "claim": "It was never true.", "citations": (Citation(first=3, last=3, anchor="no such words"),)}
    )
    condition = Condition(about="f1", text="Name the signal.")
    absent = Answer(question=f"{name}.rollback.tested", status="absent", absence=Absence(terms=("rehearsal",)))
    reply = Reply(
        answers=(absent,), findings=(gap, made_up), conditions=(condition,), production_ready="no", vote="REJECT", rationale="No."
    )
    return opinion(reply, of=seat(name), about=about)


def council() -> tuple[Proposal, list[Opinion], Split]:
    about = proposal()
    opinions = [ready("alpha", about), unready("bravo", about), ready("charlie", about), unready("delta", about)]
    over = split(opinions)
    assert over is not None
    assert over.is_dispute
    return about, opinions, over


def asked_of(opinions: list[Opinion], about: Proposal, over: Split) -> str:
    return dispute_messages(about, seat("delta"), opinions, over)[1].text


def test_the_dispute_as_it_is_put(snapshot: SnapshotAssertion):
    about, opinions, over = council()
    system, asked = dispute_messages(about, seat("delta"), opinions, over)
    assert (system.text, asked.text) == snapshot


def test_nothing_tells_who_found_what():
    about, opinions, over = council()
    evidence = asked_of(opinions, about, over).split("<<<evidence ")[1]
    assert not [name for name in ("alpha", "bravo", "charlie", "delta", "-matters", "operations") if name in evidence]
    assert len(re.findall("^## Reviewer [A-D]: ", evidence, re.MULTILINE)) == 4


def test_only_evidence_that_checks_out_is_weighed():
    about, opinions, over = council()
    evidence = asked_of(opinions, about, over)
    assert "Nobody sees a failure." in evidence
    assert "It was never true." not in evidence
    assert "\x1b" not in evidence


def test_the_order_is_drawn_by_the_proposals_hash_alone():
    about, opinions, over = council()
    assert asked_of(opinions, about, over) == asked_of(opinions, about, over)
    orders = {
        tuple(re.findall(r"^## Reviewer .: (.*)$", asked_of(opinions, proposal(f"{about.text}\nOne more, {n}.\n"), over), re.MULTILINE))
        for n in range(20)
    }
    assert len(orders) > 2


@pytest.mark.parametrize(
    ("lower", "upper", "outcomes"),
    [
        (Vote.APPROVE, Vote.MODIFY, ["APPROVE", "MODIFY"]),
        (Vote.APPROVE, Vote.REJECT, ["APPROVE", "MODIFY", "REJECT"]),
        (Vote.MODIFY, Vote.REJECT, ["MODIFY", "REJECT"]),
    ],
)
def test_the_schema_offers_only_what_is_allowed(lower: Vote, upper: Vote, outcomes: list[str]):
    schema = ruling_schema(Split(lower, upper, (), (), (), ()))
    assert schema["properties"]["outcome"]["enum"] == outcomes
    assert list(schema["properties"]) == schema["required"] == ["reasons", "outcome"]


@pytest.mark.loopback
@pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama"])
def test_an_allowed_outcome_stands(loopback: Loopback, provider: str):
    loopback.script = do.always(Behaviour(vote="MODIFY"))
    about, opinions, over = council()
    weighed = run(reviewer(loopback, provider).tie_break(about, seat("delta"), opinions, over))
    assert (weighed.ruling.chosen, weighed.ruling.accepted) == (Vote.MODIFY, True)
    assert weighed.usage.calls == 1
    assert loopback.requests[0].purpose == "ruling"
    assert judge(weighed.ruling, over, opinions, "delta").accepted


def test_an_outcome_outside_the_range_is_void():
    about, opinions, _ = council()
    over = Split(Vote.MODIFY, Vote.REJECT, ("alpha", "charlie"), ("bravo", "delta"), ("alpha",), ("bravo",))
    answer = '{"reasons": "It will do.", "outcome": "APPROVE"}'
    ruling = run(ChatReviewer(FakeListChatModel(responses=[answer]), stream=False).tie_break(about, seat("delta"), opinions, over)).ruling
    assert (ruling.chosen, ruling.accepted) == (Vote.REJECT, False)
    assert ruling.problem == "APPROVE lies outside MODIFY to REJECT"
    assert not judge(ruling, over, opinions, "delta").accepted


@pytest.mark.loopback
@pytest.mark.parametrize("fault", [do.SERVER_ERROR, do.WRONG_SCHEMA, do.PLAIN_TEXT, do.REFUSAL, do.HUGE, do.RESET])
def test_where_the_call_fails_the_more_cautious_outcome_stands(loopback: Loopback, fault: Behaviour):
    loopback.script = do.always(fault)
    about, opinions, over = council()
    ruling = run(reviewer(loopback).tie_break(about, seat("delta"), opinions, over)).ruling
    assert (ruling.chosen, ruling.accepted) == (Vote.REJECT, False)
    assert ruling.problem


def test_the_rebuttal_as_it_is_put(snapshot: SnapshotAssertion):
    about, opinions, over = council()
    asked = rebuttal_messages("The protocol.", about, seat("bravo"), opinions, over)[1].text
    assert asked.split("# Your seat")[1] == snapshot
