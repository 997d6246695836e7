"""Secrets and personal data leave a text; what a person needs to find an error stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from council.redaction import clip, one_line, redact


@pytest.mark.parametrize(
    "secret",
    [
        "sk-ant-api03-abcdefghijklmnop",
        "sk-proj-1234567890abcdef",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "github_pat_11ABCDEFG0abcdefghij",
        "xoxb-123456789012-abcdefghij",
        "AKIAIOSFODNN7EXAMPLE",
        "AIzaSyA-1234567890abcdefghijklmnopqrstu",
        "hf_abcdefghijklmnopqrstuv",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "glpat-abcdefghij0123456789",
    ],
)
def test_a_key_with_a_documented_prefix_is_taken_out(secret: str) -> None:
    assert redact(f"call failed with {secret}, retry") == "call failed with [secret], retry"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Authorization: Bearer abc.def.ghi-123", "abc.def.ghi-123"),
        ("used bearer abcdefgh12345678 twice", "abcdefgh12345678"),
        ("password=hunter2 user=x", "hunter2"),
        ("'api_key': 'one two three'", "one two three"),
        ('{"client_secret": "zzz-999"}', "zzz-999"),
        ("postgres://council:pa55word@db/reviews", "pa55word"),
        ("Set-Cookie: a=first; b=second", "second"),
        ("-----BEGIN RSA PRIVATE KEY----- MIIEow cut off", "MIIEow"),
    ],
)
def test_a_secret_is_known_by_what_stands_beside_it(text: str, hidden: str) -> None:
    assert hidden not in redact(text)
    assert "[secret]" in redact(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail ada.l+x@example.co.uk now", "mail [email] now"),
        ("call +49 151 2345 6789 now", "call [phone] now"),
        ("call (555) 123-4567 now", "call [phone] now"),
        ("call +4915123456789 now", "call [phone] now"),
        ("paid with 4111 1111 1111 1111.", "paid with [card]."),
        ("paid with 4111111111111111", "paid with [card]"),
    ],
)
def test_personal_data_is_replaced_by_what_it_was(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "cart_id=123 order=1234567890 sha256=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "2026-11-22T10:30:00Z took 0.123456789 s",
        "2026-11-22 10:30:00,123 line 42 of rfc-0815.md",
        "input_tokens: 512, output_tokens: 64",
        "card 4111111111111112 fails the check digit",
        "request 550e8400-e29b-41d4-a716-446655440000",
        "the task-scheduler-component asked for it",
    ],
)
def test_ids_hashes_dates_and_counts_stay(text: str) -> None:
    assert redact(text) == text


def test_a_key_split_by_invisible_characters_is_found() -> None:
    assert clip("key sk-proj-12\u200b34567\x0090abcdef", 100) == "key [secret]"


def test_terminal_sequences_go_whole() -> None:
    assert one_line("a\x1b[31mred\x1b[0m \x1b]0;title\x07b\x9b31mc") == "ared b31mc"


@given(st.text())
def test_one_line_is_one_printable_line(text: str) -> None:
    assert one_line(text).isprintable()
    assert one_line(one_line(text)) == one_line(text)


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_clip_keeps_its_limit(text: str, limit: int) -> None:
    assert len(clip(text, limit)) <= limit


def test_a_secret_at_the_cut_is_not_half_shown() -> None:
    address = "someone.with.a.long.name@example.com"
    text = f"{'password=x ' * 30}{'y' * 60} {address}"
    for limit in range(5, len(text)):
        assert "someone" not in clip(text, limit)


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "1 ",
        "1",
        "a@",
        "a.",
        "-----BEGIN PRIVATE KEY-----",
        "sk-",
        "token=",
        "token: '",
        "://a:",
        "cookie: ",
        "\x1b[",
        "\x1b]",
        "bearer ",
        "+1-",
        "eyJ.",
    ],
)
def test_no_text_takes_more_than_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        start = time.process_time()
        redact(one_line(text))
        return time.process_time() - start

    small = min(seconds(20_000) for _ in range(3))
    assert min(seconds(80_000) for _ in range(3)) < 10 * small + 0.01  # quadratic would be 16 times
