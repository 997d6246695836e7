"""The wheel in a clean environment: what a person gets who has no checkout.

Asks a package index for the locked dependencies, so `make test` leaves it out and `.ci/run` runs it.
"""

from __future__ import annotations

import hashlib
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


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The folder of the commands of an environment that holds the wheel and the locked dependencies alone."""
    folder = tmp_path_factory.mktemp("install")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]  # the wheel from the sdist
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=True, symlinks=True)
    python = folder / "venv" / "bin" / "python"
    wanted = folder / "requirements.txt"
    wanted.write_text(f"rfc-council @ {wheel.as_uri()} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
    install = [python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", wanted, "-c", ROOT / "constraints.txt"]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
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
