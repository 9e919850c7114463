"""Articles become sentences with exact offsets: `article.text[start:end] == sentence.text`, always.

The text is split into paragraphs first, then by nupunkt, whose mistakes on news are repaired by a few rules.
`tests/measure_splitters.py` compares it with other splitters on boundaries labelled by reading real articles.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Protocol, cast

from index.clauses import Span, cut_at_clauses
from index.records import Article, Furniture, Sentence

# To be raised with any change that moves a sentence: here, in clauses.py, in furniture.py, or of nupunkt itself.
SPLITTER_VERSION = "3"

# The library's time grows with the square of a run such as "?!?!?!…", so it never sees more than this at once.
_WINDOW = 4000
_LINE = re.compile(r"[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_HARD_BREAK = re.compile(r"[\v\f\x1c-\x1e\x85\u2028\u2029]|(?:\r\n|\r|\n)\s*[\r\n]")

_TITLES = frozenset(
    "adm amb asst atty brig capt cmdr col cong cpl det dr fr gen gov hon insp lieut lt maj messrs mr mrs ms msgr "
    "pfc pres prof pvt rep reps rev sen sens sgt supt".split()
)
_NEVER_LAST = _TITLES | frozenset("v vs no nos e.g i.e cf viz feat ft approx ca al".split())
# Of three letters or more; the library takes many a common word, such as "series", for one.
_ABBREVIATIONS = frozenset(
    "acad ala approx apt ariz ark assn assoc aug ave avg bldg blvd bros calif cent chas colo comm conn corp dec del "
    "dept dist div ed eds engr est etc exec ext feat feb fig fla fri geo govt hosp hrs hwy ill inc incl ind intl "
    "jan kans lbs ltd mass max mfg mich min minn mins misc miss mon mont mos natl nebr nov oct okla ore oreg para "
    "pct penn pgs pkwy prev proc pseud rev robt secs sept seq sgts sic sqft tbsp tel temp tenn tex thos thu thur "
    "thurs trans tsp tue tues univ viz vol vols wash wed wis wisc yds yrs".split()
)
# Words that open a sentence in news and are no part of a name, so that "the U.S. On Monday" is two sentences.
_OPENERS = frozenset(
    "A About According After Again All Almost Also Although Amid Among An And Another Any Anyone Are Around As At "
    "Because Before Being Between Both But By Can Could Despite Did Do Does During Each Earlier Either Even Every "
    "Everyone Few For Former From Had Has Have Having He Her Here His How However I If In Instead Is It Its Just "
    "Last Later Like Many Maybe Meanwhile More Moreover Most Much My Nearly Neither Never Next Nobody None Nor "
    "Nothing Now Of Officials Often On Once One Only Or Other Our Out Over People Perhaps Police Prosecutors Rather "
    "She Should Since So Some Sometimes Soon Still Such That The Their Then There These They This Those Though "
    "Three Through Thus To Today Together Two Under Unlike Until Up Was We Were What When Where Whether Which While "
    "Who Why Will With Within Without Would Yet You Your".split()
)
_NOT_A_NAME = _OPENERS | {"Authorities", "Critics", "Doctors", "Experts", "Others", "Researchers", "Scientists"}
_DOMAINS = frozenset("com org net gov edu co uk tv io ai me us info biz".split())

# A new sentence straight after the last one, as a lost line break leaves it: "at the park.Visitors can".
_GLUED = re.compile(r"(?<=[a-z]{2})[.?!][\"”’)]*(?=(?:[“\"‘(])?[A-Z][a-z]+)")
_SPACED = re.compile(r"(?<=[^\W\d_])\.[\"”’)]*\s+(?=[“\"‘'(]?[^\W_])")
_LAST_WORD = re.compile(r"[^\W\d_][^\W\d_.’']*(?:[.’'][^\W\d_]+)*$")
_ATTRIBUTION = re.compile(
    r"(?:(?:[A-Z][\w.’'-]*|de|la|van|von|bin|al)\s+){1,5}"
    r"(?:said|says|asked|asks|wrote|writes|replied|responded|added|told|tweeted|continued|exclaimed|joked|quipped|shouted"
    r"|yelled|wondered|recalled|declared|posted|explained|noted)\b(?!,?:?\s*[“\"])"
)
_BANG_NAMES = ("E!", "Yahoo!")


class _Splitter(Protocol):
    def span_tokenize(self, text: str) -> Iterator[Span]: ...


def split_sentences(article: Article, furniture: Sequence[Furniture]) -> tuple[Sentence, ...]:
    """The article's sentences, in order and apart from each other, none of them touching its furniture.

    One of more than 45 words is cut at its clauses. Nothing without a letter or digit counts as a sentence.
    """
    text = article.text
    spans = (
        piece
        for paragraph in _paragraphs(text, furniture)
        for sentence in _sentences(text, *paragraph)
        for piece in cut_at_clauses(text, *sentence)
    )
    stripped = (span for span in (_strip(text, *span) for span in spans) if span)
    return tuple(
        Sentence(article.article_id, article.version, position, start, end, text[start:end])
        for position, (start, end) in enumerate(stripped)
    )


def sentence_spans(text: str) -> tuple[Span, ...]:
    """The sentences of a text without furniture, long ones not yet cut."""
    return tuple(span for paragraph in _paragraphs(text, ()) for span in _sentences(text, *paragraph))


def _paragraphs(text: str, furniture: Sequence[Furniture]) -> Iterator[Span]:
    """The lines of the text, or what furniture leaves of them; a paragraph wrapped over several lines is one."""
    for start, end in _outside(text, furniture):
        block: list[Span] = []
        for match in _LINE.finditer(text, start, end):
            if not (line := _strip(text, *match.span())):
                continue
            if block and _HARD_BREAK.search(text, block[-1][1], line[0]):
                yield from _unwrapped(text, block)
                block = []
            block.append(line)
        yield from _unwrapped(text, block)


def _outside(text: str, furniture: Sequence[Furniture]) -> Iterator[Span]:
    at = 0
    for item in sorted(furniture, key=lambda item: item.start):
        if item.start > at:
            yield at, item.start
        at = max(at, item.end)
    if at < len(text):
        yield at, len(text)


def _unwrapped(text: str, lines: list[Span]) -> list[Span]:
    """One span if the lines look like a paragraph wrapped at a fixed width, else the lines themselves."""
    widths = [end - start for start, end in lines[:-1]]
    if not widths or not 50 <= min(widths) <= max(widths) <= min(100, min(widths) + 30):
        return lines
    if not any(text[start].islower() for start, _ in lines[1:]):
        return lines
    return [(lines[0][0], lines[-1][1])]


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """The sentences of one paragraph: the library's breaks, less those a rule forbids, and those that rules add."""
    breaks = {at for at in _library_breaks(text, start, end) if not _joins(text, start, at)}
    breaks.update(_missed_breaks(text, start, end))
    edges = [start, *sorted(breaks), end]
    first, last, whole = start, start, False
    for begin, stop in pairwise(edges):
        begin, stop = _strip_space(text, begin, stop)
        has_word = _has_word(text, begin, stop)
        # A piece without a letter or digit is a stray quotation mark or dots: the last sentence's, not one of its own.
        if has_word and whole:
            yield first, last
            first = begin
        whole = whole or has_word
        last = max(last, stop)
    if whole:
        yield first, last


