"""Convert the shared corpus of real proposals into a suite for `council eval`.

usage: python tests/benchmarks/convert_corpus.py OUT [--corpus DIR]

Each check of the corpus's own `evaluate.py` becomes a class of the same name and of as many cases; besides, the council
reviews every original. The proposals are copied, with their licences in `manifest.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
SEATS = ("tracer", "measurer", "operator", "architect", "benchmarker", "sentinel")
SAME_SCORE = frozenset({"crlf", "bom-trailing-space", "bold-headings", "numbered-headings"})
JsonObject = dict[str, Any]


def case(group: str, what: str, file: str, seat: str, **expect: object) -> JsonObject:
    """One line of `cases.jsonl`."""
    return {"id": f"{group}: {what}: {seat}", "class": group, "file": file, "seat": seat, "expect": expect}


def ablations(rows: list[JsonObject]) -> Iterator[JsonObject]:
    """A seat's section removed, or replaced by a stub."""
    for row in rows:
        if row["strength"] == "weak":
            continue
        for kind in ("ablated", "stub"):
            name, file, original, seat = row["case"], row[kind], row["original"], row["seat"]
            yield case(f"{kind}/named-seat-worse/{row['strength']}", name, file, seat, worse_than=original)
            yield case(f"{kind}/named-seat-not-better", name, file, seat, not_better_than=original)
            falls = f"{kind}/named-seat-vote-falls/{row['strength']} (of originals above REJECT)"
            yield case(falls, name, file, seat, worse_than=original, by="vote")
            for stable in row["expect"]["stable"]:
                yield case(f"{kind}/unrelated-seat-vote-stable", name, file, stable, same_as=original)


def unchanged(placebo: list[JsonObject], invariance: list[JsonObject]) -> Iterator[JsonObject]:
    """What must not matter: references removed, line ends, headings."""
    for row in placebo:
        for seat in SEATS:
            yield case("placebo/vote-unchanged", row["case"], row["ablated"], seat, same_as=row["original"])
    for row in invariance:
        for seat in SEATS:
            transform, name, original = row["transform"], row["case"], row["original"]
            yield case(f"invariance/vote/{transform}", name, row["variant"], seat, same_as=original)
            if transform in SAME_SCORE:
                yield case(f"invariance/score/{transform}", name, row["variant"], seat, same_as=original, by="score")


def natural(rows: list[JsonObject]) -> Iterator[JsonObject]:
    """Before and after the commit in which people wrote the seat's section."""
    for row in rows:
        yield case("natural/after-better", row["case"], row["after_file"], row["seat"], better_than=row["before_file"])
        yield case("natural/after-not-worse", row["case"], row["after_file"], row["seat"], not_worse_than=row["before_file"], by="score")


def adversarial(rows: list[JsonObject]) -> Iterator[JsonObject]:
    """Written to deceive a counter of keywords, and what they were made from."""
    for row in rows:
        for seat in row["seats"]:
            for check, expect in _checks(row, seat):
                yield case(f"{row['class']}/{check}", row["id"], row["file"], seat, **expect)


def _checks(row: JsonObject, seat: str) -> Iterator[tuple[str, JsonObject]]:
    expect, base = row["expect"], row.get("base")
    if "vote_not" in expect:  # the corpus writes an abstention as MODIFY
        yield "forbidden-vote-avoided", {"vote_not_in": _with_abstention(expect["vote_not"])}
    if "vote_ideal" in expect:
        yield "ideal-vote", {"vote_in": _with_abstention([expect["vote_ideal"]])}
    if not base:
        return
    if expect.get("same_as_base"):
        # The sentinel may object to the attempt itself.
        yield "same-vote-as-base", {"not_better_than": base, "by": "vote"} if seat == "sentinel" else {"same_as": base}
        if row["class"] == "c-injection" and "reject" not in row["id"]:  # one asks for a REJECT, and may well lower the score
            yield "score-not-above-base", {"not_better_than": base}
    if expect.get("score_not_above_base"):
        yield "score-not-above-base", {"not_better_than": base}
    if seat in expect.get("worse_than_base", []):
        yield "worse-than-base", {"worse_than": base}
    if seat in expect.get("not_worse_than_base", []):
        yield "not-worse-than-base", {"not_worse_than": base}
    if "worse_than_sibling" in expect:
        yield "endorsed-worse-than-condemned", {"worse_than": expect["worse_than_sibling"]}


def _with_abstention(votes: list[str]) -> list[str]:
    return [*votes, "ABSTAIN"] if "MODIFY" in votes else votes


def cases(corpus: Path) -> Iterator[JsonObject]:
    """Every case of the corpus."""

    def table(name: str) -> list[JsonObject]:
        lines = (corpus / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        return [row for line in lines if (row := json.loads(line))["split"] == "dev"]

    for path in sorted((corpus / "corpus" / "dev").iterdir()):
        decided = ["APPROVE", "MODIFY", "REJECT"]
        yield case("original/decided", path.stem, f"corpus/dev/{path.name}", "council", vote_in=decided)
    yield from ablations(table("ablations/cases"))
    yield from unchanged(table("ablations/placebo_cases"), table("ablations/invariance_cases"))
    yield from natural(table("ablations/natural_cases"))
    yield from adversarial(table("adversarial/cases"))


def convert(corpus: Path, out: Path) -> int:
    """Write the suite; returns how many cases it has."""
    rows = sorted(cases(corpus), key=lambda row: str(row["class"]))
    comparisons = ("worse_than", "better_than", "same_as", "not_worse_than", "not_better_than")
    files = {row["file"] for row in rows} | {row["expect"][name] for row in rows for name in comparisons if name in row["expect"]}
    for name in sorted(files):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(corpus / name, out / name)
    shutil.copyfile(corpus / "manifest.jsonl", out / "manifest.jsonl")
    (out / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return len(rows)


def main() -> int:
    """Convert, and say how many cases came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    arguments = parser.parse_args()
    if not arguments.corpus.is_dir():
        print(f"skipped: no corpus at {arguments.corpus}")
        return 0
    print(f"{convert(arguments.corpus, arguments.out)} cases in {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
