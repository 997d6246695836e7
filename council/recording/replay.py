"""Replay a recorded review with the network closed: the council's own code on the answers that were kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from council import background
from council.ballot import Verdict
from council.council import Council
from council.errors import ExpectationError, UsageError
from council.proposal import Proposal, parse_proposal
from council.recording.asking import Absent, observed
from council.recording.cassette import Taped, playing_cassette, require_vcrpy
from council.recording.changes import Change, Missed, changes_of, proposal_changed, told
from council.recording.command import Given, rerecord_command
from council.recording.model import RecordedSeat, RecordedVerdict, Recording
from council.recording.network import closed_network
from council.recording.roster import recorded_roster
from council.reviewers.base import Reviewer
from council.rulings import Policy
from council.seats import Roster

_CHECKLIST = "checklist"

_Named = tuple[str, str, float | None]  # model, address, temperature


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay.

    Attributes:
        recording: what was replayed.
        verdict: what the council's code makes of it today.
        differences: where the verdict is not the recorded one; empty under another policy, which is no comparison.
        notes: what changed without changing a request.
    """

    recording: Recording
    verdict: Verdict
    differences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def replay(
    recording: Recording,
    *,
    roster: Roster | None = None,
    reviewers: Mapping[str, Reviewer] | None = None,
    policy: Policy | None = None,
    where: str = "",
    root: Path | None = None,
    given: Given | None = None,
) -> Replayed:
    """`areplay` for callers without a loop."""
    return background.run(
        lambda: areplay(recording, roster=roster, reviewers=reviewers, policy=policy, where=where, root=root, given=given)
    )


async def areplay(
    recording: Recording,
    *,
    roster: Roster | None = None,
    reviewers: Mapping[str, Reviewer] | None = None,
    policy: Policy | None = None,
    where: str = "",
    root: Path | None = None,
    given: Given | None = None,
) -> Replayed:
    """Run the same review from a recording.

    Args:
        recording: the recording.
        roster: the seats as they are today; the recorded ones from the package, if not given. Fewer or other seats, or a
            policy, tally the recording anew: the verdict is then not compared, a ruling that was never recorded falls to
            the more cautious side, and what is left unused is no failure.
        reviewers: one for each seat, where models were made in Python; by default those that the recording names.
        policy: the quorum; the recorded one, if not given.
        where: the recording's file, for messages and for the command that records it again.
        root: where the proposal's file is looked for, to see whether it changed; not looked for, if not given.
        given: what the replay was given about the seats, for that command.

    Raises:
        ExpectationError: the proposal changed, or what the seats are asked was not recorded; says what changed, for which seat,
            and the command, with the lines that differ.
        UsageError: a seat of the roster was not there.
        UnavailableError: vcrpy, or the extra of a recorded model, is not installed.
    """
    require_vcrpy()
    roster = recorded_roster(recording) if roster is None else roster
    anew = policy is not None or roster.names != tuple(seat.seat for seat in recording.seats)
    made: dict[_Named, Reviewer] = {}
    seated = {name: _reviewer(recording, name, reviewers, made) for name in roster.names}
    proposal = recorded_proposal(recording)
    taped = Taped()
    council = Council(
        roster,
        reviewers=observed(seated),
        policy=policy or recording.policy,
        policy_origin=where,
        rebuttal=recording.rebuttal and any(hasattr(reviewer, "rebut") for reviewer in seated.values()),
        warm_first=False,
    )
    with playing(recording, taped):
        verdict = await council.areview(proposal)
    again = partial(rerecord_command, recording, where, given)
    missed = [each for each in taped.missed if not _may_be_missed(recording, each, anew)]
    changed = _all_changes(recording, missed, roster, root)
    differ = () if anew else differences(recording, verdict)
    if changed:
        what, details = told(changed, recording)
        also = differ if not missed else ()  # a seat without its answer abstains: that follows from the change
        raise ExpectationError("; ".join([what, *also]), where=where, hint=again(), details=details)
    unplayed = [each for each in taped.unplayed if each.seat in roster.names]
    if unplayed and not anew:
        seats = ", ".join(dict.fromkeys(f"{each.seat} ({each.purpose})" for each in unplayed))
        raise ExpectationError(f"was only partly played: nobody asked for {seats}", where=where, hint=again())
    return Replayed(recording, verdict, differ, _notes(recording, roster))


