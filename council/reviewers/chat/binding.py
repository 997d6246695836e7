"""A model bound to a JSON schema in its provider's own way, so that what comes back can be validated here.

`with_structured_output` costs twice the CPU, builds the schema on every call, and on a reply that does not fit loses
the reply and its tokens. A dictionary made once and bound as it is does none of this.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable

from council.reviewers.chat.models import provider_of


@dataclass(frozen=True, slots=True)
class Binding:
    """How to ask a model for one schema.

    Attributes:
        runnable: what is invoked.
        once, streaming: arguments of a call whose reply comes whole, and of one that streams.
        cache_control: whether the prompt's shared part is to be marked for the provider's cache.
        schema_in_prompt: whether the schema has to stand in the prompt, because nothing else tells the model.
    """

    runnable: Runnable[LanguageModelInput, AIMessage]
    once: Mapping[str, Any] = field(default_factory=dict)
    streaming: Mapping[str, Any] = field(default_factory=dict)
    cache_control: bool = False
    schema_in_prompt: bool = False


def bind(model: BaseChatModel, schema: dict[str, Any], *, name: str, description: str) -> Binding:
    """Bind a model to a JSON schema.

    OpenAI and what speaks its language get a strict `response_format`, Ollama a `format`, Anthropic and every other
    model that takes tools one tool that it has to call, and a model that takes none the schema in the prompt.
    """
    match provider_of(model):
        case "openai":
            return _openai(model, {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}})
        case "ollama":
            return Binding(model, once={"format": schema, "stream": False}, streaming={"format": schema})
        case "anthropic":
            tool = {"name": name, "description": description, "input_schema": schema}
            return Binding(_with_tool(model, tool, name), once={"stream": False}, cache_control=True)
    if type(model).bind_tools is BaseChatModel.bind_tools:
        return Binding(model, schema_in_prompt=True)
    function = {"name": name, "description": description, "parameters": schema}
    return Binding(_with_tool(model, {"type": "function", "function": function}, "any"))


def _openai(model: BaseChatModel, response_format: dict[str, Any]) -> Binding:
    """Through `extra_body`, which the SDK sends as it is: given as an argument, the SDK walks and parses it on each call."""
    uses_responses = getattr(model, "_use_responses_api", None)
    if uses_responses is None or uses_responses({}):
        given: dict[str, Any] = {"response_format": response_format}
    else:
        given = {"extra_body": {**(getattr(model, "extra_body", None) or {}), "response_format": response_format}}
    return Binding(model, once={**given, "stream": False}, streaming={**given, "stream_usage": True})


def _with_tool(model: BaseChatModel, tool: dict[str, Any], choice: str) -> Runnable[LanguageModelInput, AIMessage]:
    with warnings.catch_warnings():
        # A model that thinks cannot be forced to call a tool; LangChain leaves the choice to it and warns. The reply is
        # validated either way.
        warnings.simplefilter("ignore", UserWarning)
        return model.bind_tools([tool], tool_choice=choice)
