"""From `provider:model` to a LangChain chat model that is ready to be asked; and where its requests go."""

from __future__ import annotations

import ipaddress
import os
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from langchain_core.language_models import BaseChatModel

from council.errors import UnavailableError, UsageError
from council.reviewers.chat import wire
from council.reviewers.chat.lean import LeanCompletions

PROVIDERS = {"anthropic": "langchain_anthropic", "openai": "langchain_openai", "ollama": "langchain_ollama"}
"""The providers that a model can be named of, and the package that each extra brings."""

_KEYS = {"anthropic": "ANTHROPIC_API_KEY", "openai": "OPENAI_API_KEY"}
_BASE_URLS = {"anthropic": "ANTHROPIC_BASE_URL", "openai": "OPENAI_BASE_URL"}
_OLLAMA = "http://127.0.0.1:11434"
_MOST_OUTPUT = 16_000  # tokens; Anthropic wants a limit, and its models' own is 64,000 at the price of a runaway reply
_TIMEOUT = 120.0


def chat_model(
    spec: str,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    temperature: float | None = None,
    timeout: float = _TIMEOUT,
    max_retries: int = 0,
) -> BaseChatModel:
    """The chat model of a spec, through `langchain.chat_models.init_chat_model`; nothing is sent yet.

    Args:
        spec: `anthropic:claude-sonnet-4-5`, `openai:gpt-4o`, `ollama:llama3.2`.
        base_url: of an OpenAI-compatible server (vLLM, llama.cpp, LM Studio), a proxy, or an Ollama elsewhere.
        api_key: instead of the one in the environment.
        temperature: of the sampling, from 0; the provider's own where it is not given, because some models take none.
        timeout: seconds for one call.
        max_retries: of the provider's client; none, because the reviewer retries by its own rule and counts.

    Raises:
        UsageError: the spec is not of this form, its provider is unknown, or the base URL is none.
        UnavailableError: the extra or the key is missing.
    """
    provider, name = _parse(spec)
    _require_url(base_url)
    _require_extra(provider)
    key = _key(provider, api_key, base_url)
    given: dict[str, Any] = {"timeout": timeout} if provider != "ollama" else {}
    given |= {"base_url": base_url} if base_url else {}
    given |= {"api_key": key} if key else {}
    given |= {"max_tokens": _MOST_OUTPUT} if provider == "anthropic" else {}
    given |= {} if temperature is None else {"temperature": temperature}
    given |= _transport_arguments(provider, base_url, timeout)
    init_chat_model = import_module("langchain.chat_models").init_chat_model
    return bounded(init_chat_model(name, model_provider=provider, **given), max_retries=max_retries)


def provider_of(model: BaseChatModel) -> str:
    """anthropic, openai or ollama, by the package of the class or of what it derives from; "" for any other."""
    packages = {cls.__module__.partition(".")[0] for cls in type(model).__mro__}
    return next((provider for provider, package in PROVIDERS.items() if package in packages), "")


def name_of(model: BaseChatModel) -> str:
    """The model's name for the record, `openai:gpt-4o`; the class's where there is none."""
    name = next((str(value) for key in ("model_name", "model", "model_id") if (value := getattr(model, key, None))), "")
    provider = provider_of(model)
    return f"{provider}:{name}" if provider and name else name or type(model).__name__


def temperature_of(model: BaseChatModel) -> float | None:
    """The temperature that is sent, or None where the provider's own holds."""
    temperature = getattr(model, "temperature", None)
    return None if temperature is None else float(temperature)


def url_of(model: BaseChatModel) -> str:
    """The address that the proposal goes to, or "" where the model does not tell."""
    provider = provider_of(model)
    if provider == "openai" and (client := getattr(model, "root_async_client", None)) is not None:
        return str(client.base_url)
    if provider == "ollama":
        address = str(getattr(model, "base_url", None) or os.environ.get("OLLAMA_HOST") or _OLLAMA)
        return address if "://" in address else f"http://{address}"
    return next(
        (str(value) for key in ("anthropic_api_url", "base_url", "endpoint", "api_base") if (value := getattr(model, key, None))), ""
    )


def host_of(model: BaseChatModel) -> str:
    """The host that gets the text, with its port where that is not the usual one; in words where it is unknown."""
    parts = urlsplit(url_of(model))
    return parts.netloc.rpartition("@")[2] or f"a host that {type(model).__name__} does not name"


