"""Pairs of a true and a false claim made of the sample articles by rules, for `eval.claim_cases`.

The rules are of another kind than swapping one entity for a random one: phrases with what says the same and what says
something else, conversions of units and dates, speakers moved to the other end of the sentence, effect and cause the
other way round, two sentences in one, and evidence taken from the sentence next door.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from eval.claim_rewrites import Phrase, is_outside_quotes, read_phrases, rewrites
from index.furniture import find_furniture
from index.language import is_read, language_of
from index.records import Article, Sentence
from index.sentences import split_sentences
from index.words import content_words

PER_KIND = 24
PER_KIND_AND_ARTICLE = 2
PER_SENTENCE = 2
LONGEST_CLAIM_WORDS = 50

_TITLE = r"(?:Dr\.|Professor|Captain|Mayor|Judge|Sergeant|President|Councillor|Treasurer|Chief engineer)"
_NAME = rf"(?:{_TITLE} )?(?:[A-Z][a-zé]+ )?[A-Z][a-zé]+(?:-[A-Z][a-z]+)?"
_NO_PERSON = re.compile(
    r"\b(?:The|It|He|She|They|Herald|Post|Courier|Observer|Line|Terminals|Office|Union|League|Bench|List|Veldstrom|Town"
    r"|Astrel|Corvane|Institute|Police|Researchers|Results|Shareholders|Merrin|Sallow|Brindle|Dunmere|Harrow|Port|Cray)\b"
)
_SPEAKS = re.compile(
    rf"\bsaid (?P<after>{_NAME})"
    rf"|\b(?P<before>{_NAME})(?:, [^,.\"]+,)? (?:said|told|called|added|thinks|denied|confirmed)\b"
)
_DAY = r"(?: on \w+day(?: (?:morning|afternoon|evening|night))?)?"
_NOT_ITSELF = r"(?!(?:that|s?he|they|her|his|their|afterwards)\b)"
_SAID_FIRST = re.compile(
    rf"^(?P<who>{_NAME})(?P<is>, [^,.\"]+,)? said{_DAY} (?:that )?(?P<what>{_NOT_ITSELF}[a-z][^\"]+)\.$"
)
_SAID_LAST = re.compile(rf"^(?P<what>[^\"]+), said (?P<who>{_NAME})(?P<is>, (?:who|the|whose|its) [^\"]+)?\.$")
_QUOTED = re.compile(rf"^(?P<what>\"[^\"]+),\" (?:said (?P<who>{_NAME})|(?P<who2>{_NAME}) said)\b[^\"]*\.$")
_FULL_NAME = re.compile(r"(?<![\w\"] )\b(?P<first>[A-Z][a-zé]+) (?P<last>[A-Z][a-zé]+(?:-[A-Z][a-z]+)?)\b(?!')")
_BECAUSE = re.compile(r"^(?P<effect>[A-Z][^\";]+?),? because (?!of )(?P<cause>[^\";,]+)\.$")
_IMPERATIVE = re.compile(
    r"^(?:If|Stir|Two people|A manager|Its economist|That is|They are|In the tower|She goes|The mediator)\b"
)
_FIRST_PERSON = re.compile(r"\b(?:I|me|my|we|us|our|We|Our|My)\b")
_LEANING = re.compile(r"^(?:It|He|She|They|Its|His|Her|Their|That|This|These|One|Some|Two|Three|Both|Neither|All)\b")
_NAME_WITHIN = re.compile(r"(?<=[a-z,] )[A-Z][\w-]+")
_NO_NAMES = frozenset("The A An In It He She They Nobody All Some".split())


@dataclass(frozen=True, slots=True)
class MadePair:
    """A true and a false claim on sentences of one article; `label` is that of the false one."""

    article: Article
    kind: str
    label: str
    true: str
    true_evidence: tuple[Sentence, ...]
    false: str
    false_evidence: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class _Told:
    """An article's sentences, the people who speak in it, and the words that have a capital within a sentence."""

    article: Article
    sentences: tuple[Sentence, ...]
    speakers: tuple[str, ...]
    names: frozenset[str]


