"""Where the record of an error goes: the log file, and standard error with `--debug`."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from council.error_context import JsonFormatter, capture, context_of, log_error, user_message

VARIABLE = "COUNCIL_LOG"
_LOGGER = logging.getLogger("council")


def log_path() -> Path:
    """The log file: what `COUNCIL_LOG` names, or `council.log` where programs keep their state (XDG)."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "rfc-council" / "council.log"


class _LogFile(logging.FileHandler):
    """Opened with the first record; one that cannot be written goes to standard error rather than nowhere."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8", delay=True)
        self.setFormatter(JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        try:
            Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
            super().emit(record)
        except OSError:
            sys.stderr.write(self.format(record) + "\n")


@contextmanager
def kept() -> Iterator[None]:
    """While a command runs, records of the council's errors go to the log file."""
    handler = _LogFile(log_path())
    before = _LOGGER.handlers[:]
    _LOGGER.addHandler(handler)
    try:
        yield
    finally:
        _LOGGER.handlers[:] = before  # with what --debug added
        handler.close()


def record_fault(error: Exception, operation: str) -> str:
    """Log what nobody foresaw, and return what a person sees of it."""
    context = context_of(error)
    if context is None:
        context = capture(error, operation=operation)
        log_error(context)
    return user_message(context)


def _to_stderr(_context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonFormatter())
        _LOGGER.addHandler(handler)


def debug_option(command: Any) -> Any:
    """Adds `--debug` to a command."""
    words = f"Write records of errors to standard error too, not only to the log file ({VARIABLE})."
    return click.option("--debug", is_flag=True, expose_value=False, callback=_to_stderr, help=words)(command)
