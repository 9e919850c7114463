"""A follow-up question said whole by a language model, beside how the rules say it; the evidence decides between them.

Only words that the dialogue has can stand in it, so that a model adds nothing to what is asked.
"""

import re
from collections.abc import Sequence

from index.words import FUNCTION_WORDS, words
from qa.follow_up import TURNS_BACK
from qa.leaning import content
from qa.llm import LanguageModel
from qa.prompts import rewriting_messages
from qa.question import stem
from qa.records import Turn

LONGEST = 300
# A question in a reply: what stands before it ("Question: ") and behind it is the model's talk.
_QUESTION = re.compile(r"^(?:[\w ]{0,30}:)?[\s\"“'*]*([^\n?]{3,300}\?)", re.MULTILINE)
_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_NEGATIONS = frozenset("not no never nobody nothing none without".split())


def rewritten(model: LanguageModel, question: str, history: Sequence[Turn]) -> str | None:
    """The question as the model says it whole; None where what it wrote is no question, loses or adds something.

    Raises LlmError.
    """
    turns = history[-TURNS_BACK:]
    reply = "".join(model.stream(rewriting_messages(question, turns)))
    found = _QUESTION.search(_THINKING.sub("", reply))
    if found is None:
        return None
    said = " ".join(found[1].split())
    return said if _asks_the_same(said, question, turns) else None


def _asks_the_same(said: str, question: str, turns: Sequence[Turn]) -> bool:
    """Whether all that the question names is still there, and what is new comes from the dialogue."""
    told = " ".join(part for turn in turns for part in _words_of(turn))
    kept, known = _stems(said), _stems(f"{question} {told}")
    negated = _NEGATIONS.intersection(words(question)) == _NEGATIONS.intersection(words(said))
    return content(question) <= kept <= known and negated


def _words_of(turn: Turn) -> tuple[str, ...]:
    return turn.question, turn.understood_as, turn.short_answer or ""


def _stems(text: str) -> set[str]:
    return {stem(word) for word in words(text) if word not in FUNCTION_WORDS}
