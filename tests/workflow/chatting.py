"""Reviews of a short proposal by chat models against the server on loopback."""

from __future__ import annotations

import asyncio
from typing import Any

from council import Council, Verdict, parse_proposal
from council.reviewers.chat import CallLimits, ChatReviewer, aclose, chat_model
from tests.loopback.server import Loopback

TEXT = "# Limits\n\nEach request carries a request id, which every log line repeats.\n"


def chat(server: Loopback) -> ChatReviewer:
    """One for all seats, that tries once."""
    model = chat_model("openai:test-model", base_url=server.openai_url, api_key="none")
    return ChatReviewer(model, limits=CallLimits(attempts=1, backoff=0.001))


def reviewed(made: Council, **more: Any) -> Verdict:
    """A review in a loop of its own."""

    async def review() -> Verdict:
        try:
            return await made.areview(parse_proposal(TEXT, source="rfc.md"), **more)
        finally:
            await aclose()

    return asyncio.run(review())
