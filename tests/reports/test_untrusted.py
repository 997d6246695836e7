"""Whatever stands in the strings of a verdict, no report passes it on as control, layout or markup."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from council.ballot import Verdict
from council.reports import render

PAYLOADS = st.text(
    st.one_of(
        st.sampled_from("\x00\x07\x08\x1b\x7f\x85\x9b\x9d\t\r\n\x0b\x0c\u200b\u202e\u2028\u2066\ufeff\U000e0041"),
        st.sampled_from("`*_[]()<>!|~#$@:/\\-+=. "),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)
MD = MarkdownIt("gfm-like", {"linkify": False, "html": True})
SGR = re.compile(r"\x1b\[[0-9;]*m")
quick = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def poisoned(value: Any, poison: Callable[[str], str]) -> Any:
    """Every string of a verdict that is no word of its schema, with a payload before and after it."""
    if isinstance(value, dict):
        return {key: item if key in WORDS else poisoned(item, poison) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [poisoned(item, poison) for item in value]
    return poison(value) if isinstance(value, str) and value else value


WORDS = {
    "outcome", "decided_by", "council_said", "cast", "counted", "production_ready", "observability", "confidence", "kind", "severity",
    "status", "cause", "lower", "upper", "chosen", "rule",
}  # fmt: skip


def with_payload(verdict: Verdict, payload: str) -> Verdict:
    return Verdict.model_validate(poisoned(verdict.model_dump(mode="json"), lambda text: f"{payload}{text}{payload}"))


def controls(text: str) -> set[str]:
    return {c for c in text if c != "\n" and (unicodedata.category(c) in {"Cc", "Zl", "Zp"} or c in "\u200b\u202e\u2066\ufeff\U000e0041")}


def test_the_words_left_alone_are_all_that_a_schema_fixes(verdict: Verdict) -> None:
    assert "POISON" in with_payload(verdict, "POISON").opinions[0].findings[0].claim
    assert "POISON" in with_payload(verdict, "POISON").origins[0].origin


@pytest.mark.parametrize("verbose", [False, True])
@given(payload=PAYLOADS)
@example(payload="\x1b]0;title\x07\x9b31m[red]:smile:[/red]")
@quick
def test_no_control_character_reaches_a_terminal(verdict: Verdict, verbose: bool, payload: str) -> None:
    bad = with_payload(verdict, payload)
    assert controls(render(bad, "terminal", verbose=verbose)) == set()
    assert controls(render(bad, "md", verbose=verbose)) == set()
    assert controls(render(bad, "json")) == set()
    assert controls(SGR.sub("", render(bad, "terminal", color=True, verbose=verbose))) == set()


@pytest.mark.parametrize("verbose", [False, True])
@given(payload=PAYLOADS)
@example(payload="\n\n# h\n\n| a |\n|---|\n")
@example(payload="\n```\n</details><script>")
@example(payload="![x](http://e.example/?q) @team ")
@quick
def test_the_shape_of_the_markdown_report_does_not_depend_on_it(verdict: Verdict, verbose: bool, payload: str) -> None:
    plain, bad = (MD.parse(render(v, "md", verbose=verbose)) for v in (verdict, with_payload(verdict, payload)))
    assert [t.type for t in bad] == [t.type for t in plain]
    assert {c.type for t in bad for c in t.children or []} <= {"text", "code_inline", "strong_open", "strong_close", "softbreak"}


@given(payload=PAYLOADS)
@quick
def test_json_loses_nothing(verdict: Verdict, payload: str) -> None:
    bad = with_payload(verdict, payload)
    assert Verdict.model_validate_json(render(bad, "json")) == bad
    assert json.loads(render(bad, "json"))["schema_version"] == bad.schema_version


@given(payload=st.text("[]/redbol=#:link \\", max_size=20))
@example(payload="[bold]")
@example(payload="[/nothing]")
@quick
def test_rich_markup_stays_text(verdict: Verdict, payload: str) -> None:
    words = " ".join(payload.split())
    assert words in " ".join(render(with_payload(verdict, payload), "terminal", width=4000).split())
