"""The choices that a function makes: branches that end it, and the ways through an `if` or a `match`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from council.tracer.model import Outcome
from council.tracer.names import last, written

ABORTS = frozenset("abort exit _exit abort_with_status".split())
"""Functions whose call ends what is done, as a `raise` does."""


@dataclass(slots=True)
class Branch:
    """A branch that ends what the function does."""

    line: int
    first: int
    last: int
    outcome: Outcome
    condition: str
    names: frozenset[str]


@dataclass(slots=True)
class Arm:
    """One way through an `if` with an `else`, or through a `match`.

    Attributes:
        turns: the line of the whole, by which its arms are told to be of one.
        ends: it returns, raises or goes on with the next round, so that it is an outcome of its own.
    """

    turns: int
    first: int
    last: int
    ends: bool


def branches_of_if(node: ast.If) -> Iterator[Branch]:
    """The branches of an `if` that end what the function does; an `elif` is a statement of its own."""
    condition = written(node.test)
    if any(word in condition for word in ("is_recording", "__name__", "TYPE_CHECKING", "isEnabledFor")):
        return
    names = _names(node.test)
    if found := _branch(node.body, condition, names, node.lineno):
        yield found
    otherwise = [] if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If) else node.orelse
    if otherwise and (found := _branch(otherwise, f"not ({condition})", names, otherwise[0].lineno)):
        yield found


def arms_of_if(node: ast.If) -> list[Arm]:
    """The ways through an `if` with its `elif`s, where there is an `else` too.

    An `elif` is a statement of its own to the reader; the ways through it from there on are told apart by its own line.
    """
    bodies, rest = [node.body], node.orelse
    while len(rest) == 1 and isinstance(rest[0], ast.If):
        bodies.append(rest[0].body)
        rest = rest[0].orelse
    return [_arm(node, body) for body in [*bodies, rest]] if rest else []


def branches_of_match(node: ast.Match) -> Iterator[Branch]:
    """The cases of a `match` that end what the function does."""
    for case in node.cases:
        if found := _branch(case.body, written(node.subject), _names(node.subject), node.lineno):
            yield found


def arms_of_match(node: ast.Match) -> list[Arm]:
    """The ways through a `match`."""
    return [_arm(node, case.body) for case in node.cases]


def _arm(node: ast.If | ast.Match, body: list[ast.stmt]) -> Arm:
    end = body[-1]
    ends = isinstance(end, ast.Return | ast.Raise | ast.Continue | ast.Break)
    return Arm(node.lineno, body[0].lineno, end.end_lineno or end.lineno, ends)


def _branch(body: list[ast.stmt], condition: str, names: frozenset[str], line: int) -> Branch | None:
    end = body[-1]
    called = end.value if isinstance(end, ast.Expr) else None
    called = called.value if isinstance(called, ast.Await) else called
    outcome: Outcome
    if isinstance(end, ast.Raise) or (isinstance(called, ast.Call) and last(called.func) in ABORTS):
        outcome = "raises"
    elif isinstance(end, ast.Return):
        outcome = "returns"
    else:
        return None
    return Branch(line, body[0].lineno, end.end_lineno or end.lineno, outcome, condition, names)


def _names(node: ast.AST) -> frozenset[str]:
    return frozenset(inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))
