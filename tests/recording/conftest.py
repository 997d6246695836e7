"""A project with a proposal, the command, and a server on loopback whose answers are synthetic."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Council, council, project
from tests.loopback import behaviour as do
from tests.loopback.plugin import loopback
from tests.loopback.server import Loopback

__all__ = ["council", "loopback", "project"]


@pytest.fixture
def synthetic(council: Council, loopback: Loopback, project: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The text of a recording of six seats, made against the server: the tracer rejects, the others approve."""
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    monkeypatch.chdir(project)  # another fixture may have gone elsewhere
    loopback.script = do.voting({"tracer": "REJECT"})
    file = project / "synthetic.yaml"
    result = council(
        "review", "rfc.md", "--model", "openai:gpt-4o", "--base-url", loopback.openai_url, "--record", str(file), "--exit-zero"
    )
    assert result.exit_code == 0, result.stderr
    return file.read_text(encoding="utf-8")