def make_pairs(articles: Sequence[Article], taken: set[str]) -> tuple[MadePair, ...]:
    """The pairs, the same each time; none with a claim that is in `taken` (case folded). Articles in English only."""
    phrases = read_phrases(Path(str(files("eval").joinpath("adversarial", "phrases.jsonl"))))
    candidates: list[MadePair] = []
    for article in articles:
        if is_read(language_of(article.text)):
            told = _told(article)
            candidates += (pair for rule in _RULES for pair in rule(told, phrases))
    return tuple(_chosen(candidates, taken))


def _chosen(candidates: Sequence[MadePair], taken: set[str]) -> Iterator[MadePair]:
    """At most so many of a kind, of a kind in one article, and of a sentence; claims that stand alone come first."""
    kinds, places, sentences = Counter[str](), Counter[tuple[str, str]](), Counter[Sentence]()
    seen = set(taken)
    for pair in sorted(candidates, key=_order):
        first, place = pair.true_evidence[0], (pair.kind, pair.article.article_id)
        claims = {pair.true.casefold(), pair.false.casefold()}
        full = kinds[pair.kind] >= PER_KIND or places[place] >= PER_KIND_AND_ARTICLE or sentences[first] >= PER_SENTENCE
        if full or claims & seen or len(pair.true.split()) > LONGEST_CLAIM_WORDS or _is_of_no_use(pair):
            continue
        seen |= claims
        kinds[pair.kind] += 1
        places[place] += 1
        sentences[first] += 1
        yield pair


def _order(pair: MadePair) -> tuple[bool, str]:
    leans = bool(_LEANING.match(pair.true))
    return leans, sha256(f"{pair.kind}\n{pair.true}\n{pair.false}".encode()).hexdigest()


def _is_of_no_use(pair: MadePair) -> bool:
    """A question, a condition, or a claim in the first person of whoever wrote the article."""
    outside = "".join(pair.true.split('"')[::2])
    return "?" in pair.true or pair.true.startswith("If ") or bool(_FIRST_PERSON.search(outside))


def _told(article: Article) -> _Told:
    sentences = split_sentences(article, find_furniture(article.text, article.info.title))
    speakers: dict[str, str] = {}
    for sentence in sentences:
        for match in _SPEAKS.finditer(sentence.text):
            name = re.sub(rf"^{_TITLE} ", "", match["after"] or match["before"])
            if not _NO_PERSON.search(name):
                surname = name.split()[-1]
                speakers[surname] = max(speakers.get(surname, ""), name, key=len)
    names = {name for sentence in sentences for name in _NAME_WITHIN.findall(sentence.text)}
    return _Told(article, sentences, tuple(speakers.values()), frozenset(names - _NO_NAMES))


def _rewritten(told: _Told, phrases: Sequence[Phrase]) -> Iterator[MadePair]:
    for sentence in told.sentences:
        for made in rewrites(sentence.text, told.article.info.published, phrases):
            one = (sentence,)
            yield MadePair(told.article, made.kind, made.label, made.true, one, made.false, one)


def _other_speaker(told: _Told, sentence: Sentence, who: str) -> str | None:
    """Somebody who speaks in the article, but not in this sentence."""
    surname = who.split()[-1]
    others = [name for name in told.speakers if name.split()[-1] not in sentence.text and name.split()[-1] != surname]
    return others[len(sentence.text) % len(others)] if others else None


def _moved_speakers(told: _Told, _: Sequence[Phrase]) -> Iterator[MadePair]:
    """What "X said" becomes "according to X", and the other way round; the false claim names another speaker."""
    for sentence in told.sentences:
        for pattern, claim in (
            (_SAID_FIRST, "According to {who}, {what}"),
            (_SAID_LAST, "{who} said that {what}"),
            (_QUOTED, 'It was {who} who said: {what}"'),
        ):
            match = pattern.match(sentence.text)
            if match is None:
                continue
            who = match.groupdict().get("who") or match["who2"]
            other = None if _NO_PERSON.search(who) else _other_speaker(told, sentence, who)
            if other is None:
                continue
            what = match["what"] if pattern is _QUOTED else _lower_first(match["what"], told)
            true, false = (_stopped(claim.format(who=name, what=what)) for name in (who, other))
            one = (sentence,)
            yield MadePair(told.article, "attribution", "contradicted", true, one, false, one)


