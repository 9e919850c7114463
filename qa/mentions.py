"""Who and what a text speaks of: names and noun phrases, with what can be told of them by rules.

No parser: capitals, determiners and lists of words. What the rules aren't sure of has the kind "unknown".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from index.words import FUNCTION_WORDS

Kind = Literal["person", "place", "organisation", "thing", "date", "unknown"]
Gender = Literal["he", "she"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


AUXILIARIES = _set(
    "is are was were am do does did has have had can could will would shall should may might must isn't aren't "
    "wasn't weren't don't doesn't didn't hasn't haven't hadn't can't couldn't won't wouldn't shouldn't"
)
_BEFORE_SUBJECTS = _set("do does did can could will would shall should may might must")
QUESTION_WORDS = _set("who whom whose what which when where why how who's what's where's when's how's whats whos")
PREPOSITIONS = _set(
    "about above across after against along among around as at before behind below beside between beyond by despite "
    "down during for from in inside into like near of off on onto out outside over past since through to toward "
    "towards under until up upon via with within without"
)
_DETERMINERS = _set("the a an this that these those")
_POSSESSIVES = _set("my your his her its our their")
_PERSON_TITLES = _set(
    "mr mrs ms miss dr sir lady lord captain president minister senator governor mayor judge justice king queen "
    "prince princess pope bishop professor prof master sgt sergeant lieutenant colonel general inspector"
)
_HE_WORDS = _set("mr sir lord king prince pope man boy father son brother husband fireman policeman fisherman actor")
_SHE_WORDS = _set("mrs ms miss lady queen princess woman girl mother daughter sister wife actress")
_PERSON_WORDS = (
    _PERSON_TITLES
    | _HE_WORDS
    | _SHE_WORDS
    | _set(
        "person child suspect victim chief boss head director chairman chairwoman author artist pilot guard coach "
        "guest friend thief winner loser doctor nurse patient student clerk chef priest duke rapper baby champion "
        "star expert spokesman spokeswoman scientist survivor resident refugee member host agent architect prosecutor "
        "lawyer mediator apprentice"
    )
)
_PERSON_SUFFIX = re.compile(r"(?:[a-z]{2}(?:ist|ian|eer|ant|ress)|[a-z]{3}(?:er|or|man|woman))$")
# They end like persons.
_NO_PERSONS = _set(
    "water river winter summer number weather paper newspaper letter matter order power tower tanker border barrier "
    "corner answer centre center theater helicopter computer chapter master offer error mirror motor harbor harbour "
    "sector factor tractor reactor reservoir shelter shoulder quarter disaster cancer fever butter leather silver "
    "ladder container trailer rumor rumour honor tenor colour favour flavor poster monster register whether other "
    "another rather earlier later after under over ever never list protein plant restaurant grant giant constant "
    "human month dinner danger laser counter freezer printer scooter ferry cover finger timber lumber chamber december "
    "september october november december former latter larger bigger higher lower older younger longer faster"
)
_ORGANISATION_WORDS = _set(
    "council union party league government company firm bank court police parliament senate museum university school "
    "college hospital team club association agency ministry department office board committee commission group "
    "service institute authority coastguard army navy church corporation inc ltd airline newspaper herald post times "
    "observer courier bench list federation foundation society crew brigade family couple"
)
_PLACE_WORDS = _set(
    "town city village river lake hill hills mountain island street road square bridge port harbour valley county "
    "region country state province district sea bay coast park airport station reservoir quay moor lane sound"
)
# "The budget of the film": what is asked next is asked of the film.
_ATTRIBUTES = _set(
    "budget price cost number name title age size result cause reason amount figure length date job share rate level "
    "value total sum speed weight height depth role kind sort type part percentage end beginning start time year day"
)
_VERBS = _set(
    "lie lies earn earns own owns cook cooks get got go goes went come comes came make made take took give gave say "
    "said says see saw seen know knew want find found tell told ask put keep kept let begin began show hear heard run "
    "ran move live lives believe hold held bring brought happen happens write wrote sit sat stand stood lose lost pay "
    "paid meet met set lead led grow grew win won buy bought send sent build built fall fell cut leave left sell sold "
    "rise rose shut end ends cause hit hurt cost become became swing swung spend spent break broke drive drove eat "
    "speak spoke wear choose chose fly flew need needs open opened look looks use uses help try call work works mean "
    "means seem wants rule be been being stop stay die receive report bother vote bear born"
)
_ADVERBS = _set(
    "back away together alone well again ago now yet still ever also altogether first last next soon hardest"
)
_TOKEN = re.compile(r"[^\W_]+(?:[’'.&-][^\W_]+)*[’']?|[,;:?!.()]")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d$")
_MONTH_OR_DAY = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)$"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a mark of punctuation, and where it stands."""

    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        return self.text.lower().replace("’", "'")

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody or something that a text speaks of: its characters `[start, end)`, as `text`.

    `gender` is None unless the words say it. `attribute`: what is said of something else ("the price of").
    """

    text: str
    start: int
    end: int
    kind: Kind
    named: bool
    plural: bool = False
    gender: Gender | None = None
    attribute: bool = False


def tokens(text: str) -> list[Token]:
    return [Token(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]


def is_name(token: Token, first: bool) -> bool:
    """A capitalised word that isn't one of grammar; at the beginning of a sentence a capital says nothing."""
    lower = token.lower.removesuffix("'s")
    return (
        token.text[0].isupper()
        and not first
        and lower not in FUNCTION_WORDS
        and lower not in QUESTION_WORDS
        and not _MONTH_OR_DAY.match(token.text)
    )


