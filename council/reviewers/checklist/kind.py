"""What kind of document a proposal is: of a service that somebody runs, of a library or language, of a process.

A seat is not applicable only where a sentence of the proposal says what kind of document it is; that a section is
missing is never a reason.
"""

from __future__ import annotations

from dataclasses import dataclass

from council.reviewers.checklist.reading import Reading
from council.seats.model import DocumentKind

CUES: dict[DocumentKind, tuple[str, ...]] = {
    "library": (
        "standard library", "stdlib", "interpreter", "compiler", "language|python syntax", "bytecode", "python c api", "built in|builtin function|type|exception",
        "import statement|system|module", "python package*", "cpython", "grammar", "keyword argument", "type check*|hint*", "this|the module", "npm package", "react component|hook|dom|element|tree", "crate",
        "decorator", "subclass*", "source distribution", "wheel", "iterator", "public function|method|class", "library author|user", "lint*", "semver", "function signature", "abi", "garbage collector",
        "python {number}", "tensor*", "header file", "borrow checker", "trait", "generic type", "macro", "jsx", "props",
    ),
    "service": (
        "cluster", "server", "service", "deploy*", "node", "pod", "controller", "operator", "database", "tenant", "replica*", "rollout", "rolled out", "load balancer",
        "production", "daemon", "endpoint", "gateway", "queue", "on call", "outage", "availability", "upgrade*", "kubelet", "apiserver", "control plane", "scrape*", "request rate", "feature gate|flag", "helm", "cron*",
        "client request", "http|https request|endpoint", "grpc", "administrator", "container",
    ),
    "process": (
        "governance", "code of conduct", "working group", "steering council|committee", "charter", "voting process|rule", "maintainer", "release process|manager|schedule", "contributor ladder", "nomination", "election",
        "community member", "moderation", "decision making", "meeting", "mailing list", "quorum of",
    ),
}  # fmt: skip
DECLARES: dict[DocumentKind, tuple[str, ...]] = {
    "library": (
        "pep propose*|describe*|specif*|introduce*|add*|define*|suggest*|enhance*|change*|recommend*", "proposal|rfc .. language|compiler|library|module|syntax|interpreter|package|component|hook",
        "standard library", "new|the module", "syntax", "cpython", "interpreter", "python", "api", "library", "component",
    ),
    "process": ("this|the document|proposal|rfc|pep|charter describe*|define*|establish*|propose*", "governance", "process"),
}  # fmt: skip
MARGIN = 2.0  # how much more often a kind must speak than that of a service
LEAST = 5  # sentences that must speak of it


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document, and the sentence that says so."""

    kind: DocumentKind
    sentence: int | None


def kind_of(reading: Reading) -> Kind:
    """The kind of a document, by what its prose speaks of; "unknown" where it does not say."""
    hits = {kind: {n for n in reading.hits(cues) if reading.stance(n).prose} for kind, cues in CUES.items()}
    service = len(hits["service"])
    for kind in ("library", "process"):
        found = hits[kind]
        if len(found) >= LEAST and len(found) >= MARGIN * max(service, 1):
            declared = sorted(found & reading.hits(DECLARES[kind])) or sorted(found)
            return Kind(kind, declared[0])
    if service >= LEAST:
        return Kind("service", min(hits["service"]))
    return Kind("unknown", None)
