"""What the marker of a test says: which recording, and what a first one is made of."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from council.errors import MissingInputError, UsageError
from council.recording.again import Wanted

_NEEDED = {"proposal", "model"}
_KEYWORDS = {*_NEEDED, "base_url", "temperature"}


def name_of(args: Sequence[Any], *, test: str) -> str:
    """The name of the recording.

    Args:
        args: of the marker; none where there is no marker.
        test: the test's id, for messages.

    Raises:
        UsageError: it is not named.
    """
    if len(args) != 1 or not isinstance(args[0], str):
        hint = '@pytest.mark.council_cassette("NAME")'
        raise UsageError("council_cassette needs the name of a recording", where=test, hint=hint)
    return args[0]


def file_of(name: str, *, folder: Path, root: Path) -> Path:
    """The recording's file: beside the test where it is there, or where only there is a directory for it; else in the root."""
    file = Path("cassettes") / (name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    beside, in_root = folder / file, root / file
    return beside if beside.is_file() or (beside.parent.is_dir() and not in_root.is_file()) else in_root


def wanted_of(given: Mapping[str, Any], *, test: str, folder: Path, root: Path) -> Wanted | None:
    """What a first recording is made of, or None where the marker does not say.

    Args:
        given: the marker's keywords.
        test: the test's id, for messages.
        folder, root: of the test, and of the project; the proposal's path is from the root, or else from beside the test.

    Raises:
        UsageError: a keyword is unknown, or proposal and model are not given together.
    """
    if not given:
        return None
    if not _NEEDED <= set(given) <= _KEYWORDS:
        hint = '@pytest.mark.council_cassette("NAME", proposal="rfc.md", model="openai:gpt-4o")'
        raise UsageError(
            "council_cassette takes proposal and model together, and base_url and temperature with them", where=test, hint=hint
        )
    wanted = Wanted(**given)
    beside = folder / wanted.proposal
    if (root / wanted.proposal).is_file() or not beside.is_file():
        return wanted
    return replace(wanted, proposal=Path(os.path.relpath(beside, root)).as_posix())


def nothing_recorded(path: Path, wanted: Wanted | None) -> MissingInputError:
    """The error that says how a first recording is made.

    Args:
        path: where it is to be, as a person would name it.
        wanted: what the marker says that it is made of.
    """
    command = f"council review PROPOSAL --model … --record {shlex.quote(str(path))}"
    if not path.parent.is_dir():
        command = f"mkdir -p {shlex.quote(str(path.parent))} && {command}"
    hint = "pytest --council-record makes it" if wanted else f"a first recording is made by: {command}"
    return MissingInputError("no such recording", where=str(path), hint=hint)
