"""Writing what was asked for: to standard output, or to a file that is either whole or not there."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from pathlib import Path

from council.errors import MissingInputError, UnavailableError, UsageError

STDOUT = Path("-")
FILE_WIDTH = 100


def check_output(output: Path, proposal: str) -> None:
    """Refuse a file that cannot be written, before any work.

    Raises:
        MissingInputError: its directory is not there.
        UsageError: it is the proposal itself, a directory, or not to be written.
    """
    if output == STDOUT:
        return
    if output.is_dir():
        raise UsageError("is a directory", where=f"--output {output}", hint="name a file in it")
    if not output.parent.is_dir():
        raise MissingInputError("no such directory", where=f"--output {output.parent}", hint="make it first")
    if not os.access(output if output.exists() else output.parent, os.W_OK):
        raise UsageError("cannot be written", where=f"--output {output}", hint="name another file, or change who may write there")
    if proposal != "-" and output.exists() and Path(proposal).exists() and output.samefile(proposal):
        raise UsageError("is the proposal itself", where=f"--output {output}", hint="name another file")


def write(text: str, output: Path = STDOUT) -> None:
    """Write a report.

    Raises:
        UnavailableError: it cannot be written; the file is then as it was.
        BrokenPipeError: whoever read standard output has gone.
    """
    try:
        if output == STDOUT:
            _to_stdout(text)
        elif output.exists() and not output.is_file():  # a device or a pipe, which a rename would replace
            output.write_text(text, encoding="utf-8")
        else:
            _replace(Path(os.path.realpath(output)), text)
    except BrokenPipeError:
        raise
    except OSError as error:
        where = "standard output" if output == STDOUT else f"--output {output}"
        raise UnavailableError(f"cannot be written: {error.strerror or error}", where=where, hint="nothing was kept") from error


def width() -> int:
    """Columns to write in: of the terminal, of COLUMNS, or those of a file."""
    return shutil.get_terminal_size((FILE_WIDTH, 24)).columns


def color() -> bool:
    """Whether standard output takes colours; NO_COLOR is the report's to heed, FORCE_COLOR asks for them in a pipe."""
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout is not None and sys.stdout.isatty())


def _to_stdout(text: str) -> None:
    if sys.stdout is None:
        raise OSError("it is closed")
    reconfigure = getattr(sys.stdout, "reconfigure", None)  # a stream that a test put there may have none
    if reconfigure:
        reconfigure(errors="replace")  # a terminal that is not UTF-8 shows ? rather than nothing
    sys.stdout.write(text)
    sys.stdout.flush()


def _replace(path: Path, text: str) -> None:
    """Write beside the file and rename, so that a reader sees the old one or the new one, whole."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        with beside.open("x", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
