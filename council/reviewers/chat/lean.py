"""OpenAI's chat completions without what the SDK does to a request and an answer that are already as they should be.

The SDK matches every message against every type that it might be, builds a tree of models from the answer, and LangChain
takes that apart again: a third of the CPU of a review. The SDK's own `post` sends a body as it is. Keys, headers, base
URL, errors and Azure's paths remain the SDK's.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_OPTIONS = {"extra_headers": "headers", "extra_query": "params", "timeout": "timeout"}


class LeanCompletions:
    """Stands where LangChain expects `AsyncOpenAI().chat.completions`.

    Args:
        root: the SDK's client.
    """

    def __init__(self, root: Any) -> None:
        self._root = root
        self._streamed = root.chat.completions.create
        self._response = import_module("httpx2").Response

    @property
    def with_raw_response(self) -> LeanCompletions:
        """LangChain asks for the raw response and parses it then; here it is both."""
        return self

    async def create(self, **payload: Any) -> Any:
        """Send a request; a streamed one goes the SDK's own way.

        Args:
            payload: as for the SDK's method of this name.
        """
        if payload.get("stream"):
            return await self._streamed(**payload)
        options = {name: payload.pop(argument) for argument, name in _OPTIONS.items() if argument in payload}
        body = payload | (payload.pop("extra_body", None) or {})
        return _Parsed(await self._root.post("/chat/completions", cast_to=self._response, body=body, options=options))


class _Parsed:
    """An answer, as LangChain looks at it."""

    def __init__(self, response: Any) -> None:
        self.http_response = response
        self.headers = response.headers

    def parse(self) -> Any:
        """The answer's JSON. A refusal moves to where LangChain keeps it; from a dictionary it would drop it."""
        answer = self.http_response.json()
        for choice in (answer.get("choices") or ()) if isinstance(answer, dict) else ():
            message = choice.get("message") or {}
            if refusal := message.get("refusal"):
                message["content"] = [{"type": "refusal", "refusal": refusal}]
        return answer
