"""The cost of reading grows with the length of the text and no faster, whatever the text is made of."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from council.proposal import Limits, parse_proposal, read

ANY = Limits(min_words=0, max_words=10**9, max_bytes=10**9)
HOSTILE: dict[str, Callable[[int], str]] = {
    "prose": lambda n: "The cache counts each miss, and an alert fires. " * n,
    "brackets": lambda n: "[" * n,
    "bracket pairs": lambda n: "[a" * n + "]" * n,
    "link targets": lambda n: "[a](" * n,
    "spaces in a link": lambda n: "[a](" + " " * n,
    "pictures": lambda n: "![](a" * n,
    "ticks": lambda n: "".join("`" * (i % 50 + 1) + " " for i in range(n // 20)),
    "stars": lambda n: "**a" * n,
    "tildes": lambda n: "~~a " * n,
    "comments": lambda n: "<!-- a -->" * n,
    "open comments": lambda n: "a <!-- " * n,
    "tags": lambda n: "<a " * n,
    "entities": lambda n: "&a" * n,
    "one long word": lambda n: "a-" * n,
    "punctuation": lambda n: "(" * n + "Describe",
    "template words": lambda n: "Describe this section here. " * n,
    "questions": lambda n: "Why? " * n,
    "holes": lambda n: "[aa <bb (fill " * n,
    "items": lambda n: "- a:\n" * n,
    "boxes": lambda n: "- [ ] a\n" * n,
    "rows": lambda n: "|a|b|\n|-|-|\n" + "|a|b|\n" * n,
    "definitions": lambda n: "[a]: b\n" * n,
    "quotations": lambda n: ">" * 50 + " a\n" * n,
    "bold": lambda n: "**" + "a b " * n + "?",
    "characters that show nothing": lambda n: "a\u200b" * n,
    "sentences without spaces": lambda n: "動く。" * n,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILE)
def test_sixteen_times_the_text_costs_about_sixteen_times(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "find_hidden", lambda *_: ())  # has tests of its own

    def cost(n: int) -> float:
        text = "Words.\n\n" + HOSTILE[kind](n)
        start = time.process_time()
        parse_proposal(text, format="markdown", limits=ANY)
        return time.process_time() - start

    small = max(min(cost(1000) for _ in range(3)), 0.002)
    assert min(cost(16_000) for _ in range(2)) < 64 * small  # quadratic would be 256 times
