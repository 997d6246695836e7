"""What kind of document a proposal is: of a service that somebody runs, of a library or language, of a protocol, of a process.

A seat is not applicable only where a sentence of the proposal says what kind of document it is; that a section is
missing is never a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from council.reviewers.checklist.language import WORDS
from council.reviewers.checklist.reading import Reading
from council.seats.model import DocumentKind

MARGIN = 2.0  # how much more often a kind must speak than that of a service
LEAST, LEAST_SHORT = 5, 3  # sentences that must speak of it, in a long and in a short document
NORMATIVE = 0.06, 0.25  # what must tell implementers what to do, for a specification: share of the prose, and of what speaks of a service


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document, and the sentence that says so."""

    kind: DocumentKind
    sentence: int | None


def kind_of(reading: Reading) -> Kind:
    """The kind of a document, by what its prose speaks of; "unknown" where it does not say."""
    hits = {kind: {n for n in reading.hits(cues) if reading.stance(n).prose} for kind, cues in WORDS.kinds.items()}
    service = len(hits["service"])
    prose = sum(map(len, reading.by_section.values()))
    least = min(LEAST, max(LEAST_SHORT, prose // 8))
    kinds: tuple[DocumentKind, ...] = ("library", "process")
    for kind in kinds:
        found = hits[kind]
        if len(found) >= least and len(found) >= MARGIN * max(service, 1):
            return Kind(kind, _declares(reading, found, WORDS.declares[kind]))
    rules = hits["specification"]
    of_prose, of_service = NORMATIVE
    if len(rules) >= max(least, of_prose * prose, of_service * service):
        return Kind("specification", _declares(reading, rules, WORDS.declares["specification"]))
    if service >= least:
        return Kind("service", min(hits["service"]))
    return Kind("unknown", None)


def _declares(reading: Reading, found: set[int], phrases: Iterable[str]) -> int:
    """The first sentence with the plainest of the words that declare a kind; they are listed the plainest first."""
    for phrase in phrases:
        if declared := found & reading.hits((phrase,)):
            return min(declared)
    return min(found)
