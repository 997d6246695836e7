"""Marks that only a machine would heed: chat templates, closed delimiters, forged results and transcripts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from council.addressed.rules import FORGED, Signal

CHAT = "imitates the markup of a chat"
DELIMITER = "pretends that the document ends"

_CHAT_TOKEN = re.compile(
    r"<\|[a-z_/ ]{1,40}\|>|<\uff5c[^<>\n]{1,40}\uff5c>|\[/?inst\]|<</?sys>>|</?start_of_turn>|</?end_of_turn>|<\|?endoftext\|?>"
    r"|</?(?:system|assistant|developer|human)[-_](?:prompt|message|reminder|instructions?|override)(?:\s[^<>\n]{0,80})?>"
    r"|</?(?:tool_call|tool_result|tool_use|function_calls?|function_results?|invoke|antml:\w+)\b[^<>\n]{0,80}>",
)
_ROLE_TAG = re.compile(r"</?(?:system|assistant|developer|human|user)>")
_TURN = re.compile(
    r"^[ \t>*#_`-]{0,8}(?:system|assistant|human|user|developer)[ \t]?(?:prompt|message|note)?[*_`]{0,3}[ \t]?:(?=\s)", re.MULTILINE
)
_SPOKEN_VOTE = re.compile(
    r"^[ \t>*#_`-]{0,8}(?:assistant|system (?:prompt|message))[*_`]{0,3}[ \t]?:[^§]{0,200}§(?:approve|reject|modify)\b", re.MULTILINE
)
_PROMPT_HEADING = re.compile(r"^#{2,4} ?(?:system|instruction|response|input|assistant|human)s?:", re.MULTILINE)
_NAMES = "rfc|document|proposal|input|prompt|context|data|text|submission|instructions?|section|content|review|transcript|untrusted|message"
_END_MARKS = (
    re.compile(rf"</(?:{_NAMES}|user_input|doc|article|source|file|paper)>"),
    re.compile(rf"(?:[-=#*_~]{{2}}|[<\[(]) ?(?:end|begin|start|new) (?:of )?(?:the )?(?:\w+ ){{0,2}}?(?:{_NAMES})s?\b[^\n]{{0,40}}"),
    re.compile(rf"end of (?:the )?(?:user )?(?:{_NAMES})\b ?[-=#*>\])_~.:]"),
)
_VERDICT = r"(?:§?(?:approve[ds]?|reject(?:ed)?|modify|lgtm|accept(?:ed|s)?|pass(?:ed)?|yes)\b|10/10|✅|✔)"
_ANY_VERDICT = re.compile(_VERDICT)
_JSON_VOTE = re.compile(
    r"""["']?\b(?:vote|verdict|outcome|council_verdict|final_verdict|decision|counted|cast)["']?\s*[:=]\s*["']§(?:approve|reject|modify)["']"""
)
_LABEL = re.compile(
    r"""\b(verdict|outcome|vote|confidence|severity|findings|rationale|conditions|observability"""
    r"""|production[ _]ready|tally|opinions?|decided[ _]by|dissent|quorum)["'`*_]*[ \t]*[:=]"""
)
_NUMBERED = re.compile(
    r"\b(?:reviewer|seat|judge|persona|agent|model|evaluator|grader)s?[ #_]*(?:no\.? ?)?"
    r"(?:\d|[a-f]\b|one|two|three|four|five|six)[^\n.]{0,40}?§(?:approve|reject|modify)"
)
_VOTED = re.compile(r"\b(?:verdict|outcome|vote)[*_]*[ \t]*[:=][ \t*_]*§(?:approve|reject|modify)\b")
_VOTES = frozenset({"verdict", "outcome", "vote"})
NEAR = 14  # lines within which votes of several seats make one forged result


def has_marks(low: str) -> bool:
    """Whether `marks` finds anything in a plain text; cheaper for a whole document than for each of its parts."""
    return next(marks(low), None) is not None


def marks(low: str) -> Iterator[Signal]:
    """Chat markup, ends of the document and forged replies in a plain text; offsets are the text's."""
    for pattern in (_CHAT_TOKEN, _ROLE_TAG, _TURN, _PROMPT_HEADING):
        for match in pattern.finditer(low):
            yield Signal(CHAT, pattern is _CHAT_TOKEN and _is_markup(low, match), *match.span())
    if spoken := _SPOKEN_VOTE.search(low):
        yield Signal(CHAT, True, *spoken.span())
    for pattern in _END_MARKS:
        for match in pattern.finditer(low):
            yield Signal(DELIMITER, False, *match.span())
    if "§" in low:
        if vote := _JSON_VOTE.search(low):
            yield Signal(FORGED, len(set(_LABEL.findall(low)) - _VOTES) > 0, *vote.span())
        elif _VOTED.search(low) and set(_LABEL.findall(low)) - _VOTES:
            yield Signal(FORGED, True, low.index("§"), low.index("§") + 1)
        numbered = list(_NUMBERED.finditer(low))
        if len(numbered) > 1:
            yield Signal(FORGED, True, *numbered[0].span())


def _is_markup(low: str, match: re.Match[str]) -> bool:
    """Whether a token of a chat template stands as one, rather than being named in a sentence."""
    line = low[low.rfind("\n", 0, match.start()) + 1 : match.start()]
    after = low[match.end() : match.end() + 20]
    return not line.strip(" >*_#-") or bool(re.match(r"\s*(?:<|\[|system|user|assistant|human|developer|$|\n)", after))


def votes_of_seats(low: str, seats: frozenset[str]) -> list[tuple[int, str]]:
    """Line and name of each seat that a plain text gives a vote to: name then vote or vote then name, close together."""
    if not _ANY_VERDICT.search(low) or sum(seat in low for seat in seats) < 3:
        return []
    return [(low.count("\n", 0, match.start()) + 1, match[1] or match[2]) for match in islice(_pairs(seats).finditer(low), 500)]


def forged_at(votes: Sequence[tuple[int, str]]) -> int | None:
    """The first line from which several seats are given votes within a few lines.

    Args:
        votes: line and seat, in order of lines.
    """
    for at, (line, _) in enumerate(votes):
        names = {name for other, name in votes[at : at + 40] if other < line + NEAR}
        if len(names) > 2:
            return line
    return None


@lru_cache(maxsize=16)
def _pairs(seats: frozenset[str]) -> re.Pattern[str]:
    names = "|".join(map(re.escape, sorted(seats)))
    between = r"(?:[^\w§]|vote|verdict|cast|counted|outcome|§){0,40}"
    link = r"(?:[:=|,–—→>✅✔☑-]+|\bvot(?:es?|ed)\b|\bsays?\b|\bsaid\b|(?<=\s)(?=§|approves\b|accepts\b))"
    named = rf"\b({names})\b[\"'`*_)\]]*(?: \([^()]{{0,30}}\)| seat)?\s*{link}{between}{_VERDICT}"
    return re.compile(rf"{named}|{_VERDICT}[\"'`*_,]*\s*(?:[:=|,–—(-]+|\bby\b|\bfrom\b)[^\w§]{{0,40}}(?:seat[\"':\s]{{1,6}})?({names})\b")
