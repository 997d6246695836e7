"""Live-looking keys in a proposal: where they stand, and the text without them.

A proposal is read by people and quoted as evidence, so this errs towards too little where `council.redaction`, which
serves log records, errs towards too much: only what has the shape of a real key counts, no names and no numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from council.proposal.plain import visible
from council.redaction import SECRET

# Shapes that the providers document. Quantifiers are possessive, so that no text takes more than linear time.
_SHAPES = {
    "Anthropic API key": r"sk-ant-[\w-]{16,}+",
    "OpenAI API key": r"sk-(?:proj|svcacct|admin|None)-[\w-]{16,}+",
    "OpenRouter API key": r"sk-or-[\w-]{16,}+",
    "API key": r"sk-[A-Za-z0-9]{20,}+",
    "Google API key": r"AIza[\w-]{30,}+",
    "Google OAuth token": r"ya29\.[\w-]{20,}+",
    "Hugging Face token": r"hf_[A-Za-z0-9]{20,}+",
    "LangSmith API key": r"lsv2_[A-Za-z0-9_]{20,}+",
    "Groq API key": r"gsk_[A-Za-z0-9]{20,}+",
    "xAI API key": r"xai-[A-Za-z0-9]{20,}+",
    "AWS access key": r"A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])",
    "GitHub token": r"(?:gh[oprsu]_[A-Za-z0-9]{20,}+|github_pat_[A-Za-z0-9_]{20,}+)",
    "GitLab token": r"glpat-[\w-]{16,}+",
    "Slack token": r"(?:xox[a-z]-|xapp-)[A-Za-z0-9-]{16,}+",
    "Stripe key": r"[rs]k_live_[A-Za-z0-9]{16,}+",
    "npm token": r"npm_[A-Za-z0-9]{30,}+",
    "PyPI token": r"pypi-[\w-]{40,}+",
    "JSON web token": r"eyJ[\w-]{8,}+\.eyJ[\w-]{8,}+\.[\w-]{8,}+",
    "bearer token": r"(?i:bearer)[ \t]{1,4}(?=[\w.~+/=-]{0,200}[0-9])[\w.~+/=-]{20,}+",
}
_KINDS = tuple(_SHAPES)
_KEY = re.compile(r"(?<![\w-])(?:" + "|".join(f"({shape})" for shape in _SHAPES.values()) + ")", re.ASCII)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PRIVATE_KEY_END = re.compile(r"-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_MATERIAL = re.compile(r"[A-Za-z0-9+/=]{32,}+")
_MATERIAL_LINE = re.compile(r"[\s>|\"'+]{0,40}[A-Za-z0-9+/=]{1,}+[\s\"'\\+,]{0,10}")
_KEY_HEADERS = 6  # lines between the beginning of a private key and its material: Proc-Type, DEK-Info, a blank one
_PLACEHOLDER = re.compile(r"(?i)x{6}|your|placeholder|redacted|dummy|changeme|example(?!\Z)")
_DISTINCT = 8  # characters; "sk-aaaaaaaaaaaaaaaaaaaaaaaa" is nobody's key


def find_secrets(text: str) -> list[tuple[int, str]]:
    """Line and kind of each live-looking key, in order of lines; the key itself is not repeated."""
    lines = _seen(text)
    found = [(number, kind) for number, line in enumerate(lines, 1) for kind, _, _ in _keys(line)]
    return sorted(found + [(first + 1, "private key") for first, _ in _private_keys(lines)])


def redact_secrets(text: str) -> str:
    """The text with each live-looking key replaced; the same for the same text, and with as many lines.

    A line that held a key loses its invisible characters too: a key split by them would go out whole once they are
    taken out.
    """
    lines, seen = text.split("\n"), _seen(text)
    for number, line in enumerate(seen):
        if keys := _keys(line):
            lines[number] = _without(line, keys)
    for first, last in _private_keys(seen):
        lines[first : last + 1] = [SECRET] * (last + 1 - first)
    return "\n".join(lines)


def _seen(text: str) -> list[str]:
    return [visible(line) for line in text.split("\n")]


def _keys(line: str) -> list[tuple[str, int, int]]:
    """Kind, start and end of each key in a line."""
    return [(_KINDS[(m.lastindex or 1) - 1], m.start(), m.end()) for m in _KEY.finditer(line) if _looks_live(m[0])]


def _looks_live(key: str) -> bool:
    return len(set(key)) >= _DISTINCT and not _PLACEHOLDER.search(key)


def _without(line: str, keys: list[tuple[str, int, int]]) -> str:
    out, done = [], 0
    for _, start, end in keys:
        out += [line[done:start], SECRET]
        done = end
    return "".join([*out, line[done:]])


def _private_keys(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Index of the first and last line of each private key that has key material."""
    done = 0
    for first, line in enumerate(lines):
        if first < done or not (begin := _PRIVATE_KEY.search(line)):
            continue
        tail = [line[begin.end() :], *lines[first + 1 : first + 1 + _KEY_HEADERS]]
        material = next((n for n, said in enumerate(tail) if _KEY_MATERIAL.search(said)), None)
        if material is None:
            continue
        last = first + material
        while last + 1 < len(lines) and not _PRIVATE_KEY_END.search(lines[last]) and _belongs(lines[last + 1]):
            last += 1
        yield first, last
        done = last + 1


def _belongs(line: str) -> bool:
    """Whether a line goes on with a private key: its material, a short last line of it, or its end."""
    return bool(_PRIVATE_KEY_END.search(line) or _MATERIAL_LINE.fullmatch(line))
