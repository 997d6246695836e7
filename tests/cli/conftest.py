"""A project to stand in, and the command run inside this process or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from council.cli.root import cli
from tests.loopback.plugin import loopback

__all__ = ["loopback"]

PROPOSAL = """\
# Keep a log of node restarts

## Summary

Each node appends one structured line for every restart, with the node's id, the cause and the request id that was
being served. The log is kept for 30 days and can be searched by any of these fields.

## Rollback

The flag `restart_log` turns it off within a minute, without a deployment. The team on call owns it.
"""

Council = Callable[..., Result]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, which is the working directory; records of errors stay in it."""
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    (root / "rfc.md").write_text(PROPOSAL, encoding="utf-8")
    monkeypatch.chdir(root)
    monkeypatch.setenv("COUNCIL_LOG", str(tmp_path / "council.log"))
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return root


@pytest.fixture
def council() -> Council:
    """Runs the command inside this process."""

    def run(*args: str, stdin: str | bytes = "") -> Result:
        return CliRunner().invoke(cli, args, input=stdin)

    return run


@pytest.fixture
def process(project: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command as a person does."""

    def run(*args: str, python: tuple[str, ...] = ("-m", "council"), **env: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *python, *args]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env={**os.environ, **env}, timeout=60, check=False)

    return run
