"""Which questions lean on the turns before them, and how they are said so that they stand alone."""

import json
import os
import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.golden_set import load_golden
from index.records import ArticleInfo, Sentence
from qa.follow_up import Resolved, resolve, wordings
from qa.leaning import Sign
from qa.mentions import mentions
from qa.records import Citation, Turn

DAY = date(2026, 3, 4)


def quoted(text: str, article_id: str = "a1") -> Citation:
    info = ArticleInfo(article_id, "v1", None, "A title", None, (), DAY)
    return Citation(Sentence(article_id, "v1", 0, 0, len(text), text), info, 0, len(text))


def turn(question: str, *quotes: str, short: str | None = None, understood_as: str | None = None) -> Turn:
    return Turn(question, understood_as or question, short, tuple(quoted(quote) for quote in quotes))


def said(question: str, *history: Turn) -> str:
    resolved = resolve(question, history)
    assert resolved is not None
    assert resolved.certain
    return resolved.question


@pytest.mark.parametrize(
    ("earlier", "question", "expected"),
    [
        ("Why did the nurse from Tolby resign?", "When was she hired?", "When was the nurse from Tolby hired?"),
        ("Why did the nurse resign?", "How old is he?", "How old is the nurse?"),
        ("What did the chairwoman promise?", "Who voted against her?", "Who voted against the chairwoman?"),
        ("What did the chairwoman promise?", "What is her salary?", "What is the chairwoman’s salary?"),
        ("Where does the old ferry lie?", "Who owns it?", "Who owns the old ferry?"),
        ("Where does the old ferry lie?", "How much did it cost?", "How much did the old ferry cost?"),
        ("Where does the old ferry lie?", "What was its name?", "What was the old ferry’s name?"),
        ("When do the bakers strike?", "What do they want?", "What do the bakers want?"),
        ("When do the bakers strike?", "And what do they want?", "And what do the bakers want?"),
        ("When do the bakers strike?", "Who speaks for them?", "Who speaks for the bakers?"),
        ("When did Mr Olwen arrive?", "Why did he leave?", "Why did Mr Olwen leave?"),
        ("When did Mr Olwen arrive?", "Is he married?", "Is Mr Olwen married?"),
        ("What was the price of the bridge?", "Who built it?", "Who built the bridge?"),
        ("Who is the head of the choir?", "Which prize did it win?", "Which prize did the choir win?"),
        ("How much does an apprentice earn?", "What do they have to pay?", "What do the apprentice have to pay?"),
    ],
)
def test_a_pronoun_gives_way_to_what_it_stands_for(earlier: str, question: str, expected: str) -> None:
    assert said(question, turn(earlier)) == expected


@pytest.mark.parametrize(
    ("earlier", "question", "expected"),
    [
        ("Who painted the ceiling?", "Why?", "Why? (Who painted the ceiling?)"),
        ("Who painted the ceiling?", "When?", "When? (Who painted the ceiling?)"),
        ("Who painted the ceiling?", "In which year?", "In which year? (Who painted the ceiling?)"),
        ("Who painted the ceiling?", "And with whom?", "And with whom? (Who painted the ceiling?)"),
        ("Were sheep lost in the snow?", "How many?", "How many? (Were sheep lost in the snow?)"),
        ("How long was the first day?", "And the second day?", "And the second day? (How long was the first day?)"),
        ("What burned down in Tolby?", "What happened then?", "What happened then? (What burned down in Tolby?)"),
        ("Which ferry is late?", "No, the other ferry", "No, the other ferry (Which ferry is late?)"),
        ("Which ferry is late?", "Not that one, the white one", "Not that one, the white one (Which ferry is late?)"),
        ("Who judges the show?", "And who won it?", "And who won the show?"),
        ("Who opened the mill?", "Who took that decision?", "Who took that decision? (Who opened the mill?)"),
    ],
)
def test_what_is_left_out_stands_in_brackets(earlier: str, question: str, expected: str) -> None:
    assert said(question, turn(earlier)) == expected


