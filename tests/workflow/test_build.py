"""What is wrong with a council is found when it is built; and the graph is the walk of the design."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from langgraph.graph import StateGraph

from council import Council, Roster, build_council, build_roster
from council.errors import RosterError, UsageError
from council.workflow import RECURSION_LIMIT, compile_council


def test_the_builder_gives_an_uncompiled_graph(small: Roster, kit: SimpleNamespace) -> None:
    assert isinstance(build_council(small, reviewers=kit.Saying("APPROVE")), StateGraph)


def test_the_graph_is_the_walk_of_the_design() -> None:
    seats = ("tracer", "measurer", "operator", "architect", "benchmarker", "sentinel")
    drawn = Council().graph.get_graph()
    assert list(drawn.nodes) == ["__start__", "convene", *seats, "tally", "tracer_ruling", "verdict", "__end__"]
    around = {("__start__", "convene"), ("tally", "tracer_ruling"), ("tracer_ruling", "verdict"), ("verdict", "__end__")}
    expected = around | {("convene", seat) for seat in seats} | {(seat, "tally") for seat in seats}
    assert {(edge.source, edge.target) for edge in drawn.edges} == expected


def test_the_recursion_limit_is_set(small: Roster, kit: SimpleNamespace) -> None:
    graph = compile_council(build_council(small, reviewers=kit.Saying("APPROVE")))
    assert graph.config is not None
    assert graph.config["recursion_limit"] == RECURSION_LIMIT


def test_the_schemas_of_the_graph_are_text_in_and_a_verdict_out(small: Roster, kit: SimpleNamespace) -> None:
    graph = compile_council(build_council(small, reviewers=kit.Saying("APPROVE")))
    assert set(graph.get_input_jsonschema()["properties"]) == {"proposal", "source", "format", "review_id"}
    assert set(graph.get_output_jsonschema()["properties"]) == {"verdict"}


@pytest.mark.parametrize("count", [0, 2, 21])
def test_too_few_or_too_many_seats_are_refused(count: int, kit: SimpleNamespace) -> None:
    with pytest.raises(RosterError, match=f"3 to 20 seats, and this one {count}"):
        build_council(kit.roster(*(f"seat-{n}" for n in range(count))), reviewers=kit.Saying("APPROVE"))


@pytest.mark.parametrize("name", ["convene", "tally", "tracer_ruling", "verdict", "person", "__start__", "a|b", "a:b", "Alpha", "", "a\n"])
def test_a_name_that_is_no_seats_is_refused(name: str, kit: SimpleNamespace) -> None:
    with pytest.raises(RosterError, match="cannot be named"):
        build_council(kit.roster("alpha", "beta", name), reviewers=kit.Saying("APPROVE"))


def test_a_name_twice_is_refused(kit: SimpleNamespace) -> None:
    with pytest.raises(RosterError, match="'alpha' is there twice"):
        build_council(kit.roster("alpha", "beta", "alpha"), reviewers=kit.Saying("APPROVE"))


def test_an_authority_held_twice_is_refused(kit: SimpleNamespace) -> None:
    roster = kit.roster("alpha", "beta", "gamma", alpha="break-readiness-ties", beta="break-readiness-ties")
    with pytest.raises(RosterError, match="break-readiness-ties is held twice"):
        build_council(roster, reviewers=kit.Saying("APPROVE"))


def test_a_reviewer_for_no_seat_is_refused(small: Roster, kit: SimpleNamespace) -> None:
    everyone = dict.fromkeys([*small.names, "epsilon"], kit.Saying("APPROVE"))
    with pytest.raises(UsageError, match="'epsilon', which is not there"):
        build_council(small, reviewers=everyone)


def test_a_seat_without_a_reviewer_is_refused(small: Roster, kit: SimpleNamespace) -> None:
    with pytest.raises(UsageError, match="no reviewer for gamma, delta"):
        build_council(small, reviewers=dict.fromkeys(["alpha", "beta"], kit.Saying("APPROVE")))


def test_the_packages_seats_and_its_checklist_are_the_default() -> None:
    graph = build_council()
    assert set(build_roster().names) < set(graph.nodes)
