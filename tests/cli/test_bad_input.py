"""Bad input: one line that says what and where, a documented exit code, no traceback, nothing written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SEAT = "---\nname: {name}\n---\n\n# {name}\n\n## Checklist\n\n**1. Words**\n- [ ] Is every term explained?\n"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.fixture
def inputs(project: Path) -> Path:
    """One of each bad input."""
    files = {
        "empty.md": b"",
        "blank.md": b"\xef\xbb\xbf \n\n",
        "binary.md": b"\x7fELF\0\0\x01",
        "latin.md": "# Größe\n\nEine Änderung.\n".encode("latin-1"),
        "no-prose.md": b"# Title\n\n## Another\n",
        "broken/a.md": b"---\nname: [a\n---\n# a\n",
        "twice/a.md": SEAT.format(name="guest").encode(),
        "twice/b.md": SEAT.format(name="guest").encode(),
        "bomb/a.md": f"---\nname: acme\n{BOMB}---\n# acme\n".encode(),
        "keys/a.md": b"---\nname: acme\nphilosphy: x\n---\n# acme\n",
        "unknown-key.toml": b'format = "md"\nseets = []\n',
        "broken.toml": b"a = [",
    }
    for name, data in files.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_bytes(data)
    (project / "folder").mkdir()
    with (project / "huge.md").open("wb") as stream:
        stream.truncate(10**9)
    return project


@pytest.mark.usefixtures("inputs")
@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        ("nope.md", 66, "nope.md: no such file"),
        ("folder", 65, "folder: is a directory"),
        ("empty.md", 65, "empty.md: is empty"),
        ("blank.md", 65, "blank.md: is empty"),
        ("binary.md", 65, "binary.md: is binary"),
        ("latin.md", 65, "latin.md:1: is not UTF-8"),
        ("no-prose.md", 65, "no-prose.md: has no prose"),
        ("huge.md", 65, "huge.md: has 1,000,000,000 bytes, the limit is 2,000,000"),
        ("rfc.md --max-bytes 10", 65, "rfc.md: has "),
        ("rfc.md --agents broken", 65, "broken/a.md:2: "),
        ("rfc.md --agents twice", 65, "'guest' is given twice: twice/a.md and twice/b.md"),
        ("rfc.md --agents nowhere", 66, "nowhere: no such file or directory"),
        ("rfc.md --agents folder", 65, "folder: a directory without *.md files"),
        ("rfc.md --personas bomb", 65, "bomb/a.md:3: anchors and aliases"),
        ("rfc.md --personas keys", 65, "keys/a.md:3: unknown key 'philosphy'"),
        ("rfc.md --seats tracer,nobody,operator", 65, "unknown seat 'nobody'"),
        ("rfc.md --seats tracer", 65, "a council has 3 to 20 seats"),
        ("rfc.md --seats tracer,,operator", 64, "holds an empty name"),
        ("rfc.md --seat nobody=acme", 65, "unknown seat 'nobody'"),
        ("rfc.md --seat operator=nobody", 65, "unknown persona 'nobody'"),
        ("rfc.md --seat operator", 64, "is not SEAT=PERSONA"),
        ("rfc.md --seat operator=a --seat operator=b", 64, "is given two personas"),
        ("rfc.md --format html", 64, "'html' is not one of"),
        ("rfc.md --config unknown-key.toml", 65, "unknown-key.toml:2: unknown key 'seets'"),
        ("rfc.md --config broken.toml", 65, "broken.toml: is not TOML"),
        ("rfc.md --config nope.toml", 66, "nope.toml: no such file"),
        ("rfc.md --config unknown-key.toml --no-project-config", 64, "contradict each other"),
        ("rfc.md --output missing/out.md", 66, "--output missing: no such directory"),
        ("rfc.md --output rfc.md", 64, "--output rfc.md: is the proposal itself"),
        ("rfc.md --output folder", 64, "--output folder: is a directory"),
    ],
)
def test_bad_input_is_one_line_and_a_code(args: str, code: int, said: str, council: Callable[..., Any], tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    done = council("review", *args.split())
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr
    assert done.stderr.startswith("council: ")
    assert done.stderr.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_an_empty_standard_input_is_said_to_be_that(council: Callable[..., Any]) -> None:
    done = council("review", "-", stdin="")
    assert (done.exit_code, done.stderr) == (65, "council: <stdin>: is empty (there is nothing to review)\n")


def test_the_name_of_a_file_cannot_control_the_terminal(council: Callable[..., Any]) -> None:
    assert "\x1b" not in council("review", "\x1b]0;owned\x07.md").stderr