@pytest.mark.parametrize(
    ("earlier", "question", "expected"),
    [
        ("Who won the cup in Tolby?", "What about Marn?", "Who won the cup in Marn?"),
        ("Who won the cup in Tolby?", "And in Marn?", "Who won the cup in Marn?"),
        ("Who won the cup in Tolby?", "How about Upper Marn?", "Who won the cup in Upper Marn?"),
        ("What did the budget of 2020 hold?", "No, the 2021 one", "What did the budget of 2021 hold?"),
        ("What did the budget of 2020 hold?", "I mean 2019", "What did the budget of 2019 hold?"),
        ("What did the budget of 2020 hold?", "And 2019?", "What did the budget of 2019 hold?"),
        ("How old is Ada Brook?", "And Tom Reed?", "How old is Tom Reed?"),
    ],
)
def test_a_name_or_a_year_is_exchanged(earlier: str, question: str, expected: str) -> None:
    assert said(question, turn(earlier)) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Who is the mayor of Paris?",
        "What did the mayor say about his plan?",
        "Which actress announced that she will retire?",
        "Who said he would resign as head of the bank in spring?",
        "Which country says it will send tanks this week?",
        "Why did Norway close its border?",
        "How long does it take to fly to Tolby?",
        "Is it true that the bridge is closed?",
        "Was it wise of the council to sell the mill?",
        "It emerged this week that the treasurer of the club forgot what?",
        "Was it the mayor who opened the fair?",
        "How many people were there at the concert in Marn?",
        "A priest was accused after he set up what in the church?",
        "The fair opened on Sunday. How many people visited it?",
        "Two firms are merging into a giant. What will it be called?",
        "If he was in Oslo, why did the minister call from Rome?",
        "When she retires, who will lead Ada Brook's firm?",
        "Russia told which country that its troops would stay there?",
        "Something else: who won the boat race in Marn?",
        "By the way, is he married?",
        "What was the Nobel Peace Prize given for this year?",
        "Why did the teachers of Tolby say they will strike?",
        "How did they find out that the accounts of the club had been changed?",
        "No, I mean the old bridge in Tolby. When was that built?",
        "?",
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is(question: str) -> None:
    before = turn("Where did the ferry run aground?", "The ferry ran aground in Tolby, Captain Ada Brook said.")
    assert resolve(question, [before]) is None
    assert resolve(question, []) is None


def test_without_earlier_turns_nothing_is_resolved() -> None:
    assert resolve("When was he born?", []) is None
    assert resolve("When was he born?", [turn("?")]) is None


def test_a_person_is_found_in_the_short_answer_and_in_the_sentence_that_answered() -> None:
    assert said("When was he born?", turn("Who cast the bell?", short="Anton Grebe")) == "When was Anton Grebe born?"
    quote = "The bell was cast in 1620, Ida Marsh, 54, told the paper."
    assert said("Where does she work?", turn("How old is the bell?", quote)) == "Where does Ida Marsh work?"


@pytest.mark.parametrize(
    ("earlier", "short", "question", "expected"),
    [
        ("Which art forger went to prison?", "Elmo Tarn", "Where was he born?", "Where was Elmo Tarn born?"),
        ("Which art forger went to prison?", None, "Where was he born?", "Where was art forger born?"),
        ("Which forger fooled the old museum?", "Elmo Tarn", "Who runs it?", "Who runs the old museum?"),
        ("Which bridge is closed?", "since May", "Who built it?", "Who built bridge?"),
    ],
)
def test_what_a_question_asked_for_is_what_the_answer_named(
    earlier: str, short: str | None, question: str, expected: str
) -> None:
    assert said(question, turn(earlier, short=short)) == expected


def test_gender_rules_out_what_the_words_say_otherwise() -> None:
    earlier = turn("Did the policeman see the actress?")
    assert said("What did she wear?", earlier) == "What did the actress wear?"
    assert said("What did he wear?", earlier) == "What did the policeman wear?"


def test_a_pronoun_reaches_back_over_a_turn_that_has_nothing_of_its_kind() -> None:
    first, second = turn("Why did the pilot land in Marn?"), turn("How much fuel was left?")
    assert said("How old is he?", first, second) == "How old is the pilot?"


def test_it_never_reaches_further_back_than_three_turns() -> None:
    turns = [turn("Why did the pilot land?"), *(turn(f"How much fuel was in tank {n}?") for n in (1, 2, 3))]
    assert said("How old is he?", *turns) == "How old is he? (How much fuel was in tank 3?)"


