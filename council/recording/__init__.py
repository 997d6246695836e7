"""Recorded reviews: record once against real models, replay in tests for ever, with the network closed.

    recording = load_recording(Path("cassettes/rate-limits.yaml"))
    replayed = replay(recording)
    assert replayed.verdict.outcome == recording.verdict.outcome

The HTTP is vcrpy's; the file, what stands in it and what never may are ours.
"""

from council.recording.again import record_again
from council.recording.file import is_recording, load_recording, save_recording
from council.recording.model import Recording
from council.recording.record import Recorder
from council.recording.replay import Replayed, areplay, replay

__all__ = ["Recorder", "Recording", "Replayed", "areplay", "is_recording", "load_recording", "record_again", "replay", "save_recording"]
