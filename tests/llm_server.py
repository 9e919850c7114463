"""A server on loopback that speaks like OpenAI's and like Ollama's, and misbehaves as a test wants it to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Exchange(BaseHTTPRequestHandler):
    """One request, and the means to answer it."""

    protocol_version = "HTTP/1.1"
    server: "ScriptedServer"

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append((self.path, dict(self.headers), json.loads(raw)))
        self.close_connection = True
        # Whoever asked has gone when the test is over.
        try:
            self.server.answer(self)
        except (BrokenPipeError, ConnectionResetError):
            return

    do_GET = do_POST  # noqa: N815 - the library's name

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: the test reads `requests`."""

    def begin(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()

    def send(self, text: str) -> None:
        self.wfile.write(text.encode("utf-8"))
        self.wfile.flush()

    def words(self, text: str, *, finish: bool = True) -> None:
        """The text as OpenAI streams it, word by word."""
        for word in text.split(" "):
            self.send(_event({"content": word + " "}, None))
        if finish:
            self.send(_event({}, "stop") + "data: [DONE]\n\n")

    def lines(self, text: str, *, finish: bool = True) -> None:
        """The text as Ollama streams it."""
        for word in text.split(" "):
            self.send(_line(word + " ", False))
        if finish:
            self.send(_line("", True))


class ScriptedServer(ThreadingHTTPServer):
    """Answers each request by `answer`, and keeps what it was asked: path, headers, body."""

    daemon_threads = True

    def __init__(self, answer: Callable[[Exchange], object]) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.answer = answer
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def setting(self) -> str:
        return f"openai-compatible:{self.url}/v1#scripted"


@contextmanager
def scripted(answer: Callable[[Exchange], object]) -> Iterator[ScriptedServer]:
    """A server that runs until the test is over; what waits for `over` is let go then."""
    server = ScriptedServer(answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _event(delta: dict[str, str], finish: str | None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n"


def _line(text: str, done: bool) -> str:
    message = {"role": "assistant", "content": text}
    return (
        json.dumps({"model": "scripted", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": done}) + "\n"
    )
