"""How well a council judges proposals whose right judgement is known: suites, reviews of them, rates."""

from council.evaluation.baseline import Change, changes
from council.evaluation.one import Job, Panel
from council.evaluation.result import CaseResult, ClassResult, EvalResult, evaluate, load_result
from council.evaluation.reviewing import Candidate, checklist, fingerprint, plan, run
from council.evaluation.reviews import Review, ReviewLog, SeatReview
from council.evaluation.suite import Case, Expectation, Suite, check_suite, load_suite

__all__ = [
    "Candidate",
    "Case",
    "CaseResult",
    "Change",
    "ClassResult",
    "EvalResult",
    "Expectation",
    "Job",
    "Panel",
    "Review",
    "ReviewLog",
    "SeatReview",
    "Suite",
    "changes",
    "check_suite",
    "checklist",
    "evaluate",
    "fingerprint",
    "load_result",
    "load_suite",
    "plan",
    "run",
]
