"""Is the archive in order? Every sentence where it says it is, and the derived indexes in step with the articles."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from index.archive import Archive
from index.errors import ArchiveError, SearchError
from index.passages import written_date
from index.records import version_of
from index.vectors import current_generation, indexed_ids

PASSAGES_AT_A_TIME = 500
VECTOR_PROBES = 500


def check_article(archive: Archive, article_id: str) -> tuple[int, list[str]]:
    """How many sentences an article has, and what is wrong with it, a line each."""
    with _snapshot(archive):
        article = archive.article(article_id)
        furniture = archive.furniture(article_id)
        sentences = list(archive.sentences(article_id))
        stored = archive.sentence_texts(article_id)
    problems = []
    if version_of(article.text) != article.version:
        problems.append(f"{article_id}: the stored text is not that of version {article.version}")
    covered = 0
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
    return check_database(archive) + check_full_text(archive) + check_vectors(archive)


def check_database(archive: Archive) -> list[str]:
    """Is the database whole?"""
    try:
        answer = archive.connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except (sqlite3.Error, ArchiveError) as error:
        return [f"the database can't be checked: {error}"]
    return [] if answer == "ok" else [f"the database is damaged: {' '.join(str(answer).split())}"]


def check_full_text(archive: Archive) -> list[str]:
    """Does every passage stand in the full-text index with the words that its sentences have in the article?"""
    try:
        archive.connection.execute("INSERT INTO passages_fts (passages_fts) VALUES ('integrity-check')")
        with _snapshot(archive):
            return _differences_in_full_text(archive)
    except (sqlite3.Error, ArchiveError) as error:
        return [f"the full-text index can't be checked: {error}"]


def check_vectors(archive: Archive) -> list[str]:
    """Does Chroma hold the passages that it should, and find them?"""
    try:
        return _check_vectors(archive)
    except (sqlite3.Error, ArchiveError) as error:
        return [f"the vectors can't be checked: {error}"]


def _differences_in_full_text(archive: Archive) -> list[str]:
    keys = archive.keys_after(0).tolist()
    wrong: list[str] = []
    for start in range(0, len(keys), PASSAGES_AT_A_TIME):
        chunk = keys[start : start + PASSAGES_AT_A_TIME]
        passages = archive.passages(chunk)
        rows = archive.connection.execute(
            "SELECT rowid, title, day, body FROM passages_fts WHERE rowid BETWEEN ? AND ?", [chunk[0], chunk[-1]]
        )
        indexed = {key: (title, day, body) for key, title, day, body in rows}
        for key in chunk:
            if key not in passages:
                wrong.append(f"number {key}, which has no sentences")
                continue
            passage, info = passages[key].passage, passages[key].article
            if indexed.get(key) != (info.title or "", written_date(info), passage.text):
                wrong.append(passage.passage_id)
    indexed_count = archive.connection.execute("SELECT count(*) FROM passages_fts").fetchone()[0]
    problems = []
    if wrong:
        problems.append(
            f"the full-text index differs from the articles in {len(wrong)} passages, the first of them {wrong[0]}: "
            "run 'copydesk reindex'"
        )
    if extra := indexed_count - len(keys):
        problems.append(
            f"the full-text index has {indexed_count} rows for {len(keys)} passages ({extra:+}): run 'copydesk reindex'"
        )
    return problems


def _check_vectors(archive: Archive) -> list[str]:
    with _snapshot(archive):
        last_key = current_generation(archive).last_key
        rows = archive.connection.execute("SELECT passage_id FROM passages WHERE passage_key <= ?", [last_key])
        wanted = {row[0] for row in rows}
        # Out of the archive, and out of Chroma with the next change; until then no search gives them.
        leaving = {row[0] for row in archive.connection.execute("SELECT passage_id FROM removed_passages")}
        waiting = len(archive.keys_after(last_key))
    try:
        held = indexed_ids(archive, VECTOR_PROBES)
    except SearchError as error:
        return [str(error)]
    problems = []
    if waiting:
        problems.append(
            f"{waiting} passages are not in Chroma yet: they are found all the same, and the next 'copydesk add' "
            "puts them in"
        )
    if missing := len(wanted - held):
        problems.append(f"Chroma lacks {missing} passages: run 'copydesk reindex'")
    if extra := len(held - wanted - leaving):
        problems.append(f"Chroma holds {extra} passages that the archive doesn't: run 'copydesk reindex'")
    return problems


@contextmanager
def _snapshot(archive: Archive) -> Iterator[None]:
    """Everything read inside is of one moment, whatever another process writes meanwhile."""
    archive.connection.execute("BEGIN")
    try:
        yield
    finally:
        archive.connection.execute("ROLLBACK")
