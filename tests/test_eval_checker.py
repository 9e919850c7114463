"""What trains and measures the grounding checker: claims made by rule, the fitted rule, the scores by hand."""

import random
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.checker_cases import Judged, summarise
from eval.claim_cases import ClaimCase
from eval.claim_data import ClaimExample, claim_article, load_written_claims, made_examples, statement_of
from eval.claim_rules import Around, difference, false_claims, true_claims
from eval.fit_checker import JudgedClaim, fit_rule
from eval.qags import JudgedSummary, compare_scorers, load_qags, ngram_precision, rouge_l
from eval.train_checker import _fault_loss, _twins_loss, encoded, measure, support_logits, support_scores, train
from index.errors import BadInputError
from index.records import Article, ArticleInfo
from qa.claim_match import FOUND, OF_CLAIM, RUN
from qa.claim_model import CLAIM_TOKENS, SUPPORTED, ClaimModel, collate_claims, encode_claims
from qa.grounding import Judgement
from qa.reader_model import MOST_TOKENS
from qa.records import Verdict
from tests.reader_support import HIDDEN, tiny_model, tokenizer

AROUND = Around(
    before="Ana Holm was mayor for ten years.",
    others=("In May, Bert Lund of the Veld Society said that 90 people had come to the harbour after the flood.",),
    published=date(2018, 4, 4),
)
SENTENCE = "She said on Monday that the wall, which is 40 metres long, will cost 46 million crowns."


def article(text: str, name: str = "a") -> Article:
    return Article(ArticleInfo(name, "1", None, "Wall to be built at Harrow Ford this year", None, (), None), text)


def tiny_checker() -> ClaimModel:
    return ClaimModel(tiny_model(0).encoder, HIDDEN)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("verbatim", SENTENCE),
        ("compress", "She said on Monday that the wall will cost 46 million crowns."),
        ("number-format", "She said on Monday that the wall, which is 40 metres long, will cost 46m crowns."),
        ("date-format", "She said on April 2 that the wall, which is 40 metres long, will cost 46 million crowns."),
        ("pronoun", "Ana Holm said on Monday that the wall, which is 40 metres long, will cost 46 million crowns."),
    ],
)
def test_true_claims(kind: str, text: str) -> None:
    assert text in [claim.text for claim in true_claims(SENTENCE, AROUND, random.Random(0)) if claim.kind == kind]


def test_false_claims_change_one_thing_and_mark_it() -> None:
    made = {claim.kind: claim for claim in false_claims(SENTENCE, AROUND, random.Random(1))}
    assert {"number", "date", "negation", "added"} <= set(made)
    assert "not" in made["negation"].text.split()
    for claim in made.values():
        assert not claim.true
        assert claim.text != SENTENCE
        assert claim.changed
        assert all(claim.text[start:end].strip() for start, end in claim.changed)


@given(st.text(max_size=120), st.integers(0, 9))
def test_rules_take_any_sentence(sentence: str, seed: int) -> None:
    lot = random.Random(seed)
    for claim in true_claims(sentence, AROUND, lot):
        assert claim.text
        for other in false_claims(claim.text, AROUND, lot):
            assert other.text != claim.text


@pytest.mark.parametrize(
    ("true", "false", "words"),
    [
        ("the wall fell", "the wall rose", ["rose"]),
        ("the wall did not fall", "the wall did fall", ["fall"]),
        ("the wall fell", "the wall fell on Monday", ["on", "Monday"]),
        ("the wall fell", "the wall fell", []),
    ],
)
def test_the_words_that_differ(true: str, false: str, words: list[str]) -> None:
    assert [false[start:end] for start, end in difference(true, false)] == words


@pytest.mark.parametrize(
    ("question", "answer", "statement"),
    [
        ("Who won the race?", "Ana Holm", "Ana Holm won the race."),
        ("How many people died in the flood?", "12", "12 people died in the flood."),
        ("When was Holm born?", "2013", "Holm was born in 2013."),
        ("What have they made?", "a wall", "What have they made? a wall."),
    ],
)
def test_questions_become_statements(question: str, answer: str, statement: str) -> None:
    found, (start, end) = statement_of(question, answer)
    assert found == statement
    assert found[start:end] == answer


