"""An audit for people and for machines: terminal, Markdown, JSON, SARIF 2.1.0.

Whatever comes from the audited code (names of files and functions, conditions) is cleaned of control characters here.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from council.redaction import one_line
from council.tracer.model import SIGNALS, AuditReport, Finding, FunctionCoverage, SignalCoverage

Format = Literal["terminal", "md", "json", "sarif"]

_ORDER = {"error": 0, "warning": 1, "note": 2}
_STYLE = {"error": "bold red", "warning": "yellow", "note": "dim"}
_MARK = {"none": "-", "automatic": "auto", "explicit": "yes"}
_RULES = {
    "no-trace": "No span sees the function",
    "automatic-only": "Only an automatic span sees the function",
    "no-own-span": "The function writes on its caller's span and has none of its own",
    "no-attributes": "The function's span carries no attribute",
    "no-log": "The function writes no log",
    "no-metric": "No metric of its own counts the function",
    "missing-id": "An id is at hand and not recorded",
    "unseen-call": "No span sees an outgoing call",
    "unseen-decision": "Nothing tells of a decision",
    "unseen-outcome": "A signal tells other outcomes and not this one",
    "unseen-lifecycle": "Nothing tells of a start or a stop",
    "swallowed-exception": "An exception goes nowhere",
    "error-not-on-span": "A span ends as if nothing had failed",
    "error-without-traceback": "An error is logged without its traceback",
    "error-without-context": "An error is logged without saying for whom or what",
    "only-aggregates": "Only aggregates, without a way to the single request",
    "metric-without-attributes": "A metric has no attribute to break it down by",
    "high-cardinality-label": "A metric label takes too many values",
    "personal-data": "Personal data, a secret or a whole body in telemetry",
    "instrumentation-missing": "A library is used and its instrumentation is not set up",
    "logs-without-trace-id": "Log records carry no trace id",
    "print-instead-of-log": "A service prints instead of logging",
}


def render(report: AuditReport, form: Format, *, width: int = 100, color: bool = False, verbose: bool = False) -> str:
    """The report as text that ends in a line feed.

    Args:
        report: the audit.
        form: terminal, md, json or sarif; the last two hold everything.
        width, color: of the terminal.
        verbose: notes too, and the whole matrix.
    """
    if form == "json":
        return json.dumps(report.model_dump(mode="json"), indent=2) + "\n"
    if form == "sarif":
        return json.dumps(_sarif(report), indent=2) + "\n"
    return _markdown(report, verbose) if form == "md" else _terminal(report, width, color, verbose)


def _terminal(report: AuditReport, width: int, color: bool, verbose: bool) -> str:
    buffer = io.StringIO()
    console = Console(file=buffer, width=max(60, width), force_terminal=color, highlight=False, emoji=False, markup=False)
    console.print(Text(_summary(report), style="bold"))
    for finding in _shown(report, verbose):
        console.print(Text(f"{finding.severity}: ", style=_STYLE[finding.severity]).append(_line(finding), style="default"))
        console.print(Text(f"    {one_line(finding.fix)}", style="dim"))
    table = Table(box=None, pad_edge=False)
    for title in ("function", "roles", *SIGNALS):
        table.add_column(title, overflow="fold")
    for row in _rows(report, verbose):
        table.add_row(*(Text(cell) for cell in _cells(row)))
    if table.row_count:
        console.print(table)
    for line in _rest(report, verbose):
        console.print(Text(line, style="dim"))
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _markdown(report: AuditReport, verbose: bool) -> str:
    lines = ["# Observability audit", "", _summary(report), ""]
    for severity in ("error", "warning", "note"):
        found = [finding for finding in _shown(report, verbose) if finding.severity == severity]
        if found:
            lines += [f"## {severity.capitalize()}s ({len(found)})", ""]
            lines += [f"- {_escaped(_line(finding))}. Fix: {_escaped(one_line(finding.fix))}" for finding in found]
            lines += [""]
    if rows := _rows(report, verbose):
        lines += ["## Coverage", "", f"| function | roles | {' | '.join(SIGNALS)} |", "|---|---|---|---|---|"]
        lines += ["| " + " | ".join(_escaped(cell) for cell in _cells(row)) + " |" for row in rows]
        lines += [""]
    lines += [_escaped(line) for line in _rest(report, verbose)]
    return "\n".join(lines).rstrip() + "\n"


def _summary(report: AuditReport) -> str:
    counted = Counter(finding.severity for finding in report.findings)
    return (
        f"Score {report.score:g} of 100: {counted['error']} errors, {counted['warning']} warnings, {counted['note']} notes; "
        f"{len(report.entry_points)} entry points, {len(report.outgoing_calls)} outgoing calls, {len(report.handlers)} handlers, "
        f"{len(report.decisions)} decisions in {report.files} files, {report.lines} lines."
    )


def _shown(report: AuditReport, verbose: bool) -> list[Finding]:
    found = [finding for finding in report.findings if verbose or finding.severity != "note"]
    return sorted(found, key=lambda finding: (_ORDER[finding.severity], finding.file, finding.line))


def _rows(report: AuditReport, verbose: bool) -> list[FunctionCoverage]:
    return [row for row in report.matrix.rows if verbose or row.roles]


def _line(finding: Finding) -> str:
    return one_line(f"{finding.location}: {finding.message} [{finding.signal}, {finding.kind}]")


def _cells(row: FunctionCoverage) -> list[str]:
    seen = [_cell(row.of(signal)) for signal in SIGNALS]
    return [one_line(row.location), ", ".join(row.roles), *seen]


def _cell(coverage: SignalCoverage) -> str:
    fields = ", ".join([*map(one_line, coverage.fields), *(f"{one_line(name)} in its text" for name in coverage.in_text)])
    return f"{_MARK[coverage.level]} ({fields})" if fields else _MARK[coverage.level]


def _rest(report: AuditReport, verbose: bool) -> list[str]:
    lines = [one_line(f"skipped {s.file}{f':{s.line}' if s.line else ''}: {s.reason}") for s in report.skipped]
    hidden = sum(finding.severity == "note" for finding in report.findings)
    if hidden and not verbose:
        lines.append(f"{hidden} notes are not shown; --verbose shows them and the functions in between.")
    return lines


def _escaped(text: str) -> str:
    for char in "\\|`*_<>[]":
        text = text.replace(char, f"\\{char}")
    return text


def _sarif(report: AuditReport) -> dict[str, object]:
    """SARIF 2.1.0 (OASIS): one run; paths relative to the root, which stands in `originalUriBaseIds`."""
    kinds = sorted({finding.kind for finding in report.findings})
    results = [
        {
            "ruleId": finding.kind,
            "ruleIndex": kinds.index(finding.kind),
            "level": finding.severity,
            "message": {"text": one_line(f"{finding.message}. Fix: {finding.fix}")},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": _uri(finding.file), "uriBaseId": "ROOT"},
                        "region": {"startLine": finding.line},
                    },
                    "logicalLocations": [{"fullyQualifiedName": finding.function, "kind": "function"}],
                }
            ],
            "properties": {"signal": finding.signal},
        }
        for finding in report.findings
    ]
    notes = [{"level": "warning", "message": {"text": one_line(f"skipped {s.file}: {s.reason}")}} for s in report.skipped]
    run: dict[str, object] = {
        "tool": {"driver": {"name": "council tracer audit", "rules": [{"id": k, "shortDescription": {"text": _RULES[k]}} for k in kinds]}},
        "originalUriBaseIds": {"ROOT": {"description": {"text": "the audited directory"}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notes}],
        "results": results,
        "properties": {"score": report.score},
    }
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}


def _uri(file: str) -> str:
    from urllib.parse import quote

    return quote(file)
