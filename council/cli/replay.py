"""`council replay`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from council.cli import exits, output
from council.cli.logs import debug_option
from council.cli.options import SeatOptions, seat_options
from council.errors import CouncilError, ExpectationError, MissingInputError

if TYPE_CHECKING:
    from council.config import Settings
    from council.recording import Recording, Replayed
    from council.recording.command import Given
    from council.seats import Roster

CODES = """\b
Exit codes:
  0 as recorded   4 another verdict, or a request that was not recorded
  64 usage   65 bad input   66 missing input   69 an extra is missing   70 a fault of ours
"""


@click.command(epilog=CODES)
@click.argument("path", metavar="FILE|DIR", type=click.Path(path_type=Path))
@click.option("--policy", metavar="FILE", type=click.Path(path_type=Path), help="Tally anew under this council.toml: policy and seats.")
@click.option("--format", "form", type=click.Choice(["terminal", "md", "json"]), help="Print the verdict's report too.")
@seat_options
@debug_option
def replay(*, path: Path, policy: Path | None, form: Any, seating: SeatOptions) -> int:
    """Replay the recorded review in FILE, or all of DIR, with the network closed.

    The tally and the ruling are computed again, and the verdict has to be the recorded one.
    """
    from council.config import load_config

    settings = seating.settings()
    anew = None if policy is None else load_config(policy)
    if path.is_dir():
        return _folder(path, settings, anew, seating)
    replayed = _replay(path, settings, anew, seating)
    for note in replayed.notes:
        exits.say(f"{path}: {note}", exits.Exit.OK)
    if form:
        from council.reports import render

        output.write(render(replayed.verdict, form, width=output.width(), color=output.color()))
    if replayed.differences:
        from council.recording.command import rerecord_command

        hint = rerecord_command(replayed.recording, str(path), _given(seating))
        raise ExpectationError("; ".join(replayed.differences), where=str(path), hint=hint)
    if not form:
        output.write(_line(path, replayed, anew is not None))
    return exits.Exit.OK


@dataclass(frozen=True, slots=True)
class _Row:
    """One recording of a folder."""

    file: str
    recorded: str
    replayed: str
    result: str
    failed: bool


def _replay(path: Path, settings: Settings, anew: Settings | None, seating: SeatOptions) -> Replayed:
    from council.recording import load_recording, replay

    recording = load_recording(path)
    return replay(
        recording,
        roster=_roster(recording, settings, anew, seating),
        policy=None if anew is None else anew.policy or recording.policy,
        where=str(path),
        root=Path.cwd() if anew is None else None,  # another policy tallies what was said, whatever the file says by now
        given=_given(seating),
    )


def _given(seating: SeatOptions) -> Given:
    """What this replay was given about the seats, for the command that records it again."""
    from council.recording.command import Given
    from council.recording.model import RecordedOptions

    options = RecordedOptions(
        agents=tuple(map(str, seating.agents)),
        personas=tuple(map(str, seating.personas)),
        config=str(seating.config or ""),
        no_project_config=seating.no_project_config,
    )
    return Given(options, seating.seat, seating.seats)


def _roster(recording: Recording, settings: Settings, anew: Settings | None, seating: SeatOptions) -> Roster:
    """The recorded seats as the project has them today; of another policy, those that it asks for."""
    from council.recording.roster import recorded_roster
    from council.seats import Sources

    return recorded_roster(
        recording,
        agents=seating.agents,
        personas=seating.personas,
        seat=seating.seat,
        names=seating.seats or (anew.seats if anew is not None else None),
        config=Sources(agents=settings.agents, personas=settings.personas),
    )


def _line(path: Path, replayed: Replayed, anew: bool) -> str:
    was, now = replayed.recording.verdict.outcome, replayed.verdict
    if anew:
        return f"{path}: {now.outcome} under this policy, recorded as {was}. {now.why}\n"
    return f"{path}: {now.outcome}, as recorded. {now.why}\n"


def _folder(folder: Path, settings: Settings, anew: Settings | None, seating: SeatOptions) -> int:
    """Replay each recording of a folder and print a table."""
    from council.recording import is_recording, load_recording

    files = [path for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]) if is_recording(path)]
    if not files:
        raise MissingInputError("holds no recording", where=str(folder), hint="council review PROPOSAL --record FILE makes one")
    rows = []
    for path in files:
        recorded = "?"
        try:
            recorded = load_recording(path).verdict.outcome.value
            replayed = _replay(path, settings, anew, seating)
        except CouncilError as error:
            rows.append(_Row(path.name, recorded, "", error.headline, failed=True))
            continue
        said = "; ".join([*replayed.differences, *replayed.notes]) or ("tallied anew" if anew is not None else "as recorded")
        rows.append(_Row(path.name, recorded, replayed.verdict.outcome.value, said, failed=bool(replayed.differences)))
    _print(rows)
    if failed := [row.file for row in rows if row.failed]:
        raise ExpectationError(f"{len(failed)} of {len(rows)} recordings did not replay", where=str(folder), hint=", ".join(failed))
    return exits.Exit.OK


def _print(rows: list[_Row]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("recording", "recorded", "replayed", "result")
    for row in rows:
        table.add_row(*(Text(text) for text in (row.file, row.recorded, row.replayed, row.result)))
    console = Console(width=output.width(), no_color=not output.color(), highlight=False)
    with console.capture() as captured:
        console.print(table)
    output.write(captured.get())
