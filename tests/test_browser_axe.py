"""axe-core finds nothing serious on the page: empty, an answer with its source, a refusal, what narrows the search, the
archive and an article in it; light and dark, wide and on a phone.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.test_browser import (
    ARTICLES,
    FLOOD_QUESTION,
    MILLISECONDS_TO_LOAD,
    Chat,
    add,
    ask,
    served,
)
from tests.test_browser import browser as browser

UNANSWERED = "How old is the librarian Odile Brandt?"
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def chat(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    folder = tmp_path_factory.mktemp("axe") / "archive"
    add(folder, ARTICLES)
    add(folder, [{**ARTICLES[1], "text": f"{ARTICLES[1]['text']} Its café opens, too."}])
    with served(folder) as url:
        yield Chat(url, folder)


def _empty(page: Page) -> None:
    expect(page.get_by_role("button", name=FLOOD_QUESTION)).to_be_visible(timeout=MILLISECONDS_TO_LOAD)


def _answer_with_source(page: Page) -> None:
    ask(page, FLOOD_QUESTION).locator(".cd-mark").first.click()
    expect(page.locator("#quote")).to_be_visible()


def _refusal(page: Page) -> None:
    ask(page, UNANSWERED)


def _filters(page: Page) -> None:
    page.get_by_role("button", name="Narrow the search").click()
    expect(page.get_by_role("combobox", name="Outlets")).to_be_visible()


def _archive(page: Page) -> None:
    page.get_by_role("tab", name="Archive").click()
    for part in ("#shelf-feeds", "#shelf-removed"):
        page.locator(f"{part} > .label-wrap").click()
    expect(page.locator("#shelf-rows .cd-open")).to_have_count(3, timeout=MILLISECONDS_TO_LOAD)
    expect(page.get_by_text("No feeds are followed.")).to_be_visible()


def _archived_article(page: Page) -> None:
    _archive(page)
    page.locator("#shelf-rows .cd-open").nth(1).click()
    expect(page.locator("#shelf-article .cd-text")).to_contain_text("stay open until midnight")
    expect(page.locator("#shelf-article nav")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("reach", [_empty, _answer_with_source, _refusal, _filters, _archive, _archived_article])
def test_axe_finds_nothing_serious(
    browser: Browser, chat: Chat, reach: Callable[[Page], None], size: Any, scheme: Any
) -> None:
    page = browser.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page.goto(chat.url)
    reach(page)
    found = Axe().run(page).response["violations"]
    page.close()
    assert [_told(one) for one in found if one["impact"] in ("serious", "critical")] == []


def _told(violation: dict[str, Any]) -> str:
    return f"{violation['id']}: {[node['html'][:160] for node in violation['nodes']]}"
