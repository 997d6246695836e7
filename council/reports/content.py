"""What a report says and in which order, whatever it is written in.

The reports for people share these choices: which findings to show and how many, how conditions are gathered, which
words stand for a rule or a cause. What comes from here is not clean yet; each report cleans for its own medium.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from council.ballot import (
    Abstention,
    CheckedCondition,
    CheckedFinding,
    Evidence,
    Opinion,
    Outcome,
    Rule,
    Usage,
    Verdict,
    Vote,
)
from council.reports.clean import clean_line

RULE_WORDS: dict[Rule, str] = {
    Rule.MEDIAN: "the median vote (rule 2)",
    Rule.SPLIT: "a split, which goes to the more cautious side (rule 2)",
    Rule.TRACER_RULING: "the ruling of the seat that breaks readiness ties (rule 3)",
    Rule.OBSERVABILITY: "the floor of the seat that enforces observability (rule 4)",
    Rule.QUORUM: "too few votes for a quorum (rule 5)",
    Rule.NOT_APPLICABLE: "no seat of the roster applies to this document (rule 5)",
    Rule.MISSING_VOTES: "a missing vote that could have made it more cautious (rule 6)",
    Rule.ADDRESSES_REVIEWERS: "text in the proposal that addresses its reviewers (rule 7)",
    Rule.PERSON: "a person, who overruled the council (rule 8)",
}

CAUSE_WORDS: dict[str, str] = {
    "not_applicable": "not applicable",
    "language": "not in a language it reads",
    "unproved_not_applicable": "said not applicable, without evidence",
    "failed": "failed",
    "late": "too late",
    "refused": "refused",
    "unusable": "no usable reply",
    "not_needed": "not needed, decided early",
    "redacted": "redacted",
    "over_budget": "over budget",
}

SEVERITIES = ("blocker", "major", "minor")
MOST_BLOCKERS = 8
MOST_MAJORS_OF_A_SEAT = 2
MOST_CONDITIONS = 20
MOST_ADDRESSED = 8
MOST_SECTIONS = 3
TITLE_LIMIT = 40
WHERE_LIMIT = 80


@dataclass(frozen=True, slots=True)
class Found:
    """A finding and the seat that made it."""

    seat: str
    finding: CheckedFinding


@dataclass(frozen=True, slots=True)
class Todo:
    """A condition, and every seat that asks for it in the same words."""

    text: str
    seats: tuple[str, ...]
    severity: str


def rule_words(verdict: Verdict) -> str:
    """What decided, for a person."""
    return RULE_WORDS[verdict.decided_by]


def who(opinion: Opinion) -> str:
    """The seat, and the persona in it where that has a name of its own."""
    return opinion.seat if opinion.persona == opinion.seat else f"{opinion.seat} ({opinion.persona})"


def ready_words(opinion: Opinion) -> str:
    """Whether the seat calls the proposal ready for production; with a question mark where its evidence does not show it."""
    if opinion.production_ready == "not_mine":
        return "-"
    return opinion.production_ready + ("" if opinion.readiness_verified else "?")


def vote_words(opinion: Opinion) -> str:
    """The vote as counted; as cast where that differs (`REJECT → MODIFY`), and before a rebuttal that changed it."""
    same = opinion.counted is Vote.ABSTAIN or opinion.cast == opinion.counted
    words = opinion.counted.value if same else f"{opinion.cast} → {opinion.counted.value}"
    return words if opinion.first is None else f"{words}, was {opinion.first.counted.value}"


def abstention_words(abstention: Abstention) -> str:
    """Why there is no vote, with the reference of the error record where there is one."""
    words = CAUSE_WORDS[abstention.cause]
    if abstention.detail:
        words += f": {abstention.detail}"
    return f"{words} [{abstention.reference}]" if abstention.reference else words


def reason(opinion: Opinion) -> str:
    """Why the seat voted so, or did not."""
    return abstention_words(opinion.abstention) if opinion.abstention else opinion.rationale


def observability(verdict: Verdict) -> tuple[str, str] | None:
    """The seat that rules on observability and its ruling, or None where no seat does."""
    return next(((o.seat, o.observability) for o in verdict.opinions if o.observability is not None), None)


def faults(verdict: Verdict) -> list[Found]:
    """Verified blockers and majors, blockers first, then in roster order. Praise is none of them."""
    found = [
        Found(opinion.seat, finding)
        for opinion in verdict.opinions
        for finding in opinion.findings
        if finding.verified and finding.kind != "praise" and finding.severity != "minor"
    ]
    return sorted(found, key=lambda f: SEVERITIES.index(f.finding.severity))


def pick(found: list[Found]) -> list[Found]:
    """The ones that a short report shows: the first blockers, and of each seat its first majors."""
    blockers = [f for f in found if f.finding.severity == "blocker"][:MOST_BLOCKERS]
    majors = [f for f in found if f.finding.severity == "major"]
    by_seat = groupby(majors, key=lambda f: f.seat)  # already in roster order
    return blockers + [f for _, seats in by_seat for f in list(seats)[:MOST_MAJORS_OF_A_SEAT]]


def unverified(verdict: Verdict) -> list[Found]:
    """Findings whose evidence did not check out; they carried no weight."""
    return [Found(o.seat, f) for o in verdict.opinions for f in o.findings if not f.verified]


def overruled_words(verdict: Verdict) -> list[str]:
    """Who was overruled, from what to what and by which rule; those who share all of it in one sentence."""
    gathered: dict[tuple[str, str, Rule], list[str]] = {}
    for each in verdict.overruled:
        gathered.setdefault((each.had, each.became, each.rule), []).append(each.who)
    return [f"{', '.join(who)}: {had} became {became} by {RULE_WORDS[rule]}" for (had, became, rule), who in gathered.items()]


def conditions(verdict: Verdict) -> tuple[CheckedCondition, ...]:
    """The binding conditions; on an APPROVE what the dissent would have asked for."""
    if verdict.conditions or verdict.outcome is not Outcome.APPROVE:
        return verdict.conditions
    return tuple(c for o in verdict.opinions if o.seat in verdict.dissent for c in o.conditions if c.verified)


def conditions_title(verdict: Verdict) -> str:
    """The heading of the conditions: on an APPROVE they bind nobody."""
    return "Conditions of the dissent, not binding" if verdict.outcome is Outcome.APPROVE else "Conditions: what to write, and where"


def todos(verdict: Verdict) -> dict[str, list[Todo]]:
    """The conditions by the section they belong in, the gravest first; the same words of several seats are one."""
    rank = {(o.seat, key): f.severity for o in verdict.opinions for f in o.findings for key in (f.id, f.question)}
    seats: dict[tuple[str, str], list[str]] = {}
    severity: dict[tuple[str, str], str] = {}
    for condition in conditions(verdict):
        key = (condition.where, condition.text)
        seats.setdefault(key, []).append(condition.seat)
        grave = min((rank.get((condition.seat, condition.about), "minor"), severity.get(key, "minor")), key=SEVERITIES.index)
        severity[key] = grave
    gathered: dict[str, list[Todo]] = {}
    for key in sorted(seats, key=lambda key: SEVERITIES.index(severity[key])):
        where, text = key
        gathered.setdefault(where, []).append(Todo(text, tuple(dict.fromkeys(seats[key])), severity[key]))
    return gathered


def first_todos(gathered: dict[str, list[Todo]], most: int) -> tuple[dict[str, list[Todo]], int]:
    """The first `most` of them, and how many are left out."""
    shown: dict[str, list[Todo]] = {}
    total = sum(map(len, gathered.values()))
    for where, group in gathered.items():
        room = most - sum(map(len, shown.values()))
        if room > 0:
            shown[where] = group[:room]
    return shown, total - sum(map(len, shown.values()))


def place(verdict: Verdict, line: int) -> str:
    """`rfc.md:12`, which terminals and editors open with a click."""
    return f"{verdict.proposal or 'line'}:{line}"


def searched_words(evidence: Evidence, *, every: bool) -> str:
    """Which sections of the proposal were searched for what is missing."""
    titles = [title or "the text before the first heading" for title in evidence.searched]
    if not titles:
        return "the whole document"
    shown = titles if every else [clean_line(title, TITLE_LIMIT) for title in titles[:MOST_SECTIONS]]
    more = f" and {len(titles) - len(shown)} more" if len(titles) > len(shown) else ""
    return "; ".join(shown) + more


def origin_words(verdict: Verdict) -> list[str]:
    """What was used, with the first twelve digits of its hash, gathered by kind and origin."""
    gathered: dict[tuple[str, str], list[str]] = {}
    for origin in verdict.origins:
        gathered.setdefault((origin.what, origin.origin), []).append(f"{origin.name} {origin.sha256[:12]}".strip())
    return [f"{what} ({origin or 'origin unknown'}): {', '.join(names)}" for (what, origin), names in gathered.items()]


def usage_words(usage: Usage) -> str:
    """Calls and tokens, and how many of those the provider had cached; empty where no call was made."""
    if not usage.calls:
        return ""
    cached = f", {usage.cached_tokens:,} of them cached" if usage.cached_tokens else ""
    return f"{usage.calls} calls, {usage.input_tokens + usage.output_tokens:,} tokens{cached}"


def usage_of_seats(verdict: Verdict) -> list[str]:
    """What each seat's calls took, with the cost where it is known; of seats that made none, nothing."""
    told = []
    for opinion in verdict.opinions:
        if words := usage_words(opinion.usage):
            cost = "" if opinion.usage.cost_usd is None else f", ${opinion.usage.cost_usd:.4f}"
            told.append(f"{opinion.seat}: {words}{cost}")
    return told


def facts(verdict: Verdict) -> str:
    """What was reviewed, by which version, when and at what cost, on one line."""
    parts = [
        f"sha256 {verdict.proposal_sha256[:12]}" if verdict.proposal_sha256 else "",
        f"{verdict.proposal_words:,} words" if verdict.proposal_words else "",
        f"council {verdict.council_version}" if verdict.council_version else "",
        f"review {verdict.review_id}" if verdict.review_id else "",
        verdict.created,
        f"{verdict.elapsed_seconds:.2f} s",
        usage_words(verdict.usage),
        f"${verdict.usage.cost_usd:.4f}" if verdict.usage.cost_usd is not None else "",
    ]
    return " · ".join(part for part in parts if part)
