"""The walk of one proposal as a LangGraph graph; the only package that knows LangGraph.

    convene ─► one node for each seat, in parallel, sealed from each other ─► tally ─► [rebuttal] ─► tracer_ruling ─► verdict

`build.py` makes the graph, `house.py` and `sitting.py` are its nodes, `state.py` is what they share, `session.py` what the
seats of one review share while they work.
"""

from council.workflow.build import (
    RECURSION_LIMIT,
    CompiledCouncil,
    CouncilGraph,
    build_council,
    compile_council,
    in_parent_graph,
    leave_parent_graph,
    parent_forgets,
)
from council.workflow.checkpoint import (
    Checkpointer,
    has_begun,
    is_asking,
    is_postgres,
    open_saver,
    strict_msgpack,
    thread,
    warn_of_lenient_msgpack,
)
from council.workflow.person import answer, asked
from council.workflow.session import Deadlines
from council.workflow.sitting import STOPS
from council.workflow.state import CouncilContext, CouncilInput, CouncilOutput, CouncilState, new_review_id

__all__ = [
    "RECURSION_LIMIT",
    "STOPS",
    "Checkpointer",
    "CompiledCouncil",
    "CouncilContext",
    "CouncilGraph",
    "CouncilInput",
    "CouncilOutput",
    "CouncilState",
    "Deadlines",
    "answer",
    "asked",
    "build_council",
    "compile_council",
    "has_begun",
    "in_parent_graph",
    "is_asking",
    "is_postgres",
    "leave_parent_graph",
    "new_review_id",
    "open_saver",
    "parent_forgets",
    "strict_msgpack",
    "thread",
    "warn_of_lenient_msgpack",
]
