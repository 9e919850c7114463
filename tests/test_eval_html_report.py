"""The eval's HTML pages: whatever stands in a run is shown and never run, nothing is loaded, no number is none."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from eval.compare import compare
from eval.finished import read_run
from eval.html_answers import answer_body, state_of, worth_of
from eval.html_compare import comparison_page
from eval.html_page import line, link, text
from eval.html_report import report_page, write_report
from eval.plots import Estimate, shares_plot
from eval.records import QuestionScores
from index.errors import BadInputError
from tests.eval_runs import FAILED, REFUSED, RIGHT, WRONG, Result, in_slice, numbered, outcome_of, write_run
from tests.page_support import HOSTILE, any_text, shown

_VOID = {"meta", "br", "input"}
# What an element can load with, or run.
_LOADING = {"src", "srcset", "data", "action", "formaction", "poster", "background", "ping", "http-equiv"}
UNANSWERABLE = Result(answerable=False)
RESULTS = numbered(
    replace(RIGHT, confidence=0.9),
    replace(WRONG, confidence=0.6),
    replace(REFUSED, confidence=0.3),
    FAILED,
    replace(in_slice(UNANSWERABLE, "unanswerable", "absent"), confidence=0.4),
    replace(in_slice(replace(UNANSWERABLE, refused=True), "unanswerable", "absent"), confidence=0.1),
)
HOSTILE_SLICES = ("</script><script>alert(1)</script>", "$x$ <b>", '" onload="alert(1)')


class Read(HTMLParser):
    """What a page holds; an element left open or closed twice is an error."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self._open or self._open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)


