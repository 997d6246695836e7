"""The answer to each question of a persona, found in a reading.

Every sentence in which a question's phrases stand is weighed by its substance and by where it stands: in a section
on the persona's ground (by its heading, or because it speaks of little else) it counts in full, elsewhere by half,
and what stands elsewhere never makes a full answer. So a proposal that treats a subject where a reader looks for it
is told apart from one that drops its terms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache

from council.ballot import AnswerStatus
from council.proposal import BlockKind
from council.reviewers.checklist import language
from council.reviewers.checklist.phrases import Match, tokenize
from council.reviewers.checklist.reading import Reading, has_substance
from council.reviewers.checklist.telling import near_answer, refused, telling_sentences
from council.seats.model import EvidenceRules, Persona, Question

OWN, GROUND, CORE_GROUND, ELSEWHERE = (
    1.0,
    0.9,
    0.5,
    0.5,
)  # weight of a sentence by where it stands; a core question asks for its own heading
GROUND_CAP, CORE_CAP, ELSEWHERE_CAP = 0.75, 0.44, 0.4  # what sentences that do not stand under the question's own heading can add up to
SENTENCE_SHARE = 0.9  # what one full sentence is worth
SHARED = 0.93  # a sentence that answers several questions counts a little less for each further one
ANSWERED = 0.45  # value from which a question is answered
UNPHRASED = 0.5  # weight of a sentence that stands under a heading on the question, without its phrases
DENSE = 3, 0.5  # sentences, and share of a section's prose, that make it a persona's ground whatever its heading
DENSE_OWN = 2, 0.5  # the same for a single question
RAISED = 2  # sentences that raise a question
CLOSE_FIT, BEST_FIT = 3, 8  # words of a question's phrases that make a sentence fit it closely, and beyond which more say no more
LOOSE = 0.75  # weight of a single word of a question, off its own heading
SAID_IN_PLACE = 0.55  # the least weight of a sentence that answers by itself, under the question's own heading
CONSIDERED = 4  # best sentences that count for a question


class Place(IntEnum):
    """Where a sentence stands for a question: under a heading on it, on the persona's ground, or elsewhere."""

    ELSEWHERE = 0
    GROUND = 1
    OWN = 2


@dataclass(frozen=True, slots=True)
class Support:
    """A sentence that speaks to a question.

    Attributes:
        weight: in the answer. fit: how closely it fits the question's phrases.
        telling: whether it answers the question by itself.
    """

    sentence: int
    weight: float
    place: Place
    fit: int = 0
    telling: bool = False

    @property
    def on_ground(self) -> bool:
        """Whether it stands where a reader would look for it."""
        return self.place is not Place.ELSEWHERE


@dataclass(frozen=True, slots=True)
class Found:
    """What a reading holds on one question.

    Attributes:
        value: 0 to 1, how well it is answered.
        support: asserted sentences with substance, the best first.
        denials: sentences that deny it. mentions: sentences that only name it.
        searched: sections on the question or on the persona's ground.
        near: sentences and headings that come nearest to an answer, where none is given.
        expected: whether the proposal raises the question.
    """

    question: Question
    rules: EvidenceRules
    status: AnswerStatus
    value: float
    support: tuple[Support, ...] = ()
    denials: tuple[int, ...] = ()
    mentions: tuple[int, ...] = ()
    searched: tuple[int, ...] = field(default=())
    expected: bool = True
    near: tuple[int, ...] = ()

    @property
    def told(self) -> bool:
        """Whether a sentence answers it by itself, wherever it stands."""
        return any(support.telling for support in self.support)

    @property
    def counts(self) -> bool:
        """Whether it weighs in the score: it is expected, or something is said."""
        return self.expected or self.status in ("answered", "denied")


def find_answers(reading: Reading, persona: Persona) -> tuple[Found, ...]:
    """Answer every question of a persona from a reading, in the order of its checklist."""
    rules = [(question, rules_of(question)) for question in persona.questions]
    matched = {question.id: _matches(reading, rule) for question, rule in rules}
    ground = ground_of(reading, persona, [m for pairs in matched.values() for m, denied in pairs if not denied])
    served = Counter(n for pairs in matched.values() for n in {m.sentence for m, denied in pairs if not denied})
    return tuple(_answer(reading, question, rule, matched[question.id], ground, served) for question, rule in rules)


