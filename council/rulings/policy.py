"""What a council may set about its verdicts, and who holds which authority."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from fractions import Fraction

from pydantic import Field

from council.ballot import Paper


class Policy(Paper):
    """The quorum (rule 5). Fractions are exact: write "2/3", not 0.67.

    Attributes:
        quorum_of_applicable: share of the seats that apply which must have voted; rounded up.
        quorum_of_roster: share of the whole roster which must have voted; rounded up.
    """

    quorum_of_applicable: Fraction = Field(default=Fraction(2, 3), gt=0, le=1)
    quorum_of_roster: Fraction = Field(default=Fraction(1, 2), gt=0, le=1)

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of its canonical JSON, printed by every report."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Authorities:
    """Names of the seats that may do more than vote; None where no seat of the roster holds it."""

    enforces_observability: str | None = None
    breaks_ties: str | None = None
