"""A short difference of two texts, for a person: the lines that truly changed, removed and added ones in their order."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from council.redaction import one_line

_LINES = 10  # of a difference
_WIDTH = 140  # characters of one of them
_LEAD = 40  # characters shown before the place at which a long line changed
_COMPARED = 4000  # lines of a text; difflib takes quadratic time
_NUMBER = re.compile(r"q\d+ |\d+\|(?: |$)")  # of a question, of a proposal's line: both move when something is put before them


@dataclass(frozen=True, slots=True)
class _Hunk:
    """Lines that stand in each other's place."""

    removed: Sequence[str]
    added: Sequence[str]


def short_difference(was: str, now: str) -> list[str]:
    """The lines that differ, each with its sign, at most a few of each place.

    A line whose number alone moved does not count. Where there are more lines than can be shown, each place gets its
    share and the rest is counted.
    """
    old, new = was.splitlines()[:_COMPARED], now.splitlines()[:_COMPARED]
    hunks = _hunks(old, new, [_unnumbered(line) for line in old], [_unnumbered(line) for line in new]) or _hunks(old, new, old, new)
    if not hunks:
        return ["(white space alone, or what is beyond the first lines)"]
    hunks = [hunk for hunk in map(_without_blanks, hunks) if hunk.removed or hunk.added] or hunks
    shares = _shares(hunks)
    shown = [line for hunk, share in zip(hunks, shares, strict=True) for line in _shown(hunk, share)]
    removed = sum(max(0, len(hunk.removed) - share) for hunk, share in zip(hunks, shares, strict=True))
    added = sum(max(0, len(hunk.added) - share) for hunk, share in zip(hunks, shares, strict=True))
    more = [f"{count} more {what}" for count, what in ((removed, "removed"), (added, "added")) if count]
    return [*shown, f"… and {', '.join(more)}"] if more else shown


def _unnumbered(line: str) -> str:
    return line[found.end() :] if (found := _NUMBER.match(line)) else line


def _hunks(old: Sequence[str], new: Sequence[str], old_keys: Sequence[str], new_keys: Sequence[str]) -> list[_Hunk]:
    """What differs between two lists of lines, aligned on their keys."""
    codes = difflib.SequenceMatcher(None, old_keys, new_keys, autojunk=False).get_opcodes()
    return [_Hunk(old[a:b], new[c:d]) for tag, a, b, c, d in codes if tag != "equal"]


def _without_blanks(hunk: _Hunk) -> _Hunk:
    """Blank lines around a new paragraph say nothing."""
    removed, added = ([line for line in lines if _unnumbered(line).strip()] for lines in (hunk.removed, hunk.added))
    return _Hunk(removed, added)


def _shares(hunks: Sequence[_Hunk]) -> list[int]:
    """Of each place, how many removed and how many added lines are shown: in turns, until the space is used."""
    shares = [0] * len(hunks)
    left = _LINES
    while left > 0:
        before = left
        for number, hunk in enumerate(hunks):
            lines = (shares[number] < len(hunk.removed)) + (shares[number] < len(hunk.added))
            if lines and left > 0:
                shares[number] += 1
                left -= lines
        if left == before:
            break
    return shares


def _shown(hunk: _Hunk, share: int) -> list[str]:
    removed, added = [[one_line(line) for line in lines[:share]] for lines in (hunk.removed, hunk.added)]
    starts = [_start(*pair) for pair in zip(removed, added, strict=False)]
    starts += [0] * (max(len(removed), len(added)) - len(starts))
    lines = [_cut("-", line, start) for line, start in zip(removed, starts, strict=False)]
    lines += [_cut("+", line, start) for line, start in zip(added, starts, strict=False)]
    unseen = removed == added
    return [*lines, "(they differ in white space or in characters that are not seen)"] if unseen else lines


def _start(one: str, other: str) -> int:
    """From which character two long lines are shown, so that what changed is in sight."""
    one, other = _unnumbered(one), _unnumbered(other)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    return same - _LEAD if max(len(one), len(other)) > _WIDTH and same > _WIDTH // 2 else 0


def _cut(sign: str, line: str, start: int) -> str:
    rest = _unnumbered(line)
    line = sign + line[: len(line) - len(rest)] + (f"…{rest[start:]}" if start else rest)
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
