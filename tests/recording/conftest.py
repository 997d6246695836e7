"""A project with a proposal, the command, and a server on loopback whose answers are synthetic."""

from __future__ import annotations

from tests.cli.conftest import council, project  # noqa: F401 - pytest finds them here
from tests.loopback.plugin import loopback  # noqa: F401 - pytest finds it here
