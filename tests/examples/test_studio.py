"""What `langgraph.json` names can be served: it imports, compiles without a checkpointer, and says what it takes and gives."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from langgraph.graph.state import CompiledStateGraph

ROOT = Path(__file__).parents[2]
NAMED: dict[str, str] = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))["graphs"]
PROPOSAL = (ROOT / "examples" / "approve-rate-limits.md").read_text(encoding="utf-8")
INPUT = {"council": {"proposal": PROPOSAL}, "revise_until_approved": {"notes": PROPOSAL}}


def load(named: str) -> Any:
    """A file below the root, and a variable in it."""
    path, _, variable = named.partition(":")
    return getattr(importlib.import_module(path.removeprefix("./").removesuffix(".py").replace("/", ".")), variable)


@pytest.mark.parametrize("name", NAMED)
def test_a_named_graph_runs_and_has_no_checkpointer(name: str) -> None:
    graph = load(NAMED[name])
    assert isinstance(graph, CompiledStateGraph)
    assert graph.checkpointer is None
    assert asyncio.run(graph.ainvoke(INPUT[name]))["verdict"].outcome == "APPROVE"


@pytest.mark.parametrize("name", NAMED)
def test_its_schemas_are_json(name: str) -> None:
    graph = load(NAMED[name])
    assert set(INPUT[name]) <= set(graph.get_input_jsonschema()["properties"])
    assert "verdict" in graph.get_output_jsonschema()["properties"]
    context = graph.get_context_jsonschema()
    assert context is None or set(context["properties"]) >= {"proposal"}
    assert json.loads(json.dumps(graph.get_graph().to_json()))["nodes"]


def get(address: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(address, data=data, headers={"content-type": "application/json"})  # noqa: S310 - an address of this test's own
    with urlopen(request, timeout=60) as answer:  # noqa: S310 - an address of this test's own
        text = answer.read().decode()
    return text if text.startswith("event:") else json.loads(text)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`langgraph dev`, where it is installed; it is not open source, and no dependency."""
    if importlib.util.find_spec("langgraph_api") is None or importlib.util.find_spec("langgraph_cli") is None:
        pytest.skip("needs langgraph-cli[inmem], which is not installed")
    port, log = 18123, tmp_path_factory.mktemp("dev") / "log"
    command = [sys.executable, "-m", "langgraph_cli", "dev", "--no-browser", "--no-reload", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("w") as stream:
        process = subprocess.Popen(command, cwd=ROOT, stdout=stream, stderr=stream, env={**os.environ, "PYTHONPATH": str(ROOT)})
        address, until = f"http://127.0.0.1:{port}", time.monotonic() + 60
        try:
            while time.monotonic() < until and process.poll() is None:
                with suppress(URLError):
                    get(f"{address}/ok")
                    break
                time.sleep(0.3)
            else:
                pytest.fail(log.read_text())
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.mark.slow
@pytest.mark.loopback
def test_langgraph_dev_serves_them(server: str) -> None:
    assistants = {assistant["graph_id"]: assistant["assistant_id"] for assistant in get(f"{server}/assistants/search", {})}
    assert set(assistants) == set(NAMED)
    for name, assistant in assistants.items():
        assert set(INPUT[name]) <= set(get(f"{server}/assistants/{assistant}/schemas")["input_schema"]["properties"])
        assert get(f"{server}/runs/wait", {"assistant_id": name, "input": INPUT[name]})["verdict"]["outcome"] == "APPROVE"
    streamed = get(f"{server}/runs/stream", {"assistant_id": "council", "input": INPUT["council"], "stream_mode": "custom"})
    events = [json.loads(line.removeprefix("data: "))["event"] for line in streamed.splitlines() if line.startswith('data: {"event"')]
    assert (events[0], events[-1], len(events)) == ("review_started", "verdict", 14)
