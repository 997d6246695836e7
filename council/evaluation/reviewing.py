"""Reviews every proposal of a suite: which reviews there have to be, by whom, and many at a time."""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import council
from council import background
from council.evaluation.one import Job, Panel, review
from council.evaluation.reviews import Review
from council.evaluation.suite import COUNCIL, Suite
from council.proposal import Proposal
from council.reviewers.base import Reviewer
from council.reviewers.checklist import ChecklistReviewer
from council.rulings import Policy
from council.seats import Roster

_JUDGING = ("addressed", "ballot.py", "evidence", "proposal", "reviewers", "rulings", "workflow")
_SUFFIXES = frozenset({".py", ".md", ".yaml", ".txt"})


MakeReviewers: TypeAlias = Callable[[], Reviewer | Mapping[str, Reviewer]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reviewer to be evaluated.

    Attributes:
        name: for people.
        make: gives a reviewer, or one for each seat by name; called for every proposal and repeat, so that no review need
            remember another. It is pickled where `cpu_bound`.
        settings: what else its replies depend on (model, temperature, prompts); part of the fingerprint.
        cpu_bound: whether it keeps a processor busy (then each worker is a process), or waits for answers.
        prepare: makes of a proposal what the reviewers get to see, such as one without its secrets; not where `cpu_bound`.
    """

    name: str
    make: MakeReviewers
    settings: str = ""
    cpu_bound: bool = True
    prepare: Callable[[Proposal], Proposal] | None = None


def checklist() -> Candidate:
    """The offline checklist reviewer."""
    return Candidate(ChecklistReviewer.name, ChecklistReviewer)


def fingerprint(candidate: Candidate, roster: Roster, policy: Policy) -> str:
    """Hex SHA-256 of all that a review depends on besides the proposal: reviewer, agents, personas, policy and our own code."""
    seats = [f"{seat.name} {seat.agent.sha256} {seat.persona.name} {seat.persona.sha256}" for seat in roster.seats]
    parts = [candidate.name, candidate.settings, policy.sha256, _code(), *seats]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def _code() -> str:
    """Hex SHA-256 of those parts of the package that read, review and decide."""
    package = Path(council.__file__).parent
    digest = hashlib.sha256()
    for part in _JUDGING:
        files = [package / part] if part.endswith(".py") else sorted((package / part).rglob("*"))
        for path in files:
            if path.suffix in _SUFFIXES and path.is_file():
                digest.update(f"{path.relative_to(package).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def plan(suite: Suite, roster: Roster, *, repeats: int = 1) -> list[Job]:
    """The reviews that the cases need: each proposal once for each repeat, by all the seats that any case asks for.

    Args:
        repeats: how often each proposal is reviewed at least.
    """
    seats: dict[str, set[str]] = {}
    times: dict[str, int] = {}
    for case in suite.cases:
        for file in case.files:
            seats.setdefault(file, set()).add(case.seat)
            times[file] = max(times.get(file, repeats), case.repeats)
    return [
        Job(
            file=file,
            path=suite.folder / file,
            sha256=suite.hashes[file],
            repeat=repeat,
            seats=roster.names if COUNCIL in asked else tuple(name for name in roster.names if name in asked),
            council=COUNCIL in asked,
        )
        for file, asked in seats.items()
        for repeat in range(times[file])
    ]


def run(jobs: Sequence[Job], panel: Panel, candidate: Candidate, *, workers: int, on_review: Callable[[Review], None]) -> None:
    """Make the reviews, as many at a time as there are workers.

    Args:
        on_review: called with each review when it is done, one at a time.

    Raises:
        ProposalError, MissingInputError, InputError: as `council.evaluation.one.review`; what is not done yet is given up.
    """
    if not jobs:
        return
    if candidate.cpu_bound:
        _in_processes(jobs, panel, candidate, workers, on_review)
    else:
        background.run(lambda: _in_tasks(jobs, panel, candidate, workers, on_review))


# ---------------------------------------------------------------- processes, for a reviewer that computes


def _in_processes(jobs: Sequence[Job], panel: Panel, candidate: Candidate, workers: int, on_review: Callable[[Review], None]) -> None:
    # Not by fork, which copies whatever locks the threads of this process hold.
    context = multiprocessing.get_context("spawn")
    workers = min(workers, len(jobs))
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_enter, initargs=(panel, candidate.make))
    try:
        for done in as_completed([pool.submit(_in_process, job) for job in jobs]):
            on_review(done.result())
    finally:  # not `with`, whose own shutdown would take back the cancelling
        pool.shutdown(wait=True, cancel_futures=True)


_desk: list[tuple[Panel, MakeReviewers]] = []


def _enter(panel: Panel, make: MakeReviewers) -> None:
    """In a worker: what all its jobs share, sent once. An interrupt is the parent's affair."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _desk[:] = [(panel, make)]


def _in_process(job: Job) -> Review:
    panel, make = _desk[0]
    return asyncio.run(review(job, panel, make()))


# ---------------------------------------------------------------- tasks, for a reviewer that waits


async def _in_tasks(jobs: Sequence[Job], panel: Panel, candidate: Candidate, workers: int, on_review: Callable[[Review], None]) -> None:
    waiting = iter(jobs)

    async def work() -> None:
        for job in waiting:
            on_review(await review(job, panel, candidate.make(), candidate.prepare))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(workers, len(jobs))):
                group.create_task(work())
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
