"""The ruling by model, from the tie to the verdict: real clients against a server on loopback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from council import Council, Deadlines, Outcome, Rule, Verdict, Vote, build_roster
from council.ballot import Opinion
from council.errors import JournalError
from council.reviewers.chat import ChatReviewer
from council.reviewers.checklist import ChecklistReviewer
from council.reviewers.replies import Request as Asked
from tests.loopback.behaviour import HANG, PLAIN_TEXT, SERVER_ERROR, Behaviour, Request, Script
from tests.loopback.plugin import loopback  # noqa: F401 - the fixture
from tests.loopback.server import Loopback
from tests.workflow.chatting import chat, reviewed

pytestmark = pytest.mark.loopback

ROSTER = build_roster()
READY = ROSTER.names[:3]


def tied(ruling: Behaviour) -> Script:
    """Three seats say that it is ready, three that it is not, and the tracer, asked again, says this."""

    def script(request: Request) -> Behaviour:
        if request.purpose == "ruling":
            return ruling
        return Behaviour(vote="APPROVE") if request.seat in READY else Behaviour(vote="REJECT", fields={"answers": unready(request.seat)})

    return script


def unready(seat: str) -> list[dict[str, Any]]:
    """What bears on production readiness is denied, in line 3."""
    cited = {"first": 3, "last": 3, "anchor": "Each request carries", "quote": ""}
    asked = [n for n, q in enumerate(ROSTER.seat(seat).persona.questions, 1) if "production_ready" in q.bears_on]
    return [{"question": f"q{n}", "status": "denied", "citations": [cited], "absence": None} for n in asked]


def rulings(server: Loopback) -> list[Request]:
    return [request for request in server.requests if request.purpose == "ruling"]


def test_the_model_of_the_tie_breaker_rules(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    loopback.script = tied(Behaviour(vote="MODIFY"))
    events: list[Any] = []
    verdict = reviewed(Council(reviewers=chat(loopback)), on_event=events.append)
    assert (verdict.outcome, verdict.decided_by) == (Outcome.MODIFY, Rule.TRACER_RULING)
    assert verdict.ruling is not None
    assert verdict.ruling.text == "The passages on both sides were weighed."
    assert [event.ruling for event in events if event.event == "ruling"] == [verdict.ruling]
    assert len(rulings(loopback)) == 1


def test_what_the_ruling_took_is_in_the_verdict(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    loopback.script = tied(Behaviour(vote="MODIFY"))
    verdict = reviewed(Council(reviewers=chat(loopback)))
    of_seats = sum(opinion.usage.input_tokens for opinion in verdict.opinions)
    assert verdict.ruling is not None
    assert verdict.usage.calls == len(ROSTER.names) + 1
    assert verdict.usage.input_tokens == of_seats + verdict.ruling.usage.input_tokens > of_seats


@pytest.mark.parametrize(
    ("ruling", "why"),
    [(SERVER_ERROR, "HTTP 500"), (PLAIN_TEXT, "even after the repair"), (HANG, "No reply within")],
)
def test_a_ruling_that_fails_leaves_the_cautious_side_and_says_why(loopback: Loopback, ruling: Behaviour, why: str) -> None:  # noqa: F811 - the fixture
    loopback.script = tied(ruling)
    verdict = reviewed(Council(reviewers=chat(loopback), deadlines=Deadlines(seat=5.0)))
    assert (verdict.outcome, verdict.decided_by) == (Outcome.REJECT, Rule.SPLIT)
    assert verdict.ruling is not None
    assert (verdict.ruling.accepted, verdict.ruling.chosen) == (False, Vote.REJECT)
    assert [note for note in verdict.notes if why in note and "was not accepted" in note]


def test_the_rulings_repair_is_told(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    loopback.script = tied(PLAIN_TEXT)
    assert [note for note in reviewed(Council(reviewers=chat(loopback))).notes if note.startswith("On the ruling: the first reply")]


def test_without_a_model_in_its_seat_the_tie_breakers_own_vote_decides(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    loopback.script = tied(Behaviour(vote="MODIFY"))
    reviewers = dict.fromkeys(ROSTER.names, chat(loopback)) | {"tracer": ChecklistReviewer()}
    verdict = reviewed(Council(reviewers=reviewers))
    assert verdict.opinions[0].reviewer == "checklist"
    assert rulings(loopback) == []


def test_a_kept_ruling_is_not_asked_for_again(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    kept: dict[Asked, str] = {}

    class Desk:
        def find(self, request: Asked) -> str | None:
            return kept.get(request)

        async def keep(self, request: Asked, reply: str) -> None:
            kept[request] = reply

    loopback.script = tied(Behaviour(vote="MODIFY"))
    made = Council(reviewers=chat(loopback))
    first, second = (reviewed(made, replies=Desk()) for _ in range(2))
    assert [request.seat for request in kept if request.purpose == "ruling"] == ["tracer"]
    assert len(rulings(loopback)) == 1
    assert first.ruling == second.ruling


def test_a_ruling_that_cannot_be_kept_stops_the_review(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    class Full:
        def find(self, _: Asked) -> str | None:
            return None

        async def keep(self, request: Asked, _: str) -> None:
            if request.purpose == "ruling":
                raise JournalError("the disk is full")

    loopback.script = tied(Behaviour(vote="MODIFY"))
    with pytest.raises(JournalError):
        reviewed(Council(reviewers=chat(loopback)), replies=Full())


@pytest.fixture
def breaking(loopback: Loopback) -> Callable[[], Verdict]:  # noqa: F811 - the fixture
    """A review whose tie-breaker breaks the contract."""

    class Breaking(ChatReviewer):
        async def tie_break(self, *_: Any) -> Any:
            raise OSError("no such weights")

    def review() -> Verdict:
        loopback.script = tied(Behaviour())
        return reviewed(Council(reviewers=Breaking(chat(loopback).model)))

    return review


def test_a_reviewer_that_breaks_in_its_ruling_costs_no_verdict(breaking: Callable[[], Verdict]) -> None:
    verdict = breaking()
    assert verdict.outcome is Outcome.REJECT
    assert verdict.ruling is not None
    assert "err-" in verdict.ruling.problem
    assert all(isinstance(opinion, Opinion) for opinion in verdict.opinions)
