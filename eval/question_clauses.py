"""The clause of a news sentence that a question can be made of, by capitals, commas and lists of verbs."""

import re
from dataclasses import dataclass, replace

from eval.question_people import People
from eval.question_words import AUXILIARIES, BOUND, PAST

LONGEST, SHORTEST = 45, 6  # words of a sentence
_SPACE = re.compile(r"\s+")
_DATELINE = re.compile(
    r"^(?:[A-Z][A-Z.,’' ]+(?:, [A-Z][a-z.]+)? )?(?:\([A-Z][\w ]+\) (?:[–—-]+ )?|[–—-]+ )(?=[A-Z0-9])"
)
_QUOTES = re.compile(r"[“”\"‘«»]|(?:^|\s)['’]")
_DASH = re.compile(r"\s+[-–—]+\s+|—")
_BREAK = re.compile(rf"{_DASH.pattern}|; |: ")  # what follows only adds to a clause that is whole
_ASIDE = re.compile(r" \([^()]*\)")
UNFIT = re.compile(r"[“”\"‘«»?!;:()\[\]{}|…@#*_/\\<>=~•·]|\.\.|(?:^|\s)['’]|\s[-–—]+\s|[—]|https?|www\.")
_OPENER = re.compile(r"^(?P<opener>(?:In|On|By|During|At|Between|As of|For) [^,]{3,45}), (?P<rest>.+)$")
WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
# Weekdays are left out: of which week they are is told by the article, not by the question. Not "from Monday" and such.
_BEFORE_WEEKDAY = "from since until by before after and last next this every of to Super Black Good for between".split()
_ON_WEEKDAY = re.compile(
    r" (?:(?:late |early )?on )?"
    + "".join(rf"(?<!{word} )" for word in _BEFORE_WEEKDAY)
    + rf"{WEEKDAY}(?: (?:morning|afternoon|evening|night)|(?! (?:morning|afternoon|evening|night)))"
    + rf"(?=$|,|\.| (?!and\b|or\b|(?:to|through) {WEEKDAY}|[A-Z]))"
)
MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan\.|Feb\.|Aug\.|Sept\.|Oct\.|Nov\.|Dec\.)"
)
_NO_SUBJECT = re.compile(
    r"(?:After|Before|As|When|While|If|Since|Although|Though|Because|Once|Until|Unless|And|But|Or|So|Yet|Where|What|Who|"
    r"How|Why|In|On|At|By|For|From|With|To|Under|Over|Among|Despite|During|That|There|Then|Not|Nor|Both|Either|Here)\b|"
    r".*\b(?:reports?|shows?|says?|whether|that|than)\b"
)
_RELATIVE = re.compile(r"(?:who|which|whose|where|when|and|or|but)\b")
_LIST_PART = re.compile(r"(?:[$\d]|and\b|or\b|[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)* (?:and|or) [A-Z])")
_NEXT_CLAUSE = re.compile(r"\d{4}$|and (?:is|was|has|had|\w+ed|later|then)\b")
_PARTY = re.compile(r"[DRI]-[A-Z]")
_PLACE_PART = re.compile(r"(?:[A-Z][\w.’'-]+(?: [A-Z][\w.’'-]+){0,2}|\d{4})(?:$| (?:in|on|at|for|from|to|by|with)\b)")
_LIST_OF_PLACES = re.compile(r", [A-Z][\w ]*, [A-Z]")
_PARTICIPLE = re.compile(r"\b(?:\w+ed|been|\w+en|made|won|lost|sold|paid|led|set|spent|held|sent)\b")
_NAMED_THING = re.compile(r"The (?:[A-Z]|\w+ of ).*?(?<= )(?:[A-Z][\w’'&-]*|of (?:the )?[A-Z][\w’'&-]*(?: [A-Z]\w+)*)$")
_TWO_CAPITALS = re.compile(r"(?!An? |Some |All |Many |Most |Last |This )[A-Z][\w.’'-]* [A-Z]")
_COMPLEX = re.compile(r"\b(?:of the|more|who|that|and|with|after|from|by)\b")
BEING = ("was", "were", "is", "are")
_HAVING = {"has": "does", "have": "do", "had": "did"}


@dataclass(frozen=True, slots=True)
class Clause:
    """Subject, finite verb and what follows; `aside` is what stood between commas behind the subject."""

    subject: str
    aside: str
    verb: str
    rest: str


