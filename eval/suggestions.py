"""Questions suggested for a set of one's own, drawn over the articles of an archive.

Each comes with its gold sentences: the one that it was made of, and any other in the archive that says the same. One
that another sentence would answer otherwise is no good, nor is one that many sentences answer, or the title alone.

The reader isn't asked: on 60 suggestions judged by hand, how sure it was that the sentence answers told the good from
the bad no better than chance (area under the curve 0.37; of the passage, 0.43).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from eval.answer_metrics import contains_answer
from eval.question_people import people_in
from eval.question_rules import Draft, drafts
from index.archive import Archive
from index.language import is_read
from index.records import ArticleInfo, Filters, Sentence, article_id_for
from index.words import content_words
from qa.question import matches_type, read_question, stems

# So many of one article at most: a set is over an archive, not over one long article.
MOST_OF_ONE_ARTICLE = 3
MOST_EQUIVALENT = 8
_PASSAGES_LOOKED_AT = 40
TITLE_SHARE = 0.6
# Worth less than the rest: they are of one pattern, and a set of nothing else would be dull.
_DULL = {"how old": 4.0, "role": 2.0}


@dataclass(frozen=True, slots=True)
class GoldSentence:
    """A sentence that answers: `quote` is what stands at `[start, end)` of the article that `url` names."""

    url: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question that a person is to judge, with any of its right answers and all sentences known to give them.

    The first gold sentence is the one that it was made of, `before` the sentence before that ("" at the beginning).
    """

    question_id: str
    question: str
    answers: tuple[str, ...]
    article: ArticleInfo
    before: str
    gold: tuple[GoldSentence, ...]


def suggest(archive: Archive, filters: Filters = Filters(), seed: int = 0) -> Iterator[Suggestion]:
    """Suggestions over the articles that match, lazily, in an order that the seed draws: the best of each article, then
    the second best, and so on. An article that is added later changes nothing in the order of the others.
    """
    source = _Source(archive)
    order = sorted(
        (info for info in archive.infos(filters) if is_read(info.language)),
        key=lambda info: sha256(f"{seed}:{info.article_id}".encode()).digest(),
    )
    waiting: dict[str, Iterator[Suggestion]] = {info.article_id: source.of_article(info) for info in order}
    asked: set[str] = set()
    for _ in range(MOST_OF_ONE_ARTICLE):
        for info in order:
            found = next((one for one in waiting[info.article_id] if one.question not in asked), None)
            if found is not None:
                asked.add(found.question)
                yield found


class _Source:
    """Makes suggestions of single articles of an archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._named: dict[str, str] | None = None

    def of_article(self, info: ArticleInfo) -> Iterator[Suggestion]:
        """The article's suggestions, the best first."""
        url = self._address(info)
        if url is None:
            return
        text = self._archive.article(info.article_id).text
        people = people_in(text)
        places = list(self._archive.sentences(info.article_id))
        found = [
            (draft, number)
            for number, (_, start, end) in enumerate(places)
            for draft in drafts(text[start:end], people)
            if not _told_by_title(draft, info.title)
        ]
        for draft, number in sorted(found, key=lambda pair: (-_worth(pair[0]), pair[1])):
            position, start, end = places[number]
            sentence = Sentence(info.article_id, info.version, position, start, end, text[start:end])
            others = self._others(draft, sentence)
            if others is not None:
                before = text[slice(*places[number - 1][1:])] if number else ""
                gold = (GoldSentence(url, start, end, sentence.text), *others)
                yield Suggestion(_id_of(draft, sentence), draft.question, draft.answers, info, before, gold)

    def _others(self, draft: Draft, own: Sentence) -> tuple[GoldSentence, ...] | None:
        """The other sentences that say the same; None where some say otherwise, or where too many there are."""
        asked, wanted = read_question(draft.question), stems(draft.question)
        match = " ".join(f'"{word}"' for word in dict.fromkeys(content_words(draft.question)))
        hits = self._archive.lexical(match, _PASSAGES_LOOKED_AT, Filters())
        passages = self._archive.passages([key for key, _ in hits])
        found: dict[tuple[str, int], GoldSentence] = {}
        for stored in passages.values():
            for one in stored.passage.sentences:
                if (one.article_id, one.start) == (own.article_id, own.start) or not wanted <= stems(one.text):
                    continue
                if any(contains_answer(one.text, answer) for answer in draft.answers):
                    url = self._address(stored.article)
                    if url is not None:
                        found[one.article_id, one.start] = GoldSentence(url, one.start, one.end, one.text)
                elif matches_type(one.text, asked) > 0:
                    return None
        return tuple(found.values()) if len(found) <= MOST_EQUIVALENT else None

    def _address(self, info: ArticleInfo) -> str | None:
        """What names the article in a question set: its URL, or the file that it came from. None where neither does:
        a file that was moved after it was added.
        """
        if info.url and article_id_for(info.url) == info.article_id:
            return info.url
        if self._named is None:
            sources = self._archive.sources().items()
            self._named = {article_id: name for name, article_id in sources if article_id_for(name) == article_id}
        return self._named.get(info.article_id)


def _told_by_title(draft: Draft, title: str | None) -> bool:
    """Whether the article's title alone gives the answer away."""
    if not title or not any(contains_answer(title, answer) for answer in draft.answers):
        return False
    asked = stems(draft.question)
    return len(asked & stems(title)) >= TITLE_SHARE * len(asked)


def _worth(draft: Draft) -> float:
    """How much a question says of what it asks: its names count twice."""
    words = draft.question.rstrip("?").split()[1:]
    names = sum(word[0].isupper() for word in words)
    return min(12.0, len(content_words(" ".join(words))) + names) - 2 * _DULL.get(draft.kind, 0.0)


def _id_of(draft: Draft, sentence: Sentence) -> str:
    """The same as long as the sentence says the same, wherever in the article it stands."""
    told = "\n".join((sentence.article_id, draft.kind, draft.answers[0], " ".join(sentence.text.split())))
    return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:12]
