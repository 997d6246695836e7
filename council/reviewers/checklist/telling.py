"""What answers a question by itself, what refuses it, and what comes near to an answer.

The loose phrases of a question find where its subject is spoken of; whether a sentence may be quoted as the answer, or
as a refusal, is a matter of its telling phrases and of how the sentence is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from council.proposal import PROSE, BlockKind
from council.reviewers.checklist import language
from council.reviewers.checklist.phrases import Match
from council.reviewers.checklist.reading import Reading
from council.seats.model import EvidenceRules

SAID = 4  # words that carry meaning without which a sentence answers nothing by itself
TOLD = 0.25  # weight from which a sentence with a telling phrase answers by itself


def telling_sentences(reading: Reading, rule: EvidenceRules, weights: Mapping[int, float], own: frozenset[int]) -> frozenset[int]:
    """The sentences that answer a question by themselves: of weight, and not of an option that was turned down."""
    found = {m.sentence for phrase in rule.telling for m in reading.index.find(phrase) if language.says_no(phrase) or not reading.denied(m)}
    return frozenset(n for n in found if weights.get(n, 0.0) >= TOLD and _speaks_of_the_plan(reading, rule, n, own))


def _speaks_of_the_plan(reading: Reading, rule: EvidenceRules, number: int, own: frozenset[int]) -> bool:
    """Whether a sentence says what will be, here; a question for how things are today names that in its telling phrases."""
    section, stance = reading.sentences[number].section, reading.stance(number)
    if section not in own and (section in reading.turned_down or section in reading.scenes):
        return False
    says_enough = language.content_words(reading.tokens(number)) >= SAID
    return says_enough and not stance.points_away and (not stance.of_today or _asks_for_today(rule.telling))


@lru_cache(maxsize=1024)
def _asks_for_today(telling: tuple[str, ...]) -> bool:
    return any("today" in phrase for phrase in telling)


def refused(reading: Reading, match: Match) -> bool:
    """Whether the author says of the very thing that it will not be."""
    return not reading.stance(match.sentence).of_today and language.refused(reading.tokens(match.sentence), match.first, match.last)


def near_answer(reading: Reading, rule: EvidenceRules, fitting: Iterable[int], mentions: Mapping[int, None]) -> tuple[int, ...]:
    """What names the question and does not answer it: with a telling phrase, or as its heading; else what fits its phrases."""
    if not rule.telling:
        return (*fitting, *mentions)
    titled = reading.titled(rule.sections) if rule.sections else frozenset()
    found = reading.hits(rule.telling)
    return tuple(
        n
        for n in sorted({*found, *mentions})
        if (n in found and reading.sentences[n].kind in PROSE)
        or (reading.sentences[n].kind is BlockKind.HEADING and reading.sentences[n].section in titled)
    )
