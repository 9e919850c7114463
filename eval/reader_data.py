"""Training data for the reader: questions with passages, and where in them the answer stands.

SQuADShifts (Miller et al., ICML 2020), QAMR (Michael et al., NAACL 2018) and RealTime QA (Kasai et al., NeurIPS 2023),
each turned into passages as the archive would make them.
"""

import csv
import gzip
import json
import random
import re
import sqlite3
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from eval.answer_metrics import answer_tokens, contains_answer
from index.errors import BadInputError
from index.passages import WORDS_PER_PASSAGE
from index.records import Article, ArticleInfo
from index.sentences import split_sentences
from index.words import content_words


@dataclass(frozen=True, slots=True)
class Example:
    """A question with one passage. `relevant` are the sentences that answer, `ignored` those that nobody can tell.

    `span` is the answer: a relevant sentence and the characters in it; None where it isn't known.
    """

    question: str
    head: str
    sentences: tuple[str, ...]
    relevant: frozenset[int] = frozenset()
    ignored: frozenset[int] = frozenset()
    span: tuple[int, int, int] | None = None


# One question with one or more passages.
Group = tuple[Example, ...]


class Bm25:
    """BM25 over texts held in memory, to find what a search would mistake for the answer's passage."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._connection = sqlite3.connect(":memory:")
        self._connection.execute("CREATE VIRTUAL TABLE texts USING fts5(text, tokenize = 'porter unicode61')")
        rows = ((number, text) for number, text in enumerate(texts))
        self._connection.executemany("INSERT INTO texts(rowid, text) VALUES (?, ?)", rows)

    def nearest(self, question: str, limit: int) -> list[int]:
        """The places of the texts nearest to the question, best first."""
        match = " OR ".join(f'"{word}"' for word in dict.fromkeys(content_words(question)[:32]))
        if not match:
            return []
        rows = self._connection.execute(
            "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY bm25(texts), rowid LIMIT ?", (match, limit)
        )
        return [int(place) for (place,) in rows]


def squadshifts(paths: Sequence[Path], seed: int, negatives: float) -> Iterator[Group]:
    """SQuAD 1.1 files. Every question with a passage of about 100 words around its answer, and on average `negatives`
    passages that BM25 takes for near and that don't hold the answer.
    """
    lot = random.Random(seed)
    paragraphs = [paragraph for path in paths for paragraph in _paragraphs(path)]
    near = Bm25([" ".join(paragraph.sentences) for paragraph in paragraphs])
    for place, paragraph in enumerate(paragraphs):
        for question, answers in paragraph.questions:
            span = _agreed(answers, paragraph)
            if span is None:
                continue
            wanted = int(negatives + lot.random())
            answer = paragraph.sentences[span[0]][span[1] : span[2]]
            others = near.nearest(question, 8 + 4 * wanted) if wanted else []
            wrong = [
                paragraphs[i]
                for i in others
                if i != place and not contains_answer(" ".join(paragraphs[i].sentences), answer)
            ]
            chosen = lot.sample(wrong[: 3 * wanted], min(wanted, len(wrong)))
            yield (_around(question, paragraph, span, lot), *(_unanswered(question, one, lot) for one in chosen))


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """A paragraph's sentences, where each starts in it, and its questions with the annotators' (start, text)."""

    head: str
    sentences: tuple[str, ...]
    starts: tuple[int, ...]
    questions: tuple[tuple[str, tuple[tuple[int, str], ...]], ...]


def _paragraphs(path: Path) -> Iterator[_Paragraph]:
    with _reading(path), gzip.open(path, "rt", encoding="utf-8") as file:
        read = [
            (str(document.get("title") or "").replace("_", " "), str(paragraph["context"]), _questions(paragraph))
            for document in json.load(file)["data"]
            for paragraph in document["paragraphs"]
        ]
    for title, context, questions in read:
        # The review and forum sets number their documents: no headlines.
        head = "" if title.startswith(("Amazon Reviews", "Filtered Reddit")) else title
        found = _sentences(context)
        if found:
            starts, texts = zip(*found, strict=True)
            yield _Paragraph(head, texts, starts, questions)


def _questions(paragraph: Mapping[str, Any]) -> tuple[tuple[str, tuple[tuple[int, str], ...]], ...]:
    return tuple(
        (" ".join(one["question"].split()), tuple((int(a["answer_start"]), str(a["text"])) for a in one["answers"]))
        for one in paragraph["qas"]
    )


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Whatever is wrong with a data file is a BadInputError that names it."""
    try:
        yield
    except (OSError, EOFError, zlib.error, csv.Error, ValueError, LookupError, TypeError, AttributeError) as error:
        raise BadInputError(f"{path}: not the training data it should be ({error}): fetch it again") from error


def _sentences(text: str) -> list[tuple[int, str]]:
    info = ArticleInfo("training", "1", None, None, None, (), None)
    return [(sentence.start, sentence.text) for sentence in split_sentences(Article(info, text), ())]


