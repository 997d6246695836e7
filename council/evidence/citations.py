"""Whether a citation or a claim of absence holds, and the quotation, taken from the proposal."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from council.ballot import Absence, Citation, Evidence
from council.evidence.folding import fold_quotation, fold_words
from council.evidence.source import Source
from council.proposal import Block, BlockKind, Section

LONGEST_SPAN = 40  # lines; who cites more has not found the passage
LONGEST_QUOTE = 2000  # characters of a quotation; a line can be as long as the document
MOVABLE = 3  # words a quotation needs before it may be found elsewhere than cited: "as is" stands everywhere
SHORTEST_ANCHOR = 3  # characters; "a" and "of" stand in every line


class Need(Enum):
    """What cited lines must be, for what they are cited for."""

    ANYTHING = auto()  # a gap: the heading over nothing, the template's unanswered question
    OWN_WORDS = auto()  # what the author wrote for readers: a risk, a refusal, the kind of document
    STATEMENT = auto()  # what the author says: an answer, something good
    ADDRESS = auto()  # text that speaks to the reviewers: anywhere, hidden too


_OTHERS_WORDS = frozenset({BlockKind.COMMENT, BlockKind.TEMPLATE, BlockKind.TOC})
_NO_STATEMENT = _OTHERS_WORDS | {BlockKind.HEADING, BlockKind.IMAGE}
_BARRED: dict[Need, frozenset[BlockKind]] = {Need.OWN_WORDS: _OTHERS_WORDS, Need.STATEMENT: _NO_STATEMENT}


def check_citation(source: Source, citation: Citation, need: Need) -> Evidence:
    """Check one citation.

    A quotation must occur in the cited lines; where it stands elsewhere word for word, the lines are put right and
    `problem` says so. Without one, the anchor words must stand in the cited lines, next to each other.

    Returns:
        Evidence of kind "quotation", whose quote is the proposal's text.
    """
    if fold_words(citation.quote):
        return _by_quotation(source, citation, need)
    if len(fold_words(citation.anchor).strip()) >= SHORTEST_ANCHOR:
        return _by_anchor(source, citation, need)
    return _refused("neither a quotation nor anchor words guard the line numbers", citation)


def check_absence(source: Source, absence: Absence) -> Evidence:
    """Check a claim that something is missing.

    The sections named must exist, none of the terms may stand in what they assert (headings, code, comments, hidden
    text and questions assert nothing), and the nearest passage must check out like a citation.

    Returns:
        Evidence of kind "absence", whose quote is the nearest passage.
    """
    named = [(title, source.sections(title)) for title in absence.sections]
    searched = tuple(dict.fromkeys(s.title for _, found in named for s in found))
    nearest = None if absence.nearest is None else check_citation(source, absence.nearest, Need.ANYTHING)
    problem = _missing_section(named) or _contradiction(source, absence, named)
    if not problem and not (absence.sections or nearest or any(map(fold_words, absence.terms))):
        problem = "no section searched, no term looked for, no nearest passage"
    if not problem and nearest is not None and not nearest.verified:
        problem = f"the nearest passage: {nearest.problem}"
    base = nearest or Evidence(kind="absence", verified=False)
    kept = problem or base.problem
    return base.model_copy(update={"kind": "absence", "verified": not problem, "searched": searched, "problem": kept})


def _by_quotation(source: Source, citation: Citation, need: Need) -> Evidence:
    folded = fold_quotation(citation.quote)
    first, last, moved = citation.first, citation.last, ""
    if _span_problem(source, first, last) or not _stands(source, folded, first, last, need):
        located = source.locate(folded, first) if len(fold_words(citation.quote).split()) >= MOVABLE else None
        if located is None:
            return _refused(f"the quotation does not stand in {_lines(first, last)}", citation)
        moved = f"stands in {_lines(*located)}, was cited as {_lines(first, last)}"
        first, last = located
    blocks = source.blocks(first, last)
    holding = [b for b in blocks if folded in source.folded(b.text)]
    kinds = {b.kind for b in holding or blocks}
    problem = _kind_problem(source, first, last, kinds, need) or _unseen_problem(source, first, last, citation.quote, need)
    quote = _own_text(source, citation.quote.strip(), first, last, holding, need)
    return _evidence(source, first, last, quote, verified=not problem, problem=problem or moved)


def _own_text(source: Source, given: str, first: int, last: int, holding: Sequence[Block], need: Need) -> str:
    """The quotation where it is the proposal's letter for letter, else the lines in which it stands."""
    own = [source.text(first, last), *(b.text for b in holding)]
    if need is Need.ADDRESS:
        own += [h.text for h in source.hidden(first, last)]
    return given if any(given in text for text in own) else own[0]


