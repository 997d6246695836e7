"""What the rewriting of logging calls comes to."""

from __future__ import annotations

from typing import Literal

from council.tracer.model import Place, Result, Skipped

Style = Literal["structlog", "stdlib"]


class Rewritten(Place):
    """A call that was rewritten, and the name its event got."""

    event: str
    fields: tuple[str, ...] = ()


class Left(Place):
    """A call that stays as it is, and why."""

    call: str
    reason: str


class FileChange(Result):
    """A file as it is and as it would be."""

    file: str
    before: str
    after: str
    diff: str


class LoggingReport(Result):
    """What was found, rewritten and left.

    `calls` counts the logging calls of the service; `already` of them are structured as they stand.
    """

    root: str
    style: Style
    calls: int
    already: int
    rewritten: tuple[Rewritten, ...] = ()
    left: tuple[Left, ...] = ()
    bound: tuple[Place, ...] = ()
    changes: tuple[FileChange, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
