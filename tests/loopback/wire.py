"""The three providers' shapes: a whole answer, a stream of pieces, an error, a refusal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.loopback.behaviour import Behaviour, Request

PATHS = {"/chat/completions": "openai", "/messages": "anthropic", "/api/chat": "ollama"}
_PIECE = 24  # characters of a streamed piece


@dataclass(frozen=True)
class Tokens:
    """What the provider bills; four characters are one token here."""

    prompt: int
    cached: int
    completion: int


def provider_of(path: str) -> str:
    """openai, anthropic or ollama; "" for a path that none of them has."""
    return next((name for end, name in PATHS.items() if path.split("?", maxsplit=1)[0].endswith(end)), "")


def prompt_of(body: dict[str, Any]) -> str:
    """The text of the system prompt and of all messages, in order."""
    said = [body.get("system", ""), *(message.get("content", "") for message in body.get("messages", []))]
    return "\n".join(text for content in said for text in _texts(content) if text)


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    for block in content if isinstance(content, list) else []:
        yield str(block.get("text", "") or block.get("input", "") or block.get("content", ""))


def wants_stream(provider: str, body: dict[str, Any]) -> bool:
    """Whether the answer is streamed; Ollama streams unless told otherwise."""
    return bool(body.get("stream", provider == "ollama"))


def error(provider: str, behaviour: Behaviour) -> dict[str, Any]:
    """The body of an error."""
    message = f"scripted {behaviour.status}"
    match provider:
        case "anthropic":
            return {"type": "error", "error": {"type": "api_error", "message": message}}
        case "ollama":
            return {"error": message}
        case _:
            return {"error": {"message": message, "type": "scripted", "param": None, "code": None}}


def whole(request: Request, behaviour: Behaviour, text: str, tokens: Tokens) -> dict[str, Any]:
    """An answer in one piece."""
    match request.provider:
        case "anthropic":
            blocks, reason = _anthropic_blocks(request, behaviour, text)
            usage = _anthropic_usage(tokens)
            return {**_anthropic_message(request), "content": blocks, "stop_reason": reason, "usage": usage}
        case "ollama":
            return _ollama_end(request, behaviour, tokens, text)
        case _:
            refused = behaviour.body == "refusal"
            message = {"role": "assistant", "content": None if refused else text, "refusal": text if refused else None}
            choice = {"index": 0, "message": message, "finish_reason": _openai_reason(behaviour), "logprobs": None}
            return {**_openai_head(request, "chat.completion"), "choices": [choice], "usage": _openai_usage(tokens)}


def pieces(request: Request, behaviour: Behaviour, text: str, tokens: Tokens) -> Iterator[bytes]:
    """The same answer as server-sent events, or as lines of JSON for Ollama."""
    match request.provider:
        case "anthropic":
            for event in _anthropic_events(request, behaviour, text, tokens):
                yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
        case "ollama":
            for part in _split(text):
                said = {**_ollama_head(request), "message": {"role": "assistant", "content": part}, "done": False}
                yield json.dumps(said).encode() + b"\n"
            yield json.dumps(_ollama_end(request, behaviour, tokens, "")).encode() + b"\n"
        case _:
            for chunk in _openai_chunks(request, behaviour, text, tokens):
                yield f"data: {json.dumps(chunk)}\n\n".encode()
            yield b"data: [DONE]\n\n"


def _split(text: str) -> Iterator[str]:
    size = _PIECE if len(text) < 1_000_000 else 4096
    return (text[start : start + size] for start in range(0, len(text), size))


# ---------------------------------------------------------------- OpenAI


def _openai_head(request: Request, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1_700_000_000, "model": request.body.get("model", "")}


def _openai_reason(behaviour: Behaviour) -> str:
    return "length" if behaviour.body == "cut_short" else "stop"


def _openai_usage(tokens: Tokens) -> dict[str, Any]:
    return {
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.completion,
        "total_tokens": tokens.prompt + tokens.completion,
        "prompt_tokens_details": {"cached_tokens": tokens.cached},
    }


def _openai_chunks(request: Request, behaviour: Behaviour, text: str, tokens: Tokens) -> Iterator[dict[str, Any]]:
    head = _openai_head(request, "chat.completion.chunk")
    key = "refusal" if behaviour.body == "refusal" else "content"
    for n, part in enumerate(_split(text)):
        delta = {"role": "assistant", key: part} if n == 0 else {key: part}
        yield {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": _openai_reason(behaviour)}]}
    if (request.body.get("stream_options") or {}).get("include_usage"):
        yield {**head, "choices": [], "usage": _openai_usage(tokens)}


# ---------------------------------------------------------------- Anthropic


def _anthropic_message(request: Request) -> dict[str, Any]:
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": request.body.get("model", ""), "stop_sequence": None}


def _anthropic_usage(tokens: Tokens) -> dict[str, int]:
    # Anthropic counts what came from the cache apart from the other input.
    return {
        "input_tokens": tokens.prompt - tokens.cached,
        "cache_read_input_tokens": tokens.cached,
        "cache_creation_input_tokens": 0,
        "output_tokens": tokens.completion,
    }


def _anthropic_blocks(request: Request, behaviour: Behaviour, text: str) -> tuple[list[dict[str, Any]], str]:
    """Content and stop reason; what is no JSON object cannot be a tool's input and comes as text."""
    if behaviour.body == "refusal":
        return [], "refusal"
    try:
        said = json.loads(text)
    except ValueError:
        return [{"type": "text", "text": text}], "max_tokens" if behaviour.body == "cut_short" else "end_turn"
    tools = request.body.get("tools")
    if not tools:
        return [{"type": "text", "text": text}], "end_turn"
    return [{"type": "tool_use", "id": "toolu_1", "name": tools[0]["name"], "input": said}], "tool_use"


def _anthropic_events(request: Request, behaviour: Behaviour, text: str, tokens: Tokens) -> Iterator[dict[str, Any]]:
    blocks, reason = _anthropic_blocks(request, behaviour, text)
    usage = _anthropic_usage(tokens)
    start = {**_anthropic_message(request), "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    yield {"type": "message_start", "message": start}
    for index, block in enumerate(blocks):
        is_tool = block["type"] == "tool_use"
        empty = {**block, "input": {}} if is_tool else {"type": "text", "text": ""}
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        for part in _split(text):
            delta = {"type": "input_json_delta", "partial_json": part} if is_tool else {"type": "text_delta", "text": part}
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": {"output_tokens": tokens.completion}}
    yield {"type": "message_stop"}


# ---------------------------------------------------------------- Ollama


def _ollama_head(request: Request) -> dict[str, Any]:
    return {"model": request.body.get("model", ""), "created_at": "2026-01-01T00:00:00Z"}


def _ollama_end(request: Request, behaviour: Behaviour, tokens: Tokens, text: str) -> dict[str, Any]:
    return {
        **_ollama_head(request),
        "message": {"role": "assistant", "content": text},
        "done": True,
        "done_reason": "length" if behaviour.body == "cut_short" else "stop",
        "total_duration": 1,
        "load_duration": 1,
        "prompt_eval_count": tokens.prompt,
        "prompt_eval_duration": 1,
        "eval_count": tokens.completion,
        "eval_duration": 1,
    }
