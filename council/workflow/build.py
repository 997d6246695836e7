"""From a roster and its reviewers to the graph; everything that can be wrong with them is found here, not in a review."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any, TypeAlias

from langchain_core.runnables.config import var_child_runnable_config
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from council.errors import RosterError, UsageError
from council.reviewers.base import Reviewer
from council.rulings import Policy, could_change
from council.seats import Roster, build_roster
from council.seats.files import RESERVED_NAMES
from council.seats.roster import MAX_SEATS, MIN_SEATS
from council.workflow.checkpoint import Checkpointer, strict_msgpack, warn_of_lenient_msgpack
from council.workflow.house import House, authorities_of
from council.workflow.person import Person
from council.workflow.rebuttal import Rebuttal
from council.workflow.session import Deadlines, Sessions
from council.workflow.sitting import Sitting
from council.workflow.state import CouncilContext, CouncilInput, CouncilOutput, CouncilState, Summons

CONVENE, TALLY, REBUTTAL = "convene", "tally", "rebuttal"
TRACER_RULING, PERSON, VERDICT = "tracer_ruling", "person", "verdict"

RECURSION_LIMIT = 12
"""Super-steps of one review at most; the walk has seven at most. LangGraph's own default, 10007, would hide a loop."""

_PARENT_SAVER = "__pregel_checkpointer"  # LangGraph's own name; were it another, a parent would be taken to have one

_SEAT_NAME = re.compile(r"[a-z][a-z0-9-]*")

CouncilGraph: TypeAlias = StateGraph[CouncilState, CouncilContext, CouncilInput, CouncilOutput]
CompiledCouncil: TypeAlias = CompiledStateGraph[CouncilState, CouncilContext, CouncilInput, CouncilOutput]


def build_council(  # noqa: PLR0913 (one for each choice; all but the first by name)
    roster: Roster | None = None,
    *,
    reviewers: Reviewer | Mapping[str, Reviewer] | None = None,
    policy: Policy | None = None,
    policy_origin: str = "",
    escalate: bool = False,
    rebuttal: bool = False,
    deadlines: Deadlines | None = None,
    decide_early: bool = False,
    warm_first: bool = True,
) -> CouncilGraph:
    """The council as a graph, not yet compiled, so that the checkpointer is the caller's choice.

    Compile it `.with_config(recursion_limit=RECURSION_LIMIT)`; invoke it with `{"proposal": TEXT}`, asynchronously.

    Args:
        roster: the seats in their order; the package's six, and those of installed packages, if not given.
        reviewers: one for all seats, or one for each by the seat's name; the offline checklist if not given.
        policy: what the rules of the verdict leave open.
        policy_origin: where the policy comes from, for the verdict.
        escalate: ask a person where the votes are split or give no verdict, by an interrupt; needs a checkpointer.
        rebuttal: where the votes are split, ask the seats that chat models review once more, with what the other side found,
            without names; at most once. Both votes are kept.
        deadlines: when a seat is late; it then abstains, and nobody waits for it.
        decide_early: end the calls of the seats still out when none of their votes could change the outcome. What such a
            seat might have found of rule 7 (text that speaks to the reviewers) is not waited for.
        warm_first: where a provider's cache pays for it, call one seat first and the others when its reply begins.

    Raises:
        RosterError: too few or too many seats, a name twice or not fit for a node, an authority held twice.
        UsageError: a reviewer for a seat that is not there, or a seat without a reviewer; a rebuttal, and no chat model.
    """
    roster = build_roster() if roster is None else roster
    _check_roster(roster)
    seated = _seat_reviewers(roster, _checklist() if reviewers is None else reviewers)
    origin = policy_origin or ("package default" if policy is None else "given by the caller")
    policy = policy or Policy()
    undecided = partial(could_change, policy=policy, authorities=authorities_of(roster)) if decide_early else None
    sessions = Sessions(roster.names, deadlines or Deadlines(), undecided)
    house = House(roster, policy, origin, seated, sessions, rebuttal=rebuttal)
    caches = _shared_caches(seated) if warm_first else {}
    graph = StateGraph(CouncilState, CouncilContext, input_schema=CouncilInput, output_schema=CouncilOutput)
    graph.add_node(CONVENE, house.convene, destinations=roster.names)
    sittings = {seat.name: Sitting(seat, seated[seat.name], sessions, caches.get(seat.name, "")) for seat in roster.seats}
    for name, sitting in sittings.items():
        graph.add_node(name, sitting.sit, input_schema=Summons)
        graph.add_edge(name, TALLY)
    graph.add_node(TALLY, house.tally)
    graph.add_node(TRACER_RULING, house.tracer_ruling)
    graph.add_node(VERDICT, house.verdict)
    graph.add_edge(START, CONVENE)
    if rebuttal:
        graph.add_node(REBUTTAL, Rebuttal(house, sittings).hold)
        graph.add_edge(TALLY, REBUTTAL)
    graph.add_edge(REBUTTAL if rebuttal else TALLY, TRACER_RULING)
    if escalate:
        graph.add_node(PERSON, Person(house).ask)
        graph.add_edge(TRACER_RULING, PERSON)
    graph.add_edge(PERSON if escalate else TRACER_RULING, VERDICT)
    graph.add_edge(VERDICT, END)
    return graph


