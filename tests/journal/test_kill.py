"""kill -9 at any moment: no vote is lost, none counts twice, and only calls that were in flight are made again."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from council.ballot import PersonDecision, Verdict
from council.errors import PendingError
from council.journal import Reviews
from council.journal.entries import Replied
from council.journal.journal import read

pytest.importorskip("langgraph.checkpoint.sqlite.aio", reason="the extra `sqlite` is not installed")

SCRIPT = Path(__file__).with_name("killed.py")

# A review of five seats saves 6 checkpoints (input, convened, seats, tally, ruling, verdict) and the writes of 9 tasks.
MOMENTS = [
    *((f"checkpoint-{when}", n) for when in ("before", "after") for n in range(1, 7)),
    *((f"writes-{when}", n) for when in ("before", "after") for n in range(1, 10)),
    *((f"entry-{when}", n) for when in ("before", "torn", "after") for n in range(1, 6)),
]
AT_ONCE = {("entry-torn", 3), ("checkpoint-before", 3)}


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("LANGGRAPH_STRICT_MSGPACK", "true")
    spec = importlib.util.spec_from_file_location("killed", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def killed(tmp_path: Path, moment: str, nth: int, decision: str = "") -> tuple[Reviews, str]:
    """The reviews and the calls that a killed process leaves behind."""
    checkpoint, calls = str(tmp_path / "council.sqlite"), str(tmp_path / "calls")
    command = [sys.executable, str(SCRIPT), checkpoint, calls, moment, str(nth), *([decision] if decision else [])]
    env = {**os.environ, "LANGGRAPH_STRICT_MSGPACK": "true"}
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, f"{moment} {nth} never came: {done.stderr}"
    return Reviews(checkpoint), calls


def lines(path: str) -> Counter[str]:
    return Counter(Path(path).read_text().split()) if Path(path).exists() else Counter()


@pytest.mark.parametrize(
    ("moment", "nth"),
    [pytest.param(*each, marks=() if each in AT_ONCE else pytest.mark.slow, id=f"{each[0]}-{each[1]}") for each in MOMENTS],
)
def test_a_killed_review_goes_on(moment: str, nth: int, tmp_path: Path, script: ModuleType) -> None:
    reviews, calls = killed(tmp_path, moment, nth)
    begun = lines(calls)
    (journal,) = (tmp_path / "council.sqlite.d/reviews").iterdir()
    answered = Counter(entry.seat for entry in read(journal) if isinstance(entry, Replied))

    verdict = asyncio.run(reviews.aresume(script.council_of(script.VOTES, calls), script.REVIEW))
    assert {opinion.seat: opinion.cast for opinion in verdict.opinions} == script.VOTES
    assert [opinion.seat for opinion in verdict.opinions] == list(script.VOTES)
    assert (verdict.usage.calls, verdict.review_id, verdict.outcome) == (len(script.VOTES), script.REVIEW, "REJECT")

    again = lines(calls) - begun
    in_flight = begun - answered
    assert answered & again == Counter()  # what was answered is not asked again
    assert (begun + again) - Counter(script.VOTES.keys()) == in_flight & again  # and nothing twice but what was in flight
    everything = Counter(entry.seat for entry in read(journal) if isinstance(entry, Replied))
    assert everything == Counter(script.VOTES.keys())


def test_a_finished_review_gives_its_verdict_again_and_calls_nobody(tmp_path: Path, script: ModuleType) -> None:
    reviews, calls = Reviews(str(tmp_path / "council.sqlite")), str(tmp_path / "calls")
    council = script.council_of(script.VOTES, calls)

    async def twice() -> list[Verdict]:
        first = await reviews.areview(council, script.parse_proposal(script.TEXT), review_id=script.REVIEW)
        return [first, await reviews.aresume(council, script.REVIEW)]

    first, second = asyncio.run(twice())
    assert first == second
    assert set(lines(calls).values()) == {1}


@pytest.mark.slow
@pytest.mark.parametrize(("moment", "nth"), [(f"{what}-{when}", 1) for what in ("checkpoint", "writes") for when in ("before", "after")])
def test_killed_over_a_persons_answer(moment: str, nth: int, tmp_path: Path, script: ModuleType) -> None:
    """The answer holds, or is asked for again; it is never made up."""
    reviews, calls = killed(tmp_path, moment, nth, "APPROVE")
    council = script.council_of(script.SPLIT, calls, escalate=True)

    async def go_on() -> Verdict:
        try:
            return await reviews.aresume(council, script.REVIEW)
        except PendingError:
            return await reviews.aresume(council, script.REVIEW, decision=PersonDecision(outcome="APPROVE", reason="Decided.", by="Ann"))

    verdict = asyncio.run(go_on())
    assert (verdict.outcome, verdict.council_said, verdict.why.startswith("Ann overruled")) == ("APPROVE", "REJECT", True)
    assert lines(calls) == Counter(script.SPLIT.keys())


INTERRUPTED = """
import asyncio, os, runpy, signal, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in a shell's background ignores it
script = runpy.run_path(sys.argv[1])
from council import background
from council.journal import Reviews

class Endless(script["Slow"]):
    async def review(self, proposal, seat):
        if seat.name == "alpha":
            return await super().review(proposal, seat)
        if seat.name == "epsilon":
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        await asyncio.sleep(100)

script["council_of"].__globals__["Slow"] = Endless
reviews, council = Reviews(sys.argv[2]), script["council_of"](script["VOTES"], sys.argv[3])
try:
    background.run(lambda: reviews.areview(council, script["parse_proposal"](script["TEXT"]), review_id="rev-1"))
except KeyboardInterrupt:
    sys.exit(130)
"""


def test_an_interrupted_review_ends_in_order_and_goes_on(tmp_path: Path, script: ModuleType) -> None:
    checkpoint, calls = str(tmp_path / "council.sqlite"), str(tmp_path / "calls")
    command = [sys.executable, "-c", INTERRUPTED, str(SCRIPT), checkpoint, calls]
    env = {**os.environ, "LANGGRAPH_STRICT_MSGPACK": "true"}
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (130, "")
    assert not Path(f"{checkpoint}-wal").exists()  # SQLite was closed
    verdict = asyncio.run(Reviews(checkpoint).aresume(script.council_of(script.VOTES, calls), script.REVIEW))
    assert {opinion.seat: opinion.cast for opinion in verdict.opinions} == script.VOTES
