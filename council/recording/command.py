"""The command that records a review again, with the same council, models and servers."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from council.proposal.read import STDIN
from council.recording.model import RecordedOptions, Recording
from council.recording.sections import recorded_sections
from council.redaction import SECRET
from council.seats.roster import OUR_ORDER
from council.seats.sources import package_level


@dataclass(frozen=True, slots=True)
class Given:
    """What was given to a replay, and goes before what was recorded.

    Attributes:
        options: directories and configuration.
        seat: from a seat's name to the persona in it.
        seats: the seats alone that were asked for, or None.
    """

    options: RecordedOptions = field(default_factory=RecordedOptions)
    seat: Mapping[str, str] = field(default_factory=dict)
    seats: tuple[str, ...] | None = None


def rerecord_command(recording: Recording, where: str, given: Given | None = None) -> str:
    """What to type to record the review again, as a hint.

    Args:
        recording: the recording.
        where: its file.
        given: what this replay was given about the seats.
    """
    given = given or Given()
    names = given.seats or tuple(seat.seat for seat in recording.seats)
    source = recording.proposal.source
    words = ["council", "review", "-" if source == STDIN else source]
    words += [word for title in recorded_sections(recording.proposal) for word in ("--sections", title)]
    words += [*_models(recording, names), *_seats(recording, names, given), *_options(recording, given)]
    return f"record it again: {shlex.join([*words, '--record', where or 'FILE'])}"


def _models(recording: Recording, names: tuple[str, ...]) -> list[str]:
    seats = [seat for seat in recording.seats if seat.seat in names] or list(recording.seats)
    models = {seat.seat: seat.model for seat in seats}
    common = max(sorted(set(models.values())), key=list(models.values()).count)
    words = ["--model", common]
    for seat, model in models.items():
        words += ["--seat-model", f"{seat}={model}"] if model != common else []
    urls = {seat.base_url for seat in seats if seat.base_url}
    words += ["--base-url", urls.pop()] if len(urls) == 1 else []
    temperatures = {seat.temperature for seat in seats if seat.base_url}
    words += ["--temperature", f"{next(iter(temperatures)):g}"] if len(temperatures) == 1 and None not in temperatures else []
    return [*words, "--rebuttal"] if recording.rebuttal else words


def _seats(recording: Recording, names: tuple[str, ...], given: Given) -> list[str]:
    """Seats and personas that are not the package's own."""
    ours = package_level().agents
    sat = {seat.seat: seat.persona for seat in recording.seats if seat.seat in names}
    others = {seat: persona for seat, persona in sat.items() if seat not in ours or ours[seat].persona != persona}
    words = [word for pair in {**others, **given.seat}.items() for word in ("--seat", "=".join(pair))]
    return words if names == OUR_ORDER else [*words, "--seats", ",".join(names)]


def _options(recording: Recording, given: Given) -> list[str]:
    was, now = recording.options, given.options
    words = [word for path in now.agents or was.agents for word in ("--agents", path)]
    words += [word for path in now.personas or was.personas for word in ("--personas", path)]
    configured = now if now.config or now.no_project_config else was
    words += ["--config", configured.config] if configured.config else []
    words += ["--no-project-config"] if configured.no_project_config else []
    words += ["--redact"] if was.redact or SECRET in recording.proposal.text else []
    return words if was.call_timeout is None else [*words, "--call-timeout", f"{was.call_timeout:g}"]
