"""A closed network: while a recording is played, nothing leaves this process by a socket."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Of https://docs.python.org/3/library/audit_events.html, with the position of the address or host.
_EVENTS = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
}


class ClosedNetworkError(RuntimeError):
    """Something tried to leave the process while the network was closed."""


class _Gate:
    """An audit hook sees the sockets of C extensions too; it cannot be taken away again, so that it is a switch."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._installed = False
        self.closed = 0

    def close(self) -> None:
        with self._lock:
            if not self._installed:
                sys.addaudithook(self._audit)
                self._installed = True
            self.closed += 1

    def open(self) -> None:
        with self._lock:
            self.closed -= 1

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.closed or event not in _EVENTS:
            return
        if isinstance(args[0], socket.SocketType) and args[0].family == getattr(socket, "AF_UNIX", None):
            return
        address = args[_EVENTS[event]]
        if address is not None:  # None: sendmsg on a connected socket, a lookup for one's own passive socket
            raise ClosedNetworkError(f"{event} to {address!r:.100}: the network is closed while a recording is played")


_gate = _Gate()


@contextmanager
def closed_network() -> Iterator[None]:
    """No connection and no lookup inside, in any thread; loopback is no exception."""
    _gate.close()
    try:
        yield
    finally:
        _gate.open()
