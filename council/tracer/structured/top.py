"""What the top of a module needs: structlog's import and loggers, or a logger where there was none."""

from __future__ import annotations

from collections.abc import Collection

import libcst as cst
import libcst.matchers as m

from council.tracer.structured.model import Style

_MADE_BY = m.Call(func=m.Attribute(attr=m.Name("getLogger")) | m.Name("getLogger"))
_IMPORTS_LOGGING = m.SimpleStatementLine(body=[m.Import(names=[m.ImportAlias(name=m.Name("logging"), asname=None)])])
_DOCSTRING = m.SimpleStatementLine(body=[m.Expr(m.SimpleString() | m.ConcatenatedString())])
_FUTURE = m.SimpleStatementLine(body=[m.ImportFrom(module=m.Name("__future__"))])
GET_LOGGER = "structlog.stdlib.get_logger"


class Convert(cst.CSTTransformer):
    """Makes the named loggers of a module structlog's.

    Args:
        names: module-level names that `logging.getLogger` binds.
    """

    def __init__(self, names: Collection[str]) -> None:
        super().__init__()
        self._names = names

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:  # noqa: ARG002, N802 - libcst calls it so
        """What is bound inside a function is left alone."""
        return False

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:  # noqa: ARG002, N802 - libcst calls it so
        """And so is what is bound inside a class."""
        return False

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:  # noqa: ARG002, N802 - libcst calls it so
        """`log = logging.getLogger(x)` becomes `log = structlog.stdlib.get_logger(x)`."""
        target = updated_node.targets[0].target
        if isinstance(target, cst.Name) and target.value in self._names and m.matches(updated_node.value, _MADE_BY):
            assert isinstance(updated_node.value, cst.Call)
            return updated_node.with_changes(value=updated_node.value.with_changes(func=cst.parse_expression(GET_LOGGER)))
        return updated_node


def with_structlog(module: cst.Module) -> cst.Module:
    """A module that imports structlog, in the place of `logging` where nothing uses that any more."""
    if len(m.findall(module, m.Name("logging"))) > 1:
        return with_import(module, "structlog")
    for number, statement in enumerate(module.body):
        if m.matches(statement, _IMPORTS_LOGGING):
            assert isinstance(statement, cst.SimpleStatementLine)
            imported = statement.body[0].with_changes(names=[cst.ImportAlias(cst.Name("structlog"))])
            body = list(module.body)
            body[number] = statement.with_changes(body=[imported])
            return module.with_changes(body=body)
    return with_import(module, "structlog")


def with_import(module: cst.Module, name: str) -> cst.Module:
    """A module that imports another; as it was where it does so already."""
    for statement in module.body:
        if m.matches(
            statement,
            m.SimpleStatementLine(body=[m.AtLeastN(n=0), m.Import(names=[m.ImportAlias(name=m.Name(name), asname=None)]), m.ZeroOrMore()]),
        ):
            return module
    return _inserted(
        module, [cst.parse_statement(f"import {name}\n", config=module.config_for_parsing)], at=_after_imports(module, plain=True)
    )


def with_logger(module: cst.Module, name: str, style: Style) -> cst.Module:
    """A module with a logger of its own."""
    made = GET_LOGGER if style == "structlog" else "logging.getLogger"
    module = with_import(module, "structlog" if style == "structlog" else "logging")
    line = cst.parse_statement(f"{name} = {made}(__name__)\n", config=module.config_for_parsing)
    at = _after_imports(module)
    assert isinstance(line, cst.SimpleStatementLine)
    return _inserted(module, [line.with_changes(leading_lines=[cst.EmptyLine(indent=False)])], at=at)


def _inserted(module: cst.Module, lines: list[cst.SimpleStatementLine | cst.BaseCompoundStatement], *, at: int) -> cst.Module:
    body = list(module.body)
    return module.with_changes(body=[*body[:at], *lines, *body[at:]])


def _after_imports(module: cst.Module, *, plain: bool = False) -> int:
    """The place after the imports at the top; with `plain` after those of `import x`, or before the others."""
    at = last_plain = first = 0
    for number, statement in enumerate(module.body):
        if (number == 0 and m.matches(statement, _DOCSTRING)) or m.matches(statement, _FUTURE):
            at = first = number + 1
        elif m.matches(statement, m.SimpleStatementLine(body=[m.Import(), m.ZeroOrMore()])):
            at = last_plain = number + 1
        elif m.matches(statement, m.SimpleStatementLine(body=[m.ImportFrom(), m.ZeroOrMore()])):
            at = number + 1
        else:
            break
    return (last_plain or first) if plain else at
