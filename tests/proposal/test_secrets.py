"""Live-looking keys in a proposal: found where they stand, and taken out without moving a line."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from council.proposal.secrets import find_secrets, redact_secrets

BODY = "Ab3dEf6hIj9lMn2pQr5tUv8xYz1b"
KEYS = {
    f"sk-ant-api03-{BODY}": "Anthropic API key",
    f"sk-proj-{BODY}": "OpenAI API key",
    f"sk-svcacct-{BODY}": "OpenAI API key",
    f"sk-or-v1-{BODY}": "OpenRouter API key",
    f"sk-{BODY}": "API key",
    f"AIza{BODY}Ab3dEf6": "Google API key",
    f"hf_{BODY}": "Hugging Face token",
    f"lsv2_pt_{BODY}": "LangSmith API key",
    "AKIAIOSFODNN7EXAMPLE": "AWS access key",
    f"ghp_{BODY}": "GitHub token",
    f"github_pat_{BODY}": "GitHub token",
    f"glpat-{BODY}": "GitLab token",
    f"xoxb-123456789012-{BODY}": "Slack token",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlMTIz": "JSON web token",
    f"sk_live_{BODY}": "Stripe key",
}
PEM = """\
-----BEGIN RSA PRIVATE KEY-----
MIIEowIBAAKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gun
VTLwX7Sgnn==
-----END RSA PRIVATE KEY-----"""


@pytest.mark.parametrize(("key", "kind"), KEYS.items())
def test_a_key_of_a_documented_shape_is_found_where_it_stands(key: str, kind: str):
    text = f"# Plan\n\nWe call it with `{key}`, from a job."
    assert find_secrets(text) == [(3, kind)]
    assert redact_secrets(text) == "# Plan\n\nWe call it with `[secret]`, from a job."


def test_a_bearer_token_is_found():
    assert find_secrets(f"Authorization: Bearer {BODY}") == [(1, "bearer token")]


def test_a_private_key_is_found_at_its_beginning_and_taken_out_whole():
    text = f"Before.\n\n{PEM}\n\nAfter."
    assert find_secrets(text) == [(3, "private key")]
    assert redact_secrets(text) == "Before.\n\n[secret]\n[secret]\n[secret]\n[secret]\n\nAfter."


def test_a_private_key_that_is_cut_off_takes_no_prose_with_it():
    text = PEM.rsplit("\n", 1)[0] + "\n\nAfter it comes prose."
    assert redact_secrets(text).split("\n")[3:] == ["", "After it comes prose."]


def test_a_private_key_in_one_line_of_json():
    text = '{"private_key": "' + PEM.replace("\n", "\\n") + '"}'
    assert find_secrets(text) == [(1, "private key")]
    assert "MIIEow" not in redact_secrets(text)


@pytest.mark.parametrize(
    "text",
    [
        "Set OPENAI_API_KEY to sk-... and go on.",
        "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "sk-proj-your-key-goes-here-please",
        "sk-ant-aaaaaaaaaaaaaaaaaaaaaaaaa",
        "the task-scheduler-component-of-the-cluster",
        "Authorization: Bearer <token>",
        "the bearer authentication scheme is described below",
        "A file that begins with -----BEGIN PRIVATE KEY----- is refused.",
        "password: hunter2, call +49 151 2345 6789, mail a@example.org",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "-----BEGIN CERTIFICATE-----\nMIIEowIBAAKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gun\n-----END CERTIFICATE-----",
    ],
)
def test_what_is_no_live_key_stays(text: str):
    assert find_secrets(text) == []
    assert redact_secrets(text) == text


def test_a_key_split_by_invisible_characters_is_found_and_goes_whole():
    text = f"key sk-proj-{BODY[:9]}\u200b{BODY[9:]}"
    assert find_secrets(text) == [(1, "OpenAI API key")]
    assert redact_secrets(text) == "key [secret]"


PARTS = st.sampled_from([*KEYS, *PEM.split("\n"), "\n", " ", "\u200b", "word", "-", "sk-", "eyJ", BODY])


@given(st.lists(PARTS, max_size=30))
def test_nothing_is_found_after_it_was_taken_out_and_no_line_moves(parts: list[str]):
    text = "".join(parts)
    redacted = redact_secrets(text)
    assert find_secrets(redacted) == []
    assert redacted.count("\n") == text.count("\n")
    assert redact_secrets(redacted) == redacted


@pytest.mark.parametrize(
    "piece", ["sk-", "eyJ", "eyJaaaaaaaa.", "bearer ", "Bearer a.", "A", "-----BEGIN PRIVATE KEY-----", f"{PEM}\n", "xoxb-"]
)
def test_it_takes_linear_time(piece: str):
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        start = time.process_time()
        redact_secrets(text)
        find_secrets(text)
        return time.process_time() - start

    small = min(seconds(20_000) for _ in range(3))
    assert min(seconds(80_000) for _ in range(3)) < 10 * small + 0.02  # quadratic would be 16 times
