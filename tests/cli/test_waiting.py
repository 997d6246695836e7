"""How long a review waits, from the command line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from council import Proposal, Reviewed, Seat
from council.ballot import Verdict
from council.reviewers.checklist import ChecklistReviewer

Run = Callable[..., Any]
SLOW = ("architect", "sentinel")


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seats of the checklist never come back; the others reject."""

    async def review(self: ChecklistReviewer, proposal: Proposal, seat: Seat) -> Reviewed:
        if seat.name in SLOW:
            await asyncio.sleep(3600)
        return self.review_now(proposal, seat)

    monkeypatch.setattr(ChecklistReviewer, "review", review)


def causes(done: Any) -> dict[str, str]:
    verdict = Verdict.model_validate_json(done.stdout)
    return {o.seat: f"{o.abstention.cause}: {o.abstention.detail}" for o in verdict.opinions if o.abstention}


@pytest.mark.parametrize(
    ("args", "cause"),
    [
        (("--seat-deadline", "0.5"), "late: No reply within 0.5 s."),
        (("--deadline", "2"), "late: The review's 2 s were over."),
        (("--decide-early",), "not_needed: No vote of the seats still out could change the outcome."),
    ],
)
def test_a_review_ends_without_seats_that_do_not(args: tuple[str, ...], cause: str, council: Run, slow: None) -> None:
    assert causes(council("review", "rfc.md", "--format", "json", *args)) == dict.fromkeys(SLOW, cause)


@pytest.mark.parametrize("seconds", ["0", "-1", "soon"])
@pytest.mark.parametrize("option", ["--deadline", "--seat-deadline"])
def test_seconds_are_a_positive_number(option: str, seconds: str, council: Run) -> None:
    done = council("review", "rfc.md", option, seconds)
    assert (done.exit_code, option in done.stderr) == (64, True)


def test_events_are_lines_of_json_on_standard_error(council: Run) -> None:
    done = council("review", "rfc.md", "--format", "json", "--events", "ndjson")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert (events[0]["event"], events[-1]["event"], len(events)) == ("review_started", "verdict", 14)
    assert events[-1]["outcome"] == Verdict.model_validate_json(done.stdout).outcome
    assert {event["review_id"] for event in events} == {Verdict.model_validate_json(done.stdout).review_id}


def test_no_event_carries_a_control_sequence_of_a_file_name(council: Run, project: Any) -> None:
    name = "rfc\x1b]0;x\x07\u202e.md"
    (project / "rfc.md").rename(project / name)
    done = council("review", name, "--format", "json", "--events", "ndjson")
    assert done.stderr.count("\n") == 14
    assert done.stderr.isascii() and done.stderr.replace("\n", "").isprintable()


def test_quiet_and_events_contradict_each_other(council: Run) -> None:
    assert council("review", "rfc.md", "--quiet", "--events", "ndjson").exit_code == 64


def test_without_a_terminal_no_progress_is_shown(council: Run) -> None:
    assert council("review", "rfc.md").stderr == ""
