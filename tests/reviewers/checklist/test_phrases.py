"""The phrase language, and the index that finds phrases."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from council.reviewers.checklist.language import WORDS as WORDS_OF_ENGLISH
from council.reviewers.checklist.phrases import GAP, PhraseIndex, fold, parse_phrase, tokenize
from council.seats import build_roster


def found(phrase: str, *sentences: str) -> list[int]:
    return [m.sentence for m in PhraseIndex([tokenize(s) for s in sentences]).find(phrase)]


@pytest.mark.parametrize("written", ["request id", "request-id", "request_id", "requestId", "RequestID", "request IDs", "`request_id`"])
def test_spelling_of_a_name_does_not_matter(written: str) -> None:
    assert found("request id", f"We log the {written} of each call") == [0]


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("measur*", "It was measured twice"),
        ("canary|flag", "Behind a flag"),
        ("roll* .. back", "It rolls itself back"),
        ("{duration}", "It takes 30 s"),
        ("{duration}", "It takes 2ms"),
        ("{percent}", "93 % of them"),
        ("{size}", "It needs 4 GB"),
        ("{number}", "In 412 cases"),
        ("{code}", "Set `mode` first"),
        ("p99 .. {duration}", "p99 is at most 2 ms"),
        ("mtls", "Calls use mTLS"),
        ("api", "All APIs"),
        ("{percent} of request", "5 % of requests"),
        ("{duration}|{number} later", "Two of 5 ms later"),
        ("at_most|under|no_more_than {duration}", "It takes no more than 5 ms"),
        ("at_most|under {duration}", "It takes at most 5 ms"),
        ("at_most|under {duration}", "It takes under 5 ms"),
        ("{code} gauge", "Add a `shop.orders:type=Open,name=OldestAge` gauge"),
        ("add* .. gauge", "Add a new `shop.orders:type=Open,name=OldestAge` gauge"),
    ],
)
def test_each_element_of_the_language_finds_its_text(phrase: str, sentence: str) -> None:
    assert found(phrase, sentence) == [0]


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("request id", "the id of the request"),
        ("measur*", "It was weighed"),
        ("{duration}", "in 2024"),
        ("{code}", "Set mode first"),
        ("a b", "b a"),
        ("alpha .. omega", "alpha " + "x " * (GAP + 1) + "omega"),
        ("at_most|under {duration}", "Most of 5 ms"),
        ("add .. gauge", "Add `" + ".".join(["part"] * 60) + "` gauge"),
        ("order gauge", "Add a `shop.orders:type=Open,name=OldestAge` gauge"),
    ],
)
def test_what_a_phrase_does_not_say_it_does_not_find(phrase: str, sentence: str) -> None:
    assert found(phrase, sentence) == []


def test_a_gap_reaches_as_far_as_it_says() -> None:
    assert found("alpha .. omega", "alpha " + "x " * GAP + "omega") == [0]


@pytest.mark.parametrize("bad", ["", "  ", "a ..", "{nonsense} b", "a||b c", "at_most| {duration}", "a_|b", " ".join(["a_b|c"] * 7)])
def test_a_phrase_that_means_nothing_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="phrase"):
        parse_phrase(bad)


def test_a_figure_ends_at_its_unit() -> None:
    (match,) = PhraseIndex([tokenize("p99 of 5 ms is not met")]).find("{duration}")
    assert (match.first, match.last) == (2, 3)


SAMPLES = {"{number}": "5", "{percent}": "5 %", "{duration}": "5 ms", "{size}": "5 MB", "{code}": "`name`"}


def samples(phrase: str) -> Iterator[str]:
    """Sentences that a phrase should find, so many that every choice of every place stands in one."""
    places = [part.split("|") for part in phrase.split() if part not in ("..", "&")]
    for n in range(max(map(len, places))):
        parts = [choices[n % len(choices)] for choices in places]
        yield " ".join(SAMPLES.get(part, part.replace("*", "ed").replace("_", " ")) for part in parts)


def shipped() -> Iterator[str]:
    """Every phrase of the personas and of the vocabulary."""
    for seat in build_roster(entry_points=False).seats:
        persona = seat.persona
        yield from (*persona.sections, *persona.stakes, *persona.applicability.unless)
        rules = [question.rules for question in persona.questions if question.rules]
        for rule in rules:
            yield from (*rule.phrases, *rule.telling, *rule.denials, *rule.hints, *rule.decisive, *rule.sections, *rule.raised_by)
        for flag in (*persona.red_flags, *persona.green_flags):
            yield from flag.rules.phrases if flag.rules else ()
    for field in dataclasses.fields(WORDS_OF_ENGLISH):
        value = getattr(WORDS_OF_ENGLISH, field.name)
        for phrases in value.values() if isinstance(value, Mapping) else (value,):
            yield from phrases if isinstance(phrases, tuple) else ()


def test_every_phrase_that_ships_finds_what_it_says() -> None:
    phrases = list(shipped())
    assert len(phrases) > 2500
    assert [(phrase, text) for phrase in phrases for text in samples(phrase) if not found(phrase, text)] == []


WORDS = st.sampled_from(["alpha", "beta", "gamma", "delta"])


@given(st.lists(st.lists(WORDS, max_size=8), max_size=5), st.lists(WORDS, min_size=1, max_size=3))
def test_a_plain_phrase_stands_exactly_where_its_words_stand_in_a_row(sentences: list[list[str]], phrase: list[str]) -> None:
    index = PhraseIndex([tokenize(" ".join(words)) for words in sentences])
    expected = [
        (number, at)
        for number, words in enumerate(sentences)
        for at in range(len(words) - len(phrase) + 1)
        if words[at : at + len(phrase)] == phrase
    ]
    assert [(m.sentence, m.first) for m in index.find(" ".join(phrase))] == expected


@given(st.text(max_size=200))
def test_any_text_can_be_tokenised(text: str) -> None:
    tokens = tokenize(text)
    assert len(tokens.words) == len(tokens.code) == len(tokens.quoted)
    assert all(tokens.words)


@pytest.mark.parametrize(
    ("word", "folded"), [("queries", "query"), ("metrics", "metric"), ("boxes", "box"), ("status", "status"), ("is", "is"), ("APIs", "api")]
)
def test_a_plural_is_read_as_its_singular(word: str, folded: str) -> None:
    assert fold(word) == folded


def test_joined_phrases_stand_in_one_sentence_and_are_found_at_the_first() -> None:
    index = PhraseIndex([tokenize("The latency is logged."), tokenize("The error is logged with its reason."), tokenize("A reason.")])
    assert [(m.sentence, m.first) for m in index.find("error .. logged & reason")] == [(1, 1)]


@pytest.mark.parametrize("phrase", ["& reason", "error &", "error .. & reason"])
def test_a_phrase_that_joins_nothing_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="joins nothing"):
        parse_phrase(phrase)