def test_claims_made_of_articles_are_of_both_kinds_and_the_same_each_time() -> None:
    texts = [
        " ".join(
            f"On Monday, {name} Lund said the wall at Ford {n} will cost {n + 2} million crowns." for n in range(12)
        )
        for name in ("Ana", "Bert")
    ]
    articles = [claim_article(article(text, str(n))) for n, text in enumerate(texts)]
    examples = list(made_examples(articles, 0, 4))
    assert {one.supported for one in examples} == {True, False}
    assert examples == list(made_examples(articles, 0, 4))
    assert all(one.evidence and one.claim for one in examples)


def test_the_written_claims_can_be_read_and_most_false_ones_have_a_twin() -> None:
    claims = load_written_claims()
    assert len(claims) > 5000
    labels = {label: sum(claim.label == label for claim in claims) for label in "SCUP"}
    assert 0.35 < labels["S"] / len(claims) < 0.5
    assert all(claim.twin for claim in claims if claim.label != "S")
    assert 0.1 < sum(claim.held_out for claim in claims) / len(claims) < 0.25


def test_what_the_network_takes_in() -> None:
    one, long = encode_claims(
        tokenizer(),
        [("The wall fell.", "Wall. 2018", ("It rained.", "The wall fell.")), ("word " * 200, "", ("x " * 900,))],
    )
    assert len(long.ids) == MOST_TOKENS
    assert long.claim_end == CLAIM_TOKENS + 1
    batch = collate_claims([one, long], 0)
    assert int(batch.claim[0].sum()) == one.claim_end - 1 == len(one.starts)
    assert ["The wall fell."[start:end] for start, end in zip(one.starts, one.ends, strict=True)] == [
        "The",
        "wall",
        "fell",
        ".",
    ]
    assert batch.kinds[0, 1 : one.claim_end].tolist() == [RUN, RUN, RUN, FOUND]
    assert bool((batch.kinds[0, one.claim_end + 1 :] >= OF_CLAIM).all())
    assert int(batch.mask[0].sum()) == len(one.ids)


def test_support_is_against_both_others_together() -> None:
    logits = torch.tensor([[2.0, 0.0, 0.0]])
    assert support_logits(logits).tolist() == pytest.approx([2.0 - np.log(2.0)])


EXAMPLES = [
    ClaimExample("The wall fell.", "Wall", ("The wall fell.",), True, None, ()),
    ClaimExample("The wall rose.", "Wall", ("The wall fell.",), False, True, ((9, 13),)),
    ClaimExample("Ten people came.", "", ("The wall fell.",), False, False, None),
]


def test_only_marked_claims_count_for_faults() -> None:
    tokens = encoded(tokenizer(), EXAMPLES)
    longest = max(len(one.ids) for one in tokens)
    sure = torch.full((3, longest), -20.0)
    sure[1, 3] = 20.0
    assert float(_fault_loss(sure, tokens, EXAMPLES)) == pytest.approx(0.0, abs=1e-6)
    sure[2] = 20.0
    assert float(_fault_loss(sure, tokens, EXAMPLES)) == pytest.approx(0.0, abs=1e-6)
    assert float(_fault_loss(-sure, tokens, EXAMPLES[:2] + EXAMPLES[2:])) > 1


