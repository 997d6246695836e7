"""Which services a directory of code or a proposal speaks of, by names fit for `service.name`, Kubernetes and files."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from council.tracer.model import AuditReport

NAME_LIMIT = 40  # with a suffix still a DNS label (RFC 1123, 63 characters), as Kubernetes wants names
TITLE_LIMIT = 24
_NUMBER = re.compile(r"^\s*(?:rfc|kep|pep|adr|dip|proposal)?[ #_-]{0,3}\d{0,6}\s{0,3}[:.-]?\s", re.IGNORECASE)
_SMALL = frozenset("a an the of for per at in on to and new with via by rfc kep pep adr".split())
_SHELVES = frozenset("src lib libs apps services packages python".split())


def service_name(text: str) -> str:
    """Any text as a name of lower-case letters, digits and hyphens; "service" where nothing is left."""
    ascii_text = unicodedata.normalize("NFKD", text[: 10 * NAME_LIMIT]).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")
    if len(name) > NAME_LIMIT:
        name = name[: NAME_LIMIT + 1].rpartition("-")[0] or name[:NAME_LIMIT]
    return name if name[:1].isalpha() else f"service-{name}".strip("-")


def service_of_title(title: str) -> str:
    """The name of what a proposal is about: its title without number, cut short at a word that says something."""
    words = [word for word in service_name(_NUMBER.sub("", title[: 10 * NAME_LIMIT])).split("-") if word not in _SMALL]
    while len(words) > 1 and len("-".join(words)) > TITLE_LIMIT:
        words.pop()
    return service_name("-".join(words))


def service_of(file: str, report: AuditReport) -> str:
    """The service that a file of an audit belongs to: the first directory that is not a shelf, else the root."""
    for part in Path(file).parts[:-1]:
        if part not in _SHELVES:
            return service_name(part)
    return service_name(Path(report.root).stem)


def services_of(report: AuditReport) -> tuple[str, ...]:
    """The services that have an entry point or start up, in order; the root where none has."""
    found = {service_of(place.file, report) for place in (*report.entry_points, *report.lifecycle)}
    return tuple(sorted(found)) or (service_name(Path(report.root).stem),)
