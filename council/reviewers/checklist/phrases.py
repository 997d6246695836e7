"""The phrase language of the evidence rules, and an index that finds phrases in a proposal.

A phrase is words in order. A word matches itself and its plural; `measur*` any word that begins so; `a|b` either, and
`at_most|under` a choice of several words; `..` up to `GAP` words between; `x & y` both phrases in one sentence, found at the first;
`{number}`, `{percent}`, `{duration}`, `{size}`, `{code}` a figure (with its unit) or a name in code.
Hyphens, underscores, camel case and letter case do not matter: `request id` finds `request-id`, `request_id` and
`requestId`. The index is built once for a proposal; a phrase is looked up from its rarest word, so that the work
is linear in the length of the text whatever the number of phrases.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod

GAP = 5
MOST_SPELLINGS = 64  # phrases that the choices of several words in one phrase may make
LONG_NAME = 24  # words of a name in code beyond which it counts as more than one
JOIN = " & "

_TOKEN = re.compile(r"`|[A-Za-zµ][A-Za-z0-9]*(?:['’][a-z]+)?|\d[\d,.]*\d|\d|[%;:,.?!()\"“”—]")
_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s)>\]`]+")
_CAMEL = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])[0-9]*|[A-Zµ]?[a-z]+[0-9]*(?:['’][a-z]+)?|[A-Z][0-9]+|[A-Z]")
_MEASURED = frozenset({"percent", "duration", "size"})  # figures that a unit follows
_ENTITIES = _MEASURED | {"number", "code"}
_TIME_UNITS = frozenset("ns us µs ms s sec second minute min hour h day week month year".split())
_SIZE_UNITS = frozenset("b kb mb gb tb kib mib gib tib byte core cpu rps qps iops vcpu bit word row request item object pod node x".split())
_PLURAL_KEEP = frozenset(
    "is was has does this thus less across always status access process address bias canvas os dns tls https cors pass miss loss".split()
)


def fold(word: str) -> str:
    """A word as it is compared: lower case, plural taken off."""
    word = word.lower().replace("’", "'")
    if word == "apis":
        return "api"
    if len(word) < 3 or word in _PLURAL_KEEP or not word.endswith("s") or word.endswith(("ss", "us", "is", "'s")):
        return word[:-2] if word.endswith("'s") else word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zes")):
        return word[:-2]
    return word[:-1]


@dataclass(frozen=True, slots=True)
class Element:
    """One place of a phrase: the words, prefixes and entities that may stand there."""

    words: frozenset[str]
    prefixes: tuple[str, ...]
    entities: frozenset[str]
    gap_before: int


Phrase = tuple[Element, ...]


@lru_cache(maxsize=8192)
def parse_phrase(source: str) -> tuple[Phrase, ...]:
    """Parse a phrase of the evidence rules: one, or one for every choice of several words.

    Raises:
        ValueError: it is empty, ends in a gap, has an empty choice or too many, or names an unknown entity.
    """
    places = [_spellings(part, source) for part in source.split()]
    if prod(map(len, places)) > MOST_SPELLINGS:
        raise ValueError(f"phrase {source!r} can be spelt in more than {MOST_SPELLINGS} ways; write it as several phrases")
    return tuple(_parse(spelling, source) for spelling in product(*places))


def _spellings(part: str, source: str) -> list[tuple[str, ...]]:
    """`at_most|under|below` is `at most`, or `under|below`."""
    choices = part.split("|")
    if not all(word for choice in choices for word in choice.split("_")):
        raise ValueError(f"phrase {source!r} has an empty alternative")
    several = [choice for choice in choices if "_" in choice]
    if len(choices) == 1 or not several:
        return [(part,)]
    single = [choice for choice in choices if "_" not in choice]
    return [("|".join(single),)] * bool(single) + [tuple(choice.split("_")) for choice in several]


def _parse(spelling: Sequence[tuple[str, ...]], source: str) -> Phrase:
    elements: list[Element] = []
    gap = 0
    parts = [part for parts in spelling for part in parts]
    for part in parts:
        if part == "..":
            gap = GAP
            continue
        if part == JOIN.strip():
            if gap or not elements or parts[-1] == part:
                raise ValueError(f"phrase {source!r} joins nothing")
            continue
        for choice_words in _alternatives(part):
            unit = int(bool(elements) and not elements[-1].entities.isdisjoint(_MEASURED))  # it stands between
            elements.append(_element(choice_words, gap + unit, source))
            gap = 0
    if not elements:
        raise ValueError(f"phrase {source!r} holds no word")
    if gap:
        raise ValueError(f"phrase {source!r} ends in a gap")
    return tuple(elements)


def _alternatives(part: str) -> list[list[str]]:
    """`a|b` is one place with two choices; `high-cardinality` is two places."""
    choices = part.split("|")
    if len(choices) == 1 and not part.startswith("{"):
        return [[word] for word in re.split(r"[-_/]", part) if word]
    return [choices]


def _element(choices: Sequence[str], gap: int, source: str) -> Element:
    words: set[str] = set()
    prefixes: list[str] = []
    entities: set[str] = set()
    for choice in choices:
        if choice.startswith("{"):
            name = choice.strip("{}")
            if name not in _ENTITIES:
                raise ValueError(f"phrase {source!r} names the unknown entity {choice}; known: {', '.join(sorted(_ENTITIES))}")
            entities.add(name)
        elif choice.endswith("*"):
            prefixes.append(choice[:-1].lower())
        else:
            words.add(fold(choice))
    return Element(frozenset(words), tuple(prefixes), frozenset(entities), gap)


@dataclass(frozen=True, slots=True, eq=False)  # told apart as objects: what is cached for one is found without reading it all
class Tokens:
    """The words of one sentence.

    Attributes:
        words: folded words and punctuation, in order.
        code: for each, whether it stands in code.
        quoted: for each, whether it stands between quotation marks.
        names: for each, the number of the written word, without white space, that it is part of.
    """

    words: tuple[str, ...]
    code: tuple[bool, ...]
    quoted: tuple[bool, ...]
    names: tuple[int, ...] = ()


def tokenize(plain: str) -> Tokens:
    """Split a sentence's plain text into folded words; camel case and joined words come apart, addresses are left out."""
    words: list[str] = []
    code: list[bool] = []
    quoted: list[bool] = []
    spans: list[int] = []
    in_code = in_quote = False
    number, end = 0, -1
    plain = _ADDRESS.sub(" ", plain)
    for match in _TOKEN.finditer(plain):
        text = match.group()
        if text == "`":
            in_code = not in_code
            continue
        if end < 0 or any(character.isspace() for character in plain[end : match.start()]):
            number += 1
        end = match.end()
        if text in '"“”':
            in_quote = text == "“" or (text == '"' and not in_quote)
            continue
        for part in _parts(text):
            words.append(fold(part))
            code.append(in_code)
            quoted.append(in_quote)
            spans.append(number)
    return Tokens(tuple(words), tuple(code), tuple(quoted), tuple(spans))


