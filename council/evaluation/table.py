"""The result of an evaluation for a person: rates by class, what did not pass, what changed, what the panel is like.

What comes from a suite is cleaned like any untrusted text; markup is never parsed.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from council.evaluation.baseline import Change, changes
from council.evaluation.panel import Distinctness, Stability
from council.evaluation.result import CaseResult, ClassResult, EvalResult
from council.reports.clean import clean_line

SHOWN = 20
"""Cases that are listed unless everything is asked for."""

ALIKE = 3
"""Pairs of seats likewise."""


def render(result: EvalResult, *, baseline: EvalResult | None = None, width: int = 100, color: bool = False, verbose: bool = False) -> str:
    """The result as text that ends in a line feed.

    Args:
        result: what to show.
        baseline: an earlier result to compare it with.
        width: columns to write in; color: whether to write colours.
        verbose: every case that did not pass or changed, and every pair of seats.
    """
    buffer = io.StringIO()
    console = Console(file=buffer, width=max(60, width), force_terminal=color, highlight=False, emoji=False, markup=False)
    for part in _parts(result, baseline, verbose):
        console.print(part)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _parts(result: EvalResult, baseline: EvalResult | None, verbose: bool) -> Iterator[RenderableType]:
    made = f"{result.made} of {result.reviews} reviews made in {result.seconds:.1f} s"
    yield _text(f"{result.suite}: {len(result.cases)} cases, {result.reviewer}, {made}", "bold")
    if result.usage.calls:
        cost = "" if result.usage.cost_usd is None else f", ${result.usage.cost_usd:.2f}"
        tokens = f"{result.usage.input_tokens:,} tokens in, {result.usage.output_tokens:,} out"
        yield _text(f"all reviews: {result.usage.calls:,} calls, {tokens}{cost}", "dim")
    yield _classes(result.classes, baseline)
    yield from _not_passed(result.cases, verbose)
    if baseline is not None:
        yield from _changed(result, baseline, verbose)
    if result.distinctness is not None:
        yield from _distinctness(result.distinctness, verbose)
    yield from _stability(result.stability)


def _text(words: str, style: str = "", indent: int = 0) -> RenderableType:
    return Padding(Text(clean_line(words), style=style), (0, 0, 0, indent))


def _title(words: str) -> RenderableType:
    return Padding(Text(clean_line(words), style="bold underline"), (1, 0, 0, 0))


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}%"


def _classes(classes: Sequence[ClassResult], baseline: EvalResult | None) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("Class", overflow="fold")
    extra = [
        ("Was", baseline is not None),
        ("Set aside", any(c.set_aside for c in classes)),
        ("Unreviewed", any(c.unreviewed for c in classes)),
    ]
    for name in ("n", "Passed", "Rate", "95% interval", *(name for name, shown in extra if shown)):
        table.add_column(name, justify="right", no_wrap=True)
    for found in classes:
        was = baseline.of_class(found.name) if baseline else None
        cells = {"Was": _percent(was.rate if was else None), "Set aside": str(found.set_aside), "Unreviewed": str(found.unreviewed)}
        interval = f"{100 * found.low:.1f} – {100 * found.high:.1f}%" if found.n else "–"
        shown = [str(found.n), str(found.passed), _percent(found.rate), interval, *(cells[name] for name, wanted in extra if wanted)]
        table.add_row(*(Text(clean_line(cell)) for cell in (found.name, *shown)))
    return Padding(table, (1, 0, 0, 0))


def _not_passed(cases: Sequence[CaseResult], verbose: bool) -> Iterator[RenderableType]:
    wrong = [case for case in cases if case.state in ("failed", "unreviewed")]
    if not wrong:
        return
    yield _title("Not passed")
    shown = wrong if verbose else wrong[:SHOWN]
    for case in shown:
        times = f" (held {case.held} of {case.of} times)" if case.of > 1 else ""
        who = "" if case.seat in case.id else f" [{case.seat}]"
        yield _text(f"{case.id}{who}: {case.why}{times}", indent=2)
    yield from _rest(len(wrong) - len(shown))


def _rest(left: int) -> Iterator[RenderableType]:
    if left > 0:
        yield _text(f"and {left} more: --verbose lists them, --json holds them", "dim", indent=2)


def _changed(result: EvalResult, baseline: EvalResult, verbose: bool) -> Iterator[RenderableType]:
    found = changes(baseline, result)
    lost, won = [c for c in found if c.lost], [c for c in found if c.won]
    others = [c for c in found if not c.lost and not c.won]
    yield _title("Against the baseline")
    if baseline.suite_sha256 != result.suite_sha256:
        yield _text("The cases of the suite have changed since.", "yellow", indent=2)
    yield _text(f"{len(lost)} lost, {len(won)} won, {len(others)} otherwise changed or new or gone", indent=2)
    ordered = [*lost, *won, *others]
    shown = ordered if verbose else ordered[:SHOWN]
    for change in shown:
        yield _text(_change(change), "red" if change.lost else "green" if change.won else "", indent=2)
    yield from _rest(len(ordered) - len(shown))


def _change(change: Change) -> str:
    was, now = ((state or "absent").replace("_", " ") for state in (change.was, change.now))
    states = now if was == now else f"{was} → {now}"
    before, after = "/".join(change.votes_were), "/".join(change.votes_are)
    votes = "" if before == after else f", {before or 'nothing'} → {after or 'nothing'}"
    return f"{change.id}: {states}{votes}{f' ({change.why})' if change.why else ''}"


def _distinctness(found: Distinctness, verbose: bool) -> Iterator[RenderableType]:
    yield _title(f"How distinct the seats are, on {found.proposals} proposals")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    kinds = sorted({vote for votes in found.votes.values() for vote in votes})
    table.add_column("Seat")
    for kind in kinds:
        table.add_column(kind.replace("_", " "), justify="right")
    for seat, votes in found.votes.items():
        table.add_row(Text(clean_line(seat)), *(str(votes.get(kind, 0)) for kind in kinds))
    yield Padding(table, (0, 0, 0, 2))
    yield _text(f"unanimous: {_percent(found.unanimous)} (by chance {_percent(found.unanimous_by_chance)})", indent=2)
    worth = "not known, for fewer than two seats vary" if found.effective_votes is None else f"{found.effective_votes:.1f}"
    r = "" if found.correlation is None else f" (mean correlation {found.correlation:.2f})"
    yield _text(f"effective number of votes, of {found.varying} seats that vary: {worth}{r}", indent=2)
    if found.mean_kappa is not None:
        yield _text(f"agreement of pairs beyond chance: mean Cohen's kappa {found.mean_kappa:.2f}; the most alike:", indent=2)
    alike = sorted(found.pairs, key=lambda pair: -2.0 if pair.kappa is None else pair.kappa, reverse=True)
    for pair in alike if verbose else alike[:ALIKE]:
        kappa = "not defined" if pair.kappa is None else f"{pair.kappa:.2f}"
        yield _text(f"{' and '.join(pair.seats)}: kappa {kappa}, the same vote on {_percent(pair.agreement)} of {pair.proposals}", indent=4)


def _stability(found: Stability) -> Iterator[RenderableType]:
    if not (found.seats or found.orders):
        return
    yield _title("How stable it is")
    if found.seats:
        spread = f", scores within {found.score_spread or 0:.3f}"
        yield _text(f"repeated votes of a seat: the same each time in {_percent(found.steadfast)} of {found.seats}{spread}", indent=2)
    if found.verdicts:
        yield _text(f"repeated verdicts: the same each time in {_percent(found.steadfast_verdicts)} of {found.verdicts}", indent=2)
    if found.orders:
        yield _text(f"verdicts with the seats in another order: the same in {_percent(found.same)} of {found.orders}", indent=2)
    if not found.seats:
        yield _text("votes were not repeated (--repeats)", "dim", indent=2)
