"""Fetching from a real server on this machine: what is refused, what has limits, what comes through."""

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator

import pytest

from index import fetching
from index.fetching import Fetcher, FetchError, check_address, is_public
from tests.web_server import Reply, WebServer, web_server

HTML = {"Content-Type": "text/html; charset=windows-1251"}


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as started:
        yield started


@pytest.fixture
def anywhere() -> Iterator[Fetcher]:
    with Fetcher(allow_private=True, seconds=10) as fetcher:
        yield fetcher


def test_a_page_comes_with_its_type_encoding_and_marks(server: WebServer, anywhere: Fetcher) -> None:
    server.pages["/a?b=c"] = Reply(
        b"body", headers={**HTML, "ETag": '"1"', "Last-Modified": "Mon, 02 Mar 2026 00:00:00 GMT"}
    )
    found = anywhere.fetch(f"{server.url}/a?b=c")
    assert (found.url, found.content_type, found.charset, found.data) == (
        f"{server.url}/a?b=c",
        "text/html",
        "windows-1251",
        b"body",
    )
    assert (found.etag, found.last_modified) == ('"1"', "Mon, 02 Mar 2026 00:00:00 GMT")
    assert server.asked[0][1]["user-agent"].startswith("copydesk/")
    again = anywhere.fetch(f"{server.url}/a?b=c", found.etag, found.last_modified)
    assert not again.changed
    assert server.asked[1][1]["if-modified-since"] == "Mon, 02 Mar 2026 00:00:00 GMT"


def test_a_proxy_in_the_environment_is_not_used(
    server: WebServer, anywhere: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.pages["/a"] = Reply(b"body")
    with Fetcher(allow_private=True) as fetcher:
        assert fetcher.fetch(f"{server.url}/a").data == b"body"


def test_gzip_is_unpacked(server: WebServer, anywhere: Fetcher) -> None:
    server.pages["/a"] = Reply(gzip.compress(b"body" * 1_000), headers={"Content-Encoding": "gzip"})
    assert anywhere.fetch(f"{server.url}/a").data == b"body" * 1_000


def test_redirects_are_followed_and_name_the_last_address(server: WebServer, anywhere: Fetcher) -> None:
    server.pages["/a"] = Reply(status=301, headers={"Location": "/b?x=1"})
    server.pages["/b?x=1"] = Reply(status=302, headers={"Location": f"{server.url}/c"})
    server.pages["/c"] = Reply(b"body")
    assert anywhere.fetch(f"{server.url}/a").url == f"{server.url}/c"


# What is refused


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0.0.0.0", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]", "[::]"],
)
def test_this_machine_by_whatever_name_is_refused_before_anything_is_sent(server: WebServer, host: str) -> None:
    port = server.url.rsplit(":", 1)[1]
    with Fetcher(seconds=10) as fetcher, pytest.raises(FetchError, match=r"own network: --allow-private|no host"):
        fetcher.fetch(f"http://{host}:{port}/a")
    assert server.asked == []


def test_a_redirect_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with web_server() as outer, web_server(host="127.0.0.2") as inner:
        outer.pages["/a"] = Reply(status=302, headers={"Location": f"{inner.url}/secret"})
        inner.pages["/secret"] = Reply(b"secret")
        # As if the first server stood on the internet.
        monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1")
        with Fetcher(seconds=10) as fetcher, pytest.raises(FetchError, match=r"127\.0\.0\.2 is an address of this"):
            fetcher.fetch(f"{outer.url}/a")
        assert outer.paths() == ["/a"]
        assert inner.asked == []


