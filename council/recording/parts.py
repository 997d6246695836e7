"""A request taken apart into what a person would have changed: model, address, proposal, seat, prompt, the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from council.recording.model import Purpose, SentRequest

SEAT = "seat"
PROMPT = "prompt"
PROPOSAL = "proposal"

_SPOKEN = re.compile(r"(?:system|messages\[\d+\]\.content)(?:$|\[\d+\]\.text$)")
_PROPOSAL = re.compile(r"<<<proposal ([0-9a-f]{32})>>>\n(.*?)\n?<<<end of proposal \1>>>", re.DOTALL)
_COUNT = re.compile(r"^\d+(?= lines, between )", re.MULTILINE)
_FIRST_LINE = re.compile(r"^1\|", re.MULTILINE)
_SEAT = re.compile(r"^# Your seat: (\S+) ", re.MULTILINE)
_HEADING = re.compile(r"^# ", re.MULTILINE)
_PURPOSES: dict[str, Purpose] = {"\n# The rebuttal\n": "rebuttal", "\n# The dispute\n": "ruling"}


def parts_of(sent: SentRequest) -> dict[str, str]:
    """The parts of a request by name, each as text.

    Returns:
        "model", "address", "proposal" (its numbered lines), "seat" (the persona in its block), "prompt" (all other words), and
        whatever else is asked for under the path of JSON at which it stands.
    """
    parts = {"address": f"{sent.method} {sent.url}"}
    if sent.text is not None:
        parts["body"] = sent.text
    for path, text in _leaves(sent.body):
        for name, piece in _pieces(text) if _SPOKEN.fullmatch(path) else ((path, text),):
            parts[name] = f"{parts[name]}\n\n{piece}" if name in parts else piece
    return parts


def asked_by(sent: SentRequest) -> tuple[str, Purpose]:
    """The seat that a request speaks for and what it asks for, read from its prompt; ("", "review") where it does not say."""
    texts = [text for path, text in _leaves(sent.body) if _SPOKEN.fullmatch(path)]
    words = "\n".join(_PROPOSAL.sub("", text) for text in texts)
    found = _SEAT.search(words)
    purposes = [purpose for mark, purpose in _PURPOSES.items() if mark in f"\n{words}\n"]
    return str(found[1]) if found else "", purposes[0] if purposes else "review"


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Path and text of everything in a JSON value."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}[{index}]")
    else:
        yield path, value if isinstance(value, str) else repr(value)


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """The proposal, the seat and the other words of a message."""
    if proposal := _PROPOSAL.search(text):
        lines = _FIRST_LINE.search(proposal[2])
        yield PROPOSAL, proposal[2][lines.start() :] if lines else proposal[2]
        # The count and the marker follow from the proposal, as the outline does.
        yield PROMPT, _COUNT.sub("N", text[: proposal.start()]).replace(proposal[1], "…").strip()
        text = text[proposal.end() :].strip()
    if seat := _SEAT.search(text):
        end = _HEADING.search(text, seat.end())
        yield SEAT, text[seat.start() : end.start() if end else None].strip()
        text = (text[: seat.start()] + (text[end.start() :] if end else "")).strip()
    if text:
        yield PROMPT, text
