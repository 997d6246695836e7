"""The fixture; the conftest.py beside the tests that need it imports it, and they mark themselves `loopback`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.loopback.server import Loopback


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A running server that answers everything; its `script` may be replaced."""
    with Loopback() as server:
        yield server
