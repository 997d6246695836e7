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
        from council.recording.changes import rerecord_command

        hint = rerecord_command(replayed.recording, str(path))
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
    from council.recording.changes import rerecord_command
    from council.recording.replay import proposal_changed

    recording = load_recording(path)
    if anew is None and proposal_changed(recording, Path.cwd()):
        source = recording.proposal.source
        what = f"the proposal changed: {source} is not what every seat was asked about"
        raise ExpectationError(what, where=str(path), hint=rerecord_command(recording, str(path)))
    policy = None if anew is None else anew.policy or recording.policy
    return replay(recording, roster=_roster(recording, settings, anew, seating), policy=policy, where=str(path))


def _roster(recording: Recording, settings: Settings, anew: Settings | None, seating: SeatOptions) -> Roster:
    """The recorded seats as the project has them today; of another policy, those that it asks for."""
    from council.seats import Sources, build_roster

    personas = {seat.seat: seat.persona for seat in recording.seats}
    names = seating.seats or (anew.seats if anew is not None else None) or tuple(personas)
    config = Sources(agents=settings.agents, personas=settings.personas)
    return build_roster(
        agents_dirs=seating.agents,
        personas_dirs=seating.personas,
        seat={**{name: persona for name, persona in personas.items() if name in names}, **seating.seat},
        names=names,
        config=config,
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
            rows.append(_Row(path.name, recorded, "", str(error), failed=True))
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
