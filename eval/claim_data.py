"""Training data for the grounding checker: claims with sentences of news articles, and what these make of them.

Three sources: claims written for this project on articles of RealTime QA's 2022 quizzes (eval/training), claims made
from sentences of all its articles by rule (eval/claim_rules.py), and questions put together with their answers, right
and wrong ones (SQuADShifts, Miller et al., ICML 2020; QAMR, Michael et al., NAACL 2018).
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from eval.answer_metrics import contains_answer
from eval.claim_rules import Around, Claim, difference, false_claims, true_claims
from eval.lines import read_lines
from eval.reader_data import Bm25, Example, Group
from index.errors import BadInputError
from index.furniture import find_furniture
from index.records import Article, Sentence, article_id_for
from index.sentences import split_sentences
from index.words import content_words
from qa.claim_evidence import MOST_SENTENCES, choose_evidence, greedy_cover, within_words
from qa.reader import head_of

# One article in so many is kept for thresholds and calibration.
HELD_OUT_ONE_IN = 6
SHORTEST, LONGEST = 8, 45
# A claim made of another sentence is told by the evidence after all when so much of it stands there.
TOLD = 0.7
# How often an article's headline is a claim too.
HEADLINES = 0.4
# Claims made by rule that rest on the sentence before or on the article's date besides.
_NEEDS_MORE = ("pronoun", "date-format")
# How often a written claim is shown with what it cites alone, and with the neighbours of that.
CITED_ALONE, BESIDE = 0.5, 0.2


@dataclass(frozen=True, slots=True)
class ClaimExample:
    """A claim, its evidence's head (title and date) and sentences, and whether they support it; `clash` where they
    don't: whether they say otherwise, None where that can't be told. `faults` are the characters of the claim that
    they don't bear out, None where nobody marked them.
    """

    claim: str
    head: str
    evidence: tuple[str, ...]
    supported: bool
    clash: bool | None = None
    faults: tuple[tuple[int, int], ...] | None = None
    kind: str = ""


# A claim by itself, or a true one followed by its false twin.
ClaimGroup = tuple[ClaimExample] | tuple[ClaimExample, ClaimExample]


@dataclass(frozen=True, slots=True)
class WrittenClaim:
    """A claim on one version of an article. `label` is S (supported), C (contradicted), U (unsupported) or P (in
    part); `evidence` are characters of the article, none where the claim sums up the whole of it; `twin` is the
    supported claim of which a false one is a changed copy.
    """

    claim: str
    label: str
    kind: str
    article_id: str
    version: str
    evidence: tuple[tuple[int, int], ...]
    twin: str | None

    @property
    def held_out(self) -> bool:
        """Whether its article is one of those kept for thresholds and calibration."""
        return int(self.article_id, 16) % HELD_OUT_ONE_IN == 0


@dataclass(frozen=True, slots=True)
class ClaimArticle:
    """An article and its sentences that are prose."""

    article: Article
    sentences: tuple[Sentence, ...]

    @property
    def head(self) -> str:
        return head_of(self.article.info)


def claim_article(article: Article) -> ClaimArticle:
    """The article, split as the archive splits it."""
    return ClaimArticle(article, tuple(split_sentences(article, find_furniture(article.text, article.info.title))))


def load_written_claims() -> tuple[WrittenClaim, ...]:
    """All of them, in the file's order."""
    found: list[WrittenClaim] = []
    last_true = None
    for line in read_lines(Path(str(files("eval").joinpath("training", "news_claims.jsonl")))):
        claim, label = line.text("claim"), line.text("label")
        if label not in ("S", "C", "U", "P"):
            raise BadInputError(f"{line.where}: label must be S, C, U or P")
        last_true = claim if label == "S" else last_true
        found.append(
            WrittenClaim(
                claim=claim,
                label=label,
                kind=line.text("kind"),
                article_id=article_id_for(line.text("article")),
                version=line.text("version"),
                evidence=tuple(place_in(value, line.where) for value in line.values("evidence", "lists of characters")),
                twin=None if label == "S" else last_true,
            )
        )
    return tuple(found)


def place_in(value: object, where: str) -> tuple[int, int]:
    """A [start, end] of characters. Raises BadInputError, naming the place, where it is none."""
    match value:
        case [int(start), int(end)] if 0 <= start < end:
            return start, end
    raise BadInputError(f"{where}: {value!r} is no [start, end]")


