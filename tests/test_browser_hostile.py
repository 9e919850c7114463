"""What comes from others is data, wherever it comes in: articles, names of files, feeds, questions, titles of
conversations, remarks. None of it runs, leaves the machine, or breaks the page.
"""

from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from qa.conversations import Conversations
from tests.documents import PROSE, make_page
from tests.test_browser import MILLISECONDS_TO_LOAD, Chat, Witness, add, ask
from tests.test_browser import browser as browser
from tests.test_browser import page as page
from tests.test_browser import witness as witness
from tests.test_browser_archive import HTML, RSS, to_archive, unfold
from tests.test_browser_earlier import earlier, served_saving
from tests.web_server import Reply, WebServer, web_server

STRINGS = (
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "<svg/onload=window.hacked=1>",
    "</div></article></body><iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
    '"\' onmouseover=window.hacked=1 autofocus onfocus=window.hacked=1 x="',
    "[click](javascript:window.hacked=1) ![x](http://evil.invalid/a.png) <javascript:window.hacked=1>",
    "javascript:window.hacked=1",
    "\u202egnp.kcattaofni\u202c \u2066\u2067unclosed \u202a",
    "{{7*7}} ${window.hacked=1} $$\\href{javascript:window.hacked=1}{x}$$ `code` ~~~",
    "| a | b |\n|---|---|\n| # head | - list |\n\n---\n\n```js\nwindow.hacked=1\n```",
    "data:text/html,<script>window.hacked=1</script>",
    "\x07\x1b[31mred\x1b[0m \ufeff\u200b",
)
HOSTILE = " ".join(STRINGS)
HUGE = "Gigantic " + "<b>" + "x" * 100_000
QUESTION = "How many herons did Petra Lindqvist count on the lake of Orvane?"
ARTICLES: list[dict[str, object]] = [
    {
        "url": "https://herons.example.org/count?a=<script>window.hacked=1</script>&b=\"'onload=x",
        "title": HOSTILE,
        "outlet": STRINGS[1],
        "authors": list(STRINGS),
        "published": "2026-11-10",
        "text": f"Petra Lindqvist counted 541 herons on the lake of Orvane on one {STRINGS[0]} morning. She will count "
        "them again in May, and in October she will be helped by 12 others.\n\n" + "\n\n".join((HOSTILE, *STRINGS)),
    },
    {"url": STRINGS[6], "title": HUGE, "outlet": HUGE[:5_000], "text": "The huge heron of Orvane sleeps standing."},
    {"url": STRINGS[10], "outlet": STRINGS[3], "text": f"A heron without a title. {'y' * 5_000}"},
]


@pytest.fixture(scope="module")
def site() -> Iterator[WebServer]:
    with web_server() as site:
        escaped = escape(HOSTILE).translate(dict.fromkeys((7, 27)))
        item = f"<item><title>{escaped}</title><link>{site.url}/page</link><guid>1</guid></item>"
        channel = f"<channel><title>{escape(HOSTILE[:200])}</title>{item}</channel>"
        site.pages["/feed.xml"] = Reply(f"<rss version='2.0'>{channel}</rss>".encode(), headers=RSS)
        head = f"<title>{HOSTILE[:400]}</title><meta name=author content='{STRINGS[0]}'>"
        site.pages["/page"] = Reply(make_page([*PROSE, *STRINGS[:6]], head), headers=HTML)
        yield site


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Conversations:
    return Conversations(tmp_path_factory.mktemp("hostile") / "conversations.sqlite3")


