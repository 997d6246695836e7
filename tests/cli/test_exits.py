"""Exit codes, and what a person sees when something goes wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import click
import pytest

from council import errors
from council.ballot import Outcome
from council.cli.exits import Exit, guarded, of_outcome
from council.error_context import FIELDS


def raising(error: BaseException) -> int:
    def invoke() -> NoReturn:
        raise error

    return guarded(invoke, "council test")


@pytest.mark.parametrize(("outcome", "code"), [("APPROVE", 0), ("MODIFY", 1), ("REJECT", 2), ("INCONCLUSIVE", 3)])
def test_each_outcome_has_its_code(outcome: str, code: int) -> None:
    assert of_outcome(Outcome(outcome)) == code


def test_every_outcome_has_a_code() -> None:
    assert len({of_outcome(outcome) for outcome in Outcome}) == len(Outcome)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UsageError("x"), 64),
        (errors.InputError("x"), 65),
        (errors.ProposalError("x"), 65),
        (errors.SeatFileError("x", path="p", line=3), 65),
        (errors.RosterError("x"), 65),
        (errors.ConfigError("x"), 65),
        (errors.MissingInputError("x"), 66),
        (errors.UnavailableError("x"), 69),
        (errors.ExpectationError("x"), 4),
        (errors.JournalError("x"), 69),
        (errors.PendingError("rev-1", {}), 5),
        (click.UsageError("x"), 64),
        (click.FileError("x"), 64),
        (click.Abort(), 130),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(), 141),
        (SystemExit(1), 141),  # how click ends when the reader of its output has gone
    ],
)
def test_each_error_has_its_code_and_no_traceback(error: BaseException, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert raising(error) == code
    assert "Traceback" not in capsys.readouterr().err


def test_an_error_is_one_line_that_says_where_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    raising(errors.SeatFileError("no\x1b[31m name\n", path="a.md", line=3, hint="give one"))
    assert capsys.readouterr().err == "council: a.md:3: no name (give one)\n"


def test_a_usage_error_points_to_the_help_of_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    context = click.Context(
        click.Command("review"), info_name="review", parent=click.Context(click.Command("council"), info_name="council")
    )
    raising(click.UsageError("No such option '--x'.", context))
    assert capsys.readouterr().err == "council: No such option '--x'. (see council review --help)\n"


def test_a_fault_of_ours_shows_a_reference_and_the_log_has_the_rest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert raising(ZeroDivisionError("by zero")) == Exit.FAULT
    said = capsys.readouterr().err
    record = json.loads((tmp_path / "council.log").read_text(encoding="utf-8"))
    assert said.startswith(f"council: Something went wrong. Reference: {record['error_id']} ")
    assert "ZeroDivisionError" not in said
    assert set(FIELDS) <= set(record)
    assert (record["message"], record["operation"], "ZeroDivisionError" in record["stack_trace"]) == ("by zero", "council test", True)


def test_a_record_that_no_file_takes_goes_to_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COUNCIL_LOG", str(tmp_path / "council.log/below/a/file"))
    (tmp_path / "council.log").write_text("")
    raising(ZeroDivisionError("by zero"))
    first, second = capsys.readouterr().err.splitlines()
    assert json.loads(first)["error_id"] in second


def test_without_an_error_there_is_no_log(tmp_path: Path) -> None:
    assert guarded(lambda: 3, "council test") == 3
    assert guarded(lambda: None, "council test") == 0
    assert not (tmp_path / "council.log").exists()


def test_a_reader_that_goes_away_is_no_error() -> None:
    with subprocess.Popen([sys.executable, "-m", "council", "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == Exit.BROKEN_PIPE


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")  # noqa: PTH110 - Path.exists says the same and costs an import
def test_a_full_disk_is_said_in_one_line() -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device, not a file of ours
        done = subprocess.run([sys.executable, "-m", "council", "schema"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == Exit.UNAVAILABLE
    assert done.stderr == "council: standard output: cannot be written: No space left on device (nothing was kept)\n"
