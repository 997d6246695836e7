"""What the workflow needs of a reviewer, whatever stands behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from council.ballot import Abstention, Reply, Usage
from council.proposal import Proposal
from council.seats.model import Seat

CHECKLIST = "checklist"
"""The name of the offline reviewer; whoever only asks for it does not have to import the reader."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What came of asking a reviewer: a reply, or the cause why there is none.

    Attributes:
        reply: what the seat said, or None.
        abstention: set exactly where `reply` is None.
        score: 0 to 1, or None where the reviewer gives none (code then derives it from the answers).
        usage: calls, retries and tokens.
        notes: what a reader of the opinion should know.
    """

    reply: Reply | None
    abstention: Abstention | None = None
    score: float | None = None
    usage: Usage = field(default_factory=Usage)
    notes: tuple[str, ...] = ()


class Reviewer(Protocol):
    """Reads a proposal from one seat. May raise; the workflow turns what is raised into an abstention.

    It is cancelled when its seat is late or no longer needed, and then has to end at once. What it may tell while it
    works is in `council.reviewers.progress`. A reviewer may have these attributes too, all of them `str`:

        prompt_cache: names the provider's cache that its calls share with those of other seats, where that cache pays
            for starting one seat first; the others follow when that one's reply begins. Empty: nothing to gain.
        provider_name, model_name: for telemetry, as OpenTelemetry names them ("anthropic", "claude-sonnet-4-5").

    One that can weigh evidence has `async tie_break(proposal, seat, opinions, over)`, which rules on a readiness dispute
    for the seat that breaks ties and returns `ruling`, `usage` and `notes`, as `council.reviewers.chat.ChatReviewer` does.
    One that can be asked again has `async rebut(proposal, seat, opinions, over)`, which returns a `Reviewed` for a seat that has
    seen what the other side of a split found.
    """

    @property
    def name(self) -> str:
        """For people and for the record: "checklist", or the model's name."""

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
        """Review a proposal from a seat."""
