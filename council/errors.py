"""Every error the council raises on purpose.

    CouncilError
    ├── UsageError                what was asked for contradicts itself
    ├── InputError                what was given cannot be used
    │   ├── ProposalError         the proposal: empty, binary, too large, not UTF-8, no prose
    │   ├── SeatFileError         an agent or persona file: names the file and the line
    │   ├── RosterError           seats that do not fit together: duplicates, unknown names
    │   └── ConfigError           council.toml or [tool.council]
    ├── MissingInputError         a file that is not there
    ├── UnavailableError          a model, service or optional extra that cannot be reached
    │   └── JournalError          what has to be kept cannot be written
    ├── PendingError              a review waits for a person
    └── ExpectationError          a command ran, and what it was asked to check does not hold

Inside the package these are raised and caught as they are; only the command line turns them into words
for a person and an exit code. Each carries what was wrong, where, and what to do next.
"""

from __future__ import annotations

from collections.abc import Sequence


class CouncilError(Exception):
    """What was wrong, where, and what to do next; each one line.

    Attributes:
        details: lines that show more of it; most errors have none.

    Args:
        what: what was wrong, in words a person can act on.
        where: the file, the line, the option, or empty.
        hint: what to do next, or empty.
    """

    details: tuple[str, ...] = ()

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what = what
        self.where = where
        self.hint = hint
        super().__init__(str(self))

    @property
    def headline(self) -> str:
        """What, where and what to do, on one line."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head} ({self.hint})" if self.hint else head

    def __str__(self) -> str:
        return self.headline


class UsageError(CouncilError):
    """What was asked for contradicts itself or names something that does not exist."""


class InputError(CouncilError):
    """What was given cannot be used."""


class ProposalError(InputError):
    """The proposal cannot be reviewed: empty, binary, too large, not UTF-8, without prose."""


class SeatFileError(InputError):
    """An agent or persona file is wrong.

    Args:
        what: what is wrong.
        path: the file, as the user named it.
        line: the 1-based line in it, or 0 where no single line is at fault.
        hint: what to do next.
    """

    def __init__(self, what: str, *, path: str, line: int = 0, hint: str = "") -> None:
        self.path = path
        self.line = line
        super().__init__(what, where=f"{path}:{line}" if line else path, hint=hint)


class RosterError(InputError):
    """Seats that do not fit together: a duplicate, an unknown name, too few or too many."""


class ConfigError(InputError):
    """A configuration file is wrong."""


class MissingInputError(CouncilError):
    """A file that was named is not there."""


class UnavailableError(CouncilError):
    """A model, a service or an optional extra that cannot be reached."""


class JournalError(UnavailableError):
    """What has to be kept cannot be written; the review stops, and can be resumed."""


class PendingError(CouncilError):
    """A review waits for a person, and goes on with the answer.

    Args:
        review_id: the review.
        question: what is asked, as LangGraph's interrupt brings it.
    """

    def __init__(self, review_id: str, question: object) -> None:
        self.review_id = review_id
        self.question = question
        super().__init__("waits for a person", where=f"review {review_id}")


class CouncilWarning(UserWarning):
    """Something that works, and should not be left as it is."""


class ExpectationError(CouncilError):
    """A command ran as asked, and what it was to check does not hold.

    Args:
        what: what does not hold.
        where: the file, the line, the option, or empty.
        hint: what to do next, or empty.
        details: further lines that show it, such as a difference.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "", details: Sequence[str] = ()) -> None:
        self.details = tuple(details)
        super().__init__(what, where=where, hint=hint)

    def __str__(self) -> str:
        return "\n".join([self.headline, *(f"  {line}" for line in self.details)])
