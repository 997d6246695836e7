"""What changed since a review was recorded: which part, for which seat, with a short difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from council.errors import CouncilError
from council.proposal import only_sections, parse_proposal
from council.proposal.secrets import redact_secrets
from council.recording.difference import short_difference
from council.recording.model import Exchange, Purpose, RecordedProposal, Recording, SentRequest
from council.recording.parts import PROMPT, PROPOSAL, SEAT, asked_by, parts_of
from council.recording.secrets import redacted
from council.recording.sections import recorded_sections
from council.seats import Roster

_SHOWN = 5  # differences

Missed = tuple[str, Purpose, SentRequest]


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes:
        part: proposal, persona, prompt, model, address, or what else a request asks for; "" where `was` alone says it.
        was, now: the texts.
        seats: whose request it changes; the proposal is everybody's.
    """

    part: str
    was: str
    now: str = ""
    seats: tuple[str, ...] = ()


def proposal_changed(recording: Recording, root: Path) -> Change | None:
    """The change of the file that was reviewed, if it is there and says something else by now.

    Args:
        recording: the recording.
        root: where the file is looked for.
    """
    kept = recording.proposal
    path = root / kept.source
    try:
        if not path.is_file():
            return None
        today = _today(path.read_bytes(), kept)
    except (OSError, ValueError):
        return None
    return None if today == kept.text else Change(PROPOSAL, _numbered(kept.text), _numbered(today))


def changes_of(recording: Recording, missed: Sequence[Missed], roster: Roster | None) -> list[Change]:
    """What changed between what was recorded and what is asked today; what several seats share stands once.

    Args:
        recording: the recording.
        missed: requests that it has no answer to.
        roster: the seats as they are today, where they are known.
    """
    named = [each if each[0] else (*asked_by(each[2]), each[2]) for each in missed]
    # A seat that was not answered is missing in the dispute, and in the rebuttal: that those differ is no other cause.
    first = [each for each in named if each[1] in ("review", "repair")] or named
    found: dict[tuple[str, str, str], Change] = {}
    for each in first:
        for change in _changes(recording, each, roster):
            seats = found[key].seats if (key := (change.part, change.was, change.now)) in found else ()
            found[key] = replace(change, seats=() if change.part == PROPOSAL else tuple(dict.fromkeys((*seats, *change.seats))))
    return _one_proposal(list(found.values()))


def told(changes: Sequence[Change], recording: Recording) -> tuple[str, tuple[str, ...]]:
    """Changes in words: what changed, on one line, and the lines that differ."""
    seats: dict[str, dict[str, None]] = {}
    for change in changes:
        if change.part:
            seats.setdefault(change.part, {}).update(dict.fromkeys(change.seats))
    parts = [_named(recording, part, tuple(names)) for part, names in seats.items()]
    others = [change.was for change in changes if not change.part]
    what = "; ".join([*([f"changed since it was recorded: {'; '.join(parts)}"] if parts else []), *others])
    shown = [change for change in changes if change.part]
    lines: list[str] = []
    for change in shown[:_SHOWN]:
        lines.append(f"{_named(recording, change.part, change.seats)}:")
        lines += [f"  {line}" for line in short_difference(change.was, change.now)]
    more = [f"… and {len(shown) - _SHOWN} more differences"] if len(shown) > _SHOWN else []
    return what, (*lines, *more)


def _one_proposal(changes: list[Change]) -> list[Change]:
    """The proposal first and once, however often it was sent."""
    proposals = [change for change in changes if change.part == PROPOSAL]
    return [*proposals[:1], *(change for change in changes if change.part != PROPOSAL)]


def _named(recording: Recording, part: str, seats: tuple[str, ...]) -> str:
    if part == PROPOSAL:
        return f"the proposal {recording.proposal.source}"
    if not seats:
        return f"the {part}"
    return f"the {part} of {'every seat' if len(seats) == len(recording.seats) > 1 else ', '.join(seats)}"


def _changes(recording: Recording, missed: Missed, roster: Roster | None) -> list[Change]:
    """What changed in one request."""
    seat, purpose, sent = missed
    now = parts_of(sent)
    nearest = _nearest(recording, seat, purpose, now)
    who = seat or (nearest.seat if nearest else "")
    if nearest is None:
        return [Change("", f"no request to {urlsplit(sent.url).hostname} was recorded, and {who or 'somebody'} makes one")]
    if nearest.request.key == sent.key:
        return [Change("", f"{who or 'a request'} asks a second time what was recorded once")]
    was = parts_of(nearest.request)
    differ = [name for name in dict.fromkeys([*was, *now]) if was.get(name) != now.get(name)]
    found = []
    for name in differ:
        part = _seat_part(recording, who, now.get(SEAT, ""), roster) if name == SEAT else name
        found.append(Change(part, was.get(name, ""), now.get(name, ""), (who,) if who else ()))
    return found


def _nearest(recording: Recording, seat: str, purpose: Purpose, now: dict[str, str]) -> Exchange | None:
    """The recorded request of the same seat and purpose, else of the same seat, else any: the one that shares most lines."""
    own = [exchange for exchange in recording.exchanges if exchange.seat == seat]
    same = [exchange for exchange in own if exchange.purpose == purpose]
    lines = _lines(now)
    return max(same or own or recording.exchanges, key=lambda exchange: len(lines & _lines(parts_of(exchange.request))), default=None)


def _lines(parts: dict[str, str]) -> set[str]:
    return {line for text in parts.values() for line in text.splitlines()}


def _seat_part(recording: Recording, name: str, block: str, roster: Roster | None) -> str:
    """persona; or prompt, where the persona is the recorded one and the words around it are others."""
    recorded = recording.seat(name)
    if recorded is None or roster is None or name not in roster.names or roster.seat(name).persona.sha256 != recorded.persona_sha256:
        return "persona"
    from council.reviewers.chat.messages import seat_block

    return PROMPT if redacted(seat_block(roster.seat(name))) == block else "persona"


def _today(content: bytes, kept: RecordedProposal) -> str:
    """The text of a file as it would be sent, of the same sections; empty where one of them is gone."""
    proposal = parse_proposal(content, source=kept.source, format=kept.format)
    if kept.left_out:
        try:
            proposal = only_sections(proposal, recorded_sections(kept))
        except CouncilError:
            return ""
    return redact_secrets(proposal.text)


def _numbered(text: str) -> str:
    return "\n".join(f"{number}| {line}" if line else f"{number}|" for number, line in enumerate(text.splitlines(), 1))
