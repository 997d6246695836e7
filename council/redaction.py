"""Text made fit for a log line or an error record: no control characters, no secrets, no personal data.

Redaction here errs towards too much: it serves records that are searched by id, not documents that are read.
Every pattern is linear in the length of the text: repetitions are bounded, or consume what they match for good.
Standard library only, because every layer may need it.
"""

from __future__ import annotations

import re

SECRET = "[secret]"
EMAIL = "[email]"
PHONE = "[phone]"
CARD = "[card]"

_TERMINAL_SEQUENCE = re.compile(r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]?|\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)?")
_SPACES = re.compile(r"\s+")

_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", re.DOTALL)
_URL_PASSWORD = re.compile(r"(://)[^\s/@:]{0,256}:[^\s/@]{1,256}@")
_COOKIE = re.compile(r"(cookie[\"']?\s{0,4}[:=]\s{0,4}).+", re.IGNORECASE)
_NAMED = re.compile(
    r"((?:api|access|secret|private|auth|signing|encryption|client)[ _-]?(?:key|token|secret)|passw(?:or)?d|passphrase|pwd|secret|token"
    r"|credentials?|authorization|session[ _-]?id)"
    r"([\"']?\s{0,4}[:=]\s{0,4}(?:(?:bearer|basic)\s{1,4})?)"
    r"(\"[^\"]{1,4096}\"?|'[^']{1,4096}'?|[^\s,;&\"']{1,4096})",
    re.IGNORECASE,
)
# Prefixes that providers document for their keys: what carries one is a secret wherever it stands.
_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:sk-|pk-lf-|[rs]k_|whsec_|gh[oprsu]_|github_pat_|glpat-|xox[a-z]-|xapp-|hf_|gsk_|xai-|pplx-|nvapi-|r8_|lsv2_|npm_|pypi-|dop_v1_"
    r"|ya29\.|AIza|A[KS]IA(?=[A-Z0-9]{16})|eyJ)[A-Za-z0-9_.=/+-]{8,}"
)
_SCHEME = re.compile(r"\b(bearer|basic)\s{1,8}[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_NUMBER = re.compile(r"(?<![\w.-])(?:\+|\()?\d(?:[ ().-]{0,2}\d){8,18}(?![\w-]|\.\d)")
_NOT_A_PHONE = re.compile(r"\d+(?:\.\d+)?\Z|(?:19|20)\d\d-[01]\d-[0-3]\d")


def one_line(text: str) -> str:
    """`text` on one line, without terminal sequences and without characters that are not seen."""
    if not text.isprintable():
        text = _TERMINAL_SEQUENCE.sub("", text)
        text = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text)
    return _SPACES.sub(" ", text).strip()


def redact(text: str) -> str:
    """`text` with keys, tokens, passwords, e-mail addresses, telephone and card numbers replaced by what they were."""
    text = _PRIVATE_KEY.sub(SECRET, text)
    text = _URL_PASSWORD.sub(rf"\1{SECRET}@", text)
    text = _COOKIE.sub(rf"\1{SECRET}", text)
    text = _NAMED.sub(rf"\1\2{SECRET}", text)
    text = _KEY.sub(SECRET, text)
    text = _SCHEME.sub(rf"\1 {SECRET}", text)
    text = _EMAIL.sub(EMAIL, text)
    return _NUMBER.sub(_name_number, text)


def clip(text: str, limit: int) -> str:
    """`text` on one line, redacted, at most `limit` characters; never the visible half of a secret that was cut."""
    window = text[: 8 * limit]
    clean = redact(one_line(window))
    if len(window) < len(text):
        clean = clean[:-256]  # at the cut may stand the half of something that no pattern knows any more
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def _name_number(match: re.Match[str]) -> str:
    text = match.group()
    digits = [int(c) for c in text if c.isdigit()]
    if len(digits) >= 13 and _luhn(digits):
        return CARD
    # A bare run of digits is an id, a count or a time stamp rather than a telephone number.
    return text if _NOT_A_PHONE.match(text) or len(digits) > 15 else PHONE


def _luhn(digits: list[int]) -> bool:
    """The check digit of ISO/IEC 7812-1 holds."""
    doubled = (d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