def _crossed_names(told: _Told, _: Sequence[Phrase]) -> Iterator[MadePair]:
    """A surname alone is the same person; with the first name of another it is nobody."""
    people = [name.split() for name in told.speakers if len(name.split()) == 2]
    for sentence in told.sentences:
        for first, last in people:
            at = sentence.text.find(f"{first} {last}")
            others = [other for other, surname in people if surname != last and other not in sentence.text]
            if at < 0 or not others or not is_outside_quotes(sentence.text, at):
                continue
            before, after = sentence.text[:at], sentence.text[at + len(first) + len(last) + 1 :]
            other = others[len(sentence.text) % len(others)]
            one = (sentence,)
            true, false = f"{before}{last}{after}", f"{before}{other} {last}{after}"
            yield MadePair(told.article, "name", "contradicted", true, one, false, one)


def _turned_causes(told: _Told, _: Sequence[Phrase]) -> Iterator[MadePair]:
    """ "S because R" becomes "Because R, S"; with S as the reason for R it is false."""
    for sentence in told.sentences:
        match = _BECAUSE.match(sentence.text)
        if match is None or _IMPERATIVE.match(sentence.text):
            continue
        effect, cause = match["effect"], match["cause"]
        true = _stopped(f"Because {cause}, {_lower_first(effect, told)}")
        false = f"Because {_lower_first(effect, told)}, {cause}."
        one = (sentence,)
        yield MadePair(told.article, "cause", "contradicted", true, one, false, one)


def _merged(told: _Told, phrases: Sequence[Phrase]) -> Iterator[MadePair]:
    """Two neighbouring sentences in one claim, of which the second goes wrong."""
    for one, other in pairwise(told.sentences):
        if "\n" in told.article.text[one.end : other.start] or '"' in one.text + other.text or one.text[-1] != ".":
            continue
        for made in rewrites(other.text, told.article.info.published, phrases):
            if made.kind in {"number", "date", "comparison", "negation", "tense"}:
                true, false = (f"{one.text[:-1]}, and {_lower_first(claim, told)}" for claim in (made.true, made.false))
                both = (one, other)
                yield MadePair(told.article, "mixed-facts", "partial", true, both, false, both)


def _next_door(told: _Told, phrases: Sequence[Phrase]) -> Iterator[MadePair]:
    """A true claim with a figure, cited to the sentence before or after, which has nothing of it."""
    for before, sentence, after in zip(told.sentences, told.sentences[1:], told.sentences[2:], strict=False):
        figures = set(re.findall(r"\d[\d,.]*\d|\d", sentence.text))
        if not figures or '"' in sentence.text or _LEANING.match(sentence.text):
            continue
        claims = [made.true for made in rewrites(sentence.text, told.article.info.published, phrases)]
        words = set(content_words(sentence.text))
        for neighbour in (after, before):
            shared = words & set(content_words(neighbour.text))
            if claims and len(shared) <= 0.2 * len(words) and not any(one in neighbour.text for one in figures):
                claim = claims[0]
                yield MadePair(told.article, "wrong-citation", "unsupported", claim, (sentence,), claim, (neighbour,))
                break


def _lower_first(text: str, told: _Told) -> str:
    """The text as it goes on within a sentence; a name keeps its capital."""
    word = re.match(r"[\w-]+", text)
    return text if word is None or word[0] in told.names else text[0].lower() + text[1:]


def _stopped(text: str) -> str:
    return f"{text.removesuffix('.')}."


_RULES: tuple[Callable[[_Told, Sequence[Phrase]], Iterator[MadePair]], ...] = (
    _rewritten,
    _moved_speakers,
    _crossed_names,
    _turned_causes,
    _merged,
    _next_door,
)
