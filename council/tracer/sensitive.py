"""Values that do not belong into telemetry: personal data, secrets and whole bodies; on metrics, ids too.

Opaque ids (user, request, trace, order) are wanted on spans and logs. On metric labels each value makes a time series
of its own: OpenTelemetry's instrumentation score asks for fewer than 10,000 values per attribute.
"""

from __future__ import annotations

import ast
import re

from council.tracer.names import as_id, chain, ids_in, last, snake, written

_PERSONAL = re.compile(
    r"(?:^|_)(?:e_?mails?|email_address|phone|phone_number|mobile|telephone|first_name|last_name|full_name|surname|display_name|customer_name|birth_?date"
    r"|date_of_birth|dob|ssn|social_security|passport|iban|street|street_address|postal_address|home_address|shipping_address|billing_address"
    r"|user_address|zip_?code|postal_code)(?:$|_(?:address|addr|number|value|raw|text|str|string|lower|list)$)"
)
_PERSON = frozenset("user customer person patient employee member contact recipient sender subscriber guest buyer enduser".split())
_OF_PERSON = frozenset("name address".split())
_SECRET = re.compile(
    r"(?:^|_)(?:password|passwd|passphrase|secret|api_key|access_token|refresh_token|auth_token|bearer|token|authorization|cookie|cookies|credential"
    r"|credentials|private_key|card|card_number|credit_card|creditcard|cvv|cvc|pan)$"
)
_BODY = re.compile(r"(?:^|_)(?:body|payload|raw_body|request_body|response_body|form_data|post_data|headers)$")
_BODY_CALLS = frozenset("get_json get_data json form data body files values headers environ".split())
_MADE_SAFE = re.compile(
    r"(?i)hash|sha\d|md5|redact|mask|anonymi|scrub|^len$|^bool$|^type$|^hmac|fingerprint|encrypt|^isinstance$|^count$|^sum$|^any$"
)
_TOKENS_COUNTED = re.compile(
    r"(?:^|_)(?:max|total|input|output|prompt|completion|num|n|count|used)_?\w*tokens?$|_tokens$|card_type$|token_count"
)
_UNBOUNDED = re.compile(
    r"(?:^|_)(?:url|uri|path|full_path|query|query_string|user_agent|ip|ip_address|remote_addr|timestamp|session|uuid|guid|message|error_message|sql"
    r"|stack_trace|traceback|hostname_port|email)$"
)
_UNBOUNDED_CALLS = frozenset("uuid4 uuid1 time time_ns now utcnow isoformat repr format_exc".split())


def sensitive(name: str, value: ast.expr) -> str:
    """What a field tells that it must not ("personal data", "a secret", "a whole body"), or ""."""
    if _made_safe(value):
        return ""
    if _of_person(name.lower().split(".")) or _of_person(chain(value)):
        return "personal data"
    for candidate in (snake(name), snake(last(value)), *_shown_parts(value)):
        if _TOKENS_COUNTED.search(candidate):
            continue
        if _PERSONAL.search(candidate):
            return "personal data"
        if _SECRET.search(candidate):
            return "a secret"
    return "a whole body" if _whole_body(name, value) else ""


def unbounded(name: str, value: ast.expr) -> str:
    """Why a metric label has too many values, or ""."""
    if isinstance(value, ast.Constant) or _made_bounded(value):
        return ""
    if as_id(name) or any(True for _ in ids_in(value)):
        return "an id"
    if isinstance(value, ast.JoinedStr):
        shown = [part.value for part in value.values if isinstance(part, ast.FormattedValue)]
        return "" if all(_made_bounded(part) for part in shown) else "a composed text"
    if isinstance(value, ast.Call) and last(value.func) in _UNBOUNDED_CALLS:
        return f"a value of {last(value.func)}()"
    if (
        isinstance(value, ast.Call)
        and last(value.func) == "str"
        and value.args
        and last(value.args[0]) in {"e", "err", "error", "exc", "exception", "ex"}
    ):
        return "an exception's text"
    for candidate in (snake(name), snake(last(value))):
        if _UNBOUNDED.search(candidate) or _PERSONAL.search(candidate):
            return f"an open set of values ({candidate})"
    return ""


def _of_person(parts: list[str]) -> bool:
    return len(parts) > 1 and parts[-1] in _OF_PERSON and parts[-2].lower() in _PERSON


def _shown_parts(value: ast.expr) -> list[str]:
    """Names inside an f-string, a choice or a call such as str(x), which show what they hold."""
    if isinstance(value, ast.BoolOp):
        shown = value.values if isinstance(value.op, ast.Or) else value.values[-1:]
        return [snake(last(part)) for part in shown if not _made_safe(part)]
    if isinstance(value, ast.IfExp):
        return [snake(last(part)) for part in (value.body, value.orelse) if not _made_safe(part)]
    if isinstance(value, ast.JoinedStr):
        inner = [part.value for part in value.values if isinstance(part, ast.FormattedValue)]
        return [snake(last(part)) for part in inner if not _made_safe(part)]
    if isinstance(value, ast.Call) and last(value.func) in {"str", "repr", "dumps"}:
        return [snake(last(argument)) for argument in value.args]
    return [
        snake(argument.value)
        for argument in getattr(value, "args", ())[:1]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]


def _whole_body(name: str, value: ast.expr) -> bool:
    if isinstance(value, ast.Call) and last(value.func) in {"str", "repr", "dumps", "dict"} and value.args:
        value = value.args[0]
    parts = chain(value)
    if isinstance(value, ast.Constant | ast.Subscript | ast.Compare | ast.BoolOp):
        return False
    from_request = len(parts) == 2 and parts[0] in {"request", "req", "self.request"} and parts[1] in _BODY_CALLS
    whole = isinstance(value, ast.Name | ast.Attribute) and bool(_BODY.search(snake(parts[-1]) if parts else ""))
    return from_request or whole or (bool(_BODY.search(snake(name))) and isinstance(value, ast.Name | ast.Attribute))


def _made_safe(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant | ast.Compare):
        return True
    return isinstance(value, ast.Call) and any(_MADE_SAFE.search(part) for part in chain(value.func))


def _made_bounded(value: ast.expr) -> bool:
    """A choice between constants, a class's name, a route's template."""
    if isinstance(value, ast.IfExp):
        return isinstance(value.body, ast.Constant) and isinstance(value.orelse, ast.Constant)
    text = written(value)
    return _made_safe(value) or text.endswith(
        ("__name__", "__qualname__", "__module__", ".rule", ".url_rule", ".method", "route.path", ".endpoint")
    )
