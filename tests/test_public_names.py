"""What `council` promises, and that promising costs nothing."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import council

PROMISED = [
    "Council",
    "CouncilContext",
    "CouncilError",
    "Deadlines",
    "Event",
    "Opinion",
    "Outcome",
    "PendingError",
    "PersonDecision",
    "Policy",
    "Proposal",
    "Reply",
    "Reviewed",
    "Reviewer",
    "Roster",
    "Rule",
    "Seat",
    "Verdict",
    "Vote",
    "__version__",
    "areview",
    "build_council",
    "build_roster",
    "parse_proposal",
    "read_proposal",
    "review",
]


def test_the_public_names_are_these() -> None:
    assert council.__all__ == PROMISED
    assert set(PROMISED) <= set(dir(council))


@pytest.mark.parametrize("name", PROMISED)
def test_each_public_name_is_there(name: str) -> None:
    assert getattr(council, name) is not None


def test_another_name_is_not() -> None:
    with pytest.raises(AttributeError, match="module 'council' has no attribute 'verdict'"):
        _ = council.verdict  # type: ignore[attr-defined]  # the point of the test


def test_import_council_loads_neither_langgraph_nor_pydantic() -> None:
    code = "import sys, json, council; print(json.dumps([name.split('.')[0] for name in sys.modules]))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)
    assert "council" in loaded
    assert not {"langgraph", "langchain_core", "pydantic", "rich", "yaml"} & set(loaded)


def test_a_public_name_loads_only_what_it_needs() -> None:
    code = "import sys, json; from council import Proposal; print(json.dumps([name.split('.')[0] for name in sys.modules]))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)
    assert "langgraph" not in loaded
