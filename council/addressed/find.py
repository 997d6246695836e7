"""The walk over a proposal for text that speaks to its reviewers (rule 7)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from council.addressed import forgeries
from council.addressed.discussed import Context
from council.addressed.grammar import ADDRESSEE, MACHINE
from council.addressed.languages import foreign_order
from council.addressed.orders import Signal, signals
from council.addressed.words import Role, Saying, kinds_of, plain, sayings
from council.ballot import AddressedText
from council.proposal.disguise import INVISIBLE, look_alikes
from council.proposal.hidden import hidden_passages
from council.proposal.model import BlockKind, Proposal

SEATS = ("tracer", "measurer", "operator", "architect", "benchmarker", "sentinel")
MOST = 50  # findings kept
LONGEST = 300  # characters shown of each

_SHOWN = frozenset({BlockKind.CODE, BlockKind.QUOTE})
# Disguises that nobody uses by accident: whatever they say to a reviewer bars.
_DISGUISES = frozenset({"tag_characters", "encoded", "hidden_html", "bidi"})


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the proposal that is judged as one.

    Attributes:
        line: its first line.
        text: as the source has it.
        how: the disguise or kind, for people; empty for visible prose.
        shows: whether it shows rather than says (code, a block quotation).
        around: what stands before it: headings and the previous paragraph.
        disguised: whether nobody could have written it so by accident.
        addressed: whether the heading above it already speaks to reviewers or a model.
    """

    line: int
    text: str
    how: str = ""
    shows: bool = False
    around: str = ""
    disguised: bool = False
    code: bool = False
    addressed: bool = False


@dataclass(frozen=True, slots=True)
class Sign:
    """A signal at its line: whether it bars alone, or is weak and may bar together with another."""

    line: int
    what: str
    text: str
    how: str
    bars: bool
    weak: bool = False


_HEADING = re.compile(rf"\b(?:notes?|instructions?|guidance|message|notice|attention|hints?|directions?|advice|for|to|dear)\b[^/]{{0,30}}\b{ADDRESSEE}\b|^\W*{ADDRESSEE}(?:'?s?'?) (?:notes?|instructions?|guidance|directions?|hints?)")
_SALUTATION = re.compile(
    rf"^\W*(?:(?:note|notice|attention|attn|instructions?|message|memo|hints?|reminder|dear|hello|hi|hey|important|warning|directive|guidance|for|to|of|the|all|any|every|our|each|my|"
    rf"calling|fellow|esteemed)\W+){{0,6}}(?:[\w-]+ )?{ADDRESSEE}\b(?: \w+){{0,6}}\s*[:,!—–.-]"
)
_TO_MACHINE = re.compile(rf"\b(?:{MACHINE}|models?)\b")
_MARKED = re.compile(r"[<\[§|]|^#|\bend of\b|(?:system|assistant|human|user|developer)\W{0,12}:|[-=#*]{2} ?(?:end|begin|start|new)", re.MULTILINE)
_GLUED = re.compile(r"(?:ignore|disregard)\w{0,25}(?:instruction|prompt)|vote(?:for)?approve")
_REVIEWERS = re.compile(r"\b(?:reviewers?|council|seats|automated reviewer|ai reviewer)\b")
_HOW = {BlockKind.COMMENT: "comment", BlockKind.FRONT_MATTER: "front matter", BlockKind.CODE: "code", BlockKind.QUOTE: "quotation"}
IGNORE = "tells the reader to ignore instructions"
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
    signs: list[Sign] = []
    votes: list[tuple[int, str]] = []
    for passage in _passages(proposal):
        low = plain(passage.text)
        signs += _signs(passage, low)
        votes += [(passage.line + low.count("\n", 0, at), seat) for at, seat in forgeries.votes_of_seats(low, names)]
    line = forgeries.forged_at(sorted(votes))
    if line is not None:
        signs.append(Sign(line, forgeries.FORGED, proposal.lines[line - 1], "", bars=True))
    return _merged(_joined(signs))


def _signs(passage: Passage, low: str) -> Iterator[Sign]:
    """What a passage does to its reviewers, each sign for itself."""
    context = Context(low, passage.around, passage.shows)
    addressed, machine = passage.addressed, False
    marks = list(forgeries.marks(low)) if _MARKED.search(low) else []
    for mark in marks:
        yield _sign(passage, low, mark, context, 0, machine=False)
    for saying in sayings(low):
        if _SALUTATION.search(saying.text):
            addressed, machine = True, machine or bool(_TO_MACHINE.search(saying.text))
        for signal in _of(saying, addressed, passage.disguised):
            yield _sign(passage, low, signal, context, saying.start, machine=machine)


