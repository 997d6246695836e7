"""Prometheus alert rules for failure scenarios, and their unit tests.

The rules read what the Collector's spanmetrics connector counts, as `council.tracer.otel_config` sets it up: one
instrument for every service and library, with nothing to add to the code but spans.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from council.safe_yaml import dump_readable_yaml
from council.tracer.model import Result
from council.tracer.scenarios import Scenario

CALLS = "traces_span_metrics_calls_total"
DURATION = "traces_span_metrics_duration_seconds_bucket"
ERROR, FINE = 'status_code="STATUS_CODE_ERROR"', 'status_code="STATUS_CODE_UNSET"'
ERROR_SHARE = 0.05
SLOW_SECONDS = {"SERVER": 1.0, "CLIENT": 1.0}
SLOW_WORK_SECONDS = 30.0  # of tasks and messages, for which nobody waits

RULES_FILE = "alerts.yaml"
TESTS_FILE = "alerts.test.yaml"

# The selectors of dependencies, by the attributes that the Collector adds as dimensions.
_OF_CALL = {
    "sql": ('db_system_name!=""', 'db_system_name!~"redis|valkey|memcached"'),
    "cache": ('db_system_name=~"redis|valkey|memcached"',),
    "rpc": ('rpc_system_name!=""',),
    "http": ('db_system_name=""', 'rpc_system_name=""'),
}
_LABEL = {"sql": 'db_system_name="postgresql"', "cache": 'db_system_name="redis"', "rpc": 'rpc_system_name="grpc"'}


class Alert(Result):
    """One alert rule, and two stretches of time that test it: one that fires and one that does not."""

    name: str
    expr: str
    wait: str = Field(description="how long it has to hold, as Prometheus writes durations")
    severity: str
    summary: str
    needs: str = Field(default="", description="what has to be instrumented before it can fire")
    labels: dict[str, str] = Field(default_factory=dict, description="labels that the expression itself leaves")
    firing: dict[str, str] = Field(description="series and values, in promtool's notation")
    quiet: dict[str, str]


def alert_of(scenario: Scenario) -> Alert | None:
    """The rule for a scenario; None for one that only the proposal's words describe, which no metric tells apart."""
    if scenario.kind == "stated":
        return None
    if scenario.kind == "start":
        return _gone(scenario)
    return _slow(scenario) if scenario.kind == "latency" else _failing(scenario)


def slow_seconds(scenario: Scenario) -> float:
    """From which on a span of a scenario is slow; edges of the histogram in `council.tracer.collector`."""
    return SLOW_SECONDS.get(scenario.span_kind, SLOW_WORK_SECONDS)


def selector(scenario: Scenario) -> tuple[str, ...]:
    """Label matchers for the spans of a scenario."""
    kind = (f'span_kind="SPAN_KIND_{scenario.span_kind}"',) if scenario.span_kind else ()
    spans = (f'span_name=~"{"|".join(scenario.spans)}"',) if scenario.spans else ()
    return (f'service_name="{scenario.service}"', *kind, *_OF_CALL.get(scenario.calls, ()), *spans)


def _series(scenario: Scenario, *labels: str) -> tuple[str, ...]:
    """Labels of one series that the selector matches."""
    kind = (f'span_kind="SPAN_KIND_{scenario.span_kind}"',) if scenario.span_kind else ()
    spans = (f'span_name="{scenario.spans[0]}"',) if scenario.spans else ()
    call = (_LABEL[scenario.calls],) if scenario.calls in _LABEL else ()
    return (f'service_name="{scenario.service}"', *kind, *call, *spans, *labels)


def _of(metric: str, labels: tuple[str, ...]) -> str:
    return f"{metric}{{{','.join(labels)}}}"


