"""How English says yes, no, later and perhaps: negation, deferral, hedging, condemnation, lists of bare terms.

Everything works on the folded words of one sentence (`Tokens`) or on a small window of it, so that reading a
proposal is linear in its length. What is a matter of vocabulary is data at the top of this file.
"""

from __future__ import annotations

from council.reviewers.checklist.phrases import Tokens

NEGATORS = frozenset(
    "no not never without neither nor none nobody nothing cannot can't don't doesn't didn't won't wouldn't isn't aren't wasn't "
    "weren't hasn't haven't hadn't couldn't shouldn't lack lacking lacked avoid avoiding disallow disallowed".split()
)
# "no more than 2 ms", "no change in error rate", "not only": these words take the negation upon themselves.
ABSORBERS = frozenset(
    "more later less fewer greater longer only just merely change regression difference different downtime loss impact need effect increase "
    "overhead doubt matter problem worse sooner yet".split()
)
AUXILIARIES = frozenset("is are was were be been being has have had do does did will would can could may might must shall should".split())
NEGATIVE_STATES = frozenset(
    "unknown undefined disabled unsupported unavailable missing absent impossible ignored dropped untested skipped omitted unneeded "
    "unnecessary forbidden removed unversioned".split()
)
BOUNDARIES = frozenset(
    "; : . ? ! ( ) — but because although though however whereas while unless until instead when if after before once where which so".split()
)
LIST_BREAKERS = AUXILIARIES | frozenset("the a an we it this they he you i that with every each all".split())
STOP_WORDS = frozenset(
    "a an the of to in on at by for with from as and or but if then than that this these those it its is are was were be been being has have had "
    "do does did will would can could may might must shall should we our us they their them you your i he she there here what which who how "
    "when where why not no nor so such into over under about also only just any all each every some more most other same".split()
)

DEFERRED = (
    "tbd", "todo", "to be determined|decided|defined|discussed|written|filled|added|done|confirmed|specified|provided|completed|clarified",
    "will be added|decided|defined|determined|documented|provided|written .. later|future|subsequent|separate|follow|next",
    "in the future", "at a later", "later on", "add* .. later", "later stage|phase|release|date|version", "follow up", "future work|version|release|iteration|kep|rfc|proposal",
    "eventually", "if|when|as needed|necessary|required", "can|could|may|might be added", "not yet", "plan|planning|planned|intend|hope|expect to add|write|define|measure|run|instrument|document",
    "out of scope", "next quarter|sprint|year", "when time permit*", "before beta|ga|graduation", "we can add|measure|fix|write|see .. if|when|later|after",
    "should be fixed|addressed later", "will|would look into", "still need to",
)  # fmt: skip
HEDGED = (
    "might|maybe|perhaps|probably|presumably|hopefully|possibly", "i think|believe|guess", "we think|believe|hope|assume|guess", "should be fine|ok|okay|enough|fast|negligible|trivial",
    "seem*", "more or less", "kind of", "some sort", "not sure", "unclear", "quickly", "whatever",
)  # fmt: skip
CONDEMNED = (
    "we rejected|refused|refuse|reject|dropped|removed|abandoned", "was|were|been|be rejected|refused|removed|abandoned|withdrawn|stopped|banned|forbidden", "decided against", "ruled out",
    "do|does|did|will|would|must|should|can not accept|use|allow|repeat|rely|deploy|ship", "don't|won't|cannot|never accept|use|allow|repeat|rely",
    "not a|an reason|argument|excuse|target|plan|answer|solution", "not acceptable|enough|sufficient|good", "no longer accept*|allow*|acceptable", "anti pattern", "never again", "do not use", "nobody repeat*",
    "reason why .. fail*", "is why .. fail*", "this .. plan|proposal|design|rfc|document replace*", "is|are now refused|blocked|rejected|prevented", "post mortem", "postmortem", "for contrast",
    "mistake", "insufficient", "inadequate", "unacceptable", "problem with this|that", "earlier draft|version|attempt", "first draft",
)  # fmt: skip
ENDORSED = (
    "we accept|adopt|follow|rely|keep|use", "stay* in force", "follow* the", "remain* in force|place", "proven", "as before|today|usual", "good enough", "we deploy|will|go",
)  # fmt: skip
OF_TODAY = ("today", "currently", "typically", "usually", "often", "at present", "as of now", "so far", "until now", "used to", "problem .. is", "the old|present|existing|previous|legacy")
PRAISES_ITSELF = ("best practice*", "industry standard*", "state of the art", "fully comprehensive|observable|secure|tested", "world class", "comprehensive")


def is_negator(word: str) -> bool:
    """Whether a word denies what follows."""
    return word in NEGATORS or word.startswith("lack") or word.endswith("n't")


def negated(tokens: Tokens, first: int, last: int) -> bool:
    """Whether what stands at `first` to `last` is denied by the words before, within or after it."""
    words = tokens.words
    return _within(words, first, last) or _before(words, first) or _after(words, last)


def _denies(words: tuple[str, ...], at: int) -> bool:
    """A negator that is not absorbed by the next word ("no more than", "not only")."""
    return is_negator(words[at]) and not (at + 1 < len(words) and words[at + 1] in ABSORBERS)


def _within(words: tuple[str, ...], first: int, last: int) -> bool:
    return any(_denies(words, at) for at in range(first + 1, last))


def _before(words: tuple[str, ...], first: int) -> bool:
    """Look back through the clause; over a comma or an "and" only as far as a list of nouns reaches."""
    budget = 7
    segment = 0
    listed = False
    for at in range(first - 1, -1, -1):
        word = words[at]
        if word in BOUNDARIES:
            return False
        if word in (",", "and", "or"):
            if segment > 4:
                return False
            listed, segment = True, 0
            continue
        if _denies(words, at):
            return True
        if listed and word in LIST_BREAKERS:
            return False
        segment += 1
        budget -= 1
        if budget == 0:
            return False
    return False


def _after(words: tuple[str, ...], last: int) -> bool:
    """Look ahead to the first auxiliary; it decides ("is not used", "are undefined", "is recorded")."""
    for at in range(last + 1, min(last + 9, len(words))):
        word = words[at]
        if word in BOUNDARIES:
            return False
        if word in AUXILIARIES:
            tail = words[at + 1 : at + 4]
            for offset, following in enumerate(tail):
                if following in BOUNDARIES or following == ",":
                    return False
                if is_negator(following):
                    return not (offset + 1 < len(tail) and tail[offset + 1] in ABSORBERS)
                if following in NEGATIVE_STATES:
                    return True
            return False
        if is_negator(word) and word not in ("no", "without"):
            return _denies(words, at)
    return False


def is_question(plain: str) -> bool:
    """Whether a sentence only asks."""
    return plain.rstrip(" *_`)\"'").endswith("?")


def content_words(tokens: Tokens) -> int:
    """Words that carry meaning."""
    return sum(1 for word in tokens.words if word[0].isalnum() and word not in STOP_WORDS)


def is_term_list(tokens: Tokens) -> bool:
    """Whether a sentence is a list of bare terms, without a figure or a name: at least five, three words each at most."""
    commas = sum(1 for word in tokens.words if word in (",", ";"))
    if commas < 4 or any(tokens.code):
        return False
    if any(word[0].isdigit() for word in tokens.words):
        return False
    return len(tokens.words) - commas <= 3.2 * (commas + 1)
