"""The code that docs/embedding.md shows runs as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from council.events import Event
from council.workflow import build_council

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")


def test_the_code_runs_in_the_order_in_which_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "rfc.md").write_text((ROOT / "examples" / "approve-rate-limits.md").read_text(encoding="utf-8"), encoding="utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment, timeout=100, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("APPROVE The ")
    assert (lines[1], lines[-2], lines[-1]) == ("review_started", "verdict", "APPROVE")


def test_it_names_arguments_and_events_that_there_are() -> None:
    arguments = re.findall(r"(?m)^\| `(\w+)` \|", PAGE)
    assert set(arguments) <= set(build_council.__annotations__)
    assert len(arguments) == 6
    kinds = {kind.model_fields["event"].default for kind in Event.__origin__.__args__}
    assert {
        name for name in re.findall(r"`(\w+)`", PAGE.split("## Events")[1].split("##")[0]) if "_" in name and name != "on_event"
    } <= kinds


def test_its_links_lead_somewhere() -> None:
    assert all((ROOT / "docs" / link).exists() for link in re.findall(r"\]\(([^)#]+)\)", PAGE))
