"""`council review`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from council.cli import exits, output
from council.cli.logs import debug_option
from council.cli.models import Models, announce, model_options
from council.cli.options import SeatOptions, seat_options
from council.cli.progress import Progress, progress_options
from council.cli.recording import Record, record_option
from council.cli.resume import OPTIONS, Keep, Resumable, keep_options
from council.cli.review_plan import add_plan, check_plan, plan_option
from council.cli.tracing import tracing_option
from council.cli.waiting import Waiting, waiting_options
from council.errors import PendingError

if TYPE_CHECKING:
    from council.ballot import Verdict
    from council.cli.resume import Run
    from council.config import Settings
    from council.proposal import Proposal
    from council.reports import Format
    from council.seats import Roster

CODES = """\b
Exit codes:
  0 APPROVE   1 MODIFY   2 REJECT   3 INCONCLUSIVE   5 waiting for a person
  64 usage   65 bad input   66 missing input   69 model or service unavailable
  70 a fault of ours   130 interrupted
"""


@click.command(epilog=CODES, cls=Resumable)
@click.argument("path", required=False)
@click.option("--format", "form", type=click.Choice(["terminal", "md", "json"]), help="The report's format; default: terminal.")
@click.option("--output", "to", metavar="FILE", type=click.Path(path_type=Path), default=output.STDOUT, help="Write the report to FILE.")
@click.option("--verbose", is_flag=True, help="Report every answer with its evidence.")
@click.option("--exit-zero", is_flag=True, help="End with 0 whatever the verdict; errors keep their codes.")
@click.option("--max-bytes", metavar="N", type=click.IntRange(min=1), help="Largest proposal; default: 2000000.")
@click.option("--max-words", metavar="N", type=click.IntRange(min=1), help="Longest proposal; default: 200000.")
@click.option("--sections", metavar="NAMES", multiple=True, help="Review these sections alone, by title. Repeatable, or with commas.")
@plan_option
@click.option("--rebuttal", is_flag=True, help="Where the votes are split, show each model what the other side found, once.")
@progress_options
@waiting_options
@keep_options
@model_options
@record_option
@seat_options
@tracing_option
@debug_option
def review(  # noqa: PLR0913 (one argument for each option)
    *,
    path: str | None,
    form: Format | None,
    to: Path,
    verbose: bool,
    exit_zero: bool,
    max_bytes: int | None,
    max_words: int | None,
    sections: tuple[str, ...],
    plan: bool,
    rebuttal: bool,
    checkpoint: str | None,
    resume: str | None,
    ask: bool,
    progress: Progress,
    waiting: Waiting,
    models: Models,
    record: Record,
    seating: SeatOptions,
) -> int:
    """Review the proposal in PATH, or on standard input for "-"."""
    keep = Keep(checkpoint, resume, ask, click.get_current_context().meta[OPTIONS])
    output.check_output(to, path or "-")
    record.check(waiting, keep)
    settings = seating.settings()
    proposal = keep.proposal() or _read(path, settings, max_bytes, max_words, sections)
    roster = seating.roster(settings)
    if plan:
        check_plan(roster)
    try:
        verdict = _convene(proposal, roster, settings, keep, progress, waiting, models, record, rebuttal=rebuttal)
    except PendingError as pending:
        if exit_zero:
            return exits.say(str(pending), exits.Exit.OK)
        raise

    from council.reports import render

    on_screen = to == output.STDOUT
    width = output.width() if on_screen else output.FILE_WIDTH
    form = form or settings.format or "terminal"
    report = render(verdict, form, width=width, color=on_screen and output.color(), verbose=verbose)
    output.write(add_plan(report, verdict, proposal, roster, form) if plan else report, to)
    return exits.Exit.OK if exit_zero else exits.of_outcome(verdict.outcome)


def _read(path: str | None, settings: Settings, max_bytes: int | None, max_words: int | None, sections: tuple[str, ...]) -> Proposal:
    """The proposal; read before the workflow is imported, so that a wrong one is refused at once."""
    from council.proposal import only_sections
    from council.proposal.read import Limits, parse_proposal, read_proposal

    if path is None:
        raise click.UsageError("Missing argument 'PATH'.", click.get_current_context())
    default = Limits()
    limits = Limits(
        max_bytes=max_bytes or settings.limits.max_bytes or default.max_bytes,
        max_words=max_words or settings.limits.max_words or default.max_words,
    )
    if not sections:
        return read_proposal(path, limits=limits)
    whole = read_proposal(path, limits=replace(limits, max_words=limits.max_bytes))
    part = only_sections(whole, sections)
    parse_proposal(part.text, source=part.source, format=part.format, limits=limits)  # the part has to fit, not the whole
    return part


def _convene(  # noqa: PLR0913 (each is one group of options)
    proposal: Proposal,
    roster: Roster,
    settings: Settings,
    keep: Keep,
    progress: Progress,
    waiting: Waiting,
    models: Models,
    record: Record,
    *,
    rebuttal: bool,
) -> Verdict:
    """Review, or go on with a review."""
    reviewers = models.reviewers(roster, settings, proposal)
    proposal = models.cleared(proposal, reviewers)
    if not progress.quiet:
        announce(proposal, reviewers, resumed=bool(keep.resume))
    from council.council import Council

    council = Council(
        roster,
        reviewers=record.reviewers(proposal, roster, reviewers, settings.policy, rebuttal=rebuttal),
        policy=settings.policy,
        policy_origin=settings.policy_origin,
        escalate=keep.ask,
        rebuttal=rebuttal,
        deadlines=waiting.deadlines(),
        decide_early=waiting.decide_early,
        warm_first=waiting.warm_first and record.file is None,
    )

    def watched(run: Run) -> Verdict:
        with progress.watching(roster.names) as on_event:
            return run(on_event)

    with record.running():
        verdict = keep.run(council, proposal, watched, quiet=progress.quiet)
    record.save(verdict)
    return verdict
