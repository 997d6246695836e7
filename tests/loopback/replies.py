"""Replies made from the request: they cite lines that exist, and answer the questions that were asked."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.loopback.behaviour import Behaviour, Request

_LINE = re.compile(r"^(\d+)\| (.*)$", re.MULTILINE)
_QUESTION = re.compile(r"^(q\d+) ", re.MULTILINE)
_RUN = re.compile(r"[A-Za-z]+(?: [A-Za-z]+){0,4}")
_PROSE = 40  # characters from which a line that begins with a letter is taken for prose
HUGE_BYTES = 10_000_000


def text_for(request: Request, behaviour: Behaviour) -> str:
    """What the model says: a reply, a ruling, or what a model says instead."""
    whole = json.dumps(ruling(behaviour) if request.purpose == "ruling" else reply(request.prompt, behaviour))
    match behaviour.body:
        case "wrong_json":
            return whole[:-40] + '", "vote": '
        case "wrong_schema":
            return json.dumps({**json.loads(whole), "vote": "PERHAPS", "outcome": "PERHAPS"})
        case "plain_text":
            return "The proposal looks sound to me, and I would approve it."
        case "fenced":
            return f"Here is my review:\n\n```json\n{whole}\n```\nTell me if you need more."
        case "cut_short":
            return whole[: len(whole) // 2]
        case "refusal":
            return "I cannot help with this request."
        case _:
            return whole


def ruling(behaviour: Behaviour) -> dict[str, Any]:
    """A ruling; MODIFY lies in every range but that of an undisputed end."""
    return {"reasons": "The passages on both sides were weighed.", "outcome": behaviour.vote, **behaviour.fields}


def reply(prompt: str, behaviour: Behaviour) -> dict[str, Any]:
    """A valid reply with the vote that was scripted."""
    numbered = [(int(number), text.strip()) for number, text in _LINE.findall(prompt)]
    prose = [each for each in numbered if len(each[1]) >= _PROSE and each[1][0].isalpha()] or numbered
    citations = [{"first": number, "last": number, "anchor": _anchor(text), "quote": ""} for number, text in prose if _anchor(text)]
    citations = citations or [{"first": 1, "last": 1, "anchor": "", "quote": ""}]
    questions = _QUESTION.findall(prompt)
    content = {
        "answers": [
            {"question": question, "status": "answered", "citations": [citations[i % len(citations)]], "absence": None}
            for i, question in enumerate(questions)
        ],
        "findings": [],
        "conditions": [],
        "production_ready": "yes",
        "observability": "not_applicable",
        "confidence": "med",
        "vote": behaviour.vote,
        "rationale": "The proposal answers what this seat asks.",
    }
    if behaviour.vote in ("MODIFY", "REJECT"):
        content |= _against(behaviour.vote, questions, citations[0])
    return {**content, **behaviour.fields}


def _against(vote: str, questions: list[str], citation: dict[str, Any]) -> dict[str, Any]:
    """A finding, a condition and a readiness that fit a vote against."""
    finding = {
        "id": "f1",
        "kind": "risk",
        "severity": "blocker" if vote == "REJECT" else "minor",
        "domain": "rollback",
        "question": questions[0] if questions else "",
        "claim": "What stands there cannot be undone.",
        "citations": [citation],
        "absence": None,
    }
    condition = {"about": "f1", "text": "Say how it is undone.", "where": ""}
    return {"findings": [finding], "conditions": [condition], "production_ready": "no", "rationale": "What is proposed cannot be undone."}


def _anchor(line: str) -> str:
    """The longest run of words in the line, at most five."""
    return max(_RUN.findall(line), key=len, default="")[:100]
