"""From a spec to a model, and where its requests go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from langchain_core.language_models import FakeListChatModel
from langchain_openai import AzureChatOpenAI, ChatOpenAI

from council.errors import UnavailableError, UsageError
from council.reviewers.chat import models
from council.reviewers.chat.models import bounded, chat_model, host_of, is_bounded, is_local, name_of, provider_of


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE", "ANTHROPIC_BASE_URL", "OLLAMA_HOST"):
        monkeypatch.delenv(name, raising=False)
    return


@pytest.mark.parametrize("spec", ["", "gpt-4o", "openai:", ":gpt-4o", " : "])
def test_a_spec_of_another_form_is_told_what_to_write(spec: str):
    with pytest.raises(UsageError, match="write provider:model, one of anthropic:…, openai:…, ollama:…"):
        chat_model(spec)


def test_an_unknown_provider_is_told_the_known_ones():
    with pytest.raises(UsageError, match='unknown provider "azure"'):
        chat_model("azure:gpt-4o")


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(models, "find_spec", lambda name: None if name == "langchain_openai" else object())
    with pytest.raises(UnavailableError, match=r"pip install 'rfc-council\[openai\]'"):
        chat_model("openai:gpt-4o", api_key="k")


@pytest.mark.parametrize(("spec", "variable"), [("openai:gpt-4o", "OPENAI_API_KEY"), ("anthropic:claude-haiku-4-5", "ANTHROPIC_API_KEY")])
def test_a_missing_key_is_named(spec: str, variable: str):
    with pytest.raises(UnavailableError, match=f"set {variable}") as caught:
        chat_model(spec)
    assert "\n" not in str(caught.value)


def test_a_server_of_ones_own_needs_no_key():
    assert isinstance(chat_model("openai:qwen", base_url="http://127.0.0.1:8000/v1"), ChatOpenAI)


@pytest.mark.parametrize(
    ("spec", "base_url", "host", "local"),
    [
        ("openai:gpt-4o", None, "api.openai.com", False),
        ("anthropic:claude-haiku-4-5", None, "api.anthropic.com", False),
        ("ollama:llama3.2", None, "127.0.0.1:11434", True),
        ("openai:qwen", "http://localhost:8000/v1", "localhost:8000", True),
        ("openai:qwen", "https://user:secret@models.example.org/v1", "models.example.org", False),
        ("anthropic:claude-haiku-4-5", "https://proxy.example.org", "proxy.example.org", False),
        ("ollama:llama3.2", "http://gpu.example.org:11434", "gpu.example.org:11434", False),
    ],
)
def test_the_host_that_gets_the_text(spec: str, base_url: str | None, host: str, local: bool):
    model = chat_model(spec, base_url=base_url, api_key="k")
    assert (host_of(model), is_local(model)) == (host, local)
    assert name_of(model) == spec


def test_a_base_url_in_the_environment_is_where_it_goes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9999/v1")
    monkeypatch.setenv("OLLAMA_HOST", "gpu.example.org:1234")
    assert host_of(chat_model("openai:gpt-4o")) == "127.0.0.1:9999"
    assert host_of(chat_model("ollama:llama3.2")) == "gpu.example.org:1234"


@pytest.mark.parametrize("spec", ["openai:gpt-4o", "anthropic:claude-haiku-4-5", "ollama:llama3.2"])
def test_every_model_of_a_spec_is_cut_off_on_the_wire(spec: str):
    assert is_bounded(chat_model(spec, api_key="k"))


def test_a_model_of_the_callers_is_used_by_a_copy():
    own = ChatOpenAI(model="gpt-4o", api_key="k", max_retries=7)
    copy = bounded(own)
    assert is_bounded(copy)
    assert not is_bounded(own)
    assert (own.root_async_client.max_retries, copy.root_async_client.max_retries) == (7, 0)


def test_a_class_that_derives_from_a_providers_is_that_providers():
    azure = AzureChatOpenAI(model="gpt-4o", api_key="k", azure_endpoint="https://a.example.org", api_version="2024-10-21")
    assert provider_of(azure) == "openai"
    assert host_of(azure) == "a.example.org"
    assert is_bounded(bounded(azure))


def test_a_client_that_was_chosen_stays():
    own = ChatOpenAI(model="gpt-4o", api_key="k", openai_proxy="http://127.0.0.1:3128")
    assert bounded(own) is own


def test_any_other_model_is_left_as_it_is():
    fake = FakeListChatModel(responses=["x"])
    assert bounded(fake) is fake
    assert not is_bounded(fake)
    assert host_of(fake) == "a host that FakeListChatModel does not name"
    assert not is_local(fake)


@pytest.mark.parametrize("url", ["notaurl", "ftp://models.example/v1", "http://", "http://host:port/v1"])
def test_a_base_url_that_is_none_is_refused_before_any_call(url: str):
    with pytest.raises(UsageError, match="is no address of a server"):
        chat_model("openai:gpt-4o", base_url=url, api_key="none")
