"""Reviews that outlive the process: a journal of each, the proposals by hash, and LangGraph's checkpoints beside them."""

from council.journal.archive import Archive, Summary
from council.journal.entries import Begun, Entry
from council.journal.journal import Journal
from council.journal.reviews import Reviews

__all__ = ["Archive", "Begun", "Entry", "Journal", "Reviews", "Summary"]
