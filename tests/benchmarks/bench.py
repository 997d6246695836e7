"""Time and memory of the council, measured in processes of their own: `make bench`.

A time is CPU seconds (user and system), the least of some runs, and is judged only as a ratio to the import of
LangGraph measured in the same run: a busy or slow machine moves both. Ends with 1 where a bound does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
COUNCIL = Path(sys.executable).with_name("council")
MEGABYTE = 1_000_000

# Run in a process of its own, with the paths to review as arguments; says the CPU seconds of the first review, of
# the median later one, and the peak of its memory. All imports are done before the clock starts; the first review
# includes the reading of the seats and the building of the graph.
REVIEW = """
import asyncio, json, resource, statistics, sys, time
from pathlib import Path
import council.reviewers.checklist
from council.council import Council

async def reviews(paths):
    council, times = None, []
    for path in paths:
        start = time.process_time()
        council = council or Council()
        await council.areview(Path(path))
        times.append(time.process_time() - start)
    return times

times = asyncio.run(reviews(sys.argv[1:]))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps({"first": times[0], "later": statistics.median(times[1:] or times), "peak": peak}))
"""


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, and whether it keeps its bound."""

    what: str
    measured: str
    bound: str = ""
    holds: bool = True


def cpu(*command: str | Path, runs: int = 5) -> float:
    """The least CPU seconds that a command took in some runs, its children included."""
    times = []
    for _ in range(runs + 1):  # the first warms the caches of files and byte code
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(list(map(str, command)), check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times[1:])


def review(paths: list[Path]) -> dict[str, float]:
    """The figures of one process that reviews some proposals in turn."""
    done = subprocess.run([sys.executable, "-c", REVIEW, *map(str, paths)], check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def against(seconds: float, langgraph: float) -> str:
    """A time, and how many imports of LangGraph it is worth."""
    return f"{seconds:.3f} s = {seconds / langgraph:.2f} imports"


def documents() -> list[Path]:
    """Real proposals by length where the corpus stands beside the checkout, the examples otherwise."""
    manifest = CORPUS / "manifest.jsonl"
    if not manifest.exists():
        return sorted((ROOT / "examples").glob("*.md"), key=lambda path: len(path.read_text(encoding="utf-8").split()))
    entries = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
    return [CORPUS / entry["file"] for entry in sorted(entries, key=lambda entry: entry["words"])]


def start_up(langgraph: float, runs: int) -> list[Row]:
    """How long the command takes before it does anything."""
    helped = cpu(COUNCIL, "--help", runs=runs)
    return [
        Row("python -c 'import langgraph.graph'", f"{langgraph:.3f} s"),
        Row("council --help", against(helped, langgraph), "< 1 import", helped < langgraph),
    ]


def one_review(langgraph: float, document: Path, runs: int) -> list[Row]:
    """What one offline review of the median document costs, alone and as a command."""
    figures = [review([document] * 3) for _ in range(runs)]
    first, later = (min(figure[key] for figure in figures) for key in ("first", "later"))
    whole = cpu(COUNCIL, "review", "--exit-zero", "--format", "json", "--", document, runs=runs)
    return [
        Row(f"first review of {document.name}", against(first, langgraph), "< 1 import", first < langgraph),
        Row("the same again in that process", against(later, langgraph)),
        Row("council review, the whole command", against(whole, langgraph)),
    ]


def many_reviews(found: list[Path], count: int) -> list[Row]:
    """What a process holds that reviews many proposals."""
    peak = review([found[number % len(found)] for number in range(count)])["peak"] / MEGABYTE
    return [Row(f"{count} reviews in one process, peak memory", f"{peak:.0f} MB", "< 300 MB", peak < 300)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each measurement (5)")
    parser.add_argument("--documents", type=int, default=100, help="reviews in one process (100)")
    options = parser.parse_args()
    found = documents()
    if not found:
        print("nothing to review: neither ../shared/corpus nor examples/*.md is there", file=sys.stderr)
        return 66
    langgraph = cpu(sys.executable, "-c", "import langgraph.graph", runs=options.runs)
    rows = [
        *start_up(langgraph, options.runs),
        *one_review(langgraph, found[len(found) // 2], options.runs),
        *many_reviews(found, options.documents),
    ]
    table = Table(title=f"CPU seconds, least of {options.runs}; Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    for heading in ("what", "measured", "bound", "holds"):
        table.add_column(heading)
    for row in rows:
        table.add_row(row.what, row.measured, row.bound, ("yes" if row.holds else "NO") if row.bound else "")
    Console(width=120).print(table)
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
