"""Chat models in the seats, from the command line: real clients against a server on loopback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Council
from tests.loopback import behaviour as do
from tests.loopback.server import Loopback

pytestmark = pytest.mark.loopback

KEY = "sk-proj-" + "Zk3vQ9xTb7LmN2wRy8Hc" * 2
SEATS = ("tracer", "measurer", "operator", "architect", "benchmarker", "sentinel")


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "test")


def test_every_seat_is_asked_and_the_host_is_named_first(council: Council, loopback: Loopback) -> None:
    loopback.script = do.voting({})
    result = council("review", "rfc.md", "--model", "openai:gpt-4o", "--base-url", f"{loopback.url}/v1", "--format", "json", "--exit-zero")
    assert result.exit_code == 0, result.stderr
    assert f"to {loopback.url.removeprefix('http://')} for {', '.join(SEATS)}" in result.stderr
    assert [opinion["reviewer"] for opinion in json.loads(result.stdout)["opinions"]] == ["openai:gpt-4o"] * len(SEATS)
    assert len(loopback.requests) == len(SEATS)


def test_one_seat_may_have_a_model_and_the_others_the_checklist(council: Council, loopback: Loopback) -> None:
    loopback.script = do.voting({})
    base = f"{loopback.url}/v1"
    result = council("review", "rfc.md", "--seat-model", "sentinel=openai:gpt-4o", "--base-url", base, "--format", "json", "--exit-zero")
    reviewers = {o["seat"]: o["reviewer"] for o in json.loads(result.stdout)["opinions"]}
    assert reviewers == {**dict.fromkeys(SEATS, "checklist"), "sentinel": "openai:gpt-4o"}


def test_the_configuration_seats_models_and_a_flag_goes_before_it(council: Council, loopback: Loopback, project: Path) -> None:
    loopback.script = do.voting({})
    (project / "council.toml").write_text(
        f'[models]\ndefault = "openai:gpt-4o"\nbase_url = "{loopback.url}/v1"\n[models.seats]\ntracer = "checklist"\n', encoding="utf-8"
    )
    configured = json.loads(council("review", "rfc.md", "--format", "json", "--exit-zero").stdout)["opinions"]
    assert [o["reviewer"] for o in configured] == ["checklist", *["openai:gpt-4o"] * 5]
    flagged = json.loads(council("review", "rfc.md", "--model", "checklist", "--format", "json", "--exit-zero").stdout)["opinions"]
    assert {o["reviewer"] for o in flagged} == {"checklist"}


def test_a_live_looking_key_stops_the_call(council: Council, loopback: Loopback, project: Path) -> None:
    (project / "rfc.md").write_text(
        f"# RFC\n\nThe service uses the key {KEY} for now and reads it from the environment.\n", encoding="utf-8"
    )
    asked = ("review", "rfc.md", "--model", "openai:gpt-4o", "--base-url", f"{loopback.url}/v1", "--exit-zero")
    refused = council(*asked)
    assert refused.exit_code == 65
    assert "rfc.md:3" in refused.stderr
    assert KEY not in refused.stderr
    assert loopback.requests == []
    assert council(*asked, "--redact").exit_code == 0
    assert all(KEY not in json.dumps(request.body) for request in loopback.requests)
    assert len(loopback.requests) == len(SEATS)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--model", "openai"), 64, "openai"),
        (("--model", "nobody:gpt"), 64, "unknown provider"),
        (("--seat-model", "nobody=openai:gpt-4o"), 64, "no seat is called"),
        (("--seat-model", "tracer"), 64, "SEAT=SPEC"),
        (("--model", "openai:gpt-4o", "--redact", "--allow-secrets"), 64, "contradict"),
        (("--model", "openai:no-such-model", "--max-cost", "1"), 64, "no price is known"),
    ],
)
def test_what_cannot_be_asked_is_one_line_before_any_call(council: Council, options: tuple[str, ...], code: int, said: str) -> None:
    result = council("review", "rfc.md", *options)
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_missing_key_is_one_line_before_any_call(council: Council, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    result = council("review", "rfc.md", "--model", "openai:gpt-4o")
    assert result.exit_code == 69
    assert "OPENAI_API_KEY" in result.stderr


def test_a_budget_refuses_calls_and_no_verdict_is_made_of_nothing(council: Council, loopback: Loopback) -> None:
    base = f"{loopback.url}/v1"
    result = council("review", "rfc.md", "--model", "openai:gpt-4o", "--base-url", base, "--max-tokens", "10", "--format", "json")
    verdict = json.loads(result.stdout)
    assert verdict["outcome"] == "INCONCLUSIVE"
    assert {o["abstention"]["cause"] for o in verdict["opinions"]} == {"over_budget"}
    assert loopback.requests == []


def test_the_temperature_of_the_configuration_is_sent_and_none_where_nobody_set_one(
    council: Council, loopback: Loopback, project: Path
) -> None:
    asked = ("review", "rfc.md", "--model", "openai:gpt-4o", "--base-url", f"{loopback.url}/v1", "--exit-zero")
    council(*asked)
    assert not any("temperature" in request.body for request in loopback.requests)
    loopback.requests.clear()
    (project / "council.toml").write_text("[models]\ntemperature = 0.2\n", encoding="utf-8")
    council(*asked)
    assert {request.body["temperature"] for request in loopback.requests} == {0.2}
