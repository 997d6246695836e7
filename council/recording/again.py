"""Record a review again, as its recording says it was made."""

from __future__ import annotations

from pathlib import Path

from council.council import Council
from council.proposal import Proposal, read_proposal
from council.recording.file import load_recording, save_recording
from council.recording.model import RecordedSeat
from council.recording.record import Recorder
from council.recording.replay import recorded_proposal, recorded_roster
from council.reviewers.base import Reviewer


def record_again(path: Path, *, root: Path) -> None:
    """Ask the recorded models about the proposal as it is today, and write the recording anew.

    Args:
        path: the recording.
        root: where the proposal's file is looked for; where it is not there, the recorded text is reviewed.

    Raises:
        CouncilError: as for `council review --record`.
    """
    old = load_recording(path)
    source = root / old.proposal.source
    proposal: Proposal = read_proposal(source) if source.is_file() else recorded_proposal(old)
    roster = recorded_roster(old)
    recorder = Recorder(proposal, roster, {seat.seat: _reviewer(seat) for seat in old.seats}, policy=old.policy, rebuttal=old.rebuttal)
    council = Council(roster, reviewers=recorder.reviewers, policy=old.policy, rebuttal=old.rebuttal, warm_first=False)
    with recorder.running():
        verdict = council.review(proposal)
    new = recorder.recording(verdict)
    kept = new.proposal.model_copy(update={"source": old.proposal.source})
    save_recording(new.model_copy(update={"proposal": kept}), path)


def _reviewer(seat: RecordedSeat) -> Reviewer:
    from council.reviewers.chat import ChatReviewer, chat_model
    from council.reviewers.checklist import ChecklistReviewer

    if seat.model == ChecklistReviewer.name:
        return ChecklistReviewer()
    return ChatReviewer(chat_model(seat.model, base_url=seat.base_url or None, temperature=seat.temperature), stream=False)
