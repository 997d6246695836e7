"""What a document loses when it is cut by its headings."""

from __future__ import annotations

from council.proposal.read import Limits, parse_proposal
from tests.benchmarks.heading_ablations import cuts

SPOKEN = "We log each error, count it in a metric, trace it, and alert when a dashboard shows an event."
OTHER = "The cache holds a row for each tenant of the ledger, which a worker reads and writes once a day."
TEXT = (
    "# RFC\n\n## Monitoring\n\n"
    + SPOKEN * 3
    + "\n\n### Details\n\n"
    + SPOKEN
    + "\n\n## Design\n\n"
    + "\n\n".join([OTHER] * 12)
    + "\n\n"
    + SPOKEN
)


def test_a_section_on_a_seat_s_matter_is_cut_with_what_stands_within_it() -> None:
    proposal = parse_proposal(TEXT, limits=Limits(min_words=0))
    (cut,) = cuts(proposal)
    assert (cut.seat, cut.strength) == ("tracer", "strong")
    assert [proposal.sections[n].title for n in cut.sections] == ["Monitoring", "Details"]
    assert "architect" in cut.unrelated


def test_nothing_is_cut_where_a_seat_s_words_stand_elsewhere() -> None:
    assert not list(cuts(parse_proposal(TEXT.replace(OTHER, SPOKEN), limits=Limits(min_words=0))))
