"""The report for machines, and its schema."""

from __future__ import annotations

import json

import pytest

from council.ballot import SCHEMA_VERSION, Verdict
from council.reports.json import PAPERS, render, schema


def test_it_is_the_verdict_with_the_version_of_its_schema(verdict: Verdict) -> None:
    data = json.loads(render(verdict))
    assert data["schema_version"] == SCHEMA_VERSION
    assert Verdict.model_validate(data) == verdict


def test_keys_come_in_the_order_of_the_model(verdict: Verdict) -> None:
    assert list(json.loads(render(verdict))) == list(Verdict.model_fields)


def test_every_key_that_is_written_is_in_the_schema_and_required(verdict: Verdict) -> None:
    described = schema("verdict")
    assert set(described["properties"]) == set(json.loads(render(verdict))) == set(described["required"])
    assert described["additionalProperties"] is False


def test_a_reply_needs_only_a_vote_and_a_rationale() -> None:
    assert schema("reply")["required"] == ["vote", "rationale"]


@pytest.mark.parametrize("of", PAPERS)
def test_a_schema_names_its_dialect_and_refers_only_to_itself(of: str) -> None:
    text = json.dumps(schema(of))
    assert schema(of)["$schema"].endswith("2020-12/schema")
    assert all(ref.startswith("#/$defs/") for ref in (part.split('"')[0] for part in text.split('"$ref": "')[1:]))
