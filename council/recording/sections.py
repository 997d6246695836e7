"""Which sections a recorded part of a proposal was chosen by."""

from __future__ import annotations

from council.proposal import parse_proposal
from council.proposal.choose import LEFT_OUT
from council.proposal.model import BlockKind
from council.recording.model import RecordedProposal

_NOT_ITS_OWN = (BlockKind.HEADING, BlockKind.FRONT_MATTER)


def recorded_sections(kept: RecordedProposal) -> tuple[str, ...]:
    """The titles that choose the same part again; none where all of it was reviewed.

    A heading that stands there only because one of its sections was chosen has nothing under it but what was left out.
    """
    if not kept.left_out:
        return ()
    proposal = parse_proposal(kept.text, source=kept.source, format=kept.format)
    parents = {section.parent for section in proposal.sections}
    filled = {block.section for block in proposal.blocks if block.kind not in _NOT_ITS_OWN and block.text.strip() != LEFT_OUT}
    chosen = [section for section in proposal.sections if section.title and (section.index in filled or section.index not in parents)]
    return tuple(dict.fromkeys(section.title for section in chosen))
