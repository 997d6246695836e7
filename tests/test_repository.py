"""What holds for the files of the repository as a whole."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@cache
def files() -> tuple[Path, ...]:
    """Every file that is or would be committed; the folders' own where this is no checkout."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
        return tuple(path for name in listed if name and (path := ROOT / name).is_file())
    folders = ("agents", "council", "docs", "examples", "personas", "tests")
    return tuple(path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def python_files(*parts: str) -> list[Path]:
    folder = ROOT.joinpath(*parts)
    return sorted(path for path in files() if path.suffix == ".py" and (path == folder or folder in path.parents))


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("folder", ["agents", "personas"])
def test_seats_are_data_alone(folder):
    """A module in a root `agents/` would shadow the package of that name which openai-agents installs."""
    found = [path for path in files() if path.is_relative_to(ROOT / folder)]
    assert found
    assert [shown(path) for path in found if path.suffix != ".md"] == []


def test_nothing_below_the_command_line_prints():
    """Neither by `print` nor by taking the standard streams for itself."""
    printing = [
        f"{shown(path)}:{node.lineno}"
        for path in python_files("council")
        if not path.is_relative_to(ROOT / "council" / "cli")
        for node in nodes(path)
        if (isinstance(node, ast.Name) and node.id == "print") or (isinstance(node, ast.Attribute) and node.attr in {"stdout", "stderr"})
    ]
    assert printing == []


@pytest.mark.parametrize("part", ["ballot", "rulings", "evidence"])
def test_the_rules_open_no_file(part):
    modules = python_files("council", part) + python_files("council", f"{part}.py")
    assert modules
    for path in modules:
        imported = {alias.name for node in nodes(path) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module or "" for node in nodes(path) if isinstance(node, ast.ImportFrom)}
        assert {name.split(".")[0] for name in imported}.isdisjoint({"io", "os", "pathlib", "shutil", "socket", "subprocess", "tempfile"})
        assert [node.lineno for node in nodes(path) if isinstance(node, ast.Name) and node.id == "open"] == []


def test_nothing_names_a_path_of_one_machine():
    """The corpus stands beside the checkout, and is found from there."""
    outside = re.compile(r"(?<!\w)/work/|\bshared/(?!corpus\b)")
    wrong = [
        f"{shown(path)}:{number}: {line.strip()[:120]}"
        for path in files()
        if path != Path(__file__)
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1)
        if outside.search(line)
    ]
    assert wrong == []


def test_each_suppression_gives_its_reason():
    """`# noqa: S101 - why`, `# type: ignore[code] - why`: the reason stands behind the code, on the same line."""
    suppression = re.compile(r"#\s*(noqa\b(:\s*[A-Z]+[0-9]+(,\s*[A-Z]+[0-9]+)*)?|type:\s*ignore(\[[a-z, -]+\])?)(?P<rest>.*)")
    bare = [
        f"{shown(path)}:{token.start[0]}: {token.string}"
        for path in python_files()
        for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
        if token.type == tokenize.COMMENT
        for match in suppression.finditer(token.string)
        if len(re.findall(r"[A-Za-z]{2,}", match["rest"])) < 2
    ]
    assert bare == []
