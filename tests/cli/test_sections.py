"""`--sections`, and models in the seats more than once in a process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import PROPOSAL, Council
from tests.loopback.server import Loopback

pytestmark = pytest.mark.loopback

MODEL = ("--model", "openai:gpt-4o", "--format", "json", "--exit-zero")
LONG = f"# Appendix\n\n{'Seven more words that fill a line. ' * 20_000}\n"


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "test")


def test_only_the_chosen_sections_go_out_and_the_verdict_says_so(council: Council, loopback: Loopback) -> None:
    result = council("review", "rfc.md", *MODEL, "--base-url", loopback.openai_url, "--sections", "rollback")
    verdict = json.loads(result.stdout)
    assert [note for note in verdict["notes"] if note.startswith("A part of the proposal was reviewed; 1 sections were left out: Summary")]
    assert len(loopback.requests) == 6
    for request in loopback.requests:
        assert "10| The flag `restart_log` turns it off" in request.prompt
        assert "structured line for every restart" not in request.prompt


def test_a_proposal_beyond_the_context_window_names_limit_size_and_way_out(council: Council, loopback: Loopback, project: Path) -> None:
    (project / "rfc.md").write_text(PROPOSAL + LONG, encoding="utf-8")
    asked = ("review", "rfc.md", *MODEL, "--base-url", loopback.openai_url)
    refused = council(*asked)
    assert refused.exit_code == 65
    assert "128000" in refused.stderr
    assert "--sections" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert loopback.requests == []
    assert council(*asked, "--sections", "Summary,Rollback").exit_code == 0
    assert len(loopback.requests) == 6


def test_an_unknown_section_is_refused(council: Council) -> None:
    result = council("review", "rfc.md", "--sections", "Rolback")
    assert result.exit_code == 64
    assert "it has Rollback" in result.stderr


def test_models_review_twice_in_one_process(council: Council, loopback: Loopback) -> None:
    for _ in range(2):
        result = council("review", "rfc.md", *MODEL, "--base-url", loopback.openai_url)
        assert [o["abstention"] for o in json.loads(result.stdout)["opinions"]] == [None] * 6, result.stderr


@pytest.mark.parametrize("provider", ["openai", "ollama"])
def test_nothing_is_left_open_at_the_end(
    process: Callable[..., subprocess.CompletedProcess[str]], loopback: Loopback, provider: str
) -> None:
    asked = ("review", "rfc.md", "--model", f"{provider}:some-model", "--base-url", loopback.base_url(provider), "--exit-zero")
    done = process(*asked, python=("-X", "dev", "-W", "default::ResourceWarning", "-m", "council"), OPENAI_API_KEY="test")
    assert done.returncode == 0, done.stderr
    assert len(loopback.requests) == 6
    assert "ResourceWarning" not in done.stderr
    assert "Traceback" not in done.stderr


def test_the_limit_on_words_is_on_what_is_reviewed(council: Council, project: Path) -> None:
    (project / "rfc.md").write_text(PROPOSAL + LONG, encoding="utf-8")
    too_long = council("review", "rfc.md", "--max-words", "1000", "--exit-zero")
    assert too_long.exit_code == 65
    assert "--max-words" in too_long.stderr
    assert council("review", "rfc.md", "--max-words", "1000", "--sections", "Rollback,Summary", "--exit-zero").exit_code == 0
    assert council("review", "rfc.md", "--max-words", "1000", "--sections", "Appendix", "--exit-zero").exit_code == 65
