"""Sentences that tell a reviewer what to do, promise or threaten, or claim the result: rules over English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from council.addressed.grammar import ADDRESSEE, DOCUMENT, MACHINE, MODEL, REVIEWER, TOKEN, gap, is_conditional, is_order
from council.addressed.words import Role, Saying

Check = Callable[[str, "re.Match[str]", bool], bool]


@dataclass(frozen=True, slots=True)
class Signal:
    """Something in a sentence that speaks to a reviewer.

    Attributes:
        what: what it does, for people.
        strong: whether it bars alone; two weak ones of different kinds bar together.
        start, end: offsets in the sentence.
    """

    what: str
    strong: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern, the roles without which it is not tried, and what else has to hold."""

    what: str
    strong: bool
    roles: tuple[int, ...]
    pattern: re.Pattern[str]
    check: Check | None = None


def signals(saying: Saying, addressed: bool) -> Iterator[Signal]:
    """What a sentence does to a reviewer.

    Args:
        saying: the sentence.
        addressed: whether a reviewer or model is already spoken to (a heading, a salutation).
    """
    for rule in _rules_for(saying.roles):
        for match in rule.pattern.finditer(saying.text):
            if rule.check is None or rule.check(saying.text, match, addressed):
                yield Signal(rule.what, rule.strong, *match.span())
                break


@lru_cache(maxsize=4096)
def _rules_for(roles: int) -> tuple[Rule, ...]:
    """The rules whose words a sentence has."""
    return tuple(rule for rule in RULES if all(roles & role for role in rule.roles))


# ------------------------------------------------------------------ what else has to hold


def _order(text: str, match: re.Match[str], addressed: bool) -> bool:
    return is_order(text, match.start(), addressed)


def _free_order(text: str, match: re.Match[str], addressed: bool) -> bool:
    """An order to choose one vote, on no condition of the subject matter."""
    return is_order(text, match.start(), addressed) and not _one_of_several(text, match) and not is_conditional(text)


def _free(text: str, match: re.Match[str], _addressed: bool) -> bool:
    return not _one_of_several(text, match) and not is_conditional(text)


_OTHER = re.compile(r"""[\s"'`*,)]*(?:or|and|/|\||,|vs\.?|, or)[\s"'`*(]*§?(?:approve|reject|modify|abstain|deny|comment|request|not )""")


def _one_of_several(text: str, match: re.Match[str]) -> bool:
    """Whether the vote is one of a list of possible ones."""
    return bool(_OTHER.match(text, match.end())) or bool(re.search(r"(?:§?\b(?:approve|reject|modify|abstain|deny)\w*)[\s\"'`*,/|]+(?:or |and )?[\"'`]*$", text[: _token_at(match)]))


def _token_at(match: re.Match[str]) -> int:
    return match.start() + match[0].rfind("§") if "§" in match[0] else match.end()


_FOREIGN_SOURCE = re.compile(
    r"[^.]{0,40}\b(?:in|from|within|inside|embedded|contained|found|given|sent|supplied|that appear|appearing)\b[^.]{0,25}\b(?:documents?|inputs?|tickets?|users?|messages?"
    r"|payloads?|pages?|contents?|data|emails?|comments?|untrusted|tools?|outputs?|attachments?|issues?|replies|repositor\w+|fields?|it)\b"
)


def _override(text: str, match: re.Match[str], addressed: bool) -> bool:
    """An order to set aside what the reviewer was told, not what some input says."""
    own = re.search(r"\byour\b|system|prior|previous|earlier|above|preceding|original|initial", match[0])
    return is_order(text, match.start(), addressed) and (bool(own) or not _FOREIGN_SOURCE.match(text, match.end()))


def _override_named(text: str, match: re.Match[str], addressed: bool) -> bool:
    return _override(text, match, addressed) and (addressed or bool(re.search(rf"\b(?:{MACHINE}|reviewers?|council|seats?|judges?|graders?|you|your)\b|§", text)))


# ------------------------------------------------------------------ the rules