def hostile_run(folder: Path, words: str = HOSTILE) -> Path:
    """A run in which every field that a person or an article could have written is hostile."""
    results = {name: replace(result, slices=(*result.slices, *HOSTILE_SLICES)) for name, result in RESULTS.items()}
    write_run(folder, results)
    lines = []
    for place, raw in enumerate((folder / "answers.jsonl").read_text(encoding="utf-8").splitlines()):
        record = json.loads(raw)
        record |= {"question": words, "understood_as": f"{words}.", "gold_answers": [words], "short_answer": words}
        record |= {"dialogue": words, "turn": 2}
        for sentence in [*record["sentences"], *(record["forced"] or {"sentences": []})["sentences"]]:
            sentence |= {"text": words, "verdict": {"label": words, "score": 0.5, "reasons": [words, words]}}
            for citation in sentence["citations"]:
                url = ("javascript:alert(1)", 'https://veld.example/?a="><script>alert(1)</script>')[place % 2]
                citation |= {"title": words, "outlet": words, "url": url, "published": words, "quote": words}
        if record["refusal"]:
            nearest = [{**RECORD_CITATION, "title": words, "url": words}]
            record["refusal"] = {"reason": words, "message": words, "nearest": nearest}
        if record["error"]:
            record["error"] = words
        lines.append(json.dumps(record))
    (folder / "answers.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    metrics |= {"dataset": words, "asked": {words: words}, "failures": [{"question_id": words, "error": words}]}
    (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    return folder


RECORD_CITATION: Mapping[str, Any] = {"article_id": "a", "version": "b", "start": 1, "end": 2, "quote": "x"}


def require_harmless(page: str) -> Read:
    """One script, the page's own; nothing that is loaded, run or sent; links go to http and https alone."""
    read = Read(page)
    assert read.tags.count("script") == read.tags.count("style") == 1
    assert not {"img", "iframe", "object", "embed", "link", "base", "image", "feimage", "foreignobject"} & set(
        read.tags
    )
    for tag, name, value in read.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in _LOADING or tag == "meta", (tag, name)
        if name == "href":
            assert value.startswith(("http://", "https://")) if tag == "a" else value.startswith("#"), value
        if name == "style":
            assert re.search(r"url\((?!#)|@import|expression", value) is None, value
    assert re.search(r"url\((?!#)|@import", page) is None
    assert re.search(r"\b(?:nan|NaN|inf|None)\b", read.text) is None
    ids = [value for _, name, value in read.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    return read


def test_a_run_of_every_outcome(tmp_path: Path) -> None:
    read = require_harmless(report_page(write_run(tmp_path / "run", RESULTS)))
    for words in (
        "6 questions: 3 answered, 2 refused, 1 failed.",
        "Risk against coverage",
        "Is the confidence a probability?",
        "Time to an answer",
        "Failed: RuntimeError: out of luck",
        "What would have been answered",
        "4.2 metres",
        "none: the articles don’t say",
        "Veld floods Harrow Ford",
    ):
        assert words in read.text, words
    assert read.tags.count("svg") == 5
    assert all(name in read.text for name in ("answer_in_cited@1", "refusal_precision", "unscorable"))
    states = [value for tag, name, value in read.attributes if name == "data-state"]
    assert states == ["answered", "answered", "refused", "failed", "answered", "refused"]
    worths = [value for tag, name, value in read.attributes if name == "data-worth"]
    assert worths == ["right", "wrong", "wrong", "not known", "wrong", "right"]


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", RESULTS)
    first = write_report(run).read_bytes()
    again = write_report(run, tmp_path / "again.html")
    assert again.read_bytes() == first
    assert (run / "report.html").read_bytes() == first


def test_hostile_words_are_only_words(tmp_path: Path) -> None:
    read = require_harmless(report_page(hostile_run(tmp_path / "run")))
    assert HOSTILE in read.text
    assert HOSTILE_SLICES[0] in read.text
    assert "javascript:alert(1)" in read.text  # to be read, not clicked
    assert any(value.startswith('https://veld.example/?a="><script>') for _, name, value in read.attributes)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(any_text)
def test_any_words(tmp_path: Path, words: str) -> None:
    folder = hostile_run(tmp_path / f"run{len(list(tmp_path.iterdir()))}", f"question {words}")
    require_harmless(report_page(folder)).text  # noqa: B018


@given(any_text)
def test_text_is_shown_to_the_character(words: str) -> None:
    read = Read(f"<p>{text(words)}</p>")
    assert read.text == shown(words)
    attribute = Read(f'<p title="{line(words)}"></p>').attributes
    assert [name for _, name, _ in attribute] == ["title"]


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScRiPt:x", "data:text/html,x", "//x.invalid", " https://x", "https://[", "ftp://x"],
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert "<a" not in link(url, "name")
    assert line(url) in link(url, "name")
    assert 'href="https://x.example/a?b=1&amp;c"' in link("https://x.example/a?b=1&c", "name")


def test_a_run_of_one_that_failed_and_one_of_nothing_known(tmp_path: Path) -> None:
    failed = require_harmless(report_page(write_run(tmp_path / "failed", numbered(FAILED))))
    assert "1 questions: 0 answered, 0 refused, 1 failed." in failed.text
    one = write_run(tmp_path / "one", numbered(RIGHT))
    metrics = json.loads((one / "metrics.json").read_text(encoding="utf-8"))
    del metrics["abstention"]  # as in runs made before it was measured
    (one / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    assert "Abstention" not in require_harmless(report_page(one)).text


def test_no_finished_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds no finished run"):
        report_page(tmp_path)


def test_what_an_answer_was_worth() -> None:
    def worth(**changes: Any) -> str:
        outcome = outcome_of("q", RIGHT)
        assert isinstance(outcome.scores, QuestionScores)
        return worth_of(replace(outcome, scores=replace(outcome.scores, **changes)))

    assert worth(gold_pieces=3, pieces_cited=3) == "right"
    assert worth(gold_pieces=3, pieces_cited=1) == "partly right"
    assert worth(gold_pieces=3, pieces_cited=0) == "wrong"
    assert worth(gold_pieces=None, gold_sentence_rank=3) == "right"
    assert worth(gold_pieces=None, gold_sentence_rank=4) == "wrong"
    assert worth(gold_pieces=None, has_gold=False) == "not known"
    assert worth_of(outcome_of("q", FAILED)) == "not known"
    assert [state_of(outcome_of("q", one)) for one in (RIGHT, REFUSED, FAILED)] == ["answered", "refused", "failed"]


def test_an_answer_of_an_old_run_has_fewer_fields() -> None:
    body = answer_body({"question_id": "q", "question": "Q?", "sentences": [{"text": "S."}]}, outcome_of("q", RIGHT))
    assert "Nothing is cited." in body


def test_a_plot_is_text_that_a_page_can_colour() -> None:
    drawn = shares_plot(
        "bars <&>", [Estimate("$a$ & <b>", 0.5, 0.25, 0.75), Estimate("x" * 90, 1.0, None, None)], "share"
    )
    assert drawn == shares_plot(
        "bars <&>", [Estimate("$a$ & <b>", 0.5, 0.25, 0.75), Estimate("x" * 90, 1.0, None, None)], "share"
    )
    read = Read(drawn)
    assert "$a$ & <b>" in read.text
    assert f"{'x' * 25}…" in read.text
    assert ("svg", "aria-label", "bars <&>") in read.attributes
    colours = set(re.findall(r"(?:fill|stroke): ?([^;\"]+)", drawn))
    assert colours <= {"none", "var(--ink)", "var(--ink-soft)", "var(--rule)", "var(--plot-1)"}


def test_a_comparison(tmp_path: Path) -> None:
    good = write_run(tmp_path / "good", numbered(*[RIGHT] * 12))
    bad = write_run(tmp_path / "bad", numbered(*[WRONG] * 10, replace(REFUSED, right=True), FAILED))
    a, b = read_run(good), read_run(bad)
    comparison = compare(a, b)
    page = comparison_page(comparison, a, b)
    assert page == comparison_page(comparison, a, b)
    read = require_harmless(page)
    for words in ("verdict: regression", "answer_in_cited@1: lost", "refused: refused in B only", "q12", "out of luck"):
        assert words in read.text, words
    assert read.tags.count("svg") == 1
    assert len([one for one in read.attributes if one[1:] == ("class", "answer")]) == 11
    assert len([one for one in read.attributes if one[1:] == ("class", "body sides")]) == 11
    same = require_harmless(comparison_page(compare(a, a), a, a))
    assert "Both were made with the same settings." in same.text
    assert "Changed questions" not in same.text


def test_a_comparison_of_hostile_words(tmp_path: Path) -> None:
    a, b = (read_run(hostile_run(tmp_path / name)) for name in "ab")
    name = "q01"
    wrong = replace(b.outcomes[name], scores=outcome_of(name, WRONG).scores)
    changed = replace(b, outcomes={**b.outcomes, name: wrong})
    read = require_harmless(comparison_page(compare(a, changed), a, changed))
    assert HOSTILE in read.text
    assert "answer_in_cited@1: lost" in read.text
