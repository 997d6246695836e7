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
    from council.recording.marker import file_of, name_of, nothing_recorded, wanted_of

    require_vcrpy()
    marker, root = request.node.get_closest_marker(MARKER), request.config.rootpath
    test, folder = request.node.nodeid, request.path.parent
    path = file_of(name_of(marker.args if marker else (), test=test), folder=folder, root=root)
    wanted = wanted_of(marker.kwargs if marker else {}, test=test, folder=folder, root=root)
    if request.config.getoption("--council-record") and path not in request.config.stash[_RECORDED]:
        _record(request.config, path, wanted)
        request.config.stash[_RECORDED].add(path)
    if not path.is_file():
        raise nothing_recorded(Path(_shown(path)), wanted)
    recording = load_recording(path)
    try:
        roster = _roster(recording, request.config)
    except CouncilError:  # a test that makes its own calls may have its own seats
        roster = None
    return CouncilCassette(path, recording, Taped(), roster)


def _record(config: pytest.Config, path: Path, wanted: Wanted | None) -> None:
    """Record it, from what the marker says or else as it was recorded before; once for each run of pytest."""
    from council.config import settings_for
    from council.recording.again import record_again, record_first
    from council.seats import Sources

    settings = settings_for(config.rootpath)
    sources = Sources(agents=settings.agents, personas=settings.personas, seat=settings.seat, names=settings.seats)
    if wanted is not None:
        record_first(path, wanted, root=config.rootpath, config=sources, policy=settings.policy)
    elif path.is_file():
        record_again(path, root=config.rootpath, config=sources)


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
