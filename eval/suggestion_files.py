"""What became of suggested questions: the kept ones in a question set, the dropped ones in a file beside it.

The dropped ones aren't lines of the set, because whatever reads that would ask them. Every decision is on the disk
before the next question is shown.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.lines import read_lines
from eval.store import dump, write_whole
from eval.suggestions import Suggestion
from index.errors import BadInputError


def line_of(suggestion: Suggestion) -> dict[str, Any]:
    """A suggestion as a line of a plain question set. `title` is for whoever edits the file; nothing reads it."""
    article = suggestion.article
    return {
        "question_id": suggestion.question_id,
        "question": suggestion.question,
        "answers": list(suggestion.answers),
        "asked_on": None if article.published is None else article.published.isoformat(),
        "article_urls": list(dict.fromkeys(one.url for one in suggestion.gold)),
        "gold": [[{"url": one.url, "start": one.start, "end": one.end, "quote": one.quote} for one in suggestion.gold]],
        "title": article.title,
    }


class SuggestionFiles:
    """A question set that is being written, and the suggestions that were dropped on the way.

    Raises BadInputError for a file that is no question set, or can't be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.dropped_path = path.with_name(path.name + ".dropped")
        if path.is_dir():
            raise BadInputError(f"{path} is a folder: name a file for the questions")
        if not path.parent.is_dir():
            raise BadInputError(f"{path.parent}: no such folder: make it, or name another file")
        self._kept = _ids_in(path, ("question",))
        self._dropped = _ids_in(self.dropped_path, ())

    @property
    def kept(self) -> int:
        """How many questions the set holds, however they came into it."""
        return len(self._kept)

    def decided(self, suggestion: Suggestion) -> bool:
        """Whether it was kept or dropped before."""
        return suggestion.question_id in self._kept or suggestion.question_id in self._dropped

    def keep(self, suggestions: Sequence[Suggestion]) -> None:
        _append(self.path, [line_of(one) for one in suggestions])
        self._kept.update(one.question_id for one in suggestions)

    def drop(self, suggestion: Suggestion) -> None:
        _append(self.dropped_path, [{"question_id": suggestion.question_id, "question": suggestion.question}])
        self._dropped.add(suggestion.question_id)

    def take_back(self, suggestion: Suggestion) -> None:
        """Make a decision undone; all other lines stay as they are."""
        for path, known in ((self.path, self._kept), (self.dropped_path, self._dropped)):
            if suggestion.question_id in known:
                _remove(path, suggestion.question_id)
                known.discard(suggestion.question_id)


def _ids_in(path: Path, also: Sequence[str]) -> set[str]:
    if not path.exists():
        return set()
    found = set()
    for line in read_lines(path):
        for field in also:
            line.text(field)
        found.add(line.text("question_id"))
    return found


def _append(path: Path, lines: Sequence[object]) -> None:
    """Add lines that are on the disk when this returns. An editor may have left the last one without its end."""
    text = "".join(f"{dump(line)}\n" for line in lines)
    try:
        with path.open("a+b") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                text = text if file.read(1) == b"\n" else f"\n{text}"
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise BadInputError(f"{path}: can't be written to ({error.strerror or error})") from error


def _remove(path: Path, question_id: str) -> None:
    """Leave out the line of this question: the file is the old one or the new one, never half."""
    try:
        lines = path.resolve().read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.strip() or json.loads(line).get("question_id") != question_id]
        write_whole(path.resolve(), "".join(kept))
    except (OSError, ValueError, AttributeError) as error:
        raise BadInputError(f"{path}: can't be changed ({error}): was it edited meanwhile?") from error
