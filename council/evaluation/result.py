"""The result of an evaluation: every case, the rate of each class, and what the panel is like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field

from council import __version__
from council.ballot import Usage
from council.errors import InputError, MissingInputError
from council.evaluation.figures import wilson
from council.evaluation.judging import State, rule
from council.evaluation.lines import parse
from council.evaluation.panel import Distinctness, Stability, distinctness, stability
from council.evaluation.reviews import Key, Review
from council.evaluation.suite import Case, Entry, Suite

SCHEMA_VERSION = "1.0"


class CaseResult(Entry):
    """How a case came out; see `council.evaluation.judging.Ruled`."""

    id: str
    group: str = Field(validation_alias="class", serialization_alias="class")
    file: str
    seat: str
    state: State
    votes: tuple[str, ...]
    held: int
    of: int
    why: str


class ClassResult(Entry):
    """The rate of a class.

    Attributes:
        n: cases that could be judged, and those that were not reviewed, which count as not passed.
        rate: passed / n; None where n is 0. low, high: Wilson's 95% interval.
        set_aside: cases in which there was nothing to see, not in n.
        unreviewed: cases without a review, in n.
    """

    name: str
    n: int
    passed: int
    rate: float | None
    low: float
    high: float
    set_aside: int
    unreviewed: int


class EvalResult(Entry):
    """What `council eval --json` writes.

    Attributes:
        suite, suite_sha256: the folder's name, and the hash of its cases.
        reviewer: its name. fingerprint: of all that the reviews depend on besides the proposals.
        repeats: how often each proposal was reviewed at least.
        reviews: how many there were; made: how many of them in this run; seconds: what this run took.
        usage: what all of the reviews took in calls, tokens and money, as far as it is known.
    """

    schema_version: str = SCHEMA_VERSION
    council_version: str = __version__
    suite: str
    suite_sha256: str
    reviewer: str
    fingerprint: str
    repeats: int
    reviews: int
    made: int
    seconds: float
    usage: Usage
    classes: tuple[ClassResult, ...]
    cases: tuple[CaseResult, ...]
    distinctness: Distinctness | None
    stability: Stability

    def of_class(self, name: str) -> ClassResult | None:
        """The class of that name."""
        return next((found for found in self.classes if found.name == name), None)


def evaluate(
    suite: Suite, reviews: Mapping[Key, Review], *, reviewer: str, fingerprint: str, repeats: int = 1, made: int = 0, seconds: float = 0.0
) -> EvalResult:
    """Judge every case of a suite by the reviews there are."""
    cases = [_case(case, suite, reviews, repeats) for case in suite.cases]
    return EvalResult(
        suite=suite.name,
        suite_sha256=suite.sha256,
        reviewer=reviewer,
        fingerprint=fingerprint,
        repeats=repeats,
        reviews=len(reviews),
        made=made,
        seconds=round(seconds, 1),
        usage=_usage([review.usage for review in reviews.values()]),
        classes=tuple(_class(name, cases) for name in dict.fromkeys(case.group for case in cases)),
        cases=tuple(cases),
        distinctness=distinctness(reviews),
        stability=stability(reviews),
    )


def load_result(path: Path) -> EvalResult:
    """Read what `--json` wrote.

    Raises:
        MissingInputError: there is no such file.
        InputError: it is something else.
    """
    if not path.is_file():
        raise MissingInputError("no such file", where=str(path), hint="make it with council eval --json")
    try:
        return parse(EvalResult, path.read_bytes(), str(path))
    except InputError as error:
        raise InputError(f"is no result of council eval: {error.what}", where=str(path), hint="make it with council eval --json") from None


def _usage(usages: Sequence[Usage]) -> Usage:
    costs = [usage.cost_usd for usage in usages if usage.calls or usage.cost_usd is not None]
    return Usage(
        calls=sum(usage.calls for usage in usages),
        retries=sum(usage.retries for usage in usages),
        input_tokens=sum(usage.input_tokens for usage in usages),
        cached_tokens=sum(usage.cached_tokens for usage in usages),
        output_tokens=sum(usage.output_tokens for usage in usages),
        cost_usd=sum(filter(None, costs)) if costs and None not in costs else None,
    )


def _case(case: Case, suite: Suite, reviews: Mapping[Key, Review], repeats: int) -> CaseResult:
    ruled = rule(case, suite, reviews, repeats=repeats)
    return CaseResult(
        id=case.id,
        group=case.group,
        file=case.file,
        seat=case.seat,
        state=ruled.state,
        votes=ruled.votes,
        held=ruled.held,
        of=ruled.of,
        why=ruled.why,
    )


def _class(name: str, cases: Sequence[CaseResult]) -> ClassResult:
    states = [case.state for case in cases if case.group == name]
    aside, unreviewed, passed = (states.count(state) for state in ("set_aside", "unreviewed", "passed"))
    n = len(states) - aside
    low, high = wilson(passed, n)
    return ClassResult(
        name=name, n=n, passed=passed, rate=passed / n if n else None, low=low, high=high, set_aside=aside, unreviewed=unreviewed
    )
