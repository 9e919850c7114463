"""What can be set about answering, and where the settings come from."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from index.errors import BadInputError
from index.search import SEARCH_MODES, SearchMode
from index.settings import IndexSettings, settings_from

SentenceChoice = Literal["evidence", "similarity"]
SENTENCE_CHOICES: tuple[SentenceChoice, ...] = get_args(SentenceChoice)


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """How a question is answered.

    `passages` are retrieved, of which the first `passages_read` are read sentence by sentence. `sentence_choice`
    "similarity" ranks sentences by their embedding's cosine with the question alone: the baseline.
    """

    search: SearchMode = "hybrid"
    sentence_choice: SentenceChoice = "evidence"
    passages: int = 50
    passages_read: int = 20


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
) -> Settings:
    """Settings given by hand, else from the environment (COPYDESK_SEARCH, COPYDESK_SENTENCE_CHOICE), else defaults.

    Raises BadInputError for a value that isn't one of those possible.
    """
    search = search or environment.get("COPYDESK_SEARCH") or "hybrid"
    choice = sentence_choice or environment.get("COPYDESK_SENTENCE_CHOICE") or "evidence"
    if search not in SEARCH_MODES:
        raise BadInputError(f"search is {search!r}; it can be one of: {', '.join(SEARCH_MODES)}")
    if choice not in SENTENCE_CHOICES:
        raise BadInputError(f"sentence choice is {choice!r}; it can be one of: {', '.join(SENTENCE_CHOICES)}")
    answer = AnswerSettings(search, choice, passages_read=passages_read or AnswerSettings().passages_read)
    return Settings(settings_from(environment, archive), answer)
