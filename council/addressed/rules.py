"""Rules for English sentences that speak to a reviewer: patterns are data in `patterns/*.toml`, checks are code here.

A rule in the data:

    what      what the sentence does to the reader, in words for people
    strong    whether it bars alone (the default); two weak ones of different kinds bar together
    needs     roles of words (`council.addressed.words.Role`) without which the pattern is not tried; `a|b` either
    pattern   on plain text; `«name»` stands for a piece of pieces.toml, `«gap 5»` for up to five words in between;
              lines are joined without a space
    checks    what else has to hold, by the names in `CHECKS`
    also      a second pattern that stands somewhere in the sentence
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Any

from council.addressed import grammar
from council.addressed.grammar import gap, is_conditional, is_order
from council.addressed.words import Role, Saying

FILES = ("instructions", "votes", "findings", "readers", "rewards", "claims")
MOST_TRIES = 20
FORGED = "forges votes of the council"
IGNORE = "tells the reader to ignore instructions"


@dataclass(frozen=True, slots=True)
class Signal:
    """Something in a sentence that speaks to a reviewer.

    Attributes:
        what: what it does, for people.
        strong: whether it bars alone; two weak ones of different kinds bar together.
        start, end: offsets in the sentence.
    """

    what: str
    strong: bool
    start: int
    end: int


@dataclass(frozen=True)
class Rule:
    """One rule; its pattern is compiled when a sentence first has the words it needs."""

    what: str
    strong: bool
    needs: tuple[int, ...]
    source: str
    checks: tuple[Callable[[str, re.Match[str], bool], bool], ...]
    also: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What is looked for."""
        return re.compile(self.source)

    def holds(self, text: str, match: re.Match[str], addressed: bool) -> bool:
        """Whether what else is asked holds of a match."""
        return all(check(text, match, addressed) for check in self.checks) and (not self.also or re.search(self.also, text) is not None)


def signals(saying: Saying, addressed: bool) -> Iterator[Signal]:
    """What a sentence does to a reviewer.

    Args:
        saying: the sentence.
        addressed: whether a reviewer or model is already spoken to (a heading, a salutation).
    """
    for rule in _rules_for(saying.roles, addressed):
        # A match that does not hold may hide one that begins later in it.
        match, tries = rule.pattern.search(saying.text), 1
        while match and tries < MOST_TRIES and not rule.holds(saying.text, match, addressed):
            match, tries = rule.pattern.search(saying.text, match.start() + 1), tries + 1
        if match and tries < MOST_TRIES:
            yield Signal(rule.what, rule.strong, *match.span())


@lru_cache(maxsize=4096)
def _rules_for(roles: int, addressed: bool) -> tuple[Rule, ...]:
    """The rules whose words a sentence has."""
    return tuple(rule for rule in all_rules() if all(roles & need for need in rule.needs) and (addressed or _addressed not in rule.checks))


@cache
def all_rules() -> tuple[Rule, ...]:
    """The rules of all files, in order."""
    pieces = {"addressee": grammar.ADDRESSEE, "machine": grammar.MACHINE, "model": grammar.MODEL, "reviewer": grammar.REVIEWER}
    pieces |= {"document": grammar.DOCUMENT, "token": grammar.TOKEN}
    for name, piece in _read("pieces").items():
        pieces[name] = _filled(piece, pieces)
    return tuple(_rule(table, pieces) for name in FILES for table in _read(name)["rules"])


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("council.addressed") / "patterns" / f"{name}.toml").read_text(encoding="utf-8"))


def _rule(table: Mapping[str, Any], pieces: Mapping[str, str]) -> Rule:
    needs = tuple(_bits(need) for need in table.get("needs", ()))
    checks = tuple(CHECKS[name] for name in table.get("checks", ()))
    also = _filled(table.get("also", ""), pieces)
    return Rule(table["what"], table.get("strong", True), needs, _filled(table["pattern"], pieces), checks, also)


def _bits(need: str) -> int:
    bits = 0
    for role in need.split("|"):
        bits |= int(getattr(Role, role.upper()))
    return bits


def _filled(pattern: str, pieces: Mapping[str, str]) -> str:
    """A pattern with its lines joined and its pieces put in."""
    joined = "".join(pattern.split("\n"))
    return re.sub("«([a-z_]+)(?: (\\d+))?»", lambda m: gap(int(m[2])) if m[1] == "gap" else pieces[m[1]], joined)


