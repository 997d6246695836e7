"""One request to a model: within the budget, within its time, tried again where that helps, cut off where it grows too large."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import aclosing, nullcontext
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import add_ai_message_chunks
from pydantic import BaseModel

from council.ballot import Abstention, AbstentionCause, Usage
from council.error_context import capture, log_error
from council.reviewers.chat.binding import Binding
from council.reviewers.chat.cost import EXPECTED_OUTPUT, Budget, Prices, Tokens, estimated_tokens, read_list_at_leisure
from council.reviewers.chat.reading import Said
from council.reviewers.chat.retry import Failure, backoff, classify
from council.reviewers.chat.traffic import turn_to_send
from council.reviewers.chat.wire import AnswerTooLargeError
from council.reviewers.progress import reply_began, retrying
from council.reviewers.replies import once


@dataclass(frozen=True, slots=True)
class CallLimits:
    """What one seat's calls may take.

    Attributes:
        attempts: tries for each request, the first one included.
        timeout: seconds for each of them.
        backoff: seconds before the second try; twice as long before the third.
        longest_wait: seconds beyond which a provider that asks to wait is not waited for.
        reply_characters: beyond which a reply is cut off.
        context_window: tokens that the model reads, where its profile does not say or says wrongly.
    """

    attempts: int = 3
    timeout: float = 120.0
    backoff: float = 0.5
    longest_wait: float = 30.0
    reply_characters: int = 1_000_000
    context_window: int | None = None


class NoReply(Exception):  # noqa: N818 - what became of a request, not an error of the program
    """A request that came to nothing, and the abstention it leads to."""

    def __init__(self, cause: AbstentionCause, detail: str, reference: str = "") -> None:
        self.abstention = Abstention(cause=cause, detail=detail, reference=reference)
        super().__init__(detail)


class Answered(BaseModel):
    """A request that was answered, and what it took, tries that failed included; what a journal keeps of it."""

    said: Said
    calls: int
    retries: int
    tokens: Tokens
    cost: float | None


@dataclass
class Turn:
    """One seat's turn to ask, and what its calls have taken so far.

    Attributes:
        seat: who asks.
        purpose: for what, as a journal names it: "review", "repair", "rebuttal", "ruling".
        stream: whether replies are streamed.
        notes: what a reader of the opinion should know.
    """

    seat: str
    purpose: str = "review"
    stream: bool = False
    calls: int = 0
    retries: int = 0
    tokens: Tokens = field(default_factory=Tokens)
    cost: float | None = None
    notes: list[str] = field(default_factory=list)

    def usage(self) -> Usage:
        """As the opinion carries it."""
        return Usage(
            calls=self.calls,
            retries=self.retries,
            input_tokens=self.tokens.input,
            cached_tokens=self.tokens.cached,
            output_tokens=self.tokens.output,
            cost_usd=self.cost,
        )


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks a model, on behalf of one seat after the other.

    Attributes:
        name: of the model, for the journal and for the record of an error.
        limits, prices, budget: what calls may take, and what they cost.
        host: where its requests go, if they go by `council.reviewers.chat.wire`, which says when one is sent; else "".
    """

    name: str
    limits: CallLimits
    prices: Prices
    budget: Budget
    host: str = ""

    async def ask(self, binding: Binding, messages: Sequence[BaseMessage], turn: Turn) -> Said:
        """Send one request until it is answered; one that a journal holds the answer of is not sent.

        Args:
            binding: the model and its schema.
            messages: the prompt.
            turn: who asks; calls, retries and tokens are counted there.

        Raises:
            NoReply: there is none, and why.
        """
        asked = Turn(turn.seat, turn.purpose, turn.stream)
        depends_on = _digest(self.name, binding.schema, *(str(message.content) for message in messages))

        async def send() -> str:
            said = await self._sent(binding, messages, asked)
            took = Answered(said=said, calls=asked.calls, retries=asked.retries, tokens=asked.tokens, cost=asked.cost)
            return took.model_dump_json()

        try:
            answered = Answered.model_validate_json(await once(turn.purpose, 1, depends_on, send))
        except NoReply:
            turn.calls, turn.retries = turn.calls + asked.calls, turn.retries + asked.retries
            raise
        turn.calls, turn.retries, turn.tokens = turn.calls + answered.calls, turn.retries + answered.retries, turn.tokens + answered.tokens
        if answered.cost is not None:
            turn.cost = (turn.cost or 0.0) + answered.cost
        return answered.said

    async def _sent(self, binding: Binding, messages: Sequence[BaseMessage], turn: Turn) -> Said:
        """The answer, tried for as often as it helps and is allowed."""
        for tried in count(1):
            try:
                return Said.of(await self._once(binding, messages, turn))
            except NoReply:
                raise
            except Exception as error:
                failure = classify(error)
                wait = backoff(tried, failure.wait, base=self.limits.backoff)
                if not failure.again or tried >= self.limits.attempts or wait > self.limits.longest_wait:
                    raise self._gave_up(error, failure, turn, messages) from error
            turn.retries += 1
            retrying(failure.word, attempt=tried + 1)
            await asyncio.sleep(wait)
        raise AssertionError("unreachable: the last try returns or raises")

    async def _once(self, binding: Binding, messages: Sequence[BaseMessage], turn: Turn) -> AIMessage:
        """One call, when there is room for it in the budget."""
        expected = Tokens(input=estimated_tokens(length_of(messages) + len(binding.schema)), output=EXPECTED_OUTPUT)
        expected_cost = self.prices.cost(expected) if self.budget.max_cost_usd is not None else None
        reserved = await self.budget.reserve(expected, expected_cost)
        if isinstance(reserved, str):
            raise NoReply("over_budget", reserved)
        took, cost = Tokens(), None
        try:
            message = await self._answer(binding, messages, turn)
            took = Tokens.of(message) or expected
            cost = await self.prices.cost_in_thread(took)
        finally:
            self.budget.settle(reserved, took, cost)
        turn.tokens, turn.cost = took, cost
        return message

    async def _answer(self, binding: Binding, messages: Sequence[BaseMessage], turn: Turn) -> AIMessage:
        """The answer to one request, within its time from the moment in which it may be sent."""
        async with turn_to_send(self.host) if self.host else nullcontext():
            turn.calls += 1
            read_list_at_leisure()
            async with asyncio.timeout(self.limits.timeout):
                return await (self._streamed if turn.stream else self._whole)(binding, messages)

    async def _whole(self, binding: Binding, messages: Sequence[BaseMessage]) -> AIMessage:
        message = await binding.runnable.ainvoke(list(messages), **binding.once)
        reply_began()
        self._require_size(length_of([message]))
        return message

    async def _streamed(self, binding: Binding, messages: Sequence[BaseMessage]) -> AIMessage:
        """Gather the pieces; leaving the loop closes the connection."""
        pieces: list[AIMessage] = []
        length = 0
        async with aclosing(cast(Any, binding.runnable.astream(list(messages), **binding.streaming))) as stream:
            async for piece in stream:
                if not pieces:
                    reply_began()
                pieces.append(piece)
                length += length_of([piece])
                self._require_size(length)
        chunks = [piece for piece in pieces if isinstance(piece, AIMessageChunk)]
        if not pieces:
            raise ConnectionError("the stream ended before it began")
        return add_ai_message_chunks(*chunks) if chunks else pieces[0]

    def _require_size(self, length: int) -> None:
        if length > self.limits.reply_characters:
            raise AnswerTooLargeError(f"a reply of more than {self.limits.reply_characters} characters was cut off")

    def _gave_up(self, error: Exception, failure: Failure, turn: Turn, messages: Sequence[BaseMessage]) -> NoReply:
        """The abstention, with the reference of a record under which the rest is found."""
        context = capture(error, operation=f"seat {turn.seat}", input_summary=f"{self.name}, prompt of {length_of(messages)} characters")
        log_error(context)
        return NoReply(failure.cause, failure.detail, context.error_id)


def _digest(*parts: str) -> str:
    """Stands for texts while a reply is awaited: a second copy of each prompt would be most of a review's memory."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part.encode("utf-8", "surrogatepass")).digest())
    return digest.hexdigest()


def length_of(messages: Sequence[BaseMessage]) -> int:
    """Characters of messages: their text and the arguments of their tool calls."""
    return sum(_length(message) for message in messages)


def _length(message: BaseMessage) -> int:
    content = message.content
    length = len(content) if isinstance(content, str) else sum(len(part) if isinstance(part, str) else _block(part) for part in content)
    return length + sum(len(part.get("args") or "") for part in getattr(message, "tool_call_chunks", ()))


def _block(block: dict[str, Any]) -> int:
    return sum(len(value) for value in block.values() if isinstance(value, str))
