"""vcrpy between the clients and the network: what goes out is kept, or answered from what was kept.

vcrpy knows the clients (httpx, httpx2); the file is ours, so that it gets and gives the exchanges in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from council.errors import UnavailableError
from council.recording.asking import asking
from council.recording.model import Exchange, GivenResponse, Purpose, SentRequest
from council.recording.secrets import redacted, redacted_headers, redacted_url

_OTHER_LIBRARIES = ("httplib", "requests", "boto3", "urllib3", "httplib2", "tornado", "aiohttp")


@dataclass
class Taped:
    """What went over the wire while a cassette was in.

    Attributes:
        exchanges: those that were kept, in order of their answers.
        failed: of each seat, answers that were no success and are not kept.
        refused: seats that got an answer which no client takes: compressed though nobody asked for it, or without end.
        missed: requests that the recording has no answer to, with seat and purpose.
        recorded: what there was to play.
        played: of each of those, by its place, how often it was asked for.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    failed: dict[str, int] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    missed: list[tuple[str, Purpose, SentRequest]] = field(default_factory=list)
    recorded: Sequence[Exchange] = ()
    played: Mapping[int, int] = field(default_factory=dict)

    @property
    def unplayed(self) -> list[Exchange]:
        """Recorded exchanges that nothing has asked for yet."""
        return [exchange for place, exchange in enumerate(self.recorded) if not self.played.get(place)]


def require_vcrpy() -> None:
    """Say which extra is missing, before any work.

    Raises:
        UnavailableError: vcrpy is not installed.
    """
    if find_spec("vcr") is None:
        hint = "pip install 'rfc-council[replay]'"
        raise UnavailableError("recording and replaying need an extra that is not installed", where="vcrpy", hint=hint)


@contextmanager
def recording_cassette(taped: Taped) -> Iterator[None]:
    """Keep what the seats of a review send and get; whatever else the process sends goes out unseen."""

    def kept(response: dict[str, Any]) -> dict[str, Any] | None:
        turn = asking()
        if turn is None:
            return None
        refused = _is_refused(response)
        if refused or not 200 <= response["status"]["code"] < 300:
            taped.failed[turn.seat] = taped.failed.get(turn.seat, 0) + 1
            taped.refused |= {turn.seat} if refused else set()
            return None
        turn.answered += 1
        return response

    memory = _Memory()
    with _inserted(memory, "all", before_record_request=lambda request: _sent(request) if asking() else None, before_record_response=kept):
        yield
    taped.exchanges = [
        Exchange(seat=request.seat, purpose=request.purpose, request=request.sent, response=_given(response))
        for request, response in memory.saved
    ]


@contextmanager
def playing_cassette(exchanges: Sequence[Exchange], taped: Taped) -> Iterator[None]:
    """Answer requests from exchanges, each once; a request that is not among them fails, and is noted."""
    kit = _kit()
    known = {exchange.request.key for exchange in exchanges}
    memory = _Memory([(kit.of(exchange), _stored(exchange.response)) for exchange in exchanges])

    def prepared(request: Any) -> Any:
        sent = _sent(request)
        if sent.sent.key not in known and all(sent.sent.key != missed.key for _, _, missed in taped.missed):
            taped.missed.append((sent.seat, sent.purpose, sent.sent))
        return sent

    def played(response: dict[str, Any]) -> dict[str, Any]:
        return response

    with _inserted(memory, "none", before_record_request=prepared, before_record_response=played) as cassette:
        taped.recorded, taped.played = exchanges, cassette.play_counts
        yield


def _is_refused(response: Mapping[str, Any]) -> bool:
    """Whether the client will not read an answer; vcrpy sees it first, as it came over the wire."""
    from council.reviewers.chat.wire import MAX_ANSWER

    encodings = [value for name, values in response["headers"].items() if name.lower() == "content-encoding" for value in values]
    return any(encoding != "identity" for encoding in encodings) or len(response["body"]["string"]) > MAX_ANSWER


class _Memory:
    """A persister of vcrpy that has no file."""

    def __init__(self, loaded: list[tuple[Any, dict[str, Any]]] | None = None) -> None:
        self._loaded = loaded
        self.saved: list[tuple[Any, dict[str, Any]]] = []

    def load_cassette(self, _path: object, serializer: object) -> tuple[list[Any], list[dict[str, Any]]]:  # noqa: ARG002 - vcrpy's name
        if self._loaded is None:
            raise import_module("vcr.persisters.filesystem").CassetteNotFoundError
        return [request for request, _ in self._loaded], [response for _, response in self._loaded]

    def save_cassette(self, _path: object, cassette: Mapping[str, Any], serializer: object) -> None:  # noqa: ARG002 - vcrpy's name
        self.saved = list(zip(cassette["requests"], cassette["responses"], strict=True))


def _inserted(memory: _Memory, mode: str, **hooks: Any) -> Any:
    module = import_module("vcr.cassette")
    record_mode = import_module("vcr.record_mode").RecordMode(mode)
    given = {"path": "council", "persister": memory, "record_mode": record_mode, "match_on": (_same,), "skip_patchers": _OTHER_LIBRARIES}
    return module.Cassette.use(**given, **hooks)


def _same(one: Any, other: Any) -> None:
    """By default vcrpy leaves the body out, and two seats that ask at once would get each other's answers."""
    if one.sent.key != other.sent.key:
        raise AssertionError("another method, host, path or body")


def _sent(request: Any) -> Any:
    """A request of vcrpy's as it is matched and kept: without secrets, and with the seat that asks."""
    kit = _kit()
    if isinstance(request, kit.request):
        return request
    body, text = _read(bytes(request.body_bytes or b""))
    headers = redacted_headers(request.headers)
    sent = SentRequest(method=request.method, url=redacted_url(request.uri), headers=headers, body=body, text=text)
    turn = asking()
    return kit.make(sent, turn.seat if turn else "", turn.purpose if turn else "review")


@lru_cache(maxsize=64)
def _read(content: bytes) -> tuple[Any, str | None]:
    """Bytes as redacted JSON, or as redacted text."""
    text = content.decode("utf-8", "replace")
    try:
        return redacted(json.loads(text)), None
    except (ValueError, RecursionError):
        return None, redacted(text)


def _given(response: Mapping[str, Any]) -> GivenResponse:
    body, text = _read(bytes(response["body"]["string"]))
    return GivenResponse(status=response["status"]["code"], headers=redacted_headers(response["headers"]), body=body, text=text)


def _stored(response: GivenResponse) -> dict[str, Any]:
    """As vcrpy plays it."""
    headers = {name: [value] for name, value in response.headers.items()}
    return {"status": {"code": response.status, "message": ""}, "headers": headers, "body": {"string": response.content}}


@dataclass(frozen=True)
class _Kit:
    """A request of vcrpy with what we know of it."""

    request: type[Any]

    def make(self, sent: SentRequest, seat: str, purpose: Purpose) -> Any:
        made = self.request(sent.method, sent.url, sent.content, dict(sent.headers))
        made.sent, made.seat, made.purpose = sent, seat, purpose
        return made

    def of(self, exchange: Exchange) -> Any:
        return self.make(exchange.request, exchange.seat, exchange.purpose)


@lru_cache(maxsize=1)
def _kit() -> _Kit:
    base = import_module("vcr.request").Request
    return _Kit(type("SeatRequest", (base,), {}))
