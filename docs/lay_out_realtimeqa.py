"""Lays out a year of RealTime QA as `copydesk eval` reads it: questions.jsonl, articles.jsonl.gz, headline_ids.txt.

    git clone https://github.com/realtimeqa/realtimeqa_public
    python docs/lay_out_realtimeqa.py realtimeqa_public/past/2023 realtimeqa-2023

RealTime QA: Kasai et al., NeurIPS 2023. Its questions come from news quizzes and its articles from a web search made
when the question was asked; both belong to their publishers.
"""

import argparse
import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.answer_metrics import answer_tokens

Record = dict[str, Any]

# A gold answer that stands in more articles than this stands there by coincidence.
MOST_ARTICLES = 20
TRUTH_VALUES = frozenset({"true", "false", "yes", "no"})
# A number is no less a number with one of these after it.
NUMBER_WORDS = frozenset({"million", "billion", "percent", "year", "years"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("year", type=Path, help="A folder of the public repository, such as past/2023.")
    parser.add_argument("out", type=Path, help="The folder to write.")
    arguments = parser.parse_args()
    questions, articles = read_year(arguments.year)
    if not questions:
        raise SystemExit(f"{arguments.year}: no *_qa.jsonl with questions in it")
    arguments.out.mkdir(parents=True, exist_ok=True)
    with (arguments.out / "questions.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(question, ensure_ascii=False) + "\n" for question in questions)
    with gzip.open(arguments.out / "articles.jsonl.gz", "wt", encoding="utf-8") as packed:
        packed.writelines(json.dumps(article, ensure_ascii=False) + "\n" for article in articles)
    headline = headline_ids(questions, articles)
    (arguments.out / "headline_ids.txt").write_text("".join(f"{one}\n" for one in headline), encoding="utf-8")
    print(f"{len(questions)} questions, {len(headline)} of them headline; {len(articles)} articles in {arguments.out}")


def read_year(folder: Path) -> tuple[list[Record], list[Record]]:
    """The questions that have a right choice, and every article found for one of them, each URL once."""
    questions: list[Record] = []
    articles: dict[str, Record] = {}
    for path in sorted(folder.glob("*_qa.jsonl")):
        found = _search_results(path.with_name(path.name.replace("_qa.jsonl", "_gcs.jsonl")))
        for raw in _lines(path):
            index = _right_choice(raw)
            if index is None:
                continue
            results = found.get(raw["question_id"], [])
            for result in results:
                articles.setdefault(result["url"], _article(result))
            questions.append(_question(raw, index, list(dict.fromkeys(result["url"] for result in results))))
    return questions, list(articles.values())


def headline_ids(questions: Sequence[Record], articles: Iterable[Record]) -> list[str]:
    """The questions fit for judging by string match.

    Their gold answer stands, as whole tokens, in an article retrieved for them and in at most 20 articles in all, and
    is neither a bare number ("600 years" is one) nor true or false.
    """
    texts = {article["url"]: f" {' '.join(answer_tokens(article['text']))} " for article in articles}
    kept = []
    for question in questions:
        tokens = answer_tokens(question["answer"])
        if not tokens or set(tokens) <= TRUTH_VALUES or all(_is_number(token) for token in tokens):
            continue
        gold = f" {' '.join(tokens)} "
        retrieved = any(gold in texts.get(url, "") for url in question["retrieved_urls"])
        if retrieved and sum(gold in text for text in texts.values()) <= MOST_ARTICLES:
            kept.append(question["question_id"])
    return kept


def _is_number(token: str) -> bool:
    return token.isdigit() or token in NUMBER_WORDS


def _right_choice(raw: Mapping[str, Any]) -> int | None:
    """The index, from 0, of the right choice; None where the file names none or more than one."""
    answer = raw["answer"]
    if len(answer) != 1 or not str(answer[0]).isdigit():
        return None
    index = int(answer[0])
    return index if index < len(raw["choices"]) and raw["choices"][index].strip() else None


def _question(raw: Mapping[str, Any], index: int, urls: list[str]) -> Record:
    return {
        "question_id": raw["question_id"],
        "question_date": raw["question_date"],
        "question": raw["question_sentence"],
        "choices": raw["choices"],
        "answer_index": index,
        "answer": raw["choices"][index],
        "retrieved_urls": urls,
    }


def _search_results(path: Path) -> dict[str, list[Record]]:
    """What the web search found for each question, best first, pages without text left out; {} without the file."""
    if not path.is_file():
        return {}
    return {
        line["question_id"]: [result for result in line["search_result"] if str(result.get("text") or "").strip()]
        for line in _lines(path)
    }


def _article(result: Mapping[str, Any]) -> Record:
    return {
        "url": result["url"],
        "title": result.get("title"),
        "authors": result.get("authors") or [],
        "published": result.get("publish_date"),
        "text": result["text"],
    }


def _lines(path: Path) -> Iterator[Record]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


if __name__ == "__main__":
    main()
