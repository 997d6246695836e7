"""What the README shows is what the command prints, and what it names is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_transcripts_are_what_the_command_prints() -> None:
    run = subprocess.run([sys.executable, "scripts/readme_transcripts.py", "--check"], cwd=ROOT, check=False)
    assert run.returncode == 0, "run python scripts/readme_transcripts.py"


def test_every_local_link_leads_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_graph_it_shows_runs(tmp_path: Path) -> None:
    shown = next(block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "StateGraph(" in block)
    (tmp_path / "rfc.md").write_text((ROOT / "examples" / "approve-rate-limits.md").read_text(encoding="utf-8"), encoding="utf-8")
    code = f'{shown}\nprint(state["verdict"].outcome)'
    run = subprocess.run([sys.executable, "-X", "utf8", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.stdout == "APPROVE\n", run.stderr


def test_the_persona_it_shows_loads_and_can_be_seated(tmp_path: Path) -> None:
    from council.reviewers.checklist.phrases import parse_phrase
    from council.seats import build_roster, check_paths

    shown = README.split("````markdown\n")[1].split("````")[0] if "````markdown" in README else ""
    assert shown
    (tmp_path / "acme.md").write_text(shown, encoding="utf-8")
    assert check_paths([tmp_path / "acme.md"], validate_phrase=parse_phrase) == []
    roster = build_roster(personas_dirs=[tmp_path], seat={"operator": "acme"}, entry_points=False)
    assert roster.seat("operator").persona.name == "acme"