def _parts(text: str) -> list[str]:
    """`requestId` is two words; `mTLS`, `OAuth2` and `IDs` are one."""
    if text[0].isdigit() or text.islower() or text[1:].islower():
        return [text]
    parts = _CAMEL.findall(text)
    return parts if parts and all(len(part) > 1 for part in parts) else [text]


def entities_at(tokens: Tokens, position: int) -> Iterator[str]:
    """The entities that begin at a token: figures by their unit, names by standing in code."""
    word = tokens.words[position]
    if word[0].isdigit():
        yield "number"
        following = tokens.words[position + 1] if position + 1 < len(tokens.words) else ""
        if following in ("%", "percent"):
            yield "percent"
        elif following in _TIME_UNITS:
            yield "duration"
        elif following in _SIZE_UNITS:
            yield "size"
    elif tokens.code[position] and word.isalpha():
        yield "code"


def _measured_at(tokens: Tokens, position: int) -> frozenset[str]:
    """The entities at a token whose unit is the next one."""
    return _MEASURED.intersection(entities_at(tokens, position)) if tokens.words[position][0].isdigit() else frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """Where a phrase stands: sentence number, first and last token."""

    sentence: int
    first: int
    last: int


class PhraseIndex:
    """Where every word of a proposal stands, for looking up phrases."""

    def __init__(self, sentences: Iterable[Tokens]) -> None:
        self.sentences = tuple(sentences)
        postings: dict[str, list[tuple[int, int]]] = {}
        for number, tokens in enumerate(self.sentences):
            for position, word in enumerate(tokens.words):
                postings.setdefault(word, []).append((number, position))
                if word[0].isdigit() or tokens.code[position]:
                    for entity in entities_at(tokens, position):
                        postings.setdefault("{" + entity + "}", []).append((number, position))
        self._postings = postings
        self._vocabulary = sorted(postings)
        self._resolved: dict[Element, tuple[frozenset[str], int]] = {}
        self._found: dict[str, tuple[Match, ...]] = {}

    def find(self, phrase: str) -> tuple[Match, ...]:
        """Every place where a phrase stands, in order of the text."""
        found = self._found.get(phrase)
        if found is None:
            found = self._found[phrase] = self._joined(phrase) if JOIN in phrase else self._any_of(parse_phrase(phrase))
        return found

    def _any_of(self, phrases: tuple[Phrase, ...]) -> tuple[Match, ...]:
        if len(phrases) == 1:
            return tuple(self._search(phrases[0]))
        found = {match for phrase in phrases for match in self._search(phrase)}
        return tuple(sorted(found, key=lambda match: (match.sentence, match.first, match.last)))

    def _joined(self, phrase: str) -> tuple[Match, ...]:
        """The places of the first phrase in the sentences in which all the others stand."""
        first, *others = phrase.split(JOIN)
        places = self.find(first)
        for other in others:
            if not places:
                break
            sentences = {match.sentence for match in self.find(other)}
            places = tuple(match for match in places if match.sentence in sentences)
        return places

    def _resolve(self, element: Element) -> tuple[frozenset[str], int]:
        """The words of this proposal that an element stands for, and how often they occur."""
        resolved = self._resolved.get(element)
        if resolved is None:
            words = {word for word in element.words if word in self._postings}
            words.update("{" + entity + "}" for entity in element.entities if "{" + entity + "}" in self._postings)
            for prefix in element.prefixes:
                start = bisect_left(self._vocabulary, prefix)
                while start < len(self._vocabulary) and self._vocabulary[start].startswith(prefix):
                    words.add(self._vocabulary[start])
                    start += 1
            resolved = frozenset(words), sum(len(self._postings[word]) for word in words)
            self._resolved[element] = resolved
        return resolved

    def _search(self, phrase: Phrase) -> Iterator[Match]:
        resolved = [self._resolve(element) for element in phrase]
        if not all(count for _, count in resolved):
            return
        rarest = min(range(len(phrase)), key=lambda n: resolved[n][1])
        seen: set[Match] = set()
        for number, position in sorted(place for word in resolved[rarest][0] for place in self._postings[word]):
            first = self._walk(phrase, resolved, number, position, rarest, -1)
            last = None if first is None else self._walk(phrase, resolved, number, position, rarest, +1)
            if first is not None and last is not None:
                match = Match(number, first, last)
                if match not in seen and not self._inside_a_name(phrase, match):
                    seen.add(match)
                    yield match

    def _inside_a_name(self, phrase: Phrase, match: Match) -> bool:
        """Whether a phrase of words stands within one name in code: `cacheKeyForTree` is no cache key."""
        tokens = self.sentences[match.sentence]
        if not all(tokens.code[match.first : match.last + 1]) or phrase[0].entities:
            return False
        name = tokens.names[match.first]
        if tokens.names[match.last] != name:
            return False
        before = match.first > 0 and tokens.names[match.first - 1] == name
        after = match.last + 1 < len(tokens.names) and tokens.names[match.last + 1] == name
        return before or after

    def _walk(
        self, phrase: Phrase, resolved: Sequence[tuple[frozenset[str], int]], number: int, position: int, start: int, step: int
    ) -> int | None:
        """Follow a phrase forwards or backwards from one of its words; the last token reached, or None."""
        tokens = self.sentences[number]
        at = start
        while 0 <= at + step < len(phrase):
            gap = phrase[at + 1].gap_before if step > 0 else phrase[at].gap_before
            within_name = gap > 0 or bool(phrase[at + min(step, 0)].entities)
            at += step
            found = self._next(resolved[at][0], tokens, position, step, gap, within_name)
            if found is None:
                return None
            position = found
        unit = step > 0 and not phrase[at].entities.isdisjoint(_measured_at(tokens, position))
        return position + 1 if unit else position

    def _next(self, words: frozenset[str], tokens: Tokens, position: int, step: int, gap: int, through_names: bool) -> int | None:
        """The next place of one of the words, within a gap; what is left of a name in code is no further word."""
        passed = 0
        candidate = position + step
        while 0 <= candidate < len(tokens.words):
            before = candidate - step
            same = through_names and tokens.code[candidate] and tokens.code[before] and tokens.names[candidate] == tokens.names[before]
            passed += not same
            if passed > gap + 1 or abs(candidate - position) > gap + LONG_NAME:
                return None
            if self._stands(words, tokens, candidate):
                return candidate
            candidate += step
        return None

    @staticmethod
    def _stands(words: frozenset[str], tokens: Tokens, position: int) -> bool:
        word = tokens.words[position]
        if word in words:
            return True
        return (word[0].isdigit() or tokens.code[position]) and any("{" + e + "}" in words for e in entities_at(tokens, position))
