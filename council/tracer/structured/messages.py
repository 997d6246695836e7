"""A log message taken apart: the words that name its event, and the values that become its fields."""

from __future__ import annotations

import keyword
import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from council.tracer.names import snake

EVENT = re.compile(r"[a-z0-9]+(?:[_.][a-z0-9]+)*")
EVENT_LIMIT = 60
_TRAILING = frozenset("a an and as at by for from in into is of on or than that the to was were will with because due via".split())
_ESCAPE = re.compile(r"\\[nrt]")  # libcst gives the text of an f-string as it is written
_APOSTROPHE = re.compile(r"(?<=\w)['\u2019](?=\w)")
_PLACEHOLDER = re.compile(
    r"%(?:\((?P<name>\w+)\))?[-+ #0]*(?P<width>\*|\d+)?(?:\.(?P<precision>\*|\d+))?[hlL]?(?P<kind>[diouxXeEfFgGcrsa%])"
)


class NotSafeError(Exception):
    """Why a call is left as it is, in words."""


@dataclass(slots=True)
class Message:
    """A message's words, and its values in order, each with a name where it has one."""

    words: list[str] = field(default_factory=list)
    values: list[tuple[str, cst.BaseExpression]] = field(default_factory=list)

    def event(self, otherwise: str) -> str:
        """The name of the event: the words in snake case, or a given name where there are none."""
        parts = [part for part in re.split(r"[^\w]+|_", _APOSTROPHE.sub("", " ".join(self.words)).lower()) if part]
        kept: list[str] = []
        for part in parts:
            if len("_".join([*kept, part])) > EVENT_LIMIT:
                break
            kept.append(part)
        while len(kept) > 1 and kept[-1] in _TRAILING:
            kept.pop()
        return "_".join(kept) or otherwise


def take_apart(node: cst.BaseExpression, arguments: Sequence[cst.BaseExpression], handler: str = "") -> Message:
    """A message and its arguments in parts.

    Args:
        node: the message: a literal, an f-string, a %-format, `str.format` or a sum of these.
        arguments: what logging puts into a %-format.
        handler: the name of the exception being handled; it alone is a message too.

    Raises:
        NotSafeError: it cannot be told what the words are, or what goes where.
    """
    message = Message()
    if arguments:
        _percent(message, _literal(node), list(arguments))
    elif isinstance(node, cst.Name) and handler and node.value == handler:
        message.values.append(("error", node))
    else:
        _collect(message, node)
    return message


def _collect(message: Message, node: cst.BaseExpression) -> None:
    if isinstance(node, cst.SimpleString):
        message.words.append(_text(node))
    elif isinstance(node, cst.ConcatenatedString):
        _collect(message, node.left)
        _collect(message, node.right)
    elif isinstance(node, cst.FormattedString):
        for part in node.parts:
            if isinstance(part, cst.FormattedStringText):
                message.words.append(_ESCAPE.sub(" ", part.value))
            elif isinstance(part, cst.FormattedStringExpression):
                message.words.append(" ")
                message.values.append(("", part.expression))
    elif isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Modulo):
        _percent(message, _literal(node.left), _right_of_percent(node.right))
    elif isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
        _sum(message, node)
    elif isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == "format":
        _format(message, _literal(node.func.value), node.args)
    else:
        raise NotSafeError("its message is made elsewhere")


def _sum(message: Message, node: cst.BinaryOperation) -> None:
    sides = (node.left, node.right)
    if not any(isinstance(side, cst.SimpleString | cst.FormattedString | cst.ConcatenatedString | cst.BinaryOperation) for side in sides):
        raise NotSafeError("its message is made elsewhere")
    for side in sides:
        try:
            _collect(message, side)
        except NotSafeError:
            message.words.append(" ")
            message.values.append(("", side))


def _literal(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.SimpleString):
        return _text(node)
    if isinstance(node, cst.ConcatenatedString) and not isinstance(node.right, cst.FormattedString):
        return _literal(node.left) + _literal(node.right)
    raise NotSafeError("its format is made elsewhere")


def _text(node: cst.SimpleString) -> str:
    value = node.evaluated_value
    if not isinstance(value, str):
        raise NotSafeError("its message is bytes")
    return value


