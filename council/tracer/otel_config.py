"""OpenTelemetry configuration for services: SDK, Collector, environment, Kubernetes and Compose.

The SDK's file is validated against the schema that comes with `opentelemetry-configuration`; the Collector's graph by
`council.tracer.collector`. What nothing here can validate says so.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from council.errors import InputError
from council.safe_yaml import dump_readable_yaml
from council.tracer.collector import CollectorOptions, check_collector, collector_config
from council.tracer.model import Result
from council.tracer.services import service_name

Checked = Literal["schema", "graph", "unchecked"]
COLLECTOR_IMAGE = "otel/opentelemetry-collector-contrib:0.150.0"
COLLECTOR = "otel-collector"
UNCHECKED = "unchecked: nothing here knows its keys"
_DEFAULT = re.compile(r"\$\{\w{1,100}:-([^}]{0,200})\}")


class ConfigFile(Result):
    """One file, and how it was checked."""

    path: str
    text: str
    checked: Checked
    detail: str = Field(description="what checked it, or that nothing did")


class Configuration(Result):
    """What to deploy."""

    services: tuple[str, ...]
    files: tuple[ConfigFile, ...]


def configure(services: Iterable[str], options: CollectorOptions | None = None) -> Configuration:
    """Configuration for some services that send to one Collector.

    Args:
        services: their names; made fit for `service.name`, files and Kubernetes.
        options: of the Collector.

    Raises:
        InputError: what was made is not valid, which is a fault of ours, or there is no service.
    """
    names = tuple(dict.fromkeys(service_name(service) for service in services))
    if not names:
        raise InputError("no service to configure", hint="name one with --service")
    collector = collector_config(options or CollectorOptions())
    if problems := check_collector(collector):
        raise InputError(f"the Collector's configuration does not hold together: {problems[0]}")
    files = [sdk_file(name) for name in names]
    detail = "graph checked: nothing undefined, unused or out of order; its keys are unchecked: `otelcol-contrib validate` knows them"
    text = dump_readable_yaml(collector)
    files.append(ConfigFile(path="collector.yaml", text=text, checked="graph", detail=detail))
    files += [_unchecked(f"env/{name}.env", _environment(name)) for name in names]
    files.append(_unchecked("kubernetes.yaml", _kubernetes(text)))
    files += [_unchecked(f"kubernetes/{name}.patch.yaml", dump_readable_yaml(_patch(name))) for name in names]
    files.append(_unchecked("compose.otel.yaml", dump_readable_yaml(_compose(names))))
    return Configuration(services=names, files=tuple(files))


def _unchecked(path: str, text: str) -> ConfigFile:
    return ConfigFile(path=path, text=text, checked="unchecked", detail=UNCHECKED)


# ---------------------------------------------------------------- SDK


def sdk_config(service: str) -> dict[str, Any]:
    """Declarative configuration of an SDK: everything is sent to the Collector, which samples; W3C context goes along."""
    return {
        "file_format": "1.0",
        "resource": {
            "attributes": [
                {"name": "service.name", "value": f"${{OTEL_SERVICE_NAME:-{service}}}"},
                {"name": "service.version", "value": "${SERVICE_VERSION:-unknown}"},
                {"name": "deployment.environment.name", "value": "${DEPLOYMENT_ENVIRONMENT:-production}"},
            ]
        },
        "propagator": {"composite": [{"tracecontext": None}, {"baggage": None}]},
        "tracer_provider": {
            "processors": [{"batch": {"exporter": _otlp("traces")}}],
            "sampler": {"parent_based": {"root": {"always_on": None}}},
        },
        "meter_provider": {"readers": [{"periodic": {"interval": 60000, "exporter": _otlp("metrics")}}]},
        "logger_provider": {"processors": [{"batch": {"exporter": _otlp("logs")}}]},
    }


def _otlp(signal: str) -> dict[str, Any]:
    endpoint = f"${{OTEL_EXPORTER_OTLP_ENDPOINT:-http://{COLLECTOR}:4318}}/v1/{signal}"
    return {"otlp_http": {"endpoint": endpoint, "compression": "gzip", "timeout": 10000}}


def sdk_file(service: str) -> ConfigFile:
    """The SDK's file of a service, validated where the schema is installed.

    Raises:
        InputError: the schema refuses it.
    """
    config = sdk_config(service)
    detail = validate_sdk(config)
    checked: Checked = "schema" if detail else "unchecked"
    missing = "unchecked: the schema is in opentelemetry-configuration, which is not installed"
    return ConfigFile(path=f"sdk/{service}.yaml", text=dump_readable_yaml(config), checked=checked, detail=detail or missing)


def validate_sdk(config: dict[str, Any]) -> str:
    """Validate a declarative configuration, its variables standing for their defaults whatever the environment holds.

    Returns:
        What validated it, or "" where the package that holds the schema is not installed.

    Raises:
        InputError: it is not valid.
    """
    try:
        release = version("opentelemetry-configuration")
        package = import_module("opentelemetry.configuration")
    except (ImportError, PackageNotFoundError):
        return ""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sdk.json"
        path.write_text(_DEFAULT.sub(lambda match: match[1], json.dumps(config)), encoding="utf-8")
        try:
            package.load_config_file(str(path))
        except package.ConfigurationError as error:
            words = str(error).partition("\n")[0].replace(str(path), "sdk.json")
            raise InputError(f"the SDK configuration is not valid: {words[:300]}") from error
    return f"valid by the schema of opentelemetry-configuration {release}"


# ---------------------------------------------------------------- around it


def _variables(service: str) -> dict[str, str]:
    return {
        "OTEL_CONFIG_FILE": "/etc/otel/sdk.yaml",
        "OTEL_SERVICE_NAME": service,
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{COLLECTOR}:4318",
        "SERVICE_VERSION": "unknown",
        "DEPLOYMENT_ENVIRONMENT": "production",
        "OTEL_SEMCONV_STABILITY_OPT_IN": "http,database",
    }


_WHY = {
    "OTEL_CONFIG_FILE": "the SDK's declarative configuration; other OTEL_* variables count only where it names them",
    "SERVICE_VERSION": "set by the build: without it nobody sees which version fails",
    "OTEL_SEMCONV_STABILITY_OPT_IN": "stable names for HTTP and databases, in the instrumentations",
}


def _environment(service: str) -> str:
    lines = []
    for name, value in _variables(service).items():
        lines += [f"# {_WHY[name]}"] if name in _WHY else []
        lines.append(f"{name}={value}")
    return "\n".join(lines) + "\n"


_BACKENDS = ("TRACES_OTLP_ENDPOINT", "LOGS_OTLP_ENDPOINT", "PROMETHEUS_REMOTE_WRITE_URL")


def _kubernetes(collector: str) -> str:
    labels = {"app.kubernetes.io/name": COLLECTOR}
    container = {
        "name": COLLECTOR,
        "image": COLLECTOR_IMAGE,
        "args": ["--config=/etc/otelcol/collector.yaml"],
        "envFrom": [{"secretRef": {"name": f"{COLLECTOR}-backends"}}],
        "ports": [{"name": "otlp-grpc", "containerPort": 4317}, {"name": "otlp-http", "containerPort": 4318}],
        "readinessProbe": {"httpGet": {"path": "/", "port": 13133}},
        "resources": {"requests": {"cpu": "200m", "memory": "512Mi"}, "limits": {"memory": "1Gi"}},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/otelcol"}],
    }
    pod = {"containers": [container], "volumes": [{"name": "config", "configMap": {"name": COLLECTOR}}]}
    parts: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": COLLECTOR}, "data": {"collector.yaml": collector}},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": COLLECTOR, "labels": labels},
            # One replica: tail sampling needs all spans of a trace in one place.
            "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}},
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": COLLECTOR, "labels": labels},
            "spec": {"selector": labels, "ports": [{"name": "otlp-grpc", "port": 4317}, {"name": "otlp-http", "port": 4318}]},
        },
    ]
    keys = "".join(f"#   {name}\n" for name in _BACKENDS)
    return f"# The secret {COLLECTOR}-backends holds where the Collector sends to:\n{keys}" + "---\n".join(map(dump_readable_yaml, parts))


def _patch(service: str) -> dict[str, Any]:
    """For `kubectl patch deployment NAME --patch-file`: environment and the SDK's file, from config maps of these names."""
    container = {
        "name": service,
        "env": [{"name": name, "value": value} for name, value in _variables(service).items()],
        "volumeMounts": [{"name": "otel-sdk", "mountPath": "/etc/otel", "readOnly": True}],
    }
    volume = {"name": "otel-sdk", "configMap": {"name": f"{service}-otel-sdk", "items": [{"key": f"{service}.yaml", "path": "sdk.yaml"}]}}
    labels = {"app.kubernetes.io/name": service}
    return {"spec": {"template": {"metadata": {"labels": labels}, "spec": {"containers": [container], "volumes": [volume]}}}}


def _compose(services: tuple[str, ...]) -> dict[str, Any]:
    """A second file for `docker compose -f compose.yaml -f compose.otel.yaml up`."""
    ours: dict[str, Any] = {
        service: {
            "env_file": [f"./env/{service}.env"],
            "volumes": [f"./sdk/{service}.yaml:/etc/otel/sdk.yaml:ro"],
            "depends_on": [COLLECTOR],
        }
        for service in services
    }
    ours[COLLECTOR] = {
        "image": COLLECTOR_IMAGE,
        "command": ["--config=/etc/otelcol/collector.yaml"],
        "environment": [f"{name}=${{{name}:?where the Collector sends to}}" for name in _BACKENDS],
        "volumes": ["./collector.yaml:/etc/otelcol/collector.yaml:ro"],
    }
    return {"services": ours}
