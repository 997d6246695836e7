"""The schema of a reply keeps to what strict structured output takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter

from council.ballot import Reply
from council.reviewers.chat.schema import grammar_schema, strict_schema

# https://platform.openai.com/docs/guides/structured-outputs: what strict mode is documented to accept, less what only newer models do.
SUPPORTED = {"type", "properties", "required", "additionalProperties", "enum", "items", "anyOf", "$ref", "$defs", "description"}


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema in a schema; names of properties and definitions are no keywords."""
    if isinstance(node, list):
        for each in node:
            yield from nodes(each)
    elif isinstance(node, dict):
        yield node
        for key, value in node.items():
            yield from nodes(list(value.values()) if key in ("properties", "$defs") else value)


def test_no_keyword_is_left_that_strict_mode_refuses():
    assert {key for node in nodes(strict_schema(Reply)) for key in node} <= SUPPORTED


def test_every_property_of_every_object_is_required_and_none_can_be_added():
    objects = [node for node in nodes(strict_schema(Reply)) if "properties" in node]
    assert len(objects) == 6
    for node in objects:
        assert node["required"] == list(node["properties"])
        assert node["additionalProperties"] is False


def test_the_vote_comes_after_what_it_follows_from():
    assert list(strict_schema(Reply)["properties"]) == list(Reply.model_fields)


def test_a_limit_that_the_schema_cannot_hold_is_told_in_words():
    assert strict_schema(Reply)["properties"]["rationale"]["description"] == "at most 1500 characters"


def test_it_is_built_once():
    assert strict_schema(Reply) is strict_schema(Reply)


def test_what_it_describes_is_a_reply():
    described = {"answers": [], "findings": [], "conditions": [], "production_ready": "yes", "observability": "pass"}
    described |= {"confidence": "low", "vote": "APPROVE", "rationale": ""}
    assert set(described) == set(strict_schema(Reply)["required"])
    assert TypeAdapter(Reply).validate_json(json.dumps(described)).vote == "APPROVE"


def test_for_a_grammar_it_is_the_same_with_limits():
    def bare(node: Any) -> Any:
        if isinstance(node, list):
            return [bare(each) for each in node]
        return {key: bare(value) for key, value in node.items() if key not in ("maxItems", "maxLength")} if isinstance(node, dict) else node

    assert bare(grammar_schema(Reply)) == strict_schema(Reply)
    assert list(grammar_schema(Reply)["properties"]) == list(Reply.model_fields)


def test_for_a_grammar_nothing_but_the_answers_is_without_end():
    for node in nodes(grammar_schema(Reply)):
        for name, each in node.get("properties", {}).items():
            if each.get("type") == "array":
                assert "maxItems" in each or name == "answers"
                assert each["items"].get("type") != "string" or "maxLength" in each["items"]
            if each.get("type") == "string" and "enum" not in each:
                assert "maxLength" in each, name


def test_no_limit_of_a_grammar_is_wider_than_the_reply_takes():
    def limits(node: Any) -> list[int]:
        return [limit for each in nodes(node) for key, limit in each.items() if key in ("maxItems", "maxLength")]

    own, asked = Reply.model_json_schema(), grammar_schema(Reply)
    for name, definition in {**own["$defs"], "": own}.items():
        asked_here = asked["$defs"].get(name, asked)
        for field, each in definition["properties"].items():
            for key in ("maxItems", "maxLength"):
                if key in each and key in asked_here["properties"][field]:
                    assert asked_here["properties"][field][key] <= each[key]
    assert limits(asked)
