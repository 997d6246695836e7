"""One request to a model: within the budget, within its time, tried again where that helps, cut off where it grows too large."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal, cast

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import add_ai_message_chunks

from council.ballot import Abstention, AbstentionCause
from council.error_context import capture, log_error
from council.reviewers.chat.binding import Binding
from council.reviewers.chat.cost import EXPECTED_OUTPUT, Account, Budget, Prices, Tokens, estimated_tokens, read_list_at_leisure
from council.reviewers.chat.retry import Failure, backoff, classify
from council.reviewers.chat.wire import AnswerTooLargeError


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


@dataclass(frozen=True, slots=True)
class CallEvent:
    """What happens while a seat's model is asked.

    Attributes:
        seat: who asks.
        kind: the reply begins; a request is sent again; the model is asked to correct its reply.
        detail: why, for a person.
    """

    seat: str
    kind: Literal["first_token", "retry", "repair"]
    detail: str = ""


Watch = Callable[[CallEvent], None]


class NoReply(Exception):  # noqa: N818 - what became of a request, not an error of the program
    """A request that came to nothing, and the abstention it leads to."""

    def __init__(self, cause: AbstentionCause, detail: str, reference: str = "") -> None:
        self.abstention = Abstention(cause=cause, detail=detail, reference=reference)
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks a model, on behalf of one seat after the other.

    Attributes:
        name: of the model, for the record of an error.
        limits, budget, prices: what calls may take, and what they cost.
    """

    name: str
    limits: CallLimits
    prices: Prices
    budget: Budget

    async def ask(
        self,
        binding: Binding,
        messages: Sequence[BaseMessage],
        *,
        seat: str,
        account: Account,
        watch: Watch | None = None,
        stream: bool = False,
    ) -> AIMessage:
        """Send one request until it is answered.

        Args:
            binding: the model and its schema.
            messages: the prompt.
            seat: who asks.
            account: where calls, retries and tokens are counted.
            watch: told of what happens.
            stream: whether the reply is streamed; it is cut off all the same where it grows too large.

        Raises:
            NoReply: there is none, and why.
        """
        for tried in count(1):
            try:
                return await self._once(binding, messages, seat, account, watch, stream=stream)
            except NoReply:
                raise
            except Exception as error:
                failure = classify(error)
                wait = backoff(tried, failure.wait, base=self.limits.backoff)
                if not failure.again or tried >= self.limits.attempts or wait > self.limits.longest_wait:
                    raise self._gave_up(error, failure, seat, messages) from error
            account.retries += 1
            if watch:
                watch(CallEvent(seat, "retry", failure.detail))
            await asyncio.sleep(wait)
        raise AssertionError("unreachable: the last try returns or raises")

    async def _once(
        self, binding: Binding, messages: Sequence[BaseMessage], seat: str, account: Account, watch: Watch | None, *, stream: bool
    ) -> AIMessage:
        expected = Tokens(input=estimated_tokens(length_of(messages)), output=EXPECTED_OUTPUT)
        expected_cost = self.prices.cost(expected) if self.budget.max_cost_usd is not None else None
        if refused := self.budget.reserve(expected, expected_cost):
            raise NoReply("over_budget", refused)
        took, cost = Tokens(), None
        account.calls += 1
        read_list_at_leisure()
        try:
            async with asyncio.timeout(self.limits.timeout):
                begun = (lambda: watch(CallEvent(seat, "first_token"))) if watch else None
                message = await (self._streamed(binding, messages, begun) if stream else self._whole(binding, messages, begun))
            took = Tokens.of(message) or expected
            cost = await self.prices.cost_in_thread(took)
        finally:
            self.budget.settle(expected, expected_cost, took, cost)
        account.add(took, cost)
        return message

    async def _whole(self, binding: Binding, messages: Sequence[BaseMessage], begun: Callable[[], None] | None) -> AIMessage:
        message = await binding.runnable.ainvoke(list(messages), **binding.once)
        if begun:
            begun()
        if length_of([message]) > self.limits.reply_characters:
            raise AnswerTooLargeError(self._too_large())
        return message

    async def _streamed(self, binding: Binding, messages: Sequence[BaseMessage], begun: Callable[[], None] | None) -> AIMessage:
        """Gather the pieces; leaving the loop closes the connection."""
        pieces: list[AIMessageChunk] = []
        length = 0
        stream = cast(Any, binding.runnable.astream(list(messages), **binding.streaming))
        async with aclosing(stream):
            async for piece in stream:
                if not pieces and begun:
                    begun()
                pieces.append(piece)
                length += length_of([piece])
                if length > self.limits.reply_characters:
                    raise AnswerTooLargeError(self._too_large())
        if not pieces:
            raise ConnectionError("the stream ended before it began")
        return add_ai_message_chunks(pieces[0], *pieces[1:]) if isinstance(pieces[0], AIMessageChunk) else pieces[0]

    def _too_large(self) -> str:
        return f"a reply of more than {self.limits.reply_characters} characters was cut off"

    def _gave_up(self, error: Exception, failure: Failure, seat: str, messages: Sequence[BaseMessage]) -> NoReply:
        """The abstention, with the reference of a record under which the rest is found."""
        context = capture(error, operation=f"seat {seat}", input_summary=f"{self.name}, prompt of {length_of(messages)} characters")
        log_error(context)
        return NoReply(failure.cause, failure.detail, context.error_id)


def length_of(messages: Sequence[BaseMessage]) -> int:
    """Characters of messages: their text and the arguments of their tool calls."""
    return sum(_length(message) for message in messages)


def _length(message: BaseMessage) -> int:
    content = message.content
    length = len(content) if isinstance(content, str) else sum(len(part) if isinstance(part, str) else _block(part) for part in content)
    return length + sum(len(part.get("args") or "") for part in getattr(message, "tool_call_chunks", ()))


def _block(block: dict[str, Any]) -> int:
    return sum(len(value) for value in block.values() if isinstance(value, str))
