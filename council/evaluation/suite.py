"""A suite: a folder with `cases.jsonl`, one case a line, and the proposals that the cases name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from council.ballot import AnswerStatus
from council.errors import InputError, MissingInputError
from council.evaluation.lines import parse
from council.seats import Roster

CASES = "cases.jsonl"
COUNCIL = "council"
"""The seat of a case that is about the verdict of the whole council."""

Seen = Literal["APPROVE", "MODIFY", "REJECT", "ABSTAIN", "INCONCLUSIVE"]
"""A seat votes one of the first four; a council decides one of all but ABSTAIN."""

Basis = Literal["vote", "score"]
"""What a comparison looks at: the vote alone, or the vote and, where it is the same, the score."""

COMPARISONS: dict[str, Basis] = {
    "worse_than": "score",
    "better_than": "score",
    "same_as": "vote",
    "not_worse_than": "vote",
    "not_better_than": "score",
}
"""The comparisons, and what each looks at unless its case says otherwise (`by`)."""


class Entry(BaseModel):
    """Base of what a suite holds: unknown keys are refused, values are never changed after."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _inside(path: str) -> str:
    pure = PurePosixPath(path)
    if not path or "\\" in path or pure.is_absolute() or ".." in pure.parts:
        raise ValueError("should be a path inside the suite, with /")
    return pure.as_posix()


def _in_order(lines: tuple[int, int]) -> tuple[int, int]:
    if lines[0] > lines[1]:
        raise ValueError("should be [first, last]")
    return lines


SuitePath = Annotated[str, AfterValidator(_inside)]
Line = Annotated[int, Field(ge=1)]
Lines = Annotated[tuple[Line, Line], AfterValidator(_in_order)]
Statuses = Annotated[
    tuple[AnswerStatus, ...], BeforeValidator(lambda given: (given,) if isinstance(given, str) else given), Field(min_length=1)
]


class Expectation(Entry):
    """What a person expects of a seat, or of the council, on a proposal; all of it has to hold.

    Attributes:
        vote_in, vote_not_in: votes, or outcomes of the council.
        worse_than, better_than, same_as, not_worse_than, not_better_than: another proposal of the suite, seen by the same seat.
        by: what the comparisons look at; see `COMPARISONS` for what each does by itself.
        must_find: from the id of a checklist question to the status of its answer, or to several that will do. Only an
            answer whose evidence checked out counts.
        must_quote: lines [first, last]; some quotation that checked out has to touch each.
    """

    vote_in: Annotated[tuple[Seen, ...], Field(min_length=1)] | None = None
    vote_not_in: Annotated[tuple[Seen, ...], Field(min_length=1)] | None = None
    worse_than: SuitePath | None = None
    better_than: SuitePath | None = None
    same_as: SuitePath | None = None
    not_worse_than: SuitePath | None = None
    not_better_than: SuitePath | None = None
    by: Basis | None = None
    must_find: dict[str, Statuses] = Field(default_factory=dict)
    must_quote: tuple[Lines, ...] = ()

    @model_validator(mode="after")
    def _expects(self) -> Expectation:
        if not (self.vote_in or self.vote_not_in or self.must_find or self.must_quote or self.others):
            raise ValueError("expects nothing")
        if self.by and not self.others:
            raise ValueError("'by' without a comparison")
        return self

    @property
    def others(self) -> dict[str, str]:
        """The comparisons that are asked for: operator to file."""
        return {name: other for name in COMPARISONS if (other := getattr(self, name)) is not None}


class Case(Entry):
    """One expectation of one seat on one proposal.

    Attributes:
        id: unique in the suite.
        group: the class that the case counts in; `class` in the file.
        file: the proposal.
        seat: a seat's name, or "council".
        repeats: how often the proposal is reviewed for it; it has to hold each time.
        note: why a person expects this.
    """

    id: str = Field(min_length=1, max_length=200)
    group: str = Field(validation_alias="class", serialization_alias="class", min_length=1, max_length=100)
    file: SuitePath
    seat: str = Field(min_length=1, max_length=100)
    expect: Expectation
    repeats: int = Field(default=1, ge=1, le=100)
    note: str = Field(default="", max_length=500)

    @property
    def files(self) -> tuple[str, ...]:
        """The proposals that have to be reviewed for it."""
        return tuple(dict.fromkeys((self.file, *self.expect.others.values())))


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite as it was loaded.

    Attributes:
        folder: where it is; name: of the folder.
        sha256: of `cases.jsonl`.
        cases: in the order of the file; lines: from the id of each to where it stands.
        hashes: hex SHA-256 of each proposal that a case names.
    """

    folder: Path
    sha256: str
    cases: tuple[Case, ...]
    lines: dict[str, int]
    hashes: dict[str, str]

    @property
    def name(self) -> str:
        """For people."""
        return self.folder.resolve().name


def load_suite(folder: Path) -> Suite:
    """Read a suite.

    Raises:
        MissingInputError: the folder, its `cases.jsonl` or a proposal is not there.
        InputError: a case is wrong; names the line.
    """
    path = folder / CASES
    if not path.is_file():
        raise MissingInputError("no such file", where=str(path), hint=f"a suite is a folder with {CASES} and proposals")
    data = path.read_bytes()
    numbered = list(_cases(path, data))
    if not numbered:
        raise InputError("holds no case", where=str(path), hint="write one JSON object a line")
    hashes: dict[str, str] = {}
    for number, case in numbered:
        for name in case.files:
            if name not in hashes:
                hashes[name] = _sha256(folder / name, f"{path}:{number}")
    cases = tuple(case for _, case in numbered)
    lines = {case.id: number for number, case in numbered}
    return Suite(folder, hashlib.sha256(data).hexdigest(), cases, lines, hashes)


def check_suite(suite: Suite, roster: Roster) -> None:
    """See that a suite fits a roster.

    Raises:
        InputError: a case names a seat that is not there, or a question that its seat does not ask.
    """
    asked = {seat.name: {question.id for question in seat.persona.questions} for seat in roster.seats}
    asked[COUNCIL] = set().union(*asked.values())
    for case in suite.cases:
        where = f"{suite.folder / CASES}:{suite.lines[case.id]}"
        if case.seat not in asked:
            raise InputError(f"unknown seat {case.seat!r:.60}", where=where, hint=_known(case.seat, asked))
        for question in case.expect.must_find:
            if question not in asked[case.seat]:
                what = f"{case.seat} does not ask {question!r:.120}"
                raise InputError(what, where=where, hint=_known(question, asked[case.seat]))


def _known(name: str, names: set[str] | dict[str, set[str]]) -> str:
    close = get_close_matches(name, names, n=1)
    return f"did you mean {close[0]}?" if close else f"it knows {', '.join(sorted(names)[:12])}"


def _cases(path: Path, data: bytes) -> Iterator[tuple[int, Case]]:
    seen: dict[str, int] = {}
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        case = parse(Case, line, where)
        if first := seen.get(case.id):
            raise InputError(f"case {case.id!r:.120} is there twice, first on line {first}", where=where, hint="give each its own id")
        seen[case.id] = number
        yield number, case


def _sha256(path: Path, where: str) -> str:
    if not path.is_file():
        raise MissingInputError(f"no such proposal: {path}", where=where, hint="paths are relative to the suite")
    return hashlib.sha256(path.read_bytes()).hexdigest()
