"""Training questions for the reader, made of the headlines of news articles by rule."""

import random
import re
from collections.abc import Iterator, Sequence

from eval.answer_metrics import contains_answer
from eval.reader_data import Bm25, Example, Group, NewsPassage, find_words
from index.words import content_words

_NAME_OR_FIGURE = re.compile(
    r"(?<![\w$.,])(?:(?P<figure>\$?\d[\d,.]*\d?(?: (?:million|billion|percent|people))?%?)"
    r"|(?P<name>[A-Z][\w’'&-]*[a-z][\w’'&-]*(?: (?:(?:of|the|de) )*[A-Z][\w’'&.-]+)*))(?!\w)"
)
_LEAD_PASSAGES = 3


def headlines(
    articles: Sequence[Sequence[NewsPassage]], titles: Sequence[str], seed: int, negatives: int
) -> Iterator[Group]:
    """Questions made of headlines: one name or figure of it is asked for, and the sentence near the article's top
    that holds it and many of the headline's other words answers. The headline itself is left out of the passage, and
    every passage's with it.
    """
    lot = random.Random(seed)
    passages = [passage for article in articles for passage in article]
    near = Bm25([passage.text for passage in passages])
    for article, title in zip(articles, titles, strict=True):
        found = [match for match in _NAME_OR_FIGURE.finditer(title) if _is_asked_for(match, title)]
        lot.shuffle(found)
        for match in found[:2]:
            right = _top_sentence(article[:_LEAD_PASSAGES], title, match.group())
            if right is None:
                continue
            question, (passage, number, span) = _asked(title, match, lot), right
            if contains_answer(question, match.group()):
                continue
            same = {n for n, text in enumerate(passage.sentences) if contains_answer(text, match.group())} - {number}
            answered = Example(question, "", passage.sentences, frozenset({number}), frozenset(same), (number, *span))
            others = [passages[place] for place in near.nearest(question, 8 + 2 * negatives)]
            wrong = [
                one
                for one in others
                if one.article_id != passage.article_id and not contains_answer(one.text, match.group())
            ][: 2 * negatives + 2]
            drawn = lot.sample(wrong, min(negatives, len(wrong)))
            yield (answered, *(Example(question, "", one.sentences) for one in drawn))


def _is_asked_for(match: re.Match[str], title: str) -> bool:
    # In a headline in title case every word looks like a name.
    words = [word for word in re.findall(r"[A-Za-z]+", title) if len(word) > 3]
    capitals = sum(word[0].isupper() for word in words)
    return match.group("figure") is not None or (len(words) >= 5 and capitals <= 0.6 * len(words))


def _top_sentence(
    passages: Sequence[NewsPassage], title: str, answer: str
) -> tuple[NewsPassage, int, tuple[int, int]] | None:
    wanted = set(content_words(title)) - set(content_words(answer))
    best: tuple[float, NewsPassage, int, tuple[int, int]] | None = None
    for passage in passages:
        for number, sentence in enumerate(passage.sentences):
            span = find_words(sentence, answer) if contains_answer(sentence, answer) else None
            share = len(wanted & set(content_words(sentence))) / max(1, len(wanted))
            if span is not None and share >= 0.4 and share < 0.95 and (best is None or share > best[0]):
                best = (share, passage, number, span)
    return None if best is None else best[1:]


def _asked(title: str, match: re.Match[str], lot: random.Random) -> str:
    words = ("how many", "what number", "how much") if match.group("figure") else ("who", "what", "which one")
    return f"{title[: match.start()]}{lot.choice(words)}{title[match.end() :]}".rstrip(".! ") + "?"
