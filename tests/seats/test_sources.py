from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from council.errors import RosterError, SeatFileError
from council.seats import build_roster, sources
from council.seats.sources import entry_point_level, package_files

Write = Callable[..., Path]


@pytest.fixture
def install(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Install a distribution with one module and one entry point into a directory of the test."""
    monkeypatch.syspath_prepend(str(tmp_path / "site"))

    def installer(name: str, value: str, source: str, *, package: str = "") -> None:
        module = name.replace("-", "_")
        write(f"site/{package or module}{'/__init__' if package else ''}.py", source)
        write(f"site/{module}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        write(f"site/{module}-1.0.dist-info/entry_points.txt", f"[council.seats]\n{name} = {value}\n")

    return installer


@pytest.fixture(autouse=True)
def nothing_else_installed() -> None:
    assert not metadata.entry_points(group="council.seats")


def test_a_function_of_an_installed_package_offers_a_directory(install: Write, agent: Write, persona: Write, tmp_path: Path) -> None:
    agent("seats", "acme")
    persona("people", "acme")
    install("acme-seats", "acme_seats:paths", f"def paths():\n    return [{str(tmp_path / 'seats')!r}, {str(tmp_path / 'people')!r}]\n")
    roster = build_roster()
    assert roster.names[-1] == "acme"
    assert roster.seat("acme").agent.origin == roster.seat("acme").persona.origin == "entry point acme-seats"
    assert "acme" not in build_roster(entry_points=False).names


@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("acme_pack", ""),
        ("acme_pack:where", "from importlib.resources import files\nwhere = files(__name__)\n"),
        ("acme_pack:where", "from pathlib import Path\nwhere = Path(__file__).parent / 'acme.md'\n"),
        ("acme_pack:where", "from pathlib import Path\ndef where():\n    yield Path(__file__).parent / 'acme.md'\n"),
    ],
)
def test_an_entry_point_may_be_a_package_a_resource_a_path_or_a_generator(
    install: Write, single: Write, value: str, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("acme-seats", value, source, package="acme_pack")
    single("site/acme_pack", "acme")
    monkeypatch.delitem(sys.modules, "acme_pack", raising=False)
    assert list(entry_point_level().agents) == ["acme"]


def test_an_entry_points_seat_gives_way_to_the_configuration(install: Write, persona: Write, tmp_path: Path) -> None:
    persona("offered", "sentinel")
    persona("flag", "sentinel")
    install("acme-a", "acme_a:where", f"where = {str(tmp_path / 'offered')!r}\n")
    assert build_roster().seat("sentinel").persona.origin == "entry point acme-a"
    assert build_roster(personas_dirs=[tmp_path / "flag"]).seat("sentinel").persona.origin.startswith("--personas")


@pytest.mark.parametrize(
    ("name", "source", "words"),
    [
        ("broken-import", "import no_such_module\n", "ModuleNotFoundError"),
        ("broken-name", "other = 1\n", "AttributeError"),
        ("broken-call", "def where():\n    raise ValueError('no luck')\n", "ValueError: no luck"),
        ("broken-type", "where = 3\n", "TypeError: neither a path"),
        ("broken-path", "where = '/no/such/directory'\n", "no such file or directory"),
    ],
)
def test_a_broken_entry_point_is_named(install: Write, name: str, source: str, words: str) -> None:
    install(name, f"{name.replace('-', '_')}:where", source)
    with pytest.raises(RosterError) as caught:
        build_roster()
    assert f"entry point '{name}' of council.seats is broken" in caught.value.what
    assert words in caught.value.what


def test_a_wrong_file_behind_an_entry_point_is_named_with_its_line(install: Write, write: Write) -> None:
    path = write("bad/x.md", "---\nname: X\n---\n")
    install("acme-b", "acme_b:where", f"where = {str(path)!r}\n")
    with pytest.raises(SeatFileError, match=r"x\.md:2"):
        build_roster()


def test_a_name_offered_by_two_packages_is_an_error_that_names_both_files(install: Write, persona: Write) -> None:
    for letter in "cd":
        path = persona(f"people-{letter}", "acme")
        install(f"acme-{letter}", f"acme_{letter}:where", f"where = {str(path)!r}\n")
    with pytest.raises(RosterError, match=r"given twice: .*people-c.* and .*people-d"):
        build_roster()


def test_our_files_are_found_in_the_package_before_beside_it(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("site/council/seats/sources.py", "")
    beside = write("site/agents/tracer.md", "x")
    monkeypatch.setattr(sources, "__file__", str(tmp_path / "site/council/seats/sources.py"))
    assert package_files("agents") == [beside]
    inside = write("site/council/agents/tracer.md", "x")
    assert package_files("agents") == [inside]


def test_a_package_without_its_files_says_so(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("site/agents/__init__.py", "")  # another distribution's package of that name
    monkeypatch.setattr(sources, "__file__", str(tmp_path / "site/council/seats/sources.py"))
    with pytest.raises(RosterError, match=r"no agents/\*\.md in the package or beside it"):
        package_files("agents")
