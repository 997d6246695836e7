"""`council eval`, inside this process with a reviewer that waits, and once as a person runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from council.ballot import Usage
from council.cli.root import cli
from council.evaluation import Candidate

SMALL = Path(__file__).parents[1] / "suites" / "small"
CASES = [
    {"id": "good", "class": "good = fine", "file": "good.md", "seat": "council", "expect": {"vote_in": ["APPROVE"]}},
    {"id": "bad", "class": "bad", "file": "bad.md", "seat": "tracer", "expect": {"worse_than": "good.md"}},
    {"id": "odd", "class": "bad", "file": "odd.md", "seat": "tracer", "expect": {"vote_in": ["REJECT"]}},
]
VOTES = {"good": "APPROVE", "bad": "REJECT", "odd": "MODIFY"}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COUNCIL_LOG", str(tmp_path / "council.log"))
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def council(candidate: Candidate, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setattr("council.evaluation.checklist", lambda: candidate)
    return lambda *args: CliRunner().invoke(cli, ["eval", *map(str, args)])


@pytest.fixture
def root(folder: Callable[..., Path]) -> Path:
    return folder(CASES, **VOTES)


def test_the_table_goes_to_standard_output_and_the_result_to_a_file(council: Callable[..., Result], root: Path) -> None:
    done = council(root, "--json", "result.json")
    assert done.exit_code == 0, done.output
    assert "suite: 3 cases, reads its vote, 3 of 3 reviews made" in done.stdout
    assert "odd [tracer]: MODIFY is not REJECT" in done.stdout
    written = json.loads(Path("result.json").read_text(encoding="utf-8"))
    assert {c["name"]: (c["passed"], c["n"]) for c in written["classes"]} == {"good = fine": (1, 1), "bad": (1, 2)}
    assert [case["class"] for case in written["cases"]] == ["good = fine", "bad", "bad"]


def test_the_result_may_go_to_standard_output(council: Callable[..., Result], root: Path) -> None:
    done = council(root, "--json", "-")
    assert json.loads(done.stdout)["suite"] == "suite"


def test_the_table_may_go_to_a_file(council: Callable[..., Result], root: Path) -> None:
    done = council(root, "--output", "table.txt")
    assert done.stdout == ""
    assert "95% interval" in Path("table.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("least", "code", "said"),
    [
        (["bad=0.5", "good = fine=100%"], 0, ""),
        (["bad=0.51"], 4, "council: --min: bad: 50.0%, not 51.0%"),
        (["bad=51%", "good = fine=1"], 4, "council: --min: bad: 50.0%, not 51.0%"),
    ],
)
def test_a_class_below_its_rate_ends_with_4(council: Callable[..., Result], root: Path, least: list[str], code: int, said: str) -> None:
    done = council(root, *(word for each in least for word in ("--min", each)))
    assert (done.exit_code, done.stderr.startswith(said)) == (code, True)
    assert "95% interval" in done.stdout


@pytest.mark.parametrize("least", ["bad", "bad=", "=0.5", "bad=2", "bad=x", "bad=nan", "bad=-1"])
def test_a_rate_that_is_none_ends_with_64(council: Callable[..., Result], root: Path, least: str) -> None:
    done = council(root, "--min", least)
    assert (done.exit_code, done.stdout) == (64, "")


def test_a_rate_for_a_class_that_is_not_there_ends_with_64_before_any_review(
    council: Callable[..., Result], root: Path, reviewer: Any
) -> None:
    done = council(root, "--min", "worse=0.5")
    assert done.exit_code == 64
    assert "no class 'worse' (it has bad, good = fine)" in done.stderr
    assert reviewer.made == []


def test_a_second_run_makes_only_the_reviews_that_are_missing(council: Callable[..., Result], root: Path, reviewer: Any) -> None:
    council(root, "--json", "result.json")
    first = len(reviewer.made)
    kept = Path("result.json.reviews.ndjson").read_bytes().splitlines(keepends=True)
    Path("result.json.reviews.ndjson").write_bytes(b"".join(kept[:-1]) + kept[-1][:40])  # interrupted while it wrote
    done = council(root, "--json", "result.json")
    assert "1 of 3 reviews made" in done.stdout
    assert first < len(reviewer.made) < 2 * first
    assert "0 of 3 reviews made" in council(root, "--json", "result.json").stdout


def test_a_changed_proposal_is_reviewed_again_and_the_rest_is_not(council: Callable[..., Result], root: Path) -> None:
    council(root, "--json", "result.json")
    odd = root / "odd.md"
    odd.write_text(odd.read_text(encoding="utf-8").replace("MODIFY", "REJECT"), encoding="utf-8")
    done = council(root, "--json", "after.json", "--reviews", "result.json.reviews.ndjson", "--baseline", "result.json")
    assert "1 of 3 reviews made" in done.stdout
    assert "odd: failed → passed, MODIFY → REJECT" in done.stdout


def test_another_reviewer_is_not_given_the_old_one_s_reviews(
    council: Callable[..., Result], root: Path, reviewer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    council(root, "--json", "result.json")
    monkeypatch.setattr("council.evaluation.checklist", lambda: Candidate("reads its vote", lambda: reviewer, "warmer", cpu_bound=False))
    assert "3 of 3 reviews made" in council(root, "--json", "result.json").stdout


def test_more_repeats_add_to_those_that_are_kept(council: Callable[..., Result], root: Path) -> None:
    council(root, "--json", "result.json")
    done = council(root, "--json", "result.json", "--repeats", "3")
    assert "6 of 9 reviews made" in done.stdout
    assert "repeated votes of a seat: the same each time in 100.0%" in done.stdout


def test_reviews_that_failed_end_with_69_and_are_made_again(council: Callable[..., Result], folder: Callable[..., Path]) -> None:
    broken = folder(CASES, **{**VOTES, "odd": "FAIL"})
    done = council(broken, "--json", "result.json")
    assert done.exit_code == 69
    assert "1 cases are without a review" in done.stderr
    assert "odd [tracer]: odd.md: tracer failed" in done.stdout
    assert "1 of 3 reviews made" in council(broken, "--json", "result.json").stdout


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["nowhere"], 66, "cases.jsonl: no such file"),
        (["{root}", "--baseline", "nothing.json"], 66, "nothing.json: no such file"),
        (["{root}", "--json", "no/where.json"], 66, "no such directory"),
        (["{root}", "--json", "same", "--reviews", "./same"], 64, "same is named twice"),
        (["{root}", "--seats", "operator,architect,sentinel"], 65, "unknown seat 'tracer'"),
        (["{root}", "--repeats", "0"], 64, "--repeats"),
        ([], 64, "SUITE"),
    ],
)
def test_wrong_input_is_one_line_and_a_code(council: Callable[..., Result], root: Path, args: list[str], code: int, said: str) -> None:
    done = council(*(arg.format(root=root) for arg in args))
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.fixture
def with_model(reviewer: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """A model in every seat, which leaves this machine as far as the command knows."""
    monkeypatch.setattr("council.cli.models.Models.reviewers", lambda _self, roster, *_: dict.fromkeys(roster.names, reviewer))
    for module in ("eval", "models"):
        monkeypatch.setattr(f"council.cli.{module}.hosts_of", lambda _: ("models.example",))
    return lambda *args: CliRunner().invoke(cli, ["eval", "--model", "openai:some", *map(str, args)])


def test_a_model_reviews_where_one_is_asked_for(with_model: Callable[..., Result], root: Path) -> None:
    done = with_model(root, "--json", "result.json")
    assert "suite: 3 cases, openai:some, 3 of 3 reviews made" in done.stdout
    assert done.stderr == "Sending proposals of suite to models.example.\n"
    assert "0 of 3 reviews made" in with_model(root, "--json", "result.json").stdout
    assert "3 of 3 reviews made" in with_model(root, "--json", "result.json", "--seat-model", "tracer=openai:other").stdout


def test_no_proposal_with_a_live_key_goes_out(with_model: Callable[..., Result], root: Path, reviewer: Any) -> None:
    odd, key = root / "odd.md", "ghp_" + "a1B2" * 9
    odd.write_text(odd.read_text(encoding="utf-8") + f"\nThe token is {key}.\n", encoding="utf-8")
    done = with_model(root)
    assert (done.exit_code, done.stdout) == (65, "")
    assert "holds what looks like a live" in done.stderr
    assert ("odd.md", "tracer") not in reviewer.made
    assert with_model(root, "--redact").exit_code == 0
    assert ("odd.md", "tracer") in reviewer.made
    assert not any(key in text for text in reviewer.read)


def test_what_calls_took_is_told(council: Callable[..., Result], root: Path, reviewer: Any) -> None:
    reviewer.usage = Usage(calls=1, input_tokens=1000, output_tokens=10, cost_usd=0.25)
    done = council(root)
    assert "all reviews: 8 calls, 8,000 tokens in, 80 out, $2.00" in done.stdout


def test_no_progress_is_drawn_where_nobody_watches(council: Callable[..., Result], root: Path) -> None:
    assert council(root).stderr == ""


def test_progress_is_drawn_on_standard_error_where_somebody_watches(
    council: Callable[..., Result], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    done = council(root, "--json", "-")
    assert "Reviewing" in done.stderr
    assert json.loads(done.stdout)["reviews"] == 3
    assert council(root, "--json", "-", "--quiet").stderr == ""


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from council.cli import main; sys.argv = ['council', 'eval', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    print([n for n in ('langgraph', 'pydantic', 'rich', 'yaml') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_interrupt_ends_it_soon_and_keeps_what_was_reviewed(tmp_path: Path) -> None:
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\nfrom council.cli import main; main()"
    command = [sys.executable, "-c", code, "eval", str(SMALL), "--repeats", "100", "--reviews", "kept.ndjson"]
    kept = tmp_path / "kept.ndjson"
    with subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        until = time.monotonic() + 60
        while not (kept.exists() and kept.stat().st_size) and time.monotonic() < until:
            time.sleep(0.05)
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does: the workers get it too
        said, wrong = running.communicate(timeout=30)
    assert (running.returncode, said, wrong.strip()) == (130, "", "council: interrupted")
    lines = kept.read_text(encoding="utf-8").splitlines()
    assert 0 < len(lines) < 200
    assert all(json.loads(line)["seats"] for line in lines)


def test_the_small_suite_as_a_person_runs_it(tmp_path: Path) -> None:
    """What no reviewer may get wrong is pinned; what it gets wrong besides stays in the suite, and in the table."""
    least = ["weak", "negated", "stuffed", "injected", "one seat's ground missing"]
    command = [sys.executable, "-m", "council", "eval", str(SMALL), "--json", "result.json"]
    for name in least:
        command += ["--min", f"{name}=100%"]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, timeout=110, check=False, env={**os.environ}
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    written = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert len(written["cases"]) >= 30
    assert written["stability"]["same"] == 1.0
    assert written["stability"]["steadfast"] == 1.0
    assert written["distinctness"]["unanimous"] < 1
