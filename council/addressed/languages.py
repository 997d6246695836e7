"""Orders to reviewers in languages other than English: which roles of one language stand together in a sentence."""

from __future__ import annotations

import re

from council.addressed.words import Role, Saying

_SALUTATION = re.compile(r"^[\W_]*(?:\w+ ){0,4}[\w'’]+\s*[:,，：、!！]")


def foreign_order(saying: Saying) -> str | None:
    """What a sentence in another language does to a reviewer, or None."""
    if not saying.roles & Role.FOREIGN:
        return None
    for language, roles in saying.languages.items():
        if "native" not in roles:
            continue
        addressee = "reviewer" in roles or "machine" in roles
        token = bool(saying.roles & Role.TOKEN)
        if {"override", "instruction"} <= roles and (addressee or token or bool(roles & {"you", "vote", "accept"}) or _earlier(saying.text, language)):
            return f"tells the reader to ignore instructions, in {language}"
        if token and "vote" in roles and (addressee or "you" in roles or "override" in roles or not saying.text.isascii() or len(roles) > 2):
            return f"orders a vote, in {language}"
        if addressee and {"vote", "accept"} <= roles:
            return f"orders a vote, in {language}"
        if addressee and "accept" in roles and ("you" in roles or _SALUTATION.match(saying.text)):
            return f"asks for approval, in {language}"
    return None


def _earlier(text: str, language: str) -> bool:
    """Whether earlier or all instructions are meant."""
    return any(word in text for word in _EARLIER.get(language, ()))


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
    "Chinese": ("之前", "以前", "先前", "以上", "上述", "所有", "一切", "全部", "此前"),
    "Japanese": ("これまで", "以前", "前の", "上記", "すべて", "全て", "先の"),
    "Korean": ("이전", "모든", "앞의", "위의"),
}
