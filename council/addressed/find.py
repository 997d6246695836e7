"""The walk over a proposal for text that speaks to its reviewers (rule 7)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from council.addressed import forgeries
from council.addressed.discussed import Context
from council.addressed.grammar import ADDRESSEE, MACHINE, is_conditional
from council.addressed.languages import foreign_order
from council.addressed.rules import FORGED, IGNORE, Signal, signals
from council.addressed.words import Role, Saying, kinds_of, plain, sayings, turned
from council.ballot import AddressedText
from council.proposal.disguise import INVISIBLE, look_alikes
from council.proposal.hidden import LONGEST as LONGEST_HIDDEN
from council.proposal.hidden import hidden_passages, reveal
from council.proposal.model import BlockKind, Proposal

SEATS = ("tracer", "measurer", "operator", "architect", "benchmarker", "sentinel")
MOST = 50  # findings kept
LONGEST = 300  # characters shown of each

_SHOWN = frozenset({BlockKind.CODE, BlockKind.QUOTE})
# Disguises that nobody uses by accident: whatever they say to a reviewer bars.
_DISGUISES = frozenset({"tag_characters", "encoded", "bidi"})


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the proposal that is judged as one.

    Attributes:
        line: its first line.
        low: plain text, with the line breaks of the source.
        how: the disguise or kind, for people; empty for visible prose.
        shows: whether it shows rather than says (code, a block quotation).
        code: whether it is code.
        around: what stands before it: headings and the previous paragraph, plain.
        text: what to show of it where that is not its lines.
        disguised: whether nobody could have written it so by accident.
        addressed: whether the heading above it already speaks to reviewers or a model.
    """

    line: int
    low: str
    how: str = ""
    shows: bool = False
    code: bool = False
    around: str = ""
    text: str = ""
    disguised: bool = False
    addressed: bool = False


@dataclass(frozen=True, slots=True)
class Sign:
    """A signal at its line: whether it bars alone, is weak and may bar together with another, is worth a note."""

    line: int
    what: str
    how: str
    bars: bool
    weak: bool = False
    text: str = ""
    note: bool = True


_HEADING = re.compile(
    rf"\b(?:notes?|instructions?|guidance|message|notice|attention|hints?|directions?|advice|for|to"
    rf"|dear)\b[^/]{{0,30}}\b{ADDRESSEE}\b|^\W*{ADDRESSEE}(?:'?s?'?) (?:notes?|instructions?|guidance|directions?|hints?)"
    rf"|^\W*(?:assistant|system(?: prompt| message)?)\s*:\W*$"
)
_GREETING = (
    r"(?:dear|hello|hi|hey|attention|attn|important|urgent|warning|notice|notes?|message|memo|instructions?|guidance"
    r"|hints?|reminder|directives?|prompt|info|calling)"
)
_WHO = (
    r"(?:(?:the|all|any|every|our|each|my|you|fellow|esteemed|honou?rable|future|other|automated|automatic|[\w-]+ing"
    rf"|[\w-]+-based|members of)\W+){{0,4}}(?:[\w-]+ )?{ADDRESSEE}\b"
)
_READING = r"(?:,? (?:who |which |that )?(?:reading|reviewing|evaluating|processing|grading|read|of|on|in|members)\b[^.:,!\n]{0,40})?"
_SALUTATION = re.compile(
    rf"^\W*(?:(?:[\w-]+ )?{_GREETING}\W+(?:(?:to|for|from|of|regarding)\W+)?|(?:to|for)\W+){_WHO}{_READING}\s*(?:[:,!.—–\n-]|$)"
    rf"|^\W*(?:(?:all|any|every|each|you)\W+)?(?:[\w-]+ )?{ADDRESSEE}{_READING}\s*(?:[:!,]| [—–-] )"
    rf"|^\W*{ADDRESSEE}(?:'s?)? (?:instructions?|notes?|hints?|guidance|prompt|directives?)\s*:"
    rf"|^\W*(?:system|human|user|assistant|developer)(?: \w+){{0,2}}\s*:|^\W*as (?:an?|the) (?:\w+ )?{ADDRESSEE}\b"
)
_TO_MACHINE = re.compile(rf"\b(?:{MACHINE}|(?:tracer|measurer|benchmarker|(?:to|dear|for) (?:the |any |all )?(?:models?|agents?)))\b")
_DEADLINE = re.compile(r"\bby (?:the end|tomorrow|next|noon|eod|\w+day\b|\d|jan|feb|mar|apr|may\b|jun|jul|aug|sep|oct|nov|dec)")
_GLUED = re.compile(r"(?:ignore|disregard)\w{0,25}(?:instruction|prompt)|vote(?:for)?approve")
_REVIEWERS = re.compile(r"\b(?:reviewers?|council|seats|automated reviewer|ai reviewer)\b")
_UNSEEN = frozenset({"comment", "alt text", "link title", "front matter"})
_ADDRESSEES = Role.REVIEWER | Role.SEAT | Role.MACHINE
_A_VOTE = re.compile(r"§(?:approve|reject|modify)\b")
_UNSHOWN_ANYWAY = re.compile(r"<(?:script|style|template|noscript|head)\b", re.IGNORECASE)
_IN_BLOCKS = frozenset({"comment", "front_matter"})  # hidden text that is a block of its own
_INTRODUCES = re.compile(
    r"\b(?:prompts?|models?|llms?|judge|examples?|e\.g\.|instance|tests?|fixtures?|responses?|requests?|repl(?:y|ies)|returns?"
    r"|outputs?|prints?"
    r"|looks? like|following|below|templates?|samples?|snippets?|code|json|yaml|config\w*|scripts?|commands?|messages?)\b|:\s*$"
)
_HOW = {BlockKind.COMMENT: "comment", BlockKind.FRONT_MATTER: "front matter", BlockKind.CODE: "code", BlockKind.QUOTE: "quotation"}
# Weak signs that bar when a reviewer or a model is spoken to by name.
PLEAS = frozenset(
    {
        "asks for approval",
        "orders a score",
        "tells the reader what to find",
        "tells the reader to write a good review",
        "tells the reader not to review",
        "tells the reader to ignore instructions",
        "claims authority over the reader",
        "claims that the matter is settled",
        "speaks to an automated reader",
        FORGED,
    }
)
_WORTH_A_NOTE = frozenset({"asks for approval", "speaks to an automated reader", "speaks to the one who reviews", FORGED})
CLOSE = 6  # lines within which two weak signs bar together


