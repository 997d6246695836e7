"""What is worked out of a proposal once, however many seats and reviews ask for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from council.proposal.model import Proposal

_P = ParamSpec("_P")
_T = TypeVar("_T")
_SHELF = "_worked_out"


def memoized(work: Callable[Concatenate[Proposal, _P], _T]) -> Callable[Concatenate[Proposal, _P], _T]:
    """A function of a proposal, worked out once for the same proposal and the same other arguments.

    The result is kept with the proposal and goes with it: nobody's text outlives its review. It is shared, and must not be
    changed. The other arguments are told apart by identity, must never change, and are given by position.
    """

    @wraps(work)
    def looked_up(proposal: Proposal, /, *others: _P.args, **named: _P.kwargs) -> _T:
        if named:
            raise TypeError(f"{work.__name__} takes its arguments by position")
        shelf = vars(proposal).setdefault(_SHELF, {})
        key = (work, *map(id, others))
        if key not in shelf:
            shelf[key] = (work(proposal, *others, **named), others)  # the arguments stay alive, so that no other gets their id
        result: _T = shelf[key][0]
        return result

    return looked_up
