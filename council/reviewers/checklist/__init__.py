"""The offline reviewer: reads a proposal for what a persona asks."""

from council.reviewers.checklist.reviewer import ChecklistReviewer

__all__ = ["ChecklistReviewer"]
