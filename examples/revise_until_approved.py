"""A graph of your own with the council in it: draft a proposal, have it reviewed, revise it until the council approves.

    python examples/revise_until_approved.py [--notes FILE] [--model anthropic:claude-sonnet-4-5]

    draft ─► council ─► (approved, or two revisions made?) ─► end
               ▲            │ no
               └── revise ◄─┘

Offline by default: the author knows everything in the notes (a finished RFC), begins with its first two sections, and adds
the sections that the council's conditions ask for; the council is the checklist. With `--model` a chat model writes, and sits
in every seat. What matters is `build`: the council is one node, `council.as_node(read="rfc", write="verdict")`.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

from council import Council, CouncilError, Outcome, Verdict

NOTES = Path(__file__).with_name("approve-rate-limits.md")
REVISIONS = 2


class State(TypedDict, total=False):
    """What the graph's own nodes share; the council reads `rfc` and writes `verdict`, and sees nothing else of it."""

    notes: str
    rfc: str
    verdict: Verdict
    revisions: int


class Author(Protocol):
    """Whoever writes the proposal."""

    async def draft(self, notes: str) -> str:
        """A first version."""

    async def revise(self, rfc: str, notes: str, conditions: Sequence[str]) -> str:
        """The next version, whole."""


def build(author: Author, council: Council) -> StateGraph[State, None, State, State]:
    """The graph, to be compiled with the checkpointer of your choice."""

    async def draft(state: State) -> State:
        return {"rfc": await author.draft(state["notes"]), "revisions": 0}

    async def revise(state: State) -> State:
        conditions = [f"{condition.where}: {condition.text}" for condition in state["verdict"].conditions]
        return {"rfc": await author.revise(state["rfc"], state["notes"], conditions), "revisions": state["revisions"] + 1}

    def after_review(state: State) -> str:
        done = state["verdict"].outcome is Outcome.APPROVE or state["revisions"] >= REVISIONS
        return END if done else "revise"

    graph = StateGraph(State)
    graph.add_node("draft", draft)
    graph.add_node("council", council.as_node(read="rfc", write="verdict"))
    graph.add_node("revise", revise)
    graph.add_edge(START, "draft")
    graph.add_edge("draft", "council")
    graph.add_conditional_edges("council", after_review, ["revise", END])
    graph.add_edge("revise", "council")
    return graph


class FromNotes:
    """Writes nothing new: it copies from the notes, section by section."""

    async def draft(self, notes: str) -> str:
        """The title and the first two sections."""
        return "".join(_sections(notes)[:3])

    async def revise(self, rfc: str, notes: str, conditions: Sequence[str]) -> str:
        """The proposal with those sections of the notes that the conditions have most words in common with."""
        sections = _sections(notes)
        wanted = {max(sections, key=lambda section: _in_common(section, condition)) for condition in conditions}
        return "".join(section for section in sections if section in wanted or section in rfc)


class Model:
    """A chat model that writes; any of LangChain's."""

    def __init__(self, model: Any) -> None:
        self.model = model

    async def draft(self, notes: str) -> str:
        """Asks for a short one."""
        return await self._write(f"Write a short RFC in Markdown from these notes, and nothing beside it.\n\n{notes}")

    async def revise(self, rfc: str, notes: str, conditions: Sequence[str]) -> str:
        """The next version. What the notes do not know, the author must not make up."""
        asked = "\n".join(f"- {condition}" for condition in conditions)
        return await self._write(
            f"Revise this RFC so that it meets the conditions, as far as the notes say how. Give the whole RFC.\n\n"
            f"CONDITIONS\n{asked}\n\nNOTES\n{notes}\n\nRFC\n{rfc}"
        )

    async def _write(self, prompt: str) -> str:
        return str((await self.model.ainvoke(prompt)).text)


def _sections(text: str) -> list[str]:
    """The head of the document, then each section of the second level."""
    return re.split(r"(?m)^(?=## )", text)


def _in_common(one: str, other: str) -> int:
    words = [set(re.findall(r"[a-z]{4,}", text.lower())) for text in (one, other)]
    return len(words[0] & words[1])


graph = build(FromNotes(), Council()).compile()
"""For `langgraph dev`, which brings its own checkpointer."""


async def main(arguments: Sequence[str] | None = None) -> int:
    """Run the graph and tell of each round; 0 when the council approved."""
    parser = argparse.ArgumentParser(description="Draft a proposal and revise it until the council approves.")
    parser.add_argument("--notes", type=Path, default=NOTES, help="what the author knows; a Markdown file (%(default)s)")
    parser.add_argument("--model", help="writes and reviews, such as anthropic:claude-sonnet-4-5; the text goes to its host")
    options = parser.parse_args(arguments)
    walk = graph
    if options.model:
        from council.reviewers.chat import ChatReviewer, chat_model

        model = chat_model(options.model)
        walk = build(Model(model), Council(reviewers=ChatReviewer(model))).compile()
    state: State = {"notes": options.notes.read_text(encoding="utf-8")}
    async for update in walk.astream(state, stream_mode="updates"):
        for node, written in update.items():
            state |= written
            if node == "council":
                verdict = state["verdict"]
                say(f"{verdict.outcome.value}: {verdict.why} {len(verdict.conditions)} conditions, {verdict.proposal_words} words.")
    say(f"\n{state['rfc']}")
    return 0 if state["verdict"].outcome is Outcome.APPROVE else 1


def say(line: str) -> None:
    """Write a line to standard output."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main()))
    except (CouncilError, OSError) as error:
        sys.exit(f"revise_until_approved: {error}")
