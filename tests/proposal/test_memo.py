"""What is worked out of a proposal once."""

from __future__ import annotations

import gc
import pickle
import weakref

from council import Proposal, parse_proposal
from council.proposal.memo import memoized

TEXT = "# Limits\n\nEach request carries a request id, which every log line repeats.\n"


class Result:
    """Something that can be watched."""

    def __init__(self, proposal: Proposal, name: object) -> None:
        self.proposal, self.name = proposal, name


@memoized
def worked_out(proposal: Proposal, name: object) -> Result:
    """A result of its arguments."""
    return Result(proposal, name)


def test_the_same_proposal_and_arguments_give_the_same_result() -> None:
    one, other, name = parse_proposal(TEXT), parse_proposal(TEXT), object()
    assert worked_out(one, name) is worked_out(one, name)
    assert worked_out(one, name) is not worked_out(other, name)
    assert worked_out(one, name) is not worked_out(one, object())


def test_it_goes_with_the_proposal() -> None:
    proposal = parse_proposal(TEXT)
    watched = weakref.ref(worked_out(proposal, object()))
    assert watched() is not None
    del proposal
    gc.collect()
    assert watched() is None


def test_it_does_not_travel_to_another_process() -> None:
    proposal = parse_proposal(TEXT)
    worked_out(proposal, gc)  # a module cannot be pickled
    assert pickle.loads(pickle.dumps(proposal)) == proposal  # noqa: S301 - our own
