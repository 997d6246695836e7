"""The report for machines: the verdict as it is, and the schemas that describe it."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from council.ballot import Reply, Verdict

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PAPERS: dict[str, type[Verdict | Reply]] = {"verdict": Verdict, "reply": Reply}


class _AsWritten(GenerateJsonSchema):
    """A verdict is written with every key, so a reader may count on each."""

    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: ARG002 - the base class's signature
        return True


def render(verdict: Verdict) -> str:
    """The verdict as JSON, in the order of its model."""
    return dumps(verdict.model_dump(mode="json"))


def dumps(data: Any) -> str:
    """Indented JSON that ends in a line feed.

    Text is kept as it is, and escaped: nothing outside printable ASCII is written, so that a quotation with a control
    sequence in it can be read in a terminal and loses nothing.
    """
    return json.dumps(data, indent=2).replace("\x7f", "\\u007f") + "\n"


def schema(of: str) -> dict[str, Any]:
    """The JSON schema of the verdict as it is written, or of the reply that a reviewer has to give.

    Args:
        of: a key of `PAPERS`.
    """
    if of == "verdict":
        return {"$schema": DIALECT, **Verdict.model_json_schema(mode="serialization", schema_generator=_AsWritten)}
    return {"$schema": DIALECT, **PAPERS[of].model_json_schema()}
