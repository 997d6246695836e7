"""The example graph really runs: offline from its command, and with a model that writes."""

from __future__ import annotations

import asyncio
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.checkpoint.memory import InMemorySaver

from council import Council, Outcome, Proposal, Reply, Reviewed, Seat

PATH = Path(__file__).parents[2] / "examples" / "revise_until_approved.py"


@pytest.fixture(autouse=True)
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGGRAPH_STRICT_MSGPACK", "true")


@pytest.fixture(scope="module")
def example() -> ModuleType:
    return importlib.import_module("examples.revise_until_approved")


class Voting:
    """One vote for everything."""

    name = "test-model"

    def __init__(self, *votes: str) -> None:
        self.votes = votes
        self.calls = 0

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
        round_, self.calls = self.calls // 6, self.calls + 1
        return Reviewed(reply=Reply.model_validate({"vote": self.votes[min(round_, len(self.votes) - 1)], "rationale": "As told."}))


def test_offline_it_revises_until_the_checklist_approves() -> None:
    environment = {**os.environ, "PYTHONPATH": str(PATH.parents[1])}
    done = subprocess.run(
        [sys.executable, PATH], capture_output=True, text=True, encoding="utf-8", env=environment, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    rounds = re.findall(r"(?m)^(APPROVE|MODIFY|REJECT|INCONCLUSIVE): ", done.stdout)
    assert rounds[0] != "APPROVE"
    assert rounds[-1] == "APPROVE"
    assert 2 <= len(rounds) <= 3
    assert "## Rollout and rollback" in done.stdout


def test_it_gives_up_after_two_revisions(example: ModuleType) -> None:
    graph = example.build(example.FromNotes(), Council(reviewers=Voting("MODIFY"))).compile()
    output = asyncio.run(graph.ainvoke({"notes": example.NOTES.read_text(encoding="utf-8")}))
    assert (output["revisions"], output["verdict"].outcome) == (2, Outcome.MODIFY)


def test_a_model_writes_what_the_council_reviews(example: ModuleType) -> None:
    drafts = ["# First\n\nA first draft in prose.\n", "# Second\n\nA second draft in prose.\n"]
    author = example.Model(GenericFakeChatModel(messages=iter(AIMessage(text) for text in drafts)))
    graph = example.build(author, Council(reviewers=Voting("MODIFY", "APPROVE"))).compile(checkpointer=InMemorySaver())
    thread: Any = {"configurable": {"thread_id": "one"}}
    output = asyncio.run(graph.ainvoke({"notes": "Some notes."}, thread))
    assert (output["rfc"], output["revisions"]) == (drafts[1], 1)
    assert (output["verdict"].outcome, output["verdict"].proposal_title) == (Outcome.APPROVE, "Second")


@pytest.mark.parametrize(("options", "said"), [(("--notes", "nope.md"), "nope.md"), (("--model", "nobody:x"), "unknown provider")])
def test_what_cannot_be_used_is_one_line(options: tuple[str, ...], said: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(PATH.parents[1])}
    done = subprocess.run([sys.executable, PATH, *options], capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
