"""When a rebuttal is worth holding: on a split that is not settled otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from council.ballot import AddressedText, Opinion, Outcome, Rule, Vote
from council.rulings.decide import decide
from council.rulings.policy import Authorities, Policy
from council.rulings.votes import Split

_OPEN = (Rule.SPLIT, Rule.MISSING_VOTES, Rule.ADDRESSES_REVIEWERS, Rule.OBSERVABILITY)


def rebuttable(
    opinions: Sequence[Opinion], *, policy: Policy, authorities: Authorities, addressed: Sequence[AddressedText] = ()
) -> Split | None:
    """The split on which the seats may be asked once more, or None.

    There is none where the council decided early (some seats were not needed: the outcome is settled), where there is
    no quorum, which votes that change do not mend, or where a floor makes it REJECT whatever they become.

    Args:
        opinions: the first votes, one for each seat of the roster.
        policy, authorities, addressed: as for `decide`.

    Raises:
        ValueError: as `decide` does.
    """
    now = decide(opinions, policy=policy, authorities=authorities, addressed=addressed)
    if now.split is None or now.tally.not_needed or now.decided_by not in _OPEN:
        return None
    settled = now.outcome is Outcome.REJECT and any(floor.least is Vote.REJECT for floor in now.floors)
    return None if settled else now.split
