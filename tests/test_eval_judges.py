"""The judges that can be chosen: real sentence-transformers with tiny random weights for the one of them."""

import json
from pathlib import Path

import pytest

from eval.judges import EntailmentJudge, load_judge
from index.errors import BadInputError, ModelError
from qa.grounding import Evidence
from tests.test_qa_cross_encoder_reader import make_cross_encoder

EVIDENCE = Evidence(("The wall will cost 46 million crowns.", "The council voted for it."))


def test_words_are_counted_stemmed_and_with_the_head() -> None:
    judge = load_judge("words")
    told = judge.check_all(
        [
            ("The walls cost 46 million crowns.", EVIDENCE),
            ("The mayor of Cray paid for the bridge.", EVIDENCE),
            ("", EVIDENCE),
            ("The wall.", Evidence(())),
        ]
    )
    assert [one.label for one in told] == ["supported", "unsupported", "unsupported", "unsupported"]
    assert "mayor" in told[1].reasons[0]


def entailment_model(folder: Path, labels: list[str]) -> Path:
    saved = make_cross_encoder(folder, outputs=len(labels))
    config = json.loads((saved / "config.json").read_text(encoding="utf-8"))
    config["id2label"] = {str(number): label for number, label in enumerate(labels)}
    config["label2id"] = {label: number for number, label in enumerate(labels)}
    (saved / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return saved


def test_a_model_for_entailment_judges_by_its_likeliest_label(tmp_path: Path) -> None:
    judge = load_judge(str(entailment_model(tmp_path, ["Contradiction", "ENTAILMENT", "neutral"])))
    assert isinstance(judge, EntailmentJudge)
    told = judge.check_all([("The wall is cheap.", EVIDENCE), ("It rained.", Evidence(()))])
    assert told[0].label in {"supported", "contradicted", "unsupported"}
    assert 0 <= (told[0].score or 0) <= 1
    assert told[1].label == "unsupported"
    assert judge.check_all([]) == []


def test_a_model_without_such_a_label_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no label for entailment"):
        load_judge(str(entailment_model(tmp_path, ["a", "b", "c"])))


def test_what_is_not_here_is_refused_with_what_can_be_given(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="give checker, words, or a model"):
        load_judge(str(tmp_path / "nothing"))
    with pytest.raises(BadInputError, match="goes with the judge checker"):
        load_judge("words", tmp_path)
