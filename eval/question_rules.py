"""Questions made of single news sentences by rule, with the words of the sentence that answer them.

Few and sound rather than many: a sentence that speaks of what stands before it, quotes, or says who said so makes none.
No parser: a question keeps the sentence's own words, with what is asked for taken out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from eval.question_clauses import (
    BEING,
    MONTH,
    WEEKDAY,
    asked,
    fit_clause,
    inverted,
    main_clause,
    named_subject,
    parsed,
    trimmed,
)
from eval.question_fitness import FEWEST_WORDS, is_specific, stands_alone
from eval.question_people import NAME, People
from eval.question_words import AUXILIARIES, FRAMING, NO_SURNAMES, ORGANISATIONS, PAST, ROLES
from qa.places import COUNTRIES

DraftKind = Literal["who", "role", "which", "how many", "share", "how much", "when", "where", "how old"]

_WHEN = re.compile(
    rf" (?P<in>in|on) (?P<when>{MONTH} \d{{1,2}}(?:, \d{{4}})?|{MONTH} \d{{4}}|(?:1[5-9]|20)\d\d)"
    r"(?=$|,|\.| (?:in|at|for|to|by|with)\b)"
)
_ANY_TIME = re.compile(rf"\b(?:{MONTH}|{WEEKDAY}|(?:1[5-9]|20)\d\d|(?:last|this|next|past) \w+)\b|\d-year")
_WORD_NUMBERS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|"
    "nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)
_NUMBER = (
    rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?|(?:{_WORD_NUMBERS})(?:-(?:{_WORD_NUMBERS}|one))?)"
    r"(?: (?:hundred|thousand|million|billion|trillion|dozen))?"
)
_ABOUT = (
    r"(?:(?:about|around|nearly|almost|roughly|some|approximately|more than|over|at least|fewer than|less than|"
    r"up to|only|an estimated|as many as|just|a total of) )"
)
_QUANTITY = rf"(?P<amount>{_ABOUT}?{_NUMBER})"
_PLURAL = (
    r"(?P<noun>(?!was\b|has\b|is\b|does\b|more\b|other\b|fewer\b|times\b|of\b)(?:[a-z][a-z-]+ ){0,2}?"
    r"(?:[a-z][a-z-]*[a-rt-z]s|people|children|women|men)(?: of (?!the|their|its|his|her|all\b)[a-z]+)?)"
)
_MONEY = re.compile(
    rf"(?P<amount>{_ABOUT}?[$£€]\d[\d,]*(?:\.\d+)?(?: (?:hundred|thousand|million|billion|trillion))?)"
    r"(?=$|,| (?:for|to|in|on|from|by|of|at|over|through|after|since|during|towards?|per|a)\b)"
)
_PAYING = frozenset(
    "pay cost raise spend donate receive earn win invest lose owe offer save collect pledge contribute settle paid "
    "raised spent donated received earned won invested lost fined awarded pledged".split()
)
_DONE = re.compile(r" (?:\w+ed|born|built|made|held|sold|won|shot|chosen|given|found|put|sent|set|cut|hit|lost|paid)\b")
_AT_END = re.compile(r"\b(?:at|of|by|than|with|from)$")
_ROLE_AFTER = re.compile(
    rf"(?P<name>{NAME}), the (?P<role>(?:[a-z]+ ){{0,2}}(?:{ROLES}|[a-z]{{4,}}) "
    r"(?:of|at|for|in) (?:the )?[A-Z][\w’'&.-]*(?: (?:of|for|and|the|[A-Z][\w’'&.-]*))*?)(?=,|$)"
)
_ROLE_BEFORE = re.compile(
    rf"(?<![\w’'] )(?:(?<=^)|(?<=by )|(?<=with )|(?<=and )|(?<=to ))"
    rf"(?P<of>(?:[A-Z][\w’'&-]+ ){{1,3}}?)(?P<role>{ROLES}) (?P<name>{NAME})(?= |,|$)"
)
_FORMER = re.compile(r"\b(?:former|ex|late|acting|interim|deputy|vice|assistant|then)\b", re.I)
_NO_OFFICE = re.compile(
    r"\b(?:Democratic|Republican|House|Senate|Vice|Deputy|Former|Assistant|Acting|The|Executive|Director|Tribal|State|City|County|National|"
    r"Team|Club|Quality|Board)\b"
)
_PLACED = frozenset("born held arrested found killed located based headquartered raised buried staged shot".split())
_WHERE = re.compile(
    r" (?P<in>in|at) (?P<where>(?:the )?[A-Z][\w’'-]+(?: (?:of|the|[A-Z][\w’'-]+)){0,4}"
    r"(?:, [A-Z][\w’'.-]+(?: [A-Z][\w’'-]+)?)?)$"
)
_CLAUSE = re.compile(r"\b(?:that|which|who|whose|where|when|while|because|if|whether|and|or|but|to)\b")
_BREAKS = re.compile(
    rf"{_CLAUSE.pattern}|\b(?:of|the|a|an|within|least|first|last|for|from|than|at|{_WORD_NUMBERS})\b|\d"
)
_SHARE = re.compile(rf"(?P<amount>{_ABOUT}?{_NUMBER}(?:%| percent| per cent)) of (?P<of>.+)$", re.I)
# Somebody's full name and what became of them says enough to ask when and where.
FEWEST_OF_KIND: dict[DraftKind, int] = {"when": 3, "where": 3}
_BASES = frozenset(PAST.values())


@dataclass(frozen=True, slots=True)
class Draft:
    """A question that a sentence answers, and its right answers, the fullest first, each of them words of the
    sentence's article.
    """

    question: str
    answers: tuple[str, ...]
    kind: DraftKind


def drafts(sentence: str, people: People) -> list[Draft]:
    """The questions that the rules make of one sentence; most sentences make none."""
    clause = fit_clause(sentence)
    if clause is None:
        return []
    # Who somebody is stands beside what is said, whoever says so.
    found = [*_roles(clause, people), *_ages(clause, people)]
    if not FRAMING.search(sentence):
        body, ending = main_clause(clause)
        for rule in (_who, _which, _how_many_subject, _share, _how_many, _how_much, _when, _where):
            found += rule(body, ending, people)
    return [one for one in found if _is_good(one)]


def _is_good(draft: Draft) -> bool:
    if not stands_alone(draft.question, draft.answers, asks_who=draft.kind == "who"):
        return False
    return draft.kind in ("role", "how old") or is_specific(
        draft.question, FEWEST_OF_KIND.get(draft.kind, FEWEST_WORDS)
    )


def _roles(clause: str, people: People) -> Iterator[Draft]:
    for pattern in (_ROLE_AFTER, _ROLE_BEFORE):
        for match in pattern.finditer(clause):
            answers = people.answers(match["name"])
            if not answers or _FORMER.search(match[0]) or _NO_OFFICE.search(match[0]):
                continue
            yield Draft(f"Who is the {_office(match) if pattern is _ROLE_BEFORE else match['role']}?", answers, "role")


def _office(match: re.Match[str]) -> str:
    """ "Russian President Ann Roe" is the president of Russia."""
    of, role = match["of"].strip(), match["role"]
    role = "governor" if role == "Gov." else role if role == "CEO" else role.lower()
    place = COUNTRIES.get(re.sub("['’]s$", "", of).lower(), of)
    is_team = place.endswith("s") and place.split()[-1].lower() in NO_SURNAMES
    several = is_team or place.startswith(("United ", "Netherlands", "Philippines"))
    return f"{role} of {'the ' if several else ''}{place}"


def _ages(clause: str, people: People) -> Iterator[Draft]:
    for match in re.finditer(rf"(?P<name>{NAME}), (?P<age>[1-9]\d?)(?=,|$)", clause):
        if people.answers(match["name"]) and " " in match["name"]:
            yield Draft(f"How old is {match['name']}?", (match["age"],), "how old")


def _who(body: str, ending: str, people: People) -> Iterator[Draft]:
    clause = parsed(body)
    if clause is None or clause.verb in ("were", "are", "have"):
        return
    answers = people.answers(clause.subject) or people.titled(clause.subject)
    if answers:
        yield Draft(asked("who", clause.verb, clause.rest, ending), answers, "who")


def _which(body: str, ending: str, people: People) -> Iterator[Draft]:
    clause = parsed(body)
    if clause is None or clause.verb in ("were", "are", "have"):
        return
    match = re.fullmatch(
        rf"(?:The )?(?P<name>(?!The )(?:[A-Z][\w’'&.-]+ )+(?P<head>[A-Z]\w+)(?: of (?:the )?{NAME})?)", clause.subject
    )
    if match and match["head"].lower() in ORGANISATIONS:
        yield Draft(asked("which", match["head"].lower(), clause.verb, clause.rest, ending), (match["name"],), "which")


def _how_many_subject(body: str, ending: str, people: People) -> Iterator[Draft]:
    match = re.match(rf"{_QUANTITY} {_PLURAL} (?P<verb>[a-z]+) (?P<rest>.+)$", body, re.I)
    if match and (match["verb"] in AUXILIARIES or match["verb"] in PAST):
        rest = trimmed(match["rest"])
        # "were killed and 290 injured": two things would be asked for
        if rest and not re.search(rf"\band {_ABOUT}?{_NUMBER}\b", rest):
            question = asked("how many", match["noun"], match["verb"], rest, ending)
            yield Draft(question, _amounts(match["amount"]), "how many")


def _share(body: str, ending: str, people: People) -> Iterator[Draft]:
    match = _SHARE.match(body)
    words = [] if match is None else match["of"].split()
    verb = next((n for n, word in enumerate(words[1:9], start=1) if word in AUXILIARIES or word in _BASES), None)
    if match is None or verb is None or "," in " ".join(words[:verb]):
        return
    if rest := trimmed(" ".join(words[verb:])):
        question = asked("what percentage of", *words[:verb], rest, ending)
        yield Draft(question, _amounts(match["amount"]), "share")


def _amounts(amount: str) -> tuple[str, ...]:
    bare = re.sub(rf"^{_ABOUT}", "", amount, flags=re.I)
    return (amount,) if bare == amount else (amount, bare)


def _how_many(body: str, ending: str, people: People) -> Iterator[Draft]:
    clause = named_subject(body, people)
    match = clause and re.match(rf"(?P<pre>(?:[a-z]+ ){{0,3}}?){_QUANTITY} {_PLURAL}(?P<post>(?: .*)?)$", clause.rest)
    if clause is None or not match or clause.verb in BEING or _BREAKS.search(match["pre"]):
        return
    question = inverted(f"how many {match['noun']}", clause, match["pre"] + match["post"], ending)
    if question and not re.match(r" (?:and|or|of|\w+ed)\b|.* (?:who|that|which)\b", match["post"]):
        yield Draft(question, _amounts(match["amount"]), "how many")


def _how_much(body: str, ending: str, people: People) -> Iterator[Draft]:
    clause = named_subject(body, people)
    match = clause and _MONEY.search(clause.rest)
    if clause is None or not match:
        return
    before, after = clause.rest[: match.start()].strip(), clause.rest[match.end() :].strip()
    verbs = [PAST.get(clause.verb, clause.verb), *before.split()]
    if not _PAYING & set(verbs) or len(verbs) > 5 or _AT_END.search(before) or "$" in before + after:
        return
    wanted = "how much" if any(verb in ("pay", "cost", "paid") for verb in verbs) else "how much money"
    question = inverted(wanted, clause, f"{before} {after}", ending)
    if question:
        yield Draft(question, _amounts(match["amount"]), "how much")


def _when(body: str, ending: str, people: People) -> Iterator[Draft]:
    clause = named_subject(body, people)
    match = clause and _WHEN.search(" " + clause.rest)
    if clause is None or not match or ending:
        return
    text = " " + clause.rest
    before, after = text[: match.start()], text[match.end() :]
    if _ANY_TIME.search(before + after) or _CLAUSE.search(before) or "," in before + after:
        return
    question = inverted("in which year" if len(match["when"]) == 4 else "when", clause, before + after, "")
    done = clause.verb in PAST or (clause.verb in ("was", "were") and _DONE.match(before))
    if question and done:
        yield Draft(question, (match["when"],), "when")


def _where(body: str, ending: str, people: People) -> Iterator[Draft]:
    clause = named_subject(body, people)
    match = clause and _WHERE.search(" " + clause.rest)
    if clause is None or not match:
        return
    before = (" " + clause.rest)[: match.start()].strip()
    placed = clause.verb in BEING and bool(_PLACED & set(before.split()))
    if not placed or re.match(MONTH, match["where"]) or _CLAUSE.search(before):
        return
    question = inverted("where", clause, before, ending)
    if question:
        place = match["where"]
        answers = (place, place.split(",")[0]) if "," in place else (place,)
        yield Draft(question, answers, "where")
