"""What the bench compares: two ways to find texts, and what each found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from eval.records import EvalQuestion


@dataclass(frozen=True, slots=True)
class RetrievedText:
    """A text that a search gave back, and the article that it is from."""

    article_id: str
    text: str


class Retriever(Protocol):
    """One of the systems compared."""

    def retrieve(self, question: EvalQuestion) -> Sequence[RetrievedText]:
        """The texts found for a question, best first."""
        ...


def words_to_search(question: EvalQuestion) -> str:
    """What is searched for: a follow-up's whole question, since the searches themselves know no dialogue."""
    return question.whole or question.question