def balanced_examples(
    claims: Sequence[WrittenClaim], articles: Sequence[ClaimArticle], seed: int
) -> Iterator[ClaimExample]:
    """Each written claim with the sentences it was written on, with their neighbours besides, or with what the checker
    would choose from the whole article itself. Besides, so that sharing words with the evidence tells nothing: the
    supported ones, which share few, also against sentences of their article that don't say them; and beside each false
    one, which shares many, a claim made by rule that what it cites supports. A claim whose article isn't there in its
    version is left out.
    """
    lot = random.Random(seed)
    by_id = {one.article.article_id: one for one in articles}
    for claim in claims:
        found = by_id.get(claim.article_id)
        if found is None or found.article.version != claim.version:
            continue
        own = [number for number, s in enumerate(found.sentences) if (s.start, s.end) in claim.evidence]
        if not own and claim.evidence:
            continue
        yield _written_example(claim, found, _view(claim, own, found, lot), lot.random() < 0.8)
        if own and claim.label == "S":
            yield from _against_others(claim, own, found)
        elif own:
            yield from _made_beside(claim, own, found, lot)


def _against_others(claim: WrittenClaim, own: Sequence[int], article: ClaimArticle) -> Iterator[ClaimExample]:
    evidence = other_evidence(claim.claim, own, article)
    if evidence:
        yield ClaimExample(claim.claim, article.head, evidence, False, False, None, "elsewhere")


def other_evidence(claim: str, own: Sequence[int], article: ClaimArticle) -> tuple[str, ...]:
    """What the checker would choose where the sentences that a claim rests on, and those beside, were missing; nothing
    where that may say it too.
    """
    away = [s.text for number, s in enumerate(article.sentences) if all(abs(number - one) > 1 for one in own)]
    evidence = tuple(away[number] for number in choose_evidence(claim, away))
    return () if _mostly(claim, evidence) else evidence


def _made_beside(
    claim: WrittenClaim, own: Sequence[int], article: ClaimArticle, lot: random.Random
) -> Iterator[ClaimExample]:
    texts = [" ".join(s.text.split()) for s in article.sentences]
    number = lot.choice(own)
    before = texts[number - 1] if number - 1 in own else ""
    told = true_claims(texts[number], Around(before, (), article.article.info.published), lot)
    if told:
        made = lot.choice(told)
        evidence = tuple(texts[place] for place in _view(claim, own, article, lot))
        if texts[number] in evidence:
            yield ClaimExample(made.text, article.head, evidence, True, None, (), made.kind)


def _view(claim: WrittenClaim, own: Sequence[int], article: ClaimArticle, lot: random.Random) -> list[int]:
    # "Another sentence says it" is false of what is cited alone.
    return view_of(claim.claim, own, article, lot, alone=claim.kind == "elsewhere")


def view_of(
    claim: str, own: Sequence[int], article: ClaimArticle, lot: random.Random, alone: bool = False
) -> list[int]:
    """The places of the sentences to show with a claim: those that it rests on, with their neighbours or `alone`, or
    those that the checker would choose, always where it rests on the whole.
    """
    chance = lot.random()
    if own and (alone or chance < CITED_ALONE):
        return list(own)
    return _beside(own, article, lot) if own and chance < CITED_ALONE + BESIDE else _chosen(claim, article)


def _chosen(claim: str, article: ClaimArticle) -> list[int]:
    return list(choose_evidence(claim, [sentence.text for sentence in article.sentences]))


def _beside(own: Sequence[int], article: ClaimArticle, lot: random.Random) -> list[int]:
    first = max(0, own[0] - lot.randrange(3))
    last = min(len(article.sentences), own[-1] + 1 + lot.randrange(3))
    return [number for number in range(first, last) if number in own or own[-1] - own[0] < 6 or lot.random() < 0.5]


def _written_example(claim: WrittenClaim, article: ClaimArticle, view: Sequence[int], headed: bool) -> ClaimExample:
    faults = () if claim.label == "S" else difference(claim.twin, claim.claim) if claim.twin else None
    if faults and sum(end - start for start, end in faults) > 0.6 * len(claim.claim):
        faults = None  # another claim altogether
    return ClaimExample(
        claim=claim.claim,
        head=article.head if headed or not claim.evidence else "",
        evidence=tuple(article.sentences[number].text for number in view),
        supported=claim.label == "S",
        clash={"C": True, "U": False}.get(claim.label),
        faults=faults,
        kind=claim.kind,
    )