def _failing(scenario: Scenario) -> Alert:
    matchers = selector(scenario)
    errors, every = _of(CALLS, (*matchers, ERROR)), _of(CALLS, matchers)
    bad, good = _of(CALLS, _series(scenario, ERROR)), _of(CALLS, _series(scenario, FINE))
    if scenario.kind == "silent":
        expr, wait, severity = f"sum(increase({errors}[10m])) > 0", "0m", "ticket"
        needs = f"the span of {scenario.spans[0]} marked as failed at {scenario.locations[0]}; until then nothing sees this"
        quiet = {bad: "0+0x40", good: "0+60x40"}
    else:
        expr, wait, severity = f"sum(rate({errors}[5m])) / sum(rate({every}[5m])) > {ERROR_SHARE}", "5m", "page"
        needs, quiet = "", {bad: "0+1x40", good: "0+99x40"}
    return Alert(
        name=_name(scenario),
        expr=expr,
        wait=wait,
        severity=severity,
        summary=scenario.title,
        needs=needs,
        firing={bad: "0+30x40", good: "0+70x40"},
        quiet=quiet,
    )


def _slow(scenario: Scenario) -> Alert:
    limit = slow_seconds(scenario)
    expr = f"histogram_quantile(0.99, sum by (le) (rate({_of(DURATION, selector(scenario))}[5m]))) > {limit:g}"

    def buckets(at_limit: str) -> dict[str, str]:
        edges = {f"{limit:g}": at_limit, f"{4 * limit:g}": "0+60x40", "+Inf": "0+60x40"}
        return {_of(DURATION, _series(scenario, f'le="{edge}"')): values for edge, values in edges.items()}

    return Alert(
        name=_name(scenario),
        expr=expr,
        wait="10m",
        severity="page" if scenario.span_kind == "SERVER" else "ticket",
        summary=scenario.title,
        firing=buckets("0+30x40"),
        quiet=buckets("0+60x40"),
    )


def _gone(scenario: Scenario) -> Alert:
    series = _of(CALLS, (f'service_name="{scenario.service}"',))
    return Alert(
        name=_name(scenario),
        expr=f"absent_over_time({series}[15m])",
        wait="5m",
        severity="page",
        summary=scenario.title,
        labels={"service_name": scenario.service},
        firing={_of(CALLS, (f'service_name="{scenario.service}-other"',)): "0+1x40"},
        quiet={series: "0+1x40"},
    )


def _name(scenario: Scenario) -> str:
    return "".join(part.capitalize() for part in scenario.name.split("-"))


def rules_yaml(alerts: dict[str, Alert], base_url: str) -> str:
    """The file of rules.

    Args:
        alerts: by the name of their runbook.
        base_url: where the runbooks are published; the alert's `runbook_url` is the file there.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for name, alert in alerts.items():
        groups.setdefault(_service(alert), []).append(_rule(name, alert, base_url))
    return dump_readable_yaml({"groups": [{"name": service, "rules": rules} for service, rules in groups.items()]})


def rule_tests_yaml(alerts: dict[str, Alert], base_url: str) -> str:
    """The unit tests of the rules, for `promtool test rules`: each alert fires where it should and keeps quiet where it should."""
    tests = []
    for name, alert in alerts.items():
        rule = _rule(name, alert, base_url)
        fired = {"exp_labels": {**alert.labels, **rule["labels"]}, "exp_annotations": rule["annotations"]}
        for series, expected in ((alert.firing, [fired]), (alert.quiet, [])):
            at = {"eval_time": "30m", "alertname": alert.name, "exp_alerts": expected}
            inputs = [{"series": labels, "values": values} for labels, values in series.items()]
            tests.append({"interval": "1m", "input_series": inputs, "alert_rule_test": [at]})
    return dump_readable_yaml({"rule_files": [RULES_FILE], "evaluation_interval": "1m", "tests": tests})


def _service(alert: Alert) -> str:
    return alert.expr.partition('service_name="')[2].partition('"')[0]


def _rule(name: str, alert: Alert, base_url: str) -> dict[str, Any]:
    annotations = {"summary": alert.summary.replace("{{", "{ {"), "runbook_url": f"{base_url.rstrip('/')}/{name}.md"}
    if alert.needs:
        annotations["needs"] = alert.needs.replace("{{", "{ {")
    return {
        "alert": alert.name,
        "expr": alert.expr,
        "for": alert.wait,
        "labels": {"severity": alert.severity, "service": _service(alert)},
        "annotations": annotations,
    }
