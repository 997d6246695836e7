"""Make a recording from a test: for the first time, or again as it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from council.council import Council
from council.proposal import Proposal, only_sections, parse_proposal, read_proposal
from council.proposal.secrets import redact_secrets
from council.recording.file import load_recording, save_recording
from council.recording.model import RecordedOptions, RecordedSeat, Recording
from council.recording.record import Recorder
from council.recording.replay import recorded_proposal
from council.recording.roster import recorded_roster
from council.recording.sections import recorded_sections
from council.reviewers.base import Reviewer
from council.rulings import Policy
from council.seats import Roster, Sources, build_roster


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a first recording is made of.

    Attributes:
        proposal: the file, relative to the root where it stands under it.
        model: the chat model of every seat.
        base_url, temperature: as for `council review`.
    """

    proposal: str
    model: str
    base_url: str | None = None
    temperature: float | None = None


def record_first(path: Path, wanted: Wanted, *, root: Path, config: Sources | None = None, policy: Policy | None = None) -> None:
    """Ask a model in every seat about a proposal, and write the recording; its directory is made.

    Args:
        path: the recording.
        wanted: what it is made of.
        root: where the proposal's file is looked for.
        config: what the project's configuration says of the seats.
        policy: of the council; the package's, if not given.

    Raises:
        CouncilError: as for `council review --record`.
    """
    proposal = read_proposal(root / wanted.proposal)
    roster = build_roster(config=config)
    reviewer = _chat(wanted.model, wanted.base_url, wanted.temperature, None)
    path.parent.mkdir(parents=True, exist_ok=True)
    recording = _recorded(proposal, roster, dict.fromkeys(roster.names, reviewer), policy=policy)
    _save(recording, path, wanted.proposal)


def record_again(path: Path, *, root: Path, config: Sources | None = None) -> None:
    """Ask the recorded models about the proposal as it is today, and write the recording anew.

    Args:
        path: the recording.
        root: where the proposal's file is looked for; where it is not there, the recorded text is reviewed.
        config: directories of the project's configuration.

    Raises:
        CouncilError: as for `council review --record`.
    """
    old = load_recording(path)
    roster = recorded_roster(old, root=root, config=config)
    reviewers = {seat.seat: _reviewer(seat, old.options.call_timeout) for seat in old.seats}
    new = _recorded(_proposal(old, root), roster, reviewers, policy=old.policy, rebuttal=old.rebuttal, options=old.options)
    _save(new, path, old.proposal.source)


def _recorded(
    proposal: Proposal,
    roster: Roster,
    reviewers: Mapping[str, Reviewer],
    *,
    policy: Policy | None,
    rebuttal: bool = False,
    options: RecordedOptions | None = None,
) -> Recording:
    """A review, and its recording."""
    recorder = Recorder(proposal, roster, reviewers, policy=policy, rebuttal=rebuttal, options=options)
    council = Council(roster, reviewers=recorder.reviewers, policy=policy, rebuttal=rebuttal, warm_first=False)
    with recorder.running():
        verdict = council.review(proposal)
    return recorder.recording(verdict)


def _save(recording: Recording, path: Path, source: str) -> None:
    """Write it, with the proposal's file as it is named from the root."""
    kept = recording.proposal.model_copy(update={"source": source})
    save_recording(recording.model_copy(update={"proposal": kept}), path)


def _proposal(old: Recording, root: Path) -> Proposal:
    """The file as it is today, the same sections of it, and without keys where they were taken out; else the recorded text."""
    source = root / old.proposal.source
    if not source.is_file():
        return recorded_proposal(old)
    proposal = read_proposal(source)
    if sections := recorded_sections(old.proposal):
        proposal = only_sections(proposal, sections)
    if not old.options.redact:
        return proposal
    clean = parse_proposal(redact_secrets(proposal.text), source=proposal.source, format=proposal.format)
    return replace(clean, left_out=proposal.left_out)


def _reviewer(seat: RecordedSeat, timeout: float | None) -> Reviewer:
    from council.reviewers.checklist import ChecklistReviewer

    if seat.model == ChecklistReviewer.name:
        return ChecklistReviewer()
    return _chat(seat.model, seat.base_url or None, seat.temperature, timeout)


def _chat(spec: str, base_url: str | None, temperature: float | None, timeout: float | None) -> Reviewer:
    from council.reviewers.chat import CallLimits, ChatReviewer, chat_model

    limits = CallLimits() if timeout is None else CallLimits(timeout=timeout)
    model = chat_model(spec, base_url=base_url, temperature=temperature, timeout=limits.timeout)
    return ChatReviewer(model, limits=limits, stream=False)