def _all_changes(recording: Recording, missed: Sequence[Missed], roster: Roster, root: Path | None) -> list[Change]:
    """The proposal's change first, then those of what is asked."""
    proposal = None if root is None else proposal_changed(recording, root)
    return [*([proposal] if proposal else []), *changes_of(recording, missed, roster)]


@contextmanager
def playing(recording: Recording, taped: Taped) -> Iterator[None]:
    """The recording answers what is sent inside, and the network is closed."""
    with closed_network(), playing_cassette(recording.exchanges, taped):
        yield


def recorded_proposal(recording: Recording) -> Proposal:
    """The proposal as it was sent."""
    kept = recording.proposal
    return replace(parse_proposal(kept.text, source=kept.source, format=kept.format), sha256=kept.sha256, left_out=kept.left_out)


def differences(recording: Recording, verdict: Verdict) -> tuple[str, ...]:
    """Where a verdict is not the recorded one, each in a line."""
    was, now = recording.verdict, RecordedVerdict.of(verdict)
    found = []
    if was.outcome is not now.outcome:
        found.append(f"the verdict is {now.outcome}, and was {was.outcome}")
    if was.decided_by is not now.decided_by:
        found.append(f"it is decided by {now.decided_by}, and was by {was.decided_by}")
    for opinion in verdict.opinions:
        recorded = recording.seat(opinion.seat)
        if recorded is not None and recorded.counted is not opinion.counted:
            found.append(f"{opinion.seat} counts as {opinion.counted}, and did as {recorded.counted}")
    return tuple(found)


def _may_be_missed(recording: Recording, missed: Missed, anew: bool) -> bool:
    """Whether nobody has to have recorded a request: a second one of a seat, under another policy or where the first failed."""
    seat, purpose, _ = missed
    if purpose not in ("rebuttal", "ruling"):
        return False
    return anew or not any((each.seat, each.purpose) == (seat, purpose) for each in recording.exchanges)


def _reviewer(recording: Recording, name: str, given: Mapping[str, Reviewer] | None, made: dict[_Named, Reviewer]) -> Reviewer:
    """A seat's reviewer; models that are named alike are made once."""
    recorded = recording.seat(name)
    if recorded is None:
        hint = f"it has {', '.join(seat.seat for seat in recording.seats)}"
        raise UsageError(f"the seat {name} was not recorded", where=recording.proposal.source, hint=hint)
    if recorded.abstention is not None and not recorded.replays:
        return Absent(recorded.model, recorded.abstention)
    if given is not None:
        return given[name]
    named = (recorded.model, recorded.base_url, recorded.temperature)
    if named not in made:
        made[named] = _recorded_reviewer(recorded)
    return made[named]


def _recorded_reviewer(recorded: RecordedSeat) -> Reviewer:
    """The reviewer that a recording names; it tries once, because a miss stays one."""
    if recorded.model == _CHECKLIST:
        from council.reviewers.checklist import ChecklistReviewer

        return ChecklistReviewer()
    from council.reviewers.chat import CallLimits, ChatReviewer, chat_model

    model = chat_model(recorded.model, base_url=recorded.base_url or None, api_key="replayed", temperature=recorded.temperature)
    return ChatReviewer(model, name=recorded.model, limits=CallLimits(attempts=1), stream=False)


def _notes(recording: Recording, roster: Roster) -> tuple[str, ...]:
    """Personas whose files changed in what is not sent."""
    changed = [
        seat.name
        for seat in roster.seats
        if (was := recording.seat(seat.name)) is not None and was.persona_sha256 != seat.persona.sha256 and was.model != _CHECKLIST
    ]
    return (f"the persona file of {', '.join(changed)} changed since, and the requests did not",) if changed else ()
