"""Opening a language model from what its user set, and reading what it writes. The only file that knows LlamaIndex's
LLM classes; they are imported when one is opened.

A model is on this machine or where its user's own URL says, and nowhere else: no default address, no proxy, no
redirect. The key comes from the environment and stands in no message, log or saved answer: what a server says goes
into no message either.
"""

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import urlsplit

from index.errors import BadInputError, CopydeskError, ModelError
from qa.prompts import Message

if TYPE_CHECKING:
    import httpx

KEY_VARIABLE = "COPYDESK_LLM_KEY"
KINDS = "ollama:NAME, openai-compatible:URL#MODEL or embedded"
MOST_TOKENS = 500
# Evidence, dialogue, rules and answer together stay below it.
CONTEXT_TOKENS = 8192
MOST_CHARACTERS = 20_000
_MOST_BYTES = 20_000_000
_OLLAMA = "http://127.0.0.1:11434"
_NAME = re.compile(r"[\w./:@+-]{1,200}")
# Ollama runs models of these names on its makers' servers.
_IN_THE_CLOUD = re.compile(r"[:-]cloud$")
_KEY = re.compile(r"[!-~]+")
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class LlmError(CopydeskError):
    """The language model didn't answer: the message says where and why."""


@dataclass(frozen=True, slots=True)
class LlmSetting:
    """Which language model writes. `url` is that of a server's API, without a slash at the end; "" for the others."""

    kind: Literal["ollama", "openai-compatible", "embedded"]
    model: str
    url: str = ""

    def __str__(self) -> str:
        """As it was set."""
        if self.kind == "embedded":
            return self.kind
        return f"ollama:{self.model}" if self.kind == "ollama" else f"openai-compatible:{self.url}#{self.model}"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a model is waited for, in seconds: to connect, for its next word, for all that it writes, and between
    `attempts`, the wait doubling from `first_wait`. A server that wants to be left alone for longer than `longest_wait`
    is left alone.
    """

    connect: float = 5.0
    silence: float = 120.0
    whole: float = 300.0
    attempts: int = 3
    first_wait: float = 0.5
    longest_wait: float = 20.0


class LanguageModel(Protocol):
    """Writes text."""

    @property
    def name(self) -> str:
        """As it was set; no secret stands in it."""
        ...

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """The reply, piece by piece. Raises LlmError."""
        ...


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of a reply, and whether the server says that it ends with it."""

    text: str
    last: bool


# What a LlamaIndex class streams, without its types.
_Chat = Callable[[Sequence[Message]], Iterator[_Piece]]


def parse_llm(text: str) -> LlmSetting:
    """Which language model a setting names. Raises BadInputError for one that names none."""
    kind, colon, rest = text.strip().partition(":")
    if kind == "embedded" and not colon:
        return LlmSetting("embedded", "SmolLM2-135M-Instruct")
    if kind == "ollama" and _NAME.fullmatch(rest):
        if _IN_THE_CLOUD.search(rest):
            raise BadInputError(
                f"llm: the model {rest} doesn't run on this machine but in Ollama's cloud: name another"
            )
        return LlmSetting("ollama", rest)
    if kind == "openai-compatible":
        return _parse_url(rest)
    # Whatever was typed in place of a setting may be a key.
    raise BadInputError(f"the llm setting can't be read; it can be {KINDS}")


def _parse_url(text: str) -> LlmSetting:
    address, _, model = text.partition("#")
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or not model.strip() or any(character.isspace() for character in address):
        raise BadInputError(
            "the llm setting can't be read; a server is openai-compatible:URL#MODEL, "
            "as in openai-compatible:http://127.0.0.1:8080/v1#NAME"
        )
    if parts.username is not None or parts.query:
        raise BadInputError(
            f"llm: an address with a user name, password or query isn't used: set {KEY_VARIABLE} instead"
        )
    return LlmSetting("openai-compatible", model.strip(), address.rstrip("/"))


