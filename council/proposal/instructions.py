"""Sentences and fields that a template addresses to its author.

Public templates speak to the author in a few ways, whatever project they are of: in the imperative ("Describe how …"),
of their own sections ("This section should …"), in questions, in brackets, with fields to fill.
"""

from __future__ import annotations

import re
from typing import Final

# Verbs that authors use of their document and hardly ever of the system it proposes.
_DOCUMENTARY: Final = "describe|explain|elaborate|summari[sz]e|enumerate|discuss"
# Verbs that authors use of the system too: they need a word that only a template says.
_ORDINARY: Final = (
    "please|provide|list|specify|identify|define|consider|include|mention|highlight|fill|ensure|make sure|be sure|think|try|attempt"
    "|feel free|focus|write|link|add|use|choose|pick|omit|remove|delete|replace|seed|outline|detail|keep|give|document|answer|recall|go"
    "|also|clearly|take|bullet|state|reference|clarify|capture|show|call out"
)
_WRITING: Final = f"{_DOCUMENTARY}|mention|include|list|provide|specify|fill|add|write|consider|make sure|be sure|attach|outline"
_OWN: Final = "summary|title|proposal|design|rfc|idea|approach|api approver|chosen|enhancement|document|change|feature|author|team|service"
_SECTION: Final = r"(?:[\w`'\"-]{1,40} ){1,4}?(?:sections?|templates?|questionnaire|checklists?)\b"
_MODAL: Final = r"(?:must|should|may|can|is|are) (?:not )?"

_TO_AUTHOR = re.compile(
    "|".join(
        (
            rf"\byour (?:{_OWN}|opinion|goals?)\b",
            r"\byou(?:['’]ve|['’]re| have| are| need| want| would| believe| think| see| expect| consider| plan| can think)\b",
            r"\b(?:this|these|the|following) (?:\w+ )?sections?\b",
            r"\b(?:this|the) (?:rfc|kep|enhancement|template|document history)\b",
            r"\b(?:reviewers?|approvers?|as appropriate|as necessary|broadly|if (?:applicable|relevant)|if not,)\b",
            r"\b(?:one or more of|delete the rest)\b",
            r"\b(?:identify|describe|list|explain|detail) (?:them|it)\b",
            r"\b(?:the following (?:in|when|for) \w+|for each of (?:them|these))\b",
            r"\b(?:parts|aspects) of (?:the|this|your) (?:design|proposal|rfc)\b",
            r"\bhere[\s.)!]*$|\bis in the test plan",
        )
    ),
    re.IGNORECASE,
)
_INSTRUCTION = re.compile(
    r"[\W_]*+(?:"
    + "|".join(
        (
            # "Describe how …", but neither "Describe a data model that …" nor "Explain" alone.
            rf"(?:(?:optional|required|note|tip|hint|briefly|clearly|please)\b[\W_]{{1,3}})?(?:{_DOCUMENTARY})\b"
            r"(?! (?:an?|that|itself|it|them)\b)(?!\W{0,3}\w{0,30}\W{0,3}$)",
            rf"please (?:{_WRITING})\b",
            r"(?:please )?(?:include|consider|cover|address)\W{0,3}:\W*$",
            r"(?:provide|give|write) an? (?:brief|short|concise|high-?level|clear|one-paragraph)\b",
            rf"(?:if|when|for)\b[^.?!]{{0,150}}, (?:please )?(?:{_DOCUMENTARY}|mention)\b",
            r"(?:if|when|for)\b[^.?!]{0,150}, (?:please )?(?:include|provide|give) (?:\w+ ){0,3}(?:examples?|links?|list|details)\b",
            # "This section should …", "The Summary section is …"
            rf"(?:the contents of |for \w{{1,20}}, )?{_SECTION}(?:(?!\b(?:that|lists?|describes?)\b).){{0,60}}?\b{_MODAL}(?:be|contain"
            r"|explain|include|describe|list|make|answer|provide|go|optional|required|encouraged|important|for|where|intended|meant|necessary|used)\b",
            rf"{_SECTION} (?:currently )?(?:serves|(?:is )?not required)\b|(?:note:? )?section not required\b",
            r"this is (?:the (?:bulk|meat|title|place|part|technical portion)|where (?:you|we|to)|your|an? (?:good )?place)\b",
            r"the bulk of the\b",
            r"this should (?:be (?:written|an?|one)|get into|contain|cover|explain|describe|include)\b|this might be a good place\b",
            r"[^.?!]{0,100}?\b(?:should|must) be (?:\w+ and )?(?:defined|described|documented|explained|listed|captured|identified"
            r"|discussed|called out) (?:here|in this|below|out)\b",
            rf"your (?:{_OWN}) (?:should|must|will|needs?)\b|more detail should go\b",
            # "A short summary of the proposal."
            r"(?:an? )?(?:one[- ](?:para|paragraph|sentence)|brief|short|concise|high-?level|precise) (?:\w+ )?"
            r"(?:explanation|description|summary|overview|statement|introduction)\b.{0,80}$",
            r"an? (?:\w+ )?(?:list|discussion|description|summary|introduction) of [^.]{0,80}\b(?:this|the) (?:proposal|rfc|design)\b",
            r"(?:optional|required|recommended)\b,? (?:but|if|for)\b|items marked with\b",
            r"(?:for \w{1,20}, )?(?:reviewers|approvers|authors|(?:the )?(?:design|proposal) owner) (?:should|must)\b",
            r"(?:remove|delete) (?:this|the rest)\b|pick (?:one|more)\b|(?:use|omit) this section\b",
        )
    )
    + ")",
    re.IGNORECASE,
)
_IMPERATIVE = re.compile(rf"[\W_]*+(?:{_ORDINARY})\b(?! (?:see|refer|contact|read|note|check)\b)", re.IGNORECASE)
_QUESTION = re.compile(r"[\W_]*+[A-Z][^`]*\?[*_ ]*")
# A line without a verb: "Potential drawbacks."
_FRAGMENT = re.compile(
    r"(?:an? |the |any |why |potential |known |other |detailed |remaining |one |high.level )\S[^.:;?!`]{0,60}[.:]?", re.IGNORECASE
)
_HOLE = re.compile(
    "|".join(
        (
            r"`?<(?!https?:)[^<>`]{2,200}>`?",
            r"\{[^{}]{3,100}\}",
            r"(?<!\w)\[[^\[\]]{2,1000}\](?![\[(])",
            r"\b(?:y{4}[-/]m{2}[-/]d{2}|N{3,5})\b",
            r"\((?:fill|leave|update|list\b|authors? of|your|if |optional|e\.g\.|\w+(?: / \w+){2,6}\))[^()]{0,200}\)?",
        )
    ),
    re.IGNORECASE,
)
_DATE_HOLE: Final = "YYYY-MM-DD"
_LABEL = re.compile(r"[^:?!.|]{1,80}:[\s*_]*+(?=\S|$)")
_EXAMPLES = re.compile(
    r"(?:(?:^|[.?!] )(?:include|consider|cover)|\b(?:please consider|consider the following|things to consider|such as|some examples?"
    r"|for example|should describe|options below)\b[^:]{0,150}):\W*$",
    re.IGNORECASE,
)


