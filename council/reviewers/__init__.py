"""Who reads a proposal: the offline checklist, or chat models; one protocol for both."""
