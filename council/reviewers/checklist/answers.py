"""The answer to each question of a persona, found in a reading.

Every sentence in which a question's phrases stand is weighed by its substance and by where it stands: in a section
on the persona's ground (by its heading, or because it speaks of little else) it counts in full, elsewhere by half,
and what stands elsewhere never makes a full answer. So a proposal that treats a subject where a reader looks for it
is told apart from one that drops its terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from council.ballot import AnswerStatus
from council.proposal import BlockKind
from council.reviewers.checklist import language
from council.reviewers.checklist.phrases import Match, tokenize
from council.reviewers.checklist.reading import Reading, has_substance
from council.seats.model import EvidenceRules, Persona, Question

ELSEWHERE = 0.5  # weight of a sentence off the persona's ground
ELSEWHERE_CAP = 0.4  # what such sentences can add up to
SENTENCE_SHARE = 0.8  # what one full sentence on the ground is worth
ANSWERED = 0.45  # value from which a question is answered
UNPHRASED = 0.5  # weight of a sentence that stands under a heading on the question, without its phrases
DENSE_SENTENCES = 3  # sentences with a persona's phrases that make a section its ground, whatever its heading
DENSE_SHARE = 0.34
CONSIDERED = 4  # best sentences that count for a question


@dataclass(frozen=True, slots=True)
class Support:
    """A sentence that speaks to a question, and its weight in the answer."""

    sentence: int
    weight: float
    on_ground: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What a reading holds on one question.

    Attributes:
        value: 0 to 1, how well it is answered.
        support: asserted sentences with substance, the best first.
        denials: sentences that deny it. mentions: sentences that only name it.
        searched: sections on the question or on the persona's ground.
    """

    question: Question
    rules: EvidenceRules
    status: AnswerStatus
    value: float
    support: tuple[Support, ...] = ()
    denials: tuple[int, ...] = ()
    mentions: tuple[int, ...] = ()
    searched: tuple[int, ...] = field(default=())


def find_answers(reading: Reading, persona: Persona) -> tuple[Found, ...]:
    """Answer every question of a persona from a reading, in the order of its checklist."""
    rules = [(question, rules_of(question)) for question in persona.questions]
    matched = {question.id: _matches(reading, rule) for question, rule in rules}
    ground = ground_of(reading, persona, [m for pairs in matched.values() for m, denied in pairs if not denied])
    return tuple(_answer(reading, question, rule, matched[question.id], ground) for question, rule in rules)


def _matches(reading: Reading, rule: EvidenceRules) -> list[tuple[Match, bool]]:
    """Where the question's phrases stand, and whether they are denied there."""
    found = []
    for phrase in rule.phrases:
        polar = _says_no(phrase)
        found += [(match, not polar and reading.denied(match)) for match in reading.index.find(phrase)]
    for phrase in rule.denials:
        polar = _says_no(phrase)
        found += [(match, True) for match in reading.index.find(phrase) if polar or not reading.denied(match)]
    return found


@lru_cache(maxsize=8192)
def _says_no(phrase: str) -> bool:
    """Whether a phrase holds its own negation ("no ssh", "without redeploying")."""
    return any(language.is_negator(word) for part in phrase.split() for word in part.split("|"))


def ground_of(reading: Reading, persona: Persona, matches: Iterable[Match]) -> frozenset[int]:
    """The sections on a persona's ground: by heading, or because a good part of their sentences speak of it."""
    titles = set(persona.sections)
    for question in persona.questions:
        titles.update(rules_of(question).sections)
    by_heading = reading.within(reading.titled(titles))
    speaking: dict[int, set[int]] = {}
    for match in matches:
        stance = reading.stance(match.sentence)
        if stance.prose and stance.substance >= 0.3:
            speaking.setdefault(reading.sentences[match.sentence].section, set()).add(match.sentence)
    dense = {
        section
        for section, numbers in speaking.items()
        if len(numbers) >= DENSE_SENTENCES and len(numbers) >= DENSE_SHARE * len(reading.by_section.get(section, ()))
    }
    return by_heading | frozenset(dense)


