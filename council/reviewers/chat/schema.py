"""The JSON schema of a reply, in the strict subset that every provider's structured output takes.

Built once from `council.ballot.Reply`: one schema for all seats, because it stands before everything else in the prompt
that the provider caches. Strict mode knows neither lengths nor defaults; limits move into the descriptions, where the
model reads them, and pydantic checks them afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

NAME = "reply"
DESCRIPTION = "Your review: answers, findings and conditions first, then the vote that follows from them."

_MOST = {
    ("findings", "array"): 6,
    ("conditions", "array"): 6,
    ("citations", "array"): 2,
    ("sections", "array"): 4,
    ("sections", "string"): 120,
    ("terms", "array"): 4,
    ("terms", "string"): 40,
    ("id", "string"): 8,
    ("question", "string"): 40,
    ("domain", "string"): 40,
    ("about", "string"): 40,
    ("anchor", "string"): 80,
    ("quote", "string"): 0,
    ("claim", "string"): 300,
    ("text", "string"): 300,
    ("where", "string"): 120,
    ("rationale", "string"): 800,
    ("reasons", "string"): 1200,
}
"""What the protocol asks for at most, by the property's name and type; characters of a string, items of an array."""

_KEPT = frozenset({"type", "properties", "required", "additionalProperties", "enum", "items", "anyOf", "$ref", "$defs", "description"})


@cache
def strict_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a pydantic model in the strict subset.

    Every property is required, none may be added, and keywords that a provider may refuse are gone. The result is
    shared between calls: do not change it.
    """
    schema: dict[str, Any] = _strict(model.model_json_schema(), is_names=False)
    return schema


@cache
def grammar_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The same with limits, for servers of this machine that hold a model to the schema by a grammar: llama.cpp, vLLM, Ollama.

    A small model does not count to six because it was told to, and may repeat itself to the end of its context. Only
    the properties that the protocol speaks of are limited. The result is shared between calls: do not change it.
    """
    schema: dict[str, Any] = _limited(strict_schema(model), "")
    return schema


def _limited(node: Any, name: str) -> Any:
    if isinstance(node, list):
        return [_limited(item, "") for item in node]
    if not isinstance(node, Mapping):
        return node
    limited = {key: _limited(value, name if key == "items" else "") for key, value in node.items() if key not in ("properties", "$defs")}
    for key in ("properties", "$defs"):
        if key in node:
            limited[key] = {each: _limited(value, each) for each, value in node[key].items()}
    most = _MOST.get((name, str(node.get("type"))))
    return limited if most is None else limited | {"maxLength" if node["type"] == "string" else "maxItems": most}


def _strict(node: Any, *, is_names: bool) -> Any:
    """One node; under `properties` and `$defs` the keys are names, not keywords."""
    if isinstance(node, list):
        return [_strict(item, is_names=False) for item in node]
    if not isinstance(node, Mapping):
        return node
    if is_names:
        return {name: _strict(value, is_names=False) for name, value in node.items()}
    kept = {key: _strict(value, is_names=key in ("properties", "$defs")) for key, value in node.items() if key in _KEPT}
    if "properties" in kept:
        kept |= {"required": list(kept["properties"]), "additionalProperties": False}
    if limit := _limit(node):
        kept["description"] = f"{kept['description']}; {limit}" if "description" in kept else limit
    return kept


def _limit(node: Mapping[str, Any]) -> str:
    if "maxLength" in node:
        return f"at most {node['maxLength']} characters"
    return f"at most {node['maxItems']}" if "maxItems" in node else ""