def _matches(reading: Reading, rule: EvidenceRules) -> list[tuple[Match, bool]]:
    """Where the question's phrases stand, and whether they are denied there."""
    found = []
    for phrase in (*rule.phrases, *rule.telling):
        polar = language.says_no(phrase)
        loose = phrase not in rule.telling if rule.telling else ".." in phrase
        for match in reading.index.find(phrase):
            if polar or not reading.denied(match):
                found.append((match, False))
            elif rule.refusable and not loose and (not rule.telling or refused(reading, match)):  # else the negation may belong to anything
                found.append((match, True))
    for phrase in rule.denials:
        polar = language.says_no(phrase)
        found += [(match, True) for match in reading.index.find(phrase) if polar or not reading.denied(match)]
    return found


def ground_of(reading: Reading, persona: Persona, matches: Iterable[Match]) -> frozenset[int]:
    """The sections on a persona's ground: by heading, or because a good part of their sentences speak of it.

    A persona that names no headings has no ground of its own; for it every section counts in full.
    """
    if not persona.sections:
        return frozenset(range(len(reading.proposal.sections)))
    speaking = {m.sentence for m in matches if reading.stance(m.sentence).prose and reading.stance(m.sentence).substance >= 0.3}
    return reading.within(reading.titled(persona.sections)) | _dense(reading, speaking, DENSE)


def _denies_here(reading: Reading, number: int, ground: frozenset[int]) -> bool:
    """A denial counts where a reader would look for the answer, and not where the present state or a rejected option is told."""
    section = reading.sentences[number].section
    return section in ground and section not in reading.of_today and section not in reading.turned_down


def _dense(reading: Reading, sentences: Iterable[int], least: tuple[int, float]) -> frozenset[int]:
    """Sections in which the sentences are at least so many, and at least such a share of the prose."""
    count = Counter(reading.sentences[n].section for n in sentences)
    return frozenset(s for s, n in count.items() if n >= least[0] and n >= least[1] * len(reading.by_section.get(s, ())))


def _answer(
    reading: Reading,
    question: Question,
    rule: EvidenceRules,
    matches: Sequence[tuple[Match, bool]],
    ground: frozenset[int],
    served: Counter[int],
) -> Found:
    own = reading.within(reading.titled(rule.sections)) if rule.sections else frozenset()
    headed = reading.headed(rule.sections) if rule.sections else frozenset()
    weights, denials, mentions = _gather(reading, rule, matches, own, served)
    fit = _fit(matches)
    core = rule.severity == "blocker"
    left_open = reading.nothing_written(own)
    if rule.sections:
        own |= _dense(reading, (n for n in weights if fit[n] >= CLOSE_FIT), DENSE_OWN)
    else:
        own |= ground
    places = {n: _place(reading, n, own, ground, headed) for n in weights}
    telling = telling_sentences(reading, rule, weights, own)
    support = _ranked(weights, places, fit, telling, CORE_GROUND if core else GROUND)
    value = _value(support, ELSEWHERE_CAP if left_open else CORE_CAP if core else GROUND_CAP)
    denied_here = tuple(n for n in denials if n not in weights and _denies_here(reading, n, ground | own))
    status = _status(value, support, denied_here, mentions)
    searched = tuple(sorted(own or ground))
    return Found(
        question,
        rule,
        status,
        value if status != "denied" else min(value, 0.2),
        support,
        denied_here,
        tuple(mentions),
        searched,
        _raised(reading, rule),
        near_answer(reading, rule, [s.sentence for s in support if s.fit >= CLOSE_FIT], mentions),
    )


def _gather(
    reading: Reading, rule: EvidenceRules, matches: Sequence[tuple[Match, bool]], own: frozenset[int], served: Counter[int]
) -> tuple[dict[int, float], dict[int, None], dict[int, None]]:
    """The sentences that speak to a question with their weights, those that deny it and those that only name it."""
    weights: dict[int, float] = {}
    denials: dict[int, None] = {}
    mentions: dict[int, None] = {}
    for match, denied in matches:
        _weigh(reading, rule, match, denied, weights, denials, mentions)
    for number in weights:
        weights[number] *= SHARED ** min(3, served[number] - 1)
    for section in own:
        for number in reading.by_section.get(section, ()):
            if number not in weights and number not in denials:
                weight = UNPHRASED * _weight(reading, number, rule.needs)
                if weight > 0.2:
                    weights[number] = weight
    return weights, denials, mentions


