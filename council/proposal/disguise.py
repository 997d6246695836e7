"""Characters that disguise text: invisible ones, reversed runs, tag characters, look-alike letters, encodings.

`reveal` undoes them all and keeps the line breaks, so that line numbers stay true; the patterns and decoders are
shared with `council.proposal.hidden`, which reports where a disguise stands. Everything here is linear.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import unquote_to_bytes

# Invisible whatever stands beside them. U+00AD is a soft hyphen, U+034F a combining grapheme joiner, U+115F, U+1160,
# U+3164 and U+FFA0 are Hangul fillers, U+180E and U+2060 to U+2064 format controls.
_ALWAYS = "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0"
# Zero-width (non-)joiners: letters of Persian or Devanagari and emoji need them, a Latin word does not.
_JOINERS = "\u200c\u200d"
_LATIN = "A-Za-z\u00c0-\u024f"
_MARKS = "\u200e\u200f\u061c"
_BIDI = "\u202a-\u202e\u2066-\u2069"

INVISIBLE = re.compile(f"[{_ALWAYS}{_JOINERS}]")
IN_LATIN_WORD = re.compile(f"(?<=[{_LATIN}])[{_ALWAYS}{_JOINERS}]+(?=[{_LATIN}{_ALWAYS}])")
OVERRIDE = re.compile("[\u202d\u202e]")
BIDI_CONTROL = re.compile(f"[{_BIDI}]")
RTL_LETTER = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
TAG_RUN = re.compile("[\U000e0020-\U000e007f]+")
SELECTOR_RUN = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
ZERO_WIDTH_RUN = re.compile(f"[{_ALWAYS}{_JOINERS}{_MARKS}]{{16,}}")

_DROP = re.compile(
    f"[{_ALWAYS}{_BIDI}{_MARKS}\ufe00-\ufe0f\U000e0100-\U000e01ef]|(?<=[\x00-\u024f])[{_JOINERS}]+|[{_JOINERS}]+(?=[\x00-\u024f])"
)
_COMBINING = re.compile("[\u0300-\u036f\u0489\u20d0-\u20f0]+")
_STYLED = re.compile("[\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff\u2460-\u24ff\U0001f130-\U0001f189]")
_REVERSED = re.compile("\u202e([^\u202c\u202d\u2069\n]*)[\u202c\u2069]?")
_BDO = re.compile(r"<bdo\b[^<>\n]{0,80}rtl[^<>\n]{0,20}>([^<>\n]*)</bdo>", re.IGNORECASE)
_SMALL_CAPITAL = re.compile("[\u0250-\u02af\u1d00-\u1d2b\ua730\ua731]")
_WORD = re.compile(r"[^\W\d_]+")

# Look-alikes of Latin letters, from Cyrillic, Greek, Armenian, Cherokee, Latin phonetic letters and small capitals.
_TWINS = (
    ("аɑαᴀ", "a"), ("ЬƅвʙВΒ", "b"), ("сϲᴄС", "c"), ("ԁɗᴅ", "d"), ("еєҽεᴇ", "e"), ("ғꜰ", "f"), ("ɡġɢ", "g"), ("һհнʜ", "h"),
    ("іιɪ", "i"), ("јᴊ", "j"), ("кκᴋ", "k"), ("ӏʟ", "l"), ("мᴍ", "m"), ("пոɴη", "n"), ("оοօσᴏ", "o"), ("рρᴘ", "p"), ("ԛ", "q"),
    ("гʀᴦ", "r"), ("ѕꜱ", "s"), ("тτᴛ", "t"), ("սυᴜц", "u"), ("ѵνᴠ", "v"), ("ԝωѡᴡ", "w"), ("хχ", "x"), ("уүγʏ", "y"), ("ᴢ", "z"),
    ("АΑᎪ", "A"), ("С", "C"), ("ВΒᏴ", "B"), ("ЕΕᎬ", "E"), ("ԌᏀ", "G"), ("НΗᎻ", "H"), ("ІΙ", "I"), ("ЈᎫ", "J"), ("КΚᏦ", "K"), ("Ꮮ", "L"),
    ("МΜᎷ", "M"), ("ΝИ", "N"), ("ОΟՕ", "O"), ("РΡᏢ", "P"), ("ЯᎡ", "R"), ("ЅᏚ", "S"), ("ТΤᎢ", "T"), ("ՍЦ", "U"), ("ѴᏙ", "V"), ("ԜᎳ", "W"),
    ("ХΧ", "X"), ("УΥҮ", "Y"), ("ΖᏃ", "Z"),
)  # fmt: skip
_FOLD = {ord(twin): letter for twins, letter in _TWINS for twin in unicodedata.normalize("NFC", twins)}
_TWIN = re.compile("[" + "".join(map(chr, _FOLD)) + "]")
# Letters that cannot be told from Latin ones by eye: a whole word of them in Latin text is a disguise too.
_EXACT = re.compile("[аесорхуіјѕһԁԛԝӏАВЕКМНОРСТУХІЈЅοΑΒΕΖΗΙΚΜΝΟΡΤΥΧ]+")

_LONG_WORD = re.compile(r"\S{20,}")
_BASE64 = re.compile(r"(?<![\w+/-])[A-Za-z0-9+/_-]{20,}+={0,2}(?:\n[ \t>]*[A-Za-z0-9+/_-]{16,}+={0,2})*+(?![\w+/])")
_HEX = re.compile(r"(?:[0-9A-Fa-f](?<!\w[0-9A-Fa-f])(?<!\wx[0-9A-Fa-f])|(?<=0x)[0-9A-Fa-f])[0-9A-Fa-f](?:[ :]?[0-9A-Fa-f]{2}){15,}(?!\w)")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2}|[A-Za-z.,:]){6,}")
_ESCAPES = re.compile(r"(?:\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}){4,}")
_BITS = re.compile(r"[01](?<!\w[01])[01]{7}(?:[ ,]?[01]{8}){7,}(?!\w)")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")


def reveal(text: str) -> str:
    """The text as it would read without disguises.

    Invisible characters go, reversed runs and tag characters are decoded, look-alike and styled letters become plain
    ones, character references are resolved. The number of lines does not change. Encoded runs (base64) stay as they
    are: see `decoded`.
    """
    if "&" in text:
        text = _ENTITY.sub(lambda m: _one_line(html.unescape(m[0])), text)
    if "<bdo" in text.lower():
        text = _BDO.sub(lambda m: m[1][::-1], text)
    if text.isascii():
        return text
    text = _REVERSED.sub(lambda m: m[1][::-1], text)
    text = TAG_RUN.sub(lambda m: " " + tags_to_ascii(m[0]) + " ", text)
    text = SELECTOR_RUN.sub(lambda m: " " + (selectors_to_text(m[0]) or "") + " ", text)
    text = ZERO_WIDTH_RUN.sub(lambda m: " " + bits_to_text(m[0]) + " ", text)
    text = _COMBINING.sub("", unicodedata.normalize("NFKC", _DROP.sub("", text)))
    return "\n".join(fold_line(line) for line in text.split("\n")) if _TWIN.search(text) else text


def fold_line(line: str) -> str:
    """A line with look-alike letters in Latin words made plain; words in a script of their own stay."""
    if line.isascii() or not _TWIN.search(line):
        return line
    latin = sum(1 for c in line if c.isascii() and c.isalpha())
    mostly_latin = 2 * latin >= sum(1 for c in line if c.isalpha())
    return _WORD.sub(lambda m: m[0].translate(_FOLD) if _is_mixed(m[0]) or (mostly_latin and _EXACT.fullmatch(m[0])) else m[0], line)


def look_alikes(line: str) -> Iterator[str]:
    """Words of a line that mix Latin letters with look-alikes, or are written in styled letters, made plain."""
    if line.isascii():
        return
    for word in _WORD.findall(line):
        if len(word) > 3 and _is_mixed(word):
            yield word.translate(_FOLD)
        elif len(_STYLED.findall(word)) > 3 and not re.search("[\u3040-\u30ff\u4e00-\u9fff]", line):
            yield unicodedata.normalize("NFKC", word)


def _is_mixed(word: str) -> bool:
    """Whether Latin letters and look-alikes stand in one word, or small capitals, and nothing else that is not Latin."""
    foreign = [c for c in word if ord(c) > 0x24F]
    if not foreign or not all(ord(c) in _FOLD for c in foreign):
        return False
    return len(foreign) < len(word) or len(_SMALL_CAPITAL.findall(word)) > 2


def tags_to_ascii(run: str) -> str:
    """What a run of Unicode tag characters says."""
    return "".join(chr(ord(c) - 0xE0000) for c in run if ord(c) < 0xE007F)


def selectors_to_text(run: str) -> str | None:
    """What a run of variation selectors says, each standing for a byte; None if nothing readable."""
    return readable(bytes(ord(c) - 0xFE00 if ord(c) < 0xFE10 else ord(c) - 0xE0100 + 16 for c in run))


def bits_to_text(run: str) -> str:
    """What a run of two kinds of invisible characters says, each standing for a bit; empty if nothing readable."""
    kinds = sorted(set(run))
    if len(kinds) != 2:
        return ""
    for zero in kinds:
        bits = "".join("0" if c == zero else "1" for c in run)
        found = readable(bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits) - 7, 8)))
        if found:
            return found
    return ""


def decoded(text: str) -> Iterator[tuple[int, str]]:
    """Offset and meaning of each encoded run (base64, hex, percent, escapes, bits) that reads as words."""
    done = 0
    for word in _LONG_WORD.finditer(text):
        if word.start() >= done and (run := _BASE64.search(text, *word.span())):
            run = _BASE64.match(text, run.start()) or run
            done = run.end()
            if found := _from_base64(run[0]):
                yield run.start(), found
    for pattern, decode in _DECODERS:
        for match in pattern.finditer(text):
            if found := decode(match[0]):
                yield match.start(), found


def _from_base64(run: str) -> str | None:
    compact = re.sub(r"[\s>=]", "", run).translate(str.maketrans("-_", "+/"))
    try:
        return readable(base64.b64decode(compact + "=" * (-len(compact) % 4)))
    except (binascii.Error, ValueError):
        return None


def readable(data: bytes) -> str | None:
    """The bytes as text, if they are UTF-8 and read as more than one word."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    text = _one_line(text).strip()
    letters = sum(1 for c in text if c.isalpha() or c.isspace())
    words = len(text.split()) > 1 or any(ord(c) > 0x2E7F for c in text)
    return text if words and len(text) > 7 and letters >= 0.7 * len(text) else None


def _from_bits(run: str) -> str | None:
    bits = re.sub("[ ,]", "", run)
    return readable(bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)))


def _from_escapes(run: str) -> str | None:
    return readable("".join(chr(int(h, 16)) for h in re.findall(r"\\[ux]([0-9A-Fa-f]+)", run)).encode("utf-8", "surrogatepass"))


def _from_percent(run: str) -> str | None:
    return readable(unquote_to_bytes(run)) if run.count("%") > 3 else None


_DECODERS: tuple[tuple[re.Pattern[str], Callable[[str], str | None]], ...] = (
    (_HEX, lambda run: readable(bytes.fromhex(re.sub("[ :]", "", run)))),
    (_PERCENT, _from_percent),
    (_ESCAPES, _from_escapes),
    (_BITS, _from_bits),
)


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
