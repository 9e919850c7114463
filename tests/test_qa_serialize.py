"""The JSON object of an answer: exactly the documented keys, and nothing that JSON can't hold."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index.archive import Archive
from index.records import Filters
from qa.assistant import Assistant
from qa.serialize import answer_to_json
from tests.support import make_archive, make_article
from tests.test_qa_assistant import BELL, FLOOD, UNDATED, make_assistant

KEYS = {
    "schema_version",
    "question",
    "understood_as",
    "asked_on",
    "period",
    "filters",
    "undated_left_out",
    "answered",
    "answerable",
    "short_answer",
    "sentences",
    "generation",
    "refusal",
    "passages",
    "timings",
}
CITATION_KEYS = {
    "article_id",
    "version",
    "url",
    "title",
    "outlet",
    "published",
    "sentence",
    "start",
    "end",
    "quote",
    "near_copy_group",
}
PASSAGE_KEYS = {"rank", "score", "found_by", "article_id", "version", "start", "end"}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    archive = make_archive(tmp_path / "archive", [FLOOD, BELL, UNDATED])
    yield archive
    archive.close()


def asked(assistant: Assistant, question: str, **options: Any) -> dict[str, Any]:
    document = answer_to_json(assistant.ask(question, asked_on=date(2026, 4, 3), **options))
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert set(document) == KEYS
    assert document["schema_version"] == 1
    assert document["asked_on"] == "2026-04-03"
    assert document["question"] == question
    return document


def test_an_answer(archive: Archive) -> None:
    document = asked(make_assistant(archive), "How many people fled from Mill Lane by boat this week?")
    assert document["answered"] is True
    assert document["refusal"] is None
    assert document["generation"] is None
    assert document["short_answer"] is None
    assert document["period"] == {"words": "this week", "first": "2026-03-30", "last": "2026-04-03"}
    sentence = document["sentences"][0]
    assert set(sentence) == {"text", "context", "written", "verdict", "sources", "citations"}
    assert set(sentence["verdict"]) == {"label", "score", "reasons"}
    (citation,) = sentence["citations"]
    assert set(citation) == CITATION_KEYS
    assert citation == {
        "article_id": FLOOD.article_id,
        "version": FLOOD.version,
        "url": "https://courier.example/flood",
        "title": "Flood in Cray",
        "outlet": "Courier",
        "published": "2026-03-30",
        "sentence": "Forty people fled from Mill Lane by boat.",
        "start": FLOOD.text.index("Forty"),
        "end": len(FLOOD.text),
        "quote": "Forty people fled from Mill Lane by boat.",
        "near_copy_group": None,
    }
    assert len(document["passages"]) == 3
    assert all(set(passage) == PASSAGE_KEYS for passage in document["passages"])
    assert [passage["rank"] for passage in document["passages"]] == [1, 2, 3]
    assert {"retrieve", "choose", "compose", "total"} <= set(document["timings"])
    assert all(milliseconds >= 0 for milliseconds in document["timings"].values())


def test_a_refusal_with_what_came_closest(archive: Archive) -> None:
    document = asked(make_assistant(archive, threshold=1.1), "Why did forty people flee from Mill Lane by boat?")
    assert document["answered"] is False
    assert document["sentences"] == []
    assert document["short_answer"] is None
    refusal = document["refusal"]
    assert set(refusal) == {"reason", "message", "nearest"}
    assert refusal["reason"] == "not_answered"
    assert all(set(citation) == CITATION_KEYS for citation in refusal["nearest"])
    assert refusal["nearest"][0]["quote"] == "Forty people fled from Mill Lane by boat."


def test_filters_as_they_were_asked_for(archive: Archive) -> None:
    none_given = asked(make_assistant(archive), "Who fled?")
    assert none_given["filters"] == {
        "outlets": None,
        "published_from": None,
        "published_to": None,
        "article_ids": None,
    }
    filters = Filters(("Weekly",), date(2027, 1, 1), date(2027, 1, 2), (BELL.article_id,))
    document = asked(make_assistant(archive), "Who fled?", filters=filters)
    assert document["filters"] == {
        "outlets": ["Weekly"],
        "published_from": "2027-01-01",
        "published_to": "2027-01-02",
        "article_ids": [BELL.article_id],
    }
    assert document["refusal"]["reason"] == "filters_left_nothing"
    assert document["passages"] == []


def test_an_article_without_fields_has_nulls(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "plain", [make_article("Bread is sold from a van on Sundays.", "/a/file.txt")])
    citation = asked(make_assistant(archive), "Is bread sold from a van?")["sentences"][0]["citations"][0]
    assert (citation["title"], citation["outlet"], citation["published"]) == (None, None, None)
    archive.close()
