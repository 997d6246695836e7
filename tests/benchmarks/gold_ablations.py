"""Take away what a seat's reader found in a document, and see whether that seat notices and the others do not.

usage: python tests/benchmarks/gold_ablations.py LABELS.tsv|SECTIONS.jsonl... --documents DIR... [--fails]

For each labelled document and each seat the sections that hold the answers are removed, or left with "TBD." as their
body, until most of the seat's answered questions have lost every passage. A seat whose own passages mostly stay is unrelated.
Where a reader named the sections of a seat instead (a line of JSON for each case), those are taken; all seats but
those that he said would miss them are unrelated.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from council.proposal import Proposal
from council.proposal.read import Limits, parse_proposal, read_proposal
from council.reviewers.checklist import ChecklistReviewer
from council.seats import build_roster

try:
    from tests.benchmarks.labels import Labelled, find_document, read_labels
except ModuleNotFoundError:  # run as a file, as its usage says
    from labels import Labelled, find_document, read_labels  # type: ignore[import-not-found, no-redef]  # found beside this file

LEAST_ANSWERED = 3  # answered questions that make a seat worth taking away
MOST_REMOVED = 0.4  # share of the document's words
TAKEN = 0.65  # share of the seat's answered questions that must lose every passage
UNRELATED = 0.15  # share that an unrelated seat may lose
RANK = {"REJECT": 0, "MODIFY": 1, "APPROVE": 2}
NOT_APPLICABLE = 1  # rank of an abstention, or where nothing was reviewed, which is written as MODIFY

Reviews = dict[str, tuple[int, float]]
Result = tuple[str, bool, str]


@dataclass(frozen=True)
class Ablation:
    """Sections of a document to take away for a seat, and the seats that should not mind."""

    seat: str
    sections: tuple[int, ...]
    unrelated: tuple[str, ...]
    strength: str = ""


@dataclass(frozen=True)
class Named:
    """Sections that a reader named, by their first and last lines.

    Attributes:
        strength: "strong" where little of the seat's matter stands elsewhere, else "medium". also: seats that lose by it too.
    """

    seat: str
    lines: tuple[tuple[int, int], ...]
    strength: str
    also: tuple[str, ...]


def answered(proposal: Proposal, labelled: Labelled) -> dict[str, dict[str, set[int]]]:
    """For each seat and answered question the sections that hold its passages."""
    found: dict[str, dict[str, set[int]]] = defaultdict(dict)
    for question, label in labelled.questions.items():
        if label.statuses[0] == "answered" and label.lines:
            found[question.split(".")[0]][question] = {proposal.section_at(first).index for first, _ in label.lines}
    return found


def lost(places: dict[str, set[int]], gone: set[int]) -> float:
    """The share of questions whose passages all stand in sections that are gone."""
    return sum(1 for sections in places.values() if sections <= gone) / len(places) if places else 0.0


def plan(proposal: Proposal, labelled: Labelled) -> Iterator[Ablation]:
    """What can be taken away: for each seat the fewest sections, within the limit on words."""
    by_seat = answered(proposal, labelled)
    for seat, places in by_seat.items():
        if len(places) < LEAST_ANSWERED:
            continue
        gone: set[int] = set()
        share = Counter(section for sections in places.values() for section in sections)
        for section, _ in share.most_common():
            words = sum(proposal.sections[n].words for n in gone | {section})
            if section == 0 or words > MOST_REMOVED * proposal.words:
                continue
            gone.add(section)
            if lost(places, gone) >= TAKEN:
                others = tuple(s for s, p in by_seat.items() if s != seat and len(p) >= LEAST_ANSWERED and lost(p, gone) <= UNRELATED)
                yield Ablation(seat, tuple(sorted(gone)), others)
                break


def planned(proposal: Proposal, named: Iterable[Named], seats: Iterable[str]) -> Iterator[Ablation]:
    """What a reader named, as sections."""
    for each in named:
        inside = [s.index for s in proposal.sections if any(first <= s.first <= last for first, last in each.lines)]
        unrelated = tuple(seat for seat in seats if seat != each.seat and seat not in each.also)
        yield Ablation(each.seat, tuple(inside), unrelated, each.strength)


def read_sections(path: Path) -> dict[str, list[Named]]:
    """The sections that readers named, by document."""
    found: dict[str, list[Named]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        lines = tuple((first, last) for first, last in case["sections"])
        found[case["file"]].append(Named(case["seat"], lines, case["strength"], tuple(case["also"])))
    return found


def ablate(proposal: Proposal, sections: tuple[int, ...], *, stub: bool) -> str:
    """The text without the sections' own lines, or with "TBD." under their headings."""
    starts = [s.first for s in proposal.sections] + [len(proposal.lines) + 1]
    kept: list[str] = []
    for number, section in enumerate(proposal.sections):
        lines = proposal.lines[section.first - 1 : starts[number + 1] - 1]
        if number not in sections:
            kept += lines
        elif stub:
            underlined = 2 if proposal.format == "rst" else 1
            kept += [*lines[:underlined], "", "TBD.", ""]
    return "\n".join(kept)


