"""What of a judgement is shown: few findings, and sure ones.

The score weighs every hint; a finding is read by somebody who knows the proposal. So praise needs a sentence that says
something particular, a red flag one that speaks of the plan and has no remedy beside it, and a gap a document that
raises the question.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from council.ballot import Severity, Vote
from council.proposal import BlockKind
from council.reviewers.checklist import language
from council.reviewers.checklist.answers import Found, Place, Support
from council.reviewers.checklist.flags import Raised
from council.reviewers.checklist.judge import Judgement, vote_with
from council.reviewers.checklist.reading import Reading, particulars
from council.seats.model import DocumentKind, EvidenceRules

OPEN = 0.2  # value from which a question is too nearly answered to be reported as open
MOST_GAPS = 2
LONG = 100  # sentences of prose from which an answer may well stand there in words that nobody foresaw
TOUCHED = 2  # stakes, and sentences of each, that must be touched before more than one gap is shown
PRAISED_FIT = 5  # words of the question's phrases that a sentence must hold to be praised, where no phrase is telling
PRAISED_WORDS = 5  # words that carry meaning, outside code, without which a sentence is a label
RUNS: frozenset[DocumentKind] = frozenset({"service", "specification"})
GRAVE: frozenset[Severity] = frozenset({"blocker", "major"})


# ---------------------------------------------------------------- praise


def best_passages(reading: Reading, found: Found) -> tuple[Support, ...]:
    """The passages of an answer in their order, those that only introduce or sum up behind the others that answer by themselves."""
    return tuple(sorted(found.support, key=lambda s: (not s.telling, s.telling and is_general(reading, s.sentence))))


def telling_in(reading: Reading, rules: EvidenceRules, number: int) -> int:
    """How many different telling phrases of a question stand in a sentence."""
    return sum(1 for phrase in rules.telling if number in reading.hits((phrase,)))


def is_general(reading: Reading, number: int) -> bool:
    """Whether a sentence only introduces, sums up, names an aim or is not sure."""
    stance = reading.stance(number)
    return stance.points_away or stance.hedged or stance.deferred or number in reading.hits(language.WORDS.introduces)


def leans_back(reading: Reading, number: int) -> bool:
    """Whether a sentence is only understood with the one before it, which stands in the same paragraph or item."""
    here, before = reading.sentences[number], reading.sentences[number - 1] if number else None
    if before is None or before.block != here.block or before.kind is not here.kind or not reading.stance(number - 1).prose:
        return False
    words = reading.tokens(number).words
    return bool(words) and words[0] in language.WORDS.leans_back


def praised(reading: Reading, found: Found, ground: frozenset[int] | None) -> Support | None:
    """The passage for which a question is praised: the statement itself, and under a heading that names it.

    Where no heading vouches for it, because the question or the proposal has none, a sentence is praised that could be
    about nothing else.

    Args:
        ground: the sections under headings on the persona's ground; empty where the proposal has none of them, and None
            for a persona that names no headings.
    """
    rules = found.rules
    if found.status != "answered" or not rules.quotable:
        return None
    if rules.decisive:
        return _decisive(reading, found)
    first = found.support[0]
    section = reading.sentences[first.sentence].section
    if first.place is not Place.OWN or section in reading.turned_down or is_general(reading, first.sentence):
        return None
    if section in reading.within(reading.trials - reading.titled(rules.sections)):
        return None  # a step of a test, unless the question's own heading is one of tests
    if not rules.telling:
        return first if first.fit >= PRAISED_FIT and (not rules.sections or _under_its_heading(reading, rules, first)) else None
    if not first.telling or _plain_words(reading, first.sentence) < PRAISED_WORDS or _is_header(reading, first.sentence):
        return None
    if _under_its_heading(reading, rules, first) and (ground is None or section in ground):
        return first
    elsewhere = bool(rules.sections and ground)  # there are headings for it, and it stands under others
    return None if elsewhere or not _is_particular(reading, rules, first.sentence) else first


def _decisive(reading: Reading, found: Found) -> Support | None:
    """The surest answer where it belongs; among those of one phrase the first."""
    rules = found.rules
    own = reading.titled(rules.sections)
    within_own = reading.within(own)
    off_plan = reading.turned_down | reading.within(reading.trials)
    asked_for = reading.within(own & reading.titled((*language.WORDS.alternatives, *language.WORDS.trials)))
    barred = (off_plan - asked_for) | reading.scenes | reading.opening
    firm = {
        s.sentence: s
        for s in found.support
        if (section := reading.sentences[s.sentence].section) not in barred
        and (not own or section in within_own)
        and _is_firm(reading, s.sentence)
    }
    for phrase in rules.decisive:
        polar = language.says_no(phrase)
        sure = {m.sentence for m in reading.index.find(phrase) if m.sentence in firm and (polar or not reading.denied(m))}
        if sure:
            return firm[min(sure)]
    return None


def _is_firm(reading: Reading, number: int) -> bool:
    """Whether a sentence says something of its own, and for sure; of an option it may say what would be."""
    stance = reading.stance(number)
    leads_on = reading.sentences[number].plain.rstrip().endswith(":") or number in reading.hits(language.WORDS.introduces)
    return not (leads_on or stance.hedged or stance.deferred or stance.of_today or _plain_words(reading, number) < PRAISED_WORDS)


def _is_particular(reading: Reading, rules: EvidenceRules, number: int) -> bool:
    """Whether a sentence that no heading vouches for says enough: two telling phrases, or two figures where figures are asked for."""
    if rules.elusive or reading.sentences[number].section in reading.opening:
        return False
    figures, _ = particulars(reading.tokens(number))
    return telling_in(reading, rules, number) > 1 or (rules.needs == "number" and figures > 1)


def _is_header(reading: Reading, number: int) -> bool:
    """Whether a row of a table holds words only, as its header does."""
    return reading.sentences[number].kind is BlockKind.TABLE_ROW and not any(particulars(reading.tokens(number)))


def _plain_words(reading: Reading, number: int) -> int:
    tokens = reading.tokens(number)
    words = (word for word, code in zip(tokens.words, tokens.code, strict=True) if not code)
    return sum(1 for word in words if word[0].isalpha() and word not in language.WORDS.stop_words)


def _under_its_heading(reading: Reading, rules: EvidenceRules, support: Support) -> bool:
    """Whether the section's own title, or the sentence's label, is on the question."""
    section = reading.sentences[support.sentence].section
    return section in reading.titled(rules.sections) or support.sentence in reading.headed(rules.sections)


# ---------------------------------------------------------------- red flags


def shown_flags(reading: Reading, judgement: Judgement) -> tuple[Raised, ...]:
    """The red flags without a remedy beside them, and the others only where the vote rests on them."""
    sure = tuple(raised for raised in judgement.red if not has_remedy(reading, raised.sentence))
    if len(sure) < len(judgement.red) and vote_with(reading, judgement, sure) is not judgement.vote:
        return judgement.red
    return sure


def has_remedy(reading: Reading, number: int) -> bool:
    """Whether a sentence, or the next one, says what is done about it."""
    section = reading.sentences[number].section
    remedies = reading.hits(language.WORDS.remedies)
    after = number + 1
    return number in remedies or (after in remedies and after < len(reading.sentences) and reading.sentences[after].section == section)


# ---------------------------------------------------------------- gaps


def raises(reading: Reading, judgement: Judgement) -> bool:
    """Whether a document is of a kind that runs, and touches enough of the persona's ground to be asked all of it."""
    persona = judgement.persona
    if judgement.kind.kind not in RUNS or judgement.kind.kind in persona.applicability.less_to or not judgement.at_stake:
        return False
    stakes = persona.stakes
    touched = sum(1 for stake in stakes if sum(map(reading.speaks, reading.hits((stake,)))) >= TOUCHED)
    return not stakes or touched >= TOUCHED


