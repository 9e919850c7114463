"""Opening a language model and reading what it writes: real HTTP on loopback, and llama.cpp's own server."""

import logging
import sys
import time
from collections.abc import Callable

import pytest

from index.errors import BadInputError, ModelError
from qa.embedded_llm import EmbeddedServer, start_server
from qa.llm import MOST_CHARACTERS, LanguageModel, Limits, LlmError, LlmSetting, open_llm, parse_llm
from qa.prompts import Message
from tests.llm_server import Exchange, ScriptedServer, scripted

ASKED = (Message("system", "Be brief."), Message("user", "How many fled?"))
HASTY = Limits(connect=1.0, silence=0.4, whole=1.0, attempts=3, first_wait=0.02, longest_wait=0.5)
KEY = "sk-most-secret-0123456789"


def opened(server: ScriptedServer, key: str | None = None, limits: Limits = HASTY) -> LanguageModel:
    return open_llm(parse_llm(server.setting), {} if key is None else {"COPYDESK_LLM_KEY": key}, limits)


def reply(model: LanguageModel) -> str:
    return "".join(model.stream(ASKED))


def failure(answer: Callable[[Exchange], object], key: str | None = None) -> tuple[str, ScriptedServer]:
    """What a server's answer makes of the model, and the server, which tells how often it was asked."""
    with scripted(answer) as server, pytest.raises(LlmError) as caught:
        reply(opened(server, key))
    message = str(caught.value)
    assert "\n" not in message
    assert KEY not in message
    return message.replace(server.url, "URL"), server


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("ollama:llama3.2:3b", LlmSetting("ollama", "llama3.2:3b")),
        (" ollama:hf.co/a/b-GGUF:Q4_K_M ", LlmSetting("ollama", "hf.co/a/b-GGUF:Q4_K_M")),
        (
            "openai-compatible:http://127.0.0.1:8080/v1/#org/name",
            LlmSetting("openai-compatible", "org/name", "http://127.0.0.1:8080/v1"),
        ),
        ("embedded", LlmSetting("embedded", "SmolLM2-135M-Instruct")),
    ],
)
def test_a_setting_is_read_and_written_again(text: str, setting: LlmSetting) -> None:
    assert parse_llm(text) == setting
    assert parse_llm(str(setting)) == setting


@pytest.mark.parametrize(
    "text",
    [
        "",
        KEY,
        "ollama",
        "ollama:",
        "ollama:a b",
        "ollama:gpt-oss:120b-cloud",
        "embedded:other",
        "openai-compatible:http://127.0.0.1:8080/v1",
        "openai-compatible:#name",
        "openai-compatible:ftp://example.org/v1#name",
        "openai-compatible:http:///v1#name",
        "openai-compatible:http://127.0.0.1:99999/v1#name",
        "openai-compatible:http://a b/v1#name",
        f"openai-compatible:http://user:{KEY}@example.org/v1#name",
        f"openai-compatible:http://example.org/v1?key={KEY}#name",
        f"{KEY}:{KEY}",
    ],
)
def test_what_is_no_setting_is_refused_in_one_line_without_repeating_it(text: str) -> None:
    with pytest.raises(BadInputError) as caught:
        parse_llm(text)
    assert "\n" not in str(caught.value)
    assert KEY not in str(caught.value)


def test_a_reply_is_streamed_piece_by_piece() -> None:
    came: list[float] = []

    def slowly(exchange: Exchange) -> None:
        exchange.begin()
        exchange.words("Forty", finish=False)
        time.sleep(0.2)
        exchange.words("fled [1].")

    with scripted(slowly) as server:
        pieces = [(came.append(time.monotonic()), piece)[1] for piece in opened(server).stream(ASKED)]
    assert pieces == ["Forty ", "fled ", "[1]. "]
    assert came[1] - came[0] > 0.1
    ((path, headers, body),) = server.requests
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer none"
    assert body["model"] == "scripted"
    assert body["stream"] is True
    assert [(one["role"], one["content"]) for one in body["messages"]] == [(one.role, one.text) for one in ASKED]


