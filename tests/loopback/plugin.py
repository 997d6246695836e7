"""The fixture; a test module imports it by name and marks itself `loopback`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.loopback.server import Loopback


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A running server that answers everything; its `script` may be replaced."""
    with Loopback() as server:
        yield server
