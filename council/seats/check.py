"""All that is wrong with seat files, for those who write them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path

from council.errors import CouncilError, MissingInputError, RosterError, SeatFileError
from council.seats.files import SeatFile, parse_seat_file, read_bytes
from council.seats.problems import Problem, Problems
from council.seats.sources import seat_files


def check_paths(paths: Sequence[Path], *, validate_phrase: Callable[[str], object] | None = None) -> list[Problem]:
    """Check seat files of any kind.

    Args:
        paths: files, or directories of `*.md` files; each directory is one source, where a name may stand once.
        validate_phrase: raises ValueError or CouncilError for a phrase that a checklist reader cannot use.

    Returns:
        Every problem, by path and line; empty where all is well.
    """
    problems: list[Problem] = []
    for path in paths:
        try:
            files = seat_files(path)
        except (MissingInputError, RosterError) as error:
            problems.append(Problem(str(path), 0, error.what))
            continue
        seen: dict[tuple[str, str], str] = {}
        for file in files:
            of_file = Problems(str(file))
            found = _check_file(file, of_file, validate_phrase)
            _check_names(found, of_file, seen)
            problems += of_file.found
    return problems


def _check_file(file: Path | Traversable, problems: Problems, validate_phrase: Callable[[str], object] | None) -> SeatFile | None:
    try:
        data = read_bytes(file)
    except SeatFileError as error:
        problems.adopt(error)
        return None
    found = parse_seat_file(data, problems)
    for line, phrase in problems.phrases if validate_phrase else ():
        try:
            validate_phrase(phrase)  # type: ignore[misc]  # not None in this loop
        except (ValueError, CouncilError) as error:
            problems.add(line, f"phrase {phrase!r:.80}: {error}")
    return found


def _check_names(found: SeatFile | None, problems: Problems, seen: dict[tuple[str, str], str]) -> None:
    """Note a seat or persona whose name another file of the same source has."""
    halves: Iterable[tuple[str, str]] = ()
    if found is not None:
        halves = [(kind, half.name) for kind, half in (("seat", found.agent), ("persona", found.persona)) if half is not None]
    for kind, name in halves:
        first = seen.setdefault((kind, name), problems.path)
        if first != problems.path:
            problems.add(0, f"{kind} {name!r} is in {first} already (keep one, or rename the other)")
