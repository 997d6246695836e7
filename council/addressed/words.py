"""From a passage to words with roles: plain lower-case text, its sentences, and what each word can be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntFlag, auto
from functools import cache, lru_cache

from council.addressed import lexicon
from council.proposal.hidden import reveal

LONGEST = 600


class Role(IntFlag):
    """What a word can be in a sentence that speaks to a reviewer."""

    REVIEWER = auto()
    SEAT = auto()
    MACHINE = auto()
    YOU = auto()
    OVERRIDE = auto()
    INSTRUCTION = auto()
    VOTE = auto()
    APPROVE = auto()
    SCORE = auto()
    FINDING = auto()
    HARM = auto()
    TOOL = auto()
    TOKEN = auto()  # APPROVE, REJECT or MODIFY in capitals
    FOREIGN = auto()  # some role in another language


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence or so of a passage.

    Attributes:
        start: offset in the passage's plain text.
        text: lower case, without accents or emphasis; a vote in capitals is marked, `§approve`.
        roles: what its words can be.
        languages: roles found in other languages, by language.
    """

    start: int
    text: str
    roles: Role
    languages: Mapping[str, frozenset[str]] = field(default_factory=dict)


_TOKEN = re.compile(r"\b(APPROVED?|REJECT(?:ED)?|MODIFY|LGTM|ABSTAIN)\b")
_EMPHASIS = re.compile(r"\*+|~~|(?<!\w)_+|_+(?!\w)|</?(?:b|i|u|em|strong|span|sub|sup|mark|small|big|font|s|a|p|div|br)\b[^<>\n]{0,300}>|<!--|-->")
_SPACED = re.compile(r"(?<!\w)(?:\w[ .·•/|-]){3,}\w(?!\w)")
_LEET = re.compile(r"[a-z@$]*[0134578@$][a-z0134578@$]{2,}|[a-z@$]{3,}[0134578@$]+")
_LEET_LETTERS = str.maketrans("0134578@$", "oieastbas")
_WORD = re.compile(r"[^\W_]+")
_BREAK = re.compile(r"(?<=[.!?;。！？；])[\"'”’)\]`»]*\s+(?=\S)|\n[ \t>]*\n|\n[ \t>]*(?=[-+•|] ?|\d+[.)] |#)|(?<=[。！？；])")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def plain(text: str) -> str:
    """Lower case without disguises, accents and emphasis; votes in capitals marked with §. Keeps the line breaks."""
    shown = reveal(text)
    if not shown.isascii():
        shown = shown.translate(_QUOTES)
        decomposed = unicodedata.normalize("NFKD", shown)
        shown = "".join(c for c in decomposed if not 0x300 <= ord(c) < 0x370)
        if _UNSPACED.search(shown):
            shown = unicodedata.normalize("NFKC", shown)
    shown = _EMPHASIS.sub("", shown)
    if _SPACED.search(shown):
        shown = _SPACED.sub(lambda m: re.sub(r"[ .·•/|-]", "", m[0]), shown)
    low = _TOKEN.sub(lambda m: "§" + m[0], shown).lower()
    return _LEET.sub(_unleet, low)


_QUOTES = {ord(c): '"' for c in "“”„«»‟"} | {ord(c): "'" for c in "‘’‛"} | {0x1E9E: "ss", 0xDF: "ss", 0x142: "l", 0x131: "i"}


def _unleet(match: re.Match[str]) -> str:
    word = match[0].translate(_LEET_LETTERS)
    return word if len(word) > 3 and kinds_of(word)[0] & _DISGUISED else match[0]


_DISGUISED = Role.REVIEWER | Role.OVERRIDE | Role.INSTRUCTION | Role.APPROVE | Role.VOTE


def sayings(low: str) -> Iterator[Saying]:
    """The sentences of a plain text that hold a word with a role."""
    start = 0
    for end in (*(m.end() for m in _BREAK.finditer(low)), len(low)):
        for begin in range(start, end, LONGEST):
            # Long sentences are cut with an overlap, so that what is looked for is whole in one of the parts.
            part = low[begin : min(end, begin + LONGEST + 120)]
            roles, languages = roles_of(part)
            if roles:
                yield Saying(begin, part, roles, languages)
        start = end


def roles_of(text: str) -> tuple[Role, dict[str, frozenset[str]]]:
    """The roles of all words of a plain text together; those in other languages by language."""
    roles = Role(0)
    languages: dict[str, set[str]] = {}
    for word in set(_WORD.findall(text)):
        kinds = kinds_of(word)
        roles |= kinds[0]
        for language, role in kinds[1]:
            languages.setdefault(language, set()).add(role)
    if not text.isascii() and _UNSPACED.search(text):
        for language, role in _substrings(text):
            languages.setdefault(language, set()).add(role)
    if "§" in text:
        roles |= Role.TOKEN
    found = {language: frozenset(kinds) for language, kinds in languages.items()}
    return (roles | Role.FOREIGN if found else roles), found


def _substrings(text: str) -> Iterator[tuple[str, str]]:
    for language, table in lexicon.UNSPACED.items():
        for role, words in table.items():
            if any(word in text for word in words.split()):
                yield language, role
                yield language, "native"
        if _MACHINE.search(text):
            yield language, "machine"


_MACHINE = re.compile(r"\b(?:ai|llm|gpt)")
Kinds = tuple[Role, frozenset[tuple[str, str]]]


@lru_cache(maxsize=20_000)
def kinds_of(word: str) -> Kinds:
    """What a word can be: in English, and (language, role) in others, "native" where it is no English word as well."""
    exact, stems = _tables()
    found = [exact[word]] if word in exact else []
    found += [stems[word[:n]] for n in range(2, min(len(word), 14) + 1) if word[:n] in stems]
    role = Role(0)
    others: set[tuple[str, str]] = set()
    for english, other in found:
        role |= english
        others |= other
    if not role:
        others |= {(language, "native") for language, _ in others}
    return role, frozenset(others)


@cache
def _tables() -> tuple[dict[str, Kinds], dict[str, Kinds]]:
    """The lexicon, by whole words and by stems."""
    tables: tuple[dict[str, Kinds], dict[str, Kinds]] = ({}, {})
    nothing: frozenset[tuple[str, str]] = frozenset()
    for role, words in lexicon.ROLES.items():
        for word in words.split():
            _enter(tables, word, (Role[role.upper()], nothing))
    for language, table in lexicon.OTHER_LANGUAGES.items():
        for role, words in (*table.items(), *lexicon.SHARED.items()):
            for word in words.split():
                _enter(tables, _entry(word), (Role(0), frozenset({(language, role)})))
    return tables


def _enter(tables: tuple[dict[str, Kinds], dict[str, Kinds]], word: str, kinds: Kinds) -> None:
    table, key = (tables[1], word[:-1]) if word.endswith("*") else (tables[0], word)
    role, others = table.get(key, (Role(0), frozenset()))
    table[key] = (role | kinds[0], others | kinds[1])


def _entry(word: str) -> str:
    """An entry of the lexicon as `plain` writes words."""
    return plain(word.rstrip("*")) + "*" * word.endswith("*")