def test_a_tiny_network_learns_what_it_is_told(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = tiny_checker()
    train(model, tokenizer(), [(one,) for one in EXAMPLES * 60], tmp_path, 0, 3e-3)
    held = measure(model, tokenizer(), EXAMPLES)
    assert (held.claims, held.supported, held.auroc) == (3, 1, 1.0)
    assert np.argmax(support_scores(model, tokenizer(), EXAMPLES)) == 0


def test_twins_are_told_from_one_another_in_the_same_step(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = tiny_checker()
    true, false, _ = EXAMPLES
    train(model, tokenizer(), [(true, false), (true,)] * 60, tmp_path, 0, 3e-3)
    right, wrong, _ = support_scores(model, tokenizer(), EXAMPLES)
    assert right > wrong


def test_only_pairs_count_as_twins() -> None:
    true, false, other = EXAMPLES
    verdicts = torch.zeros(3, 3)
    verdicts[0, SUPPORTED] = 20.0
    assert float(_twins_loss(verdicts, [(true, false), (other,)])) == pytest.approx(0.0, abs=1e-6)
    assert float(_twins_loss(verdicts, [(other,), (true, false)])) > 0.5
    assert float(_twins_loss(verdicts, [(one,) for one in EXAMPLES])) == 0.0


def test_the_rule_is_fitted_to_separate() -> None:
    lot = random.Random(0)
    claims = [
        JudgedClaim(
            Judgement(
                lot.gauss(2 if right else -2, 1),
                lot.gauss(1 if clash else -1, 0.3),
                (lot.gauss(-2 if right else 2, 0.5),),
            ),
            not right and lot.random() < 0.3,
            lot.random() < 0.1,
            right,
            None if right else clash,
        )
        for right in (True, False)
        for clash in (True, False)
        for _ in range(100)
    ]
    rule = fit_rule(claims)
    assert rule.slope > 0
    assert rule.clash < -0.5
    assert -0.7 < rule.contradicted < 0.7
    assert -1 < rule.part < 1
    held = [rule.probability(one.judgement) >= rule.supported for one in claims if one.supported]
    assert np.mean(held) >= 0.91


SUMMARY = JudgedSummary(
    ("The river rose on Monday.", "A bell was found."), ("The river rose.", "The bell rang."), (True, False)
)


def test_overlap_by_hand() -> None:
    assert ngram_precision(1)(SUMMARY) == pytest.approx([1.0, 2 / 3])
    assert ngram_precision(2)(SUMMARY) == pytest.approx([1.0, 0.0])
    assert ngram_precision(3)(SUMMARY) == pytest.approx([1.0, 0.0])
    assert rouge_l(SUMMARY) == pytest.approx([2 * 3 / (3 + 5), 2 * 1 / (3 + 4)])


def test_scorers_are_compared_on_the_same_draws() -> None:
    good = JudgedSummary(("A.",), ("A.",), (True,))
    bad = JudgedSummary(("A.",), ("B.",), (False,))
    right, wrong = compare_scorers(
        [good, bad] * 20, [("right", lambda s: [float(s.good)]), ("wrong", lambda s: [float(not s.good)])], 0
    )
    assert (right.value, right.low, right.high, right.behind) == (1.0, 1.0, 1.0, None)
    assert (wrong.value, wrong.behind) == (0.0, (1.0, 1.0, 1.0))


def test_qags_is_read_by_majority(tmp_path: Path) -> None:
    told = '{"article": "The river rose.", "summary_sentences": [{"sentence": "It rose.", "responses": %s}]}\n'
    path = tmp_path / "q.jsonl"
    path.write_text(
        told % '[{"response": "yes"}, {"response": "no"}, {"response": "yes"}]'
        + told % '[{"response": "yes"}, {"response": "no"}, {"response": "no"}]'
    )
    assert [one.good for one in load_qags(path)] == [True, False]
    for broken in (b"", b"{}", b"\x1f\x8b", b"[1]"):
        path.write_bytes(broken)
        if broken:
            with pytest.raises(BadInputError, match=r"q\.jsonl: no QAGS file"):
                load_qags(path)


def case(name: str, label: str, kind: str) -> ClaimCase:
    return ClaimCase(name, article("The wall fell."), (), "x", label, kind, None, "hand")  # type: ignore[arg-type]


@settings(max_examples=20)
@given(st.integers(0, 5))
def test_shares_of_the_adversarial_set(seed: int) -> None:
    judged = [
        Judged(case("1", "supported", "number"), Verdict("supported", 0.9)),
        Judged(case("2", "contradicted", "number"), Verdict("contradicted", 0.1)),
        Judged(case("3", "supported", "name"), Verdict("partial", 0.4)),
        Judged(case("4", "unsupported", "name"), Verdict("supported", 0.9)),
        Judged(case("5", "supported", "paraphrase"), Verdict("unsupported", 0.2)),
    ]
    result = summarise(judged, seed)
    assert {one.kind: (one.caught.value, one.alarms.value) for one in result.kinds} == {
        "name": (0.0, 1.0),
        "number": (1.0, 0.0),
    }
    assert (result.overall.caught.value, result.overall.alarms.value) == (0.5, 0.5)
    assert (result.balanced_accuracy.value, result.auroc.value) == (0.5, 0.625)
    assert (result.paraphrases.value, result.paraphrases.n) == (1.0, 1)
