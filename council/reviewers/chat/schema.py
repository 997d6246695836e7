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

_KEPT = frozenset({"type", "properties", "required", "additionalProperties", "enum", "items", "anyOf", "$ref", "$defs", "description"})


@cache
def strict_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a pydantic model in the strict subset.

    Every property is required, none may be added, and keywords that a provider may refuse are gone. The result is
    shared between calls: do not change it.
    """
    schema: dict[str, Any] = _strict(model.model_json_schema(), is_names=False)
    return schema


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
