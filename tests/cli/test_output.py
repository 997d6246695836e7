"""A report is written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from council.cli.output import check_output, write
from council.errors import CouncilError, MissingInputError, UnavailableError, UsageError


@pytest.fixture
def umask() -> None:
    before = os.umask(0o027)
    yield
    os.umask(before)


def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path: Path, umask: None) -> None:
    write("text", tmp_path / "out.md")
    assert stat.S_IMODE((tmp_path / "out.md").stat().st_mode) == 0o640


def test_nothing_else_is_left_beside_it(project: Path) -> None:
    before = set(project.iterdir())
    write("text ✓", project / "out.md")
    assert set(project.iterdir()) - before == {project / "out.md"}
    assert (project / "out.md").read_text(encoding="utf-8") == "text ✓"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    write("text", tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "text"


def test_a_device_is_written_to_and_not_replaced() -> None:
    write("text", Path(os.devnull))
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_a_failure_leaves_the_old_file_and_nothing_half_written(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    (project / "out.md").write_text("old")
    before = set(project.iterdir())
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnavailableError, match="No space left on device"):
        write("new", project / "out.md")
    assert (project / "out.md").read_text() == "old"
    assert set(project.iterdir()) == before


@pytest.mark.parametrize(
    ("output", "error"),
    [
        ("missing/out.md", MissingInputError),
        (".git", UsageError),
        ("rfc.md", UsageError),
        ("./sub/../rfc.md", UsageError),
        ("hard", UsageError),
    ],
)
def test_what_cannot_be_written_is_refused_before_any_work(project: Path, output: str, error: type[CouncilError]) -> None:
    (project / "sub").mkdir()
    (project / "hard").hardlink_to(project / "rfc.md")
    with pytest.raises(error):
        check_output(Path(output), "rfc.md")


def test_any_other_file_may_be_written(project: Path) -> None:
    (project / "old.md").write_text("old")
    for output in ("-", "new.md", "old.md"):
        check_output(Path(output), "rfc.md")
    check_output(Path("rfc.md"), "-")
