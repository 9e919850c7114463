"""The reader's training data: made from small files of each kind, with labels worked out by hand."""

import gzip
import json
import random
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.answer_metrics import contains_answer
from eval.headline_questions import headlines
from eval.reader_data import (
    Bm25,
    Example,
    Group,
    NewsPassage,
    NewsQuestion,
    _plain,
    find_words,
    news,
    qamr,
    squadshifts,
)
from index.errors import BadInputError
from index.passages import WORDS_PER_PASSAGE

BELL = "A bell was found in Cray. It weighs 212 kilograms. The museum has it. Experts say 212 kilograms is much."
RIVER = "The river rose to nine metres. Forty people fled from Mill Lane by boat. Nobody was hurt in Cray."


def answers(context: str, *texts: str) -> list[dict[str, object]]:
    return [{"answer_start": context.index(text), "text": text} for text in texts]


def squad(path: Path, *documents: tuple[str, Sequence[tuple[str, Sequence[tuple[str, object]]]]]) -> Path:
    """A SQuAD 1.1 file: documents of a title and paragraphs of a context and its (question, answers)."""
    data = [
        {
            "title": title,
            "paragraphs": [
                {"context": context, "qas": [{"question": asked, "answers": given} for asked, given in questions]}
                for context, questions in paragraphs
            ],
        }
        for title, paragraphs in documents
    ]
    with gzip.open(path, "wt", encoding="utf-8") as file:
        json.dump({"data": data}, file)
    return path


def words_of(example: Example) -> str:
    assert example.span is not None
    sentence, start, end = example.span
    return example.sentences[sentence][start:end]


def test_squad_by_hand(tmp_path: Path) -> None:
    asked = [("How much  does\nit weigh? ", answers(BELL, "212 kilograms"))]
    path = squad(tmp_path / "wiki.json.gz", ("Bells_of_Cray", [(BELL, asked)]))
    assert list(squadshifts([path], 0, 0)) == [
        (
            Example(
                question="How much does it weigh?",
                head="Bells of Cray",
                sentences=(
                    "A bell was found in Cray.",
                    "It weighs 212 kilograms.",
                    "The museum has it.",
                    "Experts say 212 kilograms is much.",
                ),
                relevant=frozenset({1}),
                ignored=frozenset({3}),  # it holds the words, and nobody said whether it answers
                span=(1, 10, 23),
            ),
        )
    ]


@pytest.mark.parametrize(
    ("given_answers", "agreed"),
    [
        (["212 kilograms", "212", "212"], "212"),  # most annotators
        (["212 kilograms", "212"], "212"),  # the shortest of as many
        (["Cray. It weighs 212", "Cray. It weighs 212", "kilograms"], "kilograms"),  # not over two sentences
        (["212 kilograms", "212 kilograms", "212", "212"], "212"),
        (["A bell"], "A bell"),
        (["Cray. It"], None),
        ([], None),
    ],
)
def test_the_answer_that_annotators_agree_on(tmp_path: Path, given_answers: list[str], agreed: str | None) -> None:
    path = squad(tmp_path / "wiki.json.gz", ("Bells", [(BELL, [("What?", answers(BELL, *given_answers))])]))
    assert [words_of(group[0]) for group in squadshifts([path], 0, 0)] == ([] if agreed is None else [agreed])


def test_offsets_of_answers_after_characters_of_any_kind(tmp_path: Path) -> None:
    context = "  “Łódź 🎉 rang,” he said.\n\nThe café’s bell weighs 212 kg."
    asked = [("How much?", answers(context, "212 kg")), ("Where?", answers(context, "Łódź"))]
    groups = squadshifts([squad(tmp_path / "wiki.json.gz", ("", [(context, asked)]))], 0, 0)
    assert [words_of(group[0]) for group in groups] == ["212 kg", "Łódź"]


@pytest.mark.parametrize("title", ["Amazon Reviews 12", "Filtered Reddit 3"])
def test_numbered_documents_have_no_head(tmp_path: Path, title: str) -> None:
    path = squad(tmp_path / "forum.json.gz", (title, [(BELL, [("What?", answers(BELL, "A bell"))])]))
    assert [group[0].head for group in squadshifts([path], 0, 0)] == [""]


