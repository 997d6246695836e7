"""The loopback server, as a fixture for the tests beside this file."""

from tests.loopback.plugin import loopback  # noqa: F401 - pytest finds it here
