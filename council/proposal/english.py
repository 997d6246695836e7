"""How much of a text reads as English."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# Frequent English words that are not also frequent words of German, French, Spanish, Italian, Portuguese or Dutch.
_FREQUENT: Final = frozenset(
    """the of and to that for with this from are be been being by it its not have has which will would should could can may might
    must if then when where while because than these those there their they them we our you your each every any all some other only
    both such into onto over under between through during after before until about without within how what why who whose also more
    most many much does did done doing make made using used use new same own so""".split()
)
# Frequent words of those languages that are hardly used in English prose.
_FOREIGN: Final = frozenset(
    """der das und ist nicht ein eine einen mit für auf den dem des von zu im sich auch wird werden wir le la les du une et est
    dans que qui nous avec sur el los las en un por para es se una del al o uma não em il lo gli di che è della delle sono
    het een dat op te voor niet zijn zodat er""".split()
)
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’][A-Za-z]+)?")
_SPAN = re.compile(r"`[^`]*`")
_CODE = re.compile(r"[_/\\=<>{}|@#]|\w\(")
_OTHER = re.compile(r"[^\W\d_A-Za-z\u00aa\u00ba\u00c0-\u024f\u0370-\u03ff]")
_ENOUGH = 8
_SHARE = 0.14
_TERSE_SHARE = 0.05  # the same, of a text in which nothing speaks for another language
_FOREIGN_SHARE = 0.08
_ACCENTED_SHARE = 0.05
_PER_ITEM = 4


def english_share(texts: Iterable[str]) -> float:
    """The share of prose, by words, that reads as English; 1.0 where there is none.

    Frequent words tell: a third of English prose is made of them, and hardly a twentieth of anything else. Notes so terse
    that they hold few of them ("default off, one owner per container") are foreign where they hold another language's, or
    its letters; else a few frequent words are enough, and of those without, as many as there is English are left out. Texts
    too short to tell count only where all are.
    Code spans and addresses are left out; three letters of a script other than Latin count as one word.

    Args:
        texts: plain text of blocks of prose.
    """
    tallies = [_tally(text) for text in texts if not _lists_terms(text)]
    long = [t for t in tallies if t.words >= _ENOUGH] or [sum(tallies, _Tally())]
    english = sum(t.words for t in long if t.english)
    foreign = sum(t.words for t in long if t.foreign and not t.english)
    terse = sum(t.words for t in long) - english - foreign
    total = english + foreign + max(0, terse - english)
    return english / total if total else 1.0


@dataclass(frozen=True, slots=True)
class _Tally:
    """Words of a text: Latin ones, among them frequent English, frequent foreign and accented ones; and of other scripts."""

    latin: int = 0
    frequent: int = 0
    elsewhere: int = 0
    accented: int = 0
    other: int = 0

    def __add__(self, more: _Tally) -> _Tally:
        return _Tally(*(getattr(self, name) + getattr(more, name) for name in self.__slots__))

    @property
    def words(self) -> int:
        return self.latin + self.other

    @property
    def english(self) -> bool:
        return self.frequent >= (_SHARE if self.foreign else _TERSE_SHARE) * self.words

    @property
    def foreign(self) -> bool:
        telling = self.elsewhere >= _FOREIGN_SHARE * self.words or self.accented >= _ACCENTED_SHARE * self.words
        return telling or self.other >= _FOREIGN_SHARE * self.words


def _lists_terms(text: str) -> bool:
    """A list of bare terms has no sentence in it that could tell its language."""
    return len(text.split()) < _PER_ITEM * (text.count(",") + text.count(";") + 1) and text.isascii()


def _tally(text: str) -> _Tally:
    text = " ".join(word for word in _SPAN.sub(" ", text).split() if not _CODE.search(word))
    words = [word.lower() for word in _LATIN.findall(text)]
    return _Tally(
        latin=len(words),
        frequent=sum(1 for word in words if word in _FREQUENT),
        elsewhere=sum(1 for word in words if word in _FOREIGN),
        accented=sum(1 for word in words if not word.isascii() and "’" not in word),
        other=len(_OTHER.findall(text)) // 3,
    )
