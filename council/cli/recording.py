"""Options of `council review` that record it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from council.cli import exits
from council.errors import MissingInputError, UsageError

if TYPE_CHECKING:
    from council.ballot import Verdict
    from council.cli.resume import Keep
    from council.cli.waiting import Waiting
    from council.proposal import Proposal
    from council.recording import Recorder
    from council.recording.model import RecordedOptions
    from council.reviewers.base import Reviewer
    from council.rulings import Policy
    from council.seats import Roster


class Record:
    """Where a review is recorded, if it is.

    Args:
        file: the recording, or None.
    """

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self._recorder: Recorder | None = None

    def check(self, waiting: Waiting, keep: Keep) -> None:
        """Refuse what a recording cannot be made with, before any call.

        Raises:
            UsageError: seats would not be waited for, or replies would come from a checkpoint; the file is a directory.
            MissingInputError: its directory is not there.
            UnavailableError: vcrpy is not installed.
        """
        if self.file is None:
            return
        if waiting.decide_early:
            raise UsageError("--record waits for all seats, and --decide-early does not", hint="leave one out")
        if keep.checkpoint:
            raise UsageError("--record needs every answer from the wire, and --checkpoint keeps some", hint="leave one out")
        if self.file.is_dir():
            raise UsageError("is a directory", where=f"--record {self.file}", hint="name a file in it")
        if not self.file.parent.is_dir():
            raise MissingInputError("no such directory", where=f"--record {self.file.parent}", hint="make it first")
        from council.recording.cassette import require_vcrpy

        require_vcrpy()

    def reviewers(
        self, proposal: Proposal, roster: Roster, reviewers: Mapping[str, Reviewer], policy: Policy | None, *, rebuttal: bool
    ) -> Mapping[str, Reviewer]:
        """The reviewers, observed where the review is recorded.

        Raises:
            InputError: the proposal holds what looks like a live key.
        """
        if self.file is None:
            return reviewers
        from council.recording import Recorder

        options = _options(click.get_current_context().params)
        self._recorder = Recorder(proposal, roster, reviewers, policy=policy, rebuttal=rebuttal, options=options)
        return self._recorder.reviewers

    def running(self) -> AbstractContextManager[None]:
        """Keeps what goes over the wire inside."""
        return nullcontext() if self._recorder is None else self._recorder.running()

    def save(self, verdict: Verdict) -> None:
        """Write the recording.

        Raises:
            InputError: it would hold a secret of the environment.
            UnavailableError: nobody was answered, or it cannot be written.
        """
        if self._recorder is None or self.file is None:
            return
        from council.recording import save_recording

        save_recording(self._recorder.recording(verdict), self.file)
        exits.say(f"recorded in {self.file}; council replay {self.file} replays it", exits.Exit.OK)


def _options(given: Mapping[str, Any]) -> RecordedOptions:
    """Of the options of the command those that the same review needs again."""
    from council.recording.model import RecordedOptions

    return RecordedOptions(
        agents=tuple(map(str, given["agents"])),
        personas=tuple(map(str, given["personas"])),
        config=str(given["config"] or ""),
        no_project_config=given["no_project_config"],
        redact=given["redact"],
        call_timeout=given["call_timeout"],
    )


def record_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--record` to a command, which gets it as `record`."""

    @click.option("--record", metavar="FILE", type=click.Path(path_type=Path), help="Record the review in FILE, for council replay.")
    @wraps(command)
    def with_record(*, record: Path | None, **others: Any) -> Any:
        return command(record=Record(record), **others)

    return with_record