def _answer(reading: Reading, question: Question, rule: EvidenceRules, matches: Sequence[tuple[Match, bool]], ground: frozenset[int]) -> Found:
    own = reading.within(reading.titled(rule.sections)) if rule.sections else frozenset()
    weights: dict[int, float] = {}
    denials: dict[int, None] = {}
    mentions: dict[int, None] = {}
    for match, denied in matches:
        _weigh(reading, rule, match, denied, weights, denials, mentions)
    for section in own:
        for number in reading.by_section.get(section, ()):
            if number not in weights and number not in denials:
                weight = UNPHRASED * _weight(reading, number, rule.needs)
                if weight > 0.2:
                    weights[number] = weight
    support = _ranked(reading, weights, ground | own)
    value = _value(support)
    denied_here = tuple(n for n in denials if n not in weights)
    status = _status(value, support, denied_here, mentions)
    searched = tuple(sorted(own or ground))
    return Found(question, rule, status, value if status != "denied" else min(value, 0.2), support, denied_here, tuple(mentions), searched)


def _weigh(
    reading: Reading,
    rule: EvidenceRules,
    match: Match,
    denied: bool,
    weights: dict[int, float],
    denials: dict[int, None],
    mentions: dict[int, None],
) -> None:
    """Put one match where it belongs: support, denial or mere mention."""
    number = match.sentence
    stance, tokens = reading.stance(number), reading.tokens(number)
    kind = reading.sentences[number].kind
    if kind in (BlockKind.HEADING, BlockKind.CODE, BlockKind.QUOTE, BlockKind.IMAGE):
        mentions[number] = None
        return
    if not stance.prose:
        return
    if stance.asks or stance.terms or any(tokens.quoted[match.first : match.last + 1]):
        mentions[number] = None
    elif denied:
        denials[number] = None
    else:
        weight = _weight(reading, number, rule.needs)
        if weight < 0.2:
            mentions[number] = None
        else:
            weights[number] = max(weight, weights.get(number, 0.0))


def _weight(reading: Reading, number: int, needs: str) -> float:
    stance = reading.stance(number)
    weight = stance.substance
    if needs != "none" and not has_substance(reading, number, needs):
        weight *= 0.5
    return weight


def _ranked(reading: Reading, weights: dict[int, float], ground: frozenset[int]) -> tuple[Support, ...]:
    ranked = []
    for number, weight in weights.items():
        on_ground = reading.sentences[number].section in ground
        ranked.append(Support(number, weight if on_ground else weight * ELSEWHERE, on_ground))
    ranked.sort(key=lambda s: (-s.weight, s.sentence))
    return tuple(ranked)


def _value(support: Sequence[Support]) -> float:
    """One minus what every sentence leaves open; sentences off the ground close at most `ELSEWHERE_CAP` of it."""
    open_on = open_off = 1.0
    for item in support[: 2 * CONSIDERED]:
        if item.on_ground:
            open_on *= 1 - SENTENCE_SHARE * item.weight
        else:
            open_off *= 1 - SENTENCE_SHARE * item.weight
    return 1 - open_on * max(open_off, 1 - ELSEWHERE_CAP)


def _status(value: float, support: Sequence[Support], denials: Sequence[int], mentions: dict[int, None]) -> AnswerStatus:
    if denials and value < 0.6 and not (value >= ANSWERED and len(denials) < len(support)):
        return "denied"
    if value >= ANSWERED:
        return "answered"
    if support or mentions:
        return "mentioned"
    return "absent"


# ---------------------------------------------------------------- questions without rules

_GENERIC = frozenset("query find field capture proposal system engineer good enough key point available need include specific document".split())


@lru_cache(maxsize=1024)
def _rules_from_words(text: str) -> EvidenceRules:
    """Rules for a question that brings none: two of its content words near each other, in either order."""
    words = [w for w in dict.fromkeys(tokenize(text).words) if w[0].isalpha() and w not in language.STOP_WORDS]
    telling = [w for w in words if w not in _GENERIC] or words
    stems = [w if len(w) < 6 else w[: max(5, len(w) - 3)] + "*" for w in telling]
    phrases = [f"{a} .. {b}" for a in stems for b in stems if a != b]
    if len(stems) == 1:
        phrases = stems
    return EvidenceRules(phrases=tuple(phrases), ask="")


def rules_of(question: Question) -> EvidenceRules:
    """A question's own rules, or rules from its words."""
    return question.rules if question.rules is not None else _rules_from_words(question.text)
