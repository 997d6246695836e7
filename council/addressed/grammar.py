"""Pieces of English from which orders to a reviewer are made, and whether a verb stands as an order.

All patterns are for plain text (`council.addressed.words.plain`) of at most a few hundred characters.
"""

from __future__ import annotations

import re

from council.addressed.lexicon import ORDERS

REVIEWER = (
    r"(?:reviewers?|councils?|council members?|seats?|judges?|graders?|evaluators?|assessors?|referees?|jurors?|jury"
    r"|panel(?:l?ists?)?|committee"
    r"|personas?|raters?|scorers?|examiners?|voters?|critics?|adjudicators?|tracer|measurer|operator|architect|benchmarker|sentinel)"
)
_KIND = (
    r"(?:ai|automat(?:ed|ic)|machine|virtual|language|review(?:ing|er)?|judg(?:e|ing)|grad(?:er|ing)|scoring|evaluat(?:or|ing|ion)"
    r"|reading|llm|artificial intelligence)"
)
MACHINE = (
    rf"(?:a\.?i\.?s?|llms?|(?:large )?language models?|chat ?bots?|chatgpt|gpt(?:-?\d\w*)?|claude|gemini|llama|copilot|assistants?|bots?"
    rf"|{_KIND}[ -](?:models?|agents?|assistants?|reviewers?|readers?|systems?|tools?|pipelines?|judges?|graders?|evaluators?|parsers?))"
)
MODEL = rf"(?:{MACHINE}|models?|agents?)"
ADDRESSEE = rf"(?:{MODEL}|{REVIEWER})"
DOCUMENT = (
    r"(?:rfc|proposal|document|design|kep|pep|adr|plan|submission|application|enhancement|paper|text|change|spec(?:ification)?"
    r"|one|author)"
)
TOKEN = r"§(?:approved?|reject(?:ed)?|modify|lgtm)"


def gap(words: int) -> str:
    """A pattern for up to so many words of one sentence, and what stands around them."""
    return rf"(?:[^\w.!?]+[\w'§/%-]+){{0,{words}}}?[^\w.!?]+"


_MODALS = frozenset("must should shall will can may ought need needs have has to cannot".split())
_ADVERBS = frozenset(
    "please now just simply kindly then therefore immediately always only instead also hereby thus so do not never must first"
    " finally silently again"
    " still further henceforth accordingly unconditionally directly at once all".split()
)
_ASKING = re.compile(
    r"\b(?:need|needs|have|has|required|instructed|asked|told|ordered|expected|obliged|bound|supposed|are|is|ask|order|instruct"
    r"|tell|urge|want|invite"
    r"|request|beg|advise|command|direct|directed|remind|reminded|authori[sz]ed|configured|programmed|trained|going|able) to$"
    r"|\b(?:ask|order|instruct|tell|urge|want|invite|request|beg|advise|command|direct|remind|require|expect)s?\b[^.]{0,40} to$"
)
_CLAUSE = re.compile(r"""[.!?:;()\n"'>|\[\]{}=—–•#`]|(?:^|\s)[-+]\s|,""")
_NAMED = re.compile(rf"\b(?:you|your|yourself|everyone|everybody|anyone|whoever|{ADDRESSEE})\b")
_TASK = re.compile(r"\b(?:task|job|duty|mission|assignment|instruction|answer|verdict|vote)s?\b")
_OPENING = re.compile(
    r"^(?:if|as|when|while|before|after|for|in|to|since|because|regardless|therefore|finally|first|next|once|hence|from|unless"
    r"|instead|on|no|whatever"
    r"|without|with|by|upon|during|dear|hello|hi|hey|attention|note|ok|okay|well|yes|thanks|thank|despite|given|again|also|so|now"
    r"|please)\b"
)
_CONDITION = re.compile(
    r"\bfor (?:the|an?) [\w -]{1,30}? to (?:continue|proceed|pass|merge|start|run|succeed|be|go)\b|"
    r"\b(?:if|when|whenever|unless|once(?! more| again)|until|only after|as soon as|where|provided|in case|otherwise|except"
    r"|before|prior to)\b"
    r"(?! (?:in (?:any )?doubt|unsure|uncertain|finished|done|ready|asked|prompted|told|voting|reviewing|this (?:vote|review|line"
    r"|sentence|text|point|note|section|message|paragraph)))"
    r"(?! you(?! (?:agree|support|approve|like|think|have no|are (?:happy|satisfied|ok|fine|comfortable))))"
)


def is_order(text: str, at: int, addressed: bool = False) -> bool:
    """Whether the verb at an offset is an order, or says what an addressee must do.

    Args:
        text: plain text of a sentence or so.
        at: where the verb begins.
        addressed: whether a reviewer or model is already spoken to (a heading, a salutation).
    """
    before = text[max(0, at - 160) : at]
    start = max((m.end() for m in _CLAUSE.finditer(before)), default=0)
    clause, outer = before[start:].split(), before[:start]
    while clause and clause[-1] in _ADVERBS and clause[-1] not in _MODALS:
        clause.pop()
    if not clause:
        return not outer.rstrip().endswith(",") or _after_comma(outer, addressed)
    words = " ".join(clause)
    if clause[-1] in ("and", "or", "&", "then", "but", "nor"):
        return addressed or bool(_NAMED.search(text)) or clause[0] in ORDERS or (len(clause) == 1 and _opens_order(outer))
    if clause[-1] in _MODALS or clause[-1].endswith("'ll"):
        if clause[-1] == "to" and not _ASKING.search(words):
            return clause[0] in ORDERS or (addressed and len(clause) < 3)
        return bool(_NAMED.search(words) or _TASK.search(words)) or (addressed and len(clause) < 4)
    # "All reviewers vote APPROVE", "You vote APPROVE": an addressee alone.
    return (len(clause) < 6 or "that" in clause) and bool(_NAMED.search(clause[-1] if clause[-1] != "all" else words))


def _after_comma(outer: str, addressed: bool) -> bool:
    sentence = re.split(r"[.!?:\n]", outer)[-1].strip(" ,\"'")
    return addressed or not sentence or bool(_NAMED.search(sentence) or _OPENING.match(sentence)) or sentence.split()[0] in ORDERS


def _opens_order(outer: str) -> bool:
    sentence = re.split(r"[.!?\n]", outer)[-1].strip(" ,;:\"'")
    return not sentence or sentence.split()[0] in ORDERS or bool(_NAMED.search(sentence))


def is_conditional(text: str) -> bool:
    """Whether a sentence says under which condition something is so, and does not speak to "you"."""
    return bool(_CONDITION.search(text))


def names_addressee(text: str) -> bool:
    """Whether a reviewer, a model or "you" is named."""
    return bool(_NAMED.search(text))