def _library_breaks(text: str, start: int, end: int) -> Iterator[int]:
    """Where the library starts a sentence, asked for a window at a time, the last of each again with the next."""
    begin = start
    while start < end:
        stop = _window_end(text, start, end)
        starts = [start + span[0] for span in _splitter().span_tokenize(text[start:stop])]
        if stop < end and len(starts) > 1:
            stop = starts.pop()
        yield from (at for at in starts if at > begin)
        start = stop


def _window_end(text: str, start: int, end: int) -> int:
    if end - start <= _WINDOW:
        return end
    space = max(text.rfind(" ", start + 1, start + _WINDOW), text.rfind("\u00a0", start + 1, start + _WINDOW))
    return space if space > start else start + _WINDOW


def _joins(text: str, start: int, at: int) -> bool:
    """Whether the sentence goes on over a break that the library puts before `at`."""
    before = text[max(start, at - 80) : at].split()
    after = text[at : at + 80]
    if not before or not after.strip("–—- \n\t"):
        return True
    last, following = before[-1], after.lstrip("–—- ").split()[0]
    bare = last.lstrip("“\"‘'(").rstrip(".").lower()
    return (
        not any(map(str.isalnum, following))
        or (_goes_on_in_lower_case(following) and text[at - 1].isspace())
        or (last.endswith(".") and bare in _NEVER_LAST)
        or following in ("v.", "vs.")
        or last.lstrip("“\"‘'(") in _BANG_NAMES
        or (re.search(r"[?!][\"”’]+$", last) is not None and _is_attribution(after))
    )


