"""A proposal walks in: reading Markdown and reStructuredText, and what a reader would not see in them."""

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

__all__ = ["PROSE", "Block", "BlockKind", "HiddenText", "Proposal", "Section", "SectionStatus", "Sentence"]
