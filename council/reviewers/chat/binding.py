"""A model bound to a JSON schema in its provider's own way, so that what comes back can be validated here.

`with_structured_output` costs twice the CPU, builds the schema on every call, and on a reply that does not fit loses
the reply and its tokens. A dictionary made once and bound as it is does none of this.
"""

from __future__ import annotations

import json
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
        schema: the schema as text: what the request depends on beside its messages.
        once, streaming: arguments of a call whose reply comes whole, and of one that streams.
        cache_control: whether the prompt's shared part is to be marked for the provider's cache.
        schema_in_prompt: whether the schema has to stand in the prompt, because nothing else tells the model.
    """

    runnable: Runnable[LanguageModelInput, AIMessage]
    schema: str
    once: Mapping[str, Any] = field(default_factory=dict)
    streaming: Mapping[str, Any] = field(default_factory=dict)
    cache_control: bool = False
    schema_in_prompt: bool = False


def bind(model: BaseChatModel, schema: dict[str, Any], *, name: str, description: str) -> Binding:
    """Bind a model to a JSON schema.

    OpenAI and what speaks its language get a strict `response_format`, Ollama a `format`, Anthropic and every other
    model that takes tools one tool that it has to call, and a model that takes none the schema in the prompt.
    """
    text = json.dumps(schema)
    match provider_of(model):
        case "openai":
            given = _response_format(model, {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}})
            return Binding(model, text, once={**given, "stream": False}, streaming={**given, "stream_usage": True})
        case "ollama":
            return Binding(model, text, once={"format": schema, "stream": False}, streaming={"format": schema})
        case "anthropic":
            tool = {"name": name, "description": description, "input_schema": schema}
            return Binding(_with_tool(model, tool, name), text, once={"stream": False}, cache_control=True)
    if type(model).bind_tools is BaseChatModel.bind_tools:
        return Binding(model, text, schema_in_prompt=True)
    function = {"name": name, "description": description, "parameters": schema}
    return Binding(_with_tool(model, {"type": "function", "function": function}, "any"), text)


def _response_format(model: BaseChatModel, response_format: dict[str, Any]) -> dict[str, Any]:
    """Through `extra_body`, which the SDK sends as it is: given as an argument, the SDK walks and parses it on each call.

    A model that goes to the Responses API takes the argument, and LangChain translates it.
    """
    uses_responses = getattr(model, "_use_responses_api", None)
    if uses_responses is None or uses_responses({}):
        return {"response_format": response_format}
    return {"extra_body": {**(getattr(model, "extra_body", None) or {}), "response_format": response_format}}


def _with_tool(model: BaseChatModel, tool: dict[str, Any], choice: str) -> Runnable[LanguageModelInput, AIMessage]:
    with warnings.catch_warnings():
        # A model that thinks cannot be forced to call a tool; LangChain leaves the choice to it and warns. The reply is
        # validated either way.
        warnings.simplefilter("ignore", UserWarning)
        return model.bind_tools([tool], tool_choice=choice)
