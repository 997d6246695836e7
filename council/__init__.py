"""A review council for engineering proposals. Models give evidence, code gives verdicts."""

__version__ = "0.1.0"