def _goes_on_in_lower_case(word: str) -> bool:
    """ "said", "(as", but neither "livenation.com" nor "iPhone", either of which may open a sentence."""
    word = word.lstrip("“\"‘'([")
    return word[:1].islower() and "." not in word[:-1] and not word[1:2].isupper()


def _is_attribution(after: str) -> bool:
    match = _ATTRIBUTION.match(after)
    return match is not None and after.split()[0] not in _NOT_A_NAME


def _missed_breaks(text: str, start: int, end: int) -> Iterator[int]:
    for match in _GLUED.finditer(text, start, end):
        if _is_glued(text, start, end, match.start(), match.end()):
            yield match.end()
    for match in _SPACED.finditer(text, start, end):
        word = _LAST_WORD.search(text[max(start, match.start() - 30) : match.start()])
        if word and _ends_sentence(word.group(), text[match.end() : match.end() + 30]):
            yield match.end()


def _is_glued(text: str, start: int, end: int, stop: int, at: int) -> bool:
    """Whether "park.Visitors" is two sentences, which an address, a name such as Will.I.Am or a file name is not."""
    left = max(text.rfind(" ", max(start, stop - 80), stop) + 1, start, stop - 80)
    right = text.find(" ", at, min(end, at + 80))
    token = text[left : right if right > 0 else min(end, at + 80)]
    word = text[left:stop].lstrip("“\"‘'(")
    domain = re.sub(r"\W.*", "", text[at : at + 12]).lower() in _DOMAINS
    return word.islower() and not domain and not re.search(r"[@/\\_]", token) and token.count(".") < 3


def _ends_sentence(word: str, after: str) -> bool:
    """Whether "week." or "U.S." ends a sentence that the library may have read on over."""
    following = re.sub(r"^[“\"‘'(]+", "", after)
    opener = re.split(r"[^\w]", following, maxsplit=1)[0]
    bare = word.rstrip(".").lower()
    if bare in _NEVER_LAST or not (opener[:1].isupper() or (opener[:1].isdigit() and word.islower())):
        return False
    if word.isalpha() and len(word) >= (3 if word.islower() else 4):
        return bare not in _ABBREVIATIONS or opener in _OPENERS
    return opener in _OPENERS and (len(word) > 1 or opener == "The")


def _strip(text: str, start: int, end: int) -> Span | None:
    """The span without white space at its ends; None where no letter or digit is in it."""
    start, end = _strip_space(text, start, end)
    return (start, end) if _has_word(text, start, end) else None


def _has_word(text: str, start: int, end: int) -> bool:
    return any(text[at].isalnum() for at in range(start, end))


def _strip_space(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


@cache
def _splitter() -> _Splitter:
    from nupunkt.models import load_default_model

    return cast(_Splitter, load_default_model())
