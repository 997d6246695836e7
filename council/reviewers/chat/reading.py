"""From what a model sent to the reply it stands for, or to what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TypeVar

from langchain_core.messages import AIMessage
from pydantic import BaseModel, ValidationError

from council.redaction import clip

Form = TypeVar("Form", bound=BaseModel)

_PROBLEMS = 8  # errors that the model is shown
_SHOWN = 300  # characters of one of them
_CANDIDATES = 20  # places at which an object may begin in a text around it
_CUT = {"finish_reason": "length", "stop_reason": "max_tokens", "done_reason": "length"}
_REFUSED = {"finish_reason": "content_filter", "stop_reason": "refusal"}


class Unreadable(Exception):  # noqa: N818 - the state of a reply rather than an error of the program
    """A reply that does not fit the schema; the text says why, for the model."""


class Said(BaseModel):
    """What a model sent, in a form that a journal keeps.

    Attributes:
        text: the JSON that it sent: the arguments of its tool call, or its text.
        refusal: what it said in place of a reply that it, or its provider, refuses to give.
        cut: whether it ended at the limit of its length.
    """

    text: str
    refusal: str | None = None
    cut: bool = False

    @classmethod
    def of(cls, message: AIMessage) -> Said:
        """What a message of LangChain says."""
        return cls(text=_text(message), refusal=_refusal(message), cut=bool(_reason(message, _CUT)))


def read(said: Said, form: type[Form]) -> Form:
    """Validate a model's reply: as it came, else the one valid object in the text around it, such as a code fence.

    What is valid is taken as it is; asking again would be a second vote.

    Raises:
        Unreadable: it does not fit, and why.
    """
    try:
        return form.model_validate_json(said.text)
    except ValidationError as error:
        if (found := _within(said.text, form)) is not None:
            return found
        raise Unreadable(_problem(said, error)) from error


def _text(message: AIMessage) -> str:
    if message.tool_calls:
        return json.dumps(message.tool_calls[0]["args"])
    if message.invalid_tool_calls:
        return message.invalid_tool_calls[0]["args"] or ""
    return str(message.text)


def _refusal(message: AIMessage) -> str | None:
    if said := message.additional_kwargs.get("refusal"):
        return str(said)
    blocks = message.content if isinstance(message.content, list) else []
    if said := next((block["refusal"] for block in blocks if isinstance(block, dict) and block.get("refusal")), None):
        return str(said)
    reason = _reason(message, _REFUSED)
    return f"the provider ended the reply: {reason}" if reason else None


def _within(text: str, form: type[Form]) -> Form | None:
    """The valid object within a text; None where there is none, or where there are two that differ."""
    found: list[Form] = []
    for candidate in _objects(text):
        try:
            found.append(form.model_validate_json(candidate))
        except ValidationError:
            continue
    return found[0] if found and all(each == found[0] for each in found) else None


def _objects(text: str) -> Iterator[str]:
    """The outermost JSON objects in a text."""
    decoder = json.JSONDecoder()
    at = text.find("{")
    for _ in range(_CANDIDATES):
        if at < 0:
            return
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield text[at:end]
        at = text.find("{", end)


def _problem(said: Said, error: ValidationError) -> str:
    if said.cut:
        return "it ended at the limit of its length; be briefer"
    if not said.text.strip():
        return "it was empty"
    listed = error.errors(include_url=False, include_context=False, include_input=False)
    shown = [f"{'.'.join(map(str, each['loc'])) or 'the whole'}: {each['msg']}" for each in listed[:_PROBLEMS]]
    more = [f"and {len(listed) - _PROBLEMS} more"] if len(listed) > _PROBLEMS else []
    return "; ".join(clip(each, _SHOWN) for each in [*shown, *more])


def _reason(message: AIMessage, expected: dict[str, str]) -> str:
    metadata = message.response_metadata
    return next((reason for key, reason in expected.items() if metadata.get(key) == reason), "")
