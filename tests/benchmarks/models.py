"""What a review by chat models costs beside bare calls of the provider's SDK, against a server on loopback: `make bench`.

Everything is measured side by side in one run, because a busy machine moves both sides. The bare side sends the same
prompts with the same SDK (openai), all of them prepared. Ends with 1 where a bound does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from council import Council, Proposal, build_roster, read_proposal
from council.addressed import find_addressed
from council.reviewers.chat import ChatReviewer, aclose, chat_model
from council.reviewers.chat.messages import messages, proposal_block, protocol, seat_block
from council.reviewers.chat.schema import NAME, strict_schema
from tests.benchmarks.bench import COUNCIL, MEGABYTE, ROOT, Row, documents
from tests.loopback.behaviour import long_tailed, voting
from tests.loopback.server import Loopback

MODEL, DELAY = "gpt-4o", 1.0
COLD = """
import sys
import langgraph.graph
from langchain_openai import ChatOpenAI
ChatOpenAI(model="gpt-4o", base_url=sys.argv[1], api_key="none", max_retries=0).invoke("Say yes.")
"""

Review = Callable[[], Awaitable[object]]

_opened: list[Any] = []  # clients of the bare side


@contextmanager
def server(delay: float) -> Iterator[str]:
    """The loopback server in a process of its own: its base URL."""
    command = [sys.executable, "-m", "tests.loopback", "--delay", str(delay)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield f"{process.stdout.readline().strip()}/v1"
        process.stdin.close()


def prompts(proposal: Proposal) -> list[list[Any]]:
    """What goes to each seat."""
    return [messages(protocol(), proposal_block(proposal), seat_block(seat)) for seat in build_roster().seats]


def bare(url: str, proposal: Proposal) -> Review:
    """Six calls of the SDK at once, with the same prompts and the same schema."""
    from openai import AsyncOpenAI

    from council.ballot import Reply

    client = AsyncOpenAI(base_url=url, api_key="none", max_retries=0, timeout=120.0)
    _opened.append(client)
    form = {"type": "json_schema", "json_schema": {"name": NAME, "strict": True, "schema": strict_schema(Reply)}}
    asked = [[{"role": "system", "content": system.text}, {"role": "user", "content": own.text}] for system, own in prompts(proposal)]

    async def six() -> None:
        create: Any = client.chat.completions.create
        await asyncio.gather(*(create(model=MODEL, messages=each, response_format=form) for each in asked))

    return six


def ours(url: str, proposal: Proposal, **more: Any) -> Review:
    """One review of a proposal that has been read."""
    council = Council(reviewers=ChatReviewer(chat_model(f"openai:{MODEL}", base_url=url, api_key="none")), **more)

    async def one() -> None:  # as on the bare side, nobody keeps what came of it
        await council.areview(proposal)

    return one


async def close() -> None:
    """Close all connections of the running loop."""
    await aclose()
    while _opened:
        await _opened.pop().close()


async def seconds(review: Review) -> float:
    start = time.perf_counter()
    await review()
    return time.perf_counter() - start


def latency(proposal: Proposal, rounds: int) -> list[Row]:
    """Milliseconds above the server's second, medians."""

    async def measure(url: str) -> list[list[float]]:
        sides = [bare(url, proposal), ours(url, proposal)]
        for side in sides:  # connections are opened, and what is read once is read
            await side()
        times = [[1000 * (await seconds(side) - DELAY) for side in sides] for _ in range(rounds)]
        await close()
        return times

    with server(DELAY) as url:
        times = asyncio.run(measure(url))
    sdk, council = (statistics.median(each[side] for each in times) for side in (0, 1))
    difference = statistics.median(each[1] - each[0] for each in times)
    return [
        Row("six bare SDK calls at once, above the server's 1.0 s", f"{sdk:.0f} ms"),
        Row("one review, above the server's 1.0 s", f"{council:.0f} ms"),
        Row("the review's own part", f"{difference:+.0f} ms", "at most +15 ms", difference <= 15),
    ]


def first_request(command: list[str], port: socket.socket) -> float:
    """Seconds from the start of a process to the first bytes of its first request."""
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        connection, _ = port.accept()
        with connection:
            connection.recv(1)
            taken = time.perf_counter() - start
            process.kill()
    return taken


