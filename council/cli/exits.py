"""Exit codes, and what a person sees when something goes wrong.

Errors are turned into words here and nowhere else: one line on standard error that says what was wrong, where, and what
to do next; under it, indented, the lines that show it, where there are any. A fault of ours shows a reference; the
record under it goes to the log.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

import click

from council import errors
from council.cli import logs
from council.redaction import one_line

if TYPE_CHECKING:
    from council.ballot import Outcome


class Exit(IntEnum):
    """What the command ends with; 64 and above follow BSD's sysexits, 128 + n the shell's words for signal n."""

    OK = 0
    MODIFY = 1
    REJECT = 2
    INCONCLUSIVE = 3
    UNMET = 4
    WAITING = 5
    USAGE = 64
    INPUT = 65
    MISSING = 66
    UNAVAILABLE = 69
    FAULT = 70
    INTERRUPTED = 130
    BROKEN_PIPE = 141


_OF_ERROR: tuple[tuple[type[errors.CouncilError], Exit], ...] = (
    (errors.UsageError, Exit.USAGE),
    (errors.InputError, Exit.INPUT),
    (errors.MissingInputError, Exit.MISSING),
    (errors.UnavailableError, Exit.UNAVAILABLE),
    (errors.PendingError, Exit.WAITING),
    (errors.ExpectationError, Exit.UNMET),
)


def of_outcome(outcome: Outcome) -> Exit:
    """The exit code of a verdict."""
    return Exit.OK if outcome.value == "APPROVE" else Exit[outcome.value]


def of_error(error: errors.CouncilError) -> Exit:
    """The exit code of an error raised on purpose."""
    return next((code for kind, code in _OF_ERROR if isinstance(error, kind)), Exit.FAULT)


def guarded(invoke: Callable[[], object], operation: str) -> int:
    """Run a command and give its exit code; whatever it raises becomes one line on standard error.

    Args:
        invoke: runs click's command without its standalone mode, and returns an exit code or None.
        operation: what it is, for the record of a fault.
    """
    try:
        with logs.kept():
            return _run(invoke, operation)
    except BrokenPipeError:  # nobody reads what goes wrong either
        return Exit.BROKEN_PIPE


def _run(invoke: Callable[[], object], operation: str) -> int:
    try:
        code = invoke()
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "council"
        return say(error.format_message(), Exit.USAGE, hint=f"see {command} --help")
    except click.ClickException as error:
        return say(error.format_message(), Exit.USAGE)
    except errors.CouncilError as error:
        return say(error.headline, of_error(error), details=error.details)
    except (click.Abort, KeyboardInterrupt):
        return say("interrupted", Exit.INTERRUPTED)
    except SystemExit as error:  # click's answer to a reader that went away; otherwise shell completion is done
        return Exit.BROKEN_PIPE if error.code == 1 else int(error.code or 0)
    except BrokenPipeError:
        return Exit.BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - the outermost layer: what nobody foresaw is a fault of ours
        return say(logs.record_fault(error, operation), Exit.FAULT, hint=f"its record is in {logs.log_path()}")
    return code if isinstance(code, int) else Exit.OK


def say(message: str, code: Exit, *, hint: str = "", details: Sequence[str] = ()) -> Exit:
    """Write one line on standard error, with its details under it, and return `code`."""
    words = one_line(message)
    if sys.stderr is not None:
        sys.stderr.write(f"council: {words} ({hint})\n" if hint else f"council: {words}\n")
        sys.stderr.writelines(f"  {_indent(line)}{one_line(line)}\n" for line in details)
        sys.stderr.flush()
    return code


def _indent(line: str) -> str:
    return " " * (len(line) - len(line.lstrip(" ")))