def test_ollama_is_asked_where_its_own_variable_says() -> None:
    def answer(exchange: Exchange) -> None:
        exchange.begin(kind="application/x-ndjson")
        exchange.lines("Forty fled [1].")

    with scripted(answer) as server:
        model = open_llm(parse_llm("ollama:tiny"), {"OLLAMA_HOST": server.url}, HASTY)
        assert reply(model).strip() == "Forty fled [1]."
    ((path, _, body),) = server.requests
    assert path == "/api/chat"
    assert body["model"] == "tiny"


@pytest.mark.parametrize("finish", [True, False])
def test_ollama_that_breaks_off_is_told_from_one_that_ends(finish: bool) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.begin(kind="application/x-ndjson")
        exchange.lines("Forty fled", finish=finish)

    with scripted(answer) as server:
        model = open_llm(parse_llm("ollama:tiny"), {"OLLAMA_HOST": server.url}, HASTY)
        if finish:
            assert reply(model).strip() == "Forty fled"
        else:
            with pytest.raises(LlmError, match="broke off"):
                reply(model)


def test_the_key_goes_to_the_server_and_nowhere_else(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-program")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-another-program")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-of-another-program")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/elsewhere")
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    def answer(exchange: Exchange) -> None:
        exchange.begin()
        exchange.words("Forty.")

    with caplog.at_level(logging.DEBUG), scripted(answer) as server:
        model = opened(server, KEY)
        assert reply(model).strip() == "Forty."
    assert server.requests[0][1]["Authorization"] == f"Bearer {KEY}"
    assert "another-program" not in str(server.requests)
    assert KEY not in caplog.text
    assert KEY not in model.name + repr(model)


def test_another_programs_key_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-program")

    def answer(exchange: Exchange) -> None:
        exchange.begin()
        exchange.words("Forty.")

    with scripted(answer) as server:
        reply(opened(server))
    assert "another-program" not in str(server.requests)


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_a_key_that_can_be_none_is_refused_unseen(key: str) -> None:
    with pytest.raises(BadInputError) as caught:
        open_llm(parse_llm("openai-compatible:http://127.0.0.1:9/v1#m"), {"COPYDESK_LLM_KEY": key})
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "key", "told", "asked"),
    [
        (400, None, "refused to answer (HTTP 400)", 1),
        (401, None, "wants a key: set COPYDESK_LLM_KEY (HTTP 401)", 1),
        (401, KEY, "refused the key in COPYDESK_LLM_KEY (HTTP 401)", 1),
        (403, KEY, "refused the key in COPYDESK_LLM_KEY (HTTP 403)", 1),
        (404, None, "doesn't have scripted (HTTP 404)", 1),
        (500, None, "failed (HTTP 500)", 3),
        (503, None, "failed (HTTP 503)", 3),
        (307, None, "refused to answer (HTTP 307)", 1),
    ],
)
def test_what_a_server_refuses_is_told_in_our_words(status: int, key: str | None, told: str, asked: int) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.begin(status, "application/json", Location="http://127.0.0.1:9/elsewhere")
        exchange.send(f'{{"error": {{"message": "Incorrect API key provided: {KEY}"}}}}')

    message, server = failure(answer, key)
    assert message == f"the language model at URL/v1 {told}"
    assert len(server.requests) == asked


def test_a_failure_that_passes_is_not_told() -> None:
    def answer(exchange: Exchange) -> None:
        if len(exchange.server.requests) < 3:
            exchange.begin(500)
        else:
            exchange.begin()
            exchange.words("Forty.")

    with scripted(answer) as server:
        assert reply(opened(server)).strip() == "Forty."
    assert len(server.requests) == 3


def test_a_limited_server_is_left_alone_as_long_as_it_asks() -> None:
    times: list[float] = []

    def answer(exchange: Exchange) -> None:
        times.append(time.monotonic())
        if len(times) == 1:
            exchange.begin(429, Retry_After="0.3")
        else:
            exchange.begin()
            exchange.words("Forty.")

    with scripted(answer) as server:
        assert reply(opened(server)).strip() == "Forty."
    assert times[1] - times[0] >= 0.3


def test_a_server_that_wants_to_be_left_alone_for_long_is_not_waited_for() -> None:
    message, server = failure(lambda exchange: exchange.begin(429, Retry_After="60"))
    assert message == "the language model at URL/v1 limits how often it may be asked (HTTP 429, for 60 s)"
    assert len(server.requests) == 1


