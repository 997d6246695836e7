"""No secret reaches a recording: keys are taken out, and what still holds a value of the environment is refused.

One deterministic function for both directions, applied before a request is matched, before a reply is judged, and
before anything is kept: what was recorded and what is replayed are the same.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from council.errors import InputError
from council.proposal import Proposal
from council.proposal.secrets import find_secrets, redact_secrets

ALLOWED_HEADERS = frozenset({"content-type", "anthropic-version", "anthropic-beta"})

_NAMES = re.compile(r"(?i)key|token|secret|passw|credential")
_SHORTEST = 8  # characters of a value; "test" and "none" are nobody's secret


def redacted(value: Any) -> Any:
    """A JSON value without keys in any of its texts and names; JSON inside a text is looked into too.

    In JSON a line feed is written as a letter after a backslash, which would hide the beginning of a key behind it.
    """
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return [redacted(item) for item in value]
    if isinstance(value, dict):
        return {_text(str(name)): redacted(item) for name, item in value.items()}
    return value


def redacted_headers(headers: Mapping[str, Any]) -> dict[str, str]:
    """The headers that are let through, in order of their names."""
    kept = {}
    for name, given in headers.items():
        if name.lower() in ALLOWED_HEADERS:
            kept[name.lower()] = _text(given if isinstance(given, str) else ", ".join(map(str, given)))
    return dict(sorted(kept.items()))


def redacted_url(url: str) -> str:
    """An address without user, password, query and fragment, where keys travel."""
    parts = urlsplit(url)
    return _text(urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")))


def refuse_secrets(proposal: Proposal) -> None:
    """Refuse a proposal that a recording must not hold.

    Raises:
        InputError: it holds what looks like a live key; names the line.
    """
    if found := find_secrets(proposal.text):
        line, kind = found[0]
        hint = "record with --redact, or take it out"
        raise InputError(f"holds what looks like a live {kind}, which a recording must not", where=f"{proposal.source}:{line}", hint=hint)


def refuse_environment(value: Any, *, where: str) -> None:
    """Refuse a recording that holds the value of an environment variable that is named like a secret.

    Args:
        value: all that is to be written.
        where: the file.

    Raises:
        InputError: it holds one; names the variable, never the value.
    """
    secret = {name: text for name, text in os.environ.items() if _NAMES.search(name) and len(text.strip()) >= _SHORTEST}
    texts = list(_texts(value))
    for name, text in secret.items():
        if any(text.strip() in each for each in texts):
            raise InputError(f"not recorded: it would hold the value of {name}", where=where, hint="take it out of what is sent")


def _text(text: str) -> str:
    text = text.encode("utf-8", "replace").decode()  # a lone surrogate cannot be written
    if text[:1] in ("{", "["):
        try:
            inner = json.loads(text)
        except (ValueError, RecursionError):
            inner = None
        if isinstance(inner, dict | list) and (clean := redacted(inner)) != inner:
            return json.dumps(clean)
    return redact_secrets(text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield str(name)
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
