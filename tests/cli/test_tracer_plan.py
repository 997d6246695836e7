"""`council tracer plan|config|runbook` and `council review --plan`, from the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[1] / "tracer" / "samples" / "stripped"


@pytest.fixture
def service(project: Path) -> Path:
    shutil.copytree(SAMPLE, project / "code")
    return project / "code"


def test_a_plan_of_code_names_its_lines(council, service):
    done = council("tracer", "plan", "code")
    assert done.exit_code == 0
    assert done.stdout.startswith("Scope: shop\nSignals: [traces|logs|metrics]\nProbes: [\n")
    assert "{shop/api.py:" in done.stdout


def test_a_plan_of_a_proposal_names_its_sections(council):
    done = council("tracer", "plan", "rfc.md", "--format", "json")
    assert done.exit_code == 0
    plan = json.loads(done.stdout)
    assert all(probe["location"].startswith("rfc.md:") for probe in plan["probes"])


def test_configuration_is_written_below_a_directory(council, service, project):
    done = council("tracer", "config", "code", "--output", "otel")
    assert done.exit_code == 0
    assert {path.relative_to(project / "otel").as_posix() for path in (project / "otel").rglob("*") if path.is_file()} == {
        "sdk/shop.yaml",
        "collector.yaml",
        "env/shop.env",
        "kubernetes.yaml",
        "kubernetes/shop.patch.yaml",
        "compose.otel.yaml",
    }
    assert "collector.yaml: graph checked" in done.stderr


def test_the_options_of_the_collector_reach_its_file(council):
    done = council("tracer", "config", "rfc.md", "--service", "orders", "--slow-ms", "250", "--format", "json")
    made = json.loads(done.stdout)
    assert made["services"] == ["orders"]
    assert "threshold_ms: 250" in next(file["text"] for file in made["files"] if file["path"] == "collector.yaml")


def test_runbooks_alerts_and_their_tests_are_written_together(council, service, project):
    done = council("tracer", "runbook", "code", "--output", "ops", "--base-url", "https://example.com/books")
    assert done.exit_code == 0
    rules = (project / "ops" / "alerts.yaml").read_text(encoding="utf-8")
    pages = {path.name for path in (project / "ops" / "runbooks").iterdir()}
    assert pages
    assert {name for name in pages if f"https://example.com/books/{name}" in rules} == pages
    assert (project / "ops" / "alerts.test.yaml").is_file()


@pytest.mark.parametrize("command", ["plan", "config", "runbook"])
def test_bad_input_is_one_line(council, project, command):
    (project / "binary.md").write_bytes(b"\x00\x01" * 100)
    (project / "empty").mkdir()
    for path, code in (("nowhere.md", 66), ("binary.md", 65), ("empty", 65), ("nowhere.py", 66)):
        done = council("tracer", command, path)
        assert done.exit_code == code, path
        assert len(done.stderr.splitlines()) == 1
        assert "Traceback" not in done.stderr


def test_files_go_into_no_file(council):
    done = council("tracer", "config", "rfc.md", "--output", "rfc.md")
    assert done.exit_code == 64
    assert "is a file" in done.stderr


def test_a_review_adds_plan_and_stubs_ready_to_paste(council):
    plain = council("review", "rfc.md", "--format", "md", "--quiet")
    done = council("review", "rfc.md", "--format", "md", "--quiet", "--plan")
    assert done.exit_code == plain.exit_code
    assert "### Instrumentation plan" not in plain.stdout
    assert "### Instrumentation plan" in done.stdout
    assert "### Runbook stubs" in done.stdout


def test_the_json_of_a_review_with_a_plan_holds_the_verdict_as_it_is(council):
    done = council("review", "rfc.md", "--format", "json", "--quiet", "--plan", "--exit-zero")
    data = json.loads(done.stdout)
    assert list(data) == ["verdict", "plan", "runbooks"]
    assert data["verdict"]["outcome"]
    assert data["plan"]["probes"]
    assert data["runbooks"]


def test_the_terminal_shows_the_template(council):
    done = council("review", "rfc.md", "--quiet", "--plan")
    assert "\nInstrumentation plan\nScope: Keep a log of node restarts\n" in done.stdout


def test_a_council_without_the_tracer_makes_no_plan(council):
    done = council("review", "rfc.md", "--quiet", "--plan", "--seats", "operator,architect,sentinel")
    assert done.exit_code == 65
    assert "enforces observability" in done.stderr
