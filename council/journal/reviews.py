"""Reviews that can be resumed: a council, its checkpoints, and the archive beside them, as one."""

from __future__ import annotations

import sqlite3
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from council.ballot import Outcome, PersonDecision, Verdict
from council.council import Council
from council.errors import CouncilError, InputError, PendingError, UsageError
from council.events import OnEvent
from council.journal.archive import Archive
from council.journal.entries import Decided, Waiting
from council.journal.journal import Journal, now
from council.proposal import Proposal
from council.rulings import overrule
from council.workflow import has_begun, new_review_id, open_saver


class Reviews:
    """The reviews of one checkpoint. A kill at any moment loses no vote that was cast, and no reply that was paid for.

    Args:
        checkpoint: path of an SQLite file, made if it is not there; or URL of a Postgres database.

    Attributes:
        archive: journals and proposals.
    """

    def __init__(self, checkpoint: str) -> None:
        self.checkpoint = checkpoint
        self.archive = Archive.beside(checkpoint)

    async def areview(
        self,
        council: Council,
        proposal: Proposal,
        *,
        review_id: str | None = None,
        options: Mapping[str, Any] | None = None,
        on_event: OnEvent | None = None,
    ) -> Verdict:
        """Review a proposal.

        Args:
            council: who reviews.
            proposal: what; it is stored before anybody is asked.
            review_id: made up if not given.
            options: kept with the review; JSON.
            on_event: as in `Council.areview`.

        Raises:
            PendingError: a person is asked; `aresume` with the decision goes on.
            UsageError, UnavailableError, InputError, MissingInputError: as `open_saver`, `Archive.begin` and `Council.areview`.
        """
        name = review_id or new_review_id()
        async with open_saver(self.checkpoint) as saver:
            with self.archive.begin(name, proposal, options or {}) as journal:
                return await _recorded(
                    journal, council.with_checkpointer(saver).areview(proposal, review_id=name, replies=journal, on_event=on_event)
                )

    async def aresume(
        self, council: Council, review_id: str, *, decision: PersonDecision | None = None, on_event: OnEvent | None = None
    ) -> Verdict:
        """Go on with a review where it stopped. One that is finished gives its verdict again.

        Args:
            council: the one that began it.
            review_id: the review.
            decision: the answer of the person whom it waits for.
            on_event: as in `Council.areview`.

        Raises:
            PendingError: a person is asked.
            UsageError: another council than began it; a decision that was not asked for.
            MissingInputError: there is no such review, or no such checkpoint.
            InputError: the checkpoint, the journal or the stored proposal is damaged.
        """
        with self.archive.journal(review_id) as journal:
            if journal.verdict is not None:
                if decision is not None:
                    raise UsageError("has a verdict already", where=f"review {review_id}", hint="overrule it")
                return journal.verdict.verdict
            proposal = self.archive.proposal(journal.begun)
            async with open_saver(self.checkpoint, create=False) as saver:
                resumable = council.with_checkpointer(saver)
                with _damage_in_words(self.checkpoint):
                    found = await has_begun(resumable.graph, review_id)
                if found:
                    going_on = resumable.aresume(review_id, proposal, decision=decision, replies=journal, on_event=on_event)
                else:  # it died before its first checkpoint
                    going_on = resumable.areview(proposal, review_id=review_id, replies=journal, on_event=on_event)
                return await _recorded(journal, going_on)

    def overrule(self, review_id: str, decision: PersonDecision) -> Verdict:
        """Rule 8: write a new verdict, which keeps the one it replaces.

        Raises:
            UsageError: the review has no verdict yet.
            MissingInputError, InputError: there is no such review, or its journal is damaged.
        """
        with self.archive.journal(review_id) as journal:
            if journal.verdict is None:
                raise UsageError("has no verdict yet", where=f"review {review_id}", hint="resume it first")
            verdict = overrule(journal.verdict.verdict, by=decision.by, outcome=Outcome(decision.outcome), reason=decision.reason)
            journal.append(Decided(at=now(), verdict=verdict))
            return verdict


async def _recorded(journal: Journal, reviewing: Coroutine[Any, Any, Verdict]) -> Verdict:
    """The verdict, or that a person is waited for, written down."""
    try:
        verdict = await reviewing
    except PendingError:
        journal.append(Waiting(at=now()))
        raise
    journal.append(Decided(at=now(), verdict=verdict))
    return verdict


@contextmanager
def _damage_in_words(checkpoint: str) -> Iterator[None]:
    """Whatever a decoder raises over a checkpoint, as one line."""
    try:
        yield
    except (CouncilError, sqlite3.Error):  # the latter are `open_saver`'s to put into words
        raise
    except Exception as error:
        raise InputError("is damaged", where=f"checkpoint {checkpoint}", hint="restore it, or begin the review anew") from error
