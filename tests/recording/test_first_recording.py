"""`pytest --council-record` where nothing was recorded yet, and what own calls are told of a change; the answers are synthetic."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from council.recording import load_recording
from tests.cli.conftest import PROPOSAL
from tests.loopback import behaviour as do
from tests.loopback.server import Loopback
from tests.recording.test_pytest_plugin import run, tests

__all__ = ["tests"]

pytestmark = [pytest.mark.loopback, pytest.mark.timeout(300)]


@pytest.fixture
def empty(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with a proposal and no recording."""
    monkeypatch.chdir(pytester.path)
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    (pytester.path / "rfc.md").write_text(PROPOSAL, encoding="utf-8")
    return pytester


UNRECORDED = """
    import pytest

    @pytest.mark.council_cassette("fresh")
    def test_own(council_cassette):
        pass

    @pytest.mark.council_cassette("half", model="openai:gpt-4o")
    def test_half(council_cassette):
        pass

    @pytest.mark.council_cassette("other", proposal="rfc.md", model="openai:gpt-4o", seats=3)
    def test_other(council_cassette):
        pass
"""


@pytest.mark.parametrize("options", [pytest.param((), marks=pytest.mark.slow), ("--council-record",)])
def test_without_a_recording_the_first_one_is_explained_once(empty: pytest.Pytester, options: tuple[str, ...]) -> None:
    said = (
        run(empty, UNRECORDED, *options).stdout.str().partition("short test summary info")[0]
    )  # which has it again, whole where CI is set
    assert said.count("no such recording") == 1
    assert "cassettes/fresh.yaml: no such recording (a first recording is made by: " in said
    assert "mkdir -p cassettes && council review PROPOSAL --model … --record cassettes/fresh.yaml" in said
    assert "council_cassette takes proposal and model together" in said
    assert "During handling" not in said and "Traceback" not in said and "direct cause" not in said


def fresh(loopback: Loopback, proposal: str = "rfc.md") -> str:
    return f"""
    import pytest

    @pytest.mark.council_cassette("fresh", proposal="{proposal}", model="openai:gpt-4o", base_url="{loopback.openai_url}", temperature=0)
    def test_it(recorded_review):
        assert recorded_review.verdict.outcome == "APPROVE"
"""


def test_a_marker_that_names_proposal_and_model_makes_the_first_recording(empty: pytest.Pytester, loopback: Loopback) -> None:
    run(empty, fresh(loopback), "--council-record").assert_outcomes(passed=1)
    recording = load_recording(empty.path / "cassettes" / "fresh.yaml")
    assert (recording.proposal.source, recording.seats[0].model, recording.seats[0].temperature) == ("rfc.md", "openai:gpt-4o", 0)
    assert len(loopback.requests) == 6


@pytest.mark.slow
def test_it_is_made_only_when_asked_and_made_again_of_the_same(empty: pytest.Pytester, loopback: Loopback) -> None:
    result = run(empty, fresh(loopback))
    result.assert_outcomes(errors=1)
    assert "pytest --council-record makes it" in result.stdout.str()
    assert loopback.requests == []
    for text in (PROPOSAL, PROPOSAL.replace("30 days", "90 days")):
        (empty.path / "rfc.md").write_text(text, encoding="utf-8")
        run(empty, fresh(loopback), "--council-record").assert_outcomes(passed=1)
        run(empty, fresh(loopback)).assert_outcomes(passed=1)
    assert "90 days" in load_recording(empty.path / "cassettes" / "fresh.yaml").proposal.text
    assert len(loopback.requests) == 12


