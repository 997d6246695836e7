"""No secret reaches a recording. The keys are made up; the answers that carry them are synthetic."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from council.recording import load_recording, replay
from council.recording.secrets import redacted, redacted_headers, redacted_url
from tests.cli.conftest import Council
from tests.loopback import behaviour as do
from tests.loopback.server import Loopback

_BODY = "Zk3vQ9xTb7LmN2wRy8HcJ5dPqA4sVeG6uKfX1oBiCtMnWz"
_JWT = f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.{_BODY[:32]}"

FAKES = [
    *(f"{prefix}{_BODY}" for prefix in ("sk-ant-api03-", "sk-ant-admin01-", "sk-proj-", "sk-svcacct-", "sk-or-v1-", "sk-", "AIza", "hf_")),
    *(f"{prefix}{_BODY}" for prefix in ("lsv2_pt_", "lsv2_sk_", "gsk_", "xai-", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "npm_")),
    f"AKIA{_BODY[:16].upper()}",
    f"ASIA{_BODY[4:20].upper()}",
    f"xoxb-{_BODY}",
    f"sk_live_{_BODY}",
    f"pypi-{_BODY}",
    _JWT,
    f"Bearer {_BODY}",
]


def test_there_are_enough_of_them() -> None:
    assert len(set(FAKES)) == 25


@pytest.mark.parametrize("fake", FAKES)
def test_none_survives_anywhere_in_an_exchange(fake: str) -> None:
    inner = json.dumps({"rationale": f"It says\n{fake}\nand more", fake: 1})
    places = {
        "request body": redacted({"messages": [{"content": f"line\n{fake}\nline"}, {"content": [{"text": f'"{fake}"'}]}]}),
        "answer": redacted({"choices": [{"message": {"content": inner, "tool_calls": [{"function": {"arguments": inner}}]}}]}),
        "headers": redacted_headers(
            {"Authorization": fake, "x-api-key": fake, "set-cookie": fake, "Content-Type": f"text/plain; k={fake}"}
        ),
        "address": redacted_url(f"https://user:{fake}@api.example.org/v1/{fake}/x?key={fake}#{fake}"),
    }
    secret = fake.removeprefix("Bearer ")
    for place, value in places.items():
        assert secret not in json.dumps(value), place


@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.sampled_from(FAKES), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_redacting_twice_changes_nothing_more(value: object) -> None:
    once = redacted(value)
    assert redacted(once) == once


@pytest.mark.loopback
def test_a_model_that_says_keys_is_recorded_without_them_and_replays(
    council: Council, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", FAKES[2])
    said = "\n".join(FAKES)
    loopback.script = lambda _: do.Behaviour(vote="MODIFY", headers={"set-cookie": FAKES[0]}, fields={"rationale": said[:1400]})
    base = loopback.openai_url
    result = council("review", "rfc.md", "--model", "openai:gpt-4o", "--base-url", base, "--record", "rfc.yaml", "--exit-zero")
    assert result.exit_code == 0, result.stderr
    text = Path("rfc.yaml").read_text(encoding="utf-8")
    assert [fake for fake in FAKES if fake.removeprefix("Bearer ") in text] == []
    assert not replay(load_recording(Path("rfc.yaml"))).differences


@pytest.mark.loopback
def test_a_recording_that_would_hold_a_value_of_the_environment_is_refused(
    council: Council, loopback: Loopback, monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    monkeypatch.setenv("SHOP_DB_PASSWORD", "correct horse battery")
    (project / "rfc.md").write_text(
        "# RFC\n\nThe service logs in with correct horse battery for now, as it always did.\n", encoding="utf-8"
    )
    base = loopback.openai_url
    result = council("review", "rfc.md", "--model", "openai:gpt-4o", "--base-url", base, "--record", "rfc.yaml", "--exit-zero")
    assert result.exit_code == 65
    assert "SHOP_DB_PASSWORD" in result.stderr
    assert "horse" not in result.stderr
    assert not Path("rfc.yaml").exists()


@pytest.mark.loopback
def test_a_proposal_with_a_live_looking_key_is_recorded_only_without_it(
    council: Council, loopback: Loopback, monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    (project / "rfc.md").write_text(f"# RFC\n\nThe service uses the key {FAKES[2]} for now, and reads it from a file.\n", encoding="utf-8")
    asked = ("review", "rfc.md", "--model", "openai:gpt-4o", "--base-url", loopback.openai_url, "--record", "rfc.yaml", "--exit-zero")
    for options in ((), ("--allow-secrets",)):
        refused = council(*asked, *options)
        assert refused.exit_code == 65
        assert "rfc.md:3" in refused.stderr
    assert loopback.requests == []
    assert council(*asked, "--redact").exit_code == 0
    assert FAKES[2] not in Path("rfc.yaml").read_text(encoding="utf-8")
    assert council("replay", "rfc.yaml").exit_code == 0
