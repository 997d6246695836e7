"""One logging call, as it is written and as it is to be written."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst
import libcst.matchers as m

from council.tracer.sensitive import sensitive
from council.tracer.structured.messages import EVENT, Message, NotSafeError, field_names, take_apart

RECORD = frozenset(
    "name msg args levelname levelno pathname filename module exc_info exc_text stack_info lineno funcName created msecs relativeCreated"
    " thread threadName processName process message asctime taskName event level logger timestamp extra stacklevel".split()
)
_KNOWN = frozenset({"exc_info", "stack_info", "stacklevel", "extra"})
_ERRORS = frozenset({"error", "critical", "fatal"})


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a call.

    Attributes:
        function: the function's own name, or "module".
        handler: the name of the exception being handled; "" for one without a name; None outside of a handler.
        raises: the handler raises again.
        ids: names of ids that are bound here and belong on the record.
    """

    function: str
    handler: str | None = None
    raises: bool = False
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """A call taken apart."""

    level: tuple[cst.Arg, ...]
    message: Message
    literal: str
    extra: tuple[cst.BaseDictElement, ...]
    keywords: tuple[cst.Arg, ...]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The arguments that a call gets."""

    arguments: tuple[cst.Arg, ...]
    event: str
    fields: tuple[str, ...]


def parts_of(call: cst.Call, method: str, around: Around) -> Parts:
    """A logging call in parts.

    Raises:
        NotSafeError: it cannot be rewritten, with the reason.
    """
    _refuse_what_would_be_lost(call)
    if any(argument.star for argument in call.args):
        raise NotSafeError("its arguments are unpacked")
    positional = [argument for argument in call.args if argument.keyword is None]
    named = {argument.keyword.value: argument for argument in call.args if argument.keyword is not None}
    if set(named) - _KNOWN:
        raise NotSafeError("it has keywords that logging does not know")
    skip = 1 if method == "log" else 0
    if len(positional) <= skip:
        raise NotSafeError("it has no message")
    node, *arguments = [argument.value for argument in positional[skip:]]
    message = take_apart(node, arguments, around.handler or "")
    literal = str(node.evaluated_value) if isinstance(node, cst.SimpleString) and not arguments else ""
    extra: tuple[cst.BaseDictElement, ...] = ()
    if "extra" in named:
        given = named.pop("extra").value
        if not isinstance(given, cst.Dict):
            raise NotSafeError("its extra is made elsewhere")
        extra = tuple(given.elements)
    return Parts(tuple(positional[:skip]), message, literal, extra, tuple(named.values()))


def _refuse_what_would_be_lost(call: cst.Call) -> None:
    code = cst.Module([]).code_for_node(call)
    if "#" in code and m.findall(call, m.Comment()):
        raise NotSafeError("a comment stands inside of it")
    if (":=" in code or "yield" in code) and m.findall(call, m.NamedExpr() | m.Yield()):
        raise NotSafeError("its arguments do more than give a value")


def print_parts(call: cst.Call) -> Parts:
    """A print in parts.

    Raises:
        NotSafeError: it is more than a message on standard output.
    """
    _refuse_what_would_be_lost(call)
    if any(argument.star or argument.keyword is not None for argument in call.args):
        raise NotSafeError("it says where or how to print")
    if not call.args:
        raise NotSafeError("it prints an empty line")
    message = Message()
    for argument in call.args:
        try:
            part = take_apart(argument.value, ())
        except NotSafeError:
            part = Message(values=[("", argument.value)])
        message.words += [*part.words, " "]
        message.values += part.values
    return Parts((), message, "", (), ())


def rewrite(parts: Parts, method: str, around: Around, *, keywords: bool) -> Rewrite | None:
    """What a call is to be, or None where it is so already.

    Args:
        parts: the call.
        method: its level.
        around: where it stands.
        keywords: fields are keyword arguments, as structlog has them, rather than `extra`.

    Raises:
        NotSafeError: it would put personal data, a secret or a whole body into a field.
    """
    values = [("error", _text_of(value)) if _is(value, around.handler) else (name, value) for name, value in parts.message.values]
    taken = RECORD | {name for element in parts.extra for name in [_key(element)] if name}
    names = field_names(values, frozenset(taken))
    _refuse_sensitive(names, values)
    fields = [(name, value) for name, (_, value) in zip(names, values, strict=True)]
    fields += [(name, cst.Name(name)) for name in around.ids if name not in taken and name not in names and not _said(name, values)]
    failed = around.handler is not None
    event = (
        parts.literal
        if EVENT.fullmatch(parts.literal)
        else parts.message.event(f"{around.function.strip('_')}_{'failed' if failed else 'event'}")
    )
    added: list[cst.Arg] = []
    traceback = failed and method in _ERRORS and not around.raises and not any(_named(argument, "exc_info") for argument in parts.keywords)
    if traceback:
        added.append(_keyword("exc_info", cst.Name("True")))
    if not fields and not added and event == parts.literal and not (keywords and parts.extra):
        return None
    return Rewrite(
        (*parts.level, cst.Arg(cst.SimpleString(f'"{event}"')), *_fields(parts, fields, keywords), *parts.keywords, *added),
        event,
        tuple(n for n, _ in fields),
    )


def _fields(parts: Parts, fields: Sequence[tuple[str, cst.BaseExpression]], keywords: bool) -> list[cst.Arg]:
    if keywords and all(_key(element).isidentifier() for element in parts.extra):
        given = [(_key(element), element.value) for element in parts.extra if isinstance(element, cst.DictElement)]
        return [_keyword(name, value) for name, value in [*given, *fields]]
    new = [cst.DictElement(cst.SimpleString(f'"{name}"'), value.with_changes(lpar=value.lpar)) for name, value in fields]
    elements = [element.with_changes(comma=cst.MaybeSentinel.DEFAULT) for element in parts.extra]
    return [_keyword("extra", cst.Dict([*elements, *new]))] if elements or new else []


def _keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    none = cst.SimpleWhitespace("")
    return cst.Arg(value, keyword=cst.Name(name), equal=cst.AssignEqual(none, none))


def _named(argument: cst.Arg, name: str) -> bool:
    return argument.keyword is not None and argument.keyword.value == name


def _key(element: cst.BaseDictElement) -> str:
    if isinstance(element, cst.DictElement) and isinstance(element.key, cst.SimpleString):
        return str(element.key.evaluated_value)
    return ""


def _is(value: cst.BaseExpression, name: str | None) -> bool:
    """Whether a value is an exception by its name, also as `str(e)`."""
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Name) and value.func.value in {"str", "repr"} and len(value.args) == 1:
        value = value.args[0].value
    return bool(name) and isinstance(value, cst.Name) and value.value == name


def _text_of(value: cst.BaseExpression) -> cst.BaseExpression:
    return value if isinstance(value, cst.Call) else cst.Call(cst.Name("str"), [cst.Arg(value)])


def _said(name: str, values: Sequence[tuple[str, cst.BaseExpression]]) -> bool:
    return any(isinstance(value, cst.Name) and value.value == name for _, value in values)


def _refuse_sensitive(names: Sequence[str], values: Sequence[tuple[str, cst.BaseExpression]]) -> None:
    empty = cst.Module([])
    for name, (_, value) in zip(names, values, strict=True):
        expression = ast.parse(f"({empty.code_for_node(value)}\n)", mode="eval").body
        if what := sensitive(name, expression):
            raise NotSafeError(f"it logs {what} ({name}), which no field should hold")
