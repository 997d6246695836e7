"""`council.toml`, or `[tool.council]` in `pyproject.toml`: what a project sets about its reviews.

    seats = ["tracer", "operator", "sentinel"]   # which, and in which order; default: all
    agents = ["review/agents"]                   # directories of agent files, relative to this file
    personas = ["review/personas"]
    format = "md"                                # terminal, md or json

    [seat]
    operator = "acme"                            # who sits where

    [limits]
    max_bytes = 2_000_000
    max_words = 200_000

    [models]
    default = "anthropic:claude-sonnet-4-5"      # in every seat; without it the checklist
    base_url = "http://127.0.0.1:8000/v1"        # of an OpenAI-compatible server
    max_cost = 0.50                              # US dollars for a review; max_tokens likewise
    temperature = 0                              # of the sampling; without it the provider's own

    [models.seats]
    sentinel = "openai:gpt-4o"

    [policy]                                     # see council.rulings.Policy
    quorum_of_applicable = "3/4"

Only the outermost layer reads it; what is given on the command line goes before. A gate that must not trust the branch
it checks does not read it at all (`--no-project-config`), because it can seat friendlier reviewers.
"""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from council.errors import ConfigError, MissingInputError
from council.rulings import Policy

NAMES = ("council.toml", "pyproject.toml")
MAX_BYTES = 1_000_000
PACKAGE_DEFAULT = "package default"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LimitSettings(_Table):
    """What a proposal may be; None leaves the default."""

    max_bytes: int | None = Field(default=None, gt=0, strict=True)
    max_words: int | None = Field(default=None, gt=0, strict=True)


class ModelSettings(_Table):
    """Who reviews; None leaves the default."""

    default: str | None = None
    seats: dict[str, str] = Field(default_factory=dict)
    base_url: str | None = None
    max_cost: float | None = Field(default=None, gt=0)
    max_tokens: int | None = Field(default=None, gt=0, strict=True)
    temperature: float | None = Field(default=None, ge=0, le=2)


class Settings(_Table):
    """What a project sets; the defaults are those of a project without a configuration.

    Attributes:
        seats: names of the seats in their order, or None for all.
        agents, personas: directories, made absolute.
        seat: from a seat to the persona in it.
        limits: what a proposal may be.
        models: who reviews, and for how much.
        policy: what the rules of the verdict leave open, or None for the package's.
        format: which report, or None for the terminal's.
        origin: the file, as a person would name it, or "package default".
    """

    seats: tuple[str, ...] | None = None
    agents: tuple[Path, ...] = ()
    personas: tuple[Path, ...] = ()
    seat: dict[str, str] = Field(default_factory=dict)
    limits: LimitSettings = LimitSettings()
    models: ModelSettings = ModelSettings()
    policy: Policy | None = None
    format: Literal["terminal", "md", "json"] | None = None
    origin: str = PACKAGE_DEFAULT

    @property
    def policy_origin(self) -> str:
        """Where the policy comes from, for the verdict's origins."""
        return PACKAGE_DEFAULT if self.policy is None else self.origin


def find_config(start: Path) -> Path | None:
    """The configuration that holds for a directory: its own or that of the nearest directory above it.

    The search ends at the root of a Git work tree, so that nothing outside a project can configure it. A
    `pyproject.toml` without `[tool.council]` is none.

    Raises:
        ConfigError: a file on the way is not TOML.
    """
    here = start.resolve()
    for directory in (here, *here.parents):
        for name in NAMES:
            path = directory / name
            if path.is_file() and (name != "pyproject.toml" or _council_table(path) is not None):
                return path
        if (directory / ".git").exists():
            return None
    return None


def load_config(path: Path) -> Settings:
    """Read a configuration.

    Args:
        path: a `pyproject.toml`, or any other file that is written like `council.toml`.

    Raises:
        MissingInputError: there is no such file.
        ConfigError: it cannot be read, or holds what no configuration holds; names the file, the line and the key.
    """
    name = _name(path)
    table = _council_table(path)
    if table is None:
        raise ConfigError("has no [tool.council] table", where=name, hint="add one, or name a council.toml")
    if "origin" in table:  # a field of ours, not a key of theirs
        raise ConfigError("unknown key 'origin'", where=_where(path, ("origin",)), hint="remove it")
    try:
        settings = Settings.model_validate({**table, "origin": name})
    except ValidationError as error:
        first, *others = error.errors(include_url=False)
        what, hint = _in_words(first)
        more = f"and {len(others)} more" if others else ""
        raise ConfigError(what, where=_where(path, first["loc"]), hint="; ".join(part for part in (hint, more) if part)) from None
    root = path.resolve().parent
    anchored = {key: tuple(root / directory for directory in getattr(settings, key)) for key in ("agents", "personas")}
    return settings.model_copy(update=anchored)


def settings_for(directory: Path) -> Settings:
    """The settings that hold for a directory: `find_config` and `load_config`, or the defaults."""
    path = find_config(directory)
    return Settings() if path is None else load_config(path)


def _council_table(path: Path) -> dict[str, Any] | None:
    """The table that is ours in a file, or None."""
    try:
        data = tomllib.loads(_read(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:  # the latter from brackets nested a thousand deep
        raise ConfigError(f"is not TOML: {error}", where=_name(path), hint="correct it, or use --no-project-config") from None
    if path.name != "pyproject.toml":
        return data
    tool = data.get("tool")
    table = tool.get("council") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def _read(path: Path) -> str:
    if not path.is_file():
        if path.exists():
            raise ConfigError("is not a regular file", where=_name(path), hint="name a council.toml or pyproject.toml")
        raise MissingInputError("no such file", where=_name(path), hint="check --config")
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ConfigError(f"is larger than {MAX_BYTES:,} bytes", where=_name(path), hint="no configuration needs as much")
        return data.decode("utf-8")
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=_name(path), hint="check its permissions") from None
    except UnicodeDecodeError:
        raise ConfigError("is not UTF-8", where=_name(path), hint="save it as UTF-8") from None


def _name(path: Path) -> str:
    """The file as a person here would name it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _where(path: Path, loc: tuple[str | int, ...]) -> str:
    line = _line_of(path, [str(part) for part in loc])
    return f"{_name(path)}:{line}" if line else _name(path)


def _line_of(path: Path, loc: list[str]) -> int:
    """The line of a key, or 0: `tomllib` does not tell, so it is looked for as people write it."""
    table: list[str] = []
    wanted = [*(["tool", "council"] if path.name == "pyproject.toml" else []), *loc]
    for number, line in enumerate(_read(path).splitlines(), 1):
        header = line.strip().startswith("[")
        name, equals, _ = line.partition("=")
        if header:
            table = found = _parts(line.partition("]")[0].strip(" \t["))
        elif equals:
            found = [*table, *_parts(name)]
        else:
            continue
        # the key itself, a table in it, or the list or inline table that holds it
        common = min(len(found), len(wanted))
        if found[:common] == wanted[:common] and common >= len(wanted) - (not header):
            return number
    return 0


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]


def _in_words(detail: ErrorDetails) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    key = ".".join(part if isinstance(part, str) else f"item {part + 1}" for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        table: Any = {"limits": LimitSettings, "policy": Policy}.get(str(detail["loc"][0]), Settings)
        known = sorted(set(table.model_fields) - {"origin"})
        close = get_close_matches(str(detail["loc"][-1]), known, n=1)
        return f"unknown key {key!r:.60}", f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}"
    message = detail["msg"].replace("tuple", "list").replace("dictionary", "table").replace("Input should be", "should be")
    return f"{key} {message}, not {detail['input']!r:.60}", ""
