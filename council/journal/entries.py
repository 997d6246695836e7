"""What a journal records."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from council.ballot import Paper, Verdict


class Begun(Paper):
    """A review begins: the first entry of every journal.

    Attributes:
        source, format, left_out: the proposal's.
        sha256: the proposal's, as the verdict has it.
        text_sha256: of its text as it is stored.
        file: absolute path of the file that it came from, or empty.
        file_sha256: of that file.
        options: what the command line was asked for, to resume with the same.
    """

    entry: Literal["begun"] = "begun"
    at: str
    review_id: str
    source: str
    format: Literal["markdown", "rst"]
    sha256: str
    text_sha256: str
    left_out: tuple[str, ...] = ()
    file: str = ""
    file_sha256: str = ""
    options: dict[str, Any] = Field(default_factory=dict)


class Replied(Paper):
    """A call was answered; see `council.reviewers.replies.Request`."""

    entry: Literal["replied"] = "replied"
    at: str
    seat: str
    purpose: str
    attempt: int
    request: str
    reply: str


class Waiting(Paper):
    """The review waits for a person."""

    entry: Literal["waiting"] = "waiting"
    at: str


class Decided(Paper):
    """A verdict: the council's, or what a person made of it. The last one holds, the earlier ones stay."""

    entry: Literal["decided"] = "decided"
    at: str
    verdict: Verdict


Entry = Annotated[Begun | Replied | Waiting | Decided, Field(discriminator="entry")]

ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)
