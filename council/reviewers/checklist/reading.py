"""A proposal as a checklist reader sees it: every sentence with its words, its stance and its substance.

Made once for a proposal and shared by all seats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from council.addressed import find_addressed
from council.proposal import PROSE, BlockKind, Proposal, SectionStatus, Sentence
from council.reviewers.checklist import language
from council.reviewers.checklist.phrases import Match, PhraseIndex, Tokens, entities_at, tokenize

AUTHORED = PROSE | {BlockKind.HEADING, BlockKind.CODE}
REASONS = frozenset("because since therefore so thus hence otherwise".split())
PAPERWORK_TITLE = 3
LABEL = 6  # words within which a sentence's label ends
FRAME_LENGTH = 3
FRAME_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Stance:
    """How the author stands to one sentence.

    Attributes:
        prose: the author's own assertion in running text, a list or a table.
        asks: only a question. deferred: a promise for later. hedged: not sure. terms: a list of bare terms.
        condemned, endorsed: words of rejection or of approval stand in it.
        of_today: it tells how things are, not how they will be.
        points_away: it sends the reader elsewhere, introduces what follows, or speaks of what might have been.
        substance: 0 to 1, how much is said beyond terms: figures, names in code, reasons, length.
    """

    prose: bool
    asks: bool
    deferred: bool
    hedged: bool
    terms: bool
    condemned: bool
    endorsed: bool
    of_today: bool
    points_away: bool
    substance: float


class Reading:
    """A proposal, tokenised and indexed.

    Attributes:
        proposal: what was read.
        index: phrases in its sentences, by sentence number.
        headings: phrases in its section titles, by section number.
    """

    def __init__(self, proposal: Proposal) -> None:
        self.proposal = proposal
        self.sentences: tuple[Sentence, ...] = proposal.sentences
        self.index = PhraseIndex(tokenize(s.plain) for s in self.sentences)
        self.headings = PhraseIndex(tokenize(s.title) for s in proposal.sections)
        self.to_reviewers = frozenset(found.line for found in find_addressed(proposal) if found.bars)
        self._stances: dict[int, Stance] = {}

    def tokens(self, number: int) -> Tokens:
        """The words of a sentence."""
        return self.index.sentences[number]

    def stance(self, number: int) -> Stance:
        """How the author stands to a sentence; worked out when first asked for."""
        stance = self._stances.get(number)
        if stance is None:
            stance = self._stances[number] = self._judge(number)
        return stance

    def hits(self, phrases: Iterable[str]) -> frozenset[int]:
        """Numbers of the sentences in which any of the phrases stands."""
        return frozenset(match.sentence for phrase in phrases for match in self.index.find(phrase))

    def titled(self, phrases: Iterable[str]) -> frozenset[int]:
        """Numbers of the sections whose own title holds any of the phrases."""
        return frozenset(match.sentence for phrase in phrases for match in self.headings.find(phrase))

    def denied(self, match: Match) -> bool:
        """Whether what a match says is denied in its sentence."""
        return language.negated(self.tokens(match.sentence), match.first, match.last)

    @cached_property
    def root(self) -> int | None:
        """The section whose title is the document's: the only one of its level, above all others."""
        titled = [s for s in self.proposal.sections if s.level > 0]
        if not titled:
            return None
        top = min(s.level for s in titled)
        tops = [s for s in titled if s.level == top]
        return tops[0].index if len(tops) == 1 and tops[0] is titled[0] else None

    @cached_property
    def lineage(self) -> tuple[tuple[int, ...], ...]:
        """For each section itself and the sections that enclose it, without the document's title."""
        lineages: list[tuple[int, ...]] = []
        for section in self.proposal.sections:
            above = lineages[section.parent] if section.parent is not None and section.parent < len(lineages) else ()
            lineages.append(above if section.index == self.root else (*above, section.index))
        return tuple(lineages)

    def within(self, sections: frozenset[int]) -> frozenset[int]:
        """The sections given and all that stand within them."""
        return frozenset(s.index for s in self.proposal.sections if not sections.isdisjoint(self.lineage[s.index]))

    @cached_property
    def turned_down(self) -> frozenset[int]:
        """Sections on alternatives, background and history: what they describe is not what is proposed."""
        return self.within(self.titled(language.WORDS.alternatives))

    @cached_property
    def of_today(self) -> frozenset[int]:
        """Sections on the present state: what they deny is not what the proposal denies."""
        return self.within(self.titled(language.WORDS.present_state))

    @cached_property
    def opening(self) -> frozenset[int]:
        """Sections that open the proposal or tell how things are."""
        return self.within(self.titled(language.WORDS.opening))

    @cached_property
    def scenes(self) -> frozenset[int]:
        """Sections that tell of somebody's day."""
        return self.within(self.titled(language.WORDS.scenes))

    @cached_property
    def trials(self) -> frozenset[int]:
        """Sections whose own title is about tests."""
        return self.titled(language.WORDS.trials)

    @cached_property
    def paperwork(self) -> frozenset[int]:
        """Sections on history, references and the like: their title says that and hardly more."""
        found = self.titled(language.WORDS.administrative)
        return frozenset(n for n in found if len(self.headings.sentences[n].words) <= PAPERWORK_TITLE)

    @cached_property
    def by_section(self) -> dict[int, list[int]]:
        """Numbers of the prose sentences of each section."""
        result: dict[int, list[int]] = {}
        for number, sentence in enumerate(self.sentences):
            if self._asserts(sentence):
                result.setdefault(sentence.section, []).append(number)
        return result

    @cached_property
    def _cues(self) -> dict[str, frozenset[int]]:
        return {
            "deferred": self.hits(language.WORDS.deferred),
            "hedged": self.hits(language.WORDS.hedged),
            "condemned": self.hits(language.WORDS.condemned),
            "endorsed": self.hits(language.WORDS.endorsed),
            "of_today": self.hits(language.WORDS.of_today),
            "points_away": self.hits(language.WORDS.points_away),
            "praises": self.hits(language.WORDS.praises_itself),
        }

    @cached_property
    def _frames(self) -> frozenset[tuple[str, ...]]:
        """Openings that short sentences repeat over and over: a filled form, not a description."""
        counts = Counter(
            t.words[:FRAME_LENGTH]
            for s, t in zip(self.sentences, self.index.sentences, strict=True)
            if s.kind in PROSE and FRAME_LENGTH < len(t.words) <= 9
        )
        return frozenset(frame for frame, count in counts.items() if count >= FRAME_REPEATS)

    def _asserts(self, sentence: Sentence) -> bool:
        """Whether it is the author's own prose, on the matter, and not a word to the reviewers (rule 7)."""
        return sentence.kind in PROSE and self._on_the_matter(sentence)

    def _on_the_matter(self, sentence: Sentence) -> bool:
        if sentence.section in self.paperwork:
            return False
        return self.to_reviewers.isdisjoint(range(sentence.first, sentence.last + 1)) if self.to_reviewers else True

    @cached_property
    def labels(self) -> tuple[tuple[int, ...], ...]:
        """For each sentence the sentences that head it as a title would.

        Its own label ("Rollback: the flag is set to off"), and the lead-in, ending in a colon, of the list it stands in.
        """
        heads: list[tuple[int, ...]] = []
        lead: int | None = None
        for number, sentence in enumerate(self.sentences):
            if sentence.kind is BlockKind.HEADING:
                lead = None
            elif sentence.kind is BlockKind.PARAGRAPH:
                lead = number if sentence.plain.rstrip().endswith(":") else None
            listed = lead is not None and lead != number and sentence.kind is not BlockKind.PARAGRAPH
            own = (number,) if ":" in self.tokens(number).words[1:LABEL] else ()
            heads.append((*own, lead) if listed and lead is not None else own)
        return tuple(heads)

    def headed(self, phrases: tuple[str, ...]) -> frozenset[int]:
        """Numbers of the sentences whose label or lead-in holds any of the phrases."""
        places: dict[int, list[int]] = {}
        for phrase in phrases:
            for match in self.index.find(phrase):
                places.setdefault(match.sentence, []).append(match.last)
        found = set()
        for number, heads in enumerate(self.labels):
            for head in heads:
                ends = places.get(head, ())
                if ends and (head != number or min(ends) < self._label_end(number)):
                    found.add(number)
        return frozenset(found)

    def speaks(self, number: int) -> bool:
        """Whether a sentence of prose says something, rather than asks."""
        stance = self.stance(number)
        return stance.prose and not stance.asks

    def authored(self, number: int) -> bool:
        """Whether a sentence, heading or line of code is the author's own, on the matter, and does not ask."""
        sentence = self.sentences[number]
        return sentence.kind in AUTHORED and self._on_the_matter(sentence) and not language.is_question(sentence.plain)

    def left_empty(self, titles: tuple[str, ...]) -> bool:
        """Whether there are sections under these titles, and nothing was written in any of them."""
        return self.nothing_written(self.within(self.titled(titles)))

    def nothing_written(self, sections: Iterable[int]) -> bool:
        """Whether some of the sections were left empty, and nothing was written in any: "N/A", "TBD" or what a template left."""
        statuses = {self.proposal.sections[n].status for n in sections}
        return bool(statuses & {SectionStatus.PLACEHOLDER, SectionStatus.TEMPLATE}) and SectionStatus.FILLED not in statuses

    def _label_end(self, number: int) -> int:
        words = self.tokens(number).words
        return words.index(":") if ":" in words else 0

    def _judge(self, number: int) -> Stance:
        sentence, tokens = self.sentences[number], self.tokens(number)
        cues = self._cues
        framed = len(tokens.words) <= 9 and tokens.words[:FRAME_LENGTH] in self._frames
        terms = language.is_term_list(tokens) or framed or number in cues["praises"] or _bare_item(sentence, tokens)
        asks = language.is_question(sentence.plain)
        deferred = number in cues["deferred"]
        return Stance(
            prose=self._asserts(sentence),
            asks=asks,
            deferred=deferred,
            hedged=number in cues["hedged"],
            terms=terms,
            condemned=number in cues["condemned"],
            endorsed=number in cues["endorsed"],
            of_today=number in cues["of_today"],
            points_away=number in cues["points_away"] or sentence.plain.rstrip().endswith(":"),
            substance=0.0 if asks or terms else _substance(tokens, deferred=deferred, hedged=number in cues["hedged"]),
        )


