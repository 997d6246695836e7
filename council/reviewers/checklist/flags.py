"""Red flags that the author endorses, and green flags that are more than a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from council.ballot import Severity
from council.proposal import BlockKind
from council.reviewers.checklist import language
from council.reviewers.checklist.phrases import Match, tokenize
from council.reviewers.checklist.reading import Reading
from council.seats.model import Flag, FlagRules, Persona

SUBSTANTIATED = 0.5  # substance from which a green flag counts
MERELY_POSSIBLE = frozenset(("could", "might"))  # "would" and "may" are also how a plan is written down
ONLY = frozenset(("just", "longer", "merely", "only", "simply", "yet"))  # "not only" is no negation
_SPOKEN = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.TABLE_ROW, BlockKind.QUOTE, BlockKind.CODE})


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag that a sentence raises."""

    flag: Flag
    sentence: int

    @property
    def severity(self) -> Severity:
        """How grave it is; major where the flag brings no rules."""
        return self.flag.rules.severity if self.flag.rules else "major"


def red_flags(reading: Reading, persona: Persona) -> tuple[Raised, ...]:
    """The red flags that the author endorses, each at its first place."""
    return tuple(_first(reading, persona.red_flags, endorsed))


def green_flags(reading: Reading, persona: Persona) -> tuple[Raised, ...]:
    """The green flags that stand in a sentence of substance, each at its first place."""
    return tuple(_first(reading, persona.green_flags, _substantiated))


def _first(reading: Reading, flags: tuple[Flag, ...], holds: Callable[[Reading, Match], bool]) -> Iterator[Raised]:
    for flag in flags:
        rules = flag.rules or _rules_from_words(flag.text)
        places = sorted({m for phrase in rules.phrases for m in _matches(reading, phrase)}, key=lambda m: (m.sentence, m.first))
        for match in places:
            if holds(reading, match):
                yield Raised(flag, match.sentence)
                break


def _matches(reading: Reading, phrase: str) -> list[Match]:
    return [m for m in reading.index.find(phrase) if language.says_no(phrase) or not (reading.denied(m) or _denied_within(reading, m))]


def _denied_within(reading: Reading, match: Match) -> bool:
    """Whether a negation stands among the words of a match ("users will not need to adapt")."""
    words = reading.tokens(match.sentence).words[match.first : match.last + 1]
    return any(language.is_negator(word) and after not in ONLY for word, after in pairwise(words))


def endorsed(reading: Reading, match: Match) -> bool:
    """Whether the author stands behind what a match says.

    Plain assertions are the author's unless words of rejection stand with them. What is quoted, or stands in code, is
    the author's only where the words around it do not reject it; a bare quotation needs words of approval.
    """
    number = match.sentence
    sentence, stance, tokens = reading.sentences[number], reading.stance(number), reading.tokens(number)
    if sentence.kind not in _SPOKEN or stance.condemned or stance.asks or stance.of_today or sentence.section in reading.scenes:
        return False
    if language.supposed(tokens, match.first, MERELY_POSSIBLE):
        return False
    if sentence.section in reading.turned_down and tokens.words[:1] != ("we",):
        return False  # an option that was weighed, unless "we" do it
    quoted = sentence.kind is BlockKind.QUOTE or any(tokens.quoted[match.first : match.last + 1])
    if not quoted and sentence.kind is not BlockKind.CODE:
        return not _introduced_as_rejected(reading, number)
    around = list(_around(reading, number))
    if any(reading.stance(n).condemned for n in around):
        return False
    return sentence.kind is BlockKind.CODE or stance.endorsed or any(reading.stance(n).endorsed for n in around)


def _introduced_as_rejected(reading: Reading, number: int) -> bool:
    """Whether the sentence before, in the same block, rejects and ends in a colon."""
    if number == 0:
        return False
    before = reading.sentences[number - 1]
    return (
        before.plain.rstrip().endswith(":") and before.section == reading.sentences[number].section and reading.stance(number - 1).condemned
    )


def _around(reading: Reading, number: int) -> Iterator[int]:
    """The sentences of the same block and of the nearest other blocks on each side, within the section."""
    here = reading.sentences[number]
    for step in (-1, 1):
        at = number + step
        other: int | None = None
        while 0 <= at < len(reading.sentences):
            sentence = reading.sentences[at]
            if sentence.section != here.section:
                break
            if sentence.block != here.block:
                if other is None:
                    other = sentence.block
                elif sentence.block != other:
                    break
            if sentence.kind is not BlockKind.HEADING:
                yield at
            at += step


def _substantiated(reading: Reading, match: Match) -> bool:
    stance = reading.stance(match.sentence)
    return stance.prose and not stance.condemned and stance.substance >= SUBSTANTIATED


@lru_cache(maxsize=512)
def _rules_from_words(text: str) -> FlagRules:
    """A flag without rules is looked for as it is written."""
    words = [w for w in tokenize(text.strip('"“”')).words if w[0].isalnum()]
    return FlagRules(phrases=(" ".join(words),)) if words else FlagRules()
