"""An HTTP transport whose answers end: in time, and before they fill the memory."""

import time
from collections.abc import Iterator

import httpx


class BoundedTransport(httpx.HTTPTransport):
    """Waits `connect` seconds for a connection, whatever the library above it wants. Raises httpx.ReadTimeout within an
    answer that takes longer than `seconds` altogether, however steadily it drips, and httpx.ReadError within one of
    more than `most_bytes`.
    """

    def __init__(self, connect: float, seconds: float, most_bytes: int) -> None:
        super().__init__(retries=0, trust_env=False)
        self._connect = connect
        self._seconds = seconds
        self._most_bytes = most_bytes

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        until = time.monotonic() + self._seconds
        request.extensions["timeout"] = {**request.extensions.get("timeout", {}), "connect": self._connect}
        response = super().handle_request(request)
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _BoundedStream(response.stream, until, self._most_bytes)
        return response


def without_names(request: httpx.Request) -> None:
    """Take out who pays in somebody's cloud, which a library reads from variables that aren't ours."""
    for header in ("OpenAI-Organization", "OpenAI-Project"):
        request.headers.pop(header, None)


class _BoundedStream(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, until: float, most_bytes: int) -> None:
        self._stream = stream
        self._until = until
        self._left = most_bytes

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            self._left -= len(chunk)
            if self._left < 0:
                raise httpx.ReadError("the answer is too long")
            if time.monotonic() > self._until:
                raise httpx.ReadTimeout("the answer takes too long")
            yield chunk

    def close(self) -> None:
        self._stream.close()
