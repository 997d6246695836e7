from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from council import safe_yaml
from council.errors import SeatFileError
from council.safe_yaml import MAX_BYTES, MAX_DEPTH, load_yaml, read_yaml

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}]\n"
    for old, new in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.fixture(params=["libyaml", "python"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both parsers that PyYAML may come with."""
    if request.param == "libyaml" and not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without libyaml")
    monkeypatch.setattr(safe_yaml, "_Loader", yaml.CSafeLoader if request.param == "libyaml" else yaml.SafeLoader)


def refused(text: str, first_line: int = 1) -> SeatFileError:
    with pytest.raises(SeatFileError) as caught:
        load_yaml(text, path="seats/x.md", first_line=first_line)
    assert caught.value.path == "seats/x.md"
    return caught.value


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: &x 2", 2, "anchors and aliases"),
        ("a: 1\nb: *x", 2, "anchors and aliases"),
        (BOMB, 1, "anchors and aliases"),
        ("a: !!python/object/apply:os.system [echo]", 1, "explicit tags"),
        ("a:\n  - !!str 1", 2, "explicit tags"),
        ("a: !own x", 1, "explicit tags"),
        ("a: 1\nb: 2\na: 3", 3, "key 'a' is given twice"),
        ("x: {k: 1,\n    k: 2}", 2, "key 'k' is given twice"),
        ("a: 1\nno: 2", 2, "a key that is not text: False"),
        ("a: 1\n? [b]\n: 2", 2, "a key that is not text"),
        ("a: 1\n---\nb: 2", 2, "more than one YAML document"),
        ("a: [1, 2", 1, "not valid YAML"),
        ("a: 1\nb: c: d", 2, "not valid YAML"),
        ("phrases:\n  - {number} requests", 2, "not valid YAML"),
        ("a: 1\nb: \x07", 2, "a character that YAML does not allow"),
        ("a: 1\nb: " + "9" * 5000, 2, "cannot be read"),
    ],
)
def test_what_is_refused_is_named_with_its_line(text: str, line: int, words: str) -> None:
    error = refused(text)
    assert words in error.what
    assert error.line == line
    assert "\n" not in str(error)


def test_the_line_counts_from_where_the_block_stands_in_the_file() -> None:
    assert refused("a: 1\nb: *x", first_line=40).line == 41


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize("text", ["[" * (MAX_DEPTH + 2), "{a: " * (MAX_DEPTH + 2), "- " * (MAX_DEPTH + 2) + "x"])
def test_nesting_too_deep_is_refused(text: str) -> None:
    assert refused(text).what == f"nested deeper than {MAX_DEPTH} levels"


def test_nesting_up_to_the_limit_is_read() -> None:
    value = load_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH, path="x")
    for _ in range(MAX_DEPTH - 1):
        (value,) = value
    assert value == []


def test_more_than_the_limit_is_refused_in_bytes_not_characters() -> None:
    assert "64 KB" in refused("a: " + "é" * (MAX_BYTES // 2)).what
    assert load_yaml("a: " + "e" * (MAX_BYTES // 2), path="x")["a"]


def test_a_caller_may_allow_more() -> None:
    assert load_yaml("a: " + "e" * MAX_BYTES, path="x", max_bytes=2 * MAX_BYTES)["a"]


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize("text", ["[" * 60_000, "&a " * 20_000, "a: " * 20_000, "- " * 30_000, "? " * 30_000])
@pytest.mark.timeout(20)  # a quadratic reader takes minutes
def test_hostile_text_of_full_size_is_refused(text: str) -> None:
    refused(text)


def test_dates_and_merge_keys_stay_text() -> None:
    assert load_yaml("when: 2024-01-15\n<<: 1\n=: 2", path="x") == {"when": "2024-01-15", "<<": 1, "=": 2}


def test_an_empty_document_is_none() -> None:
    assert load_yaml("# nothing\n", path="x") is None


def test_every_part_has_the_line_it_stands_on() -> None:
    document = read_yaml("a: 1\nb:\n  - x\n  - y: 2\n    z: 3", path="f", first_line=10)
    assert [document.line(loc) for loc in [("a",), ("b",), ("b", 0), ("b", 1, "y"), ("b", 1, "z")]] == [10, 11, 12, 13, 14]


def test_a_part_that_is_not_there_has_the_line_of_what_encloses_it() -> None:
    document = read_yaml("a: 1\nb:\n  c: 2", path="f")
    assert document.line(("b", "missing", 3)) == 2
    assert document.line(("missing",)) == 1


SCALARS = (
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]))
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcyno~", max_size=3), inner, max_size=4), max_leaves=12
)


@given(VALUES)
def test_what_a_plain_writer_writes_is_read_back(value: object) -> None:
    class Writer(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return True

    assert load_yaml(yaml.dump(value, Dumper=Writer, allow_unicode=True), path="x") == value


@given(st.text(alphabet="ab:- \n[]{}&*!?|>'\"#,%@0", max_size=80))
def test_any_text_gives_a_value_or_an_error_with_a_line(text: str) -> None:
    lines: list[int] = []
    try:
        lines += read_yaml(text, path="x").lines.values()
    except SeatFileError as error:
        lines.append(error.line)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines)
