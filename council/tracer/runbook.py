"""One runbook for each way in which a service can fail, for somebody who was asleep five minutes ago.

Every step is a command to copy that needs no login to a machine: `kubectl`, Prometheus and Tempo over HTTP. Queries name
the fields that the code (or the proposal) has; where an id is not written anywhere, the runbook says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import Field

from council.proposal import Proposal
from council.tracer import attributes
from council.tracer.alerts import ERROR_SHARE, Alert, alert_of, slow_seconds
from council.tracer.model import AuditReport, Result
from council.tracer.scenarios import Scenario, scenarios_of_audit, scenarios_of_proposal

_SAFE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,80}")  # what may stand in a command
_MOST_IDS = 5


class Step(Result):
    """What to do and what it tells; `command` is to be copied, or empty."""

    what: str
    command: str = ""


class Runbook(Result):
    """What an alert leads to. Commands are made of cleaned names only; texts may quote a proposal."""

    name: str = Field(description="the file's name, without .md")
    title: str
    service: str
    locations: tuple[str, ...]
    setup: str
    meaning: str
    impact: tuple[Step, ...]
    diagnosis: tuple[Step, ...]
    mitigation: tuple[Step, ...]
    rollback: tuple[Step, ...]
    escalation: tuple[Step, ...]
    verification: tuple[Step, ...]
    alert: Alert | None = None


def runbooks_of_audit(report: AuditReport) -> tuple[Runbook, ...]:
    """One runbook for each scenario that the code of an audit has."""
    return tuple(runbook_of(scenario) for scenario in scenarios_of_audit(report))


def runbooks_of_proposal(proposal: Proposal) -> tuple[Runbook, ...]:
    """One runbook for each scenario that a proposal has."""
    return tuple(runbook_of(scenario) for scenario in scenarios_of_proposal(proposal))


def runbook_of(scenario: Scenario) -> Runbook:
    """The runbook for a scenario; what could not stand in a command as it is (a name in another script) is left out."""
    scenario = scenario.model_copy(
        update={
            "spans": tuple(span for span in scenario.spans if _SAFE.fullmatch(span)),
            "fields": tuple(name for name in scenario.fields if _SAFE.fullmatch(name)),
            "attributes": tuple(name for name in scenario.attributes if _SAFE.fullmatch(name)),
            "in_text": tuple(name for name in scenario.in_text if _SAFE.fullmatch(name)),
        }
    )
    alert = None if scenario.kind == "silent" and not scenario.spans else alert_of(scenario)
    return Runbook(
        name=scenario.name,
        title=scenario.title,
        service=scenario.service,
        locations=scenario.locations,
        setup=_setup(scenario),
        meaning=_meaning(scenario),
        impact=tuple(_impact(scenario)),
        diagnosis=tuple(_diagnosis(scenario)),
        mitigation=tuple(_mitigation(scenario)),
        rollback=_rollback(scenario),
        escalation=_escalation(scenario),
        verification=tuple(_verification(scenario, alert)),
        alert=alert,
    )


# ---------------------------------------------------------------- sections


def _setup(scenario: Scenario) -> str:
    variables = " ".join(f"{_variable(name)}=" for name in (*_ids(scenario), "trace_id"))
    return (
        "export NAMESPACE=default                          # where the service runs\n"
        "export PROMETHEUS_URL=http://localhost:9090       # metrics\n"
        "export TEMPO_URL=http://localhost:3200            # traces\n"
        f"export {variables}  # from the complaint or the alert, as far as they are known"
    )


def _meaning(scenario: Scenario) -> str:
    service = scenario.service
    return {
        "errors": f"More than {ERROR_SHARE:.0%} of what {service} was asked to do in the last five minutes ended with an error.",
        "latency": f"The slowest 1% of what {service} was asked to do take longer than anybody should wait.",
        "dependency": f"Calls of {service} to something that it needs end with errors; {scenario.detail}.",
        "silent": "An exception is caught here and neither logged nor raised again: work is lost without a trace of it.",
        "start": f"Nothing has been heard of {service} for a quarter of an hour: it does not start, or it is not reached.",
        "stated": f"The proposal says: {scenario.detail}",
    }[scenario.kind]


def _impact(scenario: Scenario) -> Iterator[Step]:
    series = f'traces_span_metrics_calls_total{{service_name="{scenario.service}",status_code="STATUS_CODE_ERROR"}}'
    command = _metrics(f"sum by (span_name) (increase({series}[15m]))")
    yield Step(what="What fails, and how often in the last 15 minutes:", command=command)
    if "user_id" in scenario.fields:
        counted = 'jq -rR \'fromjson? | select(.level == "ERROR" or .level == "error") | .user_id\' | sort | uniq -c | sort -rn | head'
        yield Step(what="Who is affected:", command=f"{_kubectl_logs(scenario)} | {counted}")
    elif "user_id" in scenario.missing:
        yield Step(what="Who is affected cannot be told yet: no log record here carries user_id, which is at hand in the code.")


def _diagnosis(scenario: Scenario) -> Iterator[Step]:
    if scenario.kind == "start":
        yield from _pods(scenario)
    what, condition = "The latest traces that failed; each has the trace id to go on with:", "status = error"
    if scenario.kind == "latency":
        what, condition = "The latest slow traces; each has the trace id to go on with:", f"duration > {slow_seconds(scenario):g}s"
    yield Step(what=what, command=_traces(*_narrow(scenario), condition))
    yield Step(what="One request from end to end, by trace id:", command='curl -fsS "$TEMPO_URL/api/traces/$TRACE_ID"')
    if scenario.trace_on_logs:
        yield Step(what="Its log records:", command=_logs_by(scenario, "(.trace_id // .otelTraceID)", "TRACE_ID"))
    else:
        yield Step(what="Log records by trace id: nothing says that they carry one yet. The plan says where to add it.")
    for name in _ids(scenario):
        yield from _by_id(scenario, name)


def _ids(scenario: Scenario) -> list[str]:
    """The ids to ask by: request and user always, then what is written, then what is only at hand."""
    others = [name for name in (*scenario.fields, *scenario.in_text, *scenario.missing) if name.endswith("_id") and _SAFE.fullmatch(name)]
    return list(dict.fromkeys(["request_id", "user_id", *others]))[:_MOST_IDS]


def _variable(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def _by_id(scenario: Scenario, name: str) -> Iterator[Step]:
    attribute, variable = attributes.attribute_of(name, scenario.service), _variable(name)
    ending = f".{name.removesuffix('_id')}.id"
    on_span = next((known for known in scenario.attributes if known == attribute or f".{known}".endswith(ending)), "")
    if name in scenario.fields:
        yield Step(what=f"Log records by {name}:", command=_logs_by(scenario, f'.["{name}"]', variable))
    elif name in scenario.in_text:
        command = f'{_kubectl_logs(scenario)} | grep -F -- "${variable}"'
        yield Step(what=f"Log records whose text shows {name}; it is no field yet:", command=command)
    if on_span:
        command = _traces(f'resource.service.name = "{scenario.service}"', f'span."{on_span}" = "\'"${variable}"\'"')
        yield Step(what=f"Traces by {name}:", command=command)
    if name not in (*scenario.fields, *scenario.in_text) and not on_span:
        yield Step(what=f"By {name}: no log record and no span here is known to carry it yet. The plan says where to add it.")


def _mitigation(scenario: Scenario) -> Iterator[Step]:
    deployment = _deployment(scenario)
    if scenario.kind == "silent":
        yield Step(what="Nothing to restart: the work is lost already. Find the ids by the queries above, and have them run again.")
        return
    if scenario.kind == "stated":
        yield Step(what="Do first what the proposal says of this case; its place is at the top of this page.")
    yield Step(what="What changed last; if it was within the hour, go to Rollback:", command=f"kubectl rollout history {deployment}")
    if scenario.kind == "dependency":
        yield Step(what="Do not restart the service: its clients would all connect again at once. See whether the dependency itself is up:")
        yield Step(
            what="Endpoints that answer, and recent events:",
            command='kubectl -n "$NAMESPACE" get endpoints,events --sort-by=.metadata.creationTimestamp',
        )
    elif scenario.kind == "latency":
        command = f"kubectl scale {deployment} --replicas=\"$((2 * $(kubectl get {deployment} -o jsonpath='{{.spec.replicas}}')))\""
        yield Step(what="Twice as many replicas; it does no good where a database or another service is what is slow:", command=command)
    else:
        yield Step(what="New processes, one after the other, without a gap in service:", command=f"kubectl rollout restart {deployment}")


def _rollback(scenario: Scenario) -> tuple[Step, ...]:
    deployment = _deployment(scenario)
    return (
        Step(what="Back to the version before:", command=f"kubectl rollout undo {deployment}"),
        Step(what="Wait until it runs:", command=f"kubectl rollout status {deployment} --timeout=5m"),
    )


def _escalation(scenario: Scenario) -> tuple[Step, ...]:
    owner = f'kubectl get {_deployment(scenario)} -o jsonpath=\'{{.metadata.labels}}{{"\\n"}}{{.metadata.annotations}}{{"\\n"}}\''
    return (
        Step(
            what="No better after 15 minutes, data at risk, or not sure: wake the owner. Whom, the deployment's labels say:", command=owner
        ),
        Step(what="Hand over: when it began, one trace id that failed, the error_id of one complaint, and the commands that you have run."),
    )


def _verification(scenario: Scenario, alert: Alert | None) -> Iterator[Step]:
    if alert is not None:
        yield Step(what="The alert's own query gives nothing any more:", command=_metrics(alert.expr))
    yield Step(what="Nothing new has failed in the last five minutes:", command=_traces(*_narrow(scenario), "status = error", minutes=5))
    yield Step(what="Repeat the request that was complained of, and look up its trace id.")


def _pods(scenario: Scenario) -> Iterator[Step]:
    chosen = f'-n "$NAMESPACE" -l app.kubernetes.io/name={scenario.service}'
    yield Step(
        what="Which of its pods run, and what stops the others:",
        command=f"kubectl get pods {chosen} -o wide && kubectl describe pods {chosen} | tail -n 40",
    )
    yield Step(what="The last words of a process that died:", command=f"kubectl logs {chosen} --all-containers --previous --tail=100")


# ---------------------------------------------------------------- commands


def _deployment(scenario: Scenario) -> str:
    return f'-n "$NAMESPACE" deployment/{scenario.service}'


def _metrics(expr: str) -> str:
    return f"curl -fsSG \"$PROMETHEUS_URL/api/v1/query\" --data-urlencode 'query={expr}'"


def _narrow(scenario: Scenario) -> list[str]:
    matchers = [f'resource.service.name = "{scenario.service}"']
    matchers += [f'name =~ "{"|".join(scenario.spans)}"'] if scenario.spans else []
    return [*matchers, f"kind = {scenario.span_kind.lower()}"] if scenario.span_kind else matchers


def _traces(*conditions: str, minutes: int = 120) -> str:
    since = f"start=$(($(date +%s) - {60 * minutes}))"
    query = f"q={{ {' && '.join(conditions)} }}"
    return f'curl -fsSG "$TEMPO_URL/api/search" --data-urlencode \'{query}\' -d "{since}" -d "end=$(date +%s)" -d limit=20'


def _kubectl_logs(scenario: Scenario) -> str:
    return f'kubectl logs -n "$NAMESPACE" -l app.kubernetes.io/name={scenario.service} --all-containers --since=2h --tail=-1'


def _logs_by(scenario: Scenario, field: str, variable: str) -> str:
    return f"{_kubectl_logs(scenario)} | jq -cR --arg id \"${variable}\" 'fromjson? | select({field} == $id)'"
