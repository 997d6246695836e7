"""Help comes at once, and a wrong command line is told from a verdict."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

import council as package

IMPORTED = """
import sys
from council.cli import main
for line in sys.argv[1:]:
    sys.argv = ["council", *line.split()]
    try:
        main()
    except SystemExit as done:
        assert not done.code, (line, done.code)
print([name for name in ("langgraph", "pydantic", "rich", "yaml") if name in sys.modules])
"""


def test_help_and_version_import_nothing_heavy(process: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    lines = (
        "--help",
        "--version",
        "review --help",
        "reviews --help",
        "overrule --help",
        "seats --help",
        "seats show --help",
        "seats check --help",
        "schema --help",
    )
    done = process(*lines, python=("-c", IMPORTED))
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr


def test_the_version_is_the_package_s(council: Callable[..., Any]) -> None:
    assert council("--version").stdout == f"council {package.__version__}\n"


def test_the_exit_codes_are_in_the_help_of_review(council: Callable[..., Any]) -> None:
    shown = council("review", "--help").stdout
    assert "0 APPROVE   1 MODIFY   2 REJECT   3 INCONCLUSIVE   5 waiting for a person" in shown
    assert "70 a fault of ours" in shown


@pytest.mark.parametrize(
    "line",
    [
        "",
        "bogus",
        "--bogus",
        "review",
        "review --bogus rfc.md",
        "review a b",
        "review --max-bytes 0 rfc.md",
        "schema --of x",
        "seats bogus",
    ],
)
def test_a_wrong_command_line_ends_with_64_and_never_with_2(line: str, council: Callable[..., Any]) -> None:
    done = council(*line.split())
    assert done.exit_code == 64
    assert done.stdout == ""
