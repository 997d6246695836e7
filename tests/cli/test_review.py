"""`council review`, from a proposal on disk to a report and an exit code."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from council.ballot import Verdict
from council.reports.markdown import render as markdown

Run = Callable[..., Any]
Process = Callable[..., subprocess.CompletedProcess[str]]
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CODES = {"APPROVE": 0, "MODIFY": 1, "REJECT": 2, "INCONCLUSIVE": 3}
PERSONA = """\
---
name: acme
---

# acme

## Checklist

**1. Pager**
- [ ] Who is paged?
"""

LOADED = """
import sys
from council.cli import main
try:
    main()
finally:
    print([name for name in ("langgraph", "langchain_core") if name in sys.modules], file=sys.stderr)
"""


def reviewed(council: Run, *args: str) -> Verdict:
    done = council("review", "rfc.md", "--format", "json", *args)
    assert done.exit_code == CODES[json.loads(done.stdout)["outcome"]], done.stderr
    return Verdict.model_validate_json(done.stdout)


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.md")))
def test_an_example_is_reviewed_by_six_seats_and_its_outcome_is_the_exit_code(name: str, council: Run) -> None:
    done = council("review", str(EXAMPLES / name))
    assert done.stderr == ""
    assert done.exit_code == CODES[done.stdout.split()[0]]
    assert all(f"\n{seat} " in done.stdout for seat in ("tracer", "measurer", "operator", "architect", "benchmarker", "sentinel"))
    assert len(done.stdout.splitlines()) < 150


def test_in_a_pipe_there_is_a_report_without_colours_and_no_progress(process: Process) -> None:
    done = process("review", "rfc.md", TERM="xterm-256color")
    assert (done.returncode, done.stderr) == (CODES[done.stdout.split()[0]], "")
    assert "\x1b" not in done.stdout


def test_exit_zero_is_for_verdicts_only(council: Run) -> None:
    assert reviewed(council).outcome != "APPROVE"
    assert council("review", "rfc.md", "--exit-zero").exit_code == 0
    assert council("review", "nope.md", "--exit-zero").exit_code == 66


def test_standard_input_is_read_for_a_dash(council: Run, project: Path) -> None:
    done = council("review", "-", "--format", "json", stdin=(project / "rfc.md").read_text())
    verdict = Verdict.model_validate_json(done.stdout)
    assert (verdict.proposal, verdict.proposal_sha256) == ("<stdin>", reviewed(council).proposal_sha256)


def test_the_same_proposal_gives_the_same_bytes_but_for_times_and_ids(council: Run, process: Process) -> None:
    args = ("review", "rfc.md", "--format", "json")
    here, elsewhere = json.loads(council(*args).stdout), json.loads(process(*args, PYTHONHASHSEED="1").stdout)
    for key in ("review_id", "created", "elapsed_seconds"):
        assert here.pop(key)
        assert elsewhere.pop(key)
    assert json.dumps(here) == json.dumps(elsewhere)


def test_the_report_goes_to_the_file_and_nothing_to_the_screen(council: Run, project: Path) -> None:
    done = council("review", "rfc.md", "--format", "json", "--output", "out.json")
    assert done.output == ""
    assert Verdict.model_validate_json((project / "out.json").read_text()).proposal == "rfc.md"


def test_markdown_and_json_tell_of_the_same_review(council: Run, project: Path) -> None:
    shown = council("review", "rfc.md", "--format", "md").stdout
    assert shown.startswith("## Council: ")
    assert shown.splitlines()[:14] == markdown(reviewed(council)).splitlines()[:14]


def test_verbose_shows_every_answer(council: Run) -> None:
    short, verbose = (council("review", "rfc.md", *args).stdout for args in ((), ("--verbose",)))
    assert "tracer.high-cardinality.user-id" not in short
    assert "tracer.high-cardinality.user-id" in verbose


def test_flags_choose_seats_and_who_sits_in_them(council: Run, project: Path) -> None:
    (project / "personas").mkdir()
    (project / "personas/acme.md").write_text(PERSONA)
    verdict = reviewed(council, "--seats", "tracer,measurer,operator", "--personas", "personas", "--seat", "measurer=acme")
    assert [(o.seat, o.persona) for o in verdict.opinions] == [("tracer", "tracer"), ("measurer", "acme"), ("operator", "operator")]
    acme = next(o for o in verdict.origins if o.name == "acme")
    assert (acme.what, acme.origin) == ("persona", "--personas personas")


def test_a_project_s_configuration_holds_and_flags_go_before_it(council: Run, project: Path) -> None:
    (project / "council.toml").write_text('seats = ["tracer", "operator", "sentinel"]\nformat = "json"\n[policy]\nquorum_of_roster = 1\n')
    verdict = Verdict.model_validate_json(council("review", "rfc.md").stdout)
    assert [o.seat for o in verdict.opinions] == ["tracer", "operator", "sentinel"]
    assert next(o.origin for o in verdict.origins if o.what == "policy") == "council.toml"
    assert len(reviewed(council, "--seats", "tracer,operator,architect,measurer").opinions) == 4


def test_a_gate_can_refuse_the_configuration_of_the_branch(council: Run, project: Path) -> None:
    (project / "council.toml").write_text('seats = ["tracer", "operator", "sentinel"]\n[policy]\nquorum_of_roster = 1\n')
    verdict = reviewed(council, "--no-project-config")
    assert len(verdict.opinions) == 6
    assert next(o.origin for o in verdict.origins if o.what == "policy") == "package default"


def test_limits_come_from_flags_before_configuration(council: Run, project: Path) -> None:
    (project / "council.toml").write_text("[limits]\nmax_words = 5\n")
    done = council("review", "rfc.md")
    assert (done.exit_code, "the limit is 5" in done.stderr) == (65, True)
    assert council("review", "rfc.md", "--max-words", "1000").exit_code < 4


def test_a_fault_of_ours_shows_a_reference_and_no_traceback(council: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_named: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("council.reports.render", broken)
    done = council("review", "rfc.md")
    record = json.loads((tmp_path / "council.log").read_text())
    assert (done.exit_code, done.stdout) == (70, "")
    assert f"Something went wrong. Reference: {record['error_id']}" in done.stderr
    assert "Traceback" not in done.stderr
    assert record["operation"] == "council review"


def test_debug_shows_the_record_at_once(council: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_named: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("council.reports.render", broken)
    record, said = council("review", "rfc.md", "--debug").stderr.splitlines()
    assert json.loads(record)["error_id"] in said


def test_an_interrupt_ends_with_130(council: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_args: object, **_named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("council.council.Council.review", interrupted)
    done = council("review", "rfc.md", "--output", "out.md")
    assert (done.exit_code, done.stderr.lstrip("\n")) == (130, "council: interrupted\n")
    assert not Path("out.md").exists()


def test_bad_input_is_refused_before_the_workflow_is_imported(process: Process) -> None:
    done = process("review", "nope.md", python=("-c", LOADED))
    assert done.returncode == 66
    assert done.stderr.splitlines()[-1] == "[]"
