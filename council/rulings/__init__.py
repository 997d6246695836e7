"""The rules of the verdict: pure functions from checked opinions to an outcome. No I/O and no model.

The numbers 0 to 8 in these modules are the design's. Rule 0 (what a vote counts as) is `council.evidence`'s.
"""

from council.rulings.decide import Decision, Floor, Quorum, could_change, decide
from council.rulings.policy import Authorities, Policy
from council.rulings.rebuttal import rebuttable
from council.rulings.verdict import overrule, reach, verdict_from
from council.rulings.votes import Split, allowed_rulings, dispute, judge, middle_votes, model_free_ruling, split, tally

__all__ = [
    "Authorities",
    "Decision",
    "Floor",
    "Policy",
    "Quorum",
    "Split",
    "allowed_rulings",
    "could_change",
    "decide",
    "dispute",
    "judge",
    "middle_votes",
    "model_free_ruling",
    "overrule",
    "reach",
    "rebuttable",
    "split",
    "tally",
    "verdict_from",
]
