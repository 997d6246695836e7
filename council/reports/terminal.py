"""The report for a terminal: the verdict first, then what to do about it.

Everything is a rich `Text` made from cleaned strings; markup is never parsed, so that `[red]` in a proposal stays text.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from council.ballot import AddressedText, CheckedAnswer, Evidence, Opinion, Ruling, Verdict
from council.reports import content
from council.reports.clean import clean_line

STYLES = {
    "APPROVE": "bold green",
    "MODIFY": "bold yellow",
    "REJECT": "bold red",
    "INCONCLUSIVE": "bold magenta",
    "ABSTAIN": "dim",
    "blocker": "bold red",
    "major": "yellow",
    "minor": "dim",
    "fail": "bold red",
    "conditional": "yellow",
    "pass": "green",
}
QUOTE_LIMIT = 140


def render(verdict: Verdict, *, width: int = 100, color: bool = False, verbose: bool = False) -> str:
    """The report as text that ends in a line feed.

    Args:
        verdict: what to report; every string in it is untrusted.
        width: columns of the terminal.
        color: whether to write colours; which ones, the environment says (TERM, COLORTERM, NO_COLOR).
        verbose: everything, with each answer and its evidence, instead of what to act upon.
    """
    buffer = io.StringIO()
    console = Console(file=buffer, width=max(40, width), force_terminal=color, highlight=False, emoji=False, markup=False)
    console.print(Group(*_parts(verdict, verbose)))
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _parts(verdict: Verdict, verbose: bool) -> Iterator[RenderableType]:
    yield from _head(verdict)
    yield _votes(verdict.opinions)
    yield from _opinion_notes(verdict.opinions)
    yield from _addressed(verdict, verbose)
    yield from _faults(verdict, verbose)
    yield from _conditions(verdict, verbose)
    yield from _dissent(verdict)
    if verbose:
        yield from _answers(verdict)
    yield from _foot(verdict, verbose)


def _text(words: str, style: str = "", *, limit: int = 0) -> Text:
    return Text(clean_line(words, limit), style=style)


def _line(*parts: str | tuple[str, str], indent: int = 0) -> Padding:
    """One paragraph of cleaned words, each with its style and at most one space on either side, wrapped under its beginning."""
    text = Text()
    for part in parts:
        words, style = (part, "") if isinstance(part, str) else part
        lead, trail = " " * words.startswith(" "), " " * words.endswith(" ")
        text.append(f"{lead}{clean_line(words)}{trail}" if words.strip() else words and " ", style=style)
    return Padding(text, (0, 0, 0, indent))


def _title(words: str) -> Padding:
    return Padding(_text(words, "bold underline"), (1, 0, 0, 0))


def _head(verdict: Verdict) -> Iterator[RenderableType]:
    outcome = verdict.outcome.value
    yield _line((f" {outcome} ", f"{STYLES[outcome]} reverse"), " ", (verdict.proposal_title or verdict.proposal, "bold"))
    if verdict.proposal_title not in ("", verdict.proposal):
        yield _line((verdict.proposal, "dim"))
    yield _line("Decided by ", content.rule_words(verdict), ".")
    yield _line(verdict.why)
    seat_and_ruling = content.observability(verdict)
    if seat_and_ruling:
        seat, ruling = seat_and_ruling
        yield _line("Observability: ", (ruling, STYLES.get(ruling, "")), f" ({seat})")
    for words in content.overruled_words(verdict):
        yield _line(f"Overruled: {words}")
    if verdict.council_said:
        yield _line("The council had said: ", (verdict.council_said.value, STYLES[verdict.council_said.value]))
    if verdict.ruling:
        yield _ruling(verdict.ruling)


def _ruling(ruling: Ruling) -> RenderableType:
    what = "ruled" if ruling.accepted else f"ruled in vain ({ruling.problem})"
    span = f"between {ruling.lower.value} and {ruling.upper.value}"
    return _line(f"{ruling.seat} {what} {span}: ", (ruling.chosen.value, "bold"), " ", ruling.text)


def _votes(opinions: Sequence[Opinion]) -> RenderableType:
    table = Table(box=None, expand=True, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("Seat", no_wrap=True, max_width=20)
    table.add_column("Vote", no_wrap=True)
    table.add_column("Score", no_wrap=True, justify="right")
    table.add_column("Conf", no_wrap=True)
    table.add_column("Ready", no_wrap=True)
    table.add_column("Why", no_wrap=True, overflow="ellipsis", ratio=1)
    for opinion in opinions:
        vote = opinion.counted.value
        voted = opinion.abstention is None
        table.add_row(
            _text(content.who(opinion)),
            _text(content.vote_words(opinion), STYLES[vote]),
            _text(f"{opinion.score:.2f}" if voted else ""),
            _text(opinion.confidence if voted else ""),
            _text(content.ready_words(opinion) if voted else ""),
            _text(content.reason(opinion), "" if voted else "dim"),
        )
    return Padding(table, (1, 0, 0, 0))


def _opinion_notes(opinions: Sequence[Opinion]) -> Iterator[RenderableType]:
    for opinion in opinions:
        for note in opinion.notes:
            yield _line((f"{opinion.seat}: {note}", "dim"))


def _addressed(verdict: Verdict, verbose: bool) -> Iterator[RenderableType]:
    barring = [a for a in verdict.addressed if a.bars]
    notes = [a for a in verdict.addressed if not a.bars]
    most = len(verdict.addressed) if verbose else content.MOST_ADDRESSED
    for title, found in (("Text that addresses the reviewers", barring), ("Text about reviewers, noted only", notes if verbose else [])):
        if found:
            yield _title(title)
            yield from (_address(verdict, a) for a in found[:most])
            yield from _more(len(found) - most)
    if notes and not verbose:
        yield _line((f"Passages that mention reviewers and bar nothing: {len(notes)} (--verbose shows them)", "dim"))


def _address(verdict: Verdict, found: AddressedText) -> RenderableType:
    quote = clean_line(found.text, QUOTE_LIMIT)
    return _line((content.place(verdict, found.line), "cyan"), f" [{found.how}] “{quote}”", indent=2)


def _faults(verdict: Verdict, verbose: bool) -> Iterator[RenderableType]:
    found = content.faults(verdict)
    shown = found if verbose else content.pick(found)
    if found:
        blockers = sum(f.finding.severity == "blocker" for f in found)
        yield _title(f"Blockers ({blockers}) and majors ({len(found) - blockers})")
    for each in shown:
        yield from _finding(verdict, each, verbose)
    yield from _more(len(found) - len(shown))
    doubtful = content.unverified(verdict)
    if doubtful and verbose:
        yield _title("Findings whose evidence did not check out; they carried no weight")
        for each in doubtful:
            yield from _finding(verdict, each, verbose)


def _finding(verdict: Verdict, found: content.Found, verbose: bool) -> Iterator[RenderableType]:
    finding = found.finding
    head = (finding.severity, STYLES[finding.severity])
    yield _line(head, (f" {found.seat} · {finding.domain}: ", "dim"), finding.claim, indent=2)
    for evidence in finding.evidence if verbose else finding.evidence[:2]:
        yield from _evidence(verdict, evidence, verbose, indent=4)


def _evidence(verdict: Verdict, evidence: Evidence, verbose: bool, indent: int) -> Iterator[RenderableType]:
    quote = clean_line(evidence.quote, 0 if verbose else QUOTE_LIMIT)
    where = (content.place(verdict, evidence.first), "cyan") if evidence.first else ("", "")
    if evidence.kind == "absence":
        nearest = ("; nearest ", where, f" “{quote}”") if quote else ()
        yield _line("looked in ", (content.searched_words(evidence, every=verbose), "italic"), *nearest, indent=indent)
    else:
        yield _line(where, f" “{quote}”" if quote else "", indent=indent)
    if evidence.problem and not evidence.verified:
        yield _line((f"unverified: {evidence.problem}", "dim"), indent=indent)


def _conditions(verdict: Verdict, verbose: bool) -> Iterator[RenderableType]:
    gathered = content.todos(verdict)
    if not gathered:
        return
    shown, hidden = content.first_todos(gathered, sys.maxsize if verbose else content.MOST_CONDITIONS)
    yield _title(content.conditions_title(verdict))
    for where, group in shown.items():
        yield _line((clean_line(where, content.WHERE_LIMIT) or "Wherever it fits", "bold"), indent=2)
        for todo in group:
            yield _line("□ ", todo.text, (f" ({', '.join(todo.seats)})", "dim"), indent=4)
    yield from _more(hidden)


def _dissent(verdict: Verdict) -> Iterator[RenderableType]:
    opinions = [o for o in verdict.opinions if o.seat in verdict.dissent]
    if opinions:
        yield _title("Dissent")
    for opinion in opinions:
        vote = opinion.counted.value
        yield _line(f"{opinion.seat} ", (vote, STYLES[vote]), " ", clean_line(content.reason(opinion), 2 * QUOTE_LIMIT), indent=2)


def _answers(verdict: Verdict) -> Iterator[RenderableType]:
    for opinion in verdict.opinions:
        yield _title(f"{opinion.seat}: every answer")
        yield _line(content.reason(opinion), indent=2)
        for answer in opinion.answers:
            yield from _answer(verdict, answer)
        for finding in opinion.findings:
            if finding.verified and (finding.kind == "praise" or finding.severity == "minor"):
                yield from _finding(verdict, content.Found(f"{opinion.seat} · {finding.kind}", finding), verbose=True)


def _answer(verdict: Verdict, answer: CheckedAnswer) -> Iterator[RenderableType]:
    yield _line((f"{answer.status} ", "bold"), answer.asked, (f" [{answer.question}]", "dim"), indent=2)
    for evidence in answer.evidence:
        yield from _evidence(verdict, evidence, verbose=True, indent=4)


def _more(hidden: int) -> Iterator[RenderableType]:
    if hidden > 0:
        yield _line((f"… and {hidden} more (--verbose shows them)", "dim"), indent=2)


def _foot(verdict: Verdict, verbose: bool) -> Iterator[RenderableType]:
    if verdict.notes:
        yield _title("Notes")
        yield from (_line(note, indent=2) for note in verdict.notes)
    yield Text()
    yield _line((content.facts(verdict), "dim"))
    yield from (_line((words, "dim")) for words in content.usage_of_seats(verdict) if verbose)
    for words in content.origin_words(verdict):
        yield _line((words, "dim"))