def open_llm(
    setting: LlmSetting, environment: Mapping[str, str] = os.environ, limits: Limits = Limits()
) -> LanguageModel:
    """The model, which is asked for nothing yet; the embedded one is loaded, in about a second.

    Raises ModelError, naming the extra to install, where a package is missing, and BadInputError for a key that can't
    be one.
    """
    if setting.kind == "ollama":
        return ServedModel(setting, _ollama(setting, environment, limits), _ollama_address(environment), limits)
    if setting.kind == "openai-compatible":
        key = environment.get(KEY_VARIABLE, "").strip()
        if key and not _KEY.fullmatch(key):
            raise BadInputError(f"{KEY_VARIABLE} holds a character that no key has")
        return ServedModel(setting, _openai_like(setting, key, limits), setting.url, limits, bool(key))
    from qa.embedded_llm import start_server

    server = start_server(CONTEXT_TOKENS)
    inside = LlmSetting("openai-compatible", setting.model, server.url)
    return ServedModel(setting, _openai_like(inside, server.key, limits), "this process", limits, True, server)


class ServedModel:
    """A `LanguageModel` behind a LlamaIndex class: asked again, with back-off, where a failure may pass."""

    def __init__(
        self,
        setting: LlmSetting,
        chat: _Chat,
        where: str,
        limits: Limits,
        has_key: bool = False,
        keep: object = None,
    ) -> None:
        self.name = str(setting)
        self._model = setting.model
        self._chat = chat
        self._where = where
        self._limits = limits
        self._has_key = has_key
        self._keep = keep  # a server in this process lives as long as what asks it

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """The reply, piece by piece; at most MOST_CHARACTERS of it. Raises LlmError where there is none, or it breaks
        off.
        """
        pieces, first = self._begin(messages)
        written, ended, piece = 0, False, first
        while piece is not None:
            ended = ended or piece.last
            written += len(piece.text)
            if piece.text:
                yield piece.text
            if written > MOST_CHARACTERS:
                return
            try:
                piece = next(pieces, None)
            except Exception as error:
                raise LlmError(self._told(error)) from None
        if not ended:
            raise LlmError(f"the language model at {self._where} broke off in the middle of its answer")

    def _begin(self, messages: Sequence[Message]) -> tuple[Iterator[_Piece], _Piece | None]:
        """The reply's pieces and the first of them, after as many attempts as it takes."""
        limits = self._limits
        for attempt in range(limits.attempts):
            try:
                pieces = self._chat(messages)
                return pieces, next(pieces, None)
            except Exception as error:  # of httpx, openai, ollama, json or LlamaIndex: all mean that there is no answer
                wait = _wait_for(error, limits.first_wait * 2**attempt)
                if attempt + 1 == limits.attempts or wait is None or wait > limits.longest_wait:
                    raise LlmError(self._told(error)) from None
            time.sleep(wait)
        raise LlmError(f"the language model at {self._where} was not asked")

    def _told(self, error: Exception) -> str:
        """What went wrong in our own words: a server's may hold the key."""
        it, status = f"the language model at {self._where}", _status_of(error)
        if status == 429:
            seconds = _retry_after(error)
            return f"{it} limits how often it may be asked (HTTP 429{f', for {seconds:g} s' if seconds else ''})"
        if status in (401, 403):
            mend = f"refused the key in {KEY_VARIABLE}" if self._has_key else f"wants a key: set {KEY_VARIABLE}"
            return f"{it} {mend} (HTTP {status})"
        if status == 404:
            return f"{it} doesn't have {self._model} (HTTP 404)"
        if status is not None:
            return f"{it} {'failed' if status >= 500 else 'refused to answer'} (HTTP {status})"
        names = _names_of(error)
        if any("Timeout" in name for name in names):
            return f"{it} took too long to answer"
        if names & {"ConnectError", "APIConnectionError", "ConnectionError"}:
            return f"no language model can be reached at {self._where}"
        if names & {"RemoteProtocolError", "ReadError", "IncompleteRead"}:
            return f"{it} broke off in the middle of its answer"
        return f"{it} sent what can't be read as an answer"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _names_of(error: Exception) -> set[str]:
    return {base.__name__ for one in _chain(error) for base in type(one).__mro__}


