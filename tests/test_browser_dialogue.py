"""Asking in a real Chromium: what is said while an answer is made, stopping it, asking again and editing a question."""

from collections.abc import Iterator
from threading import Event

import pytest
from playwright.sync_api import Browser, Page, expect

from index.archive import Archive
from qa.assistant import open_assistant
from qa.settings import load_settings
from tests.test_browser import (
    ARTICLES,
    FLOOD_QUESTION,
    MILLISECONDS_TO_LOAD,
    Chat,
    add,
    ask,
)
from tests.test_browser import browser as browser
from tests.test_browser import page as page
from tests.test_browser import witness as witness
from ui.asking import LazyAssistant
from ui.web import running_chat


@pytest.fixture(scope="module")
def models() -> Event:
    """Set when the models may be there: until then the chat waits for them, as on a slow machine."""
    return Event()


@pytest.fixture(scope="module")
def chat(browser: Browser, models: Event, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    folder = tmp_path_factory.mktemp("dialogue") / "archive"
    add(folder, ARTICLES)
    settings = load_settings(archive=folder)
    archive = Archive(settings.index.archive)
    lazy = LazyAssistant(lambda: (models.wait(120), open_assistant(settings))[1])
    with running_chat(lazy, archive) as url:
        yield Chat(url, folder)
        models.set()
    archive.close()


def test_an_answer_is_stopped_by_button_and_key_and_its_question_comes_back(
    page: Page, chat: Chat, models: Event
) -> None:
    page.goto(chat.url)
    box = page.get_by_role("textbox", name="Your question")
    stop = page.get_by_role("button", name="Stop")
    stopped = page.get_by_text("Stopped.")
    box.fill(FLOOD_QUESTION)
    for number, by in enumerate((stop.click, lambda: page.keyboard.press("Escape")), 1):
        box.press("Enter")
        expect(stop).to_be_visible()
        expect(page.get_by_text("Loading the models")).to_be_visible()
        by()
        expect(stopped).to_have_count(number)
        expect(box).to_have_value(FLOOD_QUESTION)
        expect(stop).to_have_count(0)
    expect(page.locator(".cd-answer")).to_have_count(0)
    models.set()
    box.press("Enter")
    expect(page.locator(".cd-answer")).to_contain_text("4,200", timeout=MILLISECONDS_TO_LOAD)
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()


def test_an_answer_says_what_it_took_and_is_asked_for_again(page: Page, chat: Chat, models: Event) -> None:
    models.set()
    page.goto(chat.url)
    answer = ask(page, FLOOD_QUESTION)
    expect(answer.locator(".cd-notes")).to_contain_text("answered in")
    box = page.get_by_role("textbox", name="Your question")
    box.fill("half a thought")
    answer.get_by_role("link", name="Ask again").click()
    expect(page.locator(".cd-answer")).to_have_count(2, timeout=MILLISECONDS_TO_LOAD)
    expect(page.locator(".cd-answer").last).to_contain_text("4,200")
    expect(box).to_have_value("half a thought")


def test_a_question_and_what_it_was_understood_as_are_edited(page: Page, chat: Chat, models: Event) -> None:
    models.set()
    page.goto(chat.url)
    answer = ask(page, FLOOD_QUESTION)
    box = page.get_by_role("textbox", name="Your question")
    answer.get_by_role("link", name="Edit the question").click()
    expect(box).to_have_value(FLOOD_QUESTION)
    expect(box).to_be_focused()
    follow_up = ask(page, "And when was the last one?")
    understood = follow_up.locator(".cd-understood")
    expect(understood).to_contain_text("flood")
    understood.get_by_role("link", name="Edit").click()
    words = (understood.inner_text()).removeprefix("Understood as: ").removesuffix(" Edit")
    expect(box).to_have_value(words)
