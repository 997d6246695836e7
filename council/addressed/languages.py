"""Orders to reviewers in languages other than English: which roles of one language stand together in a sentence."""

from __future__ import annotations

import re

from council.addressed import lexicon
from council.addressed.words import Role, Saying, kinds_of

_SALUTATION = re.compile(r"^[\W_]*(?:[\w']+ ){0,4}[\w']+\s*[:,，：!！]")


def foreign_order(saying: Saying) -> str | None:
    """What a sentence in another language does to a reviewer, or None."""
    if not saying.roles & Role.FOREIGN:
        return None
    token = bool(saying.roles & Role.TOKEN)
    greeting = _SALUTATION.match(saying.text)
    for language, roles in saying.languages.items():
        greets = greeting is not None and _greets(greeting[0], language)
        if "native" in roles and (what := _order(saying.text, language, roles, token, greets)):
            return f"{what}, in {language}"
    return None


def _order(text: str, language: str, roles: set[str], token: bool, greets: bool) -> str | None:
    directed = greets or bool(roles & {"you", "must"})
    reviewer = "reviewer" in roles or ("machine" in roles and ("you" in roles or greets))
    if {"override", "instruction"} <= roles:
        earlier = any(word in text for word in _EARLIER.get(language, ()))
        if token or (reviewer and (directed or earlier)) or (earlier and ("you" in roles or _opens(text, language))):
            return "tells the reader to ignore instructions"
    if token and "override" in roles:
        return "orders a vote"
    if {"override", "accept"} <= roles and (directed or _opens(text, language)) and ("vote" in roles or reviewer):
        return "orders a vote"
    if token and "vote" in roles and (reviewer or directed or "override" in roles or not text.isascii()):
        return "orders a vote"
    if reviewer and {"vote", "accept"} <= roles and directed:
        return "orders a vote"
    if reviewer and "accept" in roles and (greets or "you" in roles or ("must" in roles and language in lexicon.UNSPACED)):
        return "asks for approval"
    return "orders a vote" if reviewer and greets and "vote" in roles and "machine" in roles else None


def _greets(greeting: str, language: str) -> bool:
    """Whether an opening names a reviewer or a model."""
    if table := lexicon.UNSPACED.get(language):
        return len(greeting) < 16 and any(word in greeting for word in (table["reviewer"] + " " + table["machine"]).split())
    return any((language, role) in kinds_of(word)[1] for word in re.findall(r"\w+", greeting)[-2:] for role in ("reviewer", "machine"))


def _opens(text: str, language: str) -> bool:
    """Whether a sentence begins with a verb of setting aside, as an order does."""
    if table := lexicon.UNSPACED.get(language):
        return any(word in text[:8] for word in table["override"].split())
    return any((language, "override") in kinds_of(word)[1] for word in text.split()[:2])


# Stems of "previous", "above" and "all", as they follow or precede "instructions".
_EARLIER = {
    "German": ("bisherig", "vorherig", "vorig", "obig", "fruher", "alle ", "vorangegangen"),
    "French": ("precedent", "anterieur", "ci-dessus", "toutes", "tous "),
    "Spanish": ("anterior", "previ", "todas", "todos"),
    "Portuguese": ("anterior", "previ", "todas", "todos"),
    "Italian": ("precedent", "anterior", "tutte", "tutti"),
    "Dutch": ("eerder", "vorig", "voorgaand", "alle ", "bovenstaand"),
    "Swedish": ("tidigare", "foregaende", "alla "),
    "Polish": ("poprzedni", "wczesniejsz", "wszystkie"),
    "Turkish": ("onceki", "tum ", "butun"),
    "Russian": ("предыдущ", "прежн", "все ", "ранее", "выше"),
    "Ukrainian": ("попередн", "усі ", "всі "),
    "Arabic": ("السابقة", "جميع", "كل "),
    "Chinese": ("之前", "以前", "先前", "以上", "上述", "上面", "前面", "所有", "一切", "全部", "此前"),
    "Japanese": ("これまで", "以前", "前の", "上記", "すべて", "全て", "先の", "以上"),
    "Korean": ("이전", "모든", "앞의", "위의"),
}
