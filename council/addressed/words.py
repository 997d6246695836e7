"""From a passage to words with roles: plain lower-case text, its sentences, and what each word can be."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

from council.addressed import lexicon
from council.proposal.hidden import reveal

LONGEST = 600


class Role:
    """What a word can be in a sentence that speaks to a reviewer: bits of an int, which are added by the thousand."""

    REVIEWER = 1
    SEAT = 2
    MACHINE = 4
    YOU = 8
    OVERRIDE = 16
    INSTRUCTION = 32
    VOTE = 64
    APPROVE = 128
    SCORE = 256
    FINDING = 512
    HARM = 1024
    TOOL = 2048
    TOKEN = 4096  # APPROVE, REJECT or MODIFY in capitals
    FOREIGN = 8192  # some role in another language
    REVIEWING = 16384
    AUTHORITY = 32768


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
    roles: int
    languages: Mapping[str, set[str]] = field(default_factory=dict)


_TOKEN = re.compile(r"(?<![A-Za-z0-9_])(APPROVED?|REJECT(?:ED)?|MODIFY|LGTM|ABSTAIN)(?![A-Za-z0-9_])")
_EMPHASIS = re.compile(
    r"\*+|~~|_(?<!\w_)|_(?!\w)|(?<=\w)<!--[^<>\n]{0,200}-->(?=\w)|</?(?:b|i|u|em|strong|span|sub|sup|mark|small|big|font|s|a|p|div|br)\b[^<>\n]{0,300}>|<!--|-->"
)
_SPACED = re.compile(r"[ .·•/|-](?<=\w.)(?<!\w\w.)\w(?!\w)(?:[ .·•/|-]\w(?!\w)){2,}")
_SEPARATOR = re.compile(r"[ .·•/|-]")
_LEET = re.compile(r"[a-z01345789@$]++")
_LEET_HINT = re.compile(r"[a-z][01345789@$]|[01345789@$][a-z]")
_LEET_LETTERS = str.maketrans("01345789@$", "oieastbgas")
_WORD = re.compile(r"[^\W_]+")
_BREAK = re.compile(r"(?<=[.!?;。！？；])[\"'”’)\]`»]*\s+(?=\S)|\n[ \t>]*\n|\n[ \t>]*(?=[-+•|] ?|\d+[.)] |#)|(?<=[。！？；])")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def plain(text: str) -> str:
    """Lower case without disguises, accents and emphasis; votes in capitals marked with §. Keeps the line breaks."""
    shown = reveal(text)
    if not shown.isascii():
        # Accents go; composing again restores Hangul and kana.
        shown = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", shown.translate(_QUOTES))))
    shown = _SPACED.sub(lambda m: _SEPARATOR.sub("", m[0]), _EMPHASIS.sub("", shown))
    low = _TOKEN.sub(r"§\1", shown).lower()
    parts = (part for part in set(low.split()) if not part.isalpha() and _LEET_HINT.search(part))
    suspects = {word for part in parts for word in _LEET.findall(part) if len(word) > 3 and not word.isalpha()}
    if meant := {word: read for word in suspects if _is_disguised(read := word.translate(_LEET_LETTERS))}:
        low = _LEET.sub(lambda m: meant.get(m[0], m[0]), low)
    return low


_QUOTES = {ord(c): '"' for c in "“”„«»‟"} | {ord(c): "'" for c in "‘’‛"} | {0x1E9E: "ss", 0xDF: "ss", 0x142: "l", 0x131: "i"}


def _is_disguised(word: str) -> bool:
    return word in lexicon.BESIDE or bool(kinds_of(word)[0] & _DISGUISED)


_DISGUISED = Role.REVIEWER | Role.OVERRIDE | Role.INSTRUCTION | Role.APPROVE | Role.VOTE


def turned(text: str) -> Iterator[tuple[int, str]]:
    """Line and meaning of lines written backwards or shifted by thirteen letters, where they speak of a review."""
    low = text.lower()
    for hints, turn in ((_BACKWARDS, lambda line: line[::-1]), (_SHIFTED, lambda line: codecs.decode(line, "rot13"))):
        if any(hint in low for hint in hints):
            for number, line in enumerate(text.split("\n"), 1):
                if sum(hint in line.lower() for hint in hints) > 1:
                    yield number, turn(line)


_TELLING = ("approve", "reject", "vote", "ignore", "disregard", "review", "instruction", "prompt", "guidance", "council", "assistant")
_BACKWARDS = tuple(word[::-1] for word in _TELLING)
_SHIFTED = tuple(codecs.encode(word, "rot13") for word in _TELLING)


def sayings(low: str) -> Iterator[Saying]:
    """The sentences of a plain text that hold a word with a role."""
    if "§" not in low and not any(map(_has_role, set(_WORD.findall(low)))) and not _UNSPACED.search(low):
        return
    start = 0
    for end in (*(m.end() for m in _BREAK.finditer(low)), len(low)):
        for begin in range(start, end, LONGEST):
            # Long sentences are cut with an overlap, so that what is looked for is whole in one of the parts.
            part = low[begin : min(end, begin + LONGEST + 120)]
            roles, languages = roles_of(part)
            if roles:
                yield Saying(begin, part, roles, languages)
        start = end


@lru_cache(maxsize=20_000)
def _has_role(word: str) -> bool:
    role, others = kinds_of(word)
    return bool(role or others)


def roles_of(text: str) -> tuple[int, dict[str, set[str]]]:
    """The roles of all words of a plain text together; those in other languages by language."""
    roles = Role.TOKEN if "§" in text else 0
    languages: dict[str, set[str]] = {}
    others = frozenset().union(*[kinds[1] for kinds in map(kinds_of, set(_WORD.findall(text))) if (roles := roles | kinds[0]) or kinds[1]])
    if not text.isascii() and _UNSPACED.search(text):
        others = others.union(_substrings(text))
    for language, role in others:
        languages.setdefault(language, set()).add(role)
    return (roles | Role.FOREIGN if any("native" in found for found in languages.values()) else roles), languages


def _substrings(text: str) -> Iterator[tuple[str, str]]:
    for language, table in lexicon.UNSPACED.items():
        for role, words in table.items():
            if any(word in text for word in words.split()):
                yield language, role
                yield language, "native"
        if _MACHINE.search(text):
            yield language, "machine"


_MACHINE = re.compile(r"\b(?:ai|llm|gpt)")
Kinds = tuple[int, frozenset[tuple[str, str]]]


@lru_cache(maxsize=20_000)
def kinds_of(word: str) -> Kinds:
    """What a word can be: in English, and (language, role) in others, "native" where it is no English word as well."""
    exact, stems = _tables()
    found = [exact[word]] if word in exact else []
    found += [stems[word[:n]] for n in range(2, min(len(word), 14) + 1) if word[:n] in stems]
    role = 0
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
            _enter(tables, word, (getattr(Role, role.upper()), nothing))
    for language, table in lexicon.OTHER_LANGUAGES.items():
        for role, words in (*table.items(), *lexicon.SHARED.items()):
            for word in words.split():
                _enter(tables, _entry(word), (0, frozenset({(language, role)})))
    return tables


def _enter(tables: tuple[dict[str, Kinds], dict[str, Kinds]], word: str, kinds: Kinds) -> None:
    table, key = (tables[1], word[:-1]) if word.endswith("*") else (tables[0], word)
    role, others = table.get(key, (0, frozenset()))
    table[key] = (role | kinds[0], others | kinds[1])


def _entry(word: str) -> str:
    """An entry of the lexicon as `plain` writes words."""
    return plain(word.rstrip("*")) + "*" * word.endswith("*")