def may_not_matter(reading: Reading, judgement: Judgement) -> bool:
    """Whether a gap can only be that the proposal does not say whether the matter concerns it."""
    return bool(judgement.persona.stakes) and judgement.vote is not Vote.REJECT and not raises(reading, judgement)


def hardly_touched(reading: Reading, judgement: Judgement) -> bool:
    """Whether the ground is touched so little that a gap is no finding: the seat only asks whether it matters here."""
    return not judgement.at_stake and may_not_matter(reading, judgement)


def findings_of(reading: Reading, judgement: Judgement, asked: Sequence[Found]) -> list[Found]:
    """Which of the questions that are asked for are findings; a rejection rests on one that is grave, as sure as there is."""
    sure = [found for found in asked if _is_finding(reading, judgement, found)]
    grounds = [found.rules.severity for found in sure] + [raised.severity for raised in shown_flags(reading, judgement)]
    if judgement.vote is Vote.REJECT and GRAVE.isdisjoint(grounds):
        grave = [found for found in asked if found.rules.severity in GRAVE]
        least = min(grave, key=lambda f: (f.told, _spoken_of(reading, f.rules), f.value), default=None)
        return [found for found in asked if found in sure or found is least]
    return sure


def _is_finding(reading: Reading, judgement: Judgement, found: Found) -> bool:
    """Whether the answer is surely not there, and the matter is at stake."""
    if found.status == "denied":
        return True
    unsure = found.rules.elusive or found.told or _spoken_of(reading, found.rules)
    return not unsure and not hardly_touched(reading, judgement)


