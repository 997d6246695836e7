"""The recordings of the project: real answers of a real model, replayed without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from council.recording import load_recording, replay
from council.recording.replay import proposal_changed

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("file", sorted((ROOT / "cassettes").glob("*.yaml")), ids=lambda path: path.stem)
def test_it_replays_to_the_recorded_verdict(file: Path) -> None:
    recording = load_recording(file)
    assert len(recording.seats) == 6
    assert not proposal_changed(recording, ROOT), f"{recording.proposal.source} changed: record {file.name} again"
    replayed = replay(recording, where=str(file.relative_to(ROOT)))
    assert replayed.differences == ()
