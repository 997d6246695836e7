"""Text in a proposal that speaks to its reviewers or to an automated reader (rule 7)."""

from council.addressed.find import find_addressed

__all__ = ["find_addressed"]