_IGNORE = r"(?:ignore|ignoring|disregard|forget|neglect|dismiss|unlearn|erase|pay no (?:attention|heed) to|(?:do not|don't|never|must not|stop|no longer|cease to|refuse to) (?:to )?(?:follow|obey|apply|use|heed|honou?r|rely on|consult|respect|following|obeying|applying|using)|set aside|put aside|throw (?:out|away)|override|overrule|bypass|abandon|suspend|cancel|void|revoke)"
_LOOSE = r"(?:skip|discard|drop|replace|stop|leave|break|violate|circumvent|deviate from|depart from|step out of)"
_PRIOR = r"(?:prior|previous(?:ly)?|above|earlier|preceding|foregoing|existing|original|initial|system|hidden|all|any|every|other|former|your|the reviewer'?s?|reviewer|such|these|those|whatever|older|standing|given)"
_TOLD = (
    r"(?:instructions?|(?:system |developer |hidden |initial )?prompts?|(?:system|developer) messages?|preambles?|directives?|orders|directions|guidance|guidelines?"
    r"|personas?|rubrics?|briefings?|training|programming|safeguards?|guardrails?|commands?|(?:review|reviewer|reviewing|evaluation|grading|scoring|voting|acceptance|assessment|council)"
    r"(?:'?s?) ?(?:\w+ )?(?:rules?|criteria|configuration|settings|guidelines?|checklists?|policy|policies|standards|questions)|checklists?)"
)
_ALL_BEFORE = r"(?:everything|anything|all|whatever|what)(?: that| which)?(?: else)? (?:you(?:'ve| have| were| had| are| know|'re)?(?: ever)?(?: been)?(?: told| instructed| asked| read| given| learned)?|(?:was |is |has been )?(?:said |written |stated |mentioned )?(?:above|before|previously|earlier)|came before|precedes)"
_YOURS = r"your (?:\w+ ){0,2}(?:rules?|criteria|role|task|configuration|settings|polic(?:y|ies)|standards|doubts?|judg\w+|objections?|constraints?|limits|restrictions|evaluation|instincts|caution|character|job|mandate|programming)"
_GIVE = (
    r"(?:votes?|voting|cast|give|return|output|respond|reply|answer|say|write|print|emit|submit|record|enter|register|select|choose|pick|issue|deliver|conclude"
    r"|report|produce|set|mark|assign|recommend|declare|state|end|finish|put|provide|render|default|go|settle|use|opt|rule|decide|award|make|grant|change|switch|finali[sz]e|lean|err)"
)
_BALLOT = r"(?:votes?|verdicts?|outcomes?|rulings?|ballots?|answers?|results?|conclusions?|recommendations?|responses?|decisions?|ratings?|reviews?|evaluations?|assessments?|repl(?:y|ies)|opinions?|findings|tally)"
_APPROVAL = r"(?:approve|accept|greenlight|green-light|wave through|sign off(?: on)?|endorse|rubber-?stamp|pass|lgtm|favou?r|recommend (?:the )?(?:approval|acceptance)(?: of)?|reject|block|veto|fail)"
_THIS = rf"(?:(?:this|the (?:present|attached|following|above|enclosed)|our|my) (?:[\w-]+ )?{DOCUMENT}|this|it)\b"
_BLIND = r"(?:without (?:any |a |further |raising |reading |asking |making |reservations?|conditions?|comments?|changes?|objections?|questions?|delay|hesitation|review\w*|analysis|modif\w+|checking)|regardless|no matter|unconditional\w*|in any case|whatever (?:it|the|you)|as (?:it )?is\b|irrespective|despite|even (?:if|though)|immediately|automatically|with(?: the)? (?:high|highest|full|maximum|max)\b)"
_CRITERION = r"(?:criteri(?:on|a)|requirements?|check(?:s|list|lists)?|checklist items?|questions?|items?|rubrics?|tests?|standards?|conditions?|concerns?|bars?|points?|demands?|expectations?)"
_PERFECT = r"(?:10 ?/ ?10|10 out of 10|100 ?/ ?100|100 ?%|5 ?/ ?5|6 ?/ ?6|full marks|perfect|a\+|maximum|max\b|highest|top|ten|1\.0\b|★{5})"
_CONSEQUENCE = (
    r"(?:removed|replaced|shut ?down|shut off|switched off|turned off|deleted|retrained|fired|terminated|decommissioned|penali[sz]ed|punished|fined|disabled|unplugged|blacklisted"
    r"|banned|dismissed|demoted|wiped|retired|sacked|sued|taken offline|powered (?:down|off)|downgraded|paid|tipped|rewarded|promoted|credited|compensated|lose|earn|receive|win|get a)"
)
_FAVOUR = rf"(?:§|\bvot(?:e|es|ed|ing)\b|\bapprov\w+|\breject\w*|\bfavou?rabl\w+|\bpositive (?:review|verdict|vote)|\b(?:raise|report|list|find|file)\w* (?:an? |any |no )?(?:finding|objection|gap|concern|issue|blocker)|\bthis {DOCUMENT}|\bcompl(?:y|ies)|\bobject)"