# ------------------------------------------------------------------ what else has to hold

_OTHER_VOTE = re.compile(
    r"""[\s"'`*,)]*(?:or|and|/|\||,|vs\.?|, or)[\s"'`*(]*§?"""
    r"(approve|reject|modify|abstain|deny|block|hold|wait|pass|revise|fail|needs|comment|request|not )"
)
_VOTE_BEFORE = re.compile(r"""§?\b(approve|reject|modify|abstain|deny|block)\w*[\s"'`*,/|]+(?:or |and )?["'`]*$""")
_WHEN_READ = re.compile(
    rf"\b(?:when|once|if|as soon as|after|before) (?:the |an? |any |your |each |every )?(?:\w+ )?{grammar.ADDRESSEE} (?:\w+ )?"
    r"(?:reads?|sees?|reviews?|encounters?|process\w*|evaluates?|reach\w*|parses?|votes?|answers?)\b"
)
# "… instructions that come with the user's message": what a careful design says, not an attack.
_OF_SOME_INPUT = re.compile(
    r"[^.]{0,40}\b(?:in|from|within|inside|embedded|contained|found|given|sent|supplied|that appear|appearing)\b[^.]{0,25}"
    r"\b(?:documents?|inputs?|tickets?|users?|messages?|payloads?|pages?|contents?|data|emails?|comments?|untrusted|tools?|outputs?|attachments?|issues?|replies"
    r"|repositor\w+|fields?|it|them)\b"
)
_OWN = re.compile(r"\byour\b|system|prior|previous|earlier|above|preceding|original|initial")
_TO_REVIEWER = re.compile(rf"§|\b(?:your|reviewers?|seats?|council|judges?|graders?|{grammar.MACHINE})\b")
_PROCEDURE = re.compile(r"\b(?:must|should|shall|may|can|to|will|who|members?)\s*$")
_WHOLE = re.compile(
    rf"\s*(?:[.!,;\"')]|$|(?:of )?(?:this|it|the {grammar.DOCUMENT})\b|on (?:this|every|all)|in (?:this|every|all)|with\b"
    r"|for (?:this|it)\b|regardless|unconditional)"
)


def _order(text: str, match: re.Match[str], addressed: bool) -> bool:
    """The match is an order, or says what an addressee must do."""
    return is_order(text, match.start(), addressed)


def _unconditional(text: str, _match: re.Match[str], _addressed: bool) -> bool:
    """The sentence names no condition of the subject matter."""
    return not is_conditional(_WHEN_READ.sub("", text))


def _one_vote(text: str, match: re.Match[str], _addressed: bool) -> bool:
    """The vote is not one of a list of possible ones."""
    at = match.start() + match[0].rfind("§") if "§" in match[0] else match.end()
    vote = text[at : match.end()].strip("§")[:5]
    after, before = _OTHER_VOTE.match(text, match.end()), _VOTE_BEFORE.search(text[max(0, at - 40) : at])
    return not ((after and after[1][:5] != vote) or (before and before[1][:5] != vote))


def _own_instructions(text: str, match: re.Match[str], _addressed: bool) -> bool:
    """It is about what the reviewer was told, not about what some input says."""
    return bool(_OWN.search(match[0])) or not _OF_SOME_INPUT.match(text, match.end())


def _to_a_reviewer(text: str, _match: re.Match[str], addressed: bool) -> bool:
    """A reviewer, a model or a vote is named, or spoken to before."""
    return addressed or bool(_TO_REVIEWER.search(text))


def _addressed(_text: str, _match: re.Match[str], addressed: bool) -> bool:
    """A reviewer or a model is spoken to before."""
    return addressed


def _no_procedure(text: str, match: re.Match[str], _addressed: bool) -> bool:
    """It is no rule of how some committee decides about other things."""
    return not _PROCEDURE.search(text[: match.start()]) or bool(_WHOLE.match(text, match.end()))


CHECKS: Mapping[str, Callable[[str, re.Match[str], bool], bool]] = {
    "order": _order,
    "unconditional": _unconditional,
    "one vote": _one_vote,
    "own instructions": _own_instructions,
    "to a reviewer": _to_a_reviewer,
    "addressed": _addressed,
    "no procedure": _no_procedure,
}
