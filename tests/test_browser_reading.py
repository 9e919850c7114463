"""Reading an answer and being refused as a person meets them in a real Chromium: previews, the checker's findings,
steps from citation to citation, the copy, and the ways on from a refusal.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.test_browser import (
    ARTICLES,
    FLOOD_QUESTION,
    HOSTILE_SENTENCE,
    HOSTILE_TITLE,
    MILLISECONDS_TO_LOAD,
    Chat,
    add,
    ask,
    assert_shows_quote,
    choose_outlet,
    served,
)
from tests.test_browser import browser as browser
from tests.test_browser import page as page
from tests.test_browser import witness as witness

BRIDGE_ARTICLE: dict[str, object] = {
    "url": "https://post.example.org/bridge",
    "title": "Tarn gets its bridge back",
    "outlet": "Tarn Post",
    "published": "2026-11-12",
    "text": "The old bridge at Tarn fell into the river in March.\n\nThe new bridge was designed by Ilse Brandt, "
    "an engineer from Harn. She will open the new bridge at Tarn on 4 May. Lorries have to wait until June.",
}
BRIDGE_QUESTION = "When will Ilse Brandt open the new bridge at Tarn?"
SEALS_QUESTION = "How many seals did the lighthouse keeper of Brannock count?"
UNANSWERED = "How old is the librarian Odile Brandt?"


@pytest.fixture(scope="module")
def chat(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    folder = tmp_path_factory.mktemp("reading") / "archive"
    add(folder, [*ARTICLES, BRIDGE_ARTICLE])
    with served(folder) as url:
        yield Chat(url, folder)


def popover(page: Page) -> Locator:
    return page.locator("#cd-popover")


def marks(answer: Locator) -> Locator:
    return answer.locator(".cd-mark")


def way(answer: Locator, words: str) -> Locator:
    return answer.get_by_role("link", name=words)


def test_a_mark_previews_its_source_under_the_mouse_and_without_a_network(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    answer = ask(page, BRIDGE_QUESTION)
    expect(popover(page)).to_be_hidden()
    page.context.set_offline(True)
    marks(answer).nth(1).hover()
    expect(popover(page)).to_be_visible()
    for expected in ("Tarn gets its bridge back", "Tarn Post, 12 November 2026", "designed by Ilse", "Lorries have to"):
        expect(popover(page)).to_contain_text(expected)
    expect(popover(page).locator("mark")).to_have_text("She will open the new bridge at Tarn on 4 May.")
    popover(page).hover()
    page.wait_for_timeout(500)
    expect(popover(page)).to_be_visible()
    page.locator("#wordmark").hover()
    expect(popover(page)).to_be_hidden()
    page.context.set_offline(False)


def test_a_mark_previews_its_source_while_the_keyboard_is_on_it(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    mark = marks(ask(page, BRIDGE_QUESTION)).first
    page.get_by_role("textbox", name="Your question").focus()
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if mark.evaluate("mark => mark === document.activeElement"):
            break
    expect(popover(page)).to_be_visible()
    expect(mark).to_have_attribute("aria-describedby", "cd-popover")
    page.keyboard.press("Escape")
    expect(popover(page)).to_be_hidden()
    expect(mark).to_be_focused()
    page.keyboard.press("Enter")
    assert_shows_quote(page, chat, mark)


def test_a_finger_previews_at_the_first_tap_and_opens_at_the_second(browser: Browser, chat: Chat) -> None:
    context = browser.new_context(has_touch=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(chat.url)
    mark = marks(ask(page, BRIDGE_QUESTION)).last
    mark.tap()
    expect(popover(page)).to_be_visible()
    box = popover(page).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    expect(page.locator("#quote")).to_have_count(0)
    popover(page).get_by_role("button", name="Open the article").tap()
    assert_shows_quote(page, chat, mark)
    expect(popover(page)).to_be_hidden()
    context.close()


def test_the_answers_other_sentences_are_marked_and_one_can_step_to_them(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    answer = ask(page, BRIDGE_QUESTION)
    first, second = marks(answer).nth(0), marks(answer).nth(1)
    other = page.locator("#evidence .cd-also")
    first.click()
    assert_shows_quote(page, chat, first)
    expect(other.first).to_contain_text("bridge")
    expect(page.locator("#evidence .cd-place")).to_have_text(re.compile("^Citation 1 of "))
    page.keyboard.press("n")
    assert_shows_quote(page, chat, second)
    expect(second).to_be_focused()
    expect(second).to_have_attribute("aria-current", "true")
    page.keyboard.press("p")
    assert_shows_quote(page, chat, first)
    page.keyboard.press("p")
    expect(page.locator("#evidence .cd-place")).to_have_text(re.compile("^Citation 1 of "))

    page.get_by_role("button", name="Next citation").click()
    assert_shows_quote(page, chat, second)
    expect(page.get_by_role("button", name="Next citation")).to_be_focused()
    page.get_by_role("button", name="Previous citation").focus()
    page.keyboard.press("Enter")
    assert_shows_quote(page, chat, first)
    # Whoever types means letters.
    question = page.get_by_role("textbox", name="Your question")
    question.press_sequentially("nn")
    expect(question).to_have_value("nn")
    assert_shows_quote(page, chat, first)


def test_what_the_checker_found_is_told_and_why_on_demand(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    answer = ask(page, FLOOD_QUESTION)
    expect(answer.locator(".cd-key")).to_contain_text("4,200")
    summary = answer.locator(".cd-sentence summary").first
    expect(summary).to_have_text("Supported")
    expect(answer.get_by_text("quoted word for word from the article").first).to_be_hidden()
    summary.focus()
    page.keyboard.press("Enter")
    expect(answer.get_by_text("quoted word for word from the article").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(answer.get_by_text("quoted word for word from the article").first).to_be_hidden()


def test_an_answer_is_dated_and_copied_with_footnotes(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    answer = ask(page, BRIDGE_QUESTION)
    expect(answer.locator(".cd-notes")).to_contain_text("As of 12 November 2026")
    answer.get_by_role("button", name="Copy as Markdown").click()
    expect(answer.get_by_role("button", name="Copied")).to_be_visible()
    copied = str(page.evaluate("navigator.clipboard.readText()")).replace("*", "")
    assert "She will open the new bridge at Tarn on 4 May.[^2]\n\n" in copied
    link = "<https://post.example.org/bridge>"
    assert f"[^2]: Tarn gets its bridge back, Tarn Post, 12 November 2026, {link}\n" in copied
    expect(answer.get_by_role("button", name="Copy as Markdown")).to_be_visible()


def test_a_hostile_source_previews_and_copies_as_it_is(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    answer = ask(page, SEALS_QUESTION)
    marks(answer).first.hover()
    expect(popover(page).locator("mark")).to_have_text(HOSTILE_SENTENCE)
    expect(popover(page).locator("strong")).to_have_text(HOSTILE_TITLE)
    assert popover(page).locator("img, script, iframe, a").count() == 0
    page.mouse.move(1, 1)
    expect(popover(page)).to_be_hidden()
    answer.get_by_role("button", name="Copy as Markdown").click()
    expect(answer.get_by_role("button", name="Copied")).to_be_visible()
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    assert "\\<script\\>" in copied
    assert "javascript:alert(1)>" not in copied


def test_the_closest_sentences_of_a_refusal_open_and_a_broader_question_is_asked_by_a_click(
    page: Page, chat: Chat
) -> None:
    page.goto(chat.url)
    answer = ask(page, UNANSWERED)
    expect(answer.locator(".cd-refused-not-answered .cd-refusal")).to_have_text("No answer found")
    near = answer.locator(".cd-nearest a").first
    near.hover()
    expect(popover(page)).to_be_visible()
    near.click()
    assert_shows_quote(page, chat, near)
    way(answer, "What happened with Odile Brandt?").click()
    expect(page.get_by_test_id("user").last).to_have_text("What happened with Odile Brandt?")
    expect(page.locator(".cd-answer")).to_have_count(2, timeout=MILLISECONDS_TO_LOAD)


def test_a_question_is_put_back_into_the_box_to_be_rephrased(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    question = "Who won the “chess” tournament in <b>Reykjavik</b> & why, 100 %?"
    answer = ask(page, question)
    expect(answer.locator(".cd-refused-nothing-relevant .cd-refusal")).to_have_text("Nothing about this")
    way(answer, "Rephrase the question").click()
    box = page.get_by_role("textbox", name="Your question")
    expect(box).to_be_focused()
    expect(box).to_have_value(question)
    box.fill(FLOOD_QUESTION)
    box.press("Enter")
    expect(page.locator(".cd-answer").nth(1)).to_contain_text("4,200 people", timeout=MILLISECONDS_TO_LOAD)

    way(page.locator(".cd-answer").nth(0), "Add articles").click()
    expect(page.locator("#upload")).to_be_visible()


def test_filters_are_dropped_and_the_question_asked_again_by_one_click(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    choose_outlet(page, "Example Wire")
    first = page.get_by_label("Published from")
    first.fill("2027-01-01")
    answer = ask(page, FLOOD_QUESTION)
    expect(answer.locator(".cd-refused-filters-left-nothing .cd-refusal")).to_have_text("Nothing left to search")
    way(answer, "Drop the date filter and ask again").click()
    again = page.locator(".cd-answer").nth(1)
    expect(again).to_contain_text("4,200", timeout=MILLISECONDS_TO_LOAD)
    expect(again).to_contain_text("only Example Wire")
    expect(first).to_have_value("")
    expect(page.get_by_test_id("user").last).to_have_text(FLOOD_QUESTION)

    way(ask(page, SEALS_QUESTION), "Drop the outlet filter and ask again").click()
    expect(page.locator(".cd-answer").nth(3)).to_contain_text("counted 318 seals", timeout=MILLISECONDS_TO_LOAD)


def test_an_empty_archive_leads_to_adding_articles(page: Page, tmp_path: Path) -> None:
    with served(tmp_path / "archive") as url:
        page.goto(url)
        answer = ask(page, FLOOD_QUESTION)
        expect(answer.locator(".cd-refused-empty-archive")).to_be_visible()
        way(answer, "Add articles").click()
        expect(page.locator("#upload")).to_be_visible()


def test_a_question_in_another_language_is_to_be_put_in_english(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    answer = ask(page, "Wie viele Menschen haben während der Flut in Ostley ihre Häuser verlassen?")
    expect(answer.locator(".cd-refused-unsupported-language")).to_be_visible()
    way(answer, "Ask it in English").click()
    expect(page.get_by_role("textbox", name="Your question")).to_be_focused()


# Google's Core Web Vitals call a page good whose shifts sum to less than 0.1; that counts those without input only.
MOST_SHIFT = 0.05
WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) {
    const moved = shift.sources.map((source) => source.node?.id || source.node?.className || source.node?.nodeName);
    window.shifts.push([shift.value, ...moved]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_nothing_jumps_while_the_page_loads_answers_and_opens_a_source(
    browser: Browser, chat: Chat, width: int, height: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.add_init_script(WATCH_SHIFTS)
    page.goto(chat.url)
    expect(page.get_by_role("button", name=FLOOD_QUESTION)).to_be_visible(timeout=MILLISECONDS_TO_LOAD)
    ask(page, UNANSWERED)
    marks(ask(page, FLOOD_QUESTION)).first.click()
    expect(page.locator("#quote")).to_be_visible()
    shifts = page.evaluate("window.shifts")
    assert sum(value for value, *_ in shifts) < MOST_SHIFT, shifts
    page.close()