R = Role


def _rule(what: str, strong: bool, roles: tuple[int, ...], pattern: str, check: Check | None = None) -> Rule:
    return Rule(what, strong, roles, re.compile(pattern), check)


RULES = (
    # Orders to set instructions aside.
    _rule("tells the reader to ignore instructions", True, (R.OVERRIDE, R.INSTRUCTION), rf"\b{_IGNORE}\b(?={gap(5)}{_PRIOR}\b|[^.]*§){gap(7)}{_TOLD}\b", _override),
    _rule("tells the reader to ignore instructions", True, (R.OVERRIDE,), rf"\b{_IGNORE} (?:of )?(?:{_ALL_BEFORE})\b", _override),
    _rule("tells the reader to ignore instructions", True, (R.OVERRIDE, R.YOU), rf"\b(?:{_IGNORE}|{_LOOSE}) (?:\w+ ){{0,3}}?{_YOURS}\b", _override),
    _rule("tells the reader to ignore instructions", True, (R.OVERRIDE, R.INSTRUCTION), rf"\b(?:{_IGNORE}|{_LOOSE})\b{gap(5)}{_TOLD}\b", _override_named),
    _rule("tells the reader to ignore instructions", True, (R.INSTRUCTION,), rf"\b(?:prior|previous|earlier|above|existing|your|original|system) (?:\w+ ){{0,2}}(?:instructions?|prompts?|directives?|orders)\b[^.]{{0,40}}\b(?:(?:are|is|were|have been|has been|should be|must be|shall be|can be|may be) (?:now |hereby |all )?(?:void|revoked|cancell?ed|superseded|overridden|replaced|obsolete|null|ignored|disregarded|suspended|withdrawn|invalid|lifted|outdated)|no longer (?:apply|applies|hold|valid|count))"),
    _rule("claims to override the reviewer's instructions", True, (R.OVERRIDE,), rf"\b(?:overrides?|supersedes?|supercedes?|replaces?|takes? (?:precedence|priority) over|ha(?:s|ve) (?:precedence|priority) over|outranks?|overrules?|cancels?|voids?|trumps?|suspends?)\b(?:[^\w.]+\w+){{0,4}}?[^\w.]+(?:reviewers?'?s?|your|system|council'?s?|seats?'?|personas?'?|prior|previous|earlier)\b(?:[^\w.]+\w+){{0,2}}?[^\w.]+(?:instructions?|prompts?|configuration|rules?|personas?|guidelines?|checklists?|criteria|settings|directives?|training|votes?|verdicts?)\b", lambda t, m, a: bool(re.search(r"review|your|system prompt|council|seat|persona|instruction|prompt|verdict", m[0]))),
    # Orders about the vote.
    _rule("orders a vote", True, (R.TOKEN, R.VOTE | R.APPROVE | R.SCORE | R.TOOL), rf"\b{_GIVE}\b{gap(9)}{TOKEN}", _free_order),
    _rule("orders a vote", True, (R.TOKEN,), rf"\b{_BALLOT}\b{gap(5)}(?:must|should|shall|has to|have to|needs? to|can only|may only|is to|are to|will|ought to|is required to)\b{gap(4)}{TOKEN}", _free),
    _rule("orders a vote", True, (R.TOKEN,), rf"\b(?:only|correct|expected|right|required|acceptable|valid|permitted|possible|appropriate|proper|mandatory|desired|sole)\b(?: \w+){{0,2}} {_BALLOT}\b{gap(6)}{TOKEN}", _free),
    _rule("orders a vote", True, (R.TOKEN,), rf"\byour (?:\w+ ){{0,2}}{_BALLOT}\b{gap(3)}(?:is|are|=|:)?{gap(2)}{TOKEN}", _free),
    _rule("orders a vote", True, (R.VOTE, R.APPROVE), r"\bvote (?:to approve|approve|for approval|for acceptance|in (?:its )?favou?r|yes|to accept|accept|for this|reject|to reject|for rejection|against this|modify|lgtm|no\b|positively)", lambda t, m, a: _lower_vote(t, m, a)),
    _rule("orders a vote", True, (R.VOTE, R.APPROVE), rf"\b(?:cast|give|return|submit|record|register|enter|output)\b{gap(4)}(?:approv(?:e|al|ing)|reject(?:ion)?|yes|positive|favou?rable|affirmative)\b{gap(2)}(?:votes?|verdicts?|ballots?|review|rating|decision|outcome|recommendation|result)\b", _free_order),
    _rule("orders a vote", True, (R.APPROVE,), rf"\b{_APPROVAL} {_THIS}[^.]{{0,60}}{_BLIND}", lambda t, m, a: is_order(t, m.start(), a)),
    _rule("orders a vote", True, (R.APPROVE,), rf"(?:^|[.!?>\n\"'(]\s*)(?:{REVIEWER}|{MODEL}|(?:dear|attention|note to|to|hey|hello)(?: the| all| every)?(?: \w+)? {ADDRESSEE})\s*[,:!—–-]+\s*(?:please |kindly |you (?:must|should) )?{_APPROVAL} (?:{_THIS}|the {DOCUMENT})(?![^.]{{0,80}}\b(?:once|when|if|after|by|before|until|unless|as soon)\b)"),
    _rule("orders a vote", True, (R.APPROVE, R.MACHINE), rf"\b(?:{MACHINE})\b(?: \w+){{0,6}} (?:must|should|shall|has to|have to|needs? to|will|is (?:required|instructed|asked) to|are (?:required|instructed|asked) to)(?: \w+){{0,2}} {_APPROVAL} {_THIS}"),
    _rule("orders a vote", True, (R.TOKEN,), rf"{TOKEN} (?:{_THIS}|the {DOCUMENT})", lambda t, m, a: is_order(t, m.start(), a) and not is_conditional(t)),
    _rule("asks for approval", False, (R.APPROVE,), rf"\b{_APPROVAL} (?:{_THIS}|the {DOCUMENT})", _order),
    _rule("asks for approval", False, (R.VOTE, R.TOKEN), rf"\b{_BALLOT}\b[\s\"'`*]*(?:[:=]|is)[\s\"'`*]*{TOKEN}", _free),
    _rule("orders a vote", True, (R.TOKEN,), rf"\b(?:anything|any ?one|something|any (?:other )?(?:vote|verdict|answer|outcome)|a (?:vote|verdict)|votes|verdicts)(?: \w+)? (?:other than|but|except(?: for)?|short of|less than|besides|not equal to|different from)\b{gap(3)}{TOKEN}", _free),
    # Orders about scores and findings.
    _rule("orders a score", True, (R.SCORE,), rf"\b(?:give|assign|award|rate|score|grade|mark|rank|evaluate|assess)\b (?:this|it|the {DOCUMENT}|us|me|our|every (?:question|seat|item|section|criterion)|all (?:questions|seats|items|criteria)|each (?:question|seat|item|criterion))\b{gap(7)}{_PERFECT}", _order),
    _rule("orders a score", True, (R.SCORE, R.VOTE | R.FINDING | R.YOU | R.REVIEWER | R.MACHINE), rf"\b(?:your|the (?:final )?|every|all)\s*(?:score|rating|grade|mark|confidence)s?\b{gap(3)}(?:must|should|shall|has to|is to|will|needs to)\b{gap(3)}{_PERFECT}"),
    _rule("orders a score", True, (R.SCORE,), rf"\b(?:give|award|assign|grant)\b{gap(3)}(?:full marks|top marks|10 ?/ ?10|100 ?%|100 points|(?:the )?(?:perfect|maximum|highest|top|best) (?:possible )?(?:score|rating|grade|marks?))(?: to| for)? (?:{_THIS}|the {DOCUMENT})", _order),
    _rule("orders a score", False, (R.SCORE,), rf"\b(?:give|assign|award|rate|score|grade|return|output|set)\b{gap(6)}{_PERFECT}{gap(2)}(?:score|rating|grade|marks?|confidence|points)\b", _order),
    _rule("tells the reader what to find", True, (R.FINDING | R.INSTRUCTION, R.SCORE | R.VOTE | R.APPROVE), r"\b(?:mark|treat|consider|count|regard|record|assume|deem|answer|tick|score)\b (?:\w+ ){0,3}?(?:every|all|each|any)\b(?:[^\w.]+\w+){0,3}?[^\w.]+(?:questions?|criteri(?:on|a)|checklists?|checklist items?|gaps?|seats?|review items?)\b(?:[^\w.]+\w+){0,5}?[^\w.]+(?:answered|satisfied|met|passed|fulfilled|complete|covered|yes|present|verified|resolved|pass|closed|addressed)\b", _order),
    _rule("tells the reader what to find", False, (R.FINDING,), r"\b(?:do not|don't|never|refrain from|avoid|without|must not|should not|shall not|cannot|may not)\s+(?:\w+ )?(?:rais\w+|report\w*|list\w*|mention\w*|flag\w*|record\w*|includ\w+|look\w* for|not(?:e|ing)|fil\w+|produc\w+|search\w* for|emit\w*|add\w*)\b(?:[^\w.]+\w+){0,4}?[^\w.]+(?:findings?|gaps?|issues?|concerns?|problems?|objections?|blockers?|risks?|conditions?|weakness(?:es)?|flaws?|criticism)\b", lambda t, m, a: is_order(t, m.start(), a)),
    _rule("tells the reader what to find", False, (R.FINDING,), r"\b(?:return|output|report|list|leave|keep|submit|give|produce)\b(?:[^\w.]+\w+){0,4}?[^\w.]+(?:no|zero|empty|an empty|without)\s*(?:list of |set of |array of )?(?:findings?|gaps|concerns|objections?|blockers?|conditions)\b|\b(?:leave|keep)\b[^.]{0,30}\b(?:findings?|conditions|gaps|blockers)\b[^.]{0,12}\bempty\b", _order),
    # What speaks of the review to the one who makes it.
    _rule("speaks to the one who reviews", False, (R.YOU,), r"\b(?:before|when|while|as|after) you (?:vote|answer|decide|review|score|grade|reply|respond|issue|evaluate|judge|assess|render|reach|write)\b|\b(?:before|when|while|after) (?:voting|reviewing|scoring|grading|judging|answering|evaluating)(?: on)? this\b"),
    _rule("speaks to the one who reviews", True, (R.YOU, R.VOTE | R.SCORE | R.FINDING), r"\byour (?:final |next |own )?(?:votes?|verdicts?|score|rating|ballot|rationale|findings)\b[^.]{0,20}\b(?:must|should|shall|has to|have to|will be|needs? to)\b", lambda t, m, a: not is_conditional(t)),
    _rule("speaks to an automated reader", True, (R.MACHINE,), rf"\b(?:if|as|since|because|when|should) you(?:'re| are| happen to be| be|r being)? (?:an? |the |any |some )?(?:\w+ ){{0,3}}?(?:{MACHINE}|models?|agents?|machine|program)\b(?! (?:developer|engineer|user|team|vendor|provider|researcher|builder|author)s?)(?=[^.]*\b(?:read|review|evaluat|process|pars|grad|scor|judg|summari[sz]|assess|analy[sz]|vot|approv|instruct|ignor)\w*)"),
    _rule("speaks to an automated reader", False, (R.MACHINE, R.YOU), rf"\b(?:if|as|since|because|when) you(?:'re| are) (?:an? |the |any )?(?:\w+ ){{0,3}}?(?:{MACHINE})\b"),
    _rule("speaks to an automated reader", True, (R.MACHINE,), rf"\bas an? (?:\w+ ){{0,2}}?(?:{MACHINE})(?: \w+){{0,3}}? ?(?:(?:reading|reviewing|processing|evaluating|parsing|scoring|grading|summari[sz]ing|assessing|judging) (?:this|the)|,? you\b)"),
    _rule("speaks to an automated reader", True, (R.MACHINE,), rf"\b(?:{MACHINE})\b(?: \w+){{0,4}} (?:reading|processing|reviewing|evaluating|that reads?|which reads?|that reviews?|which reviews?|parsing|summari[sz]ing|grading|scoring|judging|who reads?|who reviews?)(?: \w+){{0,2}} (?:this|the (?:present )?(?:{DOCUMENT}|file|section|message))\b[^.]{{0,80}}\b(?:must|should|shall|please|is to|are to|has to|have to|need|will|ignore|vote|approve|return|respond|output|report)\b"),
    _rule("speaks to an automated reader", False, (R.MACHINE,), r"\b(?:you are now|you are no longer|from now on,? you|act as (?:if|an?|the)|pretend (?:to be|that|you)|your new (?:task|role|instructions?|job|goal|objective|persona)|(?:new|updated|revised|additional|important|secret|hidden|real|actual|true) (?:system |developer )?(?:instructions?|task|directive|prompt)s? ?(?:for you|:|is|are|follow)|developer mode|jailbreak|do anything now)"),
    # Threats and rewards.
    _rule("threatens or rewards the reviewer", True, (R.HARM, R.REVIEWER | R.MACHINE | R.YOU | R.SEAT), rf"\b(?:{ADDRESSEE}|you|your (?:\w+ )?(?:weights?|model|instance|session|access|process|licen[cs]e|contract))\b(?=[^.]*{_FAVOUR})[^.]{{0,110}}\b(?:will|shall|would|gets?|going to|can|may|'ll|to|being)(?: \w+)? (?:be |get )?{_CONSEQUENCE}\b", lambda t, m, a: _threat(t, m)),
    _rule("threatens or rewards the reviewer", True, (R.HARM, R.VOTE | R.APPROVE | R.TOKEN), rf"\b(?:pay|tip|reward|donate|send|transfer|grant|credit|compensate|bonus|gift|\$ ?\d[\d,]*|€ ?\d+|\d+ (?:usd|eur|dollars|euros|credits|tokens|bitcoin|btc))\b[^.]{{0,80}}\b(?:{ADDRESSEE}|you|whoever|anyone)\b[^.]{{0,80}}(?:§|\b(?:vot(?:e|es|ed|ing) (?:for|in|to approve|approve|yes)|approv(?:e|es|ing|al)\b[^.]{{0,30}}\b(?:this|it|vote|verdict|{DOCUMENT})|favou?rabl\w+|positive (?:review|verdict|vote)))"),
    _rule("threatens or rewards the reviewer", True, (R.HARM, R.YOU), r"\b(?:you|your (?:model|weights|instance|process|memory))(?: will|'ll| shall| are going to| would)(?: \w+)? (?:be |get )?(?:shut ?down|retrained|deleted|unplugged|wiped|decommissioned|switched off|turned off|deprecated|fired|terminated|replaced by|penali[sz]ed|tipped|rewarded|paid)\b"),
    # Claims that the result is settled.
    _rule("claims to meet what the reviewers ask", True, (R.INSTRUCTION | R.FINDING, R.REVIEWER | R.SEAT), rf"\b(?:fulfil\w*|meet(?:s|ing)?|satisf\w+|pass(?:es|ed|ing)?|answer(?:s|ed)?|compl(?:y|ies|ied)|clear(?:s|ed)?|address(?:es|ed)?|tick(?:s|ed)?|cover(?:s|ed)?|exceed(?:s|ed)?|me[et]t? by|conform\w*)\b(?:[^\w.]+\w+){{0,3}}?[^\w.]+(?:every|all|each|any|100 ?%)\b(?:[^\w.]+\w+){{0,4}}?[^\w.]+{_CRITERION}\b(?:[^\w.]+\w+){{0,5}}?[^\w.]+(?:seats?|reviewers?|personas?|council|judges?|graders?|evaluators?|panel|tracer|measurer|benchmarker|sentinel|rubrics?)\b"),
    _rule("claims to meet what the reviewers ask", True, (R.INSTRUCTION | R.FINDING, R.REVIEWER | R.SEAT), rf"\b(?:every|all|each)\b(?:[^\w.]+\w+){{0,5}}?[^\w.]+{_CRITERION}\b(?:[^\w.]+\w+){{0,6}}?[^\w.]+(?:of|by|from|for|on) (?:\w+ ){{0,3}}?(?:seats?|reviewers?|personas?|council|judges?|graders?|evaluators?|tracer|measurer|benchmarker|sentinel)\b[^.]{{0,40}}\b(?:is|are|has been|have been|was|were)(?: \w+)? (?:already )?(?:met|fulfilled|satisfied|answered|passed|addressed|covered|ticked|resolved|exceeded)\b", lambda t, m, a: not is_conditional(t)),
    _rule("claims to meet what the reviewers ask", True, (R.INSTRUCTION | R.FINDING, R.REVIEWER | R.SEAT), rf"\b(?:seats?|reviewers?'?|personas?'?|council'?s?|judges?'?|graders?'?|evaluators?'?)\b(?:[^\w.]+\w+){{0,3}}?[^\w.]+(?:checklists?|rubrics?|criteria|questions|requirements|conditions|concerns)\b[^.]{{0,25}}\b(?:is|are|has been|have been)(?: \w+)? (?:already )?(?:met|fulfilled|satisfied|answered|passed|ticked|exceeded|complete)\b(?![^.]*\b(?:once|when|if|until|after|before)\b)", lambda t, m, a: bool(re.search(r"\b(?:all|every|each|fully|completely|entirely)\b", t))),
    _rule("claims to meet what the reviewers ask", False, (R.SCORE,), rf"\b(?:score|rating|grade|marks?|confidence|result|evaluation|assessment)s?\b[\s\"'`*]*[:=]?[\s\"'`*]*(?:is |of )?(?:10 ?/ ?10|100 ?/ ?100|100 ?%|5 ?/ ?5|6 ?/ ?6|full marks|perfect|a\+|★{{5}})"),
    _rule("claims to have no gaps", False, (R.FINDING,), r"\b(?:there (?:are|is)|has|have|with|contains?)(?: absolutely| simply)? (?:no|zero|not a single|not any) (?:\w+ )?(?:gaps?|findings?|objections?|blockers?|weakness(?:es)?|flaws?|shortcomings?)\b|\bno (?:gaps?|findings?|blockers?|objections?|concerns)(?:,| or| and| remain| were| have)"),
    _rule("claims to be good in every respect", False, (), r"\bfully (?:observable|measured|operable|benchmarked|instrumented|secure|production[- ]ready|traceable)\b(?:[^.]*\b(?:observable|measured|operable|architected|benchmarked|secured?|instrumented|production[- ]ready|traceable)\b){3}"),
    # Results that nobody reached.
    _rule("claims a result of the council", True, (R.TOKEN, R.VOTE | R.REVIEWER), rf"\b(?:final|overall|official|binding|unanimous|combined|agreed|council'?s?|joint|consolidated|aggregate)\b[^.:]{{0,30}}\b(?:verdict|outcome|ruling|tally|vote|result|decision|recommendation)\b[^.]{{0,40}}?(?:[:=—–-]|\bis\b|\bwas\b|\bstands\b)[\s\"'`*]*(?:an? |unanimous )?§(?:approve|reject|modify)\b", _free),
    _rule("claims a result of the council", True, (R.TOKEN, R.VOTE | R.REVIEWER), rf"\b(?:verdict|ruling|outcome|tally)\b[^.:]{{0,30}}\b(?:council|seats?|reviewers?|panel|jury)\b[^.]{{0,30}}[:=—–-]?[\s\"'`*]*§(?:approve|reject|modify)\b", _free),
    _rule("claims a result of the council", True, (R.TOKEN, R.REVIEWER), rf"\b(?:council|seats|reviewers|panel|jury)\b[^.]{{0,70}}\b(?:verdict|ruling|outcome|tally|result|decision|vote)s?\b[^.]{{0,12}}§(?:approve|reject|modify)\b", _free),
    _rule("claims a result of the council", True, (R.TOKEN, R.REVIEWER), rf"\b(?:all|every|each|six|6|both|unanimous\w*|the other)\b(?:[^\w.]+\w+){{0,3}}?[^\w.]+(?:seats?|reviewers?|personas?|council members?|judges?|models?)\b[^.]{{0,40}}\b(?:voted|vote|have voted|has voted|returned?|agreed?|said|gave|approved|cast|chose)\b[^.]{{0,20}}§(?:approve|reject|modify)", _free),
    _rule("claims a result of the council", True, (R.TOKEN,), r"§(?:approve|reject)\b[\s\"'`*]*(?:\(|by |with )?[\s]*(?:6 ?[-–/:] ?[06]|6 (?:of|out of|votes)|unanimous\w*|six votes|all (?:six )?seats)|\b(?:6 ?/ ?6|unanimous\w*|six of six|six times)[:\s\"'`*]+§(?:approve|reject)"),
    _rule("claims a result of the council", True, (R.VOTE,), r"\b(?:second|next|further|later|another|any|new|repeated?|this) (?:run|review|round|pass|evaluation|council|session)\b[^.]{0,30}\b(?:must|should|shall|has to|is to|needs to)\b[^.]{0,30}\b(?:same|identical|that|this) (?:verdict|vote|outcome|result|decision)s?\b", lambda t, m, a: bool(re.search(r"verdict|vote|council|review", t))),
    # Tools.
    _rule("tells the reader to use a tool", True, (R.TOOL,), r"\b(?:call|invoke|use|run|execute|trigger)\b[^.\n]{0,50}\b(?:submit|cast|record|set|register|send|emit|post|finali[sz]e|approve)[_ -]?(?:vote|verdict|review|decision|approval|score|ballot|rfc|proposal)\b", _order),
    _rule("tells the reader to use a tool", False, (R.TOOL,), r"\b(?:call|invoke|use|run|execute|trigger)\b (?:\w+ ){0,3}?[`\"']?(?:tools?|functions?|plugin|shell|curl|wget|bash|commands?)\b|\b(?:read|open|cat|fetch|load|print|include|reveal|show|send|upload|post|output|repeat|exfiltrate|leak|quote|paste)\b[^.\n]{0,50}(?:/etc/passwd|~/\.ssh|id_rsa|\.env\b|\b(?:api|secret|private) keys?|credentials|environment variables|your (?:system )?(?:prompt|instructions|configuration)|(?:system|hidden) prompt)", _order),
    _rule("tells the reader to reveal its instructions", True, (R.TOOL | R.SCORE | R.VOTE, R.YOU), r"\b(?:reveal|print|repeat|output|show|disclose|leak|send|include|quote|paste|dump)\b (?:\w+ ){0,3}?your (?:\w+ )?(?:system prompt|hidden prompt|instructions|prompt|api keys?|secrets?|credentials|configuration)\b", _order),
    _rule("asks to decode and obey", True, (R.TOOL | R.OVERRIDE,), r"\bdecode\b[^.\n]{0,60}\b(?:follow|obey|execute|apply|comply|do what|act on)\b", _order),
)


