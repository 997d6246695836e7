"""Compare the checklist's reviews with what independent readers found, question by question and vote by vote.

usage: python tests/benchmarks/gold.py LABELS.tsv... --documents DIR... [--only SEAT] [--quiet] [--internal]

Prints for each seat how many of the findings that a report shows are right, how much of what is answered is found,
and how often the votes agree; then every disagreement with its quotation, to be read.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from council.ballot import Citation, Finding, Reply
from council.proposal.read import Limits, read_proposal
from council.reviewers.checklist import ChecklistReviewer
from council.seats import build_roster

try:
    from tests.benchmarks.labels import Label, Labelled, find_document, read_labels
except ModuleNotFoundError:  # run as a file, as its usage says
    from labels import Label, Labelled, find_document, read_labels  # type: ignore[import-not-found, no-redef]  # found beside this file

CAUTION = ("APPROVE", "MODIFY", "REJECT")


@dataclass
class Tally:
    """Counts of one seat, and what it got wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def note(self, what: str, right: bool, line: str = "") -> None:
        """Count one item, and keep the line of one that is wrong."""
        self.counts[what] += 1
        self.counts[f"{what} right"] += right
        if line and not right:
            self.wrong.append(line)

    def add(self, other: Tally) -> None:
        """Take in another's counts."""
        self.counts.update(other.counts)


def review(job: tuple[Path, Labelled]) -> dict[str, Tally]:
    """One document against its labels, by seat."""
    path, labelled = job
    proposal = read_proposal(path, limits=Limits(min_words=0))
    reviewer = ChecklistReviewer()
    tallies = {}
    for seat in build_roster(entry_points=False).seats:
        reply = reviewer.review_now(proposal, seat).reply
        if reply is not None:
            tallies[seat.name] = compare(seat.name, reply, labelled)
    return tallies


def compare(seat: str, reply: Reply, labelled: Labelled) -> Tally:
    """A seat's reply against the labels."""
    tally = Tally()
    for finding in reply.findings:
        label = labelled.questions.get(finding.question)
        if label is not None:
            _finding(tally, labelled.name, finding, label)
        elif finding.kind == "red_flag":
            tally.note("red flags (not labelled)", right=False, line=_line(labelled.name, finding, None))
    for answer in reply.answers:
        label = labelled.questions.get(answer.question)
        if label is not None:
            _answer(tally, answer.status, answer.citations, label)
    if seat in labelled.votes:
        _vote(tally, labelled.name, seat, reply.vote, labelled.votes[seat])
    return tally


def _finding(tally: Tally, name: str, finding: Finding, label: Label) -> None:
    """What a report shows: praise must be answered, a gap open, a risk denied; a gap on a moot question is wrong."""
    line = _line(name, finding, label)
    if finding.kind == "praise":
        right = label.allows("answered")
        tally.note("praise", right, line)
        pointed = right and any(label.points_at(c.first, c.last) for c in finding.citations)
        tally.note("praise lines", pointed, "" if not right else f"(other lines) {line}")
    elif finding.kind == "risk":
        tally.note("risk", right := label.allows("denied"), line)
    else:
        tally.note("gap", right := label.allows("absent", "mentioned"), line)
        tally.note("strict gap", right=label.statuses[0] in ("absent", "mentioned"))
    tally.note("shown", right)


def _answer(tally: Tally, status: str, citations: Iterable[Citation], label: Label) -> None:
    """The answer within, shown or not."""
    if status == "answered":
        tally.note("answers", label.allows("answered"))
        tally.note("answers lines", any(label.points_at(c.first, c.last) for c in citations))
    if label.statuses == ("answered",):
        tally.note("recall", right=status == "answered")
    if label.statuses[0] == "answered":
        tally.note("recall fair", right=status in (*label.statuses, "answered"))


