"""A recorded review as a test: no model, no key, no network. Run it with `pytest examples`."""

import pytest


@pytest.mark.council_cassette("reject-session-store")
def test_the_session_store_is_reviewed_as_it_was(recorded_review):
    """Six seats, and the verdict that was recorded."""
    assert len(recorded_review.verdict.opinions) == 6
    assert recorded_review.verdict.outcome == recorded_review.recording.verdict.outcome