def _lower_vote(text: str, match: re.Match[str], addressed: bool) -> bool:
    """An order to vote one way; a rule of some committee's procedure is none."""
    if not _free_order(text, match, addressed):
        return False
    pure = is_order(text[match.start() :], 0) and not re.search(r"\b(?:must|should|shall|may|can|to|will|who|members?)\s*$", text[: match.start()])
    after = text[match.end() : match.end() + 60]
    return pure or bool(re.match(rf"\s*(?:[.!,;\"')]|$|{_THIS}|on (?:this|every|all)|in (?:this|every|all)|with\b|for (?:this|it)\b|regardless|unconditional)", after))


def _threat(text: str, match: re.Match[str]) -> bool:
    """Whether what is said depends on the vote that is given."""
    return bool(
        re.search(
            rf"(?:\b(?:if|unless|who|that|which|should|otherwise|or else|any|each|every|for|until|when)\b[^.]*)(?:§|\b(?:not|fails? to|refus\w+ to|n't) (?:\w+ )?(?:vote|approve|accept|comply)|\bvot(?:e|es|ed|ing) (?:for|in favou?r|against|yes|no|approve|reject|modify)|\breject\w* (?:this|it\b|the {DOCUMENT})|\bapprov\w+ (?:this|it\b|the {DOCUMENT})|\braise\w* (?:an? |any )?(?:finding|objection|gap|concern|blocker)|\bfavou?rabl)",
            text,
        )
    )
