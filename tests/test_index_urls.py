"""Addresses of one article become one; those of two stay two."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import article_id_for
from index.urls import canonical_url, is_web_address, url_key

PLAIN = "https://veldtimes.example/town/bridge-closes"


@pytest.mark.parametrize(
    "url",
    [
        "HTTPS://VeldTimes.Example/town/bridge-closes",
        "https://veldtimes.example:443/town/bridge-closes",
        "https://veldtimes.example./town/bridge-closes",
        "https://veldtimes.example/town/bridge-closes#comments",
        "https://veldtimes.example/town/./old/../bridge-closes",
        "https://veldtimes.example/town/bridge%2Dcloses",
        "https://veldtimes.example/town/bridge-closes?utm_source=x&utm_medium=y",
        "https://veldtimes.example/town/bridge-closes?fbclid=1&gclid=2&msclkid=3&mc_cid=4&igshid=5&CMP=6&smid=tw&at_medium=RSS",
        "https://veldtimes.example/town/bridge-closes/amp",
        "https://veldtimes.example/town/bridge-closes/amp/",
        "https://veldtimes.example/town/bridge-closes.amp",
        "https://veldtimes.example/town/bridge-closes?amp",
        "https://veldtimes.example/town/bridge-closes?outputType=amp",
        "https://www.google.com/amp/s/veldtimes.example/town/bridge-closes",
        "https://veldtimes-example.cdn.ampproject.org/c/s/veldtimes.example/town/bridge-closes?usqp=mq331",
        "  https://veldtimes.example/town/bridge-closes\n",
    ],
)
def test_spellings_of_one_address(url: str) -> None:
    assert canonical_url(url) == PLAIN
    assert article_id_for(url) == article_id_for(PLAIN)


@pytest.mark.parametrize(
    "url",
    [
        "http://veldtimes.example/town/bridge-closes",
        "https://www.veldtimes.example/town/bridge-closes/",
        "https://m.veldtimes.example/town/bridge-closes",
        "https://amp.veldtimes.example/town/bridge-closes",
        "https://veldtimes.example/amp/town/bridge-closes",
        "https://veldtimes.example/town/bridge-closes/index.html",
    ],
)
def test_addresses_that_lead_to_one_article_have_one_key(url: str) -> None:
    assert url_key(url) == url_key(PLAIN)


@pytest.mark.parametrize(
    "url",
    [
        "https://veldtimes.example/town/bridge-closes-again",
        "https://veldtimes.example/town/Bridge-closes",
        "https://veldtimes.example/town/bridge-closes?page=2",
        "https://veldtimes.example/town/bridge-closes?id=7",
        "https://veldtimes.example:8443/town/bridge-closes",
        "https://sport.veldtimes.example/town/bridge-closes",
        "https://veldtimes.example/town/bridge-closes%2Fagain",
        "https://veldtimes.example/",
    ],
)
def test_other_articles_have_other_keys(url: str) -> None:
    assert url_key(url) != url_key(PLAIN)
    assert canonical_url(url) != canonical_url(PLAIN)


def test_parameters_in_another_order_have_one_key_and_keep_their_order() -> None:
    first, second = "https://a.example/x?b=2&a=1", "https://a.example/x?a=1&b=2"
    assert canonical_url(first) == first
    assert url_key(first) == url_key(second)


def test_letters_beyond_ascii() -> None:
    assert canonical_url("https://Münster.example/Straße?ö=ä") == (
        "https://xn--mnster-3ya.example/Stra%C3%9Fe?%C3%B6=%C3%A4"
    )
    assert canonical_url("https://a.example/%c3%a9") == canonical_url("https://a.example/é")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "record-7",
        "/home/me/a.txt",
        "ftp://a.example/x",
        "javascript:alert(1)",
        "https://",
        "https://[::1",
        "https://a.example:99999/x",
    ],
)
def test_what_is_no_web_address_stays_as_it_is(text: str) -> None:
    assert canonical_url(text) == text
    assert url_key(text) == text


def test_the_root_and_an_ip_address() -> None:
    assert canonical_url("HTTP://A.example") == "http://a.example/"
    assert canonical_url("http://[2001:DB8::1]:80/x") == "http://[2001:db8::1]/x"


@given(st.text(max_size=60))
def test_canonical_is_a_fixed_point_and_a_web_address(rest: str) -> None:
    url = canonical_url(f"https://a.example/{rest}")
    assert canonical_url(url) == url
    if is_web_address(url) and url.isascii():
        assert urlsplit(url).fragment == ""
