"""A seat run by a chat model: the prompt, the call, the reply, one repair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from pydantic import BaseModel

from council.ballot import Abstention, Opinion, Reply
from council.errors import ProposalError
from council.proposal import Proposal
from council.redaction import clip
from council.reviewers.base import Reviewed
from council.reviewers.chat import messages as prompt
from council.reviewers.chat.binding import Binding, bind
from council.reviewers.chat.calls import Asker, CallLimits, NoReply, Turn, length_of
from council.reviewers.chat.cost import EXPECTED_OUTPUT, Budget, Prices, estimated_tokens
from council.reviewers.chat.models import bounded, host_of, is_bounded, is_local, name_of, provider_of
from council.reviewers.chat.reading import Form, Said, Unreadable, read
from council.reviewers.chat.rebuttal import rebuttal_messages
from council.reviewers.chat.schema import DESCRIPTION, NAME, grammar_schema, strict_schema
from council.reviewers.chat.tie_break import RulingReply, Weighed, dispute_messages, refused_ruling, ruled, ruling_schema
from council.reviewers.progress import first_token_awaited, retrying
from council.rulings.votes import Split
from council.seats.model import Seat

_DETAIL = 300  # characters of a refusal
_CONTEXT_STEP = 8192  # tokens; Ollama loads the model anew for every other size, so sizes are few


class ChatReviewer:
    """Asks a chat model for a seat's reply. Makes no call when it is created, and can be shared by seats and reviews.

    Args:
        model: any LangChain chat model. One of OpenAI's or Anthropic's that has no client of its own is used through a
            bounded one, without retries of its own; the model that was given stays as it is.
        name: for the record; by default the provider's and the model's name.
        limits: of one seat's calls.
        budget: shared with other reviewers, or None for no limit.
        stream: whether replies are streamed; by default only where an endless one could not be cut off otherwise, or
            where somebody waits for the first token.

    Raises:
        UsageError: the budget limits money, and no price is known for the model.
    """

    def __init__(
        self,
        model: BaseChatModel,
        *,
        name: str | None = None,
        limits: CallLimits | None = None,
        budget: Budget | None = None,
        stream: bool | None = None,
    ) -> None:
        self.model = bounded(model)
        self.limits = limits or CallLimits()
        self.budget = budget or Budget()
        self.stream = not is_bounded(self.model) if stream is None else stream
        self._name = name or name_of(model)
        self.provider_name, self.model_name = provider_of(model), name_of(model).removeprefix(f"{provider_of(model)}:")
        prices = Prices(self.provider_name, self.model_name, local=is_local(model))
        self.budget.require_price(prices)
        self._asker = Asker(self._name, self.limits, prices, self.budget, host=host_of(self.model) if is_bounded(self.model) else "")
        self._by_grammar = self.provider_name == "ollama" or (self.provider_name == "openai" and is_local(model))
        self._binding = bind(self.model, self._schema_of(Reply), name=NAME, description=DESCRIPTION)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def prompt_cache(self) -> str:
        """The provider's cache, where it is paid for: what it holds is cheaper to read than to send."""
        pays = self.provider_name in ("anthropic", "openai") and not is_local(self.model)
        return f"{host_of(self.model)} {self.model_name}" if pays else ""

    @property
    def context_window(self) -> int | None:
        """Tokens that the model reads, or None where nobody says."""
        return self.limits.context_window or (self.model.profile or {}).get("max_input_tokens")

    def check_size(self, proposal: Proposal, seat: Seat) -> None:
        """Refuse, before any call, a proposal that the model cannot read whole.

        Raises:
            ProposalError: it is too long; names the limit and the size.
        """
        if too_long := self._too_long(self._messages(proposal, seat)):
            raise ProposalError(too_long, where=proposal.source, hint="choose --sections, or a model with a longer context window")

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
        """Ask the model for the seat's reply; never raises for what a provider or a model does."""
        turn = Turn(seat.name, stream=self.stream or first_token_awaited())
        return await self._reviewed(self._messages(proposal, seat), seat, turn)

    async def tie_break(self, proposal: Proposal, seat: Seat, opinions: Sequence[Opinion], over: Split) -> Weighed:
        """Ask the model, as the seat that breaks ties, to rule on a production-readiness dispute (rule 3).

        Args:
            proposal: what the dispute is about.
            seat: the holder of break-readiness-ties.
            opinions: all of the council, in roster order.
            over: the split, which is a dispute.

        Returns:
            The ruling and what it took. One that did not come, or lies outside the range, carries the more cautious
            outcome, is not accepted, and says why.
        """
        turn = Turn(seat.name, "ruling", stream=self.stream)
        schema = ruling_schema(over, self._schema_of(RulingReply))
        binding = bind(self.model, schema, name="ruling", description="Your ruling.")
        asked = dispute_messages(proposal, seat, opinions, over, schema=schema if binding.schema_in_prompt else None)
        try:
            answer = await self._asked(binding, asked, RulingReply, turn)
        except NoReply as none:
            ruling = refused_ruling(seat, over, none.abstention.detail or none.abstention.cause)
        else:
            ruling = ruled(answer, seat, over)
        return Weighed(ruling, turn.usage(), tuple(turn.notes))

    async def rebut(self, proposal: Proposal, seat: Seat, opinions: Sequence[Opinion], over: Split) -> Reviewed:
        """Ask the model once more, for a seat on one side of a split, with what the other side found.

        Args:
            proposal: what is reviewed.
            seat: who is asked; its opinion is among them.
            opinions: of the whole council, in roster order.
            over: the split.

        Returns:
            Its reply, or why there is none; its first vote then stands.
        """
        turn = Turn(seat.name, "rebuttal", stream=self.stream)
        system, cached = prompt.protocol(schema=self._binding.schema_in_prompt), self._binding.cache_control
        asked = rebuttal_messages(system, proposal, seat, opinions, over, cache_control=cached)
        return await self._reviewed(asked, seat, turn)

    async def _reviewed(self, asked: Sequence[BaseMessage], seat: Seat, turn: Turn) -> Reviewed:
        """A seat's reply to a prompt, or why there is none."""
        if too_long := self._too_long(asked):
            return Reviewed(None, Abstention(cause="failed", detail=too_long))
        try:
            reply = await self._asked(self._binding, asked, Reply, turn)
        except NoReply as none:
            return Reviewed(None, none.abstention, usage=turn.usage(), notes=tuple(turn.notes))
        return Reviewed(prompt.with_full_ids(reply, seat.persona), usage=turn.usage(), notes=tuple(turn.notes))

    async def _asked(self, binding: Binding, asked: Sequence[BaseMessage], form: type[Form], turn: Turn) -> Form:
        """One reply of a form; where it cannot be read, asked for once more with the reason shown."""
        sized = self._sized(binding, asked)
        said = await self._asker.ask(sized, asked, turn)
        _require_consent(said)
        try:
            return read(said, form)
        except Unreadable as unreadable:
            problem = str(unreadable)
        turn.notes.append(f"the first reply could not be read: {problem}")
        retrying("repair", attempt=turn.calls + 1)
        turn.purpose = f"{turn.purpose} repair".removeprefix("review ")
        turn.stream = not is_bounded(self.model)  # whole if it can be: LangChain drops a refusal that OpenAI streams
        said = await self._asker.ask(sized, prompt.repair(asked, said.text, problem), turn)
        _require_consent(said)
        try:
            return read(said, form)
        except Unreadable as unreadable:
            raise NoReply("unusable", f"no valid reply, even after the repair: {unreadable}") from unreadable

    def _schema_of(self, form: type[BaseModel]) -> dict[str, Any]:
        """With limits where a grammar holds the model to them; a provider's strict mode refuses some of the keywords."""
        return grammar_schema(form) if self._by_grammar else strict_schema(form)

    def _too_long(self, asked: Sequence[BaseMessage]) -> str:
        """Why a prompt is too long for the model, or empty."""
        window, needed = self.context_window, _tokens(self._binding, asked)
        return f"a prompt of some {needed} tokens, of which {self.name} reads at most {window}" if window and needed > window else ""

    def _messages(self, proposal: Proposal, seat: Seat) -> Sequence[BaseMessage]:
        return prompt.first_prompt(proposal, seat, self._binding.schema_in_prompt, self._binding.cache_control)

    def _sized(self, binding: Binding, asked: Sequence[BaseMessage]) -> Binding:
        """For Ollama, a context that holds the prompt: its own default is short, and it cuts off what goes beyond."""
        if provider_of(self.model) != "ollama" or getattr(self.model, "num_ctx", None) is not None:
            return binding
        size = -(-(_tokens(binding, asked) + EXPECTED_OUTPUT) // _CONTEXT_STEP) * _CONTEXT_STEP
        return replace(binding, runnable=self.model.model_copy(update={"num_ctx": size}))


def _tokens(binding: Binding, asked: Sequence[BaseMessage]) -> int:
    """Of a prompt with its schema, roughly."""
    return estimated_tokens(length_of(asked) + len(binding.schema))


def _require_consent(said: Said) -> None:
    if said.refusal is not None:
        raise NoReply("refused", clip(said.refusal, _DETAIL))
