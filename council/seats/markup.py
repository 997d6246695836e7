"""Small readings of a seat file's text: labels, quotation marks, bold, icons, slugs."""

from __future__ import annotations

import re
import unicodedata

_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_NUMBER = re.compile(r"^\d{1,3}[.)]\s+")
_LABEL = re.compile(r"^\*\*([^*:]+):?\*\*:?\s*")
_WORD = re.compile(r"[a-z0-9]+")
_QUOTES = {'"': '"', "“": "”", "«": "»"}
_STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and any are at be been by can could do does every for from has have how i if in is it its just my not of on only or our "
        "should so than that the their there they this to us we what when where which who will with would you your",
    )
)


def plain(text: str) -> str:
    """Text on one line, without bold marks and without the icon that leads it."""
    return without_icon(_BOLD.sub(r"\1", " ".join(text.split())))


def without_icon(text: str) -> str:
    """Text without symbols such as a check mark or a warning sign before its first word."""
    for index, char in enumerate(text):
        if unicodedata.category(char) not in ("So", "Mn", "Zs", "Cf"):
            return text[index:]
    return ""


def without_number(text: str) -> str:
    """A title without its leading number."""
    return _NUMBER.sub("", text)


def bold_lead(text: str) -> str | None:
    """The bold words that a text begins with, or None."""
    found = _BOLD.match(text)
    return found[1].strip() if found else None


def label(line: str) -> tuple[str, str] | None:
    """A line `**Label:** rest` as label in lower case and rest, or None. An icon before it does not matter."""
    line = without_icon(line.strip())
    found = _LABEL.match(line)
    if not found or ":" not in found[0]:
        return None
    return found[1].strip().lower(), line[found.end() :].strip()


def quoted(text: str) -> tuple[str, str] | None:
    """Text that begins with a quotation: what is quoted, and the rest; or None."""
    closing = _QUOTES.get(text[:1])
    if closing is None:
        return None
    end = text.find(closing, 1)
    return (text[1:end], text[end + 1 :].strip()) if end > 1 else None


def unquoted(text: str) -> str:
    """Text without the quotation marks that enclose all of it."""
    text = text.strip()
    closing = _QUOTES.get(text[:1])
    return text[1:-1] if closing is not None and len(text) > 2 and text.endswith(closing) else text


def slug(text: str, *, words: int) -> str:
    """A short id from the first words of a text that carry its meaning; "" where there are none."""
    found: list[str] = _WORD.findall(text.lower().replace("'", "").replace("\u2019", ""))
    telling = [word for word in found if word not in _STOP_WORDS] or found
    return "-".join(telling[:words])[:35].strip("-")