def compile_council(graph: CouncilGraph, checkpointer: Checkpointer | None = None) -> CompiledCouncil:
    """A graph of `build_council` ready to run, its recursion limit set.

    Warns:
        CouncilWarning: once, where a checkpointer is given and LANGGRAPH_STRICT_MSGPACK is unset.
    """
    if checkpointer is not None and not strict_msgpack():
        warn_of_lenient_msgpack()
    return graph.compile(checkpointer, name="council").with_config(recursion_limit=RECURSION_LIMIT)


def in_parent_graph() -> bool:
    """Whether a graph that is run here is a subgraph: its thread and checkpointer are then its parent's."""
    return bool(_configurable().get("checkpoint_ns"))


def parent_forgets() -> bool:
    """Whether it is a subgraph, and its parent has no checkpointer: an interrupt in it could not be answered."""
    return in_parent_graph() and _configurable().get(_PARENT_SAVER, "unknown") is None


def _configurable() -> Mapping[str, Any]:
    """What the graph that runs here, if any, hands to its subgraphs."""
    return (var_child_runnable_config.get() or {}).get("configurable", {})


def leave_parent_graph() -> None:
    """Graphs that are run after this in the current context are nobody's subgraphs."""
    var_child_runnable_config.set(None)


def _check_roster(roster: Roster) -> None:
    """What `build_roster` sees to; a roster put together in Python may not have."""
    names = roster.names
    if not MIN_SEATS <= len(names) <= MAX_SEATS:
        raise RosterError(f"a council has {MIN_SEATS} to {MAX_SEATS} seats, and this one {len(names)}")
    for name in names:
        if names.count(name) > 1:
            raise RosterError(f"the seat {name!r:.60} is there twice", hint="take one of them out of the roster")
        if not _SEAT_NAME.fullmatch(name) or name in RESERVED_NAMES:
            raise RosterError(f"a seat cannot be named {name!r:.60}", hint="use a-z, 0-9 and -, beginning with a letter; not a node's name")
    held = [authority for seat in roster.seats for authority in seat.agent.authority]
    for authority in held:
        if held.count(authority) > 1:
            raise RosterError(f"{authority} is held twice", hint="one seat of a roster may hold it")


def _checklist() -> Reviewer:
    """Imported where it is used: a council of models starts without it."""
    from council.reviewers.checklist import ChecklistReviewer

    return ChecklistReviewer()


def _seat_reviewers(roster: Roster, reviewers: Reviewer | Mapping[str, Reviewer]) -> dict[str, Reviewer]:
    """A reviewer for each seat."""
    if not isinstance(reviewers, Mapping):
        return dict.fromkeys(roster.names, reviewers)
    if unknown := sorted(set(reviewers) - set(roster.names)):
        raise UsageError(f"a reviewer for the seat {unknown[0]!r:.60}, which is not there", hint=f"seats: {', '.join(roster.names)}")
    if missing := [name for name in roster.names if name not in reviewers]:
        raise UsageError(f"no reviewer for {', '.join(missing)}", hint="give each seat one, or one for all")
    return dict(reviewers)


def _shared_caches(seated: Mapping[str, Reviewer]) -> dict[str, str]:
    """Of seats whose prompts are cached together, the name of the cache; warming it for one seat alone gains nothing."""
    named = {seat: str(getattr(reviewer, "prompt_cache", "")) for seat, reviewer in seated.items()}
    seats = Counter(named.values())
    return {seat: cache for seat, cache in named.items() if cache and seats[cache] > 1}
