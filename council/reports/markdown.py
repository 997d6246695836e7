"""The report as Markdown, ready to paste into a pull request.

Untrusted text stands only in table cells, list items and fenced blocks, escaped for each, so that the shape of the
report (its headings, tables, lists) never depends on it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from council.ballot import AddressedText, Evidence, Opinion, Verdict
from council.reports import content
from council.reports.clean import clean_line, md_code, md_fence, md_inline

QUOTE_LIMIT = 400
WHY_LIMIT = 300


def render(verdict: Verdict, *, verbose: bool = False) -> str:
    """The report as GitHub-flavoured Markdown that ends in a line feed.

    Args:
        verdict: what to report; every string in it is untrusted.
        verbose: everything, with each answer and its evidence, instead of what to act upon.
    """
    blocks = [
        *_head(verdict),
        _votes(verdict.opinions),
        *_opinion_notes(verdict.opinions),
        *_addressed(verdict, verbose),
        *_faults(verdict, verbose),
        *_conditions(verdict, verbose),
        *_dissent(verdict),
        *(_answers(verdict) if verbose else ()),
        *_foot(verdict, verbose),
    ]
    return "\n\n".join(blocks) + "\n"


def _head(verdict: Verdict) -> Iterator[str]:
    yield f"## Council: {verdict.outcome.value}"
    yield " · ".join(part for part in (_bold(verdict.proposal_title), md_code(verdict.proposal)) if part)
    yield f"Decided by {content.rule_words(verdict)}. {md_inline(verdict.why)}"
    seat_and_ruling = content.observability(verdict)
    if seat_and_ruling:
        yield f"Observability: **{seat_and_ruling[1]}** ({md_inline(seat_and_ruling[0])})"
    for words in content.overruled_words(verdict):
        yield f"Overruled: {md_inline(words)}"
    if verdict.council_said:
        yield f"The council had said: **{verdict.council_said.value}**"
    if verdict.ruling:
        ruling = verdict.ruling
        what = "ruled" if ruling.accepted else f"ruled in vain ({md_inline(ruling.problem)})"
        span = f"between {ruling.lower.value} and {ruling.upper.value}"
        yield f"{md_inline(ruling.seat)} {what} {span}: **{ruling.chosen.value}** {md_inline(ruling.text)}"


def _votes(opinions: Iterable[Opinion]) -> str:
    rows = ["| Seat | Vote | Score | Confidence | Ready | Why |", "|---|---|---|---|---|---|"]
    for opinion in opinions:
        voted = opinion.abstention is None
        score, confidence, ready = f"{opinion.score:.2f}", opinion.confidence, content.ready_words(opinion)
        middle = f"{score} | {confidence} | {ready}" if voted else "- | - | -"
        why = md_inline(content.reason(opinion), WHY_LIMIT)
        rows.append(f"| {md_inline(content.who(opinion))} | **{content.vote_words(opinion)}** | {middle} | {why} |")
    return "\n".join(rows)


def _opinion_notes(opinions: Iterable[Opinion]) -> Iterator[str]:
    notes = [f"- {md_inline(f'{opinion.seat}: {note}')}" for opinion in opinions for note in opinion.notes]
    if notes:
        yield "\n".join(notes)


def _addressed(verdict: Verdict, verbose: bool) -> Iterator[str]:
    barring = [a for a in verdict.addressed if a.bars]
    notes = [a for a in verdict.addressed if not a.bars]
    most = len(verdict.addressed) if verbose else content.MOST_ADDRESSED
    for title, found in (("Text that addresses the reviewers", barring), ("Text about reviewers, noted only", notes if verbose else [])):
        if found:
            yield f"### {title}"
            yield from (_address(verdict, a) for a in found[:most])
            yield from _more(len(found) - most)


def _address(verdict: Verdict, found: AddressedText) -> str:
    return f"- {md_code(content.place(verdict, found.line))} ({md_inline(found.how)})\n\n{_quote(found.text, verbose=False)}"


def _faults(verdict: Verdict, verbose: bool) -> Iterator[str]:
    found = content.faults(verdict)
    shown = found if verbose else content.pick(found)
    if found:
        blockers = sum(f.finding.severity == "blocker" for f in found)
        yield f"### Blockers ({blockers}) and majors ({len(found) - blockers})"
    yield from (_finding(verdict, each, verbose) for each in shown)
    yield from _more(len(found) - len(shown))
    doubtful = content.unverified(verdict)
    if doubtful and verbose:
        yield "### Findings whose evidence did not check out; they carried no weight"
        yield from (_finding(verdict, each, verbose) for each in doubtful)


def _finding(verdict: Verdict, found: content.Found, verbose: bool) -> str:
    finding = found.finding
    head = f"- **{finding.severity}** ({md_inline(found.seat)}, {md_inline(finding.domain)}): {md_inline(finding.claim)}"
    evidence = finding.evidence if verbose else finding.evidence[:2]
    return "\n\n".join((head, *(_evidence(verdict, e, verbose) for e in evidence)))


def _evidence(verdict: Verdict, evidence: Evidence, verbose: bool) -> str:
    """Where it stands and the quotation, indented to belong to a list item."""
    where = md_code(content.place(verdict, evidence.first)) if evidence.first else ""
    if evidence.kind == "absence":
        words = f"Looked in {md_inline(content.searched_words(evidence, every=verbose))}"
        words += f"; nearest {where}" if evidence.quote else ""
    else:
        words = where
    if evidence.problem and not evidence.verified:
        words += f" unverified: {md_inline(evidence.problem)}"
    return f"  {words}\n\n{_quote(evidence.quote, verbose)}" if evidence.quote.strip() else f"  {words}"


def _quote(text: str, verbose: bool) -> str:
    return md_fence(text if verbose or len(text) <= QUOTE_LIMIT else clean_line(text, QUOTE_LIMIT), indent="  ")


def _conditions(verdict: Verdict, verbose: bool) -> Iterator[str]:
    gathered = content.todos(verdict)
    if not gathered:
        return
    shown, hidden = content.first_todos(gathered, sys.maxsize if verbose else content.MOST_CONDITIONS)
    yield f"### {content.conditions_title(verdict)}"
    for where, group in shown.items():
        yield _bold(clean_line(where, content.WHERE_LIMIT) or "Wherever it fits")
        yield "\n".join(f"- [ ] {md_inline(todo.text)} ({md_inline(', '.join(todo.seats))})" for todo in group)
    yield from _more(hidden)


def _dissent(verdict: Verdict) -> Iterator[str]:
    opinions = [o for o in verdict.opinions if o.seat in verdict.dissent]
    if opinions:
        yield "### Dissent"
        yield "\n".join(f"- {md_inline(o.seat)} **{o.counted.value}** {md_inline(content.reason(o))}" for o in opinions)


def _answers(verdict: Verdict) -> Iterator[str]:
    for opinion in verdict.opinions:
        yield f"### Every answer: {md_inline(opinion.seat)}"
        yield md_inline(content.reason(opinion))
        for answer in opinion.answers:
            head = f"- **{answer.status}** {md_inline(answer.asked)} ({md_code(answer.question)})"
            yield "\n\n".join((head, *(_evidence(verdict, e, verbose=True) for e in answer.evidence)))
        for finding in opinion.findings:
            if finding.verified and (finding.kind == "praise" or finding.severity == "minor"):
                yield _finding(verdict, content.Found(finding.kind, finding), verbose=True)


def _foot(verdict: Verdict, verbose: bool) -> Iterator[str]:
    if verdict.notes:
        yield "### Notes"
        yield "\n".join(f"- {md_inline(note)}" for note in verdict.notes)
    yield "---"
    yield md_inline(content.facts(verdict))
    told = [*(content.usage_of_seats(verdict) if verbose else ()), *content.origin_words(verdict)]
    yield "\n".join(f"- {md_inline(words)}" for words in told)


def _bold(text: str) -> str:
    """Bold untrusted text; where there is nothing to see, nothing."""
    words = md_inline(text)
    return f"**{words}**" if words else ""


def _more(hidden: int) -> Iterator[str]:
    if hidden > 0:
        yield f"… and {hidden} more (`--verbose` shows them)"
