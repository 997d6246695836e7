"""What cannot be read is one clear line, and the rest is read all the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from council.cli.root import cli
from council.errors import InputError, MissingInputError
from council.tracer.audit import audit

GOOD = "def f():\n    return g()\n"


def skipped(root: Path) -> dict[str, str]:
    (root / "good.py").write_text(GOOD)
    report = audit(root)
    assert report.files == 1
    return {s.file: s.reason for s in report.skipped}


def test_nothing_there() -> None:
    with pytest.raises(MissingInputError, match="no such file or directory"):
        audit(Path("nowhere-at-all"))


def test_no_python(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("words")
    with pytest.raises(InputError, match="no Python code"):
        audit(tmp_path)


def test_a_file_that_is_no_python(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    with pytest.raises(InputError, match="not a Python file"):
        audit(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"def f(:\n", "does not parse"),
        (b"\x00\x01", "does not parse"),
        (b"\xff\xfe\x00", "not text"),
        (b"# coding: nonsense\n", "not text"),
        (b"x = " + b"(" * 5000 + b")" * 5000, "does not parse"),
        (b"x = " + b"-" * 100_000 + b"1", "does not parse"),
    ],
)
def test_what_does_not_parse_is_reported_and_skipped(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "bad.py").write_bytes(content)
    assert reason in skipped(tmp_path)["bad.py"]


def test_a_long_chain_of_operators_is_read_or_skipped(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("if " + " + ".join(["a.b()"] * 20_000) + ":\n    pass\n")
    (tmp_path / "good.py").write_text(GOOD)
    assert audit(tmp_path).files >= 1


def test_links_that_loop_or_lead_outside(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "secret.py").write_text(GOOD)
    (root / "loop").symlink_to(root)
    (root / "self.py").symlink_to("self.py")
    (root / "leads_out.py").symlink_to(outside / "secret.py")
    found = skipped(root)
    assert "not followed" in found["loop"]
    assert "to itself" in found["self.py"]
    assert "outside the root" in found["leads_out.py"]


def test_fifty_megabytes(tmp_path: Path) -> None:
    with (tmp_path / "big.py").open("wb") as stream:
        stream.truncate(50_000_000)
    assert "50.0 MB" in skipped(tmp_path)["big.py"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    assert "not a regular file" in skipped(tmp_path)["pipe.py"]


@given(st.text(max_size=200))
def test_no_text_is_too_strange(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    root = tmp_path_factory.mktemp("strange")
    (root / "strange.py").write_bytes(text.encode("utf-8", "surrogatepass"))
    (root / "good.py").write_text(GOOD)
    assert audit(root).files + len(audit(root).skipped) == 2


@pytest.mark.parametrize("length", [300, 900, 2500])
def test_a_deep_expression_wherever_one_may_stand(tmp_path: Path, length: int) -> None:
    chain, calls, words = "+".join(["a"] * length), ".".join(["a()"] * length), "+".join(["'a'"] * length)
    lines = [
        "import logging",
        "log = logging.getLogger('x')",
        "def f(a):",
        f"    if {chain}:",
        f"        return {calls}",
        f"    log.info({words})",
        "    try:",
        "        g()",
        f"    except {calls}:",
        "        pass",
    ]
    (tmp_path / "deep.py").write_text("\n".join(lines))
    (tmp_path / "good.py").write_text(GOOD)
    for command in ("audit", "plan", "logging"):
        done = CliRunner().invoke(cli, ["tracer", command, str(tmp_path)])
        assert done.exit_code == 0, done.output


def test_code_of_which_nothing_parses_has_no_score(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("def f(:\n")
    with pytest.raises(InputError, match=r"no Python code that parses; bad\.py:1: does not parse"):
        audit(tmp_path)


def test_a_pipe_that_is_named_itself(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    with pytest.raises(InputError, match="not a regular file"):
        audit(tmp_path / "pipe.py")