def made_examples(articles: Sequence[ClaimArticle], seed: int, per_article: int) -> Iterator[ClaimExample]:
    """Claims made by rule: of some sentences of each article one that is true and up to two that aren't, each among
    the sentence's neighbours; now and then one of another sentence, or a headline.
    """
    lot = random.Random(seed)
    near = Bm25([f"{one.article.info.title or ''} {' '.join(s.text for s in one.sentences[:3])}" for one in articles])
    for one in articles:
        texts = [" ".join(s.text.split()) for s in one.sentences]
        usable = [n for n, text in enumerate(texts) if SHORTEST <= len(text.split()) <= LONGEST and text[-1] in '.”"']
        for number in lot.sample(usable, min(per_article, len(usable))):
            yield from _of_sentence(one, texts, number, lot)
        if lot.random() < HEADLINES:
            likes = [articles[n] for n in near.nearest(one.article.info.title or "", 4)]
            yield from _headlines(one, texts, likes, lot)
        yield from _elsewhere(one, texts, usable, articles[lot.randrange(len(articles))], lot)


def _of_sentence(one: ClaimArticle, texts: Sequence[str], number: int, lot: random.Random) -> Iterator[ClaimExample]:
    first, last = max(0, number - lot.randrange(3)), min(len(texts), number + 1 + lot.randrange(3))
    around = Around(
        before=texts[number - 1] if number else "",
        others=tuple(text for n, text in enumerate(texts) if n != number),
        published=one.article.info.published,
    )
    told = true_claims(texts[number], around, lot)
    if not told:
        return
    changed = [claim for claim in told if claim.kind != "verbatim"]
    true = lot.choice(changed) if changed and lot.random() < 0.8 else told[0]
    others = [claim for claim in changed if claim.kind not in (true.kind, *_NEEDS_MORE) and claim.text != true.text]
    if true.kind == "pronoun":
        first = min(first, number - 1)
    head = one.head if true.kind == "date-format" or lot.random() < 0.7 else ""
    evidence = tuple(texts[first:last])
    for claim in (true, *lot.sample(others, min(lot.choice((0, 1)), len(others)))):
        yield ClaimExample(claim.text, head, evidence, True, None, (), claim.kind)
    false = false_claims(true.text, around, lot)
    for claim in lot.sample(false, min(lot.choice((1, 1, 2)), len(false))):
        if not _told(claim, evidence):
            yield ClaimExample(claim.text, head, evidence, False, claim.clash, claim.changed, claim.kind)


def _told(claim: Claim, evidence: Sequence[str]) -> bool:
    """Whether a false claim happens to stand in the evidence."""
    return any(claim.text.rstrip(".") in sentence for sentence in evidence)


def _headlines(
    one: ClaimArticle, texts: Sequence[str], likes: Sequence[ClaimArticle], lot: random.Random
) -> Iterator[ClaimExample]:
    """The article's own headline, and that of one like it, against its beginning."""
    title = one.article.info.title
    if not title or len(title.split()) < 6 or len(texts) < 5 or title.endswith("?"):
        return
    evidence = tuple(texts[: lot.choice((3, 4, 5))])
    shared = set(content_words(title)) & set(content_words(" ".join(evidence)))
    if len(shared) >= 0.5 * len(set(content_words(title))):
        yield ClaimExample(title, "", evidence, True, None, (), "headline")
    for other in likes:
        if other is not one and other.article.info.title and not _mostly(other.article.info.title, texts):
            yield ClaimExample(other.article.info.title, "", evidence, False, None, None, "headline")
            break


def _mostly(claim: str, texts: Sequence[str]) -> bool:
    words = set(content_words(claim))
    return len(words & set(content_words(" ".join(texts)))) >= TOLD * len(words)


def _elsewhere(
    one: ClaimArticle, texts: Sequence[str], usable: Sequence[int], other: ClaimArticle, lot: random.Random
) -> Iterator[ClaimExample]:
    """A sentence of the article against others of it that share words with it but don't say it."""
    if len(usable) < 6:
        return
    number = lot.choice(usable)
    away = [text for n, text in enumerate(texts) if abs(n - number) > 1]
    chosen = greedy_cover(texts[number], away, MOST_SENTENCES, 0.0)
    distracting = within_words(away, [*chosen, *(place - 1 for place in chosen)])
    evidence = tuple(away[n] for n in distracting)
    if evidence and not _mostly(texts[number], evidence):
        around = Around("", (), one.article.info.published)
        claim = lot.choice(true_claims(texts[number], around, lot) or [Claim(texts[number], "verbatim", True)])
        yield ClaimExample(claim.text, one.head, evidence, False, False, None, "elsewhere")


