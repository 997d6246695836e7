"""council.toml and [tool.council]."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from council.config import Settings, find_config, load_config, settings_for
from council.errors import ConfigError, MissingInputError

FULL = """\
seats = ["operator", "tracer", "sentinel"]
agents = ["review/agents"]
personas = ["/elsewhere"]
format = "md"

[seat]
operator = "acme"

[limits]
max_words = 10_000

[policy]
quorum_of_applicable = "3/4"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def error_of(project: Path, text: str, name: str = "council.toml") -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(write(project / name, text))
    return str(caught.value)


def test_every_key_is_read_and_directories_are_relative_to_the_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(project / "council.toml", FULL)
    monkeypatch.chdir("/")
    settings = load_config(path)
    assert settings.seats == ("operator", "tracer", "sentinel")
    assert settings.agents == (project / "review/agents",)
    assert settings.personas == (Path("/elsewhere"),)
    assert (settings.seat, settings.format) == ({"operator": "acme"}, "md")
    assert (settings.limits.max_words, settings.limits.max_bytes) == (10_000, None)
    assert settings.policy is not None
    assert settings.policy.quorum_of_applicable == Fraction(3, 4)


def test_the_policy_says_where_it_comes_from(project: Path) -> None:
    assert load_config(write(project / "council.toml", FULL)).policy_origin == "council.toml"
    assert load_config(write(project / "council.toml", 'format = "md"')).policy_origin == "package default"
    assert Settings().policy_origin == "package default"


def test_the_table_in_pyproject_is_read_too(project: Path) -> None:
    settings = load_config(write(project / "pyproject.toml", '[project]\nname = "x"\n[tool.council]\nformat = "json"\n'))
    assert (settings.format, settings.origin) == ("json", "pyproject.toml")


def test_the_nearest_configuration_upwards_holds(project: Path) -> None:
    write(project / "council.toml", "")
    near = write(project / "a/pyproject.toml", "[tool.council]\n")
    write(project / "a/b/pyproject.toml", '[project]\nname = "without our table"\n')
    (project / "a/b/c").mkdir()
    assert find_config(project / "a/b/c") == near


def test_council_toml_goes_before_pyproject(project: Path) -> None:
    write(project / "pyproject.toml", "[tool.council]\n")
    assert find_config(project) != write(project / "council.toml", "") or find_config(project) == project / "council.toml"
    assert find_config(project) == project / "council.toml"


def test_nothing_above_the_repository_counts(project: Path) -> None:
    write(project / "council.toml", FULL)
    (project / "inner/.git").mkdir(parents=True)
    assert find_config(project / "inner") is None
    assert settings_for(project / "inner") == Settings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('format = "md"\nseets = []\n', "council.toml:2: unknown key 'seets' (did you mean seats?)"),
        ("[limits]\nmax_bites = 1\n", "council.toml:2: unknown key 'limits.max_bites' (did you mean max_bytes?)"),
        ("[limits]\n\nmax_words = 0\n", "council.toml:3: limits.max_words should be greater than 0, not 0"),
        ('limits = {max_words = "many"}\n', "council.toml:1: limits.max_words should be a valid integer, not 'many'"),
        ('format = "html"\n', "council.toml:1: format should be 'terminal', 'md' or 'json', not 'html'"),
        ('seats = [\n  "tracer",\n  3,\n]\n', "council.toml:1: seats.item 2 should be a valid string, not 3"),
        ('[policy]\nquorum_of_roster = "3/2"\n', "council.toml:2: policy.quorum_of_roster should be less than or equal to 1, not '3/2'"),
        (
            '[tool.council]\nformat = "md"\n',
            "council.toml:1: unknown key 'tool' (known: agents, format, limits, models, personas, policy, seat, seats)",
        ),
        ('origin = "package default"\n', "council.toml:1: unknown key 'origin' (remove it)"),
        ("seats = 3\n[limits]\nx = 1\n", "council.toml:1: seats should be a valid list, not 3 (and 1 more)"),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_key(project: Path, text: str, said: str) -> None:
    assert error_of(project, text) == said


def test_the_line_in_pyproject_is_the_one_in_our_table(project: Path) -> None:
    text = 'format = "x"\n[project]\nformat = "x"\n\n[tool.council]\nformat = "x"\n'
    assert error_of(project, text, "pyproject.toml").startswith("pyproject.toml:6: format should be")


def test_broken_toml_is_said_with_its_line(project: Path) -> None:
    assert error_of(project, "a = 1\nb = [").startswith("council.toml: is not TOML: ")
    assert "line 2" in error_of(project, "a = 1\nb = c\n")


def test_brackets_nested_without_end_are_no_toml(project: Path) -> None:
    assert "is not TOML" in error_of(project, "a = " + "[" * 100_000)


def test_a_pyproject_named_without_our_table_is_an_error(project: Path) -> None:
    assert "has no [tool.council] table" in error_of(project, "[project]\n", "pyproject.toml")


def test_a_file_that_is_not_there(project: Path) -> None:
    with pytest.raises(MissingInputError, match=r"no\.toml: no such file"):
        load_config(Path("no.toml"))


def test_what_is_no_text_is_refused(project: Path) -> None:
    (project / "council.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        load_config(project / "council.toml")


def test_a_huge_file_is_not_read(project: Path) -> None:
    with (project / "council.toml").open("wb") as stream:
        stream.truncate(10**9)
    with pytest.raises(ConfigError, match="larger than"):
        load_config(project / "council.toml")
