from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from council.proposal import BlockKind, Limits, parse_proposal

ANY = Limits(min_words=0)


def sentences(text: str) -> list[str]:
    return [s.plain for s in parse_proposal(text, limits=ANY).sentences if s.kind is BlockKind.PARAGRAPH]


@pytest.mark.parametrize(
    "whole",
    [
        "We use tools, e.g. Grafana, i.e. Dashboards, for this.",
        "It works with v1.2 and 3.14 of the README.md file.",
        "Set it to 0.5. otherwise nothing happens.",
        "See Fig. 3 and Sect. 4, cf. Smith et al. 2019 for more.",
        "The value p99. of latency stays.",
        "As J. Doe wrote, it was No. 5 of Feb. 2026 already.",
        "Call `f(a. B)` and `x? Y` first.",
        'He asked "why?" and left.',
        "Wait ... for it.",
        "The U.S. East region is first.",
    ],
)
def test_no_sentence_ends_here(whole: str) -> None:
    assert sentences("A lead-in first, " + whole) == ["A lead-in first, " + whole]


def test_the_number_of_an_item_is_no_sentence() -> None:
    assert sentences("1\\. Install it") == ["1. Install it"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It fails. It stops.", ["It fails.", "It stops."]),
        ("Does it? No. The end!", ["Does it?", "No.", "The end!"]),
        ("**It fails.** *It stops.*", ["It fails.", "It stops."]),
        ("It (always) fails (early). `kubelet` restarts.", ["It (always) fails (early).", "`kubelet` restarts."]),
        ("Nothing is logged. kube-proxy goes on.", ["Nothing is logged.", "kube-proxy goes on."]),
        ('He said "it works." She agreed.', ['He said "it works."', "She agreed."]),
        ("Latency was 5 ms. 3 of 4 agree.", ["Latency was 5 ms.", "3 of 4 agree."]),
        ("We log this, etc. The rest is silent.", ["We log this, etc.", "The rest is silent."]),
        ("動きます。止まります。", ["動きます。", "止まります。"]),
        ("One line.\nNext line\ngoes on. End.", ["One line.", "Next line goes on.", "End."]),
    ],
)
def test_sentences_end_here(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


def test_raw_is_the_source_with_markup_and_lines() -> None:
    text = "Intro line.\n\nIt **really\nfails.** See [the\ndocs](x.md). End.\n"
    found = [(s.raw, s.first, s.last) for s in parse_proposal(text).sentences[1:]]
    assert found == [("It **really\nfails.**", 3, 4), ("See [the\ndocs](x.md).", 4, 5), ("End.", 5, 5)]


def test_code_is_read_line_by_line() -> None:
    proposal = parse_proposal("Words.\n\n```go\nfunc a() {\n\n}\n```\n")
    assert [(s.raw, s.first) for s in proposal.sentences if s.kind is BlockKind.CODE] == [("func a() {", 4), ("}", 6)]


def test_a_table_is_read_row_by_row() -> None:
    proposal = parse_proposal("| name | does |\n|---|:-:|\n| `a_total` | Counts. Always. |\n| b \\| c | |\n")
    assert [(s.plain, s.first) for s in proposal.sentences] == [("name | does", 1), ("`a_total` | Counts. Always.", 3), ("b | c |", 4)]


@given(
    st.lists(
        st.sampled_from(["A b.", "C d?", "e.g. this", "`x. Y`", "**F g.**", "[H](i.md).", "v1.2", "-", "\n", "J k!", "\u200b"]), max_size=12
    )
)
def test_sentences_partition_the_words_of_their_block(parts: list[str]) -> None:
    proposal = parse_proposal("Start " + " ".join(parts), limits=ANY)
    for index, block in enumerate(proposal.blocks):
        own = [s for s in proposal.sentences if s.block == index]
        if block.kind is BlockKind.PARAGRAPH:
            read = " ".join(s.raw for s in own).split()
            assert read == [word for word in block.text.split() if read or word.strip("\u200b")]  # nothing visible, no sentence
        for sentence in own:
            assert sentence.raw in block.text
            assert sentence.raw.split() == [
                w for w in sentence.raw.split() if w in "\n".join(proposal.lines[sentence.first - 1 : sentence.last])
            ]