def _by_anchor(source: Source, citation: Citation, need: Need) -> Evidence:
    first, last = citation.first, citation.last
    if problem := _span_problem(source, first, last):
        return _refused(problem, citation)
    words, text = fold_words(citation.anchor), source.text(first, last)
    if words not in source.words(first, last):
        hidden = [h.text for h in source.hidden(first, last) if words in fold_words(h.text)] if need is Need.ADDRESS else []
        if not hidden:
            return _refused(f"the anchor words do not stand in {_lines(first, last)}", citation)
        text = hidden[0]
    kinds = {b.kind for b in source.blocks(first, last)}
    problem = _kind_problem(source, first, last, kinds, need) or _unseen_problem(source, first, last, citation.anchor, need)
    return _evidence(source, first, last, text, verified=not problem, problem=problem)


def _stands(source: Source, folded: str, first: int, last: int, need: Need) -> bool:
    """Whether a folded quotation occurs in the lines, as they stand or as the parser reads their sentences."""
    if folded in source.folded_lines(first, last) or folded in source.folded_sentences(first, last):
        return True
    return need is Need.ADDRESS and any(folded in source.folded(h.text) for h in source.hidden(first, last))


def _span_problem(source: Source, first: int, last: int) -> str:
    if not source.holds(first, last):
        return f"{_lines(first, last)} are not lines of the proposal, which has {len(source.proposal.lines)}"
    if last - first >= LONGEST_SPAN:
        return f"{_lines(first, last)} are more than {LONGEST_SPAN} lines"
    return ""


def _kind_problem(source: Source, first: int, last: int, kinds: set[BlockKind], need: Need) -> str:
    if not source.text(first, last).strip():
        return f"{_lines(first, last)} are empty"
    barred = _BARRED.get(need, frozenset())
    if kinds and kinds <= barred:
        return f"{_lines(first, last)} hold only {' and '.join(sorted(k.value.replace('_', ' ') for k in kinds))}"
    return ""


def _unseen_problem(source: Source, first: int, last: int, copied: str, need: Need) -> str:
    """Whether all that was copied from the lines stands in text that a reader does not see."""
    if need in _BARRED and source.is_unseen(fold_words(copied), first, last):
        return f"{_lines(first, last)} hold it only in text that a reader does not see"
    return ""


def _missing_section(named: Sequence[tuple[str, list[Section]]]) -> str:
    return next((f'there is no section "{title[:80]}"' for title, found in named if not found), "")


def _contradiction(source: Source, absence: Absence, named: Sequence[tuple[str, list[Section]]]) -> str:
    searched = source.within(s for _, found in named for s in found) if absence.sections else None
    for term in absence.terms:
        if line := source.asserted(term, searched):
            return f'"{term[:80]}" stands in line {line}'
    return ""


def _evidence(source: Source, first: int, last: int, quote: str, *, verified: bool, problem: str) -> Evidence:
    cut = quote.strip() if len(quote) <= LONGEST_QUOTE else quote[: LONGEST_QUOTE - 1].strip() + "…"
    return Evidence(
        kind="quotation", verified=verified, quote=cut, section=source.section(first).title, first=first, last=last, problem=problem
    )


def _refused(problem: str, citation: Citation) -> Evidence:
    """Without a quotation: what did not check out is not put in the proposal's mouth."""
    return Evidence(kind="quotation", verified=False, first=citation.first, last=citation.last, problem=problem)


def _lines(first: int, last: int) -> str:
    return f"line {first}" if first == last else f"lines {first}-{last}"
