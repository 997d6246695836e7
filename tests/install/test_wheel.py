"""The wheel in a clean environment: what a person gets who has no checkout.

Asks a package index for the locked dependencies, so `make test` leaves it out and `.ci/run` runs it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEATS = sorted(path.stem for path in (ROOT / "agents").glob("*.md"))

pytestmark = [pytest.mark.install, pytest.mark.timeout(900)]

# Runs at the start of every Python of the clean environment, and makes a read of the checkout an error.
GUARD = """
import os, sys
def refuse(event, args, checkout={checkout!r}):
    if event in ("open", "os.listdir", "os.scandir") and isinstance(args[0], (str, bytes)):
        if os.path.realpath(os.fsdecode(args[0])).startswith(checkout):
            raise PermissionError(f"reads the checkout: {{args[0]}}")
sys.addaudithook(refuse)
"""


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command with nothing of the checkout in its environment, and standard input closed."""
    environment = {"PATH": os.defpath, "HOME": str(cwd), "PYTHONUTF8": "1"}
    closed = ["sh", "-c", 'exec "$@" <&-', "sh", *map(str, command)]
    return subprocess.run(closed, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def succeed(*command: str | Path, cwd: Path) -> None:
    """Run a command of the set-up, which may use the checkout and the network."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The folder of the commands of an environment that holds the wheel and what the wheel asks for.

    The lock's packages are fetched first, each checked against its hash; the installer then takes of them what the
    wheel's own metadata names and nothing else.
    """
    folder = tmp_path_factory.mktemp("install")
    succeed(sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist", ROOT, cwd=folder)  # the wheel from the sdist
    (wheel,) = folder.glob("dist/*.whl")
    venv.create(folder / "venv", with_pip=True, symlinks=True)
    pip = [folder / "venv" / "bin" / "python", "-m", "pip"]
    succeed(*pip, "download", "--require-hashes", "-r", ROOT / "constraints.txt", "--dest", "locked", cwd=folder)
    succeed(*pip, "install", "--no-index", "--find-links", "locked", wheel, cwd=folder)
    packages = Path(sysconfig.get_path("purelib", "venv", vars={"base": str(folder / "venv")}))
    (packages / "sitecustomize.py").write_text(GUARD.format(checkout=f"{ROOT.resolve()}{os.sep}"))
    return folder / "venv" / "bin"


def test_the_guard_of_the_checkout_guards(installed, tmp_path):
    done = run(installed / "python", "-c", f"open({str(ROOT / 'pyproject.toml')!r})", cwd=tmp_path)
    assert "reads the checkout" in done.stderr


def test_what_the_wheel_asks_for_fits_together(installed, tmp_path):
    done = run(installed / "python", "-m", "pip", "check", cwd=tmp_path)
    assert done.returncode == 0, done.stdout


def test_every_seat_is_found(installed, tmp_path):
    done = run(installed / "council", "seats", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [name for name in SEATS if name not in done.stdout] == []


def test_a_proposal_is_reviewed_from_another_folder(installed, tmp_path):
    shutil.copy(ROOT / "examples" / "approve-rate-limits.md", tmp_path / "proposal.md")
    done = run(installed / "council", "review", "--format", "json", "proposal.md", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    verdict = json.loads(done.stdout)
    assert verdict["outcome"] == "APPROVE"
    assert sorted(opinion["seat"] for opinion in verdict["opinions"]) == SEATS
    assert all(opinion["abstention"] is None or opinion["abstention"]["cause"] == "not_applicable" for opinion in verdict["opinions"])