@pytest.fixture(scope="module")
def chat(browser: Browser, store: Conversations, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    folder = tmp_path_factory.mktemp("hostile") / "archive"
    add(folder, ARTICLES)
    with served_saving(folder, store.path, allow_private=True) as url:
        yield Chat(url, folder)


def assert_whole(page: Page, witness: Witness) -> None:
    """Nothing ran, nothing was asked of another machine, no frame was opened, and nothing sticks out of the page."""
    assert witness == Witness()
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert len(page.frames) == 1
    bad = "iframe, object, embed, a[href^='javascript' i], a[href^='data' i], [onerror], [onload], [onmouseover]"
    assert page.locator(bad).count() == 0


def test_articles_in_answer_source_list_and_reader(page: Page, chat: Chat, witness: Witness) -> None:
    page.goto(chat.url)
    answer = ask(page, QUESTION)
    expect(answer).to_contain_text("541 herons")
    answer.locator(".cd-mark").first.hover()
    assert_whole(page, witness)
    answer.locator(".cd-mark").first.click()
    expect(page.locator("#quote")).to_contain_text("541 herons")
    assert_whole(page, witness)
    rows = to_archive(page, chat.url)
    expect(rows).to_have_count(3, timeout=MILLISECONDS_TO_LOAD)
    for number in range(3):
        rows.nth(number).click()
        expect(rows.nth(number)).to_have_attribute("aria-current", "true")
        expect(page.locator("#shelf-article")).to_contain_text("heron")
        assert_whole(page, witness)


@pytest.mark.parametrize("question", [*STRINGS, HOSTILE, "Heron " * 300], ids=range(len(STRINGS) + 2))
def test_questions(page: Page, chat: Chat, witness: Witness, question: str) -> None:
    page.goto(chat.url)
    ask(page, question.replace("\n", " "))
    expect(page.get_by_test_id("user").last).to_be_visible()
    expect(page.get_by_role("textbox", name="Your question")).to_be_enabled()
    assert_whole(page, witness)


def test_titles_searches_and_remarks(page: Page, chat: Chat, witness: Witness, store: Conversations) -> None:
    page.goto(chat.url)
    ask(page, QUESTION)
    title = " ".join(STRINGS[:3])
    listed = earlier(page)
    expect(page.get_by_label("Title")).to_have_value(QUESTION)
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Rename").click()
    expect(listed).to_contain_text(STRINGS[0])
    page.get_by_label("Search conversations").fill("<script>%_\"'")
    expect(listed).not_to_contain_text("Petra")
    assert_whole(page, witness)
    page.get_by_role("button", name="dislike").last.click()
    remark = page.get_by_label("Anything to add on that answer? (optional)")
    remark.fill(HOSTILE[:500].replace("\n", " "))
    remark.press("Enter")
    expect(remark).to_be_hidden()
    assert any("hacked" in rated.feedback.reason for rated in store.feedback())
    page.reload()
    earlier(page).get_by_text(STRINGS[0]).click()
    expect(page.locator(".cd-answer")).to_contain_text("541 herons")
    assert_whole(page, witness)


def test_names_of_files_addresses_and_feeds(
    page: Page, chat: Chat, witness: Witness, site: WebServer, tmp_path: Path
) -> None:
    to_archive(page, chat.url)
    names = [
        "<img src=x onerror=window.hacked=1>.txt",
        "[x](javascript:window.hacked=1).md",
        "\u202etxt.exe",
        "a" * 200,
    ]
    for name in names:
        (tmp_path / name).write_bytes(b"\x00\xff<script>window.hacked=1</script>")
    page.locator("#upload input[type=file]").set_input_files([tmp_path / name for name in names])
    expect(page.get_by_text("4 of 4 done")).to_be_visible(timeout=MILLISECONDS_TO_LOAD)
    assert_whole(page, witness)

    addresses = page.get_by_label("Web addresses of articles or feeds, one a line")
    addresses.fill(f"{' '.join(STRINGS[:8])} {site.url}/page")
    page.get_by_role("button", name="Add these articles").click()
    expect(page.locator("#uploaded li").last).to_contain_text("added", timeout=MILLISECONDS_TO_LOAD)
    assert_whole(page, witness)

    addresses.fill(f"{site.url}/feed.xml")
    page.get_by_role("button", name="Follow these feeds").click()
    expect(page.locator("#uploaded li")).to_have_count(1, timeout=MILLISECONDS_TO_LOAD)
    expect(page.locator("#uploaded li")).to_contain_text("followed from now on", timeout=MILLISECONDS_TO_LOAD)
    unfold(page, "#shelf-feeds")
    expect(page.locator("#shelf-feeds .cd-unfollow")).to_have_count(1)
    assert_whole(page, witness)
