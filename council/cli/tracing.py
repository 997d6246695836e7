"""LangSmith's tracing stays off on the command line unless it is allowed.

One variable of the environment switches it on for every LangChain program; it would send the whole proposal to its host.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

import click

from council.redaction import one_line

VARIABLES = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2")
ENDPOINTS = ("LANGSMITH_ENDPOINT", "LANGCHAIN_ENDPOINT")
HOST = "api.smith.langchain.com"  # langsmith's own default

_HELD = "council.cli.tracing"


def hold(context: click.Context) -> None:
    """Switch tracing off for every command; must run before langsmith is imported, which reads the variables once."""
    held = {name: value for name in VARIABLES if (value := os.environ.get(name, "")).strip().lower() not in ("", "false", "0")}
    os.environ.update(dict.fromkeys(held, "false"))
    context.meta[_HELD] = held


def tracing_option(command: Any) -> Any:
    """Adds `--allow-tracing` to a command that reviews; either way it says what becomes of a tracing that was asked for."""
    words = "Let LangSmith trace the review, where its variables say so; that sends the proposal to its host."
    return click.option("--allow-tracing", is_flag=True, expose_value=False, callback=_decide, help=words)(command)


def _decide(context: click.Context, _option: click.Parameter, allowed: bool) -> None:
    held: dict[str, str] = context.meta.get(_HELD, {})
    if not held:
        return
    if allowed:
        os.environ.update(held)
        click.echo(f"council: tracing sends the proposal to {_host()}", err=True)
    else:
        click.echo(f"council: {', '.join(held)} is set, but nothing is traced (--allow-tracing sends the proposal to {_host()})", err=True)


def _host() -> str:
    """Where LangSmith's client sends to."""
    named = next((value for name in ENDPOINTS if (value := os.environ.get(name, "").strip())), "")
    try:
        return one_line(urlsplit(named).netloc.rpartition("@")[2] or named or HOST)
    except ValueError:
        return one_line(named)
