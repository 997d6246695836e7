"""The gate in conftest.py: tests reach nothing, and loopback only where they are marked for it."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

DOCUMENTATION_ADDRESS = "192.0.2.1"  # RFC 5737: assigned to nobody


def listener(host: str, family: socket.AddressFamily = socket.AF_INET) -> socket.socket:
    server = socket.socket(family)
    server.bind((host, 0))
    server.listen(1)
    return server


def test_a_connection_is_refused(network):
    with socket.socket() as sock, pytest.raises(RuntimeError, match="the network is closed"):
        sock.connect((DOCUMENTATION_ADDRESS, 80))
    assert network.refused
    network.refused.clear()


def test_a_look_up_is_refused(network):
    with pytest.raises(RuntimeError, match="the network is closed"):
        socket.getaddrinfo("example.org", 80)
    network.refused.clear()


def test_a_datagram_is_refused(network):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, pytest.raises(RuntimeError, match="the network is closed"):
        sock.sendto(b"x", (DOCUMENTATION_ADDRESS, 9))
    network.refused.clear()


def test_loopback_is_refused_without_the_mark(network):
    with listener("127.0.0.1") as server, socket.socket() as sock, pytest.raises(RuntimeError, match="mark the test"):
        sock.connect(server.getsockname())
    network.refused.clear()


def test_a_refusal_that_the_code_under_test_swallows_fails_the_test(pytester):
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text(encoding="utf-8"))
    pytester.makepyfile(
        """
        import contextlib, socket

        def test_swallows():
            with contextlib.suppress(Exception):
                socket.create_connection(("192.0.2.1", 80), timeout=1)
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*the test tried to use the network: socket.getaddrinfo '192.0.2.1'*"])


@pytest.mark.loopback
def test_the_mark_opens_loopback_by_number_and_by_name():
    with listener("127.0.0.1") as server:
        port = server.getsockname()[1]
        for host in ("127.0.0.1", "localhost"):
            socket.create_connection((host, port), timeout=5).close()


@pytest.mark.loopback
def test_the_mark_opens_nothing_else(network):
    with socket.socket() as sock, pytest.raises(RuntimeError, match="the network is closed"):
        sock.connect((DOCUMENTATION_ADDRESS, 80))
    network.refused.clear()


def test_an_event_loop_works_without_the_mark():
    async def through_a_thread() -> int:
        return await asyncio.to_thread(lambda: 42)  # the answer comes back through the loop's own socket pair

    assert asyncio.run(through_a_thread()) == 42


def test_unix_sockets_work_without_the_mark(tmp_path):
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(path)
        server.listen(1)
        client.connect(path)
