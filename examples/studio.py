"""The council for `langgraph dev` (Studio) and LangGraph's server: see `langgraph.json`.

Without a checkpointer: the server brings its own. The input is `{"proposal": "the text of an RFC"}`.
"""

from council import Council

graph = Council().graph
