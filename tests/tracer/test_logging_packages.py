"""The rewriting of logging on real packages, copied from where they are installed.

`pytest tests/tracer/test_logging_packages.py -m "slow or not slow" -s` prints the figures.
"""

from __future__ import annotations

import importlib.util
import io
import shutil
import sysconfig
import tokenize
import warnings
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import pytest

pytest.importorskip("libcst", reason="the extra `tracer` is not installed")

from council.tracer.structured.model import LoggingReport
from council.tracer.structured.run import rewrite_logging

STYLES = ("stdlib", "structlog")
MODULES = 50


def copied(package: str, folder: Path) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        pytest.skip(f"{package} is not installed: it is a development dependency of this test alone")
    root = folder / package
    shutil.copytree(Path(spec.origin).parent, root, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


def check(report: LoggingReport, root: Path) -> None:
    """Everything compiles, no comment is lost, a second run changes nothing."""
    for change in report.changes:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the package
            compile(change.after, change.file, "exec", dont_inherit=True)
        assert comments(change.after) == comments(change.before), change.file
    assert rewrite_logging(root, style=report.style).changes == ()


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    "package", ["httpbin", "microdot", *(pytest.param(name, marks=pytest.mark.slow) for name in ("vcr", "flask_admin"))]
)
def test_four_fifths_of_a_package_s_logging_calls_are_rewritten(
    package: str, style: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = copied(package, tmp_path)
    report = rewrite_logging(root, style=style, write=True)
    done = len(report.rewritten) + report.already
    with capsys.disabled():
        name = {"vcr": "vcrpy", "flask_admin": "flask-admin"}.get(package, package)
        print(f"\n{name} {version(name)}, {style}: {done} of {report.calls} logging calls, {len(report.left)} left")  # noqa: T201 - figures for a person
    assert report.calls
    assert done >= 0.8 * report.calls, report.left
    assert report.changes
    check(report, root)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("style", STYLES)
def test_fifty_real_modules_compile_keep_their_comments_and_stay(style: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    installed = Path(sysconfig.get_path("purelib"))
    candidates = [path for path in sorted(installed.rglob("*.py")) if b"getLogger(" in path.read_bytes() and "test" not in path.as_posix()]
    changed = calls = done = runs = 0
    for number, path in enumerate(candidates):
        if changed == MODULES:
            break
        root = tmp_path / str(number)
        root.mkdir()
        shutil.copy(path, root / path.name)
        report = rewrite_logging(root, style=style, write=True)
        runs += 1
        if not report.changes:
            continue
        changed += 1
        calls += report.calls
        done += len(report.rewritten) + report.already
        check(report, root)
    with capsys.disabled():
        print(f"\n{changed} modules changed of {runs} read, {style}: {done} of {calls} calls; all compile, no comment lost, all idempotent")  # noqa: T201 - figures for a person
    if changed < MODULES:
        pytest.skip(f"only {changed} installed modules have logging to rewrite")
    assert done >= 0.8 * calls