def _agreed(answers: Sequence[tuple[int, str]], paragraph: _Paragraph) -> tuple[int, int, int] | None:
    """The answer that most annotators gave, the shortest of those, as sentence and characters; None when it stands
    in no single sentence.
    """
    counts = Counter(answers)
    for start, text in sorted(counts, key=lambda answer: (-counts[answer], len(answer[1]), answer)):
        for number, (begin, sentence) in enumerate(zip(paragraph.starts, paragraph.sentences, strict=True)):
            if begin <= start and start + len(text) <= begin + len(sentence) and text.strip():
                return number, start - begin, start - begin + len(text)
    return None


def _around(question: str, paragraph: _Paragraph, span: tuple[int, int, int], lot: random.Random) -> Example:
    first, last = _window(paragraph.sentences, span[0], lot)
    answer = paragraph.sentences[span[0]][span[1] : span[2]]
    sentences = paragraph.sentences[first:last]
    same = {number for number, text in enumerate(sentences) if contains_answer(text, answer)} - {span[0] - first}
    return Example(
        question,
        paragraph.head,
        sentences,
        frozenset({span[0] - first}),
        frozenset(same),
        (span[0] - first, span[1], span[2]),
    )


def _unanswered(question: str, paragraph: _Paragraph, lot: random.Random) -> Example:
    first, last = _window(paragraph.sentences, lot.randrange(len(paragraph.sentences)), lot)
    return Example(question, paragraph.head, paragraph.sentences[first:last])


def _window(sentences: Sequence[str], within: int, lot: random.Random) -> tuple[int, int]:
    """A run of sentences of about a passage's length around one of them, which may stand anywhere in it."""
    first, last = within, within + 1
    words = len(sentences[within].split())
    while first > 0 or last < len(sentences):
        forward = last < len(sentences) and (first == 0 or lot.random() < 0.5)
        place = last if forward else first - 1
        words += len(sentences[place].split())
        if words > WORDS_PER_PASSAGE * 1.2:
            break
        first, last = (first, last + 1) if forward else (place, last)
    return first, last


def qamr(sentences_path: Path, pairs: Sequence[Path], seed: int, share: float) -> Iterator[Group]:
    """QAMR: questions on single sentences, each set among sentences of the same document and of others.

    Kept are questions that both validators answered with words of the annotator's answer; a `share` of them is drawn.
    """
    lot = random.Random(seed)
    with _reading(sentences_path), gzip.open(sentences_path, "rt", encoding="utf-8") as file:
        tokens = {name: text.split(" ") for name, text in (line.rstrip("\n").split("\t") for line in file)}
    plain = {name: _plain(words) for name, words in tokens.items()}
    documents = defaultdict(list)
    for name in tokens:
        documents[name.rsplit(":", 2)[0]].append(name)
    names = list(tokens)
    for path in pairs:
        for name, question, answer in _pairs(path, plain):
            if lot.random() >= share or answer is None:
                continue
            fellows = [one for one in documents[name.rsplit(":", 2)[0]] if one != name]
            others = lot.sample(fellows, min(2, len(fellows))) + lot.sample(names, 2)
            around = [plain[one][0] for one in others if one != name]
            at = lot.randrange(len(around) + 1)
            held = tuple([*around[:at], plain[name][0], *around[at:]])
            yield (Example(question, "", held, frozenset({at}), frozenset(), (at, *answer)),)


def _pairs(path: Path, plain: Mapping[str, "_Plain"]) -> list[tuple[str, str, tuple[int, int] | None]]:
    """Each row's sentence, its question, and the characters that answer it: None where the validators don't agree."""
    found: list[tuple[str, str, tuple[int, int] | None]] = []
    with _reading(path), gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            places = plain[row[0]][1]
            run = _first_run([int(number) for number in row[6].split()]) if _validated(row) else []
            found.append((row[0], row[5], (places[run[0]][0], places[run[-1]][1]) if run else None))
    return found


def _validated(row: Sequence[str]) -> bool:
    answer = set(row[6].split())
    checks = [set(check.split(":", 1)[-1].split()) for check in row[7:9]]
    return bool(answer) and len(checks) == 2 and all(check & answer for check in checks)


def _first_run(numbers: Sequence[int]) -> list[int]:
    run = [numbers[0]]
    for number in numbers[1:]:
        if number != run[-1] + 1:
            break
        run.append(number)
    return run


# A sentence, and each of its tokens' characters in it.
_Plain = tuple[str, list[tuple[int, int]]]

_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}", "``": "“", "''": "”"}
_NO_SPACE_BEFORE = re.compile(r"^(?:[,.;:?!%)\]}”]|n't|'\w{0,2})$")


def _plain(tokens: Sequence[str]) -> _Plain:
    """The sentence as people write it, from Penn Treebank tokens, and each token's characters in it."""
    text, places = "", []
    for token in tokens:
        word = _BRACKETS.get(token, token)
        if text and not _NO_SPACE_BEFORE.match(word) and text[-1] not in "([{“$":
            text += " "
        places.append((len(text), len(text) + len(word)))
        text += word
    return text, places