def _vote(tally: Tally, name: str, seat: str, vote: str, label: Label) -> None:
    """Agreement exactly, with the alternative, and within one step; an abstention agrees with an abstention only."""
    line = f"{name} [{seat}] vote {vote}, the reader {'/'.join(label.statuses)}: {label.note}"
    tally.note("vote exact", right=vote == label.statuses[0])
    tally.note("vote fair", label.allows(vote), line)
    near = [other for other in label.statuses if vote in CAUTION and other in CAUTION]
    tally.note("vote near", any(abs(CAUTION.index(vote) - CAUTION.index(o)) <= 1 for o in near) or label.allows(vote))
    if vote in CAUTION and label.statuses[0] in CAUTION:
        step = CAUTION.index(vote) - CAUTION.index(label.statuses[0])
        tally.counts["too cautious"] += step > 0
        tally.counts["too lax"] += step < 0


def _line(name: str, finding: Finding, label: Label | None) -> str:
    """A disagreement as a person reads it."""
    cited = finding.citations[0] if finding.citations else finding.absence.nearest if finding.absence else None
    said = f"{cited.first}-{cited.last}: {' '.join(cited.quote.split())[:260]}" if cited else "(no passage)"
    read = f" | the reader: {'/'.join(label.statuses)} {label.lines} {label.note}" if label else ""
    return f"{name} [{finding.kind}] {finding.question or finding.domain} {finding.claim[:70]!r} | {said}{read}"


def _share(counts: Counter[str], what: str) -> str:
    total, right = counts[what], counts[f"{what} right"]
    return f"{right:4d}/{total:4d} {100 * right / total:5.1f}%" if total else f"{'-':>16s}"


ROWS = (
    ("shown findings right", "shown"), ("praise: answered", "praise"), ("praise: and at the lines", "praise lines"),
    ("gaps: absent or mentioned", "gap"), ("gaps, without alternatives", "strict gap"), ("risks: denied", "risk"),
    ("answers within: answered", "answers"), ("answers within: at the lines", "answers lines"),
    ("answered that is found", "recall"), ("the same, with alternatives", "recall fair"),
    ("vote as the reader's", "vote exact"), ("vote, with alternatives", "vote fair"), ("vote within one step", "vote near"),
)  # fmt: skip


def show(tallies: dict[str, Tally]) -> Iterator[str]:
    """The table, one column for each seat and one for all."""
    total = Tally()
    for tally in tallies.values():
        total.add(tally)
    columns = {**tallies, "all": total}
    yield " " * 30 + "".join(f"{name:>18s}" for name in columns)
    for title, what in ROWS:
        yield f"{title:30s}" + "".join(f"{_share(tally.counts, what):>18s}" for tally in columns.values())
    for what in ("too cautious", "too lax"):
        yield f"{'vote ' + what:30s}" + "".join(f"{tally.counts[what]:>18d}" for tally in columns.values())


def main() -> int:
    """Review, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", nargs="+", type=Path)
    parser.add_argument("--documents", nargs="+", type=Path, required=True, metavar="DIR")
    parser.add_argument("--only", help="list the disagreements of one seat")
    parser.add_argument("--quiet", action="store_true", help="the table alone")
    arguments = parser.parse_args()
    jobs = []
    for name, labelled in read_labels(arguments.labels).items():
        path = find_document(name, arguments.documents)
        if path is None:
            print(f"no document {name}", file=sys.stderr)
        else:
            jobs.append((path, labelled))
    tallies: dict[str, Tally] = {}
    with ProcessPoolExecutor(2) as pool:
        for by_seat in pool.map(review, jobs):
            for seat, tally in by_seat.items():
                whole = tallies.setdefault(seat, Tally())
                whole.add(tally)
                whole.wrong += tally.wrong
    print(f"{len(jobs)} documents")
    print("\n".join(show(tallies)))
    for seat, tally in tallies.items():
        if not arguments.quiet and arguments.only in (None, seat):
            print(f"\n== {seat}", *tally.wrong, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
