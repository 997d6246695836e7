"""The file of a recording: YAML that a person can read in a pull request."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from council.errors import InputError, MissingInputError, UnavailableError
from council.recording.model import Recording
from council.recording.secrets import refuse_environment
from council.safe_yaml import dump_readable_yaml, load_yaml

MAX_BYTES = 16_000_000
_FIRST = "council_recording:"


def is_recording(path: Path) -> bool:
    """Whether a file begins as a recording does; other cassettes may lie beside it."""
    try:
        with path.open(encoding="utf-8") as stream:
            return stream.readline().startswith(_FIRST)
    except (OSError, UnicodeDecodeError):
        return False


def load_recording(path: Path) -> Recording:
    """Read a recording.

    Raises:
        MissingInputError: there is no such file.
        InputError: it is no recording; names the file and the place.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise MissingInputError("no such recording", where=str(path), hint="council review PROPOSAL --record FILE makes one") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path), hint="name a recording") from None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("is not UTF-8", where=str(path), hint="name a recording") from None
    value = load_yaml(text, path=str(path), max_bytes=MAX_BYTES)
    try:
        return Recording.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        at = ".".join(map(str, first["loc"])) or "the whole"
        raise InputError(f"is no recording: {at}: {first['msg']}", where=str(path), hint="record it again") from None


def save_recording(recording: Recording, path: Path) -> None:
    """Write a recording, whole or not at all.

    Raises:
        InputError: it would hold a secret of the environment.
        UnavailableError: the file cannot be written.
    """
    value = _plain(recording)
    refuse_environment(value, where=str(path))
    text = dump_readable_yaml(value)
    try:
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", text=False)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            Path(beside).chmod(0o644)
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UnavailableError(f"cannot be written: {error.strerror}", where=str(path), hint="nothing was kept") from error


def _plain(recording: Recording) -> dict[str, Any]:
    """As YAML takes it: the header in its own order, the bodies sorted."""
    plain = recording.model_dump(mode="json", exclude_defaults=True)
    plain["policy"] = recording.policy.model_dump(mode="json")  # the package's own may change
    for exchange in plain.get("exchanges", ()):
        for message in (exchange["request"], exchange["response"]):
            if "body" in message:
                message["body"] = _sorted(message["body"])
            for late in ("headers", "body", "text"):  # the line that says what it is comes first
                if late in message:
                    message[late] = message.pop(late)
    return {"council_recording": recording.council_recording, **plain}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
