"""Events as lines of JSON."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from council import Event
from council.events import ReviewStarted, ndjson

READING: TypeAdapter[Event] = TypeAdapter(Event)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_an_event_holds_it_is_one_printable_line_and_comes_back(text: str) -> None:
    event = ReviewStarted(review_id="rev-1", proposal=text + "\x7f\x1b\u202e", proposal_sha256="ab", seats=("tracer",))
    line = ndjson(event)
    assert line.isascii() and line.isprintable()
    assert json.loads(line)["event"] == "review_started"
    assert READING.validate_json(line) == event