def test_a_name_that_resolves_differently_the_second_time_leads_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the connection goes to the address that was checked; the name is looked up once a connection."""
    lookups: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: object, port: object, *rest: object, **options: object) -> object:
        if host == "rebinding.example":
            lookups.append("127.0.0.1" if not lookups else "127.0.0.2")
            host = lookups[-1]
        return real(host, port, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1")
    with web_server() as outer:
        port = outer.url.rsplit(":", 1)[1]
        outer.pages["/a"] = Reply(b"body", headers={"Connection": "close"})
        with Fetcher(seconds=10) as fetcher:
            assert fetcher.fetch(f"http://rebinding.example:{port}/a").data == b"body"
            assert lookups == ["127.0.0.1"]
            assert outer.asked[0][1]["host"] == f"rebinding.example:{port}"
            with pytest.raises(FetchError, match="an address of this machine"):
                fetcher.fetch(f"http://rebinding.example:{port}/a")
        assert len(outer.asked) == 1


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "64:ff9b::10.0.0.1",
        "no address",
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::8.8.8.8"])
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "a file address: only http and https are fetched"),
        ("gopher://a.example/", "a gopher address"),
        ("a.example/x", "a relative address"),
        ("http:///x", "there is no host"),
        ("http://me:secret@a.example/", "there is a user name in the address"),
        ("http://[::1", "not a web address"),
        ("http://a.example:99999/", "not a web address"),
    ],
)
def test_addresses_that_are_never_fetched(url: str, reason: str) -> None:
    with pytest.raises(FetchError, match=reason):
        check_address(url)


def test_a_redirect_to_a_file_is_refused(server: WebServer, anywhere: Fetcher) -> None:
    server.pages["/a"] = Reply(status=302, headers={"Location": "file:///etc/passwd"})
    with pytest.raises(FetchError, match="only http and https"):
        anywhere.fetch(f"{server.url}/a")


# Limits


def test_redirects_in_a_circle_end(server: WebServer, anywhere: Fetcher) -> None:
    server.pages["/a"] = Reply(status=302, headers={"Location": "/a"})
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        anywhere.fetch(f"{server.url}/a")
    assert len(server.asked) == 6


def test_a_page_that_is_too_long_is_not_read_to_its_end(server: WebServer, anywhere: Fetcher) -> None:
    def endless(write: Callable[[bytes], object]) -> None:
        while True:
            write(b"a" * 100_000)

    server.pages["/a"] = Reply(headers=HTML, write=endless)
    with pytest.raises(FetchError, match="longer than 10,000,000 bytes"):
        anywhere.fetch(f"{server.url}/a")


def test_a_gzip_bomb_is_not_unpacked(server: WebServer, anywhere: Fetcher) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    bomb = b"".join(packer.compress(bytes(10_000_000)) for _ in range(20)) + packer.flush()
    server.pages["/a"] = Reply(bomb, headers={"Content-Encoding": "gzip"})
    with pytest.raises(FetchError, match="longer than 10,000,000 bytes"):
        anywhere.fetch(f"{server.url}/a")


def test_a_server_that_drips_its_answer_is_left_in_the_end(server: WebServer) -> None:
    stopped = threading.Event()

    def drip(write: Callable[[bytes], object]) -> None:
        while not stopped.wait(0.1):
            write(b"a")

    server.pages["/a"] = Reply(headers=HTML, write=drip)
    with (
        Fetcher(allow_private=True, seconds=1) as fetcher,
        pytest.raises(FetchError, match="no whole answer within 1 s"),
    ):
        fetcher.fetch(f"{server.url}/a")
    stopped.set()


def test_a_server_that_drips_its_headers_is_left_in_the_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stopped = threading.Event()

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                    while not stopped.wait(0.1):
                        connection.sendall(b"a")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        with Fetcher(allow_private=True, seconds=1) as fetcher, pytest.raises(FetchError, match="within 1 s"):
            fetcher.fetch(url)
        stopped.set()
        thread.join()


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(status=404), "the server answers 404, there is no such page: check the address"),
        (Reply(status=403), "403, it refuses programs: save the page in a browser"),
        (Reply(status=418), "the server answers 418, check it"),
        (Reply(status=503), "the server answers 503, try again later"),
        (Reply(b"x", headers={"Content-Encoding": "br"}), "packed as br, which it wasn't asked for"),
        (Reply(b"no gzip at all", headers={"Content-Encoding": "gzip"}), "its compression is damaged"),
        (Reply(gzip.compress(b"text" * 99)[:-9], headers={"Content-Encoding": "gzip"}), "it ends too early"),
    ],
)
def test_answers_that_are_no_page(server: WebServer, anywhere: Fetcher, reply: Reply, reason: str) -> None:
    server.pages["/a"] = reply
    with pytest.raises(FetchError, match=reason):
        anywhere.fetch(f"{server.url}/a")


def test_servers_that_are_not_there_or_speak_something_else(server: WebServer, anywhere: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(FetchError, match=r"can't connect to 127\.0\.0\.1"):
        anywhere.fetch(f"http://127.0.0.1:{port}/")
    with pytest.raises(FetchError, match=r"can't connect|breaks off"):
        anywhere.fetch(server.url.replace("http:", "https:"))
    with pytest.raises(FetchError, match="there is no host"):
        anywhere.fetch("http://nowhere.invalid/")


def test_a_server_that_answers_rubbish(anywhere: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(FetchError, match="not HTTP"):
            anywhere.fetch(f"http://127.0.0.1:{listening.getsockname()[1]}/")
        thread.join()
