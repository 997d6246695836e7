"""Options that put chat models into the seats, and what is asked before a proposal leaves this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from council.errors import InputError, UsageError

if TYPE_CHECKING:  # both need what `--help` does without
    from council.config import Settings
    from council.proposal import Proposal
    from council.reviewers.base import Reviewer
    from council.reviewers.chat import Budget, ChatReviewer
    from council.seats import Roster

CHECKLIST = "checklist"


@dataclass(frozen=True, slots=True)
class Models:
    """What the command line says about models.

    Attributes:
        model, seat_models: for all seats, and for single ones; "checklist" is the offline reader.
        base_url: of an OpenAI-compatible server, for every model.
        max_cost, max_tokens: what all calls of the review may take together.
        redact, allow_secrets: what to do about a live-looking key in the proposal.
        call_timeout: seconds for one call, or None for the default.
        temperature: of the sampling, or None for the provider's own.
    """

    model: str | None = None
    seat_models: Mapping[str, str] = field(default_factory=dict)
    base_url: str | None = None
    max_cost: float | None = None
    max_tokens: int | None = None
    redact: bool = False
    allow_secrets: bool = False
    call_timeout: float | None = None
    temperature: float | None = None

    def specs(self, roster: Roster, settings: Settings) -> dict[str, str]:
        """Each seat's model or "checklist"; flags before configuration, a single seat before all.

        Raises:
            UsageError: a model is given to a seat that the roster does not have.
        """
        singles = {**settings.models.seats, **self.seat_models}
        if unknown := sorted(set(singles) - set(roster.names)):
            raise UsageError(f'no seat is called "{unknown[0]}"', where="--seat-model", hint=f"seats: {', '.join(roster.names)}")
        default = self.model or settings.models.default or CHECKLIST
        chosen = dict.fromkeys(roster.names, default)
        if self.model:  # a flag for all goes before the configuration of one
            singles = dict(self.seat_models)
        return {**chosen, **singles}

    def reviewers(self, roster: Roster, settings: Settings, proposal: Proposal) -> dict[str, Reviewer]:
        """A reviewer for each seat; models that are named alike are one. Nothing is sent.

        Raises:
            UsageError, UnavailableError: as `council.reviewers.chat.chat_model`.
            ProposalError: the proposal is too long for a model.
        """
        specs = self.specs(roster, settings)
        made: dict[str, Reviewer] = {}
        if CHECKLIST in specs.values():
            from council.reviewers.checklist import ChecklistReviewer

            made[CHECKLIST] = ChecklistReviewer()
        if set(specs.values()) != {CHECKLIST}:
            budget = self._budget(settings)
            for spec in sorted(set(specs.values()) - {CHECKLIST}):
                made[spec] = self._chat(spec, settings, budget)
            for seat in roster.seats:
                if check := getattr(made[specs[seat.name]], "check_size", None):
                    check(proposal, seat)
        return {name: made[spec] for name, spec in specs.items()}

    def address(self, settings: Settings) -> str | None:
        """The base URL; a flag before the configuration."""
        return self.base_url or settings.models.base_url

    def sampled(self, settings: Settings) -> float | None:
        """The temperature; a flag before the configuration."""
        return settings.models.temperature if self.temperature is None else self.temperature

    def _budget(self, settings: Settings) -> Budget:
        from council.reviewers.chat import Budget

        limits = settings.models
        return Budget(max_cost_usd=self.max_cost or limits.max_cost, max_tokens=self.max_tokens or limits.max_tokens)

    def _chat(self, spec: str, settings: Settings, budget: Budget) -> ChatReviewer:
        from council.reviewers.chat import CallLimits, ChatReviewer, chat_model

        limits = CallLimits() if self.call_timeout is None else CallLimits(timeout=self.call_timeout)
        url, temperature = self.address(settings), self.sampled(settings)
        model = chat_model(spec, base_url=url, temperature=temperature, timeout=limits.timeout)
        return ChatReviewer(model, budget=budget, limits=limits)

    def cleared(self, proposal: Proposal, reviewers: Mapping[str, Reviewer]) -> Proposal:
        """The proposal as it may go out: as it is, or without its keys; unchanged where no model reads it.

        Raises:
            InputError: it holds what looks like a live key, and nobody said what to do about it.
        """
        if not any(hosts_of(reviewers)) or self.allow_secrets:
            return proposal
        from council.proposal.secrets import find_secrets, redact_secrets

        found = find_secrets(proposal.text)
        if found and not self.redact:
            line, kind = found[0]
            more = f", and {len(found) - 1} more" if len(found) > 1 else ""
            raise InputError(
                f"holds what looks like a live {kind}{more}",
                where=f"{proposal.source}:{line}",
                hint="--redact sends it without, --allow-secrets as it is",
            )
        if not found:
            return proposal
        from council.proposal import parse_proposal

        clean = parse_proposal(redact_secrets(proposal.text), source=proposal.source, format=proposal.format)
        return replace(clean, left_out=proposal.left_out)


def hosts_of(reviewers: Mapping[str, Reviewer]) -> tuple[str, ...]:
    """The hosts that get the proposal, each once, in order of the roster."""
    models = [model for reviewer in reviewers.values() if (model := getattr(reviewer, "model", None)) is not None]
    if not models:
        return ()
    from council.reviewers.chat import host_of

    return tuple(dict.fromkeys(host_of(model) for model in models))


def announce(proposal: Proposal, reviewers: Mapping[str, Reviewer], *, resumed: bool = False) -> None:
    """Say on standard error who gets the text, before anybody does; of a resumed review, who may still get it."""
    for host in hosts_of(reviewers):
        from council.reports.clean import clean_line

        seats = ", ".join(name for name, reviewer in reviewers.items() if host in hosts_of({name: reviewer}))
        what = f"{proposal.source} ({proposal.words:,} words)"
        going_on = f"Going on: {what} goes to {host} for the seats that have no answer yet."
        told = going_on if resumed else f"Sending {what} to {host} for {seats}."
        click.echo(clean_line(told), err=True)


def model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds these options to a command, which gets them together as `models`."""

    @click.option(
        "--model", metavar="SPEC", help="The chat model in every seat: anthropic:…, openai:…, ollama:…; or checklist (the default)."
    )
    @click.option("--seat-model", multiple=True, metavar="SEAT=SPEC", callback=_pairs, help="Another model in one seat. Repeatable.")
    @click.option("--base-url", metavar="URL", help="Of an OpenAI-compatible server: vLLM, llama.cpp, LM Studio.")
    @click.option("--max-cost", metavar="USD", type=click.FloatRange(min=0, min_open=True), help="Make no call that would go over.")
    @click.option("--max-tokens", metavar="N", type=click.IntRange(min=1), help="The same in tokens, in and out.")
    @click.option("--call-timeout", metavar="SECONDS", type=click.FloatRange(min=0, min_open=True), help="For one call; default: 120.")
    @click.option("--temperature", metavar="T", type=click.FloatRange(0, 2), help="Of the sampling; default: the provider's own.")
    @click.option("--redact", is_flag=True, help="Send the proposal without its live-looking keys.")
    @click.option("--allow-secrets", is_flag=True, help="Send it with them.")
    @wraps(command)
    def with_models(  # noqa: PLR0913 - one argument for each option
        *,
        model: str | None,
        seat_model: dict[str, str],
        base_url: str | None,
        max_cost: float | None,
        max_tokens: int | None,
        call_timeout: float | None,
        temperature: float | None,
        redact: bool,
        allow_secrets: bool,
        **others: Any,
    ) -> Any:
        if redact and allow_secrets:
            raise click.UsageError("--redact and --allow-secrets contradict each other.", click.get_current_context())
        models = Models(model, seat_model, base_url, max_cost, max_tokens, redact, allow_secrets, call_timeout, temperature)
        return command(models=models, **others)

    return with_models


def _pairs(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """SEAT=SPEC, each seat once; a spec holds colons, and may hold "="."""
    pairs: dict[str, str] = {}
    for value in values:
        seat, equals, spec = value.partition("=")
        if not (seat and equals and spec):
            raise click.BadParameter(f"{value!r} is not SEAT=SPEC, such as sentinel=openai:gpt-4o")
        if seat in pairs:
            raise click.BadParameter(f"the seat {seat!r} is given two models")
        pairs[seat] = spec
    return pairs