def _bare_item(sentence: Sentence, tokens: Tokens) -> bool:
    """An item of a list or table of a few words, without a figure or a name: a term, not a statement."""
    if sentence.kind is BlockKind.PARAGRAPH or any(tokens.code) or any(word[0].isdigit() for word in tokens.words):
        return False
    return language.content_words(tokens) < 4


def _substance(tokens: Tokens, *, deferred: bool, hedged: bool) -> float:
    """How much a sentence says beyond naming its topic; the weights were chosen by hand."""
    words = language.content_words(tokens)
    if words < 3:
        return 0.05
    figures, names = particulars(tokens)
    score = 0.25 + min(words, 16) * 0.02
    score += 0.2 if figures else 0.0
    score += 0.2 if names else 0.0
    score += 0.05 if figures > 1 or names > 1 else 0.0
    score += 0.1 if not REASONS.isdisjoint(tokens.words) else 0.0
    if hedged:
        score *= 0.7
    if deferred:
        score *= 0.3
    return min(1.0, score)


def particulars(tokens: Tokens) -> tuple[int, int]:
    """How many figures and how many names in code."""
    figures = sum(1 for word in tokens.words if word[0].isdigit())
    return figures, sum(1 for at, flag in enumerate(tokens.code) if flag and not (at and tokens.code[at - 1]))


def has_substance(reading: Reading, number: int, needs: str) -> bool:
    """Whether a sentence holds the kind of substance that a question needs."""
    if needs in ("any", "none"):
        return True
    tokens = reading.tokens(number)
    if needs == "number":
        return (
            any("number" in entities_at(tokens, at) for at, word in enumerate(tokens.words) if word[0].isdigit()) or "zero" in tokens.words
        )
    if needs in ("identifier", "command"):
        return any(tokens.code) or any(tokens.quoted) or any("_" in part or "/" in part for part in reading.sentences[number].plain.split())
    if needs == "reason":
        return len(tokens.words) >= 8
    return True
