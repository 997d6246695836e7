"""Whether a text is Markdown or reStructuredText, where its name does not tell."""

from __future__ import annotations

import re

from council.proposal.draft import Format

_PEP_HEADER = re.compile(r"PEP:[ \t]*\d+[ \t]*\n")
_SAMPLE = 100_000
# Marks that only one of the two has; a setext heading in Markdown is underlined with = or - alone.
_RST = re.compile(
    r"^\.\. (?:[\w:+-]{1,60}::|_[^\n:]{1,200}:|\[[^\]\n]{1,60}\] )|^([~^\"'#+.:])\1{3,}$"
    r"|:[a-z][\w.+-]{0,60}:`[^`\n]|`[^`\n]{1,200}>`_|::\n\n[ \t]",
    re.MULTILINE,
)
_MARKDOWN = re.compile(r"^ {0,3}(?:#{1,6} \S|```|~~~\w)|\]\([^()\s]{1,200}\)|^\[[^\]\n]{1,200}\]: |<!--", re.MULTILINE)


def sniff(text: str) -> Format:
    """The format that a text's marks speak for; Markdown where they speak for neither.

    Args:
        text: with LF line ends and without BOM.
    """
    if _PEP_HEADER.match(text):
        return "rst"
    sample = text[:_SAMPLE]
    return "rst" if len(_RST.findall(sample)) > len(_MARKDOWN.findall(sample)) else "markdown"