def long_paragraph(number: int, sentences: int) -> str:
    """Sentences of seven words about a bell, each with a weight of its own."""
    return " ".join(f"The bell {number} weighs {number}{place:02d} kilograms." for place in range(sentences))


def test_windows_hold_their_answer_and_are_of_a_passages_length(tmp_path: Path) -> None:
    context = long_paragraph(7, 60)
    asked = [(f"Which {place}?", answers(context, f"7{place:02d}")) for place in range(60)]
    path = squad(tmp_path / "wiki.json.gz", ("Bells", [(context, asked)]))
    places = set()
    for place, (example,) in enumerate(squadshifts([path], 3, 0)):
        assert words_of(example) == f"7{place:02d}"
        assert example.span is not None
        assert example.relevant == {example.span[0]}
        assert " ".join(example.sentences) in context
        words = sum(len(sentence.split()) for sentence in example.sentences)
        assert 0.8 * WORDS_PER_PASSAGE <= words <= 1.2 * WORDS_PER_PASSAGE
        places.add(example.span[0])
    assert len(places) > 5  # the answer stands anywhere in it


def test_a_sentence_longer_than_a_passage_stands_alone_or_is_cut(tmp_path: Path) -> None:
    context = "The bell of Cray " + "and the river " * 60 + "weighs 212 kilograms."
    path = squad(tmp_path / "wiki.json.gz", ("Bells", [(context, [("What?", answers(context, "212"))])]))
    ((example,),) = squadshifts([path], 0, 0)
    assert words_of(example) == "212"


def test_negatives_are_near_and_never_hold_the_answer(tmp_path: Path) -> None:
    near = "A bell in Marn weighs less. Nobody knows how much it weighs."
    same = "Another bell weighs 212 kilograms, too."
    paragraphs = [(BELL, [("How much does the bell weigh?", answers(BELL, "212 kilograms"))])]
    paragraphs += [(near, []), (same, []), (RIVER, [("Who fled?", answers(RIVER, "Forty people"))])]
    path = squad(tmp_path / "wiki.json.gz", ("Bells", paragraphs))
    bell, river = squadshifts([path], 0, 2.0)
    assert len(bell) == 2  # the one near paragraph that doesn't hold it
    assert " ".join(bell[1].sentences) == near
    assert (bell[1].relevant, bell[1].ignored, bell[1].span) == (frozenset(), frozenset(), None)
    assert bell[1].question == bell[0].question
    assert all(not contains_answer(" ".join(one.sentences), "Forty people") for one in river[1:])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(0, 3))
def test_the_share_of_negatives_is_as_asked(
    tmp_path_factory: pytest.TempPathFactory, seed: int, negatives: float
) -> None:
    paragraphs = [
        (long_paragraph(n, 3), [("What weighs the bell?", answers(long_paragraph(n, 3), f"{n}01"))])
        for n in range(1, 9)
    ]
    path = squad(tmp_path_factory.mktemp("squad") / "wiki.json.gz", ("Bells", paragraphs))
    groups = list(squadshifts([path], seed, negatives))
    assert groups == list(squadshifts([path], seed, negatives))
    assert len(groups) == 8
    for first, *others in groups:
        assert int(negatives) <= len(others) <= int(negatives) + 1
        assert len({one.sentences for one in others}) == len(others)
        assert all(not contains_answer(" ".join(one.sentences), words_of(first)) for one in others)


def test_a_question_without_any_word_has_nothing_near(tmp_path: Path) -> None:
    path = squad(tmp_path / "wiki.json.gz", ("", [(BELL, [("???", answers(BELL, "212"))]), (RIVER, [])]))
    assert [len(group) for group in squadshifts([path], 0, 2.0)] == [1]


def test_nearest_by_bm25() -> None:
    near = Bm25(["a bell rang", "the river rose", "bells and rivers", "nothing"])
    assert near.nearest("Which bell?", 9) == [0, 2]
    assert near.nearest("rivers", 1) == [1]
    assert near.nearest('the "NEAR" OR (river*', 9) == [1, 2]
    assert near.nearest("", 3) == near.nearest("?!", 3) == near.nearest("zebra", 3) == []


