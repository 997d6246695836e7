"""Where seat files come from: the package, installed packages that offer some, directories and files that were named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from council.errors import CouncilError, MissingInputError, RosterError
from council.seats.files import Place, load_seat_file
from council.seats.model import Agent, Persona

ENTRY_POINT_GROUP = "council.seats"


@dataclass(frozen=True, slots=True)
class Sources:
    """What a configuration file says about seats; what is empty leaves things as they are.

    Attributes:
        agents, personas: directories or files.
        seat: from a seat's name to the persona to put in it.
        names: the seats to take, or None for all.
    """

    agents: tuple[Path, ...] = ()
    personas: tuple[Path, ...] = ()
    seat: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] | None = None


@dataclass(slots=True)
class Level:
    """The chairs and characters of one source, by name; a name stands once."""

    agents: dict[str, Agent] = field(default_factory=dict)
    personas: dict[str, Persona] = field(default_factory=dict)

    def add(self, file: Path | Traversable, origin: str, place: Place) -> None:
        """Load a file into this level.

        Raises:
            SeatFileError: the file is wrong, or holds no character where one is needed.
            RosterError: a name is there already; names both files.
        """
        found = load_seat_file(file, origin=origin, place=place)
        if found.persona is None and place == "personas":
            raise RosterError("an agent file among personas", where=str(file), hint="give it with --agents")
        if found.agent is not None and place != "personas":
            _add(self.agents, found.agent, "seat")
        if found.persona is not None:
            _add(self.personas, found.persona, "persona")


def _add(table: dict[str, Any], new: Agent | Persona, what: str) -> None:
    old = table.setdefault(new.name, new)
    if old is not new:
        raise RosterError(f"{what} {new.name!r} is given twice: {old.path} and {new.path}", hint="keep one, or rename the other")


def package_level() -> Level:
    """The seats that come with the council.

    Raises:
        RosterError: they are not there.
    """
    level = Level()
    kinds: tuple[tuple[Literal["agents", "personas"], Place], ...] = (("agents", "seats"), ("personas", "personas"))
    for kind, place in kinds:
        for file in package_files(kind):
            level.add(file, "package", place)
    return level


def package_files(kind: Literal["agents", "personas"]) -> list[Path]:
    """The package's own files: inside the installed package, or beside it in a source checkout.

    Raises:
        RosterError: neither place has any.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / kind, package.parent / kind):
        files = sorted(folder.glob("*.md"))
        if files:
            return files
    raise RosterError(f"no {kind}/*.md in the package or beside it", where=str(package), hint="install rfc-council again")


def directory_level(agents: Iterable[Path], personas: Iterable[Path], *, agents_label: str, personas_label: str) -> Level:
    """The seats in directories or files that were named, in the configuration or by flag.

    Args:
        agents, personas: where to look.
        agents_label, personas_label: how a path was named; stands before it in each origin.

    Raises:
        MissingInputError: a path is not there.
        SeatFileError, RosterError: a file is wrong; a name twice; a directory without Markdown files.
    """
    level = Level()
    named: tuple[tuple[Iterable[Path], str, Place], ...] = ((agents, agents_label, "seats"), (personas, personas_label, "personas"))
    for paths, label, place in named:
        for path in paths:
            for file in seat_files(path):
                level.add(file, f"{label} {path}", place)
    return level


def seat_files(path: Path | Traversable) -> list[Path | Traversable]:
    """The file itself, or the `*.md` files of a directory by name, README and hidden files apart.

    Raises:
        MissingInputError: there is no such path.
        RosterError: a directory without such files, or one that cannot be read.
    """
    try:
        if not path.is_dir():
            if not path.is_file() and not (isinstance(path, Path) and path.exists()):
                raise MissingInputError("no such file or directory", where=str(path))
            return [path]
        files = sorted((entry for entry in path.iterdir() if _is_seat_file(entry.name)), key=lambda entry: entry.name)
    except OSError as error:
        raise RosterError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    if not files:
        raise RosterError("a directory without *.md files", where=str(path), hint="name one that holds seat files")
    return list(files)


def _is_seat_file(name: str) -> bool:
    return name.endswith(".md") and not name.startswith(".") and name.lower() != "readme.md"


def entry_point_level() -> Level:
    """The seats that installed packages offer in the entry point group `council.seats`.

    An entry point is a path, something of `importlib.resources`, a package, a list of these, or a function that returns one.

    Raises:
        SeatFileError: a file is wrong.
        RosterError: an entry point cannot be used, and which; a name twice.
    """
    level = Level()
    for point in sorted(metadata.entry_points(group=ENTRY_POINT_GROUP), key=lambda point: (point.name, point.value)):
        try:
            files = [file for path in _paths(point.load()) for file in seat_files(path)]
        except CouncilError as error:
            raise RosterError(
                f"entry point {point.name!r} of {ENTRY_POINT_GROUP} is broken: {error}", hint="fix or uninstall its package"
            ) from error
        except Exception as error:
            cause = f"{type(error).__name__}: {error}"
            raise RosterError(
                f"entry point {point.name!r} of {ENTRY_POINT_GROUP} is broken: {cause}",
                where=point.value,
                hint="fix or uninstall its package",
            ) from error
        for file in files:
            level.add(file, f"entry point {point.name}", "either")
    return level


def _paths(value: Any) -> Iterator[Path | Traversable]:
    """What an entry point stands for, as paths."""
    if isinstance(value, ModuleType):
        yield resources.files(value)
    elif isinstance(value, str):
        yield Path(value)
    elif isinstance(value, Path) or (isinstance(value, Traversable) and not isinstance(value, type)):
        yield value
    elif isinstance(value, Callable):  # type: ignore[arg-type]  # an abstract class, whatever its stub says
        yield from _paths(value())
    elif isinstance(value, Iterable):
        for one in value:
            yield from _paths(one)
    else:
        raise TypeError(f"neither a path nor a function that returns paths, but {type(value).__name__}")