def hangs(exchange: Exchange) -> None:
    exchange.server.over.wait(20)


def hangs_in_the_middle(exchange: Exchange) -> None:
    exchange.begin()
    exchange.words("Forty", finish=False)
    exchange.server.over.wait(20)


def drips(exchange: Exchange) -> None:
    """Never silent, never done: comments, which no reader of the stream ever sees."""
    exchange.begin()
    while not exchange.server.over.wait(0.05):
        exchange.send(": wait\n\n")


@pytest.mark.parametrize("answer", [hangs, hangs_in_the_middle, drips])
def test_a_server_that_hangs_is_given_up(answer: Callable[[Exchange], object]) -> None:
    began = time.monotonic()
    message, server = failure(answer)
    assert message == "the language model at URL/v1 took too long to answer"
    assert time.monotonic() - began < 5
    assert len(server.requests) == 1


def drops(exchange: Exchange) -> None:
    exchange.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 5000\r\n\r\n")
    exchange.words("Forty people", finish=False)


def ends_early(exchange: Exchange) -> None:
    exchange.begin()
    exchange.words("Forty people", finish=False)


@pytest.mark.parametrize("answer", [drops, ends_early])
def test_a_server_that_breaks_off_is_told(answer: Callable[[Exchange], object]) -> None:
    message, _ = failure(answer)
    assert message == "the language model at URL/v1 broke off in the middle of its answer"


def closes_at_once(exchange: Exchange) -> None:
    exchange.connection.close()


@pytest.mark.parametrize(
    "rubbish",
    [
        "<html>It works!</html>",
        "data: {not json\n\n",
        "data: 17\n\n",
        'data: {"choices": "none"}\n\n',
        "\x00\xff\x00" * 50,
        "",
        "data: [DONE]\n\n",
    ],
)
def test_rubbish_is_no_answer(rubbish: str) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.begin()
        exchange.send(rubbish)

    message, _ = failure(answer)
    assert message.startswith("the language model at URL/v1 ")


def test_nothing_that_listens_is_told() -> None:
    with scripted(closes_at_once) as server:
        model = opened(server)
    with pytest.raises(LlmError, match="no language model can be reached at http://"):
        reply(model)


def test_a_reply_without_end_is_cut() -> None:
    def answer(exchange: Exchange) -> None:
        exchange.begin()
        while not exchange.server.over.is_set():
            exchange.words("word " * 1000, finish=False)

    with scripted(answer) as server:
        written = reply(opened(server, limits=Limits(whole=20)))
    assert MOST_CHARACTERS < len(written) < 2 * MOST_CHARACTERS


@pytest.mark.parametrize(
    ("setting", "hidden", "extra"),
    [
        ("ollama:tiny", "llama_index.llms.ollama", "copydesk[llm]"),
        ("openai-compatible:http://127.0.0.1:9/v1#m", "llama_index.llms.openai_like", "copydesk[llm]"),
        ("embedded", "xllamacpp", "copydesk[embedded-llm]"),
    ],
)
def test_a_missing_package_is_named_with_its_extra(
    setting: str, hidden: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, hidden, None)
    with pytest.raises(ModelError) as caught:
        open_llm(parse_llm(setting), {})
    assert extra in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def real() -> EmbeddedServer:
    """llama.cpp's own OpenAI-compatible server with real weights."""
    return start_server(2048)


def test_a_real_server_streams_an_answer(real: EmbeddedServer) -> None:
    setting = LlmSetting("openai-compatible", "any", real.url)
    question = (Message("user", "What is the capital of France? Answer in one sentence."),)
    pieces = list(open_llm(setting, {"COPYDESK_LLM_KEY": real.key}).stream(question))
    assert len(pieces) > 3
    assert "Paris" in "".join(pieces)


def test_a_real_server_refuses_who_has_not_the_key(real: EmbeddedServer) -> None:
    setting = LlmSetting("openai-compatible", "any", real.url)
    with pytest.raises(LlmError, match="wants a key"):
        reply(open_llm(setting, {}))
    with pytest.raises(LlmError, match="refused the key"):
        reply(open_llm(setting, {"COPYDESK_LLM_KEY": "guessed"}))
    assert real.url.startswith("http://127.0.0.1:")
