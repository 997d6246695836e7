"""Cut documents as the development corpus is cut: by headings, where a seat's words gather under them.

usage: python tests/benchmarks/heading_ablations.py DIR... [--fails]

For each document and seat the sections with a heading of the seat's kind are removed, or left with "TBD.". A case is
strong where they hold a third of the words that belong to the seat's vocabulary, and hold them 1.7 times as densely as
the document does; medium from a quarter and 1.4 times. Nobody reads the documents for it, so any number can be had; the
words below were written without a view to the personas' own. A seat loses little, and is expected to keep its vote, where
under 15% of its words, and less than its share, stand in what is cut.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from council.proposal import Proposal
from council.proposal.read import Limits, read_proposal

try:
    from tests.benchmarks.gold_ablations import Ablation, Result, print_rates, try_ablations, votes
except ModuleNotFoundError:  # run as a file, as its usage says
    from gold_ablations import Ablation, Result, print_rates, try_ablations, votes  # type: ignore[import-not-found, no-redef]  # found beside this file

LEAST_WORDS, MOST_SHARE = 60, 0.35  # of what is cut
LEAST_SPOKEN = 8  # words of a seat's vocabulary in the whole document
STRONG, MEDIUM = (0.33, 1.7), (0.25, 1.4)  # share of the seat's words, and how many times as dense
LITTLE = 0.15, 0.8  # share of another seat's words in what is cut, and the same as a part of the cut's share of the document

HEADINGS = {
    "tracer": r"observab|monitor|troubleshoot|\bmetrics?\b|logging|tracing|\bdebug|diagnos|support procedure|telemetry|error handling|"
    r"failure modes|slos?\b|slis?\b|events?\b.*(log|emit)|alert",
    "measurer": r"benchmark|measur|\bmetrics?\b|profil|evaluation|success (criteria|metric)|performance (test|result|analysis)|baseline|"
    r"experiment",
    "operator": r"upgrade|downgrade|roll ?back|roll ?out|version skew|graduation|feature (gate|enable|flag)|deploy|"
    r"migration (plan|path|strateg)|operational|operations|failure (mode|handl|recover)|recovery|configuration",
    "architect": r"\brisks?\b|drawback|alternative|compatib|caveat|rejected|limitation|trade-?offs?|cons\b",
    "benchmarker": r"performance|scalab|benchmark|overhead|capacity|\bcosts?\b|resource (usage|consumption)|limits",
    "sentinel": r"securit|privacy|threat|permission|authori[sz]ation|\brbac\b|access control|secrets?\b",
}
WORDS = {
    "tracer": r"metric|log(s|ged|ging)?\b|trac(e|es|ing)\b|alert|event|error|debug|monitor|observab|troubleshoot|dashboard|prometheus|"
    r"telemetry|condition|status",
    "measurer": r"measur|metric|benchmark|baseline|percentile|p9\d|latency|throughput|profil|result|\d+ ?(ms|%|s\b|seconds|mb|gb|kb)|"
    r"average|compare",
    "operator": r"upgrad|downgrad|roll(ed|ing)?[ -]?(back|out)|enable|disable|feature gate|flag|deploy|default|config|restart|version|"
    r"recover|fail|migrat|alert|monitor",
    "architect": r"alternativ|drawback|risk|mitigat|compatib|instead|reject|trade|complex|coupl|interface|depend|option|approach|consider|"
    r"pros|cons",
    "benchmarker": r"perform|scal(e|ab|ing)|latency|throughput|benchmark|overhead|cpu|memory|cost|load|qps|limit|\d+ ?(ms|%|mb|gb|kb)|"
    r"faster|slower|cache|bottleneck|resource",
    "sentinel": r"secur|privac|threat|attack|permission|privilege|auth|secret|token|encrypt|certificate|\btls\b|rbac|credential|malicious|"
    r"access|abuse|trust",
}


def spoken(proposal: Proposal, seat: str, lines: set[int]) -> int:
    """How many words of a seat's vocabulary stand in these lines."""
    return sum(len(re.findall(WORDS[seat], proposal.lines[number - 1].lower())) for number in lines)


def under(proposal: Proposal, seat: str) -> set[int]:
    """The lines of all sections with a heading of a seat's kind, and of what stands within them."""
    lines: set[int] = set()
    for section in proposal.sections:
        if section.level > 1 and re.search(HEADINGS[seat], section.title.lower()):
            after = (other.first for other in proposal.sections[section.index + 1 :] if other.level <= section.level)
            lines |= set(range(section.first, next(after, len(proposal.lines) + 1)))
    return lines


def cuts(proposal: Proposal) -> Iterator[Ablation]:
    """What can be cut from a document: at most one case for each seat."""
    everything = set(range(1, len(proposal.lines) + 1))
    words = {number: len(proposal.lines[number - 1].split()) for number in everything}
    for seat in HEADINGS:
        lines = under(proposal, seat)
        gone, all_of_it = sum(words[n] for n in lines), spoken(proposal, seat, everything)
        share = gone / (sum(words.values()) or 1)
        if gone < LEAST_WORDS or share > MOST_SHARE or all_of_it < LEAST_SPOKEN:
            continue
        gathered = spoken(proposal, seat, lines) / all_of_it
        strength = next(
            (name for name, (part, times) in (("strong", STRONG), ("medium", MEDIUM)) if gathered >= part and gathered >= times * share), ""
        )
        if strength:
            others = {
                other: spoken(proposal, other, lines) / (spoken(proposal, other, everything) or 1) for other in HEADINGS if other != seat
            }
            part, times = LITTLE
            stable = tuple(other for other, lost in others.items() if lost < part and lost < times * share)
            yield Ablation(seat, tuple(s.index for s in proposal.sections if s.first in lines), stable, strength)


def try_document(path: Path) -> list[Result]:
    """What every cut comes to."""
    proposal = read_proposal(path, limits=Limits(min_words=0))
    ablations = tuple(cuts(proposal))
    return try_ablations(proposal, path.name, ablations, votes(proposal)) if ablations else []


def main() -> int:
    """Cut every document and print the rates, and the failures where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--fails", action="store_true")
    arguments = parser.parse_args()
    documents = sorted(path for folder in arguments.folders for path in folder.iterdir() if path.suffix in (".md", ".rst"))
    with ProcessPoolExecutor(2) as pool:
        print_rates((result for results in pool.map(try_document, documents) for result in results), fails=arguments.fails)
    return 0


if __name__ == "__main__":
    sys.exit(main())
