"""Recorded reviews in a project's own tests; pytest finds this by the entry point of the package.

    @pytest.mark.council_cassette("rate-limits")
    def test_the_rate_limits_are_approved(recorded_review):
        assert recorded_review.verdict.outcome == "APPROVE"

The recording is `cassettes/rate-limits.yaml` beside the test, or in the root of the project. In a marked test the
network is closed and the recording answers, once each, what is sent; the test fails where a request was not recorded,
and where the recording was played only in part. `--council-record` records again; where the marker says of what, as in
`@pytest.mark.council_cassette("new", proposal="rfc.md", model="openai:gpt-4o")`, it makes the first recording too.
Imports nothing of the council before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from council.recording import Recording, Replayed
    from council.recording.again import Wanted
    from council.recording.cassette import Taped
    from council.seats import Roster

MARKER = "council_cassette"
_KEYWORDS = frozenset({"proposal", "model", "base_url", "temperature"})

_T = TypeVar("_T")


@dataclass
class CouncilCassette:
    """The recording of a test.

    Attributes:
        path: its file.
        recording: what it holds.
        taped: what was asked so far.
        roster: its seats as the project has them today, or None where it does not have them any more.
        replayed: what `recorded_review` made of it, if the test asked for that.
    """

    path: Path
    recording: Recording
    taped: Taped
    roster: Roster | None = field(default=None)
    replayed: Replayed | None = field(default=None)

    def problem(self, *, passed: bool) -> str:
        """Why the test cannot stand, or empty."""
        from council.errors import ExpectationError
        from council.recording.changes import changes_of, told
        from council.recording.command import rerecord_command

        where, again = _shown(self.path), rerecord_command(self.recording, _shown(self.path))
        if self.taped.missed:
            what, details = told(changes_of(self.recording, self.taped.missed, self.roster), self.recording)
            return str(ExpectationError(what, where=where, hint=again, details=details))
        untouched = self.replayed is not None and not any(self.taped.played.values())
        if passed and self.taped.unplayed and not untouched:
            seats = ", ".join(dict.fromkeys(f"{each.seat} ({each.purpose})" for each in self.taped.unplayed))
            return str(ExpectationError(f"was only partly played: nobody asked for {seats}", where=where, hint=again))
        return ""


_CASSETTE: pytest.StashKey[CouncilCassette] = pytest.StashKey()
_RECORDED: pytest.StashKey[set[Path]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds --council-record."""
    group = parser.getgroup("council", "recorded reviews")
    group.addoption(
        "--council-record", action="store_true", help="Ask the models, and record (again) what marked tests replay. Default: never."
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declares the marker."""
    said = f"{MARKER}(name, *, proposal, model, base_url, temperature): replay cassettes/NAME.yaml in this test, with the network closed;"
    config.addinivalue_line("markers", f"{said} the keywords say what --council-record makes it of")
    config.stash[_RECORDED] = set()


@pytest.fixture(autouse=True)
def _council_cassette_of_marker(request: pytest.FixtureRequest) -> None:
    """A marked test plays its recording without naming the fixture."""
    if request.node.get_closest_marker(MARKER):
        request.getfixturevalue("council_cassette")


@pytest.fixture
def council_cassette(request: pytest.FixtureRequest) -> Iterator[CouncilCassette]:
    """The recording of the test's marker, which answers while the test runs."""
    cassette = _or_fail(lambda: _cassette(request))
    from council.recording.replay import playing

    with playing(cassette.recording, cassette.taped):
        request.node.stash[_CASSETTE] = cassette
        yield cassette


@pytest.fixture
def recorded_review(council_cassette: CouncilCassette, request: pytest.FixtureRequest) -> Replayed:
    """The recorded review, replayed; the test is in error where its verdict is another one today."""
    from council.recording import replay
    from council.recording.command import rerecord_command

    def replayed() -> Replayed:
        recording, where = council_cassette.recording, _shown(council_cassette.path)
        roster = council_cassette.roster or _roster(recording, request.config)
        return replay(recording, roster=roster, where=where)

    council_cassette.replayed = found = _or_fail(replayed)
    if found.differences:
        where = _shown(council_cassette.path)
        pytest.fail(f"{where}: {'; '.join(found.differences)} ({rerecord_command(found.recording, where)})", pytrace=False)
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fails a test whose requests were not recorded, or whose recording it did not play to its end."""
    try:
        result = yield
    except Exception as error:
        if problem := _problem(item, passed=False):
            ended = f"\n  the test itself: {type(error).__name__}: {str(error)[:500]}" if isinstance(error, AssertionError) else ""
            raise pytest.fail.Exception(problem + ended, pytrace=False) from None
        raise
    if problem := _problem(item, passed=True):
        pytest.fail(problem, pytrace=False)
    return result


def _problem(item: pytest.Item, *, passed: bool) -> str:
    cassette = item.stash.get(_CASSETTE, None)
    return "" if cassette is None else cassette.problem(passed=passed)


def _or_fail(make: Callable[[], _T]) -> _T:
    """What is made, or the test's failure: one message, without the traceback of how it came about."""
    from council.errors import CouncilError

    try:
        return make()
    except CouncilError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


def _cassette(request: pytest.FixtureRequest) -> CouncilCassette:
    """The recording that the marker names, made or made again where that was asked for."""
    from council.errors import CouncilError
    from council.recording import load_recording
    from council.recording.cassette import Taped, require_vcrpy

    require_vcrpy()
    path, wanted = _marked(request)
    if request.config.getoption("--council-record") and path not in request.config.stash[_RECORDED]:
        _record(request, path, wanted)
        request.config.stash[_RECORDED].add(path)
    if not path.is_file():
        raise _nothing_recorded(path, wanted)
    recording = load_recording(path)
    try:
        roster = _roster(recording, request.config)
    except CouncilError:  # a test that makes its own calls may have its own seats
        roster = None
    return CouncilCassette(path, recording, Taped(), roster)


def _marked(request: pytest.FixtureRequest) -> tuple[Path, Wanted | None]:
    """The file that the marker names, and what it is to be made of, if the marker says so."""
    from council.errors import UsageError
    from council.recording.again import Wanted

    marker = request.node.get_closest_marker(MARKER)
    if marker is None or len(marker.args) != 1 or not isinstance(marker.args[0], str):
        hint = f'@pytest.mark.{MARKER}("NAME")'
        raise UsageError("council_cassette needs the name of a recording", where=request.node.nodeid, hint=hint)
    given = dict(marker.kwargs)
    if given and (not set(given) <= _KEYWORDS or not {"proposal", "model"} <= set(given)):
        hint = f'@pytest.mark.{MARKER}("{marker.args[0]}", proposal="rfc.md", model="openai:gpt-4o"); base_url and temperature if need be'
        raise UsageError("council_cassette takes proposal and model together", where=request.node.nodeid, hint=hint)
    return _file(request, marker.args[0]), Wanted(**given) if given else None


def _file(request: pytest.FixtureRequest, name: str) -> Path:
    """Beside the test where it is there, or where only there is a directory for it; else in the root."""
    file = Path("cassettes") / (name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    beside, in_root = request.path.parent / file, request.config.rootpath / file
    return beside if beside.is_file() or (beside.parent.is_dir() and not in_root.is_file()) else in_root


def _record(request: pytest.FixtureRequest, path: Path, wanted: Wanted | None) -> None:
    """Record it, from what the marker says or else as it was recorded before; once for each run of pytest."""
    from council.config import settings_for
    from council.recording.again import record_again, record_first
    from council.seats import Sources

    root = request.config.rootpath
    settings = settings_for(root)
    if wanted is not None:
        config = Sources(agents=settings.agents, personas=settings.personas, seat=settings.seat, names=settings.seats)
        record_first(path, _found(wanted, request), root=root, config=config, policy=settings.policy)
    elif path.is_file():
        record_again(path, root=root, config=Sources(agents=settings.agents, personas=settings.personas))


def _found(wanted: Wanted, request: pytest.FixtureRequest) -> Wanted:
    """With the proposal's path from the root; one that is not there is looked for beside the test."""
    import os
    from dataclasses import replace

    root, beside = request.config.rootpath, request.path.parent / wanted.proposal
    if (root / wanted.proposal).is_file() or not beside.is_file():
        return wanted
    return replace(wanted, proposal=Path(os.path.relpath(beside, root)).as_posix())


def _nothing_recorded(path: Path, wanted: Wanted | None) -> Exception:
    """The error that says how a first recording is made."""
    import shlex

    from council.errors import MissingInputError

    where = _shown(path)
    command = f"council review PROPOSAL --model … --record {shlex.quote(where)}"
    if not path.parent.is_dir():
        command = f"mkdir -p {shlex.quote(str(Path(where).parent))} && {command}"
    hint = "pytest --council-record makes it" if wanted else f"a first recording is made by: {command}"
    return MissingInputError("no such recording", where=where, hint=hint)


def _roster(recording: Recording, config: pytest.Config) -> Roster:
    """The recorded seats, with the persona files of the project as they are today."""
    from council.config import settings_for
    from council.recording.roster import recorded_roster
    from council.seats import Sources

    settings = settings_for(config.rootpath)
    return recorded_roster(recording, root=config.rootpath, config=Sources(agents=settings.agents, personas=settings.personas))


def _shown(path: Path) -> str:
    """A path as a person here would name it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
