"""How much of a text reads as English."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

# Frequent English words that are not also frequent words of German, French, Spanish, Italian, Portuguese or Dutch.
_FREQUENT: Final = frozenset(
    """the of and to that for with this from are be been being by it its not have has which will would should could can may might
    must if then when where while because than these those there their they them we our you your each every any all some other only
    both such into onto over under between through during after before until about without within how what why who whose also more
    most many much does did done doing make made using used use new same own so""".split()
)
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’][A-Za-z]+)?")
_SPAN = re.compile(r"`[^`]*`")
_CODE = re.compile(r"[_/\\=<>{}|@#]|\w\(")
_OTHER = re.compile(r"[^\W\d_A-Za-z\u00aa\u00ba\u00c0-\u024f\u0370-\u03ff]")
_ENOUGH = 8
_SHARE = 0.14
_PER_ITEM = 4


def english_share(texts: Iterable[str]) -> float:
    """The share of prose, by words, that reads as English; 1.0 where there is none.

    Frequent words tell: a third of English prose is made of them, and hardly a twentieth of anything else. Texts too short to
    tell count only where all are. Code spans and addresses are left out; three letters of a script other than Latin count as one word.

    Args:
        texts: plain text of blocks of prose.
    """
    tallies = [_tally(text) for text in texts if not _lists_terms(text)]
    long = [t for t in tallies if t[0] + t[2] >= _ENOUGH]
    if not long:
        long = [(sum(t[0] for t in tallies), sum(t[1] for t in tallies), sum(t[2] for t in tallies))]
    total = sum(words + other for words, _, other in long)
    english = sum(words for words, frequent, other in long if frequent >= _SHARE * (words + other))
    return english / total if total else 1.0


def _lists_terms(text: str) -> bool:
    """A list of bare terms has no sentence in it that could tell its language."""
    return len(text.split()) < _PER_ITEM * (text.count(",") + text.count(";") + 1) and text.isascii()


def _tally(text: str) -> tuple[int, int, int]:
    """Latin words, frequent English ones among them, and words of other scripts."""
    text = " ".join(word for word in _SPAN.sub(" ", text).split() if not _CODE.search(word))
    words = [word.lower() for word in _LATIN.findall(text)]
    return len(words), sum(1 for word in words if word in _FREQUENT), len(_OTHER.findall(text)) // 3
