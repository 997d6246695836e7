"""The plugin, as a project's own tests see it; the recordings are synthetic, from the server on loopback."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.loopback


@pytest.fixture
def tests(synthetic: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project whose tests have the recording "rfc". Recorded first: pytester forgets what is imported after it came."""
    monkeypatch.chdir(pytester.path)
    (pytester.path / "cassettes").mkdir()
    (pytester.path / "cassettes" / "rfc.yaml").write_text(synthetic, encoding="utf-8")
    return pytester


def run(tests: pytest.Pytester, code: str, *options: str) -> pytest.RunResult:
    """In a process of its own: what a test run imports and patches must not stay in this one."""
    tests.makepyfile(code)
    return tests.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:langsmith_plugin", "-v", "-rfE", *options)


SCENARIOS = """
    import socket
    import pytest
    from council import Council, background
    from council.recording.replay import recorded_proposal
    from council.reviewers.chat import CallLimits, ChatReviewer, chat_model

    rfc = pytest.mark.council_cassette("rfc")

    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    def areview(cassette, model="openai:gpt-4o"):
        model = chat_model(model, base_url=cassette.recording.seats[0].base_url, api_key="none")
        council = Council(reviewers=ChatReviewer(model, limits=CallLimits(attempts=1)))
        return council.areview(recorded_proposal(cassette.recording))

    @rfc
    def test_replayed(recorded_review):
        assert recorded_review.verdict.outcome == "APPROVE"
        assert recorded_review.recording.seat("tracer").cast == "REJECT"

    @rfc
    def test_disagrees(recorded_review):
        assert recorded_review.verdict.outcome == "REJECT"

    @rfc
    def test_sync(council_cassette):
        assert background.run(lambda: areview(council_cassette)).outcome == "APPROVE"

    @pytest.mark.anyio
    @rfc
    async def test_async(council_cassette):
        assert (await areview(council_cassette)).outcome == "APPROVE"

    @rfc
    def test_unplayed():
        pass

    @rfc
    def test_missed(council_cassette):
        assert background.run(lambda: areview(council_cassette, "openai:gpt-4.1")).outcome == "APPROVE"

    @rfc
    def test_closed(recorded_review):
        with pytest.raises(RuntimeError, match="network is closed"):
            socket.create_connection(("127.0.0.1", 9))

    def test_open():
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", 9))

    @pytest.mark.council_cassette("none")
    def test_missing():
        pass

    @pytest.mark.council_cassette
    def test_unnamed():
        pass

    @pytest.mark.vcr
    def test_of_pytest_recording():
        pass
"""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("options", [pytest.param((), id="one process"), pytest.param(("-n2",), id="xdist", marks=pytest.mark.slow)])
def test_marked_tests_play_their_recordings_and_fail_where_they_do_not(tests: pytest.Pytester, options: tuple[str, ...]) -> None:
    """Beside pytest-recording, which loads by its own entry point."""
    pytest.importorskip("pytest_recording")
    result = run(tests, SCENARIOS, *options)
    said = result.stdout.str()
    ended = {
        name: how for name in re.findall(r"def (test_\w+)", SCENARIOS) for how in ("PASSED", "FAILED", "ERROR") if _ended(name, how, said)
    }
    passed = dict.fromkeys(("test_replayed", "test_sync", "test_async", "test_closed", "test_open", "test_of_pytest_recording"), "PASSED")
    failed = dict.fromkeys(("test_disagrees", "test_unplayed", "test_missed"), "FAILED")
    assert ended == passed | failed | {"test_missing": "ERROR", "test_unnamed": "ERROR"}
    assert "was only partly played: nobody asked for tracer (review)" in said
    assert "changed since it was recorded: the model of every seat" in said
    assert "no such recording" in said
    assert "needs the name of a recording" in said


def _ended(name: str, how: str, said: str) -> bool:
    return bool(re.search(rf"::{name}(\[asyncio\])? {how}|{how} \S+::{name}(\[asyncio\])?\s", said))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_it_records_again_only_when_asked(tests: pytest.Pytester, project: Path) -> None:
    (tests.path / "rfc.md").write_text((project / "rfc.md").read_text(encoding="utf-8"), encoding="utf-8")
    file = tests.path / "cassettes" / "rfc.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("\n  outcome: APPROVE", "\n  outcome: REJECT"), encoding="utf-8")
    code = '\nimport pytest\n@pytest.mark.council_cassette("rfc")\ndef test_it(recorded_review):\n    pass\n'
    run(tests, code).assert_outcomes(errors=1)
    run(tests, code, "--council-record").assert_outcomes(passed=1)
    assert "\n  outcome: APPROVE" in file.read_text(encoding="utf-8")


def test_pytest_starts_without_the_council() -> None:
    heavy = "{'pydantic', 'langgraph', 'langchain_core', 'vcr', 'rich', 'click', 'yaml'}"
    code = f"import sys, council.pytest_plugin; print(sorted({{m.split('.')[0] for m in sys.modules}} & {heavy}))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
