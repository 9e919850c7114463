"""The grounding checker's rules around its network. The network is faked here by one that says what it is told to."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ModelError
from qa.claim_context import ASKED, LEANS, QUOTED, TAKEN_BACK, said_how
from qa.claim_evidence import MOST_WORDS, choose_evidence
from qa.claim_parts import split_claim
from qa.claim_source import article_of, evidence_for, sentences_of
from qa.grounding import (
    UNFITTED,
    VERBATIM,
    CrossChecker,
    Evidence,
    Judgement,
    Network,
    decide,
    is_verbatim,
    load_checker,
    load_rule,
)
from qa.guards import find_faults

RULE = replace(UNFITTED, clash=-3.0, missing=-1.0)
WALL = "The council approved the wall on Monday."
SURE, NEVER = Judgement(4.0, -1.0, (-4.0,)), Judgement(-4.0, -1.0, (4.0,))


def no_network() -> Network:
    raise AssertionError("the network isn't needed for this")


QUOTING = CrossChecker(no_network, RULE)


def one_part(supported: float, contradicted: float, *parts: float) -> Judgement:
    return Judgement(supported, contradicted, parts)


@pytest.mark.parametrize(
    ("claim", "sentences", "verbatim"),
    [
        (WALL, [WALL], True),
        ("The  council approved\nthe wall on Monday.", ["Rain fell.", WALL], True),
        ("Rain fell. " + WALL, ["Rain fell.", WALL], True),
        ("The council approved the wall.", [WALL], False),
        ("The council rejected the wall on Monday.", [WALL], False),
        (WALL.lower(), [WALL], False),
        ("", [""], False),
        (WALL, [], False),
    ],
)
def test_what_counts_as_quoted(claim: str, sentences: Sequence[str], verbatim: bool) -> None:
    assert is_verbatim(claim, sentences) is verbatim


def test_a_quotation_is_supported_without_asking_the_network() -> None:
    verdict = QUOTING.check(WALL, Evidence((WALL,)))
    assert (verdict.label, verdict.score, verdict.reasons) == ("supported", 1.0, (VERBATIM,))


@pytest.mark.parametrize("claim", ["Anything.", "", " "])
def test_nothing_to_check_against_supports_nothing(claim: str) -> None:
    verdict = QUOTING.check(claim, Evidence(()))
    assert (verdict.label, verdict.score) == ("unsupported", 0.0)
    assert verdict.reasons


@pytest.mark.parametrize(
    ("sentence", "before", "after", "caution"),
    [
        ("Will the wall be built?", "", "", ASKED),
        ("“Will the wall be built?”", "", "", ASKED),
        ("The wall is unsafe.", "", "That is not true, the engineer said.", TAKEN_BACK),
        ("The mayor took money.", "", "He denied that.", TAKEN_BACK),
        ("The mayor took money.", "", "The claim was later withdrawn.", TAKEN_BACK),
        ("The figure was 400.", "", "The figure has since been corrected.", TAKEN_BACK),
        ("He denied that.", "Holm was accused of taking money.", "", LEANS),
        ("It added that the wall would hold.", "The ministry published a report.", "", LEANS),
    ],
)
def test_a_quotation_whose_context_changes_it_is_supported_in_part(
    sentence: str, before: str, after: str, caution: str
) -> None:
    verdict = QUOTING.check(sentence, Evidence((sentence,), before=before, after=after))
    assert verdict.label == "partial"
    assert caution in verdict.reasons


@pytest.mark.parametrize(
    ("sentence", "before", "after"),
    [
        (WALL, "Rain fell.", "Work begins in May."),
        (WALL, "", "The council denied a second request."),
        ("He denied that.", "", ""),
        ("“The wall is safe,” said Holm.", "", ""),
        ("The wall is safe.", "", "It is not true that the bridge is, though."),
        ("The wall is safe.", "", "That is true, the engineer said."),
    ],
)
def test_a_quotation_that_stands_plainly_is_supported(sentence: str, before: str, after: str) -> None:
    assert QUOTING.check(sentence, Evidence((sentence,), before=before, after=after)).label == "supported"


def test_somebodys_words_told_as_fact() -> None:
    assert said_how("The wall is safe.", ["“The wall is safe.”"]) == (QUOTED,)
    assert said_how("Holm said the wall is safe.", ["“The wall is safe.”"]) == ()


@pytest.mark.parametrize(
    ("claim", "judgement", "label"),
    [
        ("The wall was approved by the council.", SURE, "supported"),
        ("The wall was approved by the council.", NEVER, "unsupported"),
        ("The wall was approved by the council.", one_part(-4.0, 2.0, 4.0), "contradicted"),
        ("Seven councils approved 19 walls on Monday.", SURE, "contradicted or partial"),
        ("The council did not approve the wall on Monday.", SURE, "contradicted or partial"),
        ("“The council approved the flood wall” on Monday.", SURE, "contradicted or partial"),
    ],
)
def test_guards_overrule_a_network_that_is_sure(claim: str, judgement: Judgement, label: str) -> None:
    verdict = decide(claim, Evidence((WALL,)), judgement, RULE)
    assert verdict.label in label.split(" or ")
    assert verdict.label == "supported" or verdict.reasons
    assert verdict.score is not None
    found = find_faults(claim, (WALL,))
    assert (verdict.score < RULE.probability(judgement)) == bool(found)


def test_the_part_that_is_not_said_is_named() -> None:
    claim = "The council approved the wall, although two members walked out"
    verdict = decide(claim, Evidence((WALL,)), one_part(-2.0, -2.0, -3.0, 3.0), RULE)
    assert verdict.label == "partial"
    assert verdict.reasons == ("the article doesn't say “although two members walked out”",)


@pytest.mark.parametrize(
    ("claim", "parts"),
    [
        ("The wall fell.", ["The wall fell."]),
        ("The wall fell and two people were hurt.", ["The wall fell", "and two people were hurt."]),
        ("Bread and butter", ["Bread and butter"]),
        ("He said “it fell and two were hurt” on Monday.", ["He said “it fell and two were hurt” on Monday."]),
        ("", [""]),
    ],
)
def test_parts_of_a_claim(claim: str, parts: list[str]) -> None:
    assert [part.text for part in split_claim(claim)] == parts


@given(st.text())
def test_parts_are_characters_of_the_claim_in_order(claim: str) -> None:
    parts = split_claim(claim)
    assert parts
    assert all(claim[part.start : part.end] == part.text for part in parts)
    assert all(one.end <= other.start for one, other in pairwise(parts))


ARTICLE = (
    "The river Veld rose to 7.4 metres.",
    "Forty families left their homes.",
    "The mayor, Ana Holm, asked for help.",
    "She said the flood gate had jammed.",
    "A bell was found in the mud.",
)


@pytest.mark.parametrize(
    ("claim", "places"),
    [
        ("Forty families had to leave.", (1,)),
        ("The Veld rose to 7.4 metres and a bell was found.", (0, 4)),
        ("The gate jammed.", (2, 3)),  # with the sentence before, which says who "she" is
    ],
)
def test_the_sentences_that_matter_are_chosen(claim: str, places: tuple[int, ...]) -> None:
    assert choose_evidence(claim, ARTICLE) == places


@given(st.text(max_size=60), st.lists(st.text(max_size=40), max_size=8))
def test_chosen_places_are_of_the_text_and_in_order(claim: str, sentences: list[str]) -> None:
    chosen = choose_evidence(claim, sentences)
    assert list(chosen) == sorted(set(chosen))
    assert all(0 <= place < len(sentences) for place in chosen)
    assert bool(chosen) == bool(sentences)


def test_a_short_text_is_read_whole_and_a_long_one_is_not() -> None:
    info = article_of("").info
    assert evidence_for("A bell.", ARTICLE, info).sentences == ARTICLE
    long = (*ARTICLE, *(f"Filler {number} " + "and more " * 20 + "." for number in range(20)))
    evidence = evidence_for("Ana Holm, the mayor, asked for help.", long, info)
    assert evidence.sentences == (ARTICLE[2],)
    assert (evidence.before, evidence.after) == (ARTICLE[1], ARTICLE[3])
    assert sum(len(one.split()) for one in evidence.sentences) <= MOST_WORDS


def test_a_text_becomes_sentences_with_plain_spaces() -> None:
    assert sentences_of(article_of("A bell  was found. It rang.")) == ("A bell was found.", "It rang.")


HEADLINED = (
    "# Mayor Ana Holm resigns over the flood wall\n\n"
    "A crowd cheers as Mayor Ana Holm resigns. (AP Photo/Per Lund)\n\n"
    "The mayor of Harrow Ford, Ana Holm, said on Monday that she would stay in office.\n"
)


@pytest.mark.parametrize(
    "claim", ["Mayor Ana Holm resigns over the flood wall", "A crowd cheers as Mayor Ana Holm resigns."]
)
def test_neither_a_headline_nor_a_caption_is_evidence(claim: str) -> None:
    article = article_of(HEADLINED, title="Mayor Ana Holm resigns over the flood wall")
    sentences = sentences_of(article)
    assert sentences == ("The mayor of Harrow Ford, Ana Holm, said on Monday that she would stay in office.",)
    assert evidence_for(claim, sentences, article.info).sentences == sentences
    assert not is_verbatim(claim, sentences)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A $ 1, 234, 567 deal for a 14 - year - old.", "A $1,234,567 deal for a 14-year-old."),
        ("On March 12, 300 people paid £ 1. 7 million.", "On March 12,300 people paid £1.7 million."),
        (
            "A sell - out crowd of 3, 000 at a must - win, table - top tie.",
            "A sell-out crowd of 3,000 at a must-win, table-top tie.",
        ),
        ("On March 12, 300 people - all young - left.", "On March 12, 300 people - all young - left."),
        ("The well-known firm - or so - has 3, 000 people.", "The well-known firm - or so - has 3, 000 people."),
        ("", ""),
    ],
)
def test_a_text_whose_words_were_parted_is_put_together_again(text: str, expected: str) -> None:
    assert article_of(text).text == expected


def test_the_rule_that_ships_gives_probabilities() -> None:
    rule = load_rule()
    assert 0 < rule.probability(one_part(-50, 0, 9)) < 0.5 < rule.probability(one_part(50, 0, -9)) < 1
    assert rule.slope > 0
    assert rule.clash < 0
    assert 0 < rule.supported < 1
    assert math.isfinite(rule.contradicted + rule.part)


def test_weights_that_are_missing_are_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("empty")
    with pytest.raises(ModelError, match=r"checker's weights .*checker\.safetensors"):
        load_checker("float32", folder, RULE).check("The wall fell.", Evidence((WALL,)))
