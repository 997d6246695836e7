"""What holds in every test: no network, no tracing service, and hypothesis that finds the same thing twice in CI."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

pytest_plugins = ["pytester"]

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

# A developer's own settings must not make langchain-core send the tests' runs anywhere.
os.environ["LANGSMITH_TRACING"] = os.environ["LANGCHAIN_TRACING_V2"] = "false"


class NetworkClosedError(RuntimeError):
    """A test tried to leave this process by a socket."""


# Of https://docs.python.org/3/library/audit_events.html, with the position of the address or host.
SOCKET_EVENTS = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
}


class Network:
    """The gate that every socket of the test process passes.

    Attributes:
        state: "open" outside of tests, "closed" in a test, "loopback" in one so marked.
        refused: what was refused in the running test; code under test may swallow the error, this list it cannot.
    """

    def __init__(self) -> None:
        self.state = "open"
        self.refused: list[str] = []

    def audit(self, event: str, args: tuple[Any, ...]) -> None:
        """Refuse what the state does not allow; an audit hook, which sees C extensions' sockets of `_socket` too."""
        if self.state == "open" or event not in SOCKET_EVENTS:
            return
        if isinstance(args[0], socket.SocketType) and args[0].family == socket.AF_UNIX:
            return
        address = args[SOCKET_EVENTS[event]]
        if address is None:  # sendmsg on a connected socket, a lookup for one's own passive socket
            return
        host = address[0] if isinstance(address, tuple) else address
        if self.state == "loopback" and is_loopback(host):
            return
        self.refused.append(f"{event} {address!r}")
        raise NetworkClosedError(f"{event} to {address!r}: the network is closed in tests (mark the test `loopback` to reach this machine)")


def is_loopback(host: object) -> bool:
    """Whether a host, by number or name, is this machine's loopback."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


NETWORK = Network()
sys.addaudithook(NETWORK.audit)


@pytest.fixture(autouse=True)
def network(request: pytest.FixtureRequest) -> Iterator[Network]:
    """Close the network for the test, or open it to loopback alone where it is marked so.

    A refused attempt fails the test even where the code under test swallowed the error; a test that provokes
    one on purpose clears `network.refused`.
    """
    NETWORK.refused.clear()
    NETWORK.state = "loopback" if request.node.get_closest_marker("loopback") else "closed"
    yield NETWORK
    NETWORK.state = "open"
    if NETWORK.refused:
        pytest.fail(f"the test tried to use the network: {'; '.join(NETWORK.refused)}", pytrace=False)
