from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from council.errors import ConfigError
from council.seats import check_paths

Write = Callable[..., Path]
ROOT = Path(__file__).resolve().parents[2]


def test_our_own_files_are_all_well() -> None:
    assert check_paths([ROOT / "agents", ROOT / "personas"]) == []


def test_all_problems_of_all_files_are_found_by_path_and_line(write: Write, tmp_path: Path) -> None:
    first = write("s/a.md", "---\nname: A\nnmae: x\n---\n## Checklist\n### Empty\n")
    second = write("s/b.md", "---\nname: b\nthresholds: {approve: 2}\n---\n## Checklist\n- [ ] a?\n\n  ```evidence\n  need: any\n  ```\n")
    found = check_paths([tmp_path / "s"])
    assert [(problem.path, problem.line) for problem in found] == [
        (str(first), 2),
        (str(first), 3),
        (str(first), 6),
        (str(second), 3),
        (str(second), 9),
    ]
    assert str(found[0]).startswith(f"{first}:2: name 'A' must")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("# Title\n", 1, "no front matter"),
        ("---\nname: x\n", 1, "not closed"),
        ("---\nname: x\na: &a [*a]\n---\n", 3, "anchors and aliases"),
        ("---\nname: x\nthresholds: {approve: 0.1}\n---\n", 3, "modify is above approve"),
        ("---\nname: x\n---\n## Checklist\n- [ ] a? {#q}\n- [ ] b? {#q}\n", 6, "given twice"),
    ],
)
def test_a_file_that_does_not_load_is_a_problem_and_no_exception(write: Write, text: str, line: int, words: str) -> None:
    (problem,) = check_paths([write("x.md", text)])
    assert words in problem.message
    assert problem.line == line


def test_what_is_not_there_is_a_problem_beside_the_others(write: Write, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    good = write("x.md", "---\nname: x\n---\n")
    found = check_paths([tmp_path / "none.md", tmp_path / "empty", good])
    assert [problem.message for problem in found] == ["no such file or directory", "a directory without *.md files"]


def test_a_name_twice_in_one_directory_is_a_problem_of_the_second_file(persona: Write, write: Write, tmp_path: Path) -> None:
    first = persona("s", "acme")
    write("s/z.md", first.read_text(encoding="utf-8"))
    (problem,) = check_paths([tmp_path / "s"])
    assert problem.path == str(tmp_path / "s/z.md")
    assert f"persona 'acme' is in {first} already" in problem.message


def test_the_same_name_in_two_directories_is_well(persona: Write, tmp_path: Path) -> None:
    persona("one", "acme")
    persona("two", "acme")
    assert check_paths([tmp_path / "one", tmp_path / "two"]) == []


def test_every_phrase_is_shown_to_the_validator_with_its_line(write: Write) -> None:
    path = write(
        "x.md",
        """
        ---
        name: x
        sections: [bad 1]
        stakes:
          - good
          - bad 2
        applicability: {unless: [bad 3]}
        ---
        ## Checklist
        - [ ] a?

          ```evidence
          sections: [bad 4]
          phrases: [good, bad 5]
          denials: [bad 6]
          ```
        ## Red Flags
        - b

          ```evidence
          phrases: [bad 7]
          ```
        """,
    )

    def validate(phrase: str) -> None:
        if phrase.startswith("bad"):
            raise ConfigError("odd") if phrase.endswith("7") else ValueError("odd")

    assert check_paths([path]) == []
    found = check_paths([path], validate_phrase=validate)
    assert [problem.line for problem in found] == [3, 6, 7, 13, 14, 15, 21]
    assert found[0].message == "phrase 'bad 1': odd"
