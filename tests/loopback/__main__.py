"""The server as a process of its own, for measurements: `python -m tests.loopback --delay 1.0` prints its address."""

from __future__ import annotations

import argparse
import sys

from tests.loopback.behaviour import Behaviour, always, long_tailed
from tests.loopback.server import Loopback


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="tests.loopback", description=__doc__)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--long-tailed", action="store_true", help="draw the delays from a log-normal distribution with that median")
    options = parser.parse_args()
    script = long_tailed(options.delay) if options.long_tailed else always(Behaviour(delay=options.delay))
    with Loopback(script) as server:
        sys.stdout.write(server.url + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