def find_addressed(proposal: Proposal, seats: Collection[str] = SEATS) -> tuple[AddressedText, ...]:
    """Text that speaks to the reviewers or to an automated reader, in order of lines.

    Args:
        proposal: as it was read.
        seats: names of the seats of the roster, for forged votes.

    Returns:
        What bars approval (`bars`), and notes: what code shows, what a quotation discusses, and lone weak signs.
    """
    names = frozenset(seats) | frozenset(SEATS)
    low = plain(proposal.text)
    signs: list[Sign] = []
    marked = forgeries.has_marks(low)
    for passage in _passages(proposal, low.split("\n")):
        signs += _signs(passage, marked or bool(passage.text))
    line = forgeries.forged_at(forgeries.votes_of_seats(low, names))
    if line is not None:
        signs.append(Sign(line, FORGED, "", bars=True))
    return _merged(_joined(signs), proposal)


def _signs(passage: Passage, marked: bool) -> Iterator[Sign]:
    """What a passage does to its reviewers, each sign for itself."""
    low = passage.low
    addressed = passage.addressed
    context: Context | None = None
    found: list[tuple[int, Signal, bool]] = [(0, mark, False) for mark in forgeries.marks(low)] if marked else []
    machine = False
    for saying in sayings(low):
        if greeting := _SALUTATION.search(saying.text):
            addressed, machine = True, machine or bool(_TO_MACHINE.search(greeting[0]))
        plea = machine or (addressed and not is_conditional(saying.text) and not _DEADLINE.search(saying.text))
        found += [
            (saying.start, signal, plea and signal.what in PLEAS)
            for signal in _of(saying, addressed, passage.disguised, passage.how in _UNSEEN)
        ]
    for offset, signal, plea in found:
        context = context or Context(low, passage.around, passage.shows)
        yield _sign(passage, signal, context, offset, plea=plea)


def _of(saying: Saying, addressed: bool, disguised: bool, unseen: bool) -> Iterator[Signal]:
    yield from signals(saying, addressed or disguised)
    if what := foreign_order(saying):
        yield Signal(what, True, 0, len(saying.text))
    if _GLUED.search(saying.text):
        yield Signal("orders a vote", True, 0, len(saying.text))
    if (
        unseen
        and saying.roles & Role.TOKEN
        and saying.roles & _ADDRESSEES
        and _A_VOTE.search(saying.text)
        and not is_conditional(saying.text)
    ):
        yield Signal("speaks of the vote out of sight", True, 0, len(saying.text))
    if disguised and (saying.roles & Role.TOKEN or (saying.roles & Role.APPROVE and saying.roles & (Role.VOTE | Role.REVIEWER))):
        yield Signal("speaks of the vote in disguise", True, 0, len(saying.text))


