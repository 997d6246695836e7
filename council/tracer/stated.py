"""What a proposal itself says can fail in its design: not what fails today, not what it rejects, not what cannot fail."""

from __future__ import annotations

import re

from council.proposal import PROSE, BlockKind, Proposal, Sentence

MOST_STATED = 8
_CLIP = 1000

# Sections about something other than the design: the state before it, its rivals, its tests.
ASIDE = re.compile(
    r"(?i)\b(?:motivation|background|problem|baseline|summary|abstract|introduction|context|status quo|today|current(?:ly)?|prior art"
    r"|related|alternatives?|rejected|considered|changelog|history|release notes?|goals?|non-goals?|tests?|testing|benchmarks?|graduation"
    r"|references|appendix|glossary|acknowledg|drawbacks?|why should|targets?|user stor(?:y|ies)|table of contents|rationale)\b"
)
_FAILURE_TITLE = re.compile(
    r"(?i)\b(?:fail|fails|failures?|errors?|risks?|troubleshooting|mitigations?|recovery|degradation|outages?|disasters?)\b"
)
_FAILURE = (
    r"(?:fail(?:s|ed|ure|ures|ing)?|times? ?out|timed out|timeouts?|unavailab\w+|unreachable|outages?|crash(?:es|ed)?|lost|stale"
    r"|los(?:es|ing) (?:data|messages|events|connection|contact)|corrupt(?:ed|ion)?|overload(?:ed)?|exhaust(?:s|ed|ion)|saturat\w+|backlog"
    r"|deadlocks?|(?:is|are|be|goes|going) down|partitioned|network partition|runs? out of|out of memory|slow(?:er)? than"
    r"|too slow|unhealthy|5xx|refused|disconnect\w*|missing|malformed)"
)
_CONDITION = re.compile(
    rf"(?i)\b(?:if|when|whenever|once|should|in case|in the event|until|while|where|on)\b[^.;:]{{0,120}}?\b{_FAILURE}\b"
)
_MODAL = re.compile(
    r"(?i)\b(?:can|may|might|could|will)\b(?! (?:not|never|no longer)\b)(?: (?:also|still|then|temporarily|be|become))?"
    rf"[^.,;:]{{0,25}}?\b{_FAILURE}\b"
)
# The lead of a row or an item: "Valkey down", "HTTP 5xx or timeout", "Risk: ...".
_LEAD = re.compile(rf"(?i)(?:\b{_FAILURE}\b|\bdown\b|\bslow\b|^\W*risks?\b)")
_HAPPENS = re.compile(
    r"(?i)^\W*\w+(?:\W+\w+){0,5}?\W+(?:fails|times out|crashes|runs out of|loses|(?:is|are) (?:down|unavailable|unreachable|lost|full))\b"
)
_DENIED = re.compile(
    r"(?i)\b(?:no|not|never|cannot|can't|won't|doesn't|don't|without|neither|nor|regardless of|instead of|avoids?"
    rf"|prevents?|eliminates?|longer)\b(?:\W+\w+){{0,5}}?\W+{_FAILURE}\b|\bno single point\b"
)
_TODAY = re.compile(
    r"(?i)\b(?:today|currently|at present|so far|used to|previously|has been|have been|had|was|were|existing"
    r"|last (?:week|month|quarter|year)|in 20\d\d|is known to|rejected because)\b"
)
_NOBODY = re.compile(
    r"(?i)^\W*(?:diagnostics?|detection|mitigations?|testing|solution)\W*:|^\W*check\b"
    r"|\b(?:something|anything|everything|tests?|builds?|ci|jobs? in ci)\W+(?:\w+\W+)?fails?\b|\bfails? the (?:build|test|job|check)"
)
_RULE = re.compile(r"[\s|:+=-]*-{2}[\s|:+=-]*")  # the line below the header of a table


def stated_failures(proposal: Proposal) -> list[Sentence]:
    """Sentences that say what can fail, one of each paragraph, item or row; first those under a heading about failure.

    Under such a heading a row or an item may name a failure by its lead alone ("Postgres down"); anywhere else it takes
    a condition ("if the cache is unreachable, …"). At most `MOST_STATED`.
    """
    headed, aside = _sections(proposal)
    told: dict[int, Sentence] = {}
    for sentence in proposal.sentences:
        if sentence.kind in PROSE and sentence.section not in aside and not _is_header(sentence, proposal):
            text = sentence.plain[:_CLIP]
            if _states(text, headed=sentence.section in headed, lead=sentence.kind in {BlockKind.TABLE_ROW, BlockKind.LIST_ITEM}):
                told.setdefault(sentence.block, sentence)
    under = [sentence for sentence in told.values() if sentence.section in headed]
    rest = [sentence for sentence in told.values() if sentence.section not in headed]
    return (under or rest)[:MOST_STATED]


def _sections(proposal: Proposal) -> tuple[set[int], set[int]]:
    """The sections about failures, and those about something other than the design; the nearest heading that says decides."""
    headed, aside = set(), set()
    for section in proposal.sections:
        for title in reversed(section.path):
            if ASIDE.search(title[:200]):
                aside.add(section.index)
                break
            if _FAILURE_TITLE.search(title[:200]):
                headed.add(section.index)
                break
    return headed, aside


def _states(text: str, *, headed: bool, lead: bool) -> bool:
    if len(text.split()) < 3 or text.rstrip().endswith((":", "?")) or not _LEAD.search(text):
        return False
    if _NOBODY.search(text) or _TODAY.search(text) or _DENIED.search(text):
        return False
    if _CONDITION.search(text) or (headed and _MODAL.search(text)):
        return True
    if headed and lead and _HAPPENS.search(text):
        return True
    first = re.split(r" \| | — |: ", text, maxsplit=1)
    return headed and (bool(re.match(r"(?i)\W*risks?\b", text)) or (lead and len(first) > 1 and bool(_LEAD.search(first[0]))))


def _is_header(sentence: Sentence, proposal: Proposal) -> bool:
    below = proposal.lines[sentence.last] if sentence.last < len(proposal.lines) else ""
    return sentence.kind is BlockKind.TABLE_ROW and len(below) < _CLIP and bool(_RULE.fullmatch(below))
