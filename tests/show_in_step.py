"""Shows that an archive stays in step: all of RealTime QA 2023 added twice, then a sync that is killed ten times.

    python tests/show_in_step.py FOLDER WORK

FOLDER holds `realtimeqa/dev-2023` and `realtimeqa/train-2022`, laid out as the README tells; WORK is where the news
folder and two archives are made. 500 articles are changed, 500 removed and 500 of 2022 come new. In the end `check`
must find nothing, and a search must find what it finds in an archive built afresh. What is done is written to
WORK/state.json; stopped, it goes on where it was. A vector that was computed once is taken from
WORK/vectors.sqlite3, by the hash of model and passage: embedding is not what is shown, and takes most of the time.
"""

import gzip
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

import index.embedding
from index.archive import Archive
from index.embedding import Embedder, Vectors, load_embedder
from index.errors import CopydeskError
from index.search import HybridSearch, Query
from index.urls import url_key
from index.vectors import CHROMA_FOLDER, VectorIndex

CHANGED = REMOVED = NEW = 500
KILLS = 10
ARTICLES_A_FILE = 100
QUESTIONS = 200
SEED = 5


def main(data: Path, work: Path) -> None:
    state_path = work / "state.json"
    work.mkdir(parents=True, exist_ok=True)
    state: dict[str, Any] = json.loads(state_path.read_text()) if state_path.exists() else {}
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("laid out", lambda: lay_out(articles_of(data, "dev-2023"), work / "news")),
        ("added", lambda: last_line(copydesk(work, "archive", "add", work / "news"))),
        ("added again", lambda: last_line(copydesk(work, "archive", "add", work / "news"))),
        ("changed", lambda: lay_out(changed(data), work / "news")),
        ("killed", lambda: kill_ten_times(work, state, state_path)),
        ("synced", lambda: last_line(copydesk(work, "archive", "add", work / "news", "--sync"))),
        ("checked", lambda: last_line(copydesk(work, "archive", "check"))),
        ("fresh", lambda: last_line(copydesk(work, "fresh", "add", work / "news"))),
        ("compared", lambda: compare(data, work)),
    ]
    for name, step in steps:
        if name not in state:
            started = time.monotonic()
            state[name] = step()
            if name == "added again" and not state[name].startswith("0 added, 0 updated"):
                raise SystemExit(f"adding the same again was not without changes: {state[name]}")
            state[f"{name}, seconds"] = round(time.monotonic() - started)
            state_path.write_text(json.dumps(state, indent=1))
        print(f"{name}: {state[name]}", flush=True)


