"""Time and memory of the audit on many lines of real code: the standard library, as often as it takes.

    .venv/bin/python tests/benchmarks/audit.py [LINES]

Ends with 1 where 100,000 lines take longer than 60 s of one core or more than 500 MB.
"""

from __future__ import annotations

import resource
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from council.tracer.audit import audit

SECONDS, MEGABYTES = 60.0, 500.0


def fill(root: Path, wanted: int) -> int:
    """Copies modules of the standard library until there are that many lines."""
    lines = 0
    while lines < wanted:
        for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py")):
            if {"test", "tests", "site-packages", "lib2to3"} & set(path.parts):
                continue
            text = path.read_bytes()
            (root / f"m{lines}_{path.name.removeprefix('test_')}").write_bytes(text)
            lines += text.count(b"\n")
            if lines >= wanted:
                break
    return lines


def main() -> int:
    """Measure once, in this process."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), wanted)
        start = time.process_time()
        report = audit(Path(folder))
        seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1_000_000 if sys.platform == "darwin" else 1_000)
    print(f"{report.lines} lines, {report.files} files: {seconds:.1f} s of one core, {peak:.0f} MB, {len(report.findings)} findings")
    scale = max(1.0, report.lines / 100_000)
    return int(seconds > SECONDS * scale or peak > MEGABYTES * scale)


if __name__ == "__main__":
    sys.exit(main())
