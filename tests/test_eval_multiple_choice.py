"""Multiple choice: where choices are named, what speaks for each, and choosing; the models' weights are stand-ins."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.aggregate import metric_values
from eval.choice_evidence import FEATURE_NAMES, Evidence, all_options, read_choices
from eval.choice_store import ChoiceStore
from eval.choice_text import joined, namings, places_named, times_named, token_f1, tokens
from eval.datasets import NONE_OF_THE_ABOVE
from eval.fit_multiple_choice import Asked, cross_validate, fit
from eval.multiple_choice import ChoiceWeights, MultipleChoiceAnswerer, choose, choose_with_none, judge, load_weights
from eval.multiple_choice import read_weights as weights_from
from eval.records import ChoiceScores, EvalQuestion, MultipleChoice, Outcome
from eval.store import outcome_from, record_of
from index.archive import Archive
from index.errors import ModelError
from index.search import HybridSearch
from index.vectors import VectorIndex
from qa.reader import TokenLogits
from tests.support import FakeEmbedder, FakeReader, make_archive, make_article

FLOOD = make_article("The river Veld rose in Cray on Monday. Forty people fled from Mill Lane by boat.", title="Flood")
FAIR = make_article("The fair in Marn drew 3,400 visitors. Ida Brandt opened it.", "https://news.example/fair")
QUESTION = EvalQuestion(
    question_id="q",
    question="Which river rose in Cray?",
    asked_on=date(2026, 4, 1),
    gold_answers=("Veld",),
    article_ids=(FLOOD.article_id,),
    choices=MultipleChoice(("Marn", "Veld", "Ida Brandt", "Mill Lane"), 1),
    choices_with_none=MultipleChoice(("Marn", "Veld", "Mill Lane", NONE_OF_THE_ABOVE), 1),
)
NOTHING = ChoiceWeights((0.0,) * len(FEATURE_NAMES), (0.0,) * len(FEATURE_NAMES), 0.0)


def by_feature(**weights: float) -> tuple[float, ...]:
    return tuple(weights.get(name, 0.0) for name in FEATURE_NAMES)


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HybridSearch]:
    archive = make_archive(tmp_path_factory.mktemp("archive"), [FLOOD, FAIR])
    yield HybridSearch(archive, VectorIndex(archive), FakeEmbedder())
    archive.close()


def test_choices_are_named_by_whole_tokens() -> None:
    text = "The Sun-Times said forty-two people, and Forty others (2,000 in all), fled to St. Mary’s."
    assert times_named(joined(tokens(text)), namings("Forty")) == 1
    assert times_named(joined(tokens(text)), namings("St. Mary's")) == 1
    assert times_named(joined(tokens(text)), namings("Mary")) == 0
    assert times_named(joined(tokens(text)), namings("%")) == 0
    assert times_named(joined(tokens("It took nine days.")), namings("9 days")) == 1
    assert namings("Marn (a town)") == (("marn", "town"), ("marn",))
    assert [text[start:end] for start, end in places_named(text, namings("2,000"))] == ["(2,000"]
    assert token_f1(("ida", "brandt"), ("brandt",)) == pytest.approx(2 / 3)
    assert token_f1((), ()) == 0.0


@given(st.text(alphabet="ab. -’\n", max_size=40), st.text(alphabet="ab. -’", max_size=6))
def test_places_are_as_many_as_times_unless_they_overlap(text: str, choice: str) -> None:
    ways = namings(choice)
    places = places_named(text, ways)
    assert bool(places) == bool(times_named(joined(tokens(text)), ways))
    assert all(set(ways[0]) <= set(tokens(text[start:end])) for start, end in places)


def test_what_speaks_for_a_choice(search: HybridSearch) -> None:
    evidence = read_choices(search, FakeReader(), QUESTION)
    assert evidence is not None
    assert evidence.named == (0, 1, 0, 1)
    assert evidence.features.shape == (4, len(FEATURE_NAMES))
    marn, veld, _, lane = (dict(zip(FEATURE_NAMES, row, strict=True)) for row in evidence.features)
    assert (marn["is_named"], veld["is_named"], lane["is_named"]) == (0, 1, 1)
    # The stand-in reader counts the question's words: those of the first sentence.
    assert veld["best_sentence"] > lane["best_sentence"] > marn["best_sentence"]
    assert veld["named"] == pytest.approx(np.log(2))
    assert veld["cosine"] > 0
    # The other article is not among those given.
    everywhere = read_choices(search, FakeReader(), replace(QUESTION, article_ids=None))
    assert everywhere is not None
    assert everywhere.named == (1, 1, 1, 1)


def test_nothing_to_look_in_or_for_is_no_evidence(search: HybridSearch) -> None:
    assert read_choices(search, FakeReader(), replace(QUESTION, article_ids=())) is None
    assert read_choices(search, FakeReader(), replace(QUESTION, choices=None)) is None
    answerer = MultipleChoiceAnswerer(search, FakeReader(), NOTHING)
    assert answerer.scores(replace(QUESTION, choices=None)) is None


def test_the_words_of_a_choice_are_scored_by_the_span_head() -> None:
    logits = TokenLogits(
        sentence_of=np.array([-1, 0, 0, 1]),
        starts=np.array([0, 0, 4, 0]),
        ends=np.array([0, 3, 9, 5]),
        begins=np.array([1.0, 5.0, 2.0, 7.0], dtype=np.float32),
        finishes=np.array([0.5, 1.0, 3.0, 8.0], dtype=np.float32),
        nowhere=1.5,
    )
    assert logits.span_score(0, 0, 9) == 5.0 + 3.0 - 1.5
    assert logits.span_score(0, 4, 9) == 2.0 + 3.0 - 1.5
    assert logits.span_score(1, 0, 5) == 7.0 + 8.0 - 1.5
    assert logits.span_score(2, 0, 5) is None


def test_choosing_with_and_without_none() -> None:
    features = np.zeros((4, len(FEATURE_NAMES)))
    features[:, FEATURE_NAMES.index("named")] = [1.0, 2.0, 3.0, 0.0]
    weights = ChoiceWeights(by_feature(named=1.0), by_feature(named=1.0), 1.5)
    assert choose(QUESTION, features, weights) == 2
    # "Ida Brandt", the likeliest, is not offered there.
    assert choose_with_none(QUESTION, features, weights) == 1
    assert choose_with_none(QUESTION, features, replace(weights, none=2.5)) == 3


def test_a_choice_misspelt_beside_none_has_evidence_of_its_own(search: HybridSearch) -> None:
    question = replace(QUESTION, choices_with_none=MultipleChoice(("Vekd", "Marn", NONE_OF_THE_ABOVE), 2))
    assert all_options(question) == ("Marn", "Veld", "Ida Brandt", "Mill Lane", "Vekd")
    evidence = read_choices(search, FakeReader(), question)
    assert evidence is not None
    assert evidence.named == (0, 1, 0, 1, 0)
    assert judge(question, evidence, replace(NOTHING, none=1.0)) is not None


def test_scores_and_what_needs_no_reading() -> None:
    features = np.zeros((4, len(FEATURE_NAMES)))
    features[1, FEATURE_NAMES.index("best_span")] = 1.0
    weights = ChoiceWeights(by_feature(best_span=1.0), by_feature(best_span=1.0), 0.5)
    found = judge(QUESTION, Evidence(features, (2, 2, 9, 0)), weights)
    assert found == ChoiceScores(
        right=1.0,
        most_named=0.0,
        chance=0.25,
        right_with_none=1.0,
        most_named_with_none=0.5,
        always_none=0.0,
        chance_with_none=0.25,
    )
    none_right = replace(QUESTION, choices_with_none=MultipleChoice(("Marn", NONE_OF_THE_ABOVE, "Mill Lane"), 1))
    blind = judge(none_right, None, weights)
    assert blind is not None
    assert (blind.right, blind.most_named, blind.right_with_none, blind.always_none) == (0.25, 0.25, 1.0, 1.0)
    assert blind.most_named_with_none == 1.0
    without = judge(replace(QUESTION, choices_with_none=None), Evidence(features, (2, 2, 9, 0)), weights)
    assert without is not None
    assert without.right_with_none is None


def made_up_questions(count: int) -> list[Asked]:
    """The right choice has the highest best_span; every other feature is noise."""
    chance = np.random.default_rng(1)
    asked = []
    for number in range(count):
        right = int(chance.integers(4))
        features = chance.normal(size=(4, len(FEATURE_NAMES)))
        features[right, FEATURE_NAMES.index("best_span")] += 6.0
        question = replace(QUESTION, question_id=str(number), choices=MultipleChoice(("a", "b", "c", "d"), right))
        asked.append((replace(question, choices_with_none=None), Evidence(features, (0, 0, 0, 0))))
    return asked


def test_the_fit_finds_the_feature_that_tells() -> None:
    asked = made_up_questions(60)
    weights = fit(asked)
    assert max(range(len(FEATURE_NAMES)), key=lambda place: weights.choose[place]) == FEATURE_NAMES.index("best_span")
    # "None of the above" must be better than a wrong choice and worse than the right one.
    assert weights.none > 0
    report = cross_validate(asked, seed=0)
    assert report.n == 60
    assert report.right > 0.8
    assert report.right_with_none > 0.8
    assert (report.most_named, report.chance, report.always_none) == (0.25, 0.25, 0.25)


def test_weights_are_read_with_care() -> None:
    weights = load_weights()
    assert len(weights.choose) == len(FEATURE_NAMES)
    with pytest.raises(ModelError, match="can't be read"):
        weights_from("{}")
    with pytest.raises(ModelError, match="fitted on other features"):
        weights_from('{"features": ["named"], "choose": [1], "choose_with_none": [1], "none": 0}')
    names = str(list(FEATURE_NAMES)).replace("'", '"')
    row = str([0.0] * len(FEATURE_NAMES))
    with pytest.raises(ModelError, match="no numbers"):
        weights_from(f'{{"features": {names}, "choose": {row}, "choose_with_none": {row}, "none": NaN}}')


def test_what_was_read_is_kept(tmp_path: Path) -> None:
    features = np.arange(float(4 * len(FEATURE_NAMES))).reshape(4, -1)
    others = replace(QUESTION, question_id="other")
    store = ChoiceStore(tmp_path, "a reader")
    assert store.find(QUESTION) == (False, None)
    store.add(QUESTION, Evidence(features, (1, 2, 3, 4)))
    store.add(others, None)
    with next(tmp_path.iterdir()).open("a", encoding="utf-8") as file:
        file.write('["cut sho')
    again = ChoiceStore(tmp_path, "a reader")
    known, evidence = again.find(QUESTION)
    assert known
    assert evidence is not None
    assert (evidence.features == features).all()
    assert evidence.named == (1, 2, 3, 4)
    assert again.find(others) == (True, None)
    assert again.find(replace(QUESTION, article_ids=None)) == (False, None)
    assert ChoiceStore(tmp_path, "another reader").find(QUESTION) == (False, None)
    assert ChoiceStore(None, "a reader").find(QUESTION) == (False, None)


def test_scores_become_metrics_and_stay_in_the_answers_file() -> None:
    scores = ChoiceScores(1.0, 0.5, 0.25, 0.0, 0.5, 1.0, 0.25)
    outcome = Outcome("q", (), None, choices=scores, gold_in_given=True)
    record = record_of(QUESTION, outcome, None)
    assert record["choices"] == asdict(scores)
    back = outcome_from({**record, "timings": {}})
    assert (back.choices, back.gold_in_given) == (scores, True)
    judged = replace(outcome, scores=SimpleNamespace())
    assert judged.choices == scores


def test_metrics_of_a_run_with_choices(search: HybridSearch) -> None:
    from eval.asking import ask_question, outcome_of
    from qa.assistant import Assistant
    from qa.choice import SimilarityScorer
    from qa.grounding import load_checker
    from qa.settings import AnswerSettings

    archive: Archive = search.archive
    assistant = Assistant(search, SimilarityScorer(FakeEmbedder()), AnswerSettings(), load_checker())
    weights = ChoiceWeights(by_feature(best_sentence=1.0), by_feature(best_sentence=1.0), 0.0)
    chooser = MultipleChoiceAnswerer(search, FakeReader(), weights)
    outcomes = []
    for question in (QUESTION, replace(QUESTION, question_id="blind", article_ids=())):
        outcome = outcome_of(question, ask_question(assistant, question), archive)
        outcomes.append(replace(outcome, choices=chooser.scores(question)))
    found = {value.name: value for value in metric_values(outcomes, seed=0)}
    assert found["multiple_choice"].value == (1 + 0.25) / 2
    assert found["multiple_choice_chance"].value == 0.25
    assert found["multiple_choice_nota"].value == 0.5
    assert found["multiple_choice_nota_always_none"].value == 0.0
    assert found["gold_in_given_articles"].value == 0.5
    # Two questions, one of them without an article: no short answer there is a wrong one.
    assert found["forced: short_answer_em_of_all"].n == 2
    assert found["multiple_choice"].n == 2