SENTENCES = {
    "Wiki1k:wikipedia:1:0:0": "The bell weighs 212 kilograms , the museum -LRB- in Cray -RRB- said .",
    "Wiki1k:wikipedia:1:0:1": "It was cast in 1687 .",
    "Wiki1k:wikipedia:1:0:2": "Nobody has rung it .",
    "Wiki1k:wikinews:2:0:0": "Forty people fled .",
    "Wiki1k:wikinews:3:0:0": "The river rose .",
}
ROW = ["Wiki1k:wikipedia:1:0:0", "1", "7", "0", "1", "How heavy is the bell?", "3 4", "1:3 4", "2:3"]


def tsv(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines("\t".join(row) + "\n" for row in rows)
    return path


def qamr_groups(folder: Path, *rows: Sequence[str], share: float = 1.0, seed: int = 0) -> list[Group]:
    sentences = tsv(folder / "sentences.tsv.gz", list(SENTENCES.items()))
    return list(qamr(sentences, [tsv(folder / "pairs.tsv.gz", rows)], seed, share))


def test_qamr_by_hand(tmp_path: Path) -> None:
    for seed in range(8):
        ((example,),) = qamr_groups(tmp_path, ROW, seed=seed)
        own = "The bell weighs 212 kilograms, the museum (in Cray) said."
        (at,) = example.relevant
        assert (example.question, example.head, example.ignored) == ("How heavy is the bell?", "", frozenset())
        assert example.sentences[at] == own
        assert words_of(example) == "212 kilograms"
        assert example.sentences.count(own) == 1
        # Among sentences of its own document and others.
        assert {"It was cast in 1687.", "Nobody has rung it."} <= set(example.sentences)
        assert 3 <= len(example.sentences) <= 5


@pytest.mark.parametrize(
    ("answer", "first", "second", "words"),
    [
        ("3 4", "1:3", "2:4", "212 kilograms"),  # each validator agrees in part
        ("3 4", "1:3 4", "2:5", None),
        ("3 4", "1:", "2:3", None),
        ("", "1:3", "2:3", None),
        ("3 4 7", "1:3", "2:7", "212 kilograms"),  # the first run of words
        ("7 8 9 10 11", "1:9", "2:9", "museum (in Cray)"),
        ("4 5", "1:4", "2:4", "kilograms,"),
    ],
)
def test_only_answers_that_validators_share(
    tmp_path: Path, answer: str, first: str, second: str, words: str | None
) -> None:
    groups = qamr_groups(tmp_path, [*ROW[:6], answer, first, second])
    assert [words_of(group[0]) for group in groups] == ([] if words is None else [words])


def test_a_share_of_qamr_is_drawn_and_the_same_for_the_same_seed(tmp_path: Path) -> None:
    rows = [ROW] * 300
    drawn = qamr_groups(tmp_path, *rows, share=0.3, seed=4)
    assert 60 <= len(drawn) <= 120
    assert drawn == qamr_groups(tmp_path, *rows, share=0.3, seed=4)
    assert qamr_groups(tmp_path, *rows, share=0.0) == []


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("He did n't go , did he ?", "He didn't go, did he?"),
        ("`` It 's -LRB- nearly -RRB- over , '' she said .", "“It's (nearly) over,” she said."),
        ("It cost $ 5 and 10 % more ; see -LSB- 1 -RSB- : here", "It cost $5 and 10% more; see [1]: here"),
        ("The workers ' union", "The workers' union"),
        ("Dots ... here", "Dots ... here"),
        ("", ""),
    ],
)
def test_tokens_written_as_people_write(tokens: str, text: str) -> None:
    assert _plain(tokens.split(" "))[0] == text


@given(
    st.lists(
        st.sampled_from("The bell n't 's , . -LRB- -RRB- `` '' $ 5 % é 🎉 ' ; -LSB- -RCB-".split())
        | st.text(min_size=1)
    )
)
def test_each_token_keeps_its_place(tokens: list[str]) -> None:
    marks = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RCB-": "}", "``": "“", "''": "”"}
    marks |= {"-RSB-": "]", "-LCB-": "{"}
    text, places = _plain(tokens)
    assert [text[start:end] for start, end in places] == [marks.get(token, token) for token in tokens]
    before = 0
    for start, end in places:
        assert text[before:start] in ("", " ")
        before = end
    assert before == len(text)