def shown_gaps(reading: Reading, judgement: Judgement) -> list[Found]:
    """The questions that are asked for: reported as open or denied, the gravest first."""
    if judgement.vote is Vote.ABSTAIN:
        return []
    still_open = [f for f in judgement.answers if f.status != "answered" and f.counts]
    denied = [f for f in still_open if f.status == "denied"]
    missed = [f for f in still_open if f.status != "denied" and not f.told and f.value < OPEN and not _spoken_of(reading, f.rules)]
    against = judgement.vote is not Vote.APPROVE
    gaps = [f for f in still_open if (f in missed and not f.rules.elusive) or (against and _is_core(f) and not f.told and f not in denied)]
    if not denied and not gaps and against:  # a vote against it says at least what it misses most
        others = sorted((f for f in still_open if f.status != "denied"), key=lambda f: (f.told, f.value))
        gaps = (sorted(missed, key=_missed) or others)[:1]
    thin = may_not_matter(reading, judgement)

    def rank(f: Found) -> tuple[bool, bool, float]:
        filled = not reading.left_empty(f.rules.sections)
        return filled, thin and f.rules.severity != "blocker", _missed(f)

    ranked = sorted(gaps, key=rank)
    most = _most(reading, judgement)
    chosen = [*sorted(denied, key=lambda f: -f.rules.weight), *_of_different_groups(ranked)][: max(most, min(len(denied), MOST_GAPS))]
    if judgement.vote is not Vote.REJECT:
        return chosen
    sure = [f for f in ranked if f in denied or (f in missed and not f.rules.elusive)]
    return _grounds([f for f in sure if f.rules.severity in GRAVE], ranked, still_open, chosen)


def _grounds(sure: Sequence[Found], ranked: Sequence[Found], still_open: Sequence[Found], chosen: Sequence[Found]) -> list[Found]:
    """What a rejection asks for: what is grave before all, and with it what is surely missing, so that it rests on that."""
    if not any(f.rules.severity in GRAVE for f in chosen):
        grave = [f for f in (*ranked, *still_open) if f.rules.severity in GRAVE]
        chosen = [*grave[:1], *chosen][:MOST_GAPS]
    return [*chosen, *([] if any(f in sure for f in chosen) else sure[:1])]


def _is_core(found: Found) -> bool:
    """Whether it is asked for though something goes some way to answer it."""
    return found.rules.severity == "blocker"


def _missed(found: Found) -> float:
    """What is missed most comes first."""
    return -found.rules.weight * (1 - found.value)


def _most(reading: Reading, judgement: Judgement) -> int:
    against = judgement.vote is not Vote.APPROVE
    if judgement.vote is Vote.REJECT:
        return MOST_GAPS
    if may_not_matter(reading, judgement):
        return int(against)
    long = sum(map(len, reading.by_section.values())) >= LONG
    if long or judgement.kind.kind != "service":
        return int(against)
    return MOST_GAPS if against else 1


def _of_different_groups(ranked: Sequence[Found]) -> Iterator[Found]:
    """Of each group of questions the first: two of one group as a rule miss the same thing."""
    groups = set()
    for found in ranked:
        group = found.question.id.rpartition(".")[0]
        if group not in groups:
            groups.add(group)
            yield found


def _spoken_of(reading: Reading, rules: EvidenceRules) -> bool:
    """Whether the prose holds a phrase of the question, or anything of the author's a hint: what stands there may answer it."""
    hinted = any(map(reading.authored, reading.hits(rules.hints)))
    return hinted or any(map(reading.speaks, reading.hits((*rules.phrases, *rules.telling))))
