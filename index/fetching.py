"""Fetches pages and feeds from the web, and from nowhere else: not from this machine, nor from its own network.

Every connection is made to an address that has just been looked at, so that neither a redirect nor a name server that
answers differently the second time leads elsewhere. Size, time, redirects and unpacking have limits.
"""

import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from types import TracebackType
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from index.files import visible

MOST_BYTES = 10_000_000
MOST_PDF_BYTES = 50_000_000
MOST_REDIRECTS = 5
SECONDS = 30.0
_SECONDS_TO_CONNECT = 10.0
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_TYPES_ASKED_FOR = "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,application/pdf,*/*;q=0.5"
_REASONS = {
    401: "it asks for a password: save the page in a browser, and add the file",
    403: "it refuses programs: save the page in a browser, and add the file",
    404: "there is no such page: check the address",
    410: "the page is gone: check the address",
    429: "it has had too many requests: try again later",
    451: "it may not show the page here: save it elsewhere, and add the file",
}


class FetchError(ValueError):
    """Something that can't be fetched; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came from an address. `url` is where it was found in the end; `changed` is False for "not modified"."""

    url: str
    content_type: str
    charset: str | None
    data: bytes
    etag: str | None = None
    last_modified: str | None = None
    changed: bool = True


class Fetcher:
    """Fetches one address after the other. `allow_private` lets it go anywhere; `seconds` is for one address in all."""

    def __init__(self, allow_private: bool = False, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._backend = _CheckedBackend(allow_private)
        # No proxy: it would look the name up itself, and go wherever that leads.
        self._client = httpx.Client(transport=_Transport(self._backend), trust_env=False, follow_redirects=False)

    def __enter__(self) -> "Fetcher":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def fetch(self, url: str, etag: str | None = None, last_modified: str | None = None) -> Fetched:
        """What is at the address. With `etag` or `last_modified`, only if it has changed since. Raises FetchError."""
        self._backend.deadline = time.monotonic() + self._seconds
        headers = {
            "User-Agent": f"copydesk/{version('copydesk')}",
            "Accept": _TYPES_ASKED_FOR,
            # Only what is unpacked here, bit by bit: a library would unpack a bomb in one go.
            "Accept-Encoding": "gzip",
        }
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        for _ in range(MOST_REDIRECTS + 1):
            check_address(url)
            found = self._one(url, headers)
            if isinstance(found, Fetched):
                return found
            url = found
        raise FetchError(f"it redirects more than {MOST_REDIRECTS} times: open it in a browser, and use that address")

    def _one(self, url: str, headers: dict[str, str]) -> Fetched | str:
        """What is at the address, or the one that it redirects to."""
        timeout = httpx.Timeout(self._seconds, connect=_SECONDS_TO_CONNECT)
        try:
            with self._client.stream("GET", url, headers=headers, timeout=timeout) as response:
                return _read(response, url)
        except FetchError:
            raise
        except (TimeoutError, httpx.TimeoutException, httpcore.TimeoutException) as error:
            raise FetchError(f"no whole answer within {self._seconds:g} s: try again later") from error
        except (httpx.HTTPError, httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError) as error:
            raise FetchError(_reason(error, url)) from error
        except (httpx.InvalidURL, UnicodeError, ValueError) as error:
            raise FetchError("not a web address: check it") from error


def check_address(url: str) -> None:
    """Raise FetchError for anything but an http or https address without a password in it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise FetchError("not a web address: check it") from error
    if parts.scheme.lower() not in ("http", "https"):
        raise FetchError(f"a {visible(parts.scheme) or 'relative'} address: only http and https are fetched")
    if not host:
        raise FetchError("there is no host in the address: check it")
    if parts.username is not None or parts.password is not None:
        raise FetchError("there is a user name in the address: take it out")


def is_public(address: str) -> bool:
    """Is this an address of the public internet? Addresses that carry another one inside are judged by that one too."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if found in _NAT64:  # how a network without IPv4 writes IPv4 addresses
        return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    if not found.is_global or found.is_multicast or found.is_reserved or found.is_unspecified:
        return False
    return all(is_public(str(inner)) for inner in _inner_addresses(found))


def _inner_addresses(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    if isinstance(address, ipaddress.IPv4Address):
        return []
    inner = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
    return [found for found in inner if found is not None]


# Reading a response


def _read(response: httpx.Response, url: str) -> Fetched | str:
    if response.status_code == 304:
        return Fetched(url, "", None, b"", changed=False)
    if response.is_redirect:
        return urljoin(url, response.headers["location"])
    if response.status_code != 200:
        reason = _REASONS.get(response.status_code, "try again later" if response.status_code >= 500 else "check it")
        raise FetchError(f"the server answers {response.status_code}, {reason}")
    content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    limit = MOST_PDF_BYTES if content_type == "application/pdf" else MOST_BYTES
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    data = bytearray()
    for piece in _unpacked(response.iter_raw(), encoding, limit + 1):
        data += piece
        if len(data) > limit:
            raise FetchError(f"it is longer than {limit:,} bytes: save its text as .txt, and add the file")
    return Fetched(
        url,
        content_type,
        response.charset_encoding,
        bytes(data),
        response.headers.get("etag"),
        response.headers.get("last-modified"),
    )


def _unpacked(pieces: Iterable[bytes], encoding: str, limit: int) -> Iterator[bytes]:
    """The pieces without their compression, each no longer than `limit`."""
    if encoding in ("", "identity"):
        yield from pieces
        return
    if encoding not in ("gzip", "x-gzip"):
        raise FetchError(
            f"packed as {visible(encoding[:40])}, which it wasn't asked for: save the page, and add the file"
        )
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        for piece in pieces:
            yield unpacker.decompress(piece, limit)
            while unpacker.unconsumed_tail:
                yield unpacker.decompress(unpacker.unconsumed_tail, limit)
    except zlib.error as error:
        raise FetchError("its compression is damaged: try again later") from error
    if not unpacker.eof:
        raise FetchError("it ends too early: try again later")


def _reason(error: Exception, url: str) -> str:
    host = visible(urlsplit(url).hostname or "")
    text = str(error)
    if "CERTIFICATE" in text.upper() or isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of {host} is not valid: check the address"
    if isinstance(error, httpx.ConnectError | httpcore.ConnectError | OSError):
        return f"can't connect to {host}: check the address, or try again later"
    return "the server breaks off or answers with something that is not HTTP: try again later"


# Connections


class _CheckedBackend(httpcore.NetworkBackend):
    """Connects to public addresses only, and not beyond `deadline` (of `time.monotonic`)."""

    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._sockets = httpcore.SyncBackend()
        self.deadline = float("inf")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = _resolve(host, port, self._left(timeout))
        allowed = [address for address in addresses if self._allow_private or is_public(address)]
        if not allowed:
            raise FetchError(
                f"{visible(host)} is an address of this machine or its own network: "
                "--allow-private fetches it all the same"
            )
        failed: Exception | None = None
        for address in allowed:
            try:
                # The address, not the name: nothing is looked up a second time.
                stream = self._sockets.connect_tcp(address, port, self._left(timeout), local_address, socket_options)
            except httpcore.ConnectError as error:
                failed = error
            else:
                return _TimedStream(stream, self)
        raise failed or httpcore.ConnectError()

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("no Unix sockets")

    def _left(self, timeout: float | None) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(left, timeout)


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every wait ends at the deadline, so that a server that drips bytes gains nothing."""

    def __init__(self, stream: httpcore.NetworkStream, backend: _CheckedBackend) -> None:
        self._stream = stream
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._backend._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._backend._left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._backend._left(timeout))
        return _TimedStream(secured, self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _resolve(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a host. In a thread, because a slow name server can't be interrupted."""
    found: list[str] = []

    def look_up() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend(dict.fromkeys(str(answer[4][0]) for answer in answers))

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise httpcore.ConnectTimeout
    if not found:
        raise FetchError(f"there is no host {visible(host)}, or no network: check the address")
    return found


class _Transport(httpx.BaseTransport):
    """httpx over connections of our own."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False), max_connections=4, network_backend=backend
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        found = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=b"",
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            found.status, headers=found.headers, stream=_Body(found.stream), extensions=found.extensions
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._stream.close()