def test_a_turn_that_leaned_itself_is_leaned_on_as_it_was_understood() -> None:
    first = turn("Who painted the ceiling?")
    second = turn("When?", understood_as=said("When?", first))
    assert said("Why?", first, second) == "Why? (When? Who painted the ceiling?)"
    third = turn("Who won there?", understood_as="Who won the cup there? (What happened in Tolby?)")
    assert said("Why?", third) == "Why? (Who won the cup there?)"


@pytest.mark.parametrize(
    ("question", "why"),
    [("Was anybody hurt?", "short"), ("Who's paying?", "short"), ("Who called the strike off?", "same subject")],
)
def test_what_may_stand_alone_is_asked_both_ways(question: str, why: Sign) -> None:
    history = [turn("What do the dockers want?", "The strike began on Monday.")]
    resolved = resolve(question, history)
    assert resolved is not None
    assert (resolved.why, resolved.certain) == (why, False)
    asked, leaning = wordings(question, history)
    assert (asked.question, asked.search) == (question, question)
    assert leaning.question == f"{question} (What do the dockers want?)"


def test_the_search_takes_in_the_question_before_and_its_short_answer() -> None:
    (wording,) = wordings("When was he born?", [turn("Who cast the bell?", "Grebe cast it.", short="Anton Grebe")])
    assert wording.question == "When was Anton Grebe born?"
    assert {"bell", "Anton", "born"} <= set(wording.search.replace("?", "").split())


def test_a_question_that_stands_alone_is_asked_as_it_is_and_once() -> None:
    (wording,) = wordings("Who is the mayor of Paris?", [turn("Who cast the bell?", "Anton Grebe cast it.")])
    assert wording.question == wording.search == "Who is the mayor of Paris?"


def test_kinds_of_mentions() -> None:
    text = "Ida Marsh, 54, told the Harbour Council in Tolby that Captain Reed had sold the mill."
    kinds = {one.text: one.kind for one in mentions(text)}
    assert kinds["Ida Marsh"] == kinds["Captain Reed"] == "person"
    assert kinds["the Harbour Council in Tolby"] == "organisation"
    assert kinds["Tolby"] == "place"
    assert kinds["the mill"] == "thing"


def after_a_random_turn(questions: Sequence[str]) -> list[Resolved | None]:
    """What becomes of each question after another, drawn at random."""
    chance = random.Random(0)
    return [resolve(one, [turn(chance.choice([other for other in questions if other != one]))]) for one in questions]


def test_golden_questions_that_stand_alone_are_left_so() -> None:
    """The golden questions are all of one small region, so that a turn drawn at random may well be on the subject."""
    found = after_a_random_turn([one.question for one in load_golden().questions if one.whole is None])
    assert sum(one is None or not one.certain for one in found) >= 0.99 * len(found)


@pytest.mark.skipif("COPYDESK_DATA" not in os.environ, reason="needs a folder of real data: set COPYDESK_DATA")
def test_quiz_questions_on_the_news_are_left_as_they_are() -> None:
    path = Path(os.environ["COPYDESK_DATA"]) / "realtimeqa" / "dev-2023" / "questions.jsonl"
    if not path.is_file():
        pytest.skip(f"no {path.name} of dev-2023 in COPYDESK_DATA")
    with path.open(encoding="utf-8") as lines:
        found = after_a_random_turn([json.loads(line)["question"] for line in lines])
    assert sum(one is None for one in found) >= 0.99 * len(found)


TEXT = st.lists(
    st.sampled_from(
        "he she it they his their that there then who why when what about And No , ? . : the a of in is did was "
        "Tolby Ada Brook 2021 ferry strike other one (x) ’s 's mayor \u00e9t\u00e9".split()
    ),
    max_size=12,
).map(" ".join) | st.text(max_size=60)


@given(TEXT, st.lists(TEXT, max_size=4), TEXT)
def test_a_resolved_question_is_never_empty_and_points_at_earlier_words(
    question: str, earlier: list[str], quote: str
) -> None:
    history = [turn(text, quote) for text in earlier]
    resolved = resolve(question, history)
    if resolved is not None:
        assert resolved.question.strip()
        assert resolved.question == " ".join(resolved.question.split())
    first, *others = wordings(question, history)
    assert len(others) <= 1
    if resolved is None or not resolved.certain:
        assert first.question == question


@given(TEXT)
def test_mentions_are_characters_of_their_text(text: str) -> None:
    for mention in mentions(text):
        assert text[mention.start : mention.end] == mention.text
        assert mention.text
