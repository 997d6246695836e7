"""What changed since a review was recorded: which part, for which seat, with a short difference."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from council.recording.model import Exchange, Purpose, Recording, SentRequest
from council.redaction import one_line
from council.seats import Roster

_LINES = 6  # of a difference
_WIDTH = 140  # characters of one of them
_COMPARED = 4000  # lines of a text; difflib takes quadratic time

Missed = tuple[str, Purpose, SentRequest]


def changes(recording: Recording, missed: Sequence[Missed], roster: Roster | None) -> str:
    """What changed, in words: a paragraph for each seat whose request was not recorded."""
    told = [_change(recording, each, roster) for each in missed]
    return "\n".join(["what is asked today was not recorded", *told])


def rerecord_command(recording: Recording, where: str) -> str:
    """What to type to record the review again, with the models and servers that it had."""
    words = ["council", "review", recording.proposal.source]
    models = {seat.seat: seat.model for seat in recording.seats}
    common = max(sorted(set(models.values())), key=list(models.values()).count)
    words += ["--model", common]
    for seat, model in models.items():
        words += ["--seat-model", f"{seat}={model}"] if model != common else []
    urls = {seat.base_url for seat in recording.seats if seat.base_url}
    words += ["--base-url", urls.pop()] if len(urls) == 1 else []
    temperatures = {seat.temperature for seat in recording.seats if seat.base_url}
    words += ["--temperature", f"{next(iter(temperatures)):g}"] if len(temperatures) == 1 and None not in temperatures else []
    words += ["--rebuttal"] if recording.rebuttal else []
    return f"record it again: {shlex.join([*words, '--record', where or 'FILE'])}"


def _change(recording: Recording, missed: Missed, roster: Roster | None) -> str:
    seat, purpose, sent = missed
    nearest = _nearest(recording, seat, purpose, sent)
    if nearest is None:
        return f"{seat or 'a request'}: no request to {urlsplit(sent.url).hostname} was recorded"
    who = seat or nearest.seat
    if nearest.request.key == sent.key:
        return f"{who}: asks a second time what was recorded once"
    found = list(_leaves_that_differ(nearest.request, sent))
    parts = dict.fromkeys(_part(recording, who, path, roster) for path, _, _ in found)
    lines = [f"{who}: changed: {', '.join(parts)}"]
    for path, was, now in found[:2]:
        lines += [f"  {path}", *(f"    {line}" for line in _difference(was, now))]
    return "\n".join(lines)


def _nearest(recording: Recording, seat: str, purpose: Purpose, sent: SentRequest) -> Exchange | None:
    """The recorded request of the same seat and purpose, else of the same seat, else the one that shares most lines."""
    own = [exchange for exchange in recording.exchanges if exchange.seat == seat]
    if own:
        return next((exchange for exchange in own if exchange.purpose == purpose), own[0])
    lines = set(_lines(sent))
    return max(recording.exchanges, key=lambda exchange: len(lines & set(_lines(exchange.request))), default=None)


def _lines(sent: SentRequest) -> list[str]:
    return [line for _, text in _leaves(sent.body) for line in text.splitlines()]


def _leaves_that_differ(was: SentRequest, now: SentRequest) -> Iterator[tuple[str, str, str]]:
    """Path, old and new text of each part of two requests that differs."""
    if was.key[:3] != now.key[:3]:
        yield "address", f"{was.method} {was.url}", f"{now.method} {now.url}"
    if was.text is not None or now.text is not None:
        yield "body", was.text or "", now.text or ""
    old, new = dict(_leaves(was.body)), dict(_leaves(now.body))
    for path in dict.fromkeys([*old, *new]):
        if old.get(path) != new.get(path):
            yield path, old.get(path, ""), new.get(path, "")


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}[{index}]")
    else:
        yield path, value if isinstance(value, str) else repr(value)


def _part(recording: Recording, seat: str, path: str, roster: Roster | None) -> str:
    """model, proposal, persona or prompt: what a person would have changed."""
    if path in ("model", "address"):
        return path
    recorded = recording.seat(seat)
    if recorded is None or roster is None or seat not in roster.names or not path.startswith("messages[") or path.startswith("messages[0]"):
        return "prompt"
    if roster.seat(seat).persona.sha256 != recorded.persona_sha256:
        return "persona"
    return "prompt"


def _difference(was: str, now: str) -> list[str]:
    """The lines that differ, the first few of them."""
    old, new = was.splitlines()[:_COMPARED], now.splitlines()[:_COMPARED]
    found = [line for line in difflib.unified_diff(old, new, lineterm="", n=0) if not line.startswith(("---", "+++", "@@"))]
    more = [f"… and {len(found) - _LINES} more lines"] if len(found) > _LINES else []
    return [_shown(line) for line in found[:_LINES]] + more


def _shown(line: str) -> str:
    line = line[0] + one_line(line[1:])
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
