"""What can be set about answering, and where the settings come from."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from index.errors import BadInputError
from index.search import SEARCH_MODES, SearchMode
from index.settings import IndexSettings, settings_from
from qa.llm import parse_llm

SentenceChoice = Literal["evidence", "similarity"]
SENTENCE_CHOICES: tuple[SentenceChoice, ...] = get_args(SentenceChoice)


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """How a question is answered.

    `passages` are retrieved, of which the first `passages_read` are read sentence by sentence. `sentence_choice`
    "similarity" ranks sentences by their embedding's cosine with the question alone: the baseline.

    `reader` is "copydesk", a folder that `copydesk train reader` made, or a cross-encoder's name or folder; only a
    cross-encoder heeds `reader_threshold`, the sigmoid of its best logit below which a question is refused.
    `llm` names the language model that writes answers (qa/llm.py), as it was set; None where they are quoted.
    With `stop_when_clear`, fewer passages are read where the first ones are clear (qa/rounds.py).
    """

    search: SearchMode = "hybrid"
    sentence_choice: SentenceChoice = "evidence"
    passages: int = 50
    passages_read: int = 16
    reader: str = "copydesk"
    reader_threshold: float = 0.5
    stop_when_clear: bool = False
    llm: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that `open_assistant` needs to know."""

    index: IndexSettings
    answer: AnswerSettings = field(default_factory=AnswerSettings)


def load_settings(
    archive: Path | None = None,
    search: str | None = None,
    sentence_choice: str | None = None,
    passages_read: int | None = None,
    environment: Mapping[str, str] = os.environ,
    *,
    reader: str | None = None,
    reader_threshold: float | None = None,
    stop_when_clear: bool = False,
    llm: str | None = None,
) -> Settings:
    """Settings given by hand, else from the environment (COPYDESK_SEARCH, COPYDESK_SENTENCE_CHOICE, COPYDESK_READER,
    COPYDESK_READER_THRESHOLD, COPYDESK_STOP_WHEN_CLEAR, COPYDESK_LLM), else defaults.

    Raises BadInputError for a value that isn't one of those possible.
    """
    search = search or environment.get("COPYDESK_SEARCH") or "hybrid"
    choice = sentence_choice or environment.get("COPYDESK_SENTENCE_CHOICE") or "evidence"
    if search not in SEARCH_MODES:
        raise BadInputError(f"search is {search!r}; it can be one of: {', '.join(SEARCH_MODES)}")
    if choice not in SENTENCE_CHOICES:
        raise BadInputError(f"sentence choice is {choice!r}; it can be one of: {', '.join(SENTENCE_CHOICES)}")
    defaults = AnswerSettings()
    answer = AnswerSettings(
        search,
        choice,
        passages_read=passages_read or defaults.passages_read,
        reader=reader or environment.get("COPYDESK_READER") or defaults.reader,
        reader_threshold=_threshold(reader_threshold, environment.get("COPYDESK_READER_THRESHOLD")),
        stop_when_clear=stop_when_clear or bool(environment.get("COPYDESK_STOP_WHEN_CLEAR")),
        llm=_llm(llm or environment.get("COPYDESK_LLM")),
    )
    return Settings(settings_from(environment, archive), answer)


def _llm(given: str | None) -> str | None:
    return str(parse_llm(given)) if given and given.strip() else None


def _threshold(given: float | None, from_environment: str | None) -> float:
    if given is None and not from_environment:
        return AnswerSettings().reader_threshold
    try:
        threshold = float(from_environment or 0) if given is None else given
    except ValueError:
        threshold = -1.0
    if not 0 <= threshold <= 1:
        shown = from_environment if given is None else given
        raise BadInputError(f"reader threshold is {shown!r}; it can be a number from 0 to 1")
    return threshold