def articles_of(data: Path, name: str) -> list[dict[str, Any]]:
    with gzip.open(data / "realtimeqa" / name / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def changed(data: Path) -> list[dict[str, Any]]:
    """The articles of 2023, 500 with a sentence more, 500 left out, and 500 of 2022 among them."""
    chance = random.Random(SEED)
    articles = articles_of(data, "dev-2023")
    urls = {article["url"] for article in articles}
    others = [article for article in articles_of(data, "train-2022") if article["url"] not in urls]
    chosen = chance.sample(range(len(articles)), CHANGED + REMOVED)
    for place in chosen[:CHANGED]:
        articles[place]["text"] += f"\n\nA correction numbered {place} was made to this report."
    left_out = set(chosen[CHANGED:])
    kept = [article for place, article in enumerate(articles) if place not in left_out]
    for article in chance.sample(others, NEW):
        kept.insert(chance.randrange(len(kept)), article)
    return kept


def lay_out(articles: list[dict[str, Any]], news: Path) -> str:
    news.mkdir(exist_ok=True)
    for old in news.iterdir():
        old.unlink()
    for start in range(0, len(articles), ARTICLES_A_FILE):
        lines = [json.dumps(article, ensure_ascii=False) for article in articles[start : start + ARTICLES_A_FILE]]
        (news / f"{start:05d}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return f"{len(articles)} articles"


class CachedEmbedder:
    """The real model, asked once for each text."""

    def __init__(self, embedder: Embedder, path: Path) -> None:
        self.identity = embedder.identity
        self._embedder = embedder
        self._store = sqlite3.connect(path, isolation_level=None, timeout=60)
        self._store.execute("PRAGMA journal_mode = WAL")
        self._store.execute("CREATE TABLE IF NOT EXISTS vectors (digest TEXT PRIMARY KEY, vector BLOB) WITHOUT ROWID")

    def embed(self, texts: Sequence[str]) -> Vectors:
        digests = [
            sha256(f"{self.identity.weights_sha256}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
            for text in texts
        ]
        wanted = [json.dumps(digests)]
        rows = self._store.execute("SELECT * FROM vectors WHERE digest IN (SELECT value FROM json_each(?))", wanted)
        known = {digest: np.frombuffer(vector, dtype=np.float32) for digest, vector in rows}
        missing = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}
        known |= dict(zip(missing, self._embedder.embed(list(missing.values())), strict=True))
        new = [(digest, known[digest].astype(np.float32).tobytes()) for digest in missing]
        self._store.execute("BEGIN")
        self._store.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", new)
        self._store.execute("COMMIT")
        return np.array([known[digest] for digest in digests], dtype=np.float32).reshape(
            len(texts), self.identity.dimension
        )


def run_program(cache: Path, arguments: Sequence[str]) -> None:
    """The program as it is, but for vectors that were computed before."""
    from ui.cli import main as copydesk_main

    def load(*given: Any, **named: Any) -> CachedEmbedder:
        return CachedEmbedder(load_embedder(*given, **named), cache)

    index.embedding.load_embedder = load  # type: ignore[assignment]
    copydesk_main(list(arguments))


def command(work: Path, archive: str, *arguments: object) -> list[str]:
    program = [sys.executable, __file__, "--program", str(work / "vectors.sqlite3")]
    return [*program, "--archive", str(work / archive), *(str(argument) for argument in arguments)]


def copydesk(work: Path, archive: str, *arguments: object) -> str:
    done = subprocess.run(command(work, archive, *arguments), capture_output=True, text=True, check=False)
    if done.returncode:
        # A few articles of the data set are too short or long to be read, which is told and is exit code 1.
        last = last_line(done.stdout)
        if "skipped" not in last:
            raise SystemExit(f"{' '.join(map(str, arguments))}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def last_line(output: str) -> str:
    return output.strip().splitlines()[-1]


def kill_ten_times(work: Path, state: dict[str, Any], state_path: Path) -> list[str]:
    """Kill the sync between its commits, and twice while it makes the vector index; each is told in a line."""
    chance = random.Random(SEED)
    told: list[str] = state.setdefault("kills so far", [])
    while len(told) < KILLS:
        in_chroma = len(told) >= KILLS - 2
        line = kill_once(work, chance, in_chroma)
        if line is None:
            told.append("it had nothing left to do")
            break
        with closing(Archive(work / "archive", create=False)) as archive:
            whole = archive.connection.execute("PRAGMA quick_check").fetchone()[0]
            told.append(f"{line}; database {whole}, {archive.article_count()} articles")
        state_path.write_text(json.dumps(state, indent=1))
    return told


def kill_once(work: Path, chance: random.Random, in_chroma: bool) -> str | None:
    with closing(Archive(work / "archive", create=False)) as archive:
        before, wanted = archive.data_version(), chance.randint(2, 5)
        generations = names(archive)
        running = subprocess.Popen(
            command(work, "archive", "add", work / "news", "--sync"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while running.poll() is None:
            commits = archive.data_version() - before
            if (names(archive) != generations) if in_chroma else commits >= wanted:
                time.sleep(chance.random() * (8 if in_chroma else 0.5))
                break
            time.sleep(0.05)
        if running.poll() is not None:
            return None
        commits = archive.data_version() - before
        made = names(archive) != generations
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        return f"killed after {commits} commits{', in the making of the vector index' if made else ''}"


def names(archive: Archive) -> list[str]:
    return sorted(path.name for path in (archive.folder / CHROMA_FOLDER).glob("*"))


def compare(data: Path, work: Path) -> dict[str, Any]:
    """How far searches in both archives find the same passages in the same order."""
    with (data / "realtimeqa" / "dev-2023" / "questions.jsonl").open(encoding="utf-8") as lines:
        questions = [json.loads(line)["question"] for line in lines]
    asked = random.Random(SEED).sample(questions, QUESTIONS)
    embedder = load_embedder()
    result: dict[str, Any] = {}
    with closing(Archive(work / "archive")) as synced, closing(Archive(work / "fresh")) as fresh:
        result["same articles and versions"] = contents(synced, "articles") == contents(fresh, "articles")
        result["same passages and vectors"] = contents(synced, "passages") == contents(fresh, "passages")
        with closing(VectorIndex(synced)) as one, closing(VectorIndex(fresh)) as other:
            keys = [keys_of(synced), keys_of(fresh)]
            searches = [HybridSearch(synced, one, embedder), HybridSearch(fresh, other, embedder)]
            for mode in ("lexical", "dense", "hybrid"):
                found = [
                    [ids(search, key_of, question, mode) for question in asked]
                    for search, key_of in zip(searches, keys, strict=True)
                ]
                pairs = list(zip(*found, strict=True))
                for depth in (10, 50):
                    same = sum(a[:depth] == b[:depth] for a, b in pairs) / len(pairs)
                    shared = sum(len(set(a[:depth]) & set(b[:depth])) for a, b in pairs)
                    total = sum(len(a[:depth]) for a, _ in pairs)
                    result[f"{mode}@{depth}"] = f"{same:.3f} the same list, {shared / total:.4f} of the passages"
            vectors = embedder.embed(asked)
            result["exact cosines@50 equal"] = bool(np.array_equal(exact(synced, vectors), exact(fresh, vectors)))
    return result


def keys_of(archive: Archive) -> dict[str, str]:
    """article_id → the key of its URL: an article is named after the spelling of its URL that came first."""
    return {info.article_id: url_key(str(info.url)) for info in archive.infos()}


def contents(archive: Archive, table: str) -> set[tuple[Any, ...]]:
    columns = {
        "articles": "article_id, version",
        "passages": "article_id, digest, first_position, last_position, vector",
    }[table]
    keys = keys_of(archive)
    rows = archive.connection.execute(f"SELECT {columns} FROM {table}")
    return {(keys[article_id], *rest) for article_id, *rest in rows}


def ids(search: HybridSearch, keys: dict[str, str], question: str, mode: Any) -> list[tuple[Any, ...]]:
    try:
        found = [hit.passage for hit in search.search(Query(question, limit=50, mode=mode))]
        return [(keys[p.article_id], p.version, p.sentences[0].position, p.sentences[-1].position) for p in found]
    except CopydeskError as error:
        raise SystemExit(f"{question}: {error}") from error


def exact(archive: Archive, vectors: Vectors) -> Vectors:
    """The cosines of each vector's fifty nearest among those stored, in order, to four places; shape (n, 50)."""
    _, stored = archive.vectors_after(0)
    return np.round(-np.sort(-(vectors @ stored.T), axis=1)[:, :50], 4)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--program"]:
        run_program(Path(sys.argv[2]), sys.argv[3:])
        raise SystemExit(0)
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]).resolve())