def votes(proposal: Proposal) -> Reviews:
    """Rank and score of every seat."""
    reviewer, found = ChecklistReviewer(), {}
    for seat in build_roster(entry_points=False).seats:
        reviewed = reviewer.review_now(proposal, seat)
        vote = reviewed.reply.vote if reviewed.reply else ""
        found[seat.name] = (RANK.get(vote, NOT_APPLICABLE), reviewed.score)
    return found


def try_document(job: tuple[Path, Labelled | list[Named]]) -> list[Result]:
    """What every ablation that the labels allow comes to."""
    path, labelled = job
    proposal = read_proposal(path, limits=Limits(min_words=0))
    before = votes(proposal)
    ablations = plan(proposal, labelled) if isinstance(labelled, Labelled) else planned(proposal, labelled, before)
    return try_ablations(proposal, path.name, ablations, before)


def try_ablations(proposal: Proposal, name: str, ablations: Iterable[Ablation], before: Reviews) -> list[Result]:
    """Class, whether it holds, and the case, for every ablation of a document."""
    results = []
    for ablation in ablations:
        for form in ("removed", "stub"):
            kind = f"{form} {ablation.strength}".rstrip()
            text = ablate(proposal, ablation.sections, stub=form == "stub")
            after = votes(parse_proposal(text, source=name, limits=Limits(min_words=0)))
            seat, case = ablation.seat, f"{name}--{ablation.seat} {before[ablation.seat]} to {after[ablation.seat]}"
            results.append((f"{kind}: named seat worse", after[seat] < before[seat], case))
            if before[seat][0] > RANK["REJECT"]:
                results.append((f"{kind}: its vote falls", after[seat][0] < before[seat][0], case))
            stable = f"{form}: unrelated vote stable"
            results += [(stable, after[other][0] == before[other][0], f"{case}: {other}") for other in ablation.unrelated]
    return results


def print_rates(results: Iterable[Result], *, fails: bool) -> None:
    """A line for each class, and one for each case that failed where asked."""
    total: Counter[str] = Counter()
    held: Counter[str] = Counter()
    failed = []
    for what, right, case in results:
        total[what] += 1
        held[what] += right
        if not right:
            failed.append(f"{what}: {case}")
    for what in sorted(total):
        print(f"{what:36s} {held[what]:4d}/{total[what]:4d} {100 * held[what] / total[what]:5.1f}%")
    if fails:
        print(*failed, sep="\n")


def main() -> int:
    """Try every document and print the rates, and the failures where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", nargs="+", type=Path)
    parser.add_argument("--documents", nargs="+", type=Path, required=True, metavar="DIR")
    parser.add_argument("--fails", action="store_true")
    arguments = parser.parse_args()
    tables = [path for path in arguments.labels if path.suffix == ".tsv"]
    labels: list[tuple[str, Labelled | list[Named]]] = [*read_labels(tables).items()]
    for path in arguments.labels:
        labels += read_sections(path).items() if path not in tables else ()
    found = [(find_document(name, arguments.documents), labelled) for name, labelled in labels]
    jobs = [(path, labelled) for path, labelled in found if path is not None]
    with ProcessPoolExecutor(2) as pool:
        print_rates((result for results in pool.map(try_document, jobs) for result in results), fails=arguments.fails)
    return 0


if __name__ == "__main__":
    sys.exit(main())