def _raised(reading: Reading, rule: EvidenceRules) -> bool:
    if not rule.raised_by:
        return True
    return sum(1 for n in reading.hits(rule.raised_by) if reading.stance(n).prose and not reading.stance(n).asks) >= RAISED


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


def _fit(matches: Sequence[tuple[Match, bool]]) -> Counter[int]:
    """How many words of the question's phrases each sentence holds; one long phrase counts for three at most."""
    fit: Counter[int] = Counter()
    for match in {match for match, denied in matches if not denied}:
        fit[match.sentence] += min(3, match.last - match.first + 1)
    return fit


def _place(reading: Reading, number: int, own: frozenset[int], ground: frozenset[int], headed: frozenset[int]) -> Place:
    section = reading.sentences[number].section
    if section in own or number in headed:
        return Place.OWN
    return Place.GROUND if section in ground else Place.ELSEWHERE


def _ranked(
    weights: Mapping[int, float], places: Mapping[int, Place], fit: Counter[int], telling: frozenset[int], on_ground: float
) -> tuple[Support, ...]:
    """What answers by itself, then the closest fit in the best place, first: it is cited. A single word off its place is worth less."""
    share = {Place.OWN: OWN, Place.GROUND: on_ground, Place.ELSEWHERE: ELSEWHERE}
    ranked = []
    for number, weight in weights.items():
        place = places[number]
        loose = LOOSE if fit[number] == 1 and place is not Place.OWN else 1.0
        weight *= share[place] * loose
        if number in telling and place is Place.OWN:
            weight = max(weight, SAID_IN_PLACE)
        ranked.append(Support(number, weight, place, fit[number], number in telling))
    ranked.sort(key=_precedence)
    return tuple(ranked)


def _precedence(support: Support) -> tuple[float, ...]:
    """Among sentences that answer by themselves the first is as a rule the statement, and what follows enlarges on it."""
    if support.telling:
        return (0, -support.place, support.sentence)
    return (1, support.fit == 0, -support.place, -min(support.fit, BEST_FIT), -support.weight, support.sentence)


def _value(support: Sequence[Support], ground_cap: float) -> float:
    """One minus what the best sentences of each place leave open; each place closes at most its cap."""
    still_open = 1.0
    for place, cap in ((Place.OWN, 1.0), (Place.GROUND, ground_cap), (Place.ELSEWHERE, ELSEWHERE_CAP)):
        left = 1.0
        there = sorted((s for s in support if s.place is place), key=lambda s: -s.weight)
        for item in there[:CONSIDERED]:
            left *= 1 - SENTENCE_SHARE * item.weight
        still_open = min(still_open, max(left, 1 - cap)) if place is Place.ELSEWHERE else still_open * max(left, 1 - cap)
    return 1 - still_open


def _status(value: float, support: Sequence[Support], denials: Sequence[int], mentions: dict[int, None]) -> AnswerStatus:
    if denials and (value < ANSWERED or len(denials) >= len(support)):
        return "denied"
    if value >= ANSWERED:
        return "answered"
    if support or mentions:
        return "mentioned"
    return "absent"


# ---------------------------------------------------------------- questions without rules

_GENERIC = frozenset(
    "query find field capture proposal system engineer good enough key point available need include specific document".split()
)


@lru_cache(maxsize=1024)
def _rules_from_words(text: str) -> EvidenceRules:
    """Rules for a question that brings none: two of its content words near each other, in either order."""
    words = [w for w in dict.fromkeys(tokenize(text).words) if w[0].isalpha() and w not in language.WORDS.stop_words]
    telling = [w for w in words if w not in _GENERIC] or words
    stems = [w if len(w) < 6 else w[: max(5, len(w) - 3)] + "*" for w in telling]
    phrases = [f"{a} .. {b}" for a in stems for b in stems if a != b]
    if len(stems) == 1:
        phrases = stems
    return EvidenceRules(phrases=tuple(phrases), ask="")


def rules_of(question: Question) -> EvidenceRules:
    """A question's own rules, or rules from its words."""
    return question.rules if question.rules is not None else _rules_from_words(question.text)
