"""Near-copies as the archive keeps them: every article's sketch, and the group it belongs to, if any.

The groups depend on which articles there are, never on the order in which they came: two articles are compared
whenever their sketches share enough, and a group is what near-copies link together. When a member changes or goes,
its group is made anew from those that stay.
"""

import sqlite3
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from index.archive import Archive
from index.near_copies import Fingerprint, Sketch, are_near_copies, fingerprint_of, likeness, sketch_of

# Articles whose sketches share less than this of the shorter one are not compared: half of what a near-copy needs.
SHARE_TO_COMPARE = 0.3
# Texts kept at hand while articles are compared; those of one story tend to come together.
_TEXTS_AT_HAND = 256
_STORED = np.dtype("<u4")
_BUCKETS = 1 << 16


def group_near_copies(archive: Archive) -> int:
    """Group the articles that are not looked at yet, and return how many they were.

    To be called inside the transaction that stored or removed articles, so that no reader sees a group half made.
    """
    connection = archive.connection
    waiting = connection.execute(
        "SELECT a.article_id, a.version FROM articles a LEFT JOIN near_copies n USING (article_id, version) "
        "WHERE n.article_id IS NULL ORDER BY a.article_id"
    ).fetchall()
    if not waiting:
        return 0

    @lru_cache(_TEXTS_AT_HAND)
    def fingerprint(article_id: str) -> Fingerprint:
        return fingerprint_of(archive.sentence_texts(article_id))

    known = _Sketches(connection)
    for article_id, version in waiting:
        own = fingerprint(article_id)
        sketch = sketch_of(own.shingles)
        compared = {other: likeness(own, fingerprint(other)) for other in known.candidates(sketch)}
        near = {other: found.containment for other, found in compared.items() if are_near_copies(found)}
        connection.execute(
            "INSERT INTO near_copies VALUES (?, ?, NULL, ?, ?)",
            [article_id, version, max(near.values(), default=None), sketch.astype(_STORED).tobytes()],
        )
        _link(connection, article_id, near)
        known.add(article_id, sketch)
    return len(waiting)


def _link(connection: sqlite3.Connection, article_id: str, near: dict[str, float]) -> None:
    """One group of an article, its near-copies and the groups they are in, named by its first member's id."""
    for other, similarity in near.items():
        connection.execute(
            "UPDATE near_copies SET similarity = max(coalesce(similarity, 0), ?) WHERE article_id = ?",
            [similarity, other],
        )
    members = {article_id}
    for other in near:
        rows = connection.execute(
            "SELECT article_id FROM near_copies WHERE article_id = ?1 "
            "OR group_id = (SELECT group_id FROM near_copies WHERE article_id = ?1)",
            [other],
        )
        members.update(row[0] for row in rows)
    if near:
        connection.executemany(
            "UPDATE near_copies SET group_id = ? WHERE article_id = ?", [(min(members), one) for one in sorted(members)]
        )


class _Sketches:
    """All sketches side by side: 10,000 articles take some 8 MB, and a look-up a pass over them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute("SELECT article_id, signature FROM near_copies ORDER BY article_id").fetchall()
        stored = [np.frombuffer(signature or b"", dtype=_STORED).astype(np.uint32) for _, signature in rows]
        self._ids: list[str] = [row[0] for row in rows]
        self._sizes: list[int] = [len(sketch) for sketch in stored]
        self._used = sum(self._sizes)
        self._values: Sketch = np.concatenate([*stored, np.zeros(_BUCKETS, dtype=np.uint32)])
        self._owners: npt.NDArray[np.int32] = np.zeros(len(self._values), dtype=np.int32)
        self._owners[: self._used] = np.repeat(np.arange(len(rows), dtype=np.int32), self._sizes)

    def add(self, article_id: str, sketch: Sketch) -> None:
        end = self._used + len(sketch)
        if end > len(self._values):
            room = max(end, 2 * len(self._values)) - len(self._values)
            self._values = np.pad(self._values, (0, room))
            self._owners = np.pad(self._owners, (0, room))
        self._values[self._used : end] = sketch
        self._owners[self._used : end] = len(self._ids)
        self._used = end
        self._ids.append(article_id)
        self._sizes.append(len(sketch))

    def candidates(self, sketch: Sketch) -> Sequence[str]:
        """The articles whose sketches share enough with this one to be worth comparing."""
        if not len(sketch) or not self._ids:
            return ()
        # Most values share not even their low bits with the sketch's: a table tells so faster than a search.
        table = np.zeros(_BUCKETS, dtype=bool)
        table[sketch % _BUCKETS] = True
        rough = np.flatnonzero(table[self._values[: self._used] % _BUCKETS])
        same = rough[np.isin(self._values[rough], sketch)]
        shared = np.bincount(self._owners[same], minlength=len(self._ids))
        shorter = np.minimum(np.array(self._sizes), len(sketch))
        found = np.flatnonzero((shared > 0) & (shared >= SHARE_TO_COMPARE * shorter))
        return [self._ids[index] for index in found]