@pytest.mark.slow
def test_a_proposal_beside_the_test_is_found_and_the_recording_stays_there(empty: pytest.Pytester, loopback: Loopback) -> None:
    beside = empty.path / "reviews"
    (beside / "cassettes").mkdir(parents=True)
    (empty.path / "rfc.md").rename(beside / "mine.md")
    (empty.path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    file = empty.makepyfile(fresh(loopback, "mine.md"))
    file.rename(beside / "test_mine.py")
    empty.runpytest_subprocess("-p", "no:langsmith_plugin", "--council-record", "reviews").assert_outcomes(passed=1)
    assert load_recording(beside / "cassettes" / "fresh.yaml").proposal.source == "reviews/mine.md"


@pytest.mark.slow
def test_a_model_that_does_not_answer_leaves_no_recording(empty: pytest.Pytester, loopback: Loopback) -> None:
    loopback.script = do.always(do.UNAUTHORIZED)
    result = run(empty, fresh(loopback), "--council-record")
    result.assert_outcomes(errors=1)
    assert "not recorded: no seat was answered: the provider refused the key (HTTP 401)" in result.stdout.str()
    assert list(empty.path.rglob("*.yaml")) == []


@pytest.mark.slow
def test_a_project_with_its_own_personas_records_and_replays_with_them(empty: pytest.Pytester, loopback: Loopback) -> None:
    seats = empty.path / "seats"
    seats.mkdir()
    acme = (Path(__file__).parents[2] / "personas" / "operator.md").read_text(encoding="utf-8").replace("name: operator", "name: acme")
    (seats / "acme.md").write_text(acme, encoding="utf-8")
    (empty.path / "council.toml").write_text('personas = ["seats"]\n[seat]\noperator = "acme"\n', encoding="utf-8")
    for options in (("--council-record",), ()):
        run(empty, fresh(loopback), *options).assert_outcomes(passed=1)
    (seats / "acme.md").write_text(acme.replace("Is there a runbook or playbook", "Is there a runbook"), encoding="utf-8")
    said = run(empty, fresh(loopback)).stdout.str()
    assert "the persona of operator" in said
    assert "-q2 Is there a runbook or playbook for its problems?" in said
    assert "+q2 Is there a runbook for its problems?" in said


OWN_CALLS = """
    from pathlib import Path
    import pytest
    from council import Council, background
    from council.recording.replay import recorded_proposal
    from council.reviewers.chat import CallLimits, ChatReviewer, chat_model
    from council.seats import build_roster

    def areview(cassette, proposal, roster):
        model = chat_model("openai:gpt-4o", base_url=cassette.recording.seats[0].base_url, api_key="none")
        return Council(roster, reviewers=ChatReviewer(model, limits=CallLimits(attempts=1))).areview(proposal)

    @pytest.mark.council_cassette("rfc")
    def test_proposal(council_cassette):
        text = Path("rfc.md").read_text()
        assert background.run(lambda: areview(council_cassette, text, build_roster())).outcome == "APPROVE"

    @pytest.mark.council_cassette("rfc")
    def test_persona(council_cassette):
        roster = build_roster(personas_dirs=[Path("seats")])
        background.run(lambda: areview(council_cassette, recorded_proposal(council_cassette.recording), roster))
"""


def test_own_calls_are_told_of_a_changed_proposal_once_and_of_a_persona_by_its_seat(tests: pytest.Pytester) -> None:
    (tests.path / "rfc.md").write_text(PROPOSAL.replace("30 days", "90 days"), encoding="utf-8")
    operator = (Path(__file__).parents[2] / "personas" / "operator.md").read_text(encoding="utf-8")
    (tests.path / "seats").mkdir()
    (tests.path / "seats" / "operator.md").write_text(operator.replace("and is on call for it?", "?"), encoding="utf-8")
    result = run(tests, OWN_CALLS)
    result.assert_outcomes(failed=2)
    _, proposal, persona = result.stdout.str().partition("short test summary")[0].split("cassettes/rfc.yaml: ")
    first, *lines = proposal.splitlines()
    assert first.startswith("changed since it was recorded: the proposal rfc.md (record it again")
    assert lines[:3] == [
        "  the proposal rfc.md:",
        "    -6| being served. The log is kept for 30 days and can be searched by any of these fields.",
        "    +6| being served. The log is kept for 90 days and can be searched by any of these fields.",
    ]
    assert lines[3].startswith("  the test itself: AssertionError: ")
    assert persona.startswith("changed since it was recorded: the persona of operator (record it again")
    assert persona.splitlines()[2:4] == ["    -q1 Who owns it and is on call for it?", "    +q1 Who owns it ?"]
    assert "The above exception" not in result.stdout.str() and "During handling" not in result.stdout.str()


def test_the_plugin_imports_nothing_of_the_council_when_it_starts() -> None:
    code = "import sys, council.pytest_plugin; print(sorted(m for m in sys.modules if m.startswith('council')))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "['council', 'council.pytest_plugin']"
