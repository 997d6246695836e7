"""What `council tracer plan|config|runbook` start from: a service's code, or a proposal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from council.errors import MissingInputError, UnavailableError, UsageError

if TYPE_CHECKING:
    from council.proposal import Proposal
    from council.tracer.model import AuditReport


def read_source(path: str) -> AuditReport | Proposal:
    """The audit of a directory or a Python file, or the proposal in any other file or on standard input ("-").

    Raises:
        MissingInputError, InputError: as `council.tracer.audit.audit` and `council.proposal.read_proposal`.
    """
    if path != "-" and (Path(path).is_dir() or path.endswith((".py", ".pyi"))):
        from council.tracer.audit import audit

        return audit(Path(path))
    from council.proposal import read_proposal

    return read_proposal(path)


def write_files(folder: Path, files: dict[str, str]) -> None:
    """Write files below a directory, which is made if need be.

    Raises:
        UsageError: the directory is a file.
        MissingInputError: what it should be made in is not there.
        UnavailableError: a file cannot be written.
    """
    from council.cli.output import write

    if folder.exists() and not folder.is_dir():
        raise UsageError("is a file", where=f"--output {folder}", hint="name a directory")
    if not folder.absolute().parent.is_dir():
        raise MissingInputError("no such directory", where=f"--output {folder.parent}", hint="make it first")
    for name, text in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnavailableError(f"cannot be made: {error.strerror or error}", where=str(path.parent)) from error
        write(text, path)
