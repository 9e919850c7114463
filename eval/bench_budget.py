"""How many retrieved words it takes until the gold stands in them.

Systems that give back texts of different lengths are compared at an equal budget of words: texts are taken in rank
order until the budget is full, and the last one is cut there. A question's gold is found within a budget exactly when
the number counted here is no larger, so one number a question serves every budget. A word is what white space parts.
"""

from bisect import bisect_left
from collections.abc import Sequence

from eval.answer_metrics import first_rank, scorable_answers
from eval.bench_records import RetrievedText


def words_until_answer(texts: Sequence[str], gold_answers: Sequence[str]) -> int | None:
    """The words of all texts up to the first end of a gold answer, which has to stand in one text; None without."""
    gold = scorable_answers(gold_answers)
    before = 0
    for text in texts:
        words = text.split()
        if first_rank([text], gold):
            # With more words an answer that stands there is never lost, so the least number can be searched for.
            return before + bisect_left(
                range(len(words)), True, key=lambda count: first_rank([" ".join(words[:count])], gold) is not None
            )
        before += len(words)
    return None


def words_until_sentence(texts: Sequence[RetrievedText], gold: Sequence[RetrievedText]) -> int | None:
    """The words of all texts up to the first end of a whole gold sentence, in a text of its article; None without."""
    before = 0
    for text in texts:
        joined = " ".join(text.text.split())
        wanted = [" ".join(one.text.split()) for one in gold if one.article_id == text.article_id]
        ends = [joined.index(sentence) + len(sentence) for sentence in wanted if sentence and sentence in joined]
        if ends:
            return before + len(joined[: min(ends)].split())
        before += len(text.text.split())
    return None
