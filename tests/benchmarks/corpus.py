"""Review every document of the shared corpus with the checklist and print how it fares.

usage: python tests/benchmarks/corpus.py [--corpus DIR] [--out FILE] [--votes] [--fails CLASS]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from council.proposal.read import Limits, read_proposal
from council.reviewers.checklist import ChecklistReviewer
from council.seats import build_roster

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"


def files(corpus: Path) -> list[str]:
    """Every document that a case names, and every original, once."""
    names: dict[str, None] = {f"corpus/dev/{p.name}": None for p in sorted((corpus / "corpus" / "dev").iterdir())}
    for table in (
        "ablations/cases",
        "ablations/natural_cases",
        "ablations/placebo_cases",
        "ablations/invariance_cases",
        "adversarial/cases",
    ):
        for line in (corpus / f"{table}.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            for key in ("original", "ablated", "stub", "before_file", "after_file", "variant", "file", "base"):
                if case.get(key):
                    names[case[key]] = None
    return list(names)


def review(job: tuple[str, str]) -> list[dict[str, Any]]:
    """The votes and scores of every seat on one document; an abstention is written as MODIFY."""
    corpus, name = job
    proposal = read_proposal(Path(corpus) / name, limits=Limits(min_words=0))
    reviewer = ChecklistReviewer()
    rows = []
    for seat in build_roster().seats:
        reviewed = reviewer.review_now(proposal, seat)
        vote = reviewed.reply.vote if reviewed.reply else "ABSTAIN"
        written = "MODIFY" if vote == "ABSTAIN" else vote
        rows.append({"file": name, "seat": seat.name, "vote": written, "cast": vote, "score": reviewed.score})
    return rows


def results(corpus: Path) -> Iterator[dict[str, Any]]:
    """Review everything, two documents at a time."""
    with ProcessPoolExecutor(2) as pool:
        for rows in pool.map(review, [(str(corpus), name) for name in files(corpus)], chunksize=8):
            yield from rows


def main() -> int:
    """Write the results, print evaluate.py's table, the distribution of votes, and the failures asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--out", type=Path, default=Path("out/corpus.jsonl"))
    parser.add_argument("--fails", default=None, help="print the failed cases of classes that hold this text")
    parser.add_argument("--votes", action="store_true", help="print how the votes on the originals are distributed")
    arguments = parser.parse_args()
    if not arguments.corpus.is_dir():
        print(f"skipped: no corpus at {arguments.corpus}")
        return 0
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    rows = list(results(arguments.corpus))
    arguments.out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("evaluate", arguments.corpus / "scripts" / "evaluate.py")
    assert spec is not None and spec.loader is not None
    evaluate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(evaluate)
    failed = evaluate.main(str(arguments.out), "dev")
    if arguments.votes:
        votes = Counter((row["seat"], row["cast"]) for row in rows if row["file"].startswith("corpus/dev/"))
        for (seat, vote), count in sorted(votes.items()):
            print(f"{seat:12s} {vote:8s} {count:3d}")
    for kind, what in failed:
        if arguments.fails is not None and arguments.fails in kind:
            print(kind, what)
    return 0


if __name__ == "__main__":
    sys.exit(main())