def is_local(model: BaseChatModel) -> bool:
    """Whether the text stays on this machine."""
    host = urlsplit(url_of(model)).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_bounded(model: BaseChatModel) -> bool:
    """Whether an answer that is too large is cut off on the wire, by `council.reviewers.chat.wire`."""
    if provider_of(model) == "ollama":
        return isinstance((getattr(model, "async_client_kwargs", None) or {}).get("transport"), wire.Transport)
    client = getattr(model, "root_async_client", None) or vars(model).get("_async_client")
    return _is_ours(getattr(client, "_client", None))


def bounded(model: BaseChatModel, *, max_retries: int = 0) -> BaseChatModel:
    """The model on the bounded client, where it is one of OpenAI's or Anthropic's that has no client of its own choice.

    The result is a copy; the model that was given stays as it is. One with a client or a proxy of its own is returned
    unchanged: that client was chosen for a reason. So is every other model, and one that is bounded already.

    Args:
        model: any chat model.
        max_retries: of the copy's client; by default none, because the reviewer retries by its own rule and counts.
    """
    match provider_of(model):
        case "openai" if not isinstance(getattr(model, "async_client", None), LeanCompletions):
            return _bounded_openai(model, max_retries)
        case "anthropic" if not is_bounded(model) and not getattr(model, "anthropic_proxy", None) and hasattr(model, "_client_params"):
            # LangChain has no argument for the client; `_async_client` is a cached property, so that its value goes here.
            copy = model.model_copy()
            options = {**copy._client_params, "max_retries": max_retries, "http_client": wire.client("httpx2")}
            vars(copy)["_async_client"] = import_module("anthropic").AsyncClient(**options)
            return copy
    return model


def _bounded_openai(model: BaseChatModel, max_retries: int) -> BaseChatModel:
    chosen, root = getattr(model, "http_async_client", None), getattr(model, "root_async_client", None)
    of_the_sdk = type(root).__module__.partition(".")[0] == "openai"
    if root is None or not of_the_sdk or getattr(model, "openai_proxy", None) or not (chosen is None or _is_ours(chosen)):
        return model
    own = root.with_options(http_client=wire.client("httpx2"), max_retries=max_retries)
    return model.model_copy(update={"root_async_client": own, "async_client": LeanCompletions(own)})


def _is_ours(client: Any) -> bool:
    return isinstance(getattr(client, "_transport", None), wire.Transport)


def _parse(spec: str) -> tuple[str, str]:
    provider, colon, name = (part.strip() for part in spec.partition(":"))
    known = ", ".join(f"{each}:…" for each in PROVIDERS)
    if not (colon and provider and name):
        raise UsageError(f'"{spec}" does not name a model', where="model", hint=f"write provider:model, one of {known}")
    if provider not in PROVIDERS:
        raise UsageError(f'unknown provider "{provider}"', where="model", hint=f"one of {known}; in Python any LangChain chat model")
    return provider, name


def _require_url(base_url: str | None) -> None:
    try:
        parts = urlsplit(base_url or "http://none")
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        fits = False
    if not fits:
        raise UsageError("is no address of a server", where=f"base URL {base_url!r:.100}", hint="such as http://127.0.0.1:8000/v1")


def _require_extra(provider: str) -> None:
    if find_spec("langchain") is None or find_spec(PROVIDERS[provider]) is None:
        raise UnavailableError(
            f"{provider} models need an extra that is not installed", where="model", hint=f"pip install 'rfc-council[{provider}]'"
        )


def _key(provider: str, given: str | None, base_url: str | None) -> str:
    """The key, or a placeholder for a server of one's own, which mostly needs none."""
    variable = _KEYS.get(provider)
    if variable is None or given:
        return given or ""
    if key := os.environ.get(variable, "").strip():
        return key
    if base_url or os.environ.get(_BASE_URLS[provider]):
        return "none"
    raise UnavailableError(f"no key for {provider}", where="model", hint=f"set {variable}")


def _transport_arguments(provider: str, base_url: str | None, timeout: float) -> dict[str, Any]:
    """The bounded client, for the classes that take one; it spares them building their own, each with its TLS context."""
    if provider == "openai":
        plain = (base_url or os.environ.get(_BASE_URLS[provider], "")).startswith("http:")
        return {"http_async_client": wire.client("httpx2"), "http_client": wire.sync_client("httpx2", tls=not plain)}
    if provider == "ollama":
        tls = (base_url or os.environ.get("OLLAMA_HOST", "")).startswith("https:")
        both = {"timeout": timeout, "follow_redirects": False, "verify": wire.ssl_context("httpx") if tls else False}
        return {"client_kwargs": both, "async_client_kwargs": {"transport": wire.transport("httpx")}}
    return {}
