"""JSON, one object a line, into models; what is wrong is named by file, line and key."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from council.errors import InputError

M = TypeVar("M", bound=BaseModel)


def parse(model: type[M], data: bytes, where: str) -> M:
    """An object of the model.

    Args:
        where: `file:line`, for people.

    Raises:
        InputError: it is not JSON, or not such an object.
    """
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        first, *others = error.errors(include_url=False)
        what, hint = _in_words(first, model)
        more = f"and {len(others)} more" if others else ""
        raise InputError(what, where=where, hint="; ".join(part for part in (hint, more) if part)) from None


def _in_words(detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    key = ".".join(part if isinstance(part, str) else f"item {part + 1}" for part in detail["loc"])
    message = detail["msg"].removeprefix("Value error, ").replace("tuple", "list").replace("dictionary", "object")
    if detail["type"] == "json_invalid":
        return f"is not JSON: {detail['ctx']['error']}", "write one object a line"
    if detail["type"] == "extra_forbidden":
        name = str(detail["loc"][-1])
        known = _keys(model, detail["loc"][:-1])
        close = get_close_matches(name, known, n=1)
        return f"unknown key {key!r:.120}", f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}"
    if detail["type"] == "missing":
        return f"{key!r:.120} is missing", "add it"
    given = "" if isinstance(detail["input"], (dict, list)) else f", not {detail['input']!r:.60}"
    return f"{f'{key!r:.120}: ' if key else ''}{message[:1].lower()}{message[1:]}{given}", ""


def _keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys of the model, or of the part of it that a location leads to."""
    here = model
    for part in loc:
        inner = here.model_fields[str(part)].annotation if str(part) in here.model_fields else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        here = inner
    return [str(field.validation_alias or name) for name, field in here.model_fields.items()]
