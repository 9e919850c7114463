"""Yes, no, or that the articles differ: where the sentences say it, and silence where they don't."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Sentence
from qa.records import AnswerSentence, Citation, Verdict
from qa.yes_no import yes_or_no
from tests.support import make_article


def quoted(text: str, outlet: str = "Courier", *, context: bool = False, title: str = "News") -> AnswerSentence:
    article = make_article(text, f"https://{outlet}.example/a", title=title, outlet=outlet, published=date(2026, 5, 1))
    sentence = Sentence(article.article_id, article.version, 0, 0, len(text), text)
    return AnswerSentence(text, (Citation(sentence, article.info, 0, len(text)),), Verdict("supported", 1.0), context)


@pytest.mark.parametrize(
    ("question", "sentence", "answer"),
    [
        ("Did the mayor resign?", "The mayor resigned on Monday.", "yes"),
        ("Did the mayor resign?", "The mayor has not resigned.", "no"),
        ("Has the mayor resigned?", "The mayor didn’t resign.", "no"),
        ("Did the council approve the wall?", "The council approved the wall by nine votes.", "yes"),
        ("Did the council approve the wall?", "The council rejected the wall by nine votes.", "no"),
        ("Did the council reject the wall?", "The council did not approve the wall.", "yes"),
        ("Was anyone arrested in Cray?", "Nobody was arrested in Cray.", "no"),
        ("Is the water safe?", "The water is safe, the health office said.", "yes"),
        ("Is the water safe?", "The water is dangerous, the health office said.", "no"),
        ("And did all the schools close?", "All the schools closed on Friday.", "yes"),
    ],
)
def test_plain_sentences_decide(question: str, sentence: str, answer: str) -> None:
    assert yes_or_no(question, [quoted(sentence)]) == answer


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Did the mayor resign?", "The mayor may resign."),
        ("Did the mayor resign?", "The mayor denied that he had resigned."),
        ("Did the mayor resign?", "Did the mayor resign?"),
        ("Did the mayor resign?", "The baker resigned."),
        ("Did the mayor resign?", "The mayor spoke."),
        ("Did the mayor resign in May?", "The mayor resigned in June."),
        ("Did Rennick thank Thorel?", "Thorel thanked Rennick."),
        ("Did all the schools close?", "The schools in Cray closed."),
        ("Did more than 60 schools close?", "In Cray 60 schools closed."),
        ("Did the company sell the mill?", "The company that had long ago sold the bakery wants the mill."),
        ("Who resigned as mayor?", "The mayor resigned."),
        ("Did the mayor or the baker resign?", "The mayor resigned."),
        ("Didn't the mayor resign?", "The mayor resigned."),
        ("Did the mayor resign?", "Nobody said that the mayor did not resign."),
    ],
)
def test_anything_else_decides_nothing(question: str, sentence: str) -> None:
    assert yes_or_no(question, [quoted(sentence)]) is None


def test_outlets_that_contradict_each_other_differ_and_one_with_itself_does_not() -> None:
    yes, no = "The mayor resigned on Monday.", "The mayor did not resign."
    assert yes_or_no("Did the mayor resign?", [quoted(yes), quoted(no, "Herald")]) == "the articles differ"
    assert yes_or_no("Did the mayor resign?", [quoted(yes), quoted(no)]) == "yes"
    assert yes_or_no("Did the mayor resign?", [quoted("Rain fell."), quoted(no, "Herald")]) == "no"


def test_whom_it_is_about_may_be_named_in_the_headline_or_the_sentence_before() -> None:
    question = "Did Rennick close the mill?"
    assert yes_or_no(question, [quoted("He closed the mill.")]) is None
    assert yes_or_no(question, [quoted("He closed the mill.", title="Rennick in trouble")]) == "yes"
    assert yes_or_no(question, [quoted("Rennick came.", context=True), quoted("He closed the mill.")]) == "yes"
    assert yes_or_no(question, [quoted("Rennick closed the mill.", context=True)]) is None


@given(st.text(), st.text(min_size=1))
def test_any_texts_can_be_judged(question: str, sentence: str) -> None:
    assert yes_or_no(f"Is {question}?", [quoted(sentence)]) in ("yes", "no", None)