@dataclass(frozen=True, slots=True)
class NewsPassage:
    """A passage of the training archive."""

    article_id: str
    head: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.sentences)


@dataclass(frozen=True, slots=True)
class NewsQuestion:
    """A quiz question, its answer, the articles given for it, and its explanation as HTML."""

    question: str
    answer: str
    article_ids: frozenset[str]
    evidence: str


def news(questions: Sequence[NewsQuestion], passages: Sequence[NewsPassage], seed: int) -> Iterator[Group]:
    """Quiz questions with passages of the news. Nobody marked the answers: a sentence of an article given for the
    question counts as answering when it holds the gold answer and it, its neighbours and the title share words with
    the question nearly as well as any that holds it. Others that hold it are ignored.
    """
    lot = random.Random(seed)
    near = Bm25([f"{passage.head} {passage.text}" for passage in passages])
    of_article = _by_article(passages)
    for question in questions:
        yield from ((example,) for example in _explained(question))
        if not _tellable(question.answer):
            continue
        given = [passage for one in sorted(question.article_ids) for passage in of_article.get(one, [])]
        holding = [(passage, _overlaps(question, passage)) for passage in given]
        best = max((max(shares.values(), default=0.0) for _, shares in holding), default=0.0)
        right = [(passage, shares) for passage, shares in holding if best >= 0.3 and _enough(shares, best)]
        if not right:
            continue
        right.sort(key=lambda pair: -max(pair[1].values()))
        found = [passages[place] for place in near.nearest(question.question, 20)]
        wrong = [one for one in [*found, *given] if not contains_answer(one.text, question.answer)]
        near_wrong, rest = wrong[:12], wrong[12:]
        drawn = lot.sample(near_wrong, min(4, len(near_wrong))) + lot.sample(rest, min(1, len(rest)))
        yield (
            *(_news_example(question, passage, shares, best) for passage, shares in right[:3]),
            *(Example(question.question, passage.head, passage.sentences) for passage in drawn),
        )


def _by_article(passages: Sequence[NewsPassage]) -> Mapping[str, Sequence[NewsPassage]]:
    groups = defaultdict(list)
    for passage in passages:
        groups[passage.article_id].append(passage)
    return groups


def _tellable(answer: str) -> bool:
    """Whether finding the answer's words in a sentence says something: not for numbers, "true" and "false"."""
    tokens = answer_tokens(answer)
    return bool(tokens) and not all(any(c.isdigit() for c in token) for token in tokens) and len("".join(tokens)) > 3


def _overlaps(question: NewsQuestion, passage: NewsPassage) -> dict[int, float]:
    """For each sentence that holds the answer: the share of the question's content words in it and around it."""
    wanted = set(content_words(question.question)) - set(content_words(question.answer))
    shares = {}
    for number, sentence in enumerate(passage.sentences):
        if contains_answer(sentence, question.answer):
            around = " ".join([passage.head, *passage.sentences[max(0, number - 1) : number + 2]])
            shares[number] = len(wanted & set(content_words(around))) / max(1, len(wanted))
    return shares


def _enough(shares: Mapping[int, float], best: float) -> bool:
    return any(share >= 0.7 * best for share in shares.values())


def _news_example(question: NewsQuestion, passage: NewsPassage, shares: Mapping[int, float], best: float) -> Example:
    relevant = frozenset(number for number, share in shares.items() if share >= 0.7 * best)
    top = max(relevant, key=lambda number: (shares[number], -number))
    span = find_words(passage.sentences[top], question.answer)
    return Example(
        question.question,
        passage.head,
        passage.sentences,
        relevant,
        frozenset(shares) - relevant,
        None if span is None else (top, *span),
    )


def _explained(question: NewsQuestion) -> Iterator[Example]:
    """The quiz's own explanation, where it names the answer."""
    text = " ".join(unescape(re.sub(r"<[^>]*>", " ", question.evidence)).split())
    sentences = tuple(sentence for _, sentence in _sentences(text))
    holding = [n for n, sentence in enumerate(sentences) if contains_answer(sentence, question.answer)]
    if holding and sum(len(sentence.split()) for sentence in sentences) < 150:
        span = find_words(sentences[holding[0]], question.answer)
        yield Example(
            question.question,
            "",
            sentences,
            frozenset(holding),
            frozenset(),
            None if span is None else (holding[0], *span),
        )


def find_words(text: str, answer: str) -> tuple[int, int] | None:
    """Where the answer's words stand in the text, whatever the case and the marks between them; None if nowhere."""
    wanted = re.findall(r"[^\W_]+", answer)
    if not wanted:
        return None
    match = re.search(r"(?<!\w)" + r"[\W_]*".join(map(re.escape, wanted)) + r"(?!\w)", text, re.IGNORECASE)
    return match.span() if match else None