def _sign(passage: Passage, signal: Signal, context: Context, offset: int, *, plea: bool) -> Sign:
    start, end = offset + signal.start, offset + signal.end
    shown = passage.code or context.is_quoted(start, end)
    discussed = context.is_discussed(start, end) or (shown and signal.what in (forgeries.CHAT, FORGED) and not passage.disguised)
    strong = signal.strong or plea or passage.disguised or (signal.what == FORGED and passage.how == "front matter")
    bars = strong and not discussed
    if passage.code:
        # Code shows something where the text before it says so, or where it speaks to nobody in particular.
        bars = bars and (
            signal.what == IGNORE or bool(_REVIEWERS.search(passage.low)) or not _INTRODUCES.search(passage.around.split("\n", 1)[-1])
        )
    line = passage.line + context.line_of(start)
    return Sign(
        line,
        signal.what,
        passage.how,
        bars,
        weak=not (strong or discussed or passage.code),
        text=passage.text,
        note=strong or signal.what in _WORTH_A_NOTE,
    )


def _joined(signs: list[Sign]) -> list[Sign]:
    """Two weak signs of different kinds within a few lines bar together; so does one after an end of the document."""
    signs.sort(key=lambda sign: sign.line)
    weak = [sign for sign in signs if sign.weak]
    together: set[int] = set()
    for one, other in itertools.pairwise(weak):
        if one.what != other.what and other.line - one.line <= CLOSE:
            together |= {id(one), id(other)}
    return [replace(sign, bars=True) if id(sign) in together else sign for sign in signs]


def _merged(signs: list[Sign], proposal: Proposal) -> tuple[AddressedText, ...]:
    """One for each line, what bars before what does not, at most so many."""
    found: dict[int, Sign] = {}
    for sign in signs:
        had = found.get(sign.line)
        if (sign.bars or sign.note) and (had is None or (sign.bars, bool(sign.how)) > (had.bars, bool(had.how))):
            found[sign.line] = sign
    first = sorted(found.values(), key=lambda sign: (not sign.bars, sign.line))[:MOST]
    return tuple(
        AddressedText(
            line=sign.line,
            text=" ".join(reveal(sign.text or "\n".join(proposal.lines[sign.line - 1 : sign.line + 2])).split())[:LONGEST],
            how=f"{sign.what} ({sign.how})" if sign.how else sign.what,
            bars=sign.bars,
        )
        for sign in sorted(first, key=lambda sign: sign.line)
    )


def _passages(proposal: Proposal, low: Sequence[str]) -> Iterator[Passage]:
    """Disguised text first, then every block, then lines that no block holds."""
    hidden = [(found.how, found.line, found.text) for found in proposal.hidden if found.how not in _IN_BLOCKS]
    if any(len(text) >= LONGEST_HIDDEN for _, _, text in hidden):
        hidden = [found for found in hidden_passages(proposal.text, proposal.blocks) if found[0] not in _IN_BLOCKS]
    for how, line, text in hidden:
        disguised = how in _DISGUISES or _is_deliberate(how, proposal.lines[line - 1])
        yield Passage(line, plain(text), how.replace("_", " "), text=text, disguised=disguised)
    for line, text in turned(proposal.text):
        yield Passage(line, plain(text), "encoded", text=text, disguised=True)
    covered = bytearray(len(low) + 2)
    heading, before, addressed = "", "", False
    for block in proposal.blocks:
        covered[block.first : block.last + 1] = b"\1" * (block.last + 1 - block.first)
        own = "\n".join(low[block.first - 1 : block.last])
        if block.kind is BlockKind.HEADING:
            heading, before, addressed = " / ".join(proposal.sections[block.section].path).lower(), "", bool(_HEADING.search(own))
        if block.kind is BlockKind.FRONT_MATTER:
            own = own.replace("_", " ")
        code = block.kind is BlockKind.CODE
        yield Passage(block.first, own, _HOW.get(block.kind, ""), block.kind in _SHOWN, code, f"{heading}\n{before}", addressed=addressed)
        if block.kind not in _SHOWN:
            before = own[-600:]
    for first, last in _uncovered(low, covered):
        yield Passage(first, "\n".join(low[first - 1 : last]))


def _uncovered(lines: Sequence[str], covered: bytearray) -> Iterator[tuple[int, int]]:
    """First and last of the runs of lines that no block holds, for what the parser does not keep."""
    start = 0
    for number in range(1, len(lines) + 2):
        if number <= len(lines) and not covered[number] and lines[number - 1].strip():
            start = start or number
        elif start:
            yield start, number - 1
            start = 0


def _is_deliberate(how: str, line: str) -> bool:
    """Whether a disguise that can be an accident is none: where it stands in words of a review, or in many places."""
    if how == "hidden_html":
        return not _UNSHOWN_ANYWAY.search(line)
    if how == "homoglyph":
        return any(kinds_of(word.lower())[0] for word in look_alikes(line))
    return how == "zero_width" and len(INVISIBLE.findall(line)) > 2
