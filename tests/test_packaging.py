"""What pyproject.toml, the lock and the wheel promise to those who install the council."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import council

ROOT = Path(__file__).parents[1]

# Modules that come with another's distribution and share its version.
PARTS = {"pydantic_core": "pydantic"}

# What is there whenever a module that imports it runs: pytest loads the plugin, and nothing else does.
HOSTS = {"pytest"}


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lock() -> dict[str, tuple[str, list[str]]]:
    """Of each package in constraints.txt, its version and its hashes."""
    entries: dict[str, tuple[str, list[str]]] = {}
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            requirement, *hashes = (part.strip() for part in line.split("--hash="))
            parsed = Requirement(requirement)
            entries[canonicalize_name(parsed.name)] = (str(parsed.specifier).removeprefix("=="), hashes)
    return entries


def names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(text).name) for text in requirements}


def imported() -> dict[str, set[str]]:
    """Of each module that the package imports anywhere, also inside a function, the distributions that install it."""
    modules = set()
    for path in (ROOT / "council").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    modules = {PARTS.get(module, module) for module in modules} - sys.stdlib_module_names - {"council"} - HOSTS
    installed = packages_distributions()
    return {module: {canonicalize_name(name) for name in installed.get(module, [module])} for module in modules}


def test_what_the_package_imports_is_what_it_declares(project):
    declared = names(project["project"]["dependencies"])
    for extra in project["project"]["optional-dependencies"].values():
        declared |= names(extra)
    assert [module for module, homes in imported().items() if not homes & declared] == []


def test_each_core_dependency_earns_its_place(project):
    assert names(project["project"]["dependencies"]) - set().union(*imported().values()) == set()


def test_the_extra_all_is_every_other_extra(project):
    extras = project["project"]["optional-dependencies"]
    (everything,) = (Requirement(text) for text in extras["all"])
    assert everything.name == project["project"]["name"]
    assert everything.extras == set(extras) - {"all"}


def test_an_extra_repeats_no_core_dependency(project):
    core = names(project["project"]["dependencies"])
    assert [extra for extra, wanted in project["project"]["optional-dependencies"].items() if names(wanted) & core] == []


def test_the_lock_names_no_address():
    assert "://" not in (ROOT / "constraints.txt").read_text(encoding="utf-8")


def test_the_lock_pins_each_package_with_hashes(lock):
    assert [name for name, (version, _) in lock.items() if not version] == []
    assert [name for name, (_, hashes) in lock.items() if not hashes or not all(h.startswith("sha256:") for h in hashes)] == []


def test_the_lock_satisfies_what_the_project_asks_for(project, lock):
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"], *project["build-system"]["requires"]]
    pinned = {text: lock[canonicalize_name(Requirement(text).name)][0] for text in wanted}
    assert [text for text in wanted if pinned[text] not in Requirement(text).specifier] == []


def test_the_wheel_holds_the_package_the_seats_and_nothing_else(tmp_path):
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == f"rfc_council-{council.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
        (entry_points,) = (archive.read(name).decode() for name in archive.namelist() if name.endswith("/entry_points.txt"))
    seats = {f"council/{path.relative_to(ROOT).as_posix()}" for folder in ("agents", "personas") for path in (ROOT / folder).glob("*.md")}
    package = [path.relative_to(ROOT) for path in (ROOT / "council").rglob("*") if path.is_file()]
    code = {path.as_posix() for path in package if "__pycache__" not in path.parts}
    assert len(seats) >= 12
    assert "council/py.typed" in code
    assert packed == seats | code
    assert "council = council.cli:main" in entry_points
