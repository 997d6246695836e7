"""OpenTelemetry configuration: valid by its schema, a graph that holds together, nothing passed off as checked."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from council.errors import InputError
from council.safe_yaml import load_yaml
from council.tracer import otel_config
from council.tracer.collector import CollectorOptions, check_collector, collector_config
from council.tracer.otel_config import configure, sdk_config, validate_sdk


def by_path(*services: str) -> dict[str, otel_config.ConfigFile]:
    return {file.path: file for file in configure(services).files}


def yaml_of(text: str) -> object:
    return load_yaml(text, path="test", max_bytes=1_000_000)


def installed() -> None:
    pytest.importorskip("opentelemetry.configuration", reason="the schema comes with opentelemetry-configuration")


@given(st.lists(st.text(max_size=30), min_size=1, max_size=3))
@settings(max_examples=10, deadline=None)
def test_every_sdk_configuration_is_valid_whatever_the_services_are_called(names):
    installed()
    files = [file for file in configure(names).files if file.path.startswith("sdk/")]
    assert files
    assert {file.checked for file in files} == {"schema"}


def test_the_sdk_loads_the_file_as_it_is_written(tmp_path, monkeypatch):
    installed()
    from opentelemetry.configuration import load_config_file

    monkeypatch.setenv("OTEL_SERVICE_NAME", "renamed")
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    (tmp_path / "sdk.yaml").write_text(by_path("shop")["sdk/shop.yaml"].text, encoding="utf-8")
    config = load_config_file(str(tmp_path / "sdk.yaml"))
    assert config.resource.attributes[0].value == "renamed"
    assert config.tracer_provider.processors[0].batch.exporter.otlp_http.endpoint == "http://otel-collector:4318/v1/traces"


@pytest.mark.parametrize("part", ["tracer_provider", "meter_provider", "resource", "propagator"])
def test_an_invented_key_is_refused(part):
    installed()
    config = sdk_config("shop")
    config[part]["invented"] = True
    with pytest.raises(InputError, match="invented"):
        validate_sdk(config)


def test_what_the_environment_holds_changes_no_check(monkeypatch):
    installed()
    monkeypatch.setenv("OTEL_SERVICE_NAME", "")
    assert validate_sdk(sdk_config("shop")).startswith("valid")


def test_without_the_schema_the_file_says_that_it_is_unchecked(monkeypatch):
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(otel_config, "import_module", missing)
    file = by_path("shop")["sdk/shop.yaml"]
    assert file.checked == "unchecked"
    assert "not installed" in file.detail


def test_what_nothing_validates_says_so():
    for path, file in by_path("shop", "cart").items():
        if not path.startswith("sdk/"):
            assert "unchecked" in file.detail, path


def test_context_goes_from_service_to_service():
    config = yaml_of(by_path("shop")["sdk/shop.yaml"].text)
    assert config["propagator"]["composite"] == [{"tracecontext": None}, {"baggage": None}]


def test_errors_and_slow_requests_are_kept():
    policies = collector_config(CollectorOptions(slow_ms=250))["processors"]["tail_sampling"]["policies"]
    assert {"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}} in policies
    assert {"name": "slow", "type": "latency", "latency": {"threshold_ms": 250}} in policies


def test_spans_are_counted_before_they_are_sampled():
    (counted,) = [p for p in pipelines(collector_config(CollectorOptions())).values() if "spanmetrics" in p["exporters"]]
    assert "tail_sampling" not in counted["processors"]


def test_exporters_go_where_variables_say():
    exporters = collector_config(CollectorOptions())["exporters"]
    assert all(exporter["endpoint"].startswith("${env:") for exporter in exporters.values())


def test_our_own_graph_holds_together():
    assert check_collector(collector_config(CollectorOptions())) == ()


def pipelines(config: dict) -> dict:
    return config["service"]["pipelines"]


DAMAGE = {
    "undefined": lambda config: pipelines(config)["logs"]["exporters"].append("nowhere"),
    "unused": lambda config: config["processors"].update(filter={}),
    "first": lambda config: pipelines(config)["logs"]["processors"].reverse(),
    "last": lambda config: pipelines(config)["traces/sampled"]["processors"].insert(1, "batch"),
    "twice": lambda config: pipelines(config)["traces/sampled"]["processors"].append("batch"),
    "traces only": lambda config: pipelines(config)["logs"]["processors"].insert(1, "tail_sampling"),
    "circle": lambda config: pipelines(config)["traces/sampled"]["exporters"].append("forward/sampled"),
    "gets nothing": lambda config: pipelines(config)["traces/counted"]["exporters"].remove("spanmetrics"),
    "goes nowhere": lambda config: pipelines(config)["metrics"]["receivers"].remove("spanmetrics"),
    "no exporters": lambda config: pipelines(config)["logs"]["exporters"].clear(),
    "no signal": lambda config: pipelines(config).update(events=pipelines(config).pop("logs")),
    "extensions": lambda config: config["service"]["extensions"].append("zpages"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_graph_is_named(what):
    config = copy.deepcopy(collector_config(CollectorOptions()))
    DAMAGE[what](config)
    assert any(what in problem for problem in check_collector(config)), check_collector(config)


def test_the_config_map_holds_the_collector_s_file():
    files = by_path("shop")
    first = files["kubernetes.yaml"].text.split("---\n")[0]
    assert yaml_of(first)["data"]["collector.yaml"] == files["collector.yaml"].text


def test_every_file_that_compose_mounts_is_written():
    files = by_path("shop", "cart")
    services = yaml_of(files["compose.otel.yaml"].text)["services"]
    mounted = [volume.partition(":")[0].removeprefix("./") for service in services.values() for volume in service["volumes"]]
    wanted = [*mounted, *(path.removeprefix("./") for s in services.values() for path in s.get("env_file", ()))]
    assert set(wanted) <= set(files)


def test_the_patch_mounts_what_the_environment_names():
    container = yaml_of(by_path("shop")["kubernetes/shop.patch.yaml"].text)["spec"]["template"]["spec"]["containers"][0]
    variables = {variable["name"]: variable["value"] for variable in container["env"]}
    assert variables["OTEL_CONFIG_FILE"].startswith(container["volumeMounts"][0]["mountPath"])


def test_a_name_cannot_break_out_of_a_file():
    for file in configure(['shop"\n  evil: &a true\n$(rm -rf /)']).files:
        assert "evil: " not in file.text
        assert "$(rm" not in file.text


def test_no_service_is_an_error():
    with pytest.raises(InputError, match="no service"):
        configure([])


def test_the_files_read_like_this(snapshot):
    files = {path: file.text for path, file in by_path("shop").items()}
    assert json.dumps(files, indent=1).replace("\\n", "\n") == snapshot
