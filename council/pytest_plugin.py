"""Recorded reviews in a project's own tests; pytest finds this by the entry point of the package.

    @pytest.mark.council_cassette("rate-limits")
    def test_the_rate_limits_are_approved(recorded_review):
        assert recorded_review.verdict.outcome == "APPROVE"

The recording is `cassettes/rate-limits.yaml` beside the test, or in the root of the project. In a marked test the
network is closed and the recording answers, once each, what is sent; the test fails where a request was not recorded,
and where the recording was played only in part. Imports nothing of the council before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from council.recording import Recording, Replayed
    from council.recording.cassette import Taped

MARKER = "council_cassette"


@dataclass
class CouncilCassette:
    """The recording of a test.

    Attributes:
        path: its file.
        recording: what it holds.
        taped: what was asked so far.
        replayed: what `recorded_review` made of it, if the test asked for that.
    """

    path: Path
    recording: Recording
    taped: Taped
    replayed: Replayed | None = field(default=None)

    def problem(self, *, passed: bool) -> str:
        """Why the test cannot stand, or empty."""
        from council.recording.changes import changes, rerecord_command

        where, again = str(self.path), rerecord_command(self.recording, str(self.path))
        if self.taped.missed:
            return f"{where}: {changes(self.recording, self.taped.missed, self._roster())} ({again})"
        untouched = self.replayed is not None and not any(self.taped.played.values())
        if passed and self.taped.unplayed and not untouched:
            seats = ", ".join(dict.fromkeys(f"{each.seat} ({each.purpose})" for each in self.taped.unplayed))
            return f"{where}: was only partly played: nobody asked for {seats} ({again})"
        return ""

    def _roster(self) -> Any:
        from council.errors import CouncilError
        from council.recording.replay import recorded_roster

        try:
            return recorded_roster(self.recording)
        except CouncilError:  # seats of another project's; the difference is shown without them
            return None


_CASSETTE: pytest.StashKey[CouncilCassette] = pytest.StashKey()
_RECORDED: pytest.StashKey[set[Path]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds --council-record."""
    group = parser.getgroup("council", "recorded reviews")
    group.addoption(
        "--council-record", action="store_true", help="Ask the models, and record again what marked tests replay. Default: never."
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declares the marker."""
    config.addinivalue_line("markers", f"{MARKER}(name): replay cassettes/NAME.yaml in this test, with the network closed")
    config.stash[_RECORDED] = set()


@pytest.fixture(autouse=True)
def _council_cassette_of_marker(request: pytest.FixtureRequest) -> None:
    """A marked test plays its recording without naming the fixture."""
    if request.node.get_closest_marker(MARKER):
        request.getfixturevalue("council_cassette")


@pytest.fixture
def council_cassette(request: pytest.FixtureRequest) -> Iterator[CouncilCassette]:
    """The recording of the test's marker, which answers while the test runs."""
    from council.errors import CouncilError
    from council.recording import load_recording
    from council.recording.cassette import Taped, require_vcrpy
    from council.recording.replay import playing

    try:
        require_vcrpy()
        path = _path(request)
        _record(request.config, path)
        cassette = CouncilCassette(path, load_recording(path), Taped())
    except CouncilError as error:
        pytest.fail(str(error), pytrace=False)
    with playing(cassette.recording, cassette.taped):
        request.node.stash[_CASSETTE] = cassette
        yield cassette


@pytest.fixture
def recorded_review(council_cassette: CouncilCassette) -> Replayed:
    """The recorded review, replayed; the test is in error where its verdict is another one today."""
    from council.errors import CouncilError
    from council.recording import replay

    try:
        council_cassette.replayed = replay(council_cassette.recording, where=str(council_cassette.path))
    except CouncilError as error:
        pytest.fail(str(error), pytrace=False)
    if differences := council_cassette.replayed.differences:
        pytest.fail(f"{council_cassette.path}: {'; '.join(differences)}", pytrace=False)
    return council_cassette.replayed


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fails a test whose requests were not recorded, or whose recording it did not play to its end."""
    try:
        result = yield
    except Exception as error:
        if problem := _problem(item, passed=False):
            raise pytest.fail.Exception(problem, pytrace=False) from error
        raise
    if problem := _problem(item, passed=True):
        pytest.fail(problem, pytrace=False)
    return result


def _problem(item: pytest.Item, *, passed: bool) -> str:
    cassette = item.stash.get(_CASSETTE, None)
    return "" if cassette is None else cassette.problem(passed=passed)


def _path(request: pytest.FixtureRequest) -> Path:
    """The file that the marker names."""
    from council.errors import UsageError

    marker = request.node.get_closest_marker(MARKER)
    if marker is None or len(marker.args) != 1 or not isinstance(marker.args[0], str):
        hint = f'@pytest.mark.{MARKER}("NAME")'
        raise UsageError("council_cassette needs the name of a recording", where=request.node.nodeid, hint=hint)
    name = marker.args[0]
    file = Path("cassettes") / (name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    beside = request.path.parent / file
    return beside if beside.is_file() else request.config.rootpath / file


def _record(config: pytest.Config, path: Path) -> None:
    """Record it again, once for each run of pytest, where that was asked for."""
    if not config.getoption("--council-record") or path in config.stash[_RECORDED]:
        return
    from council.recording import record_again

    record_again(path, root=config.rootpath)
    config.stash[_RECORDED].add(path)
