"""Recording and replaying from the command line; the answers are synthetic, from the server on loopback."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from council.recording import load_recording, replay, save_recording
from council.recording.command import rerecord_command
from council.seats import build_roster
from council.seats.model import Roster
from tests.cli.conftest import Council
from tests.loopback import behaviour as do
from tests.loopback.server import Loopback

SEATS = ("tracer", "measurer", "operator", "architect", "benchmarker", "sentinel")
MODELS = {"openai": "openai:gpt-4o", "anthropic": "anthropic:claude-haiku-4-5", "ollama": "ollama:llama3.2"}
FILE = Path("rfc.yaml")


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test")


def record(council: Council, server: Loopback, provider: str = "openai", *options: str) -> Any:
    base = server.base_url(provider)
    return council(
        "review",
        "rfc.md",
        "--model",
        MODELS[provider],
        "--base-url",
        base,
        "--record",
        str(FILE),
        "--exit-zero",
        "--format",
        "json",
        *options,
    )


@pytest.fixture
def recorded(council: Council, loopback: Loopback) -> dict[str, Any]:
    """The verdict of a review that was recorded: a MODIFY."""
    loopback.script = do.voting(dict.fromkeys(SEATS[:4], "MODIFY"))
    result = record(council, loopback)
    assert result.exit_code == 0, result.stderr
    verdict: dict[str, Any] = json.loads(result.stdout)
    return verdict


def changed_persona(seat: str, **changes: Any) -> Roster:
    roster = build_roster()
    seats = [
        s.model_copy(update={"persona": s.persona.model_copy(update={**changes, "sha256": "0" * 64})}) if s.name == seat else s
        for s in roster.seats
    ]
    return roster.model_copy(update={"seats": tuple(seats)})


@pytest.mark.loopback
@pytest.mark.parametrize("provider", MODELS)
def test_a_review_is_recorded_and_replays_to_the_same_verdict(provider: str, council: Council, loopback: Loopback) -> None:
    loopback.script = do.voting({"tracer": "MODIFY", "operator": "REJECT", "sentinel": "MODIFY", "architect": "MODIFY"})
    verdict = json.loads(record(council, loopback, provider).stdout)
    asked = len(loopback.requests)
    result = council("replay", str(FILE), "--format", "json")
    assert result.exit_code == 0, result.stderr
    again = json.loads(result.stdout)
    assert (again["outcome"], again["decided_by"]) == (verdict["outcome"], verdict["decided_by"])
    mine = [[o["seat"], o["cast"], o["counted"], o["answers"], o["findings"]] for o in verdict["opinions"]]
    assert [[o["seat"], o["cast"], o["counted"], o["answers"], o["findings"]] for o in again["opinions"]] == mine
    assert [o["cast"] for o in again["opinions"]] == ["MODIFY", "APPROVE", "REJECT", "MODIFY", "APPROVE", "MODIFY"]
    assert len(loopback.requests) == asked


@pytest.mark.loopback
def test_seats_that_ask_at_once_get_their_own_answers_whatever_came_first(council: Council, loopback: Loopback) -> None:
    votes = {"tracer": "MODIFY", "operator": "REJECT", "sentinel": "REJECT", "architect": "MODIFY"}
    slow = {seat: 0.02 * n for n, seat in enumerate(reversed(SEATS))}
    voting = do.voting(votes)
    loopback.script = lambda request: do.replace(voting(request), delay=slow.get(request.seat, 0.0))
    record(council, loopback)
    recording = load_recording(FILE)
    backwards = recording.model_copy(update={"exchanges": recording.exchanges[::-1]})
    for each in (recording, backwards):
        assert {o.seat: o.cast for o in replay(each).verdict.opinions} == dict.fromkeys(SEATS, "APPROVE") | votes


@pytest.mark.loopback
def test_the_file_can_be_read(council: Council, recorded: dict[str, Any]) -> None:
    text = FILE.read_text(encoding="utf-8")
    recording = load_recording(FILE)
    assert text.startswith("council_recording: 1\n")
    assert recording.proposal.text == Path("rfc.md").read_text(encoding="utf-8")
    assert [seat.model for seat in recording.seats] == ["openai:gpt-4o"] * 6
    assert recording.verdict.outcome == recorded["outcome"]
    assert "\n          # Keep" not in text.partition("exchanges:")[0]
    assert "1| # Keep a log of node restarts\n" in text  # the prompt as a block, not with escapes
    names = list(recording.exchanges[0].request.body)
    assert names == sorted(names)
    assert {name for e in recording.exchanges for name in (*e.request.headers, *e.response.headers)} <= {"content-type"}
    save_recording(recording, Path("again.yaml"))
    assert Path("again.yaml").read_text(encoding="utf-8") == text


@pytest.mark.loopback
def test_another_verdict_ends_with_4_and_says_what_differs(council: Council, recorded: dict[str, Any]) -> None:
    text = FILE.read_text(encoding="utf-8")
    FILE.write_text(text.replace("\n  outcome: MODIFY", "\n  outcome: APPROVE"), encoding="utf-8")
    result = council("replay", str(FILE))
    assert result.exit_code == 4
    assert "the verdict is MODIFY, and was APPROVE" in result.stderr
    assert "--record rfc.yaml" in result.stderr


@pytest.mark.loopback
def test_a_changed_persona_is_named_with_its_seat_and_the_difference(recorded: dict[str, Any]) -> None:
    from council.errors import ExpectationError

    with pytest.raises(ExpectationError) as caught:
        replay(load_recording(FILE), roster=changed_persona("operator", philosophy="Nothing is ever ready."), where="rfc.yaml")
    said = str(caught.value)
    assert "changed since it was recorded: the persona of operator (record it again:" in said.splitlines()[0]
    assert "+Nothing is ever ready." in said
    assert "council review rfc.md --model openai:gpt-4o" in said
    assert "Connection error" not in said
    assert "tracer" not in said.split("record it again", maxsplit=1)[0]


@pytest.mark.loopback
def test_a_persona_file_that_changed_in_nothing_that_is_sent_is_a_note(recorded: dict[str, Any]) -> None:
    replayed = replay(load_recording(FILE), roster=changed_persona("operator"))
    assert not replayed.differences
    assert "operator" in replayed.notes[0]


@pytest.mark.loopback
@pytest.mark.parametrize(("provider", "other"), [("openai", "openai:gpt-4.1"), ("anthropic", "anthropic:claude-opus-4-5")])
def test_another_model_is_named(provider: str, other: str, council: Council, loopback: Loopback) -> None:
    record(council, loopback, provider)
    text = FILE.read_text(encoding="utf-8")
    head, exchanges = text.split("exchanges:", maxsplit=1)
    FILE.write_text(f"{head.replace(MODELS[provider], other)}exchanges:{exchanges}", encoding="utf-8")
    result = council("replay", str(FILE))
    assert result.exit_code == 4
    first, *lines = result.stderr.splitlines()
    assert "changed since it was recorded: the model of every seat (" in first
    assert lines == ["  the model of every seat:", f"    -{MODELS[provider].partition(':')[2]}", f"    +{other.partition(':')[2]}"]
    assert "Connection error" not in result.stderr


@pytest.mark.loopback
def test_a_changed_prompt_is_named(recorded: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from council.errors import ExpectationError
    from council.reviewers.chat import messages

    protocol = messages.protocol()
    monkeypatch.setattr(messages, "protocol", lambda **_: f"{protocol}\n\nBe brief.")
    with pytest.raises(ExpectationError, match="the prompt of every seat ") as caught:
        replay(load_recording(FILE))
    assert "+Be brief." in str(caught.value)


@pytest.mark.loopback
def test_a_changed_proposal_is_named(council: Council, recorded: dict[str, Any]) -> None:
    Path("rfc.md").write_text(Path("rfc.md").read_text(encoding="utf-8") + "\nIt is kept for 90 days in the end.\n", encoding="utf-8")
    result = council("replay", str(FILE))
    assert result.exit_code == 4
    first, *lines = result.stderr.splitlines()
    assert "changed since it was recorded: the proposal rfc.md (record it again" in first
    assert lines == ["  the proposal rfc.md:", "    +12| It is kept for 90 days in the end."]
    Path("rfc.md").unlink()
    assert council("replay", str(FILE)).exit_code == 0


@pytest.mark.loopback
def test_an_abstention_is_recorded_with_its_cause_and_replayed_without_a_call(council: Council, loopback: Loopback) -> None:
    loopback.script = do.faulty(do.UNAUTHORIZED, seats=["sentinel"])
    verdict = json.loads(record(council, loopback).stdout)
    seat = load_recording(FILE).seat("sentinel")
    assert seat is not None and seat.abstention is not None
    assert (seat.abstention.cause, seat.failed_attempts) == ("failed", 1)
    assert "sentinel" not in {exchange.seat for exchange in load_recording(FILE).exchanges}
    again = replay(load_recording(FILE))
    assert not again.differences
    assert again.verdict.outcome == verdict["outcome"]
    assert again.verdict.opinions[5].abstention is not None


@pytest.mark.loopback
def test_failed_attempts_are_counted_and_do_not_slow_a_replay(council: Council, loopback: Loopback) -> None:
    loopback.script = do.faulty(do.rate_limited("0.05"), times=2)
    record(council, loopback)
    recording = load_recording(FILE)
    assert [seat.failed_attempts for seat in recording.seats] == [2] * 6
    assert {exchange.response.status for exchange in recording.exchanges} == {200}
    assert not replay(recording).differences


@pytest.mark.loopback
@pytest.mark.parametrize(("fault", "cause"), [(do.PLAIN_TEXT, "unusable"), (do.REFUSAL, "refused")])
def test_an_unusable_answer_is_kept_and_read_again(fault: do.Behaviour, cause: str, council: Council, loopback: Loopback) -> None:
    loopback.script = do.faulty(fault, seats=["benchmarker"])
    record(council, loopback)
    replayed = replay(load_recording(FILE))
    assert not replayed.differences
    abstention = replayed.verdict.opinions[4].abstention
    assert abstention is not None and abstention.cause == cause
    assert any(exchange.seat == "benchmarker" for exchange in load_recording(FILE).exchanges)


@pytest.mark.loopback
def test_another_policy_tallies_anew(council: Council, loopback: Loopback, project: Path) -> None:
    loopback.script = do.faulty(do.UNAUTHORIZED, seats=["sentinel", "benchmarker"], otherwise=do.Behaviour(vote="REJECT"))
    record(council, loopback)
    (project / "strict.toml").write_text('[policy]\nquorum_of_applicable = "1"\n', encoding="utf-8")
    result = council("replay", str(FILE), "--policy", "strict.toml")
    assert result.exit_code == 0, result.stderr
    assert "INCONCLUSIVE under this policy, recorded as REJECT" in result.stdout


@pytest.mark.loopback
def test_a_smaller_roster_leaves_exchanges_unused_and_that_is_no_failure(council: Council, recorded: dict[str, Any], project: Path) -> None:
    (project / "few.toml").write_text('seats = ["tracer", "operator", "benchmarker"]\n', encoding="utf-8")
    result = council("replay", str(FILE), "--policy", "few.toml")
    assert result.exit_code == 0, result.stderr
    assert "MODIFY under this policy" in result.stdout


@pytest.mark.loopback
def test_a_folder_is_replayed_into_a_table(council: Council, recorded: dict[str, Any], project: Path) -> None:
    folder = project / "cassettes"
    folder.mkdir()
    text = FILE.read_text(encoding="utf-8")
    (folder / "good.yaml").write_text(text, encoding="utf-8")
    (folder / "other.yaml").write_text("interactions: []\nversion: 1\n", encoding="utf-8")
    result = council("replay", "cassettes")
    assert result.exit_code == 0, result.stderr
    assert "good.yaml" in result.stdout and "other.yaml" not in result.stdout
    (folder / "bad.yaml").write_text(text.replace("\n  outcome: MODIFY", "\n  outcome: REJECT"), encoding="utf-8")
    result = council("replay", "cassettes")
    assert result.exit_code == 4
    assert "1 of 2 recordings did not replay" in result.stderr


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--decide-early",), 64, "--decide-early"),
        (("--checkpoint", "c.sqlite"), 64, "--checkpoint"),
    ],
)
def test_what_cannot_be_recorded_is_refused_before_any_call(
    options: tuple[str, ...], code: int, said: str, council: Council, loopback: Loopback
) -> None:
    result = record(council, loopback, "openai", *options)
    assert result.exit_code == code
    assert said in result.stderr
    assert loopback.requests == []
    assert not FILE.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("council_recording: 2\n", "is no recording"),
        ("council_recording: &a [*a]\n", "anchors"),
        ("council_recording: !!python/object/apply:os.system ['true']\n", "tags"),
        ("- 1\n", "is no recording"),
    ],
)
def test_a_file_that_is_no_recording_is_one_line(text: str, said: str, council: Council, project: Path) -> None:
    FILE.write_text(text, encoding="utf-8")
    result = council("replay", str(FILE))
    assert result.exit_code == 65
    assert said in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
@pytest.mark.loopback
def test_a_replay_costs_less_than_one_and_a_half_times_the_checklist(recorded: dict[str, Any]) -> None:
    from council import Council as Convened

    proposal = load_recording(FILE).proposal.text

    def cost(review: Callable[[], object]) -> float:
        review()  # imports
        times = []
        for _ in range(7):
            start = time.process_time()
            review()
            times.append(time.process_time() - start)
        return min(times)

    assert cost(lambda: replay(load_recording(FILE))) < 1.5 * cost(lambda: Convened(build_roster()).review(proposal))


@pytest.mark.loopback
def test_a_part_of_a_proposal_replays_as_that_part(council: Council, loopback: Loopback) -> None:
    record(council, loopback, "openai", "--sections", "Summary")
    assert load_recording(FILE).proposal.left_out == ("Rollback",)
    assert council("replay", str(FILE)).exit_code == 0


@pytest.mark.loopback
@pytest.mark.parametrize("provider", MODELS)
def test_the_temperature_that_was_asked_for_is_recorded_and_asked_for_again(provider: str, council: Council, loopback: Loopback) -> None:
    record(council, loopback, provider, "--temperature", "0")
    recording = load_recording(FILE)
    assert {seat.temperature for seat in recording.seats} == {0.0}
    assert all(request.body.get("temperature", request.body.get("options", {}).get("temperature")) == 0 for request in loopback.requests)
    assert council("replay", str(FILE)).exit_code == 0
    assert "--temperature 0" in rerecord_command(recording, "rfc.yaml")


PRAISE = {
    "id": "f1",
    "kind": "praise",
    "severity": "minor",
    "domain": "rollback",
    "question": "",
    "claim": "It can be undone.",
    "citations": [{"first": 10, "last": 10, "anchor": "turns it off within a minute", "quote": ""}],
    "absence": None,
}
CONVINCED = do.Behaviour(vote="APPROVE", fields={"findings": [PRAISE], "conditions": []})


def asked_again(vote: do.Behaviour) -> do.Script:
    """Three seats approve and three reject; asked once more, the sentinel says this, and the others stay."""

    def script(request: do.Request) -> do.Behaviour:
        if request.purpose == "rebuttal" and request.seat == "sentinel":
            return vote
        return do.Behaviour(vote="APPROVE" if request.seat in SEATS[:3] else "REJECT")

    return script


@pytest.mark.loopback
def test_a_rebuttal_is_recorded_and_replayed(council: Council, loopback: Loopback) -> None:
    loopback.script = asked_again(CONVINCED)
    verdict = json.loads(record(council, loopback, "openai", "--rebuttal").stdout)
    assert verdict["outcome"] == "APPROVE"
    recording = load_recording(FILE)
    assert [exchange.purpose for exchange in recording.exchanges] == ["review", "rebuttal"] * 6
    assert council("replay", str(FILE)).exit_code == 0
    assert "--rebuttal" in rerecord_command(recording, "rfc.yaml")


@pytest.mark.loopback
def test_a_rebuttal_whose_repair_failed_is_replayed_as_none(council: Council, loopback: Loopback) -> None:
    def script(request: do.Request) -> do.Behaviour:
        if "# The rebuttal" in request.prompt and request.seat == "sentinel":
            return do.BAD_REQUEST if request.purpose == "repair" else do.PLAIN_TEXT
        return asked_again(CONVINCED)(request)

    loopback.script = script
    record(council, loopback, "openai", "--rebuttal")
    assert [e.purpose for e in load_recording(FILE).exchanges if e.seat == "sentinel"] == ["review"]
    assert council("replay", str(FILE)).exit_code == 0


@pytest.mark.loopback
def test_a_rebuttal_that_failed_when_it_was_recorded_is_not_missed(council: Council, loopback: Loopback) -> None:
    loopback.script = asked_again(do.BAD_REQUEST)
    record(council, loopback, "openai", "--rebuttal")
    assert council("replay", str(FILE)).exit_code == 0


@pytest.mark.loopback
def test_a_rebuttal_that_was_recorded_and_is_not_asked_for_is_a_failure(council: Council, loopback: Loopback) -> None:
    loopback.script = asked_again(do.Behaviour(vote="APPROVE"))
    record(council, loopback, "openai", "--rebuttal")
    FILE.write_text(FILE.read_text(encoding="utf-8").replace("\nrebuttal: true\n", "\n"), encoding="utf-8")
    result = council("replay", str(FILE))
    assert result.exit_code == 4
    assert "nobody asked for tracer (rebuttal)" in result.stderr
