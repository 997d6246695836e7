"""`council tracer audit`: formats and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from council.cli.root import cli
from council.tracer.audit import audit
from council.tracer.audit_report import render
from council.tracer.model import AuditReport

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNCIL_LOG", str(tmp_path / "council.log"))


@pytest.mark.parametrize("form", ["terminal", "md", "json", "sarif"])
def test_each_format_names_findings_and_score(form: str) -> None:
    done = CliRunner().invoke(cli, ["tracer", "audit", str(SAMPLES / "stripped"), "--format", form, "--verbose"])
    assert done.exit_code == 0, done.stderr
    assert "unseen-lifecycle" in done.stdout.replace("\\", "")
    assert "shop/api.py" in done.stdout.replace("\\", "").replace("\n", "")


def test_json_is_the_report() -> None:
    report = audit(SAMPLES / "stripped")
    assert AuditReport.model_validate_json(render(report, "json")) == report


def test_sarif_has_what_the_standard_asks_for() -> None:
    """OASIS SARIF 2.1.0: version, runs, tool.driver.name; each result its message, its rule and 1-based lines."""
    report = audit(SAMPLES / "stripped")
    sarif = json.loads(render(report, "sarif"))
    (run,) = sarif["runs"]
    assert sarif["version"] == "2.1.0"
    assert run["tool"]["driver"]["name"] == "council tracer audit"
    assert len(run["results"]) == len(report.findings)
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        assert result["message"]["text"]
        location = result["locations"][0]["physicalLocation"]
        assert location["region"]["startLine"] >= 1
        assert not location["artifactLocation"]["uri"].startswith("/")


@pytest.mark.parametrize(("under", "code"), [("99.9", 4), ("1", 0)])
def test_a_score_below_what_was_asked_for_ends_with_4(under: str, code: int) -> None:
    done = CliRunner().invoke(cli, ["tracer", "audit", str(SAMPLES / "instrumented"), "--fail-under", under])
    assert done.exit_code == code


@pytest.mark.parametrize(("path", "code"), [("nowhere", 66), (str(SAMPLES / "instrumented" / "requirements.txt"), 65)])
def test_bad_input_is_one_line(path: str, code: int) -> None:
    done = CliRunner().invoke(cli, ["tracer", "audit", path])
    assert done.exit_code == code
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_control_characters_of_the_audited_code_reach_no_terminal(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "import requests\ndef f(x):\n    if x == '\\x1b[31m\u202e':\n        return None\n    return requests.get(x)\n"
    )
    for form in ("terminal", "md"):
        shown = render(audit(tmp_path), form, verbose=True)
        assert "\x1b" not in shown
        assert "\u202e" not in shown