def _status_of(error: Exception) -> int | None:
    codes = (getattr(one, "status_code", None) for one in _chain(error))
    return next((code for code in codes if isinstance(code, int) and code >= 100), None)


def _retry_after(error: Exception) -> float | None:
    """The seconds that a server asks to be left alone."""
    for one in _chain(error):
        headers = getattr(getattr(one, "response", None), "headers", {})
        try:
            return max(0.0, float(headers["retry-after"]))
        except (KeyError, ValueError, TypeError):
            continue
    return None


def _wait_for(error: Exception, wait: float) -> float | None:
    """How long to wait before asking again; None for what will not pass, or has taken its time already."""
    status = _status_of(error)
    if status is not None:
        return max(wait, _retry_after(error) or 0.0) if status in _PASSING else None
    names = _names_of(error)
    if any("Timeout" in name for name in names) and "ConnectTimeout" not in names:
        return None
    return wait if names & {"TransportError", "APIConnectionError", "ConnectionError"} else None


def _openai_like(setting: LlmSetting, key: str, limits: Limits) -> _Chat:
    try:
        from llama_index.core.llms import ChatMessage
        from llama_index.llms.openai_like import OpenAILike
    except ImportError as error:
        raise _missing("llm") from error
    # Without a key of ours the library would take another program's from the environment.
    options: dict[str, Any] = {
        "api_base": setting.url,
        "api_key": key or "none",
        "is_chat_model": True,
        "context_window": CONTEXT_TOKENS,
        "max_tokens": MOST_TOKENS,
        "temperature": 0.0,
        "max_retries": 0,
        "timeout": limits.silence,
        "http_client": _http_client(limits),
    }
    llm = OpenAILike(model=setting.model, **options)

    def chat(messages: Sequence[Message]) -> Iterator[_Piece]:
        for reply in llm.stream_chat([ChatMessage(role=one.role, content=one.text) for one in messages]):
            choices = getattr(reply.raw, "choices", None) or ()
            yield _Piece(reply.delta or "", any(one.finish_reason for one in choices))

    return chat


def _ollama_address(environment: Mapping[str, str]) -> str:
    return environment.get("OLLAMA_HOST") or _OLLAMA


def _ollama(setting: LlmSetting, environment: Mapping[str, str], limits: Limits) -> _Chat:
    try:
        from llama_index.core.llms import ChatMessage
        from llama_index.llms.ollama import Ollama
        from ollama import Client
    except ImportError as error:
        raise _missing("llm") from error
    address = _ollama_address(environment)
    client = Client(
        address, timeout=limits.silence, transport=_transport(limits), trust_env=False, follow_redirects=False
    )
    llm = Ollama(
        model=setting.model,
        base_url=address,
        client=client,
        temperature=0.0,
        context_window=CONTEXT_TOKENS,
        request_timeout=limits.silence,
        thinking=False,
        additional_kwargs={"num_predict": MOST_TOKENS},
    )

    def chat(messages: Sequence[Message]) -> Iterator[_Piece]:
        for reply in llm.stream_chat([ChatMessage(role=one.role, content=one.text) for one in messages]):
            raw: Any = reply.raw or {}
            yield _Piece(reply.delta or "", bool(raw.get("done")))

    return chat


def _missing(extra: str) -> ModelError:
    return ModelError(f"a language model needs packages that aren't installed: pip install 'copydesk[{extra}]'")


def _http_client(limits: Limits) -> "httpx.Client":
    import httpx

    from qa.llm_transport import without_names

    return httpx.Client(
        transport=_transport(limits), trust_env=False, follow_redirects=False, event_hooks={"request": [without_names]}
    )


def _transport(limits: Limits) -> "httpx.HTTPTransport":
    from qa.llm_transport import BoundedTransport

    return BoundedTransport(limits.connect, limits.whole, _MOST_BYTES)