def answered_examples(groups: Sequence[Group], seed: int) -> Iterator[ClaimExample]:
    """Questions put together with their answers, and with another answer of the same passage, or of a like question,
    in their place.
    """
    lot = random.Random(seed)
    answers: dict[tuple[str, ...], set[str]] = {}
    for group in groups:
        for example in group[:1]:
            if example.span is not None:
                answers.setdefault(example.sentences, set()).add(_answer(example))
    for group in groups:
        example = group[0]
        if example.span is None:
            continue
        answer = _answer(example)
        if len(answer.split()) > 10:
            continue
        statement = statement_of(example.question, answer)
        yield ClaimExample(statement[0], example.head, example.sentences, True, None, (), "answer")
        others = [one for one in sorted(answers[example.sentences]) if _other_answer(one, answer)]
        alike = [one for one in others if _shape(one) == _shape(answer)]
        if alike or others:
            wrong = statement_of(example.question, lot.choice(alike or others))
            yield ClaimExample(wrong[0], example.head, example.sentences, False, None, (wrong[1],), "answer")
        elif len(group) > 1:
            yield ClaimExample(statement[0], group[1].head, group[1].sentences, False, False, None, "answer")


def _answer(example: Example) -> str:
    assert example.span is not None
    sentence, start, end = example.span
    return example.sentences[sentence][start:end]


def _other_answer(one: str, answer: str) -> bool:
    return len(one.split()) <= 10 and not contains_answer(one, answer) and not contains_answer(answer, one)


def _shape(answer: str) -> str:
    """Roughly what an answer is: a number, a name, or other words."""
    return "number" if re.search(r"\d", answer) else "name" if answer[:1].isupper() else "words"


# Questions after the subject: "Who won the race?", but not "What have they won?".
_SUBJECT = re.compile(
    r"^(?:[Ww]ho|[Ww]hat|[Ww]hich(?: [\w'-]+){1,3}?|[Hh]ow (?:many|much)(?P<thing>(?: [\w'-]+){1,3}?)) "
    r"(?P<rest>(?:(?:is|are|was|were|has|have|had|will|would|can|could)"
    r"(?! (?:the|an?|they|he|she|it|his|her|their|there|"
    r"this|these|some|[A-Z])\b)(?! \w+\?*$)|won|made|became|said|led|wrote|[a-z]+ed) .+)\?*$"
)
_SUBJECT_WORDS = r"(?P<subject>(?:(?:the|a|an|his|her|their) )?[\w'’.-]+(?: [A-Z][\w'’.-]+)*)"
_ASKED = re.compile(
    r"^(?P<word>when|where|what|who|whom|how many [\w-]+|what year|in what year) "
    rf"(?P<helper>was|were|is|are|has|had|will|can) {_SUBJECT_WORDS} (?P<rest>.+?)\?*$",
    re.IGNORECASE,
)
_PREPOSED = re.compile(r"(?:in|on|at|from|by|after|before|during|under|near) ", re.IGNORECASE)


def statement_of(question: str, answer: str) -> tuple[str, tuple[int, int]]:
    """A question and its answer as one statement, and the answer's characters in it. Where no rule fits, the question
    is followed by the answer.
    """
    asked = question.strip()
    match = _SUBJECT.match(asked)
    if match:
        thing = match["thing"] or ""
        subject = answer if not thing or answer.lower().endswith(thing.strip().lower()) else f"{answer}{thing}"
        return f"{subject[:1].upper()}{subject[1:]} {match['rest'].rstrip('? ')}.", (0, len(answer))
    match = _ASKED.match(asked)
    if match:
        placed = match["word"].lower() in ("when", "where", "what year", "in what year")
        between = "in " if placed and not _PREPOSED.match(answer) else ""
        opening = f"{match['subject']} {match['helper'].lower()} {match['rest'].rstrip('? ')} {between}"
        begins = len(opening)
        return f"{opening[:1].upper()}{opening[1:]}{answer}.", (begins, begins + len(answer))
    opening = f"{asked.rstrip('? ')}? "
    return f"{opening}{answer}.", (len(opening), len(opening) + len(answer))
