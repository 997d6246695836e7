"""How text is compared: what a copy may change without becoming another text."""

from __future__ import annotations

import re
import unicodedata

_QUOTES = str.maketrans(dict.fromkeys("‘’‚‛′", "'") | dict.fromkeys("“”„‟«»″", '"'))
_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")
_NUMBERED_ITEM = re.compile(r"^[ \t>*+-]*\d{1,9}[.)][ \t]", re.MULTILINE)
_LINK_TARGET = re.compile(r"\]\([^()\s]*\)|\]\[[^\[\]\n]*\]")
_WORD = re.compile(r"[^\W_]+")
_PLURAL = re.compile(r"(?<=\S\S)(?<!s)s(?= )")


def fold_quotation(text: str) -> str:
    """A quotation for comparison: NFKC, white space and typographic quotation marks folded, nothing else."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_QUOTES).split())


def fold_words(text: str) -> str:
    """The words of a text for comparison, with a space before, between and after them.

    Case, white space, punctuation (so every dash and quotation mark), list and quote markers, inline markup, link
    targets, invisible characters and the "s" of a plural are folded away. Whether one text holds the words of another,
    whole and in order, is then asked with `in`. "" where there is no word.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    text = _LINK_TARGET.sub("]", _NUMBERED_ITEM.sub("", text)).casefold()
    words = " ".join(_WORD.findall(text))
    return _PLURAL.sub("", f" {words} ") if words else ""
