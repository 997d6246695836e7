"""What changed against an earlier result, case by case."""

from __future__ import annotations

from council.evaluation.judging import State
from council.evaluation.result import EvalResult
from council.evaluation.suite import Entry


class Change(Entry):
    """A case that came out otherwise, or with other votes; None where it was not in that result."""

    id: str
    group: str
    was: State | None
    now: State | None
    votes_were: tuple[str, ...] = ()
    votes_are: tuple[str, ...] = ()
    why: str = ""

    @property
    def lost(self) -> bool:
        """Whether it passed before and does not now."""
        return self.was == "passed" and self.now in ("failed", "unreviewed")

    @property
    def won(self) -> bool:
        """Whether it passes now and did not before."""
        return self.now == "passed" and self.was in ("failed", "unreviewed")


def changes(before: EvalResult, after: EvalResult) -> tuple[Change, ...]:
    """The cases that differ, in the order of the later result; then those that are gone."""
    old = {case.id: case for case in before.cases}
    found = []
    for case in after.cases:
        was = old.pop(case.id, None)
        if was is None or (was.state, was.votes) != (case.state, case.votes):
            found.append(
                Change(
                    id=case.id,
                    group=case.group,
                    was=was.state if was else None,
                    now=case.state,
                    votes_were=was.votes if was else (),
                    votes_are=case.votes,
                    why=case.why,
                )
            )
    gone = (Change(id=case.id, group=case.group, was=case.state, now=None, votes_were=case.votes) for case in old.values())
    return (*found, *gone)
