"""How English says yes, no, later and perhaps: negation, deferral, hedging, condemnation, lists of bare terms.

Everything works on the folded words of one sentence (`Tokens`) or on a small window of it, so that reading a
proposal is linear in its length. What is a matter of vocabulary is data, in vocabulary.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise, takewhile
from typing import Any

from council.reviewers.checklist.phrases import Tokens
from council.safe_yaml import load_yaml

CLAUSE = 40  # words beyond which a modal belongs to another clause
RULED = frozenset(("mustn't", "shouldn't", "needn't"))
REFUSAL = 3  # words within which a negation stands beside what it refuses
_PUNCTUATION = frozenset("; : . ? ! ( ) —".split())
_ENDS = _PUNCTUATION | {","}


@dataclass(frozen=True)
class Vocabulary:
    """What of English is a matter of words; the file says what each is for."""

    negators: frozenset[str]
    absorbers: frozenset[str]
    harms: frozenset[str]
    burdens: frozenset[str]
    auxiliaries: frozenset[str]
    negative_states: frozenset[str]
    boundaries: frozenset[str]
    conditions: frozenset[str]
    limits: frozenset[str]
    supposed: frozenset[str]
    prohibits: frozenset[str]
    list_breakers: frozenset[str]
    leans_back: frozenset[str]
    stop_words: frozenset[str]
    deferred: tuple[str, ...]
    hedged: tuple[str, ...]
    condemned: tuple[str, ...]
    endorsed: tuple[str, ...]
    of_today: tuple[str, ...]
    points_away: tuple[str, ...]
    praises_itself: tuple[str, ...]
    introduces: tuple[str, ...]
    remedies: tuple[str, ...]
    alternatives: tuple[str, ...]
    present_state: tuple[str, ...]
    administrative: tuple[str, ...]
    opening: tuple[str, ...]
    scenes: tuple[str, ...]
    trials: tuple[str, ...]
    kinds: Mapping[str, tuple[str, ...]]
    declares: Mapping[str, tuple[str, ...]]


def _load() -> Vocabulary:
    """The vocabulary that ships beside this file; a block of text holds words, a list phrases."""
    source = files(__package__).joinpath("vocabulary.yaml")
    data: dict[str, Any] = load_yaml(source.read_text(encoding="utf-8"), path=source.name)
    ready: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, str):
            ready[key] = frozenset(value.split())
        elif isinstance(value, dict):
            ready[key] = {name: tuple(phrases) for name, phrases in value.items()}
        else:
            ready[key] = tuple(value)
    ready["boundaries"] |= _PUNCTUATION
    ready["list_breakers"] |= ready["auxiliaries"]
    return Vocabulary(**ready)


WORDS = _load()


def is_negator(word: str) -> bool:
    """Whether a word denies what follows."""
    return word in WORDS.negators or word.startswith("lack") or word.endswith("n't")


@lru_cache(maxsize=8192)
def says_no(phrase: str) -> bool:
    """Whether a phrase holds its own negation ("no ssh", "without redeploying")."""
    return any(is_negator(word) for word in re.split(r"[\s|_]+", phrase))


def negated(tokens: Tokens, first: int, last: int) -> bool:
    """Whether what stands at `first` to `last` is denied by the words before, within or after it; a harm denied is no denial."""
    words = tokens.words
    if not WORDS.harms.isdisjoint(words[first : last + 1]):
        return False
    return _within(words, first, last) or _before(words, first, last) or _after(words, last)


def refused(tokens: Tokens, first: int, last: int) -> bool:
    """Whether what stands at `first` to `last` is itself what a negation denies: right beside it, always and under no condition.

    What "must not" be is a rule of the design, and what stands in code is a name.
    """
    words, first_condition = _refusable(tokens)
    if first_condition < first or not WORDS.burdens.isdisjoint(words[first : last + 1]):
        return False
    if supposed(tokens, first, WORDS.supposed) or _limited(words, first, last):
        return False
    near = range(max(0, first - REFUSAL), first)
    said = _within(words, first, last) or any(
        _denies(words, at) and not words[at].startswith("avoid") and "require" not in words[at:first] for at in near
    )
    at_once = last + 1 < len(words) and words[last + 1] in WORDS.auxiliaries
    return said or (at_once and _after(words, last))


def _limited(words: tuple[str, ...], first: int, last: int) -> bool:
    """Whether the clause says that it is so for a time or a case only ("no traces during startup", "while syncing")."""
    after, before = words[last + 1 : last + 2 + CLAUSE], words[max(0, first - CLAUSE) : first]
    clause = (*takewhile(_goes_on, after), *takewhile(_goes_on, reversed(before)))
    return not WORDS.limits.isdisjoint(clause) or any(word == "while" and then.endswith("ing") for word, then in pairwise(after))


def _goes_on(word: str) -> bool:
    return word not in _ENDS


@lru_cache(maxsize=64)
def _refusable(tokens: Tokens) -> tuple[tuple[str, ...], int]:
    """A sentence's words without names in code and without the negation of a rule; and where its first condition stands."""
    before = ("", *tokens.words)
    words = tuple(
        "" if code or word in RULED or (word in ("not", "never") and ahead in WORDS.prohibits) else word
        for word, code, ahead in zip(tokens.words, tokens.code, before, strict=False)
    )
    return words, next((at for at, word in enumerate(words) if word in WORDS.conditions), len(words))


