from __future__ import annotations

import pytest

from council.proposal.sniff import sniff


@pytest.mark.parametrize(
    "text",
    [
        "PEP: 12\nTitle: A\n\nAbstract\n========\n",
        "Title\n=====\n\nSub\n~~~~\n\nText.\n",
        "Title\n=====\n\n.. note:: Text.\n",
        "Title\n=====\n\nSee :ref:`other` and `a link <http://example.org>`_.\n",
        "Title\n=====\n\nAs follows::\n\n    code\n",
    ],
)
def test_marks_of_rst(text: str) -> None:
    assert sniff(text) == "rst"


@pytest.mark.parametrize(
    "text",
    [
        "Words only.\n",
        "# Title\n\nText.\n",
        "Title\n=====\n\nSub\n---\n\nText with `code` and a [link](http://example.org).\n",
        "# Title\n\n```rst\n.. note:: Text.\n```\n\n## More\n",
    ],
)
def test_marks_of_markdown_or_of_neither(text: str) -> None:
    assert sniff(text) == "markdown"
