"""The prompt: the protocol, then the proposal, the seat last, so that all seats share the long beginning.

A provider caches the beginning of a prompt: what comes before the seat is the same byte for byte, whoever asks. The
wording is in the Markdown files beside this module. The proposal is data: cleaned of hidden text, its lines numbered,
between markers made from the hash of what stands between them, which nobody can therefore write into it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from council.ballot import Reply
from council.proposal import Proposal, Section
from council.proposal.cleaned import cleaned_lines
from council.proposal.memo import memoized
from council.proposal.plain import visible
from council.reviewers.chat.schema import strict_schema
from council.seats.model import Persona, Question, Seat

_WORD = re.compile(r"[^\W_]+")
_MARKER = 32  # hexadecimal digits: 128 bits
_LONGEST_ECHO = 20_000  # characters of an unreadable reply that the model sees again


@cache
def wording(name: str) -> Template:
    """The text of a prompt file, without the line feed at its end."""
    return Template(files(__package__).joinpath("prompts").joinpath(f"{name}.md").read_text(encoding="utf-8").rstrip("\n"))


@cache
def protocol(*, schema: bool = False) -> str:
    """What is the same for every seat and every proposal; with the schema, where it cannot travel beside the prompt."""
    return with_schema(wording("protocol").template, strict_schema(Reply) if schema else None)


def with_schema(system: str, schema: Mapping[str, Any] | None) -> str:
    """A system text with the schema of the reply at its end, if one is given."""
    return system if schema is None else f"{system}\n\n# The schema\n\n{json.dumps(schema)}"


@memoized
def proposal_block(proposal: Proposal) -> str:
    """The numbered lines of a proposal between their markers; the same for every seat."""
    lines = cleaned_lines(proposal)
    titled = [section for section in proposal.sections if section.title and _is_seen(section, lines)]
    outline = "\n".join(f"- {visible(section.title)} ({section.first}-{section.last})" for section in titled) or "- none"
    text = "\n".join(f"{number}| {line}" if line else f"{number}|" for number, line in enumerate(lines, 1))
    return wording("proposal").substitute(count=len(lines), marker=marker(outline + text), outline=outline, numbered=text)


def marker(text: str) -> str:
    """What makes the delimiters of a text its own: the beginning of its SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_MARKER]


def seat_block(seat: Seat) -> str:
    """Who the reviewer is: the persona and its questions. Nothing of what the agent could execute."""
    persona, agent = seat.persona, seat.agent
    enforces = "enforce-observability" in agent.authority
    filled = wording("seat").substitute(
        seat=seat.name,
        domain=agent.domain or seat.name,
        philosophy=persona.philosophy.strip(),
        approves=_joined(persona.approves),
        rejects=_joined(persona.rejects),
        modifies=_joined(persona.modifies),
        questions="\n".join(f"{number} {question.text}" for number, question in numbered(persona).items()),
        red_flags=_joined(flag.text for flag in persona.red_flags),
        green_flags=_joined(flag.text for flag in persona.green_flags),
        authority=wording("authority").template if enforces else "",
    )
    return "\n\n".join(part for part in filled.split("\n\n") if not _is_bare(part.strip()))


def numbered(persona: Persona) -> dict[str, Question]:
    """The questions under the short ids of the prompt: `q3` costs a third of the tokens of the full id and is never misspelt."""
    return {f"q{number}": question for number, question in enumerate(persona.questions, 1)}


def with_full_ids(reply: Reply, persona: Persona) -> Reply:
    """The reply with the short ids of its questions turned into the full ones."""
    full = {short: question.id for short, question in numbered(persona).items()}

    def named(given: str) -> str:
        return full.get(given.strip().strip("`").lower(), given)

    return reply.model_copy(
        update={
            "answers": tuple(a.model_copy(update={"question": named(a.question)}) for a in reply.answers),
            "findings": tuple(f.model_copy(update={"question": named(f.question)}) for f in reply.findings),
            "conditions": tuple(c.model_copy(update={"about": named(c.about)}) for c in reply.conditions),
        }
    )


def messages(system: str, *parts: str, cache_control: bool = False) -> list[BaseMessage]:
    """The system text, then the parts in one message, what all seats share first.

    One message rather than several, because the templates of some open models refuse two of a kind in a row.

    Args:
        system: the protocol.
        parts: the proposal, then the seat.
        cache_control: mark the first part for Anthropic's cache; other providers would get the mark on the wire.
    """
    if not cache_control:
        return [SystemMessage(content=system), HumanMessage(content="\n\n".join(parts))]
    blocks: list[str | dict[Any, Any]] = [{"type": "text", "text": part} for part in parts]
    blocks[0] = {"type": "text", "text": parts[0], "cache_control": {"type": "ephemeral"}}
    return [SystemMessage(content=system), HumanMessage(content=blocks)]


@memoized
def first_prompt(proposal: Proposal, seat: Seat, schema_in_prompt: bool, cache_control: bool) -> tuple[BaseMessage, ...]:
    """What a seat is asked first; the same messages for every review of a proposal that has been read once.

    Args:
        proposal, seat: what is reviewed, and by whom.
        schema_in_prompt, cache_control: as for `protocol` and `messages`.
    """
    return tuple(messages(protocol(schema=schema_in_prompt), proposal_block(proposal), seat_block(seat), cache_control=cache_control))


def repair(asked: Sequence[BaseMessage], replied: str, problem: str) -> list[BaseMessage]:
    """The conversation goes on with what was wrong; its beginning stays as it was."""
    echo = replied[:_LONGEST_ECHO].strip() or "(nothing)"
    return [*asked, AIMessage(content=echo), HumanMessage(content=wording("repair").substitute(problem=problem))]


def _is_seen(section: Section, lines: Sequence[str]) -> bool:
    """Whether a title says nothing that was taken out of its lines."""
    seen = set(_WORD.findall(" ".join(lines[section.first - 1 : section.first + 1])))
    return seen.issuperset(_WORD.findall(visible(section.title)))


def _is_bare(part: str) -> bool:
    """Whether a part is empty or a label alone, because the persona has nothing to put there."""
    return not part or part.endswith(": .") or (part.endswith(":") and "\n" not in part)


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(part.strip().rstrip(".;") for part in parts)
