"""Each signal of each function of the sample is taken out in turn; the audit has to name what is gone, and nothing else.

`make test ARGS="-k ablation -s"` prints the figures.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

from council.tracer.audit import audit

HERE = Path(__file__).parent
SAMPLES = HERE / "samples"

_spec = importlib.util.spec_from_file_location("ablation", HERE / "ablation.py")
ablation = importlib.util.module_from_spec(_spec)
sys.modules["ablation"] = ablation  # a dataclass asks for the module that defines it
_spec.loader.exec_module(ablation)


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """A copy of the instrumented sample."""
    root = tmp_path / "service"
    shutil.copytree(SAMPLES / "instrumented", root)
    return root


def measured(service: Path, capsys: pytest.CaptureFixture[str], title: str, **options: bool) -> ablation.Measured:
    """Measure, and tell the figures."""
    result = ablation.measure(service, ablation.Api.of(service), **options)
    with capsys.disabled():
        print(f"\nablation by {title}: recall {result.recall:.1%} of {result.total}, {len(result.elsewhere)} elsewhere")  # noqa: T201 - for a person
    return result


def test_what_is_taken_out_of_a_function_is_named_and_nothing_else_is(service: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = measured(service, capsys, "function and signal")
    assert result.elsewhere == []
    assert result.recall >= 0.95, result.missed


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_span_that_is_taken_out_alone_is_named_and_nothing_else_is(service: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = measured(service, capsys, "span, what is written on it left", along=False)
    assert result.elsewhere == []
    assert result.recall >= 0.95, result.missed


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_most_single_statements_are_missed_too(service: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = measured(service, capsys, "single statement", single=True)
    assert result.elsewhere == []
    assert result.recall >= 0.7


HELPERS = {
    "count": "metrics",
    "timing": "metrics",
    "span": "spans",
    "traced": "spans",
    "tag": "attributes",
    "event": "logs",
    "problem": "logs",
}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("style", sorted(path.name for path in (SAMPLES / "styles").iterdir()))
def test_in_other_styles_too(style: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / style
    shutil.copytree(SAMPLES / "styles" / style, root)
    result = ablation.measure(root, ablation.Api.of(root, HELPERS if style == "own_helpers" else None))
    with capsys.disabled():
        print(f"\n{style}: recall {result.recall:.1%} of {result.total}, {len(result.elsewhere)} elsewhere")  # noqa: T201 - for a person
    assert result.elsewhere == []
    assert result.recall >= 0.95, result.missed


def test_the_stripped_sample_is_blind_where_the_instrumented_one_is_not() -> None:
    seen, blind = audit(SAMPLES / "instrumented"), audit(SAMPLES / "stripped")
    assert [(e.function, e.kind) for e in blind.entry_points] == [(e.function, e.kind) for e in seen.entry_points]
    assert seen.score > 90
    assert blind.score < 25
    assert all(row.of(signal).level == "none" for row in blind.matrix.rows for signal in ("traces", "logs", "metrics"))
