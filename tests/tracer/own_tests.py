"""Runs a package's own tests before and after its logging is rewritten, and compares.

    python tests/tracer/own_tests.py httpbin==0.10.4 httpbin tests
    python tests/tracer/own_tests.py flower==2.2.0 flower tests/unit redis

The arguments: a requirement, whose source distribution holds the tests; the folder to rewrite; the folder of tests; what
else the tests need. It downloads with pip, and runs in a virtual environment of its own in a temporary folder.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from council.tracer.structured.run import rewrite_logging


def run(*command: str, cwd: Path, path: str = "") -> str:
    """The output of a command, whatever it ends with."""
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False).stdout


def unpack(requirement: str, folder: Path) -> Path:
    """The source distribution, unpacked."""
    run(sys.executable, "-m", "pip", "download", "-q", "--no-binary", ":all:", "--no-deps", requirement, cwd=folder)
    archive = next(folder.glob("*.tar.gz"))
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


def outcomes(root: Path, source: str, tests: str, python: Path) -> dict[str, str]:
    """What came of each test."""
    command = (str(python), "-m", "pytest", tests, "-rA", "-q", "--tb=no", "-p", "no:cacheprovider", "-o", "addopts=")
    text = run(*command, cwd=root, path=str((root / source).parent))
    return {name: outcome for outcome, name in re.findall(r"^(PASSED|FAILED|ERROR|SKIPPED) (\S+)", text, re.MULTILINE)}


def main(requirement: str, source: str, tests: str, *needs: str) -> int:
    """Ends with 1 where a test that passed does not pass any more."""
    with tempfile.TemporaryDirectory() as scratch:
        root = unpack(requirement, Path(scratch))
        run(sys.executable, "-m", "venv", str(root / ".venv"), cwd=root)
        python = root / ".venv" / "bin" / "python"
        run(str(python), "-m", "pip", "install", "-q", "pytest", str(root), *needs, cwd=root)
        before = outcomes(root, source, tests, python)
        report = rewrite_logging(root / source, write=True)
        after = outcomes(root, source, tests, python)
    passed = {name for name, outcome in before.items() if outcome == "PASSED"}
    broken = sorted(name for name in passed if after.get(name) != "PASSED")
    done = len(report.rewritten) + report.already
    told = f"{done} of {report.calls} logging calls; {len(passed)} tests passed before, {len(broken)} of them fail after"
    print(f"{requirement}: {told}", *broken, sep="\n  ")  # noqa: T201 - figures for a person
    return int(bool(broken) or not passed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
