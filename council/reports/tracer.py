"""What people and machines read of a plan and of runbooks: the template as text, Markdown to paste, JSON.

A probe may quote a proposal, so every word goes through `council.reports.clean`. Commands stand in fenced blocks as they are:
`council.tracer.runbook` makes them of cleaned names only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from council.ballot import Verdict
from council.reports.clean import clean_line, md_code, md_inline
from council.reports.json import dumps
from council.tracer.plan import Plan
from council.tracer.runbook import Runbook, Step

PlanFormat = Literal["terminal", "md", "json"]


def render_plan(plan: Plan, form: PlanFormat) -> str:
    """A plan in one of the formats, ending in a line feed."""
    if form == "json":
        return dumps(plan.model_dump(mode="json"))
    return plan_markdown(plan) if form == "md" else plan_text(plan)


def plan_text(plan: Plan) -> str:
    """The plan in the very shape of the template."""
    probes = [f"  {{{clean_line(p.location)}, {p.signal}, {clean_line(p.expected_output)}}}" for p in plan.probes]
    inside = ",\n".join(probes)
    lines = [
        f"Scope: {clean_line(plan.scope)}",
        f"Signals: [{'|'.join(plan.signals)}]",
        f"Probes: [\n{inside}\n]" if probes else "Probes: []",
        f"High-Cardinality Fields: [{', '.join(map(clean_line, plan.high_cardinality_fields))}]",
        f"Verdict: {clean_line(plan.verdict.plan)}; priority: {plan.verdict.priority} (confidence: {plan.verdict.confidence})",
    ]
    return "\n".join(lines) + "\n"


def plan_markdown(plan: Plan, *, level: int = 2) -> str:
    """The plan as GitHub-flavoured Markdown under a heading of a level."""
    rows = ["| # | Location | Signal | Expected output |", "|---|---|---|---|"]
    rows += [f"| {n} | {md_code(p.location)} | {p.signal} | {md_inline(p.expected_output)} |" for n, p in enumerate(plan.probes, 1)]
    blocks = [
        f"{'#' * level} Instrumentation plan",
        f"**Scope:** {md_inline(plan.scope)}",
        f"**Signals:** {', '.join(plan.signals) or 'none'}",
        "**Probes:** in the order in which to add them" if plan.probes else "**Probes:** none",
        *(["\n".join(rows)] if plan.probes else []),
        f"**High-cardinality fields:** {', '.join(map(md_code, plan.high_cardinality_fields)) or 'none'}",
        f"**Verdict:** {md_inline(plan.verdict.plan)}; priority: {plan.verdict.priority} (confidence: {plan.verdict.confidence})",
    ]
    return "\n\n".join(blocks) + "\n"


def runbook_markdown(runbook: Runbook, *, level: int = 1) -> str:
    """One runbook as Markdown under a heading of a level."""
    mark = "#" * level
    blocks = [f"{mark} {md_inline(runbook.title)}"]
    if runbook.alert is not None:
        needs = f" It needs {md_inline(runbook.alert.needs)}." if runbook.alert.needs else ""
        blocks.append(f"Alert {md_code(runbook.alert.name)}, severity {runbook.alert.severity}.{needs}")
    blocks += [f"Where: {', '.join(map(md_code, runbook.locations))}"] if runbook.locations else []
    blocks += ["Set these once, in the terminal in which you copy the commands:", _fence(runbook.setup)]
    blocks += [f"{mark}# Meaning", md_inline(runbook.meaning)]
    sections = {
        "Impact": runbook.impact,
        "Diagnosis": runbook.diagnosis,
        "Mitigation": runbook.mitigation,
        "Rollback": runbook.rollback,
        "Escalation": runbook.escalation,
        "Verification": runbook.verification,
    }
    for title, steps in sections.items():
        blocks += [f"{mark}# {title}", *_steps(steps)]
    return "\n\n".join(blocks) + "\n"


def runbooks_json(runbooks: Iterable[Runbook]) -> str:
    """Runbooks as a JSON list."""
    return dumps(runbooks_data(runbooks))


def runbooks_data(runbooks: Iterable[Runbook]) -> list[dict[str, Any]]:
    """Runbooks as plain data."""
    return [runbook.model_dump(mode="json") for runbook in runbooks]


def runbook_stubs(runbooks: Iterable[Runbook], *, level: int = 2) -> str:
    """Runbooks for a proposal: what each is for and where it begins, for its author to fill in.

    The commands that hold for every one stand in the whole runbook, which `council tracer runbook` writes.
    """
    blocks = [f"{'#' * level} Runbook stubs"]
    for runbook in runbooks:
        alert = f"; alert {md_code(runbook.alert.expr)}" if runbook.alert else ""
        first = next((step for step in runbook.diagnosis if step.command), None)
        lines = [
            f"- **Meaning:** {md_inline(runbook.meaning)}",
            f"- **Where:** {', '.join(map(md_code, runbook.locations))}{alert}",
            *([f"- **Diagnosis:** {md_inline(first.what)} {md_code(first.command)}"] if first else []),
            *(f"- **{title}:** {md_inline(steps[0].what)} {md_code(steps[0].command)}".rstrip() for title, steps in _ends(runbook)),
        ]
        blocks += [f"{'#' * level}# {md_inline(runbook.title)}", "\n".join(lines)]
    return "\n\n".join(blocks) + "\n"


def with_plan(report: str, verdict: Verdict, plan: Plan, runbooks: Sequence[Runbook], form: PlanFormat) -> str:
    """A review's report with a plan and runbook stubs after it, in the report's own format."""
    if form == "json":
        both = {"verdict": verdict.model_dump(mode="json"), "plan": plan.model_dump(mode="json")}
        return dumps({**both, "runbooks": runbooks_data(runbooks)})
    if form == "md":
        stubs = [runbook_stubs(runbooks, level=3)] if runbooks else []
        return "\n".join([report, plan_markdown(plan, level=3), *stubs])
    lines = [f"- {clean_line(runbook.title)} ({clean_line(', '.join(runbook.locations))})" for runbook in runbooks]
    stubs = ["Runbooks to write (--format md gives their stubs):\n" + "\n".join(lines) + "\n"] if runbooks else []
    return "\n".join([report, f"Instrumentation plan\n{plan_text(plan)}", *stubs])


def _ends(runbook: Runbook) -> Iterator[tuple[str, tuple[Step, ...]]]:
    sections = (
        ("Impact", runbook.impact),
        ("Mitigation", runbook.mitigation),
        ("Rollback", runbook.rollback),
        ("Escalation", runbook.escalation),
        ("Verification", runbook.verification),
    )
    return ((title, steps) for title, steps in sections if steps)


def _steps(steps: Iterable[Step]) -> Iterator[str]:
    for number, step in enumerate(steps, 1):
        yield f"{number}. {md_inline(step.what)}"
        if step.command:
            yield _fence(step.command, indent=" " * len(f"{number}. "))


def _fence(command: str, indent: str = "") -> str:
    return "\n".join(f"{indent}{line}" for line in ("```sh", *command.split("\n"), "```"))
