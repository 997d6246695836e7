"""Put what `council review` really prints into the README; `--check` only says whether it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
EXAMPLES = {"approve": "examples/approve-rate-limits.md", "reject": "examples/reject-session-store.md"}
CUT = "  …"


def printed(example: str) -> list[str]:
    """The report on an example, without the footer, which holds times, ids and hashes."""
    environment = {**os.environ, "COLUMNS": "110", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "council", "review", "--no-project-config", example]
    run = subprocess.run(  # noqa: S603 - our own command on our own examples
        command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", env=environment, check=False
    )
    lines = [line.rstrip() for line in run.stdout.splitlines()]
    return lines[: next(n for n, line in enumerate(lines) if line.startswith("sha256 ")) - 1]


def shortened(lines: list[str]) -> list[str]:
    """The head, the first findings, the first conditions and the notes."""
    starts = {line.split(" ", 1)[0].rstrip(":"): n for n, line in enumerate(lines)}
    if "Blockers" not in starts:
        return lines
    findings, conditions, notes = starts["Blockers"], starts["Conditions"], starts["Notes"]
    return [*lines[: findings + 22], CUT, "", *lines[conditions : conditions + 12], CUT, "", *lines[notes:]]


def with_transcripts(readme: str) -> str:
    """The README with the transcripts as they print now."""
    for name, example in EXAMPLES.items():
        body = "\n".join(["```console", f"$ council review {example}", *shortened(printed(example)), "```"])
        pattern = rf"(<!-- transcript: {name} -->\n).*?(\n<!-- end -->)"
        readme = re.sub(pattern, lambda found, body=body: found[1] + body + found[2], readme, count=1, flags=re.DOTALL)
    return readme


def main() -> int:
    """Write the README, or with `--check` compare."""
    before = README.read_text(encoding="utf-8")
    after = with_transcripts(before)
    if "--check" in sys.argv[1:]:
        return int(before != after)
    README.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
