"""Each signal of each function of the sample is taken out in turn; the audit has to name what is gone, and nothing else.

`make test ARGS="-k ablation -s"` prints the figures.
"""

from __future__ import annotations

import ast
import importlib.util
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from council.tracer.audit import audit

HERE = Path(__file__).parent
SAMPLES = HERE / "samples"

_spec = importlib.util.spec_from_file_location("ablation", HERE / "ablation.py")
ablation = importlib.util.module_from_spec(_spec)
sys.modules["ablation"] = ablation  # a dataclass asks for the module that defines it
_spec.loader.exec_module(ablation)


def found(root: Path) -> Counter:
    """The findings, without their lines, which move when something above them is taken out."""
    return Counter((f.file, f.function, f.signal, f.kind, f.message) for f in audit(root).findings)


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """The instrumented sample, each module written as ast.unparse writes it."""
    root = tmp_path / "service"
    shutil.copytree(SAMPLES / "instrumented", root)
    for path in root.rglob("*.py"):
        path.write_text(ast.unparse(ast.parse(path.read_text())))
    return root


def measured(root: Path, *, single: bool) -> tuple[float, list, list]:
    """Recall, what was missed, and new findings in other functions or for other signals."""
    before = found(root)
    missed, elsewhere, total = [], [], 0
    for file, function, what, text in ablation.ablations(root, single=single):
        path = root / file
        kept = path.read_text()
        path.write_text(text)
        new = found(root) - before
        path.write_text(kept)
        total += 1
        expected = (file, function, ablation.SIGNAL[what])
        missed += [] if any(key[:3] == expected for key in new) else [(*expected, what)]
        elsewhere += [key for key in new if key[:3] != expected]
    return 1 - len(missed) / total, missed, elsewhere


def test_what_is_taken_out_of_a_function_is_named_and_nothing_else_is(service: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recall, missed, elsewhere = measured(service, single=False)
    with capsys.disabled():
        print(f"\nablation by function and signal: recall {recall:.1%}, {len(elsewhere)} elsewhere")  # noqa: T201 - figures for a person
    assert elsewhere == []
    assert recall >= 0.95, missed


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_most_single_statements_are_missed_too(service: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recall, _, elsewhere = measured(service, single=True)
    with capsys.disabled():
        print(f"\nablation by single statement: recall {recall:.1%}, {len(elsewhere)} elsewhere")  # noqa: T201 - figures for a person
    assert elsewhere == []
    assert recall >= 0.7


def test_the_stripped_sample_is_blind_where_the_instrumented_one_is_not() -> None:
    seen, blind = audit(SAMPLES / "instrumented"), audit(SAMPLES / "stripped")
    assert [(e.function, e.kind) for e in blind.entry_points] == [(e.function, e.kind) for e in seen.entry_points]
    assert seen.score > 90
    assert blind.score < 25
    assert all(row.of(signal).level == "none" for row in blind.matrix.rows for signal in ("traces", "logs", "metrics"))
