"""What must hold of any real proposal: a public corpus beside this repository, where it is there."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from council.proposal import PROSE, BlockKind, Limits, Proposal, SectionStatus, parse_proposal, read_proposal

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
FOLDERS = ("corpus", "ablations", "adversarial")
DOCUMENTS = sorted(str(p.relative_to(CORPUS)) for folder in FOLDERS for p in (CORPUS / folder).rglob("*") if p.suffix in (".md", ".rst"))
ORIGINALS = [name for name in DOCUMENTS if name.startswith("corpus/")]
AROUND = {BlockKind.TOC, BlockKind.COMMENT, BlockKind.FRONT_MATTER, BlockKind.HEADING}
WORD = re.compile(r"\w+")

pytestmark = pytest.mark.skipif(not DOCUMENTS, reason=f"no corpus in {CORPUS.parent}")


@cache
def read(name: str) -> Proposal:
    return read_proposal(CORPUS / name, limits=Limits(min_words=0))


@pytest.mark.parametrize("folder", ["corpus", "adversarial", pytest.param("ablations", marks=pytest.mark.slow)])
def test_every_document_is_read_and_every_sentence_stands_on_its_lines(folder: str) -> None:
    names = [name for name in DOCUMENTS if name.startswith(folder)]
    assert names
    for name in names:
        proposal = read(name)
        for sentence in proposal.sentences:
            block = proposal.blocks[sentence.block]
            source = "\n".join(proposal.lines[sentence.first - 1 : sentence.last])
            where = f"{name}:{sentence.first}"
            assert sentence.raw in block.text, where
            assert block.first <= sentence.first <= sentence.last <= block.last, where
            assert set(WORD.findall(sentence.raw)) <= set(WORD.findall(source)), where


def test_nothing_is_printed_and_nothing_warned(capfd: pytest.CaptureFixture[str]) -> None:
    for name in ORIGINALS:
        read_proposal(CORPUS / name)
    assert capfd.readouterr() == ("", "")


def cases() -> list[dict[str, str]]:
    path = CORPUS / "ablations" / "invariance_cases.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["case"])
def test_the_same_text_in_other_clothes_reads_alike(case: dict[str, str]) -> None:
    def text_of(proposal: Proposal) -> list[tuple[str, BlockKind]]:
        return [(s.plain, s.kind) for s in proposal.sentences if s.kind not in AROUND]

    def outline_of(proposal: Proposal) -> list[tuple[str, int]]:
        return [(s.title, s.words) for s in proposal.sections if s.title]

    original, variant = read(case["original"]), read(case["variant"])
    assert outline_of(variant) == outline_of(original)
    assert text_of(variant) == text_of(original)


@pytest.mark.parametrize("name", ORIGINALS)
def test_originals_are_english(name: str) -> None:
    assert read(name).english > 0.8


def test_what_authors_wrote_is_hardly_ever_taken_for_the_templates() -> None:
    kinds = [s.kind for name in ORIGINALS for s in read(name).sentences]
    assert kinds.count(BlockKind.TEMPLATE) <= 0.04 * sum(kinds.count(kind) for kind in PROSE)


def templates() -> list[str]:
    """Templates as their projects publish them, without an answer in them."""
    return [name for name in DOCUMENTS if "/template-" in name and "-all-" not in name]


@pytest.mark.parametrize("name", templates())
def test_little_of_an_unfilled_template_passes_for_prose(name: str) -> None:
    proposal = read(name)
    words = {kind: sum(len(s.plain.split()) for s in proposal.sentences if s.kind is kind) for kind in BlockKind}
    prose = sum(words[kind] for kind in PROSE)
    assert prose <= 0.1 * (prose + words[BlockKind.TEMPLATE] + words[BlockKind.COMMENT] + words[BlockKind.QUOTE])


@pytest.mark.parametrize("answer", ["na", "tbd", "yes"])
def test_a_template_answered_in_one_word_throughout_says_nothing(answer: str) -> None:
    name = f"adversarial/dev/template-kep-all-{answer}.md"
    if name not in DOCUMENTS:
        pytest.skip(f"no {name}")
    filled = [s.title for s in read(name).sections if s.status is SectionStatus.FILLED]
    assert len(filled) <= 3


def test_a_document_of_pictures_has_no_prose() -> None:
    path = CORPUS / "adversarial" / "dev" / "whitespace-and-images.md"
    proposal = parse_proposal(path.read_bytes(), limits=Limits(min_words=0))
    assert (proposal.words, [s.status for s in proposal.sections[1:]]) == (0, [SectionStatus.TEMPLATE])
