"""What calls take: tokens, money, and the limit that is refused before it is passed."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from langchain_core.messages import AIMessage

from council.errors import UsageError

CHARACTERS_PER_TOKEN = 4
EXPECTED_OUTPUT = 3_000
"""Tokens of a reply, for an estimate: some fifteen answers and a few findings, each with its citations."""

# What was read from the cache, then what was written to it: in one figure, or by how long it is kept.
_CACHE_KINDS = ("cache_read", "cache_creation", "ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
_READ = threading.Event()  # whether the price list has been read
_LEISURE = 0.2  # seconds after the first call at which the price list is read, while the replies are being waited for


def estimated_tokens(text_length: int) -> int:
    """Tokens of a text of that many characters, roughly: English prose with line numbers."""
    return -(-text_length // CHARACTERS_PER_TOKEN)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one or more calls; `cached` are those of the input that came from the provider's cache."""

    input: int = 0
    cached: int = 0
    written: int = 0
    output: int = 0

    @classmethod
    def of(cls, message: AIMessage) -> Tokens | None:
        """What the provider reported with a reply, or None where it reported nothing."""
        usage = message.usage_metadata
        if usage is None:
            return None
        details: Mapping[str, Any] = usage.get("input_token_details") or {}
        cached, *written = (int(details.get(kind) or 0) for kind in _CACHE_KINDS)
        return cls(usage["input_tokens"], cached, sum(written), usage["output_tokens"])

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(self.input + other.input, self.cached + other.cached, self.written + other.written, self.output + other.output)

    @property
    def total(self) -> int:
        """Input and output."""
        return self.input + self.output


class Prices:
    """The price of one model, by genai-prices, where that is installed and knows the model.

    Reading the list takes a third of a second of CPU, so it happens in a thread, while the first replies are awaited.
    """

    def __init__(self, provider: str, model: str, *, local: bool = False) -> None:
        self.provider, self.model, self.local = provider, model, local

    def cost(self, tokens: Tokens) -> float | None:
        """US dollars; nothing for a model of this machine that has no price, None where none is known."""
        unknown = 0.0 if self.local else None
        if self.provider in ("", "ollama") or not _installed():
            return unknown
        prices = import_module("genai_prices")
        kinds = {"input_tokens": tokens.input, "cache_read_tokens": tokens.cached, "cache_write_tokens": tokens.written}
        usage = prices.Usage(**{kind: count for kind, count in kinds.items() if count}, output_tokens=tokens.output)
        try:
            found: Decimal = prices.calc_price(usage, self.model, provider_id=self.provider).total_price
        except (LookupError, ValueError):
            return unknown
        finally:
            _READ.set()
        return float(found)

    async def cost_in_thread(self, tokens: Tokens) -> float | None:
        """The same without holding up the loop while the list is read."""
        return self.cost(tokens) if _READ.is_set() else await asyncio.to_thread(self.cost, tokens)


@cache
def read_list_at_leisure() -> None:
    """Begin to read the price list soon, once; the first calls are then on their way."""
    if _installed() and not _READ.is_set():
        timer = threading.Timer(_LEISURE, Prices("openai", "gpt-4o").cost, args=[Tokens(input=1)])
        timer.daemon = True
        timer.start()


@cache
def _installed() -> bool:
    return find_spec("genai_prices") is not None


@dataclass(eq=False, frozen=True, slots=True)
class Reservation:
    """Room for one call: by the first estimate, and as set right by the calls before it."""

    estimated_tokens: int
    estimated_usd: float
    tokens: int
    usd: float


@dataclass
class Budget:
    """What all calls that share it may take together; a call that would go over is not made.

    What a call will take is estimated, reserved before the call and replaced by what it took. The estimate (its characters,
    and a reply of usual length) is set right by the calls that came back. A call for which there is no room beside those in
    flight waits for one of them to end, and is refused only where it would go over by what has really been spent.

    Args:
        max_cost_usd: US dollars, or None.
        max_tokens: input and output tokens, or None.

    Attributes:
        spent_usd, spent_tokens: of the calls that are over.
    """

    max_cost_usd: float | None = None
    max_tokens: int | None = None
    spent_usd: float = field(default=0.0, init=False)
    spent_tokens: int = field(default=0, init=False)
    _reserved: list[Reservation] = field(default_factory=list, init=False)
    _ended: list[asyncio.Future[None]] = field(default_factory=list, init=False)
    _share: float | None = field(default=None, init=False)  # of its estimate, what the dearest call took

    async def reserve(self, tokens: Tokens, cost: float | None) -> Reservation | str:
        """Reserve a call, when there is room for it; or why it must not be made.

        Args:
            tokens, cost: what it is expected to take; the cost is None where no limit in money is set.
        """
        while True:
            share = 1.0 if self._share is None else self._share
            wanted = Reservation(tokens.total, cost or 0.0, math.ceil(tokens.total * share), (cost or 0.0) * share)
            if refused := self._over(wanted, ()):
                return refused
            if not self._over(wanted, self._reserved):
                self._reserved.append(wanted)
                return wanted
            ended = asyncio.get_running_loop().create_future()
            self._ended.append(ended)
            await ended

    def settle(self, reserved: Reservation, took: Tokens, cost: float | None) -> None:
        """Replace a reservation by what the call took; whoever waits for room looks again.

        Args:
            reserved: by `reserve`.
            took, cost: what the call took; nothing where it came to nothing.
        """
        self._reserved.remove(reserved)
        self.spent_tokens += took.total
        self.spent_usd += cost or 0.0
        if took.total and reserved.estimated_tokens:
            shares = [took.total / reserved.estimated_tokens, (cost or 0.0) / reserved.estimated_usd if reserved.estimated_usd else 0.0]
            self._share = max(self._share or 0.0, *shares)
        waiting, self._ended = self._ended, []
        for ended in waiting:
            if not ended.done():
                ended.set_result(None)

    def _over(self, wanted: Reservation, beside: Sequence[Reservation]) -> str:
        """Why a call goes over the limit beside others in flight, or empty."""
        tokens = self.spent_tokens + sum(each.tokens for each in beside)
        usd = self.spent_usd + sum(each.usd for each in beside)
        if self.max_tokens is not None and tokens + wanted.tokens > self.max_tokens:
            return f"the call would take some {wanted.tokens} tokens; {tokens} of {self.max_tokens} are spent"
        if self.max_cost_usd is not None and usd + wanted.usd > self.max_cost_usd:
            return f"the call would cost some ${wanted.usd:.4f}; ${usd:.4f} of ${self.max_cost_usd:g} are spent"
        return ""

    def require_price(self, prices: Prices) -> None:
        """Refuse a limit in money for a model whose price nobody knows.

        Raises:
            UsageError: no price is known for the model.
        """
        if self.max_cost_usd is not None and prices.cost(Tokens(input=1)) is None:
            raise UsageError(f"no price is known for {prices.provider}:{prices.model}", where="max cost", hint="limit tokens instead")