def cold_start(document: Path, rounds: int) -> list[Row]:
    """To the first request, beside a script that imports LangGraph and the same client, and asks."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as port:
        port.settimeout(60)
        url = f"http://127.0.0.1:{port.getsockname()[1]}/v1"
        script = [sys.executable, "-c", COLD, url]
        review = [
            str(COUNCIL),
            "review",
            "--quiet",
            "--no-project-config",
            "--model",
            f"openai:{MODEL}",
            "--base-url",
            url,
            "--",
            str(document),
        ]
        times = []
        for _ in range(rounds + 1):  # the first warms the caches of files and byte code
            sides = []
            for command in (script, review):
                sides.append(first_request(command, port))
                port.settimeout(0.05)  # the other seats' connections, which nobody answers
                while _dropped(port):
                    pass
                port.settimeout(60)
            times.append(sides)
    plain, council = (min(each[side] for each in times[1:]) for side in (0, 1))
    ratio = council / plain
    return [
        Row("bare script (LangGraph, ChatOpenAI), start to first request", f"{plain:.2f} s"),
        Row("council review --model, start to first request", f"{council:.2f} s = {ratio:.2f} times", "at most 1.2 times", ratio <= 1.2),
    ]


def _dropped(port: socket.socket) -> bool:
    try:
        port.accept()[0].close()
    except TimeoutError:
        return False
    return True


def many(side: str, url: str, document: str, count: int) -> dict[str, float]:
    """In a process of its own: CPU seconds of each of many reviews at once, and the peak of its memory."""
    proposal = read_proposal(Path(document))

    async def measure() -> float:
        review = (bare if side == "bare" else ours)(url, proposal)
        await review()
        start = time.process_time()
        await asyncio.gather(*(review() for _ in range(count)))
        used = time.process_time() - start
        await close()
        return used / count

    used = asyncio.run(measure())
    searches = []
    for _ in range(5):
        start = time.process_time()
        find_addressed(proposal, build_roster().names)
        searches.append(time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"cpu": used, "search": min(searches), "peak": peak}


def at_once(document: Path, count: int) -> list[Row]:
    """Many reviews at once in one process."""
    figures = []
    for side in ("bare", "ours"):
        with server(DELAY) as url:
            command = [
                sys.executable,
                "-m",
                "tests.benchmarks.models",
                "--side",
                side,
                "--url",
                url,
                "--at-once",
                str(count),
                str(document),
            ]
            done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        figures.append(json.loads(done.stdout))
    sdk, council = figures
    ratio, peak = council["cpu"] / sdk["cpu"], council["peak"] / MEGABYTE
    beside = f"{1000 * sdk['cpu']:.1f} ms; peak memory {sdk['peak'] / MEGABYTE:.0f} MB"
    cpu = f"{1000 * council['cpu']:.1f} ms = {ratio:.2f} times"
    return [
        Row(f"{count} times six bare SDK calls at once, CPU of each six", beside),
        Row(f"{count} reviews at once, CPU of each", cpu, "at most 1.3 times", ratio <= 1.3),
        Row("of that, the search for text that speaks to the reviewers", f"{1000 * council['search']:.1f} ms"),
        Row(f"{count} reviews at once, peak memory", f"{peak:.0f} MB", "at most 250 MB", peak <= 250),
    ]


def shared(proposal: Proposal) -> Row:
    """How much of the prompt the seats have in common, from its beginning."""
    whole = ["\n".join(message.text for message in asked).encode() for asked in prompts(proposal)]
    same = next(n for n, bytes_there in enumerate(zip(*whole, strict=False)) if len(set(bytes_there)) > 1)
    share = same / statistics.mean(map(len, whole))
    return Row(f"bytes of the prompt that six seats share, {proposal.words} words", f"{share:.1%}", "at least 95%", share >= 0.95)


def early(proposal: Proposal, rounds: int) -> list[Row]:
    """What deciding early saves where answers are long-tailed and five of six agree."""

    async def mean(url: str, *, decide_early: bool) -> float:
        review = ours(url, proposal, decide_early=decide_early)
        times = [await seconds(review) for _ in range(rounds + 1)]
        await close()
        return statistics.mean(times[1:])

    figures = []
    for decide_early in (False, True):
        with Loopback(long_tailed(0.4, script=voting({"sentinel": "REJECT"}))) as loopback:  # the same delays each time
            figures.append(asyncio.run(mean(loopback.openai_url, decide_early=decide_early)))
    saved = 1 - figures[1] / figures[0]
    return [
        Row("mean time of a review, answers long-tailed, five of six agree", f"{figures[0]:.2f} s"),
        Row("the same with --decide-early", f"{figures[1]:.2f} s = {saved:.0%} less", "at least 20% less", saved >= 0.2),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="rounds of each measurement of time (9)")
    parser.add_argument("--at-once", type=int, default=200, help="reviews at once (200)")
    parser.add_argument("--side", choices=["bare", "ours"], help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("document", nargs="?", help="the proposal; by default the median one of the corpus, or of the examples")
    options = parser.parse_args()
    found = [Path(options.document)] if options.document else documents()
    if not found:
        print("nothing to review: neither ../shared/corpus nor examples/*.md is there", file=sys.stderr)
        return 66
    document = found[len(found) // 2].resolve()
    os.environ["OPENAI_API_KEY"] = "none"
    os.environ["LANGSMITH_TRACING"] = "false"
    if options.side:
        print(json.dumps(many(options.side, options.url, str(document), options.at_once)))
        return 0
    proposal = read_proposal(document)
    rows = [
        *latency(proposal, options.rounds),
        *cold_start(document, min(5, options.rounds)),
        *at_once(document, options.at_once),
        shared(proposal),
        *early(proposal, 2 * options.rounds),
    ]
    table = Table(title=f"Chat models in the seats, {document.name}; Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    for heading in ("what", "measured", "bound", "holds"):
        table.add_column(heading)
    for row in rows:
        table.add_row(row.what, row.measured, row.bound, ("yes" if row.holds else "NO") if row.bound else "")
    Console(width=130).print(table)
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
