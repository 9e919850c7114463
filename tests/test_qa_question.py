"""What is read off a question's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.question import AnswerType, QuestionKind, asks_for_words, kind_of, matches_type, read_question, stems


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many people fled?", "number"),
        ("How OLD is the bell?", "number"),
        ("What percentage voted?", "number"),
        ("When was the bell cast?", "time"),
        ("Which year was the flood?", "time"),
        ("Why did the mayor resign?", "reason"),
        ("What caused the flood?", "reason"),
        ("Who leads the inquiry?", "name"),
        ("Where did they sleep?", "name"),
        ("Which group is in Douma?", "name"),
        ("What did the rebels propose?", "other"),
        ("Did the mayor vote for it?", "other"),
        ("Show me everything", "other"),
    ],
)
def test_the_kind_of_answer_asked_for(question: str, kind: AnswerType) -> None:
    assert read_question(question).answer_type == kind


@pytest.mark.parametrize(
    ("question", "few"),
    [
        ("Who leads the inquiry?", True),
        ("WHO leads it", True),
        ("In which year was the bell cast?", True),
        ("When was the vote?", True),
        ("Where did they sleep?", True),
        ("What company owns the bakery?", True),
        ("How much does the bell weigh?", True),
        ("How   many fled?", False),  # only as it is written
        ("how old is the bell?", True),
        ("How did the river rise?", False),
        ("Why did the mayor resign?", False),
        ("Why did the man who led it resign?", False),
        ("What happened on Tuesday?", False),
        ("What caused the flood?", False),
        ("What did the rebels propose?", False),
        ("What is known about the bell?", False),
        ("How come nobody was hurt?", False),
        ("Did the mayor vote for it?", False),
        ("Is the whole bridge closed?", False),  # "who" inside a word
        ("Show me everything", False),
        ("", False),
    ],
)
def test_whether_a_few_words_can_answer(question: str, few: bool) -> None:
    assert asks_for_words(question) is few


def test_words_are_stemmed_and_function_words_left_out() -> None:
    assert read_question("How many people have been fleeing the floods?").stems == {"peopl", "flee", "flood"}
    assert stems("The who and the what") == stems("the WHO and THE what")  # nothing else is left, so they count


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Who owns the bakery on Tanner Street?", {"tanner", "street"}),
        ("Did Mayor Oldacre resign?", {"mayor", "oldacr"}),
        ("What did Émile Zola write?", {"émile", "zola"}),
        ("Harrow Ford has what?", {"harrow", "ford"}),
        ("Floods hit what?", set()),  # a capital at the start says nothing
        ("what did assad say?", set()),
        ("Who runs the U.S. Senate?", {"u", "senat"}),
    ],
)
def test_names(question: str, names: set[str]) -> None:
    assert read_question(question).names == names


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("How many people fled?", "Some 340 people fled.", 1.0),
        ("How many people fled?", "Forty people fled.", 1.0),
        ("How many people fled?", "People fled.", -1.0),
        ("How many of the 340 came back?", "The 340 were at home.", -1.0),  # the question's own number
        ("When was the vote?", "The vote was on Tuesday.", 1.0),
        ("When was the vote?", "The vote was close.", -1.0),
        ("When on Tuesday was the vote?", "The vote was on Tuesday.", -1.0),
        ("Why did it jam?", "It jammed because of a trunk.", 1.0),
        ("Why did it jam?", "It jammed at night.", -1.0),
        ("Who led it?", "It was led by Philippa Conyers.", 1.0),
        ("Who led it?", "It was led by a judge.", -1.0),
        ("Who is Philippa Conyers?", "People know Philippa Conyers.", -1.0),
        ("What did he say?", "Nothing.", 0.0),
    ],
)
def test_does_a_sentence_hold_what_is_asked_for(question: str, sentence: str, expected: float) -> None:
    assert matches_type(sentence, read_question(question)) == expected


@pytest.mark.parametrize(
    ("question", "met", "unmet"),
    [
        ("At what time did it sink?", "It sank at 5:35 p.m. that day.", "It was built in 2003."),
        ("What time does it open?", "It opens at 9 am.", "It opens on Monday."),
        ("What time did it end?", "It was over by midnight.", "It was over in May."),
        ("How fast was the boat?", "It stopped dead from eleven knots.", "It was 11 years old."),
        ("How fast did it fall?", "It fell at 40 metres a second.", "It fell 40 metres."),
        ("At what speed was it hit?", "It was doing 30 mph.", "Thirty were hurt."),
        ("How old is the mayor?", "The mayor, 68, was there.", "Some 68 percent voted."),
        ("How old is the tree?", "It is nine hundred years old.", "It is tall."),
        ("How old was she?", "She was a woman in her thirties.", "She had 1,200 sheep."),
        ("How long did it last?", "It lasted for two and a half hours.", "It cost 3 crowns."),
        ("How long did it last?", "It went on for a few weeks.", "It is 30 metres long."),
        ("How long is the bridge?", "It is 214 metres long.", "It has 214 lamps."),
        ("How far is it to Cray?", "Cray is nine miles off.", "Cray has nine shops."),
        ("How deep is the lake?", "It goes down 90 m.", "It froze in 1990."),
        ("How much money was given?", "Some $64,000 came in.", "Some 64,000 came."),
        ("How much did the wall cost?", "The wall cost nine million crowns.", "The wall has 9,000 stones."),
        ("How much does the bell weigh?", "It weighs 212 kilograms.", "It rang 212 times."),
        ("How hot was it?", "It was 41 degrees.", "It was the 41st day."),
        ("How often does it run?", "It runs twice a day.", "It runs on two wheels."),
        ("What share of them voted?", "Turnout was 71.4 percent.", "There were 71 tables."),
    ],
)
def test_a_measure_is_met_by_its_own_kind(question: str, met: str, unmet: str) -> None:
    asked = read_question(question)
    assert (matches_type(met, asked), matches_type(unmet, asked)) == (1.0, -1.0)


def test_a_measure_that_the_question_names_itself_is_no_answer() -> None:
    asked = read_question("How fast was the 40 mph train going?")
    assert matches_type("The 40 mph train was late.", asked) == -1.0
    assert matches_type("The 40 mph train was doing 60 mph.", asked) == 1.0
    assert read_question("At what time of year do they leave?").met_by is None


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Why did the mill close?", "several sentences"),
        ("How did the fire start?", "several sentences"),
        ("What happened at the mill?", "several sentences"),
        ("What did the mayor and the baker say about it?", "several sentences"),
        ("Explain the row over the mill.", "several sentences"),
        ("Who bought the mill, and what became of it?", "several sentences"),
        ("How many people fled?", "one fact"),
        ("How long did it take?", "one fact"),
        ("Who bought the mill?", "one fact"),
        ("Where is the mill?", "one fact"),
        ("Is the mill closed?", "yes or no"),
        ("And has anyone bought it?", "yes or no"),
        ("Didn't the mill burn?", "yes or no"),
        ("Did the mill burn or not?", "yes or no"),
        ("Did the mill or the bakery burn?", "one fact"),
        ("The mill is closed?", "one fact"),
    ],
)
def test_how_much_it_takes_to_answer(question: str, kind: QuestionKind) -> None:
    assert kind_of(question) == kind


@given(st.text(), st.text())
def test_any_text_can_be_read(question: str, sentence: str) -> None:
    assert not asks_for_words(f"Why: {question}")
    assert matches_type(sentence, read_question(question)) in (-1.0, 0.0, 1.0)
