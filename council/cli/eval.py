"""`council eval`: how well a reviewer judges a suite of proposals."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from council.cli import output
from council.cli.logs import debug_option
from council.cli.models import CHECKLIST, Models, hosts_of, model_options
from council.cli.options import DIRECTORY, SeatOptions, seat_options
from council.errors import ExpectationError, UnavailableError, UsageError

if TYPE_CHECKING:
    from council.config import Settings
    from council.evaluation import Candidate, EvalResult, Review, Suite
    from council.rulings import Policy
    from council.seats import Roster

CODES = """\b
Exit codes:
  0 done   4 a class is below its --min
  64 usage   65 bad input   66 missing input   69 reviews are missing; run again
  70 a fault of ours   130 interrupted; run again to go on
"""

WORKERS = 2
FILE = click.Path(path_type=Path)


def _rates(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, float]:
    rates: dict[str, float] = {}
    for pair in given:
        name, equals, rate = pair.rpartition("=")
        try:
            share = float(rate.removesuffix("%")) / (100 if rate.endswith("%") else 1)
        except ValueError:
            share = -1.0
        if not (equals and name.strip()) or not 0 <= share <= 1:
            raise click.BadParameter(f"{pair!r} is not CLASS=RATE, such as negated=0.97 or negated=97%")
        rates[name.strip()] = share
    return rates


@click.command("eval", epilog=CODES)
@click.argument("suite", type=DIRECTORY)
@click.option("--json", "to_json", metavar="FILE", type=FILE, help='Write the whole result to FILE, or "-".')
@click.option("--output", "to", metavar="FILE", type=FILE, default=output.STDOUT, help="Write the table to FILE.")
@click.option("--reviews", "kept", metavar="FILE", type=FILE, help="Keep reviews in FILE; default: beside --json or --output.")
@click.option("--baseline", metavar="FILE", type=FILE, help="Show what changed since this result of --json.")
@click.option("--min", "least", metavar="CLASS=RATE", multiple=True, callback=_rates, help="End with 4 below this rate. Repeatable.")
@click.option("--repeats", metavar="N", type=click.IntRange(1, 100), default=1, help="Review each proposal N times at least; default: 1.")
@click.option("--workers", metavar="N", type=click.IntRange(1, 64), default=WORKERS, help="Reviews at a time; default: 2.")
@click.option("--verbose", is_flag=True, help="List every case that did not pass or changed, and every pair of seats.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@model_options
@seat_options
@debug_option
def evaluate(  # noqa: PLR0913 - one argument for each option
    *,
    suite: Path,
    to_json: Path | None,
    to: Path,
    kept: Path | None,
    baseline: Path | None,
    least: dict[str, float],
    repeats: int,
    workers: int,
    verbose: bool,
    quiet: bool,
    models: Models,
    seating: SeatOptions,
) -> None:
    """Review every proposal of SUITE, and say how often what its cases expect holds.

    A suite is a folder with cases.jsonl and proposals; docs/evaluation.md tells how to write one from your own closed and
    merged proposals. Reviews are kept beside --json or --output, so that a run goes on where it was interrupted.
    """
    written = [file.absolute() for file in (to, to_json, kept) if file not in (None, output.STDOUT)]
    for file in written:
        output.check_output(file, "-")
        if written.count(file) > 1:
            raise UsageError(f"{file.name} is named twice", where="--json, --output, --reviews", hint="name a file for each")

    from council.evaluation import check_suite, load_result, load_suite
    from council.evaluation.table import render
    from council.reports import json

    before = load_result(baseline) if baseline else None
    loaded = load_suite(suite)
    _check_classes(loaded, least)
    settings = seating.settings()
    roster = seating.roster(settings)
    check_suite(loaded, roster)
    candidate = _candidate(models, loaded, roster, settings, quiet=quiet)
    how = _Run(_reviews_file(kept, to_json, to), repeats, workers, quiet)
    result = _evaluate(loaded, candidate, roster, settings.policy, how)
    if to_json:
        output.write(json.dumps(result.model_dump(mode="json", by_alias=True)), to_json)
    if to_json != output.STDOUT or to != output.STDOUT:
        on_screen = to == output.STDOUT
        width = output.width() if on_screen else output.FILE_WIDTH
        output.write(render(result, baseline=before, width=width, color=on_screen and output.color(), verbose=verbose), to)
    _require(result, least)


def _reviews_file(kept: Path | None, *written: Path | None) -> Path | None:
    """Where reviews are kept: as asked, or beside the first file that is written."""
    beside = next((path for path in written if path not in (None, output.STDOUT)), None)
    return kept or (beside.with_name(f"{beside.name}.reviews.ndjson") if beside else None)


def _check_classes(suite: Suite, least: dict[str, float]) -> None:
    classes = sorted({case.group for case in suite.cases})
    for name in least:
        if name not in classes:
            raise UsageError(f"the suite has no class {name!r:.60}", where="--min", hint=f"it has {', '.join(classes)[:300]}")


@dataclass(frozen=True, slots=True)
class _Run:
    """How it is to be run."""

    kept: Path | None
    repeats: int
    workers: int
    quiet: bool


def _candidate(models: Models, suite: Suite, roster: Roster, settings: Settings, *, quiet: bool) -> Candidate:
    """The reviewer that the options and the configuration ask for.

    Raises:
        UsageError, UnavailableError, ProposalError, InputError: as for a review of the suite's longest proposal.
    """
    from council.evaluation import Candidate, checklist
    from council.proposal import Limits, read_proposal

    specs = models.specs(roster, settings)
    if set(specs.values()) == {CHECKLIST}:
        return checklist()
    longest = max((suite.folder / name for name in suite.hashes), key=lambda path: path.stat().st_size)
    reviewers = models.reviewers(roster, settings, read_proposal(longest, limits=Limits(min_words=0)))
    if not quiet:
        for host in hosts_of(reviewers):
            click.echo(f"Sending proposals of {suite.name} to {host}.", err=True)
    seated = [f"{seat}={spec}" for seat, spec in specs.items()]
    temperature = models.sampled(settings)
    sent = ["redacted" if models.redact else "", "" if temperature is None else f"temperature={temperature:g}"]
    depends_on = " ".join([*seated, models.address(settings) or "", *sent])
    name = ", ".join(dict.fromkeys(specs.values()))
    return Candidate(name, lambda: reviewers, depends_on, cpu_bound=False, prepare=lambda proposal: models.cleared(proposal, reviewers))


def _evaluate(suite: Suite, candidate: Candidate, roster: Roster, given: Policy | None, how: _Run) -> EvalResult:
    """Make the reviews that are not kept yet, and judge the cases by all of them."""
    from council.evaluation import Panel, ReviewLog, fingerprint, plan, run
    from council.evaluation import evaluate as judge
    from council.rulings import Policy

    policy = given or Policy()
    panel = Panel(roster, policy, fingerprint(candidate, roster, policy))
    log = ReviewLog(how.kept, panel.fingerprint)
    jobs = plan(suite, roster, repeats=how.repeats)
    old = log.load()
    reviews = {job.key: old[job.key] for job in jobs if job.key in old and old[job.key].covers(job.seats, council=job.council)}
    todo = [job for job in jobs if job.key not in reviews]
    start = time.monotonic()
    with _progress(len(jobs), len(reviews), quiet=how.quiet) as advance:

        def note(review: Review) -> None:
            log.add(review)
            reviews[review.key] = review
            advance()

        run(todo, panel, candidate, workers=how.workers, on_review=note)
    ordered = {job.key: reviews[job.key] for job in jobs}
    elapsed = time.monotonic() - start
    return judge(
        suite, ordered, reviewer=candidate.name, fingerprint=panel.fingerprint, repeats=how.repeats, made=len(todo), seconds=elapsed
    )


@contextmanager
def _progress(total: int, done: int, *, quiet: bool) -> Iterator[Callable[[], None]]:
    """A bar on standard error, where somebody watches."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Reviewing", total=total, completed=done)
        yield lambda: progress.advance(task)


def _require(result: EvalResult, least: dict[str, float]) -> None:
    """Say what was not met.

    Raises:
        ExpectationError: a class is below its rate.
        UnavailableError: reviews are missing.
    """
    below = []
    for name, rate in least.items():
        found = result.of_class(name)
        if found is None or found.rate is None or found.rate < rate:
            got = "no case could be judged" if found is None or found.rate is None else f"{100 * found.rate:.1f}%"
            below.append(f"{name}: {got}, not {100 * rate:.1f}%")
    if below:
        raise ExpectationError("; ".join(below), where="--min", hint="the table lists the cases that did not pass")
    if missing := sum(found.unreviewed for found in result.classes):
        raise UnavailableError(f"{missing} cases are without a review", hint="run again: what was reviewed is kept beside --json")
