"""Which OpenTelemetry instrumentations are installed and set up, read from the code and from the files that start it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from council.tracer.bootstrap import DEFAULT, INSTRUMENTATIONS, MEASURE
from council.tracer.names import Imports, dotted

_LISTED = re.compile(r"opentelemetry-instrumentation-([a-z0-9][a-z0-9-]{1,40})")
_PREFIX = "opentelemetry.instrumentation."
_ALIASES = {"kafka": "kafka-python"}
_LOG_CONTEXT = re.compile(r"OTEL_PYTHON_LOG_CORRELATION[\"']?\s{0,4}[:=]\s{0,4}[\"']?true", re.IGNORECASE)


@dataclass(slots=True)
class Automatic:
    """What is instrumented without a line in the functions themselves.

    Attributes:
        active: instrumentations set up in the code.
        listed: instrumentations that the service's packaging installs.
        launched: the service starts under `opentelemetry-instrument`, or in code by `auto_instrumentation`.
        everything: whatever the table covers is installed: by `opentelemetry-bootstrap`, an operator, or ddtrace.
        log_context: log records carry the ids of their trace, or values bound to the context.
        used: the project imports OpenTelemetry at all.
    """

    active: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)
    launched: bool = False
    everything: bool = False
    log_context: bool = False
    used: bool = False

    def learn_text(self, text: str) -> None:
        """Take in a file that starts or packages the service."""
        self.listed |= set(_LISTED.findall(text))
        if "inject-python" in text or "ddtrace-run" in text:
            self.launched = self.everything = True
        if "opentelemetry-instrument " in text or '"opentelemetry-instrument"' in text:
            self.launched = True
        if "opentelemetry-bootstrap" in text:
            self.everything = True
        if _LOG_CONTEXT.search(text):
            self.log_context = True

    def learn(self, tree: ast.Module, imports: Imports) -> None:
        """Take in a module: which instrumentors it calls, and whether its log records get the context."""
        brought = {name: value for name, value in imports.items() if value.startswith(_PREFIX)}
        self.used = self.used or any(value.startswith("opentelemetry") for value in imports.values())
        if any(value.startswith("ddtrace.auto") for value in imports.values()):
            self.launched = self.everything = True
        watched = brought or any(
            value.split(".")[0] in {"logfire", "ddtrace", "structlog", "logging", "opentelemetry"} for value in imports.values()
        )
        for node in ast.walk(tree) if watched else ():
            if isinstance(node, ast.Call):
                self._call(dotted(node.func, imports))
            elif (isinstance(node, ast.Attribute | ast.Name) and dotted(node, imports).endswith("merge_contextvars")) or (
                isinstance(node, ast.ClassDef) and any(dotted(base, imports) == "logging.Filter" for base in node.bases)
            ):
                self.log_context = True

    def _call(self, name: str) -> None:
        if name.startswith(_PREFIX):
            module = name.removeprefix(_PREFIX).split(".")[0].replace("_", "-")
            self.active.add(_ALIASES.get(module, module))
            self.launched = self.launched or module == "auto-instrumentation"
            self.log_context = self.log_context or module == "logging"
        elif name.startswith("logfire.instrument_"):
            self.active.add(name.removeprefix("logfire.instrument_").replace("_", "-"))
        elif name == "ddtrace.patch_all":
            self.launched = self.everything = True
        elif name.endswith(("_logs.set_logger_provider", "LoggingHandler")):
            self.log_context = True

    def covers(self, library: str) -> bool:
        """Whether spans for a library's calls or requests come by themselves."""
        return any(self._runs(name) for name in INSTRUMENTATIONS.get(library, ()))

    def measures(self, library: str) -> bool:
        """Whether metrics for them do."""
        return any(self._runs(name) and name in MEASURE for name in INSTRUMENTATIONS.get(library, ()))

    def _runs(self, name: str) -> bool:
        if name in self.active:
            return True
        installed = self.everything or name in self.listed or (name in DEFAULT and bool(self.listed))
        return self.launched and installed
