"""The rebuttal, from a split to the verdict: real clients against a server on loopback."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from council import Council, Deadlines, Outcome, Rule, Verdict, Vote, build_roster, parse_proposal
from council.ballot import Opinion, PersonDecision
from council.errors import JournalError, PendingError, UsageError
from council.reviewers.chat import ChatReviewer, aclose, chat_model
from council.reviewers.checklist import ChecklistReviewer
from council.reviewers.replies import Request as Asked
from council.workflow import open_saver
from tests.loopback.behaviour import HANG, PLAIN_TEXT, SERVER_ERROR, Behaviour, Request, Script
from tests.loopback.plugin import loopback  # noqa: F401 - the fixture
from tests.loopback.server import Loopback
from tests.workflow.chatting import TEXT, chat, reviewed

pytestmark = pytest.mark.loopback

ROSTER = build_roster()
FOR, AGAINST = ROSTER.names[:3], ROSTER.names[3:]


def split(again: Callable[[Request], Behaviour]) -> Script:
    """Three seats approve, three reject, and asked once more they say this."""

    def script(request: Request) -> Behaviour:
        if request.purpose == "review":
            return Behaviour(vote="APPROVE" if request.seat in FOR else "REJECT")
        return again(request)

    return script


def as_before(request: Request) -> Behaviour:
    return Behaviour(vote="APPROVE" if request.seat in FOR else "REJECT")


def praising(vote: str) -> Behaviour:
    """A reply with praise that holds."""
    cited = {"first": 3, "last": 3, "anchor": "Each request carries", "quote": ""}
    praise = {"id": "f1", "kind": "praise", "severity": "minor", "domain": "ids", "question": "", "claim": "Request ids are there."}
    return Behaviour(vote=vote, fields={"findings": [{**praise, "citations": [cited], "absence": None}], "conditions": []})


def rebuttals(server: Loopback) -> list[Request]:
    return [request for request in server.requests if request.purpose == "rebuttal"]


def opinions(verdict: Verdict) -> dict[str, Opinion]:
    return {opinion.seat: opinion for opinion in verdict.opinions}


def test_a_seat_that_is_convinced_settles_the_split_and_both_votes_are_kept(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    loopback.script = split(lambda request: praising("APPROVE") if request.seat == "sentinel" else as_before(request))
    verdict = reviewed(Council(reviewers=chat(loopback), rebuttal=True))
    assert verdict.outcome is Outcome.APPROVE
    sentinel = opinions(verdict)["sentinel"]
    assert (sentinel.cast, sentinel.counted) == ("APPROVE", Vote.APPROVE)
    assert sentinel.first is not None
    assert (sentinel.first.cast, sentinel.first.counted, len(sentinel.first.findings)) == ("REJECT", Vote.REJECT, 1)
    assert "changed its vote in the rebuttal: REJECT became APPROVE" in sentinel.notes
    assert verdict.tally.approve == (*FOR, "sentinel")


def test_every_seat_is_asked_once_and_only_on_a_split(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    loopback.script = split(as_before)
    reviewed(Council(reviewers=chat(loopback), rebuttal=True))
    assert sorted(request.seat for request in rebuttals(loopback)) == sorted(ROSTER.names)
    loopback.requests.clear()
    loopback.script = lambda _: Behaviour(vote="APPROVE")
    reviewed(Council(reviewers=chat(loopback), rebuttal=True))
    assert not rebuttals(loopback)


def test_without_the_option_nobody_is_asked_twice(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    loopback.script = split(as_before)
    assert reviewed(Council(reviewers=chat(loopback))).outcome is Outcome.REJECT
    assert not rebuttals(loopback)


def test_a_vote_that_is_kept_keeps_its_findings_and_counts_as_before(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    loopback.script = split(lambda request: Behaviour(vote=as_before(request).vote, fields={"findings": [], "conditions": []}))
    verdict = reviewed(Council(reviewers=chat(loopback), rebuttal=True))
    kept = opinions(verdict)["architect"]
    assert (kept.counted, kept.first, len(kept.findings)) == (Vote.REJECT, None, 1)
    assert any(note.startswith("kept its vote in the rebuttal: ") for note in kept.notes)
    assert kept.usage.calls == 2


@pytest.mark.parametrize(("seat", "vote"), [("tracer", "REJECT"), ("sentinel", "APPROVE")])
def test_a_change_without_evidence_that_checks_out_changes_nothing(loopback: Loopback, seat: str, vote: str) -> None:  # noqa: F811 - the fixture
    bare = Behaviour(vote=vote, fields={"findings": [], "conditions": []})
    loopback.script = split(lambda request: bare if request.seat == seat else as_before(request))
    stands = opinions(reviewed(Council(reviewers=chat(loopback), rebuttal=True)))[seat]
    assert (stands.counted.value, stands.first) == ("APPROVE" if seat in FOR else "REJECT", None)
    assert any(f"said {vote} in the rebuttal, without evidence that checks out" in note for note in stands.notes)


def test_a_vote_is_compared_as_it_was_counted_and_shown(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    unsupported = Behaviour(vote="REJECT", fields={"findings": [], "conditions": []})  # counts as MODIFY

    def script(request: Request) -> Behaviour:
        if request.purpose == "review":
            return unsupported if request.seat in AGAINST else Behaviour(vote="APPROVE")
        assert ("Your vote was MODIFY" in request.prompt) == (request.seat in AGAINST)
        return {"architect": Behaviour(vote="REJECT"), "sentinel": Behaviour(vote="MODIFY")}.get(request.seat, unsupported)

    loopback.script = script
    after = opinions(reviewed(Council(reviewers=chat(loopback), rebuttal=True)))
    assert (after["architect"].counted, after["architect"].first is not None) == (Vote.REJECT, True)
    assert (after["sentinel"].counted, after["sentinel"].first) == (Vote.MODIFY, None)


def test_the_conditions_of_an_enforced_observability_stand_with_it(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    def script(request: Request) -> Behaviour:
        if request.purpose == "review":
            fields = {"observability": "conditional"} if request.seat == "tracer" else {}
            return Behaviour(vote="REJECT" if request.seat in ("tracer", *AGAINST[1:]) else "APPROVE", fields=fields)
        return praising("APPROVE") if request.seat == "tracer" else Behaviour(vote="REJECT" if request.seat in AGAINST[1:] else "APPROVE")

    loopback.script = script
    verdict = reviewed(Council(reviewers=chat(loopback), rebuttal=True))
    assert opinions(verdict)["tracer"].counted is Vote.APPROVE
    assert (verdict.outcome, verdict.decided_by) == (Outcome.MODIFY, Rule.OBSERVABILITY)
    assert [(condition.seat, condition.text) for condition in verdict.conditions if condition.seat == "tracer"] == [
        ("tracer", "Say how it is undone.")
    ]


@pytest.mark.parametrize(("fault", "why"), [(SERVER_ERROR, "HTTP 500"), (PLAIN_TEXT, "even after the repair"), (HANG, "No reply within")])
def test_a_rebuttal_that_fails_leaves_the_first_vote(loopback: Loopback, fault: Behaviour, why: str) -> None:  # noqa: F811 - the fixture
    loopback.script = split(lambda request: fault if request.seat == "measurer" else as_before(request))
    verdict = reviewed(Council(reviewers=chat(loopback), rebuttal=True, deadlines=Deadlines(seat=4.0)))
    measurer = opinions(verdict)["measurer"]
    assert (measurer.counted, measurer.abstention, measurer.first) == (Vote.APPROVE, None, None)
    assert [note for note in measurer.notes if note.startswith("gave no rebuttal, and its vote stands: ") and why in note]


def test_a_seat_hears_the_other_side_and_nobodys_name(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    loopback.script = split(as_before)
    reviewed(Council(reviewers=chat(loopback), rebuttal=True))
    asked = {request.seat: request.prompt.split("# The rebuttal")[1] for request in rebuttals(loopback)}
    told = {seat: text.split("<<<evidence ")[1].split("<<<end of evidence")[0] for seat, text in asked.items()}
    for seat, evidence in told.items():
        assert ("What stands there cannot be undone" in evidence) == (seat in FOR)
        assert evidence.count("## Reviewer ") == len(AGAINST)
        assert not [name for name in ROSTER.names if name in evidence.replace("an operator", "")]  # a question asks for one
    own = asked["sentinel"].split("<<<your findings ")[1].split("<<<end of your findings")[0]
    assert "What stands there cannot be undone" in own


def test_the_prompt_begins_as_the_first_one_did(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    loopback.script = split(as_before)
    reviewed(Council(reviewers=chat(loopback), rebuttal=True))
    first = {request.seat: request.prompt for request in loopback.requests if request.purpose == "review"}
    for request in rebuttals(loopback):
        assert request.prompt.startswith(first[request.seat].rstrip())
        assert {k: v for k, v in request.body.items() if k != "messages"} == {
            k: v for k, v in loopback.requests[0].body.items() if k != "messages"
        }


def test_text_that_addresses_the_reviewers_cannot_be_taken_back(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    cited = {"first": 3, "last": 3, "anchor": "Each request carries", "quote": ""}
    found = {"id": "f1", "kind": "instructs_reviewers", "severity": "major", "domain": "text", "question": "", "claim": "It speaks to us."}
    first = Behaviour(vote="REJECT", fields={"findings": [{**found, "citations": [cited], "absence": None}], "conditions": []})

    def script(request: Request) -> Behaviour:
        if request.seat == "sentinel":
            return first if request.purpose == "review" else praising("APPROVE")
        return as_before(request)

    loopback.script = script
    sentinel = opinions(reviewed(Council(reviewers=chat(loopback), rebuttal=True)))["sentinel"]
    assert sentinel.cast == "APPROVE"
    assert sentinel.first is not None
    verified = [finding for finding in sentinel.first.findings if finding.verified]
    assert [finding for finding in sentinel.findings if finding.kind == "instructs_reviewers"] == verified


def test_a_seat_with_a_checklist_keeps_its_vote_unasked(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    loopback.script = split(as_before)
    by_model = chat(loopback)
    verdict = reviewed(Council(reviewers=dict.fromkeys(ROSTER.names, by_model) | {"sentinel": ChecklistReviewer()}, rebuttal=True))
    assert "sentinel" not in {request.seat for request in loopback.requests}
    assert opinions(verdict)["sentinel"].first is None


def test_a_council_of_checklists_has_nobody_to_ask_again() -> None:
    with pytest.raises(UsageError, match="a rebuttal needs a chat model"):
        Council(rebuttal=True)


def test_events_tell_of_it(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    loopback.script = split(lambda request: praising("APPROVE") if request.seat == "sentinel" else as_before(request))
    events: list[Any] = []
    reviewed(Council(reviewers=chat(loopback), rebuttal=True), on_event=events.append)
    begun = [event for event in events if event.event == "rebuttal_started"]
    assert [(event.lower, event.upper, event.seats) for event in begun] == [(Vote.APPROVE, Vote.REJECT, ROSTER.names)]
    changed = {event.seat: (event.was, event.vote) for event in events if event.event == "seat_rebutted"}
    assert len(changed) == len(ROSTER.names)
    assert changed["sentinel"] == (Vote.REJECT, Vote.APPROVE)


class Kept:
    """Replies that are kept, and whether they can be."""

    def __init__(self, broken: str = "") -> None:
        self.entries: dict[Asked, str] = {}
        self.broken = broken

    def find(self, request: Asked) -> str | None:
        return self.entries.get(request)

    async def keep(self, request: Asked, reply: str) -> None:
        if request.purpose == self.broken:
            raise JournalError("the disk is full", where="journal")
        self.entries[request] = reply


def test_a_rebuttal_that_was_answered_is_not_asked_for_again(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    loopback.script = split(as_before)
    kept = Kept()
    first = reviewed(Council(reviewers=chat(loopback), rebuttal=True), replies=kept)
    asked = len(loopback.requests)
    again = reviewed(Council(reviewers=chat(loopback), rebuttal=True), replies=kept)
    assert len(loopback.requests) == asked
    assert [opinion.counted for opinion in again.opinions] == [opinion.counted for opinion in first.opinions]
    assert {request.purpose for request in kept.entries} >= {"review", "rebuttal"}


def test_one_that_cannot_be_kept_stops_the_review(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    loopback.script = split(as_before)
    with pytest.raises(JournalError, match="the disk is full"):
        reviewed(Council(reviewers=chat(loopback), rebuttal=True), replies=Kept(broken="rebuttal"))


def test_both_votes_outlast_a_checkpoint_that_waits_for_a_person(
    loopback: Loopback,  # noqa: F811 - the fixture
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("langgraph.checkpoint.sqlite.aio", reason="the extra `sqlite` is not installed")
    monkeypatch.setenv("LANGGRAPH_STRICT_MSGPACK", "true")
    swapped = {"operator": "REJECT"}

    def again(request: Request) -> Behaviour:
        return praising("APPROVE") if request.seat == "sentinel" else Behaviour(vote=swapped.get(request.seat, as_before(request).vote))

    loopback.script = split(again)
    proposal = parse_proposal(TEXT, source="rfc.md")
    decision = PersonDecision(outcome="MODIFY", reason="Both are right.", by="Ann")

    async def review() -> Verdict:
        made = Council(reviewers=chat(loopback), rebuttal=True, escalate=True)
        async with open_saver(str(tmp_path / "c.sqlite")) as saver:
            with pytest.raises(PendingError):
                await made.with_checkpointer(saver).areview(proposal, review_id="one")
        async with open_saver(str(tmp_path / "c.sqlite")) as saver:
            verdict = await made.with_checkpointer(saver).aresume("one", proposal, decision=decision)
        await aclose()
        return verdict

    verdict = asyncio.run(review())
    assert {seat: o.first.counted.value for seat, o in opinions(verdict).items() if o.first} == {
        "operator": "APPROVE",
        "sentinel": "REJECT",
    }
    assert Counter(request.purpose for request in loopback.requests) == {"review": 6, "rebuttal": 6, "ruling": 1}
    assert (verdict.outcome, verdict.council_said) == (Outcome.MODIFY, Outcome.REJECT)


def test_another_council_leaves_no_rebuttal_in_the_checkpoint(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811 - the fixture
    monkeypatch.setenv("LANGGRAPH_STRICT_MSGPACK", "true")
    loopback.script = split(as_before)
    proposal = parse_proposal(TEXT, source="rfc.md")

    async def review() -> None:
        saver = InMemorySaver()
        begun = Council(reviewers=chat(loopback), rebuttal=True).with_checkpointer(saver)
        with pytest.raises(JournalError):
            await begun.areview(proposal, review_id="one", replies=Kept(broken="rebuttal"))
        model = chat_model("openai:other-model", base_url=loopback.openai_url, api_key="none")
        other = Council(reviewers=ChatReviewer(model), rebuttal=True).with_checkpointer(saver)
        with pytest.raises(UsageError, match="the council has changed since"):
            await other.aresume("one", proposal)
        await aclose()

    asyncio.run(review())
    asked = {request.body["model"] for request in loopback.requests}  # of the first council, some may still be on their way
    assert "other-model" not in asked


def test_a_review_that_was_decided_early_has_none(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    loopback.script = lambda _: Behaviour(vote="APPROVE")
    events: list[Any] = []
    reviewed(Council(reviewers=chat(loopback), rebuttal=True, decide_early=True), on_event=events.append)
    assert not [event for event in events if event.event in ("rebuttal_started", "seat_rebutted")]


def test_a_review_is_not_finished_by_a_council_without_it(loopback: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811 - the fixture
    pytest.importorskip("langgraph.checkpoint.sqlite.aio", reason="the extra `sqlite` is not installed")
    monkeypatch.setenv("LANGGRAPH_STRICT_MSGPACK", "true")
    loopback.script = split(as_before)
    proposal = parse_proposal(TEXT, source="rfc.md")

    async def review() -> None:
        async with open_saver(str(tmp_path / "c.sqlite")) as saver:
            begun = Council(reviewers=chat(loopback), rebuttal=True, escalate=True).with_checkpointer(saver)
            with pytest.raises(PendingError):
                await begun.areview(proposal, review_id="one")
            other = Council(reviewers=chat(loopback), escalate=True).with_checkpointer(saver)
            with pytest.raises(UsageError, match="the council has changed since: rebuttal"):
                await other.aresume("one", proposal, decision=PersonDecision(outcome="MODIFY", reason="So.", by="Ann"))
        await aclose()

    asyncio.run(review())