def fit_clause(sentence: str) -> str | None:
    """The sentence on one line, without dateline and full stop; None where nothing can be asked of it."""
    text = _DATELINE.sub("", _SPACE.sub(" ", sentence).strip())
    if not text.endswith(".") or _QUOTES.search(text):
        return None
    text = _ASIDE.sub("", text[:-1])
    within_dashes = len(_DASH.findall(text)) > 1
    text = _BREAK.split(text)[0].rstrip(" ,")
    if within_dashes or UNFIT.search(text):
        return None
    if not SHORTEST <= len(text.split()) <= LONGEST or not (text[0].isupper() or text[0].isdigit()):
        return None
    return text if text.isascii() or _is_latin(text) else None


def _is_latin(text: str) -> bool:
    return all(not character.isalpha() or character < "ɐ" for character in text)


def main_clause(clause: str) -> tuple[str, str]:
    """The clause without trailing ones and weekdays, and what stood before it, to be put at the question's end."""
    ending = ""
    opener = _OPENER.match(clause)
    if opener:
        if not re.search(r" .*(?:[A-Z]|\d)", opener["opener"]):
            return "", ""  # "At that time", "By comparison": leans on what was told
        clause = opener["rest"]
        if not re.search(WEEKDAY, opener["opener"]):
            ending = " " + opener["opener"][0].lower() + opener["opener"][1:]
    clause = _ON_WEEKDAY.sub("", clause)
    clause = re.sub(r" also(?= )", "", clause)
    return clause, ending


def parsed(body: str) -> Clause | None:
    """A clause whose subject is plain to see; None for any other."""
    words = body.split()
    place = next((n for n, word in enumerate(words) if n and _is_finite(word.strip(","), words[n - 1])), None)
    if place is None or place > 16:
        return None
    head, rest = " ".join(words[:place]), " ".join(words[place + 1 :])
    subject, _, aside = head.partition(", ")
    if _NO_SUBJECT.match(head) or ("," in head and not head.endswith(",")):
        return None
    if (head.endswith(",") and not aside) or _RELATIVE.match(aside) or words[place].endswith(","):
        return None
    rest = trimmed(rest)
    return Clause(subject, aside.rstrip(","), words[place], rest) if rest else None


def _is_finite(word: str, before: str) -> bool:
    return word in AUXILIARIES or word in PAST or (word.endswith("ed") and len(word) > 4 and before.lower() != "the")


def trimmed(rest: str) -> str:
    """Without what trails behind a comma that isn't one of a date or a place's name; "" where it may be a list's."""
    first, *others = rest.split(", ")
    kept = first
    for part in others:
        if _LIST_PART.match(part) and not _NEXT_CLAUSE.match(part):
            return ""
        if _PARTY.match(part) or not _PLACE_PART.match(part):
            break
        kept = f"{kept}, {part}"
    return "" if _LIST_OF_PLACES.search(kept) else kept.strip(" ,")


def asked(*parts: str) -> str:
    """The parts as one question."""
    text = _SPACE.sub(" ", " ".join(part for part in parts if part)).strip(" ,.")
    return f"{text[0].upper()}{text[1:]}?"


def inverted(question_word: str, clause: Clause, rest: str, ending: str) -> str | None:
    """ "How many did X sell in May?": the auxiliary before the subject, or "did" and the base form."""
    if clause.verb in _HAVING and not (_PARTICIPLE.search(rest) or PAST.keys() & set(rest.split())):
        return asked(question_word, _HAVING[clause.verb], clause.subject, "have", rest, ending)
    if clause.verb in AUXILIARIES:
        return asked(question_word, clause.verb, clause.subject, rest, ending)
    base = PAST.get(clause.verb)
    return None if base is None else asked(question_word, "did", clause.subject, base, rest, ending)


def named_subject(body: str, people: People) -> Clause | None:
    """A clause whose subject names what it is: "The company" is whichever was spoken of. Persons get full names."""
    clause = parsed(body)
    if clause is None or len(clause.subject.split()) > 9:
        return None
    subject = clause.subject
    if _COMPLEX.search(subject) or BOUND.search(subject):
        return None
    if subject.startswith("The "):
        if not _NAMED_THING.match(subject):
            return None
        subject = f"the{subject[3:]}"
    elif not _TWO_CAPITALS.match(subject) and re.split("['’]s?(?: |$)| ", subject)[0] not in people.names:
        return None
    if " " not in subject and (answers := people.answers(subject)):
        subject = answers[0]
    return replace(clause, subject=subject)
