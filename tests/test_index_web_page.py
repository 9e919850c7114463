"""Web pages: main text, stated fields, no network, and an end to pages that take too long."""

import json
import socket
import subprocess
import sys
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from index import extraction_worker
from index.extraction import Extractor, UnreadableError
from index.loaders import load_paths
from index.records import Article, article_id_for
from index.web_page import read_page

TODAY = date(2026, 6, 1)
PAGE = """<!DOCTYPE html><html lang="en"><head><title>Bridge closes after storm | Veld Times</title>
<link rel="canonical" href="https://veldtimes.example/town/bridge-closes">
<meta property="og:site_name" content="Veld Times"><meta name="author" content="Odette Marchbank">
<meta property="article:published_time" content="2026-03-04T10:00:00+01:00"><meta charset="utf-8">
<script>document.title = "no";</script></head><body><nav><a href="/">Home</a> <a href="/news">News</a></nav>
<article><h1>Bridge closes after storm</h1>
<p>The stone bridge over the Veld was closed on Wednesday after a storm loosened its railing, the town said.</p>
<p>Repairs will take two weeks and cost 40,000 crowns. &ldquo;We found three cracks,&rdquo; the engineer said.</p>
</article><footer>Copyright 2019 Veld Times. All rights reserved.</footer></body></html>"""


def only(path: Path) -> Article:
    (article,) = load_paths([path])
    assert isinstance(article, Article)
    return article


def test_html_gives_the_main_text_and_the_stated_fields(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE)
    article = only(path)
    assert "loosened its railing" in article.text
    assert "“We found three cracks,”" in article.text
    for rest in ("Home", "Copyright", "document.title"):
        assert rest not in article.text
    assert article.info.title == "Bridge closes after storm"
    assert article.info.outlet == "Veld Times"
    assert article.info.authors == ("Odette Marchbank",)
    assert article.info.published == date(2026, 3, 4)
    assert article.article_id == article_id_for("https://veldtimes.example/town/bridge-closes")


def test_html_in_a_declared_encoding(tmp_path: Path) -> None:
    path = tmp_path / "page.htm"
    page = PAGE.replace('charset="utf-8"', 'charset="windows-1251"').replace("The stone bridge", "Каменный мост")
    path.write_bytes(page.encode("cp1251"))
    assert "Каменный мост" in only(path).text


def test_a_front_page_as_canonical_address_does_not_name_the_article(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE.replace("/town/bridge-closes", "/"))
    assert only(path).article_id == article_id_for(str(path.resolve()))


def test_reading_html_opens_no_connection(tmp_path: Path) -> None:
    worker = Path(extraction_worker.__file__)
    program = dedent("""
        import runpy, sys
        def refuse(event, args):
            if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
                sys.exit(f"tried to connect: {args}")
        sys.addaudithook(refuse)
        runpy.run_path(sys.argv[1], run_name="__main__")
    """)
    command = [sys.executable, "-P", "-c", program, str(worker)]
    page = PAGE.replace(
        "</article>", '<iframe src="http://example.com/x"></iframe><img src="http://example.com/y.png">'
    )
    done = subprocess.run(
        command, input=json.dumps({"kind": "page", "page": page}) + "\n", capture_output=True, text=True, check=True
    )
    assert "loosened its railing" in json.loads(done.stdout)["text"]


def test_the_audit_hook_used_above_sees_connections() -> None:
    seen: list[str] = []
    active = [True]
    sys.addaudithook(lambda event, args: seen.append(event) if active and event.startswith("socket.") else None)
    with socket.socket() as closed:
        closed.connect_ex(("127.0.0.1", 9))
    active.clear()
    assert "socket.connect" in seen


def test_a_page_that_takes_too_long_does_not_stop_the_next() -> None:
    slow = "<html><body><article><p>" + "<span>word</span> " * 300_000 + "</p></article></body></html>"
    with Extractor(seconds=2) as extractor:
        with pytest.raises(UnreadableError, match="took longer than 2 s"):
            read_page(extractor, slow, TODAY)
        extractor.seconds = 60
        assert "loosened its railing" in read_page(extractor, PAGE, TODAY)[0]
