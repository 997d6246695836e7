"""`--checkpoint`, `--resume` and `--ask`, `council overrule` and `council reviews`."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from council.ballot import Verdict

pytest.importorskip("langgraph.checkpoint.sqlite.aio", reason="the extra `sqlite` is not installed")

Run = Callable[..., Any]
Process = Callable[..., subprocess.CompletedProcess[str]]
KEPT = ("--checkpoint", "c.sqlite")
# The checklist reads English, so every seat abstains, and the council cannot decide.
FOREIGN = """# Drosselung der Schnittstelle

Wir begrenzen die Zahl der Anfragen, die ein Kunde in einer Minute stellen darf. Das Team der Plattform betreibt den
Dienst und wird bei Ausfällen gerufen. Die Begrenzung wird hinter einem Schalter ausgeliefert.
"""


@pytest.fixture(autouse=True)
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGGRAPH_STRICT_MSGPACK", "true")  # as `main` does


@pytest.fixture
def waiting(council: Run, project: Path) -> str:
    """The id of a review that waits for a person."""
    (project / "de.md").write_text(FOREIGN, encoding="utf-8")
    done = council("review", "de.md", *KEPT, "--ask", "--seats", "tracer,operator,sentinel", "--quiet")
    assert (done.exit_code, done.stdout) == (5, "")
    found = re.fullmatch(
        r"council: review (rev-\w+): waits for a person \(answer it: council review --resume (rev-\w+) --checkpoint c\.sqlite\)\n",
        done.stderr,
    )
    assert found
    assert found[1] == found[2]
    return found[1]


def test_a_kept_review_says_how_to_resume_and_gives_the_same_verdict_again(council: Run) -> None:
    done = council("review", "rfc.md", *KEPT, "--format", "json")
    (review_id,) = re.findall(
        r"council: this is review (rev-\w+); if it stops: council review --resume \1 --checkpoint c\.sqlite\n", done.stderr
    )
    again = council("review", "--resume", review_id, *KEPT, "--format", "json")
    assert (again.exit_code, again.stdout) == (done.exit_code, done.stdout)
    assert json.loads(done.stdout)["review_id"] == review_id


def test_everything_that_is_kept_is_for_nobody_else_to_read(council: Run, project: Path) -> None:
    council("review", "rfc.md", *KEPT)
    assert {path.stat().st_mode & 0o077 for path in project.glob("c.sqlite*")} == {0}
    assert len(list(project.glob("c.sqlite*"))) >= 2


def test_without_a_terminal_it_goes_on_waiting(waiting: str, council: Run) -> None:
    assert council("review", "--resume", waiting, *KEPT).exit_code == 5
    assert council("review", "--resume", waiting, *KEPT, "--exit-zero").exit_code == 0
    assert council("reviews", *KEPT).stdout.split()[:2] == [waiting, "waiting"]


def test_options_are_kept_with_the_review(waiting: str, council: Run) -> None:
    done = council("review", "--resume", waiting, *KEPT, "--seats", "tracer,operator,architect")
    assert done.exit_code == 64
    assert "the council has changed since: architect, sentinel" in done.stderr


def test_a_file_that_changed_is_said(waiting: str, council: Run, project: Path) -> None:
    (project / "de.md").write_text(FOREIGN + "Mehr.\n", encoding="utf-8")
    assert (
        "council: de.md has changed since the review began; the review goes on with what it was\n"
        in council("review", "--resume", waiting, *KEPT).stderr
    )


def answer(command: list[str], *answers: tuple[bytes, bytes]) -> tuple[int, str]:
    """Run a command at a terminal of its own, and answer its prompts."""
    leader, follower = pty.openpty()
    with subprocess.Popen(command, stdin=follower, stdout=subprocess.PIPE, stderr=follower) as process:
        os.close(follower)
        shown, end = b"", time.monotonic() + 60
        for prompt, said in answers:
            while prompt not in shown:
                assert time.monotonic() < end, shown.decode()
                if select.select([leader], [], [], 1)[0]:
                    shown += os.read(leader, 4096)
            shown = b""
            os.write(leader, said + b"\n")
        assert process.stdout
        report = process.stdout.read()
        code = process.wait(60)
    os.close(leader)
    return code, report.decode()


def test_at_a_terminal_a_person_is_asked(waiting: str) -> None:
    command = [sys.executable, "-m", "council", "review", "--resume", waiting, *KEPT, "--format", "json"]
    code, _ = answer(command, (b"later): ", b"later"))
    assert code == 5
    code, report = answer(command, (b"later): ", b"reject"), (b"Reason: ", b"No rollback."), (b"Your name", b"Ann"))
    verdict = Verdict.model_validate_json(report)
    assert (code, verdict.outcome, verdict.council_said, verdict.why) == (
        2,
        "REJECT",
        "INCONCLUSIVE",
        "Ann overruled INCONCLUSIVE with REJECT: No rollback.",
    )


def test_overruling_writes_a_verdict_that_keeps_the_old_one(council: Run) -> None:
    done = council("review", "rfc.md", *KEPT, "--format", "json")
    before = Verdict.model_validate_json(done.stdout)
    args = ("--verdict", "approve", "--reason", "We take the risk.", "--by", "Ann", *KEPT)
    done = council("overrule", before.review_id, *args, "--format", "json")
    after = Verdict.model_validate_json(done.stdout)
    assert (done.exit_code, after.outcome, after.council_said, after.opinions) == (0, "APPROVE", before.outcome, before.opinions)
    assert council("review", "--resume", before.review_id, *KEPT).exit_code == 0
    assert council("reviews", *KEPT).stdout.split()[:3] == [before.review_id, "finished", "APPROVE"]


def test_what_has_no_verdict_cannot_be_overruled(waiting: str, council: Run) -> None:
    done = council("overrule", waiting, "--verdict", "REJECT", "--reason", "x", *KEPT)
    assert (done.exit_code, "has no verdict yet (resume it first)" in done.stderr) == (64, True)


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("review rfc.md --ask", 64, "--ask needs --checkpoint"),
        ("review --resume rev-1", 64, "--resume needs --checkpoint"),
        ("review rfc.md --resume rev-1 --checkpoint c.sqlite", 64, "leave PATH out"),
        ("review --resume ../../etc/passwd --checkpoint c.sqlite", 64, "is not the id of a review"),
        ("review --resume rev-1 --checkpoint c.sqlite", 66, "review rev-1: no such review"),
        ("review rfc.md --checkpoint nowhere/c.sqlite", 66, "no such directory"),
        ("review rfc.md --checkpoint rfc.md", 65, "is damaged, or is none"),
        ("overrule rev-1 --verdict REJECT --reason x --by y --checkpoint c.sqlite", 66, "review rev-1: no such review"),
        ("overrule ../x --verdict REJECT --reason x --by y --checkpoint c.sqlite", 64, "is not the id of a review"),
        ("overrule rev-1 --verdict INCONCLUSIVE --reason x --checkpoint c.sqlite", 64, "INCONCLUSIVE"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(line: str, code: int, said: str, council: Run) -> None:
    done = council(*line.split())
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr.splitlines()[-1]


def test_a_reason_is_needed(council: Run) -> None:
    done = council("overrule", "rev-1", "--verdict", "REJECT", "--reason", " ", "--by", "Ann", *KEPT)
    assert (done.exit_code, "the reason" in done.stderr) == (64, True)


def test_a_crafted_checkpoint_runs_no_code(waiting: str, process: Process, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ormsgpack = pytest.importorskip("ormsgpack")
    crafted = ormsgpack.packb(ormsgpack.Ext(0, ormsgpack.packb(("os", "system", "touch was-here"))))  # 0: call with one argument
    with sqlite3.connect(project / "c.sqlite") as database:
        database.execute("UPDATE checkpoints SET checkpoint = ?", (crafted,))
    database.close()
    monkeypatch.delenv("LANGGRAPH_STRICT_MSGPACK")
    done = process("review", "--resume", waiting, *KEPT)
    assert (done.returncode, (project / "was-here").exists()) == (65, False)
    assert "c.sqlite: is damaged" in done.stderr.splitlines()[-1]
