from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from council.errors import InputError, MissingInputError
from council.evaluation import Suite, check_suite, load_suite
from council.seats import build_roster

CASE = {"id": "a", "class": "good", "file": "good.md", "seat": "tracer", "expect": {"vote_in": ["APPROVE"]}}


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in CASE.items() if name != key}


def expecting(**expect: Any) -> dict[str, Any]:
    return {**CASE, "expect": expect}


def test_a_suite_has_its_cases_in_order_with_the_hash_of_each_proposal(folder: Callable[..., Path]) -> None:
    other = {**CASE, "id": "b", "expect": {"worse_than": "bad.md"}}
    loaded = load_suite(folder([CASE, other], good="APPROVE", bad="REJECT"))
    assert [case.id for case in loaded.cases] == ["a", "b"]
    assert loaded.lines == {"a": 1, "b": 2}
    assert set(loaded.hashes) == {"good.md", "bad.md"}
    assert loaded.hashes["good.md"] != loaded.hashes["bad.md"]
    assert loaded.name == "suite"


def test_blank_lines_are_passed_over(folder: Callable[..., Path]) -> None:
    root = folder([CASE], good="APPROVE")
    (root / "cases.jsonl").write_text(f"\n{json.dumps(CASE)}\n\n", encoding="utf-8")
    assert load_suite(root).lines == {"a": 2}


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (without("class"), "'class' is missing"),
        ({**CASE, "file": "/etc/passwd"}, "'file': should be a path inside the suite"),
        ({**CASE, "file": "../good.md"}, "'file': should be a path inside the suite"),
        ({**CASE, "repeats": 0}, "'repeats': input should be greater than or equal to 1, not 0"),
        ({**CASE, "seats": "tracer"}, "unknown key 'seats' (did you mean seat?)"),
        (expecting(vote_inn=["APPROVE"]), "unknown key 'expect.vote_inn' (did you mean vote_in?)"),
        (expecting(vote_in=["YES"]), "'expect.vote_in.item 1': input should be 'APPROVE', 'MODIFY'"),
        (expecting(), "'expect': expects nothing"),
        (expecting(vote_in=["APPROVE"], by="vote"), "'expect': 'by' without a comparison"),
        (expecting(must_quote=[[5, 2]]), "should be [first, last]"),
        (expecting(must_find={"tracer.x.y": "maybe"}), "should be 'answered', 'mentioned', 'denied' or 'absent'"),
        ([CASE], "should be an object"),
    ],
)
def test_a_wrong_case_is_named_by_file_line_and_key(case: Any, words: str, folder: Callable[..., Path]) -> None:
    root = folder([CASE, case], good="APPROVE")
    with pytest.raises(InputError) as caught:
        load_suite(root)
    assert str(caught.value).startswith(f"{root / 'cases.jsonl'}:2: ")
    assert words in str(caught.value)


def test_a_line_that_is_no_json_is_named(folder: Callable[..., Path]) -> None:
    root = folder([CASE], good="APPROVE")
    (root / "cases.jsonl").write_text('{"id": "a",\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"cases\.jsonl:1: is not JSON: EOF"):
        load_suite(root)


def test_two_cases_of_one_id_are_refused(folder: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match=r"cases\.jsonl:2: case 'a' is there twice, first on line 1"):
        load_suite(folder([CASE, CASE], good="APPROVE"))


def test_a_suite_without_cases_is_refused(folder: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="holds no case"):
        load_suite(folder([]))


def test_a_folder_without_cases_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"cases\.jsonl: no such file"):
        load_suite(tmp_path)


def test_a_proposal_that_is_not_there_is_named_with_the_line_that_wants_it(folder: Callable[..., Path]) -> None:
    with pytest.raises(MissingInputError, match=r"cases\.jsonl:2: no such proposal: .*bad\.md"):
        load_suite(folder([CASE, {**CASE, "id": "b", "expect": {"worse_than": "bad.md"}}], good="APPROVE"))


def test_one_status_or_several_may_be_wanted_of_an_answer(suite: Callable[..., Suite]) -> None:
    loaded = suite({"file": "a.md", "expect": {"must_find": {"x": "denied", "y": ["denied", "absent"]}}}, a="APPROVE")
    assert loaded.cases[0].expect.must_find == {"x": ("denied",), "y": ("denied", "absent")}


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ({"seat": "tracr"}, "unknown seat 'tracr' (did you mean tracer?)"),
        (
            {"expect": {"must_find": {"operator.deployment.rollback": "absent"}}},
            "tracer does not ask 'operator.deployment.rollback'",
        ),
        (
            {"seat": "council", "expect": {"must_find": {"operator.deployment.rolback": "absent"}}},
            "did you mean operator.deployment.rollback?",
        ),
    ],
)
def test_what_the_roster_does_not_have_is_refused(case: dict[str, Any], words: str, suite: Callable[..., Suite]) -> None:
    loaded = suite({"file": "a.md", "expect": {"vote_in": ["APPROVE"]}, **case}, a="APPROVE")
    with pytest.raises(InputError) as caught:
        check_suite(loaded, build_roster())
    assert words in str(caught.value)
    assert "cases.jsonl:1" in str(caught.value)


def test_a_case_of_the_council_may_ask_for_any_seat_s_question(suite: Callable[..., Suite]) -> None:
    loaded = suite({"file": "a.md", "seat": "council", "expect": {"must_find": {"operator.deployment.rollback": "absent"}}}, a="APPROVE")
    check_suite(loaded, build_roster())


def test_the_cases_in_the_documentation_are_cases(folder: Callable[..., Path]) -> None:
    text = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```json\n(.*?)```", text, flags=re.DOTALL)
    cases = [json.loads(line) for block in blocks for line in block.splitlines() if line.strip()]
    names = {name.removesuffix(".md") for case in cases for name in (case["file"], *case["expect"].values()) if str(name).endswith(".md")}
    loaded = load_suite(folder(cases, **dict.fromkeys(names, "APPROVE")))
    check_suite(loaded, build_roster())
    assert len(loaded.cases) == 4
