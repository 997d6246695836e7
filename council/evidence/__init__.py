"""The evidence check: a reply and the proposal it speaks of to an opinion whose every quotation is the proposal's own."""

from council.evidence.citations import Need, check_absence, check_citation
from council.evidence.opinion import Chair, abstained, check, revised, stands
from council.evidence.source import Source, source_of

__all__ = ["Chair", "Need", "Source", "abstained", "check", "check_absence", "check_citation", "revised", "source_of", "stands"]