@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", gzip.compress(b"\xff\xfe"), gzip.compress(b"[1, 2]"), None],
    ids=["empty", "no gzip", "no UTF-8", "a list", "no file"],
)
def test_files_of_another_kind_are_named(tmp_path: Path, content: bytes | None) -> None:
    bad = tmp_path / "bad.gz"
    if content is not None:
        bad.write_bytes(content)
    good = tsv(tmp_path / "good.tsv.gz", list(SENTENCES.items()))
    with pytest.raises(BadInputError, match=r"bad\.gz: not the training data it should be"):
        list(squadshifts([bad], 0, 0))
    if content != b"":  # without a line it is an empty list of sentences
        with pytest.raises(BadInputError, match=r"bad\.gz: not the training data it should be"):
            list(qamr(bad, [good], 0, 1.0))
        with pytest.raises(BadInputError, match=r"bad\.gz: not the training data it should be"):
            list(qamr(good, [bad], 0, 1.0))


@pytest.mark.parametrize(
    "row", [ROW[:6], ["unknown", *ROW[1:]], [*ROW[:6], "3 x", "1:3", "1:3"], [*ROW[:6], "99", "1:99", "1:99"]]
)
def test_a_qamr_row_that_is_none_is_named(tmp_path: Path, row: list[str]) -> None:
    with pytest.raises(BadInputError, match=r"pairs\.tsv\.gz: not the training data it should be"):
        qamr_groups(tmp_path, row)


GIVEN = NewsPassage(
    "a1",
    "Bell found in Cray",
    (
        "Philippa Conyers found a bronze bell under the bridge.",  # holds it; with its neighbours and title: all words
        "The bell weighs 212 kilograms.",
        "It was raining.",
        "The mayor was away.",
        "Philippa Conyers likes tea.",  # holds it, and shares only the title's words
    ),
)
FARTHER = NewsPassage("a1", "Bell found in Cray", ("It rained.", "Nobody came.", "Later Philippa Conyers left."))
FOREIGN = NewsPassage("a2", "Bronze bell stolen", ("A bronze bell was stolen under the bridge of Marn.", "It is gone."))
NOT_GIVEN = NewsPassage("a3", "Bells", ("Philippa Conyers found a bronze bell under the bridge, too.",))
QUESTION = NewsQuestion("Who found the bronze bell under the bridge?", "philippa conyers", frozenset({"a1"}), "")


def test_news_labels_by_hand() -> None:
    ((answered, *others),) = news([QUESTION], [FOREIGN, FARTHER, NOT_GIVEN, GIVEN], 0)
    # The question's content words: found, bronze, bell, under (a function word), bridge. Around sentence 0 all four;
    # around sentence 4 and in the other passage those of the title, "found" and "bell": 2 of 4 is less than 0.7.
    assert answered == Example(
        QUESTION.question, GIVEN.head, GIVEN.sentences, frozenset({0}), frozenset({4}), (0, 0, len("Philippa Conyers"))
    )
    # No passage of an article not given for the question answers, nor is one that holds the answer taken for wrong.
    assert [other.sentences for other in others] == [FOREIGN.sentences]
    assert all((other.relevant, other.ignored, other.span) == (frozenset(), frozenset(), None) for other in others)


@pytest.mark.parametrize(
    "question",
    [
        NewsQuestion(QUESTION.question, "212", QUESTION.article_ids, ""),  # numbers stand anywhere
        NewsQuestion(QUESTION.question, "The", QUESTION.article_ids, ""),
        NewsQuestion(QUESTION.question, "yes", QUESTION.article_ids, ""),
        NewsQuestion(QUESTION.question, "Rennick", QUESTION.article_ids, ""),  # not there
        NewsQuestion("Which author of novels drinks?", "tea cups", QUESTION.article_ids, ""),
        NewsQuestion("Which novelist wrote of zebras?", "Philippa Conyers", QUESTION.article_ids, ""),  # no overlap
        NewsQuestion(QUESTION.question, QUESTION.answer, frozenset(), ""),
    ],
)
def test_news_questions_that_cant_be_labelled_are_left_out(question: NewsQuestion) -> None:
    assert list(news([question], [GIVEN, FARTHER, FOREIGN], 0)) == []


