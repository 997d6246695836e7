"""A configuration of the OpenTelemetry Collector, and the check of its graph.

Which keys a component takes only the Collector knows (`otelcol-contrib validate`); that everything used is defined, that
everything defined is used, and that processors stand in an order that works, is checked here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from council.tracer.model import Result

_SIGNALS = frozenset({"traces", "metrics", "logs"})
_BUCKETS = ["5ms", "10ms", "25ms", "50ms", "100ms", "250ms", "500ms", "1s", "2500ms", "5s", "10s", "30s", "60s", "120s"]


class CollectorOptions(Result):
    """What may differ."""

    slow_ms: int = Field(default=1000, ge=1, description="every trace slower than this is kept")
    keep_percent: float = Field(default=10, ge=0, le=100, description="share of the traces without error that are not slow")


def collector_config(options: CollectorOptions) -> dict[str, Any]:
    """One Collector for all signals.

    Spans are counted before they are sampled, so that alerts see every request; then each trace with an error, each slow
    one and a share of the rest goes on. Where to is a variable of the environment.
    """
    policies = [
        {"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}},
        {"name": "slow", "type": "latency", "latency": {"threshold_ms": options.slow_ms}},
        {"name": "share-of-the-rest", "type": "probabilistic", "probabilistic": {"sampling_percentage": options.keep_percent}},
    ]
    renamed = {"db.system.name": "db.system", "rpc.system.name": "rpc.system"}
    return {
        "extensions": {"health_check": {"endpoint": "0.0.0.0:13133"}},
        "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": "0.0.0.0:4317"}, "http": {"endpoint": "0.0.0.0:4318"}}}},
        "processors": {
            "memory_limiter": {"check_interval": "1s", "limit_percentage": 80, "spike_limit_percentage": 20},
            # Older instrumentations write the older names; what writes the new ones is left as it is.
            "attributes/names": {"actions": [{"key": new, "from_attribute": old, "action": "insert"} for new, old in renamed.items()]},
            "tail_sampling": {"decision_wait": "10s", "num_traces": 50000, "policies": policies},
            "batch": {"send_batch_size": 8192, "timeout": "5s"},
        },
        "connectors": {
            "spanmetrics": {
                "namespace": "traces.span.metrics",
                "histogram": {"unit": "s", "explicit": {"buckets": _BUCKETS}},
                "dimensions": [{"name": name} for name in renamed],
                "exemplars": {"enabled": True},
                "metrics_expiration": "5m",
            },
            "forward/sampled": {},
        },
        "exporters": {
            "otlphttp/traces": {"endpoint": "${env:TRACES_OTLP_ENDPOINT}"},
            "otlphttp/logs": {"endpoint": "${env:LOGS_OTLP_ENDPOINT}"},
            "prometheusremotewrite": {"endpoint": "${env:PROMETHEUS_REMOTE_WRITE_URL}"},
        },
        "service": {
            "extensions": ["health_check"],
            "pipelines": {
                "traces/counted": {
                    "receivers": ["otlp"],
                    "processors": ["memory_limiter", "attributes/names"],
                    "exporters": ["spanmetrics", "forward/sampled"],
                },
                "traces/sampled": {
                    "receivers": ["forward/sampled"],
                    "processors": ["memory_limiter", "tail_sampling", "batch"],
                    "exporters": ["otlphttp/traces"],
                },
                "metrics": {
                    "receivers": ["otlp", "spanmetrics"],
                    "processors": ["memory_limiter", "batch"],
                    "exporters": ["prometheusremotewrite"],
                },
                "logs": {"receivers": ["otlp"], "processors": ["memory_limiter", "batch"], "exporters": ["otlphttp/logs"]},
            },
        },
    }


def check_collector(config: Mapping[str, Any]) -> tuple[str, ...]:
    """What is wrong with the graph of a Collector's configuration, one line each; nothing where it holds together."""
    pipelines: Mapping[str, Any] = config.get("service", {}).get("pipelines", {})
    if not pipelines:
        return ("service.pipelines: there is none",)
    return (*_references(config, pipelines), *_connectors(config, pipelines), *_order(pipelines))


def _references(config: Mapping[str, Any], pipelines: Mapping[str, Any]) -> Iterator[str]:
    connectors = set(config.get("connectors") or {})
    for part in ("receivers", "processors", "exporters"):
        defined = set(config.get(part) or {})
        known = defined if part == "processors" else defined | connectors
        used = [(name, component) for name, pipeline in pipelines.items() for component in pipeline.get(part) or ()]
        yield from (f"pipeline {name}: {part} {component} is undefined" for name, component in used if component not in known)
        yield from (f"{part}: {component} is unused" for component in sorted(defined - {component for _, component in used}))
        if part != "processors":
            yield from (f"pipeline {name}: has no {part}" for name, pipeline in pipelines.items() if not pipeline.get(part))
    extensions, started = set(config.get("extensions") or {}), set(config["service"].get("extensions") or ())
    yield from (f"extensions: {name} is undefined" for name in sorted(started - extensions))
    yield from (f"extensions: {name} is unused" for name in sorted(extensions - started))


def _connectors(config: Mapping[str, Any], pipelines: Mapping[str, Any]) -> Iterator[str]:
    feeds: dict[str, set[str]] = {name: set() for name in pipelines}
    for connector in config.get("connectors") or {}:
        sources = [name for name, pipeline in pipelines.items() if connector in (pipeline.get("exporters") or ())]
        targets = [name for name, pipeline in pipelines.items() if connector in (pipeline.get("receivers") or ())]
        if not sources:
            yield f"connectors: {connector} gets nothing: no pipeline exports to it"
        if not targets:
            yield f"connectors: {connector} goes nowhere: no pipeline receives from it"
        for source in sources:
            feeds[source].update(targets)
    left = dict(feeds)
    while ends := [name for name, targets in left.items() if not targets & left.keys()]:
        for name in ends:
            del left[name]
    if left:
        yield f"pipelines feed each other in a circle: {', '.join(sorted(left))}"


def _order(pipelines: Mapping[str, Any]) -> Iterator[str]:
    for name, pipeline in pipelines.items():
        signal = name.partition("/")[0]
        if signal not in _SIGNALS:
            yield f"pipeline {name}: is of no signal"
        kinds = [component.partition("/")[0] for component in pipeline.get("processors") or ()]
        if not kinds or kinds[0] != "memory_limiter":
            yield f"pipeline {name}: memory_limiter is not first"
        if "tail_sampling" in kinds and signal != "traces":
            yield f"pipeline {name}: tail_sampling works on traces only"
        if "batch" in kinds[:-1]:
            yield f"pipeline {name}: batch is not last"
        if len(set(pipeline.get("processors") or ())) < len(kinds):
            yield f"pipeline {name}: a processor stands there twice"
