"""Record a review: its seats are observed, their exchanges kept, and the header says what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from council import __version__
from council.ballot import Opinion, Verdict
from council.errors import UnavailableError
from council.proposal import Proposal
from council.recording.asking import observed
from council.recording.cassette import Taped, recording_cassette, require_vcrpy
from council.recording.model import Exchange, Purpose, RecordedOptions, RecordedProposal, RecordedSeat, RecordedVerdict, Recording
from council.recording.secrets import redacted_url, refuse_secrets
from council.reviewers.base import Reviewer
from council.rulings import Policy
from council.seats import Roster

_COME_OF_ANSWERS = ("unusable", "refused")
"""Causes of an abstention that a replay arrives at again by the exchanges, where they are complete."""


class Recorder:
    """Records one review. Give the council `reviewers`, let it wait for all seats, and review inside `running`.

        recorder = Recorder(proposal, roster, reviewers)
        council = Council(roster, reviewers=recorder.reviewers, warm_first=False)
        with recorder.running():
            verdict = council.review(proposal)
        save_recording(recorder.recording(verdict), path)

    Args:
        proposal: what is reviewed.
        roster: by whom.
        reviewers: one for each seat.
        policy: of the council; the package's, if not given.
        rebuttal: whether the council holds one on a split.
        options: what else it takes to make the same review again.

    Attributes:
        reviewers: the same ones, observed.

    Raises:
        UnavailableError: vcrpy is not installed.
        InputError: the proposal holds what looks like a live key.
    """

    def __init__(
        self,
        proposal: Proposal,
        roster: Roster,
        reviewers: Mapping[str, Reviewer],
        *,
        policy: Policy | None = None,
        rebuttal: bool = False,
        options: RecordedOptions | None = None,
    ) -> None:
        require_vcrpy()
        refuse_secrets(proposal)
        self._proposal = proposal
        self._roster = roster
        self._policy = policy or Policy()
        self._rebuttal = rebuttal
        self._options = options or RecordedOptions()
        self._given = dict(reviewers)
        self._taped = Taped()
        self._replied: set[str] = set()
        self._incomplete: set[tuple[str, Purpose]] = set()
        self.reviewers = observed(reviewers, self._replied, self._incomplete)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Keeps what the seats send and get inside."""
        with recording_cassette(self._taped):
            yield

    def recording(self, verdict: Verdict) -> Recording:
        """The recording of the review that gave this verdict.

        Raises:
            UnavailableError: nobody was answered, so that there is nothing to replay; says why.
        """
        self._refuse_silence(verdict)
        seats = tuple(self._seat(opinion) for opinion in verdict.opinions)
        dropped = {seat.seat for seat in seats if not seat.replays}
        order = {name: place for place, name in enumerate(self._roster.names)}
        kept = (each for each in self._taped.exchanges if each.seat not in dropped or each.purpose == "ruling")
        whole = (each for each in kept if (each.seat, each.purpose) not in self._incomplete)
        proposal = self._proposal
        return Recording(
            recorded=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            council_version=__version__,
            proposal=RecordedProposal(
                source=proposal.source, format=proposal.format, sha256=proposal.sha256, left_out=proposal.left_out, text=proposal.text
            ),
            policy=self._policy,
            rebuttal=self._rebuttal,
            options=self._options,
            seats=seats,
            verdict=RecordedVerdict.of(verdict),
            exchanges=tuple(sorted(whole, key=lambda exchange: order[exchange.seat])),
        )

    def _refuse_silence(self, verdict: Verdict) -> None:
        """A recording in which every seat abstains for want of an answer would only take the place of a better one."""
        if self._replied or self._taped.exchanges:
            return
        why = dict.fromkeys(opinion.abstention.detail for opinion in verdict.opinions if opinion.abstention and opinion.abstention.detail)
        hint = "nothing was written; look at the model and its address"
        raise UnavailableError(f"not recorded: no seat was answered: {'; '.join(why)[:300] or 'nobody said why'}", hint=hint)

    def _seat(self, opinion: Opinion) -> RecordedSeat:
        reviewer = self._given[opinion.seat]
        own = self._exchanges(opinion.seat)
        abstention = opinion.abstention
        complete = bool(own) and opinion.seat not in self._taped.refused
        replays = opinion.seat in self._replied or (abstention is not None and abstention.cause in _COME_OF_ANSWERS and complete)
        failed = max(self._taped.failed.get(opinion.seat, 0), opinion.usage.calls - len(own))
        return RecordedSeat(
            seat=opinion.seat,
            persona=opinion.persona,
            persona_sha256=opinion.persona_hash,
            model=opinion.reviewer,
            base_url=_base_url(reviewer),
            temperature=_temperature(reviewer),
            cast=opinion.cast,
            counted=opinion.counted,
            abstention=None if abstention is None else abstention.model_copy(update={"reference": ""}),
            replays=replays,
            failed_attempts=failed,
        )

    def _exchanges(self, seat: str) -> list[Exchange]:
        return [exchange for exchange in self._taped.exchanges if exchange.seat == seat and exchange.purpose != "ruling"]


def _base_url(reviewer: Reviewer) -> str:
    """Where a chat model's requests go, without what may be secret in it."""
    if (model := getattr(reviewer, "model", None)) is None:
        return ""
    from council.reviewers.chat.models import url_of

    return redacted_url(url_of(model))


def _temperature(reviewer: Reviewer) -> float | None:
    """What a chat model is asked for."""
    if (model := getattr(reviewer, "model", None)) is None:
        return None
    from council.reviewers.chat.models import temperature_of

    return temperature_of(model)
