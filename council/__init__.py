"""A review council for engineering proposals. Models give evidence, code gives verdicts.

    from council import review

    verdict = review(Path("rfc.md"))

The public names are loaded when they are first used, so that `import council` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from council.ballot import Opinion, Outcome, PersonDecision, Reply, Rule, Verdict, Vote
    from council.council import Council, areview, review
    from council.errors import CouncilError, PendingError
    from council.events import Event
    from council.proposal import Proposal, parse_proposal, read_proposal
    from council.reviewers.base import Reviewed, Reviewer
    from council.rulings import Policy
    from council.seats import Roster, Seat, build_roster
    from council.workflow import CouncilContext, Deadlines, build_council

__version__ = "0.1.0"

_HOME = {
    "Council": "council.council",
    "CouncilContext": "council.workflow",
    "CouncilError": "council.errors",
    "Deadlines": "council.workflow",
    "Event": "council.events",
    "Opinion": "council.ballot",
    "Outcome": "council.ballot",
    "PendingError": "council.errors",
    "PersonDecision": "council.ballot",
    "Policy": "council.rulings",
    "Proposal": "council.proposal",
    "Reply": "council.ballot",
    "Reviewed": "council.reviewers.base",
    "Reviewer": "council.reviewers.base",
    "Roster": "council.seats",
    "Rule": "council.ballot",
    "Seat": "council.seats",
    "Verdict": "council.ballot",
    "Vote": "council.ballot",
    "areview": "council.council",
    "build_council": "council.workflow",
    "build_roster": "council.seats",
    "parse_proposal": "council.proposal",
    "read_proposal": "council.proposal",
    "review": "council.council",
}

__all__ = [
    "Council",
    "CouncilContext",
    "CouncilError",
    "Deadlines",
    "Event",
    "Opinion",
    "Outcome",
    "PendingError",
    "PersonDecision",
    "Policy",
    "Proposal",
    "Reply",
    "Reviewed",
    "Reviewer",
    "Roster",
    "Rule",
    "Seat",
    "Verdict",
    "Vote",
    "__version__",
    "areview",
    "build_council",
    "build_roster",
    "parse_proposal",
    "read_proposal",
    "review",
]


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