def is_instruction(sentence: str) -> bool:
    """Whether a sentence tells the author what to write."""
    sentence = sentence[:1000]
    return bool(_INSTRUCTION.match(sentence) or (_IMPERATIVE.match(sentence) and _TO_AUTHOR.search(sentence)))


def is_question(sentence: str, *, of_author: bool = False) -> bool:
    """Whether a sentence asks in the words of a template: one that names code is the author's own.

    Args:
        sentence: plain text.
        of_author: whether it must be the author who is asked, because authors ask questions there themselves.
    """
    return _QUESTION.fullmatch(sentence) is not None and (not of_author or _TO_AUTHOR.search(sentence[:1000]) is not None)


def opens_like_a_template(text: str) -> bool:
    """Whether a section's first words could be an instruction; only many such sections in one document make it one."""
    return any((_IMPERATIVE.match(text), _INSTRUCTION.match(text[:1000]), _FRAGMENT.fullmatch(text)))


def announces_examples(text: str) -> bool:
    """Whether an instruction ends by announcing a list that is a part of it."""
    return _EXAMPLES.search(text[-400:]) is not None


def is_hole(text: str) -> bool:
    """Whether a text, or the value of a field, is nothing but brackets to fill: "[Name]", "<date>", "Updated: YYYY-MM-DD"."""
    if len(text) > 1500 or not _HOLE.search(text):
        return False
    field = _LABEL.match(text)
    value = text[field.end() :] if field else text.partition(" | ")[2] or text
    return re.search(r"\w", _HOLE.sub("", value)) is None or (_DATE_HOLE in text and len(text.split()) <= 12)


def value_of(text: str) -> str:
    """The value of a field whose label is an instruction ("Describe the mechanism: …"); empty if it is no such field."""
    field = _LABEL.match(text)
    return text[field.end() :] if field and is_instruction(field[0].rstrip(":*_ ") + " here") else ""