def mentions(text: str) -> tuple[Mention, ...]:
    """The names and noun phrases of a text, in its order."""
    found = tokens(text)
    spans = sorted({*_names(found), *_phrases(found)}, key=lambda span: (span[0], -span[1]))
    kept: list[tuple[int, int]] = []
    for span in spans:
        # A name inside a longer phrase ("the fireman from Cray") is a mention of its own, its parts aren't.
        if not any(span != other and other[0] <= span[0] and span[1] <= other[1] for other in kept) or _free(
            found, span
        ):
            kept.append(span)
    return tuple(_mention(text, found, first, last) for first, last in kept)


def _free(found: Sequence[Token], span: tuple[int, int]) -> bool:
    before = found[span[0] - 1].lower if span[0] else ""
    return before in PREPOSITIONS or found[span[1] - 1].lower.endswith(("'s", "s'"))


def _starts_sentence(found: Sequence[Token], place: int) -> bool:
    return place == 0 or found[place - 1].text in ".?!:"


def _names(found: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words, as places of tokens."""
    place = 0
    while place < len(found):
        end = place
        while end < len(found) and _in_name(found, end):
            end += 1
        opens = _starts_sentence(found, place)
        if end > place and found[end - 1].lower.endswith(("'s", "s'")):
            yield place, end
            yield place, _end_of_phrase(found, end)  # "Corvane's chief"
        elif end > place and not (opens and end - place == 1 and not _spoken_of(found, end)):
            yield place, end
        place = max(end, place + 1)


def _in_name(found: Sequence[Token], place: int) -> bool:
    token = found[place]
    if not token.is_word:
        return False
    if place and found[place - 1].lower.endswith("'s") and not found[place].text[0].isupper():
        return False
    return is_name(token, False)


def _spoken_of(found: Sequence[Token], after: int) -> bool:
    """Whether what follows a single capitalised word shows that it is a name: "Holm said", "Strohm, 34,"."""
    following = [token.lower for token in found[after : after + 2]]
    return bool(following) and (
        following[0] in _VERBS or following[0] in AUXILIARIES or (following[0] == "," and following[-1].isdigit())
    )


def _phrases(found: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Noun phrases that begin with a determiner, or with which, what, how many or how much."""
    for place, token in enumerate(found):
        determined = token.lower in _DETERMINERS and not _before_name(found, place)
        determined = determined or (token.lower.endswith(("'s", "s'")) and place > 0)
        asked = token.lower in ("which", "what", "many", "much")
        if not determined and not asked:
            continue
        # "The call", "the lead": after an article a noun.
        noun = 1 if token.lower in ("the", "a", "an") and _is_verb_alone(found, place + 1) else 0
        end = _end_of_phrase(found, place + 1 + noun)
        if _ends_with_verb(found, place, end):
            end -= 1
        if end > place + 1 and not token.lower.endswith(("'s", "s'")):
            yield (place + 1 if asked else place), _end_of_modifiers(found, end)


def _before_name(found: Sequence[Token], place: int) -> bool:
    """ "That Ada Brook left": a conjunction."""
    return found[place].lower == "that" and place + 1 < len(found) and is_name(found[place + 1], False)


def _end_of_phrase(found: Sequence[Token], place: int) -> int:
    first = place
    while place < len(found) and _is_content(found[place]):
        if place > first and found[place].lower.endswith(("ed", "ing")):
            break  # "the coast polluted": the verb
        place += 1
        if _names_person(found[place - 1].lower):
            break
    return place


def _end_of_name(found: Sequence[Token], place: int) -> int:
    while place < len(found) and _in_name(found, place):
        place += 1
    return place


def _ends_with_verb(found: Sequence[Token], place: int, end: int) -> bool:
    """ "Why did the ferry sink?": what follows a subject and ends the question."""
    ends = end == len(found) or not found[end].is_word
    return ends and end - place > 2 and place > 0 and found[place - 1].lower in _BEFORE_SUBJECTS


def _is_verb_alone(found: Sequence[Token], place: int) -> bool:
    return place < len(found) and found[place].lower in _VERBS


def _is_verb(word: str) -> bool:
    return word in _VERBS or word in AUXILIARIES or word.endswith("ed")


def _is_content(token: Token) -> bool:
    lower = token.lower
    return (
        token.is_word
        and lower not in FUNCTION_WORDS
        and lower not in AUXILIARIES
        and lower not in QUESTION_WORDS
        and lower not in PREPOSITIONS
        and lower not in _VERBS
        and lower not in _ADVERBS
    )


def _end_of_modifiers(found: Sequence[Token], end: int) -> int:
    """Takes in "of the pylons", "from Cray" and "that came first in Sallow"."""
    while end + 1 < len(found):
        if found[end].lower in ("of", "from", "at", "in") and not _breaks(found, end):
            inner = end + 2 if found[end + 1].lower in _DETERMINERS else end + 1
            new = _end_of_name(found, inner) if is_name(found[inner], False) else _end_of_phrase(found, inner)
            if new == inner:
                return end
            end = new
        elif found[end].lower in ("that", "who", "which") and _is_verb(found[end + 1].lower):
            while end < len(found) and found[end].is_word:
                end += 1
            return end
        else:
            return end
    return end


def _breaks(found: Sequence[Token], place: int) -> bool:
    """In, at and from belong to a phrase where a name follows: "the fireman from Cray"."""
    following = found[place + 1]
    return found[place].lower != "of" and not is_name(following, False) and not _YEAR.match(following.text)


def _mention(text: str, found: Sequence[Token], first: int, last: int) -> Mention:
    start, end = found[first].start, found[last - 1].end
    end -= 2 if found[last - 1].lower.endswith("'s") else 0
    words = [token.lower.removesuffix("'s") for token in found[first:last]]
    of = next((place for place, word in enumerate(words) if place and word in (*PREPOSITIONS, "that", "who")), None)
    head = words[(of or len(words)) - 1]
    named = all(token.text[0].isupper() for token in found[first:last] if token.lower not in FUNCTION_WORDS)
    before = found[first - 1].lower if first else ""
    kind = _kind(words, head, named, before, [token.lower for token in found[last : last + 2]])
    return Mention(
        text[start:end],
        start,
        end,
        kind,
        named,
        plural=not named and ((head.endswith("s") and not head.endswith("ss")) or head in ("people", "police")),
        gender=_gender([before, *words] if kind == "person" else []),
        attribute=head in _ATTRIBUTES,
    )


def _kind(words: Sequence[str], head: str, named: bool, before: str, after: Sequence[str]) -> Kind:
    if _YEAR.match(head):
        return "date"
    if any(word in _ORGANISATION_WORDS for word in words if named or word == head):
        return "organisation"
    if any(word in _PLACE_WORDS for word in words if named or word == head):
        return "place"
    if not named:
        return "person" if _names_person(head) or head == "people" else "thing"
    if words[0] in _PERSON_TITLES or before in _PERSON_TITLES or (after and after[0] == "said"):
        return "person"
    if len(after) > 1 and after[0] == "," and after[1].isdigit():
        return "person"
    return "place" if before in ("in", "at", "near", "to", "from", "of") and len(words) == 1 else "unknown"


def _names_person(word: str) -> bool:
    word = word.removesuffix("s") if not word.endswith("ss") else word
    return word in _PERSON_WORDS or (word not in _NO_PERSONS and _PERSON_SUFFIX.search(word) is not None)


def _gender(words: Sequence[str]) -> Gender | None:
    for word in words:
        if word in _HE_WORDS or (word.endswith("man") and not word.endswith("woman") and word != "human"):
            return "he"
        if word in _SHE_WORDS or word.endswith("woman"):
            return "she"
    return None
