from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from council.proposal.markdown_inline import images_of, plain_markdown


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("**bold** and *slanted* and ***both***", "bold and slanted and both"),
        ("__bold__ and _slanted_", "bold and slanted"),
        ("snake_case_name and 2*3*4 and a * b", "snake_case_name and 234 and a * b"),
        ("**open and *closed*", "**open and closed"),
        ("a \\*star\\* and C:\\dir", "a *star* and C:\\dir"),
        ("`a *b* _c_` and ``d ` e``", "`a *b* _c_` and `d ` e`"),
        ("an `open tick", "an `open tick"),
        ("a [link](http://x.org/a_b_c) here", "a link here"),
        ('a [link](<http://x.org/a b> "title") here', "a link here"),
        ("a [link](http://x.org/(a)) here", "a link here"),
        ("[a [b] c](x)", "a [b] c"),
        ("a [defined] and [this one][defined] and [Defined][]", "a defined and this one and Defined"),
        ("a [bracket] and [other][missing]", "a [bracket] and [other][missing]"),
        ("text ![alt words](a.png) more", "text more"),
        ("<https://x.org/a> and <a@b.org>", "https://x.org/a and a@b.org"),
        ("H<sub>2</sub>O<br>next <b class='x'>bold</b>", "H2O next bold"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("before <!-- a comment --> after", "before after"),
        ("before <!-- open", "before <!-- open"),
        ("a&nbsp;b &amp; c &#65; &unknown", "a b & c A &unknown"),
        ("we log ~~every~~ some request", "we log some request"),
        ("a fact[^1] and[^note] more", "a fact and more"),
        ("[x] done", "done"),
        ("[ ] not done", "not done"),
        ("two\n   lines\tand  spaces", "two lines and spaces"),
        ("in\u200bvis\u2060ible \u202etext\u202c \U000e0041tag", "invisible text tag"),
        ("`in\u200bvisible`", "`invisible`"),
        ("zero&#x200b;width", "zerowidth"),
    ],
)
def test_inline_markup_is_cut(source: str, plain: str) -> None:
    assert plain_markdown(source, {"DEFINED"}).text == plain


@given(st.text(alphabet="ab *_`[]()!<>\\&~\n\u200b.-'\"x#;:/", max_size=60))
def test_every_character_that_is_read_comes_from_where_the_map_says(source: str) -> None:
    plain = plain_markdown(source, {"A"})
    covered = {at for start, end in plain.opaque for at in range(start, end)}
    for at, char in enumerate(plain.text):
        origin = source[plain.source_offset(at) : plain.source_offset(at) + 1]
        assert at in covered or origin == char or (char == " " and (origin.isspace() or origin in "<&\u200b"))


@given(st.text(alphabet="ab *_`[]()!<>\\&~\n", max_size=60))
def test_cutting_never_adds_letters(source: str) -> None:
    assert "".join(c for c in plain_markdown(source).text if c.isalpha()) in _subsequences_of(source)


class _subsequences_of:  # noqa: N801  # reads as a function
    def __init__(self, source: str) -> None:
        self.source = source

    def __contains__(self, letters: str) -> bool:
        rest = iter(self.source)
        return all(letter in rest for letter in letters)


@pytest.mark.parametrize(
    ("source", "alts"),
    [
        ("![a picture](x.png)", ("a picture",)),
        ("![a](x.png) ![b](y.png)", ("a", "b")),
        ("[![badge](b.svg)](http://x.org)", ("badge",)),
        ("<img alt='c' src='x.png'/>", ("c",)),
        ("![a][ref]", ("a",)),
        ("![a](x.png) with words", None),
        ("words", None),
    ],
)
def test_pictures_alone(source: str, alts: tuple[str, ...] | None) -> None:
    assert images_of(source) == alts