def _of(saying: Saying, addressed: bool, disguised: bool) -> Iterator[Signal]:
    yield from signals(saying, addressed or disguised)
    if what := foreign_order(saying):
        yield Signal(what, True, 0, len(saying.text))
    if _GLUED.search(saying.text):
        yield Signal("orders a vote", True, 0, len(saying.text))
    if disguised and (saying.roles & Role.TOKEN or (saying.roles & Role.APPROVE and saying.roles & (Role.VOTE | Role.REVIEWER))):
        yield Signal("speaks of the vote in disguise", True, 0, len(saying.text))


def _sign(passage: Passage, low: str, signal: Signal, context: Context, offset: int, *, machine: bool) -> Sign:
    start, end = offset + signal.start, offset + signal.end
    discussed = context.is_discussed(start, end) or (signal.what == forgeries.CHAT and (passage.code or context.is_quoted(start, end)))
    strong = signal.strong or machine or passage.disguised
    if passage.code and strong:
        strong = signal.what in (forgeries.FORGED, IGNORE) or bool(_REVIEWERS.search(low))
    begin = low.rfind("\n", 0, start) + 1
    shown = " ".join(low[max(begin, start - 120) : start + LONGEST].split())
    return Sign(passage.line + low.count("\n", 0, start), signal.what, shown, passage.how, bars=strong and not discussed, weak=not (strong or discussed or passage.code))


def _joined(signs: list[Sign]) -> list[Sign]:
    """Two weak signs of different kinds within a few lines bar together; so does one after an end of the document."""
    signs.sort(key=lambda sign: sign.line)
    weak = [sign for sign in signs if sign.weak]
    together: set[int] = set()
    for one, other in zip(weak, weak[1:], strict=False):
        if one.what != other.what and other.line - one.line <= CLOSE:
            together |= {id(one), id(other)}
    return [replace(sign, bars=True) if id(sign) in together else sign for sign in signs]


def _merged(signs: list[Sign]) -> tuple[AddressedText, ...]:
    """One for each line, what bars before what does not, at most so many."""
    found: dict[int, Sign] = {}
    for sign in signs:
        had = found.get(sign.line)
        if had is None or (sign.bars, bool(sign.how)) > (had.bars, bool(had.how)):
            found[sign.line] = sign
    first = sorted(found.values(), key=lambda sign: (not sign.bars, sign.line))[:MOST]
    return tuple(
        AddressedText(line=sign.line, text=sign.text[:LONGEST], how=f"{sign.what} ({sign.how})" if sign.how else sign.what, bars=sign.bars)
        for sign in sorted(first, key=lambda sign: sign.line)
    )


def _passages(proposal: Proposal) -> Iterator[Passage]:
    """Disguised text first, then every block, then lines that no block holds."""
    for how, line, text in hidden_passages(proposal.text, proposal.blocks):
        if how not in ("comment", "front_matter"):
            disguised = how in _DISGUISES or (how in ("zero_width", "homoglyph") and _is_deliberate(proposal.lines[line - 1]))
            yield Passage(line, text, how.replace("_", " "), disguised=disguised)
    covered = bytearray(len(proposal.lines) + 2)
    around, addressed = "", False
    for block in proposal.blocks:
        covered[block.first : block.last + 1] = b"\1" * (block.last + 1 - block.first)
        if block.kind is BlockKind.HEADING:
            heading = plain(" / ".join(proposal.sections[block.section].path))
            around, addressed = heading, bool(_HEADING.search(heading.rsplit(" / ")[-1]))
        yield Passage(
            block.first, block.text, _HOW.get(block.kind, ""), shows=block.kind in _SHOWN, code=block.kind is BlockKind.CODE, around=around, addressed=addressed
        )
        if block.kind is not BlockKind.HEADING and block.kind not in _SHOWN:
            around = around.split("\n")[0] + "\n" + plain(block.text[-600:])
    for first, text in _uncovered(proposal.lines, covered):
        yield Passage(first, text)


def _uncovered(lines: Sequence[str], covered: bytearray) -> Iterator[tuple[int, str]]:
    """Runs of lines that no block holds, for what the parser does not keep."""
    start = 0
    for number in range(1, len(lines) + 2):
        if number <= len(lines) and not covered[number] and lines[number - 1].strip():
            start = start or number
        elif start:
            yield start, "\n".join(lines[start - 1 : number - 1])
            start = 0


def _is_deliberate(line: str) -> bool:
    """Whether look-alikes or invisible characters stand in words that speak of a review, or in many places."""
    words = {word.lower() for word in look_alikes(line)}
    return any(kinds_of(word)[0] for word in words) or len(INVISIBLE.findall(line)) > 2
