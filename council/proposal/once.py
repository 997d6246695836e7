"""What is worked out of a proposal once, however many seats and reviews ask for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar, cast

_P = ParamSpec("_P")
_T = TypeVar("_T")


class _Key:
    """Arguments by identity, because comparing two proposals takes as long as the work that is spared; it keeps them alive."""

    def __init__(self, things: tuple[object, ...]) -> None:
        self.things = things
        self._hash = hash(tuple(map(id, things)))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and all(mine is theirs for mine, theirs in zip(self.things, other.things, strict=True))


def once(keep: int = 8) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """Makes a function of objects that never change work its result out once for the same ones.

    The result is shared: it must not be changed. Arguments are given by position.

    Args:
        keep: how many results are kept, those that were asked for last.
    """

    def decorate(work: Callable[_P, _T]) -> Callable[_P, _T]:
        @lru_cache(maxsize=keep)
        def kept(key: _Key) -> _T:
            return cast("Callable[..., _T]", work)(*key.things)

        @wraps(work)
        def looked_up(*things: _P.args, **_: _P.kwargs) -> _T:
            return kept(_Key(things))

        return looked_up

    return decorate