def _right_of_percent(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    if not isinstance(node, cst.Tuple):
        return [node]
    if any(not isinstance(element, cst.Element) for element in node.elements):
        raise NotSafeError("its arguments are unpacked")
    return [element.value for element in node.elements]


def _percent(message: Message, text: str, values: list[cst.BaseExpression]) -> None:
    places = [match for match in _PLACEHOLDER.finditer(text) if match["kind"] != "%"]
    message.words += [piece for part in _PLACEHOLDER.sub("\0", text).split("\0") for piece in (part, " ")]
    if any("*" in (place["width"] or "", place["precision"] or "") for place in places):
        raise NotSafeError("its format takes a width from the arguments")
    if places and all(place["name"] for place in places):
        if len(values) != 1 or not isinstance(values[0], cst.Dict):
            raise NotSafeError("its named arguments are made elsewhere")
        message.values += list(_entries(values[0]))
    elif len(places) == len(values) and not any(place["name"] for place in places):
        message.values += [("", value) for value in values]
    else:
        raise NotSafeError("its placeholders and arguments do not match")


def _entries(node: cst.Dict) -> Iterator[tuple[str, cst.BaseExpression]]:
    for element in node.elements:
        if not isinstance(element, cst.DictElement) or not isinstance(element.key, cst.SimpleString):
            raise NotSafeError("its named arguments are made elsewhere")
        yield _text(element.key), element.value


def _format(message: Message, text: str, arguments: Sequence[cst.Arg]) -> None:
    if any(argument.star for argument in arguments):
        raise NotSafeError("its arguments are unpacked")
    places = [argument.value for argument in arguments if argument.keyword is None]
    named = {argument.keyword.value: argument.value for argument in arguments if argument.keyword is not None}
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise NotSafeError("its format is malformed") from error
    number = 0
    for words, name, spec, _ in parts:
        message.words += [words, " "]
        if name is None:
            continue
        if "{" in (spec or ""):
            raise NotSafeError("its format nests another")
        index, number = (number, number + 1) if name == "" else (int(name) if name.isdigit() else -1, number)
        if name in named:
            message.values.append((name, named[name]))
        elif 0 <= index < len(places):
            message.values.append(("", places[index]))
        else:
            raise NotSafeError("its format reaches into an argument, or names none")


def field_names(values: Sequence[tuple[str, cst.BaseExpression]], taken: frozenset[str]) -> list[str]:
    """A name for each value: its own, or what the expression is called; never one that is taken."""
    names: list[str] = []
    for given, value in values:
        name = snake(given) or _called(value) or "value"
        name = f"field_{name}" if name[0].isdigit() else name
        if name in taken:
            name = f"{_owner(value)}_{name}" if _owner(value) else f"{name}_value"
        if keyword.iskeyword(name):
            name += "_"
        number, unique = 2, name
        while unique in names or unique in taken:
            unique, number = f"{name}_{number}", number + 1
        names.append(unique)
    return names


def _called(node: cst.BaseExpression) -> str:
    """What an expression is called: `order.id` → "order_id", `len(items)` → "items_count"."""
    if isinstance(node, cst.Name):
        return snake(node.value)
    if isinstance(node, cst.Attribute):
        name = node.attr.value
        return (
            snake(f"{_owner(node)}_{name}")
            if name in {"id", "name", "value", "type", "status"} and _owner(node)
            else snake(name.strip("_"))
        )
    if isinstance(node, cst.Await):
        return _called(node.expression)
    if isinstance(node, cst.Subscript) and len(node.slice) == 1:
        index = node.slice[0].slice
        if isinstance(index, cst.Index) and isinstance(index.value, cst.SimpleString):
            return snake(str(index.value.evaluated_value))
        return _called(node.value)
    if isinstance(node, cst.Call):
        return _called_call(node)
    return ""


def _called_call(node: cst.Call) -> str:
    function = _called(node.func)
    inner = _called(node.args[0].value) if len(node.args) == 1 and not node.args[0].star else ""
    if function == "len" and inner:
        return f"{inner}_count"
    if function == "type" and inner:
        return f"{inner}_type"
    if function in {"str", "repr", "int", "float", "list", "sorted", "tuple", "set", "dumps", "ascii", "round"} and inner:
        return inner
    if function == "get" and node.args and isinstance(node.args[0].value, cst.SimpleString):
        return snake(str(node.args[0].value.evaluated_value))
    return function.removeprefix("get_")


def _owner(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        owner = node.value
        name = owner.value if isinstance(owner, cst.Name) else owner.attr.value if isinstance(owner, cst.Attribute) else ""
        return "" if name in {"self", "cls"} else snake(name)
    return ""
