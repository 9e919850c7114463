"""Who writes a chat's answers: the articles themselves, which are quoted, or a language model that the page may ask."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from index.errors import BadInputError
from qa.llm import LlmSetting, parse_llm
from ui.asking import LazyAssistant

if TYPE_CHECKING:
    from qa.assistant import Assistant

QUOTED = "Quoted from the articles"


@dataclass(slots=True)
class Writers:
    """The assistants of a page, one for each who may write its answers; opened when somebody first chooses them.

    `offered` are the models that the chat was started with, the first of them the one to begin with. `any_here` lets
    the page name others that run on this machine: what is typed in a page never sends articles to another.
    """

    assistant: LazyAssistant
    offered: tuple[str, ...] = ()
    any_here: bool = False
    _lock: Lock = field(default_factory=Lock)
    _opened: "dict[str | None, Assistant]" = field(default_factory=dict)

    @property
    def choices(self) -> tuple[str, ...]:
        return (QUOTED, *self.offered)

    @property
    def first(self) -> str:
        """Who writes until something else is chosen."""
        return self.offered[0] if self.offered else QUOTED

    @property
    def can_choose(self) -> bool:
        return self.any_here or bool(self.offered)

    def assistant_of(self, chosen: str | None) -> "Assistant":
        """The assistant whose answers the chosen one writes. Raises BadInputError for a model that can't be read or
        may not be used from here, and what opening the assistant or the model raises.
        """
        name = self._name(chosen)
        assistant = self.assistant.get()
        if name == assistant.settings.llm:
            return assistant
        with self._lock:
            if name not in self._opened:
                self._opened[name] = assistant.with_llm(name)
            return self._opened[name]

    def _name(self, chosen: str | None) -> str | None:
        text = (chosen or "").strip()
        if text in ("", QUOTED):
            return None
        setting = parse_llm(text)
        if str(setting) not in self.offered and not (self.any_here and _runs_here(setting)):
            raise BadInputError(
                "this page can't have that language model write: "
                + ("it doesn't run on this machine. " if self.any_here else "the chat wasn't started with it. ")
                + "Start the chat with it, as in copydesk chat --llm MODEL"
            )
        return str(setting)


def offered_with(first: str | None, others: Sequence[str]) -> tuple[str, ...]:
    """The models that a chat was started with, each once: what is set, then what else was named."""
    return tuple(dict.fromkeys(name for name in (first, *others) if name is not None))


def _runs_here(setting: LlmSetting) -> bool:
    """Whether a model runs where its user's own settings say, or on this machine."""
    if setting.kind != "openai-compatible":
        return True
    host = urlsplit(setting.url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