def test_news_explanations_that_name_the_answer() -> None:
    told = "<p>The bell was found on Monday.&nbsp;<b>Philippa Conyers</b> found it.</p>"
    explained = NewsQuestion(QUESTION.question, QUESTION.answer, frozenset(), told)
    ((example,),) = news([explained], [], 0)
    assert example.sentences == ("The bell was found on Monday.", "Philippa Conyers found it.")
    assert example.relevant == {1}
    assert words_of(example) == "Philippa Conyers"
    for useless in ("<p>Nobody knows.</p>", told + "<p>And it goes on.</p>" * 60, ""):
        assert list(news([NewsQuestion(QUESTION.question, QUESTION.answer, frozenset(), useless)], [], 0)) == []


@pytest.mark.parametrize(
    ("text", "answer", "found"),
    [
        ("The “Bell-Ringers” of Cray", "bell ringers", "Bell-Ringers"),
        ("He saw Cray.", "cray", "Cray"),
        ("Crayfish", "Cray", None),
        ("Cost $1,600 then", "$1,600", "1,600"),
        ("Cray", "?!", None),
        ("Cray", "", None),
        ("Łódź 🎉 café", "CAFÉ", "café"),
    ],
)
def test_where_words_stand(text: str, answer: str, found: str | None) -> None:
    span = find_words(text, answer)
    assert (None if span is None else text[slice(*span)]) == found


def test_a_headline_question_by_hand() -> None:
    title = "Forty people fled homes as river Veld rose over banks"
    lead = (
        "The river Veld rose over its banks on Monday.",
        "Some 40 people left.",
    )
    article = [NewsPassage("a1", title, lead)]
    other = [NewsPassage("a2", "", ("The river rose, and people fled their homes.",))]
    groups = list(headlines([article, other], [title, "Nothing"], 0, 3))
    veld = [group for group in groups if words_of(group[0]) == "Veld"]
    ((answered, wrong),) = veld
    assert re.fullmatch(r"Forty people fled homes as river (who|what|which one) rose over banks\?", answered.question)
    assert (answered.head, answered.sentences, answered.relevant) == ("", lead, frozenset({0}))
    assert (wrong.question, wrong.head, wrong.sentences) == (answered.question, "", other[0].sentences)


def test_headlines_in_title_case_ask_for_figures_only() -> None:
    title = "Flood In Cray Forces 340 People From Homes"
    article = [NewsPassage("a1", title, ("In Cray 340 people left their homes in a flood.",))]
    ((answered,),) = headlines([article], [title], 0, 0)
    assert words_of(answered) == "340"
    assert re.fullmatch("Flood In Cray Forces (how many|what number|how much) People From Homes[?]", answered.question)


def test_the_headline_itself_is_no_answer() -> None:
    title = "The river Veld rose over banks near Cray"
    assert list(headlines([[NewsPassage("a1", title, (title + ".",))]], [title], 0, 0)) == []


WORDS = "Veld Cray Oldacre 340 $5 9% Who What One river rose the people fled of over banks near bell and, homes".split()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=5, max_size=9), min_size=1, max_size=3), st.integers(0, 99))
def test_a_headline_question_never_holds_its_answer(titles: list[list[str]], seed: int) -> None:
    lot = random.Random(seed)
    articles = []
    for number, title in enumerate(titles):
        sentences = tuple(" ".join([*lot.sample(title, len(title) - 1), "again today"]) + "." for _ in range(3))
        articles.append([NewsPassage(str(number), "", sentences)])
    for answered, *others in headlines(articles, [" ".join(title) for title in titles], seed, 2):
        answer = words_of(answered)
        assert contains_answer(" ".join(answered.sentences), answer)
        assert not contains_answer(answered.question, answer)
        assert answered.span is not None
        assert answered.relevant == {answered.span[0]}
        assert all(contains_answer(answered.sentences[number], answer) for number in answered.ignored)
        assert len(others) <= 2
        assert all(not contains_answer(" ".join(other.sentences), answer) for other in others)
