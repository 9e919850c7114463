"""The archive's tab as a person meets it: looking through the articles, adding, removing, feeds, size and health."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from index.archive import Archive
from qa.assistant import open_assistant
from qa.settings import load_settings
from tests.documents import PROSE, make_page, make_pdf
from tests.test_browser import (
    ADDED_LATER,
    ARTICLES,
    HOSTILE_TITLE,
    MILLISECONDS_TO_LOAD,
    MILLISECONDS_TO_SEE_NEW,
    Chat,
    Witness,
    add,
    ask,
    served,
)
from tests.test_browser import browser as browser
from tests.test_browser import page as page
from tests.test_browser import witness as witness
from tests.web_server import Reply, web_server
from ui.asking import LazyAssistant
from ui.web import running_chat

CHANGED = {**ARTICLES[1], "text": f"{ARTICLES[1]['text']}\n\nThe council meets again in May."}
HTML, RSS = {"Content-Type": "text/html"}, {"Content-Type": "application/rss+xml"}


@pytest.fixture(scope="module")
def chat(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    folder = tmp_path_factory.mktemp("shelf") / "archive"
    add(folder, ARTICLES)
    add(folder, [CHANGED])
    with served(folder) as url:
        yield Chat(url, folder)


def to_archive(page: Page, url: str) -> Locator:
    """Go to the tab; the rows of its list."""
    page.goto(url)
    page.get_by_role("tab", name="Archive").click()
    return page.locator("#shelf-rows .cd-open")


def unfold(page: Page, part: str) -> None:
    page.locator(f"{part} > .label-wrap").click()


def test_the_list_is_sorted_searched_and_filtered(page: Page, chat: Chat) -> None:
    rows = to_archive(page, chat.url)
    first = [page.get_by_text("Arle falls after nine days of flooding"), page.get_by_text("Library to open late")]
    expect(rows).to_have_count(3, timeout=MILLISECONDS_TO_LOAD)
    expect(rows.nth(0)).to_have_text("Arle falls after nine days of flooding")
    expect(rows.nth(1)).to_have_text("Library to open late")
    expect(page.locator("#shelf-rows")).to_contain_text("Harn Gazette · 2 October 2026 · 2 versions")

    page.get_by_label("Words in title or text").fill("midnight librar")
    expect(rows).to_have_text(["Library to open late"])
    expect(page.locator(".cd-found")).to_have_text("1 of 3 articles")
    page.get_by_label("Words in title or text").fill("zeppelin")
    expect(page.locator(".cd-found")).to_contain_text("None of the 3 articles match")
    page.get_by_label("Words in title or text").fill("")
    expect(rows).to_have_count(3)

    page.locator("#shelf").get_by_label("Published until").fill("2026-10-31")
    expect(rows).to_have_text(["Library to open late"])
    page.locator("#shelf").get_by_label("Published until").fill("")
    expect(rows).to_have_count(3)

    page.get_by_label("Sort by").click()
    page.get_by_role("option", name="Oldest first").click()
    expect(rows.nth(0)).to_have_text("Library to open late")
    expect(first[0]).to_be_visible()


def test_an_article_is_read_by_keyboard_in_each_of_its_versions(page: Page, chat: Chat) -> None:
    rows = to_archive(page, chat.url)
    rows.nth(0).focus()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    article = page.locator("#shelf-article")
    expect(article.get_by_role("heading", name="Library to open late")).to_be_visible()
    expect(article.locator(".cd-text")).to_contain_text("The council meets again in May.")
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")

    versions = article.get_by_role("navigation", name="Versions").get_by_role("link")
    expect(versions).to_have_count(2)
    versions.nth(0).click()
    expect(article.locator(".cd-text")).not_to_contain_text("The council meets again")
    expect(article).to_contain_text("This is an older version.")
    article.get_by_text("What has changed").click()
    expect(article.locator("ins")).to_contain_text("The council meets again in May.")

    page.keyboard.press("Escape")
    expect(article).to_be_hidden()
    expect(rows.nth(1)).to_be_focused()
    expect(page.get_by_text("Size and health")).to_be_visible()


def test_hostile_fields_do_nothing_in_the_list_nor_in_the_article(page: Page, chat: Chat, witness: Witness) -> None:
    rows = to_archive(page, chat.url)
    expect(rows.nth(2)).to_contain_text("**Seals** <script>window.hacked=1</script>")
    rows.nth(2).click()
    article = page.locator("#shelf-article")
    expect(article.locator("h2")).to_have_text(HOSTILE_TITLE)
    expect(article.locator("img, script, iframe")).to_have_count(0)
    expect(article.locator("a[href^='javascript']")).to_have_count(0)
    assert witness == Witness()


def test_files_addresses_and_feeds_are_added_and_told_of_one_by_one(page: Page, tmp_path: Path) -> None:
    add(tmp_path / "archive", ARTICLES[:1])
    dropped = {
        "ferry.txt": b"The second ferry to Skerra carries 193 passengers, its captain said on Monday.",
        "empty <b>.txt": b"",
        "lamp.pdf": make_pdf([["The lighthouse of Skerra has a new lamp, its keeper said."]]),
    }
    for name, data in dropped.items():
        (tmp_path / name).write_bytes(data)
    with served(tmp_path / "archive", allow_private=True) as url, web_server() as site:
        serve_news(site.pages, site.url)
        rows = to_archive(page, url)
        page.locator("#upload input[type=file]").set_input_files([tmp_path / name for name in dropped])
        told = page.locator("#uploaded li")
        expect(page.get_by_text("3 of 3 done")).to_be_visible(timeout=MILLISECONDS_TO_LOAD)
        expect(told).to_have_text(
            ["ferry.txt added", "empty b.txt empty file: remove it, or save the article again", "lamp.pdf added"]
        )
        expect(page.get_by_text("3 articles from 1 outlet")).to_be_visible(timeout=MILLISECONDS_TO_SEE_NEW)
        expect(rows).to_have_count(3)

        addresses = page.get_by_label("Web addresses of articles or feeds, one a line")
        addresses.fill(f"{site.url}/tide\n{site.url}/none javascript:alert(1) file:///etc/passwd")
        page.get_by_role("button", name="Add these articles").click()
        expect(page.get_by_text("4 of 4 done")).to_be_visible(timeout=MILLISECONDS_TO_LOAD)
        expect(told.nth(0)).to_contain_text("added")
        expect(told.nth(1)).to_contain_text("404")
        expect(told.nth(3)).to_contain_text("only http and https addresses are fetched")
        expect(addresses).to_have_value(f"{site.url}/tide\n{site.url}/none javascript:alert(1) file:///etc/passwd")
        expect(rows).to_have_count(4)

        addresses.fill(f"{site.url}/feed.xml")
        page.get_by_role("button", name="Follow these feeds").click()
        expect(told).to_have_text(["Skerra <b>News</b> followed from now on, 1 article in it"])
        expect(addresses).to_have_value("")
        unfold(page, "#shelf-feeds")
        page.get_by_role("button", name="Add what is new in them").click()
        expect(page.locator("#synced li")).to_have_text(["Skerra <b>News</b> added"], timeout=MILLISECONDS_TO_LOAD)
        expect(rows).to_have_count(5)
        page.get_by_role("button", name="Stop following Skerra <b>News</b>").click()
        expect(page.get_by_text("No feeds are followed.")).to_be_visible()

        page.get_by_role("tab", name="Ask").click()
        expect(ask(page, "How many passengers does the second ferry to Skerra carry?")).to_contain_text("193")


def serve_news(pages: dict[str, Reply], url: str) -> None:
    item = f"<item><title>Quay</title><link>{url}/quay</link><guid>quay</guid></item>"
    feed = f"<rss version='2.0'><channel><title>Skerra &lt;b&gt;News&lt;/b&gt;</title>{item}</channel></rss>"
    pages["/tide"] = Reply(make_page(PROSE, "<title>The tide at Skerra</title>"), headers=HTML)
    pages["/quay"] = Reply(make_page([*PROSE, "The quay is new."], "<title>The quay at Skerra</title>"), headers=HTML)
    pages["/feed.xml"] = Reply(feed.encode(), headers=RSS)


def test_an_article_is_removed_and_comes_back(page: Page, tmp_path: Path) -> None:
    add(tmp_path / "archive", [*ARTICLES[:2], *ADDED_LATER])
    with served(tmp_path / "archive") as url:
        rows = to_archive(page, url)
        rows.get_by_text("Library to open late").click()
        page.get_by_role("button", name="Remove from the archive").click()
        expect(page.get_by_text("Removed: Library to open late")).to_be_visible(timeout=MILLISECONDS_TO_LOAD)
        expect(rows).to_have_text(["Airship reaches Tarn", "Arle falls after nine days of flooding"])
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("Put back: Library to open late")).to_be_visible(timeout=MILLISECONDS_TO_LOAD)
        expect(rows).to_have_count(3)
        expect(page.get_by_role("button", name="Undo")).to_be_hidden()

        rows.get_by_text("Airship reaches Tarn").click()
        page.get_by_role("button", name="Remove from the archive").click()
        expect(rows).to_have_count(2)
        page.reload()
        page.get_by_role("tab", name="Archive").click()
        unfold(page, "#shelf-removed")
        page.get_by_role("button", name="Put back: Airship reaches Tarn").click()
        expect(rows).to_have_count(3, timeout=MILLISECONDS_TO_LOAD)
        expect(page.get_by_text("What is removed can be put back for 30 days.")).to_be_visible()


def test_size_and_health_are_shown(page: Page, chat: Chat) -> None:
    to_archive(page, chat.url)
    expect(page.locator("#shelf-size dl")).to_contain_text("Articles3")
    expect(page.locator("#shelf-size dl")).to_contain_text("Versions4")
    page.get_by_role("button", name="Check the archive").click()
    expect(page.get_by_text("All in order: 3 articles looked through.")).to_be_visible(timeout=MILLISECONDS_TO_LOAD)


def test_a_new_conversation_leads_back_to_asking(page: Page, chat: Chat) -> None:
    to_archive(page, chat.url)
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_role("textbox", name="Your question")).to_be_visible()


def test_a_page_that_others_can_open_changes_nothing(page: Page, tmp_path: Path) -> None:
    add(tmp_path / "archive", ARTICLES[:1])
    archive = Archive(tmp_path / "archive")
    assistant = LazyAssistant(lambda: open_assistant(load_settings(archive=tmp_path / "archive")))
    with running_chat(assistant, archive, editor=None) as url:
        rows = to_archive(page, url)
        rows.first.click()
        expect(page.get_by_role("button", name="Close", exact=True)).to_be_visible()
        for name in ("Add articles", "Remove from the archive", "Add what is new in them"):
            expect(page.get_by_role("button", name=name)).to_have_count(0)
        assistant.get()
    archive.close()
