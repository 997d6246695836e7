"""A variable of the environment must not send a proposal to LangSmith: only `--allow-tracing` does."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from council.cli.tracing import VARIABLES

pytestmark = pytest.mark.loopback

Process = Callable[..., subprocess.CompletedProcess[str]]


class LangSmith(ThreadingHTTPServer):
    """Takes whatever is sent, and keeps it."""

    received: list[bytes]

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: LangSmith

    def do_GET(self) -> None:
        self._answer(b"{}")

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        if length:
            self.server.received.append(self.rfile.read(length))
        else:  # chunked
            while size := int(self.rfile.readline(), 16):
                self.server.received.append(self.rfile.read(size))
                self.rfile.readline()
        self._answer(b"{}", 202)

    def _answer(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def langsmith() -> Iterator[LangSmith]:
    server = LangSmith(("127.0.0.1", 0), _Handler)
    server.received = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def environment(server: LangSmith, *variables: str) -> dict[str, Any]:
    # Without compression what arrives can be searched; a review is sent whole before the process ends.
    return {
        **dict.fromkeys(VARIABLES, ""),
        **dict.fromkeys(variables, "true"),
        "LANGSMITH_API_KEY": "test",
        "LANGSMITH_ENDPOINT": f"http://{server.host}",
        "LANGSMITH_DISABLE_RUN_COMPRESSION": "true",
    }


def test_allowed_tracing_arrives_and_its_host_is_named(langsmith: LangSmith, process: Process) -> None:
    """That this arrives is what makes the next test mean something."""
    done = process("review", "rfc.md", "--exit-zero", "--allow-tracing", **environment(langsmith, "LANGSMITH_TRACING"))
    assert (done.returncode, done.stderr) == (0, f"council: tracing sends the proposal to {langsmith.host}\n")
    assert b"structured line for every restart" in b"".join(langsmith.received)


@pytest.mark.parametrize("variable", VARIABLES)
def test_otherwise_nothing_is_sent_whichever_variable_asks_for_it(variable: str, langsmith: LangSmith, process: Process) -> None:
    done = process("review", "rfc.md", "--exit-zero", **environment(langsmith, variable))
    assert done.returncode == 0
    assert langsmith.received == []
    assert done.stderr == f"council: {variable} is set, but nothing is traced (--allow-tracing sends the proposal to {langsmith.host})\n"


def test_where_no_tracing_is_asked_for_nothing_is_said(langsmith: LangSmith, process: Process) -> None:
    done = process("review", "rfc.md", "--exit-zero", "--allow-tracing", **environment(langsmith))
    assert (done.returncode, done.stderr, langsmith.received) == (0, "", [])
