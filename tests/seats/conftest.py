"""Seat files for tests: written to a directory of the test, with front matter of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file under the test's directory; the text is dedented."""

    def writer(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    return writer


@pytest.fixture
def persona(write: Write) -> Write:
    """Write a persona file `NAME.md` in a directory; its one question may bear on something."""

    def writer(directory: str, name: str, bears_on: str = "") -> Path:
        evidence = f"\n  ```evidence\n  bears_on: [{bears_on}]\n  ```\n" if bears_on else ""
        return write(f"{directory}/{name}.md", f"---\nname: {name}\n---\n## Checklist\n### Group\n- [ ] Is it good?\n{evidence}")

    return writer


@pytest.fixture
def agent(write: Write) -> Write:
    """Write an agent file `NAME.md` in a directory."""

    def writer(directory: str, name: str, *, seats: str = "", head: str = "") -> Path:
        return write(f"{directory}/{name}.md", f"---\nname: {name}\npersona: {seats or name}\n{head}\n---\n# {name}\n")

    return writer


@pytest.fixture
def single(write: Write) -> Write:
    """Write a single file `NAME.md` in a directory."""

    def writer(directory: str, name: str, head: str = "") -> Path:
        front = f"---\nname: {name}\ngenie: {{executor: [CODEX]}}\n{head}\n---\n"
        return write(f"{directory}/{name}.md", f"{front}# {name}\n## Analysis Framework\n**1. One**\n- [ ] Is it good?\n")

    return writer