def supposed(tokens: Tokens, first: int, modals: frozenset[str]) -> bool:
    """Whether the clause before a match holds one of the modals, and so is no plan; the month of May is none."""
    for at in range(first - 1, max(-1, first - 1 - CLAUSE), -1):
        word = tokens.words[at]
        if word in WORDS.boundaries or word in (",", "so"):
            return False
        if word in modals and not (word == "may" and at and tokens.words[at - 1] in ("in", "since", "until", "of")):
            return True
    return False


def _denies(words: tuple[str, ...], at: int) -> bool:
    """A negator that is not absorbed by the next word ("no more than", "not only")."""
    return is_negator(words[at]) and not (at + 1 < len(words) and words[at + 1] in WORDS.absorbers)


def _within(words: tuple[str, ...], first: int, last: int) -> bool:
    return any(_denies(words, at) for at in range(first + 1, last))


def _before(words: tuple[str, ...], first: int, last: int) -> bool:
    """Look back through the clause; over a comma only within a list ("no timeouts, retries or breakers")."""
    budget = 7
    segment = 0
    listed = False
    coordinated = any(word in ("and", "or", "nor") for word in words[last + 1 : last + 5])
    for at in range(first - 1, -1, -1):
        word = words[at]
        if word in WORDS.boundaries:
            return False
        if word in (",", "and", "or"):
            coordinated |= word != ","
            if segment > 4 or not coordinated:
                return False
            listed, segment = True, 0
            continue
        if _denies(words, at):
            return True
        if listed and word in WORDS.list_breakers:
            return False
        segment += 1
        budget -= 1
        if budget == 0:
            return False
    return False


def _after(words: tuple[str, ...], last: int) -> bool:
    """Look ahead to the first auxiliary; it decides ("is not used", "are undefined", "is recorded")."""
    for at in range(last + 1, min(last + 9, len(words))):
        word = words[at]
        if word in WORDS.boundaries:
            return False
        if word in WORDS.auxiliaries:
            tail = words[at + 1 : at + 4]
            for offset, following in enumerate(tail):
                if following in WORDS.boundaries or following == ",":
                    return False
                if is_negator(following):
                    return not (offset + 1 < len(tail) and tail[offset + 1] in WORDS.absorbers)
                if following in WORDS.negative_states:
                    return True
            return False
        if is_negator(word) and word not in ("no", "without"):
            return _denies(words, at)
    return False


def is_question(plain: str) -> bool:
    """Whether a sentence only asks."""
    return plain.rstrip(" *_`)\"'").endswith("?")


def content_words(tokens: Tokens) -> int:
    """Words that carry meaning."""
    return sum(1 for word in tokens.words if word[0].isalnum() and word not in WORDS.stop_words)


def is_term_list(tokens: Tokens) -> bool:
    """Whether a sentence is a list of bare terms: at least five, three words each at most, hardly a figure, no name in code."""
    commas = sum(1 for word in tokens.words if word in (",", ";"))
    figures = sum(1 for word in tokens.words if word[0].isdigit())
    if commas < 4 or any(tokens.code) or figures > commas // 8:
        return False
    return len(tokens.words) - commas <= 3.2 * (commas + 1)
