"""What reviewers found, told to another one without saying who: for the ruling on a dispute, and for the rebuttal."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence

from council.ballot import Evidence, Opinion
from council.proposal import Proposal
from council.proposal.cleaned import cleaned_lines
from council.redaction import one_line

_MOST = 8  # pieces of evidence from each reviewer, the gravest first
_QUOTED = 400  # characters of a passage
_GRAVITY = {"blocker": 0, "major": 1, "minor": 2}


def testimonies(
    opinions: Sequence[Opinion], proposal: Proposal, *, purpose: str, says: Callable[[Opinion], str], favours: Callable[[Opinion], bool]
) -> str:
    """What each of several reviewers found, as Reviewer A, B and so on, in an order drawn by the proposal's hash.

    Args:
        opinions: in roster order.
        proposal: what is quoted.
        purpose: what it is for; another purpose gives another order.
        says: what a reviewer says of the whole, for its heading.
        favours: whether it speaks for the proposal, so that its answers are those that the proposal gives.
    """
    drawn, lines = list(opinions), cleaned_lines(proposal)
    seed = hashlib.sha256(f"{proposal.sha256}:{purpose}".encode()).hexdigest()
    random.Random(seed).shuffle(drawn)  # noqa: S311 - the order has to be the same each time, not secret
    told = []
    for number, opinion in enumerate(drawn):
        found = evidence_lines(opinion, lines, favours=favours(opinion))
        told.append("\n".join([f"## Reviewer {chr(65 + number)}: {says(opinion)}", "", *found]))
    return "\n\n".join(told)


def evidence_lines(opinion: Opinion, lines: Sequence[str], *, favours: bool) -> list[str]:
    """What one reviewer found, as a list: no seat, no domain, no ids; a claim goes out in the words in which it was made.

    Args:
        opinion: of the reviewer.
        lines: of the proposal, cleaned, as they went out to the reviewers.
        favours: whether it speaks for the proposal.
    """
    return [f"- {each}" for each in _evidence(opinion, lines, favours=favours)][:_MOST]


def _evidence(opinion: Opinion, lines: Sequence[str], *, favours: bool) -> Iterator[str]:
    """Verified findings by gravity, then verified answers that point the reviewer's way."""
    for finding in sorted((f for f in opinion.findings if f.verified), key=lambda f: _GRAVITY[f.severity]):
        yield f"{finding.severity} {finding.kind.replace('_', ' ')}: {one_line(finding.claim)} {_passage(finding.evidence[0], lines)}"
    for answer in opinion.answers:
        if answer.verified and (answer.status == "answered") is favours:
            yield f"{one_line(answer.asked)} {answer.status}: {_passage(answer.evidence[0], lines)}"


def _passage(evidence: Evidence, lines: Sequence[str]) -> str:
    """The lines themselves, as they went out to the reviewers."""
    if not evidence.first:
        return f"(searched: {'; '.join(map(one_line, evidence.searched)) or 'the whole document'})"
    text = one_line(" ".join(lines[evidence.first - 1 : evidence.last]))
    where = f"line {evidence.first}" if evidence.first == evidence.last else f"lines {evidence.first}-{evidence.last}"
    near = "nearest, " if evidence.kind == "absence" else ""
    return f'({near}{where}: "{text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"}")'
