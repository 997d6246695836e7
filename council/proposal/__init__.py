"""A proposal walks in: reading Markdown and reStructuredText, and what a reader would not see in them."""

from council.proposal.choose import only_sections
from council.proposal.model import (
    PROSE,
    Block,
    BlockKind,
    HiddenText,
    Proposal,
    Section,
    SectionStatus,
    Sentence,
)
from council.proposal.read import Limits, parse_proposal, read_proposal

__all__ = [
    "PROSE",
    "Block",
    "BlockKind",
    "HiddenText",
    "Limits",
    "Proposal",
    "Section",
    "SectionStatus",
    "Sentence",
    "only_sections",
    "parse_proposal",
    "read_proposal",
]
