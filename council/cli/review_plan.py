"""`council review --plan`: the tracer carries on with what it found missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from council.ballot import Verdict
    from council.proposal import Proposal
    from council.reports import Format
    from council.seats import Roster

plan_option = click.option(
    "--plan", is_flag=True, help="Add the tracer's instrumentation plan, and runbook stubs for what it found missing."
)


def check_plan(roster: Roster) -> None:
    """Refuse, before any work, what no plan can be made with.

    Raises:
        RosterError: no seat enforces observability.
        UnavailableError: the extra `tracer` is not installed.
    """
    from council.tracer import plan_proposal  # noqa: F401 - it says itself what is not installed
    from council.tracer.opinion import tracer_seat

    tracer_seat(roster)


def add_plan(report: str, verdict: Verdict, proposal: Proposal, roster: Roster, form: Format) -> str:
    """The report with the plan and the runbook stubs after it; as JSON `{"verdict": …, "plan": …, "runbooks": […]}`."""
    from council.reports.tracer import with_plan
    from council.tracer.opinion import tracer_seat
    from council.tracer.plan_proposal import plan_of_proposal
    from council.tracer.runbook import runbooks_of_proposal

    name = tracer_seat(roster).name
    opinion = next(opinion for opinion in verdict.opinions if opinion.seat == name)
    plan = plan_of_proposal(proposal, opinion)
    return with_plan(report, verdict, plan, runbooks_of_proposal(proposal) if plan.probes else (), form)
