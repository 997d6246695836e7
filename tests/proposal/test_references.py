from __future__ import annotations

import pytest

from council.proposal import BlockKind, parse_proposal


def kinds(text: str) -> list[BlockKind]:
    return [s.kind for s in parse_proposal("Some words.\n\n" + text).sentences[1:] if s.kind is not BlockKind.HEADING]


@pytest.mark.parametrize("title", ["References", "Further reading", "5. References", "Related links", "See also", "References and links"])
def test_entries_under_a_title_for_references(title: str) -> None:
    assert kinds(f"## {title}\n\n- Smith, *On caches*, 2019\n- [A guide](http://x.org)\n\nhttp://y.org\n") == [BlockKind.REFERENCE] * 3


@pytest.mark.parametrize("title", ["Reference implementation", "References to objects", "Resource usage", "Prior art"])
def test_titles_that_only_sound_like_it(title: str) -> None:
    assert kinds(f"## {title}\n\n- Smith, *On caches*, 2019\n") == [BlockKind.LIST_ITEM]


def test_prose_among_references_stays_prose() -> None:
    assert set(kinds("## References\n\n" + "This guide is where we took the idea of counting each miss from, " * 4 + "as it says.\n")) == {
        BlockKind.PARAGRAPH
    }


def test_the_next_heading_ends_them() -> None:
    assert kinds("## References\n\n- A, 2019\n\n## Rollout\n\n- By flag\n") == [BlockKind.REFERENCE, BlockKind.LIST_ITEM]


def test_footnotes_are_references_wherever_they_stand() -> None:
    assert kinds("A claim[^1] is made.\n\n[^1]: By Smith, who counted it.\n") == [BlockKind.PARAGRAPH, BlockKind.REFERENCE]
