"""`council review` with a checkpoint: a review that can be resumed, and one that asks a person."""

from __future__ import annotations

import getpass
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from council.cli import exits, output
from council.errors import PendingError, UsageError

if TYPE_CHECKING:
    from council.ballot import PersonDecision, Verdict
    from council.council import Council
    from council.events import OnEvent
    from council.proposal import Proposal

    Run = Callable[[OnEvent | None], Verdict]

OPTIONS = "council.options"
_OF_THIS_CALL = frozenset("path resume checkpoint form to verbose quiet exit_zero debug events allow_tracing help".split())
_LATER = "later"


class Resumable(click.Command):
    """A command whose options are kept with the review, so that `--resume ID` alone goes on with the same ones."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line; where it resumes a review, what that began with stands for what is not given now.

        Raises:
            click.UsageError: --resume without --checkpoint or with a PATH; neither PATH nor --resume.
            CouncilError: there is no such review, as `council.journal.Archive.begun`.
        """
        given: dict[str, Any] = self.make_parser(ctx).parse_args(list(args))[0]
        review_id, checkpoint = given.get("resume"), given.get("checkpoint")
        if review_id and not ctx.resilient_parsing:
            if not checkpoint:
                raise click.UsageError("--resume needs --checkpoint, the one that the review began with", ctx)
            if isinstance(given.get("path"), str):
                raise click.UsageError("--resume reads the proposal that the review began with; leave PATH out", ctx)
            from council.journal import Archive

            ctx.default_map = Archive.beside(checkpoint).begun(review_id).options
        ctx.meta[OPTIONS] = {name: value for name, value in given.items() if name not in _OF_THIS_CALL}
        return super().parse_args(ctx, args)


def keep_options(command: Any) -> Any:
    """Adds `--checkpoint`, `--resume` and `--ask` to a command, which gets them together as `keep`."""
    options = (
        click.option(
            "--checkpoint", metavar="FILE|URL", help="Keep the review in an SQLite file, or in Postgres, so that it can be resumed."
        ),
        click.option("--resume", metavar="ID", help="Go on with a review that stopped, or that waits for a person; needs --checkpoint."),
        click.option("--ask", is_flag=True, help="Ask a person where the votes are split or give no verdict; needs --checkpoint."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Keep:
    """Where a review is kept, and whether it has begun already.

    Raises:
        UsageError: a person is to be asked, and the question would be lost.
    """

    checkpoint: str | None = None
    resume: str | None = None
    ask: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.ask and not self.checkpoint:
            raise UsageError("--ask needs --checkpoint, where the review waits for the answer", hint="--checkpoint council.sqlite")

    def proposal(self) -> Proposal | None:
        """The stored proposal of a review that is resumed; says so where its file is another by now."""
        if not (self.checkpoint and self.resume):
            return None
        from council.journal import Archive
        from council.journal.archive import what_changed

        archive = Archive.beside(self.checkpoint)
        review = archive.begun(self.resume)
        if changed := what_changed(review):
            exits.say(f"{review.source} {changed}; the review goes on with what it was", exits.Exit.OK)
        return archive.proposal(review)

    def run(self, council: Council, proposal: Proposal, watched: Callable[[Run], Verdict], *, quiet: bool) -> Verdict:
        """Review, or go on with a review; where a person is asked and one is there, ask.

        Args:
            council: who reviews.
            proposal: what.
            watched: runs one pass, and shows its progress.
            quiet: do not say how to resume.

        Raises:
            PendingError: the review waits for a person, and none is here.
        """
        if not self.checkpoint:
            return watched(lambda on_event: council.review(proposal, on_event=on_event))
        from council import background
        from council.journal import Reviews
        from council.workflow import new_review_id

        reviews, review_id = Reviews(self.checkpoint), self.resume or new_review_id()

        def go_on(decision: PersonDecision | None = None) -> Run:
            return lambda on_event: background.run(lambda: reviews.aresume(council, review_id, decision=decision, on_event=on_event))

        def begin(on_event: OnEvent | None) -> Verdict:
            return background.run(lambda: reviews.areview(council, proposal, review_id=review_id, options=self.options, on_event=on_event))

        how = _command(review_id, self.checkpoint)
        if not quiet and not self.resume:
            exits.say(f"this is review {review_id}; if it stops: {how}", exits.Exit.OK)
        try:
            return watched(go_on() if self.resume else begin)
        except PendingError as pending:
            pending.hint = f"answer it: {how}"
            decision = _ask(pending)
            if decision is None:
                raise
        return go_on(decision)(None)  # the seats have spoken: nothing is left to watch


def decision_of(outcome: str, reason: str, by: str) -> PersonDecision:
    """What a person decides.

    Raises:
        UsageError: nobody, no reason, or either too long.
    """
    from pydantic import ValidationError

    from council.ballot import PersonDecision

    try:
        return PersonDecision.model_validate({"outcome": outcome.upper(), "reason": reason, "by": by})
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"the {first['loc'][0]}: {first['msg']}", hint="say who decides, and why") from None


def login() -> str | None:
    """The name of whoever is logged in, if it can be known."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return None


def _ask(pending: PendingError) -> PersonDecision | None:
    """Show the verdict as it would be and ask for a better one; None where nobody is at the terminal, or says later."""
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr)):
        return None
    from council.ballot import Verdict
    from council.reports import render

    question: Any = pending.question
    would_be = Verdict.model_validate(question["verdict"])
    click.echo(render(would_be, "terminal", width=output.width(), color=False), err=True)
    click.echo("The council asks you to decide; `later` leaves the review waiting.", err=True)
    choice = click.prompt("Verdict", type=click.Choice(["approve", "modify", "reject", _LATER], case_sensitive=False), err=True)
    if choice == _LATER:
        return None
    reason = click.prompt("Reason", value_proc=_something, err=True)
    return decision_of(choice, reason, click.prompt("Your name", default=login(), value_proc=_something, err=True))


def _something(text: str) -> str:
    if not text.strip():
        raise click.UsageError("say something")
    return text.strip()


def _command(review_id: str, checkpoint: str) -> str:
    """What to type to go on; without the password of a database."""
    url = urlsplit(checkpoint) if "://" in checkpoint else None
    if url is not None and url.password:
        checkpoint = checkpoint.replace(f":{url.password}@", "@", 1)
    return shlex.join(["council", "review", "--resume", review_id, "--checkpoint", checkpoint])
