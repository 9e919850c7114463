"""Is the archive in order? Every sentence where it says it is, and the derived indexes in step with the articles."""

import sqlite3

from index.archive import Archive
from index.errors import SearchError
from index.records import version_of
from index.vectors import current_generation, indexed_ids


def check_article(archive: Archive, article_id: str) -> tuple[int, list[str]]:
    """How many sentences an article has, and what is wrong with it, a line each."""
    article = archive.article(article_id)
    problems = []
    if version_of(article.text) != article.version:
        problems.append(f"{article_id}: the stored text is not that of version {article.version}")
    furniture = archive.furniture(article_id)
    covered = 0
    sentences = list(archive.sentences(article_id))
    stored = archive.sentence_texts(article_id)
    for (position, start, end), text in zip(sentences, stored, strict=True):
        where = f"{article_id}: sentence {position} [{start}:{end}]"
        if not covered <= start < end <= len(article.text):
            problems.append(f"{where} lies outside the text or over the sentence before")
        elif article.text[start:end] != text or text.strip() != text:
            problems.append(f"{where} is not what a search gives for it")
        elif any(span.start < end and start < span.end for span in furniture):
            problems.append(f"{where} lies in furniture")
        covered = end
    return len(sentences), problems


def check_stores(archive: Archive) -> list[str]:
    """What is wrong with the database, the full-text index and Chroma, a line each."""
    problems = []
    try:
        answer = archive.connection.execute("PRAGMA quick_check").fetchone()[0]
        if answer != "ok":
            problems.append(f"the database is damaged: {answer}")
        archive.connection.execute("INSERT INTO passages_fts (passages_fts) VALUES ('integrity-check')")
        passages = {row[0] for row in archive.connection.execute("SELECT passage_key FROM passages")}
        indexed = {row[0] for row in archive.connection.execute("SELECT rowid FROM passages_fts")}
        if passages != indexed:
            problems.append(f"the full-text index differs from the passages in {len(passages ^ indexed)} places")
    except sqlite3.Error as error:
        problems.append(f"the database is damaged: {error}")
    return problems + _check_vectors(archive)


def _check_vectors(archive: Archive) -> list[str]:
    wanted = {row[0] for row in archive.connection.execute("SELECT passage_id FROM passages")}
    try:
        held = indexed_ids(archive)
    except SearchError as error:
        return [str(error)]
    waiting = len(archive.keys_after(current_generation(archive).last_key))
    problems = []
    if waiting:
        problems.append(f"{waiting} passages are not in Chroma yet (they are found all the same)")
    if missing := len(wanted - held) - waiting:
        problems.append(f"Chroma lacks {missing} passages")
    if extra := len(held - wanted):
        problems.append(f"Chroma still holds {extra} passages that were removed")
    return problems
