"""Earlier conversations as a person meets them in a real Chromium: kept over a reload, searched, renamed, saved as a
file, rated and deleted; another browser sees none of it, and a damaged file stops no conversation.
"""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from index.archive import Archive
from qa.assistant import open_assistant
from qa.conversations import Conversations
from qa.settings import load_settings
from tests.test_browser import ARTICLES, FLOOD_QUESTION, Chat, add, ask, assert_shows_quote
from tests.test_browser import browser as browser
from tests.test_browser import page as page
from tests.test_browser import witness as witness
from ui.asking import LazyAssistant
from ui.editing import Editor
from ui.saving import open_keeper
from ui.web import running_chat

LIBRARY_QUESTION = "Until when will the town library of Harn stay open?"


@contextmanager
def served_saving(folder: Path, conversations: Path, *, allow_private: bool = False) -> Iterator[str]:
    """The chat over an archive, from this process, with conversations saved in that file."""
    settings = load_settings(archive=folder)
    assistant = LazyAssistant(lambda: open_assistant(settings))
    with closing(Archive(folder)) as archive:
        keeper = open_keeper(conversations, {"archive": str(folder)})
        editor = Editor(archive, lambda: assistant.get().embedder, allow_private)
        with running_chat(assistant, archive, keeper=keeper, editor=editor) as url:
            yield url


@pytest.fixture(scope="module")
def archive_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("earlier") / "archive"
    add(folder, ARTICLES)
    return folder


@pytest.fixture(scope="module")
def chat(browser: Browser, archive_folder: Path) -> Iterator[Chat]:
    with served_saving(archive_folder, archive_folder.parent / "conversations.sqlite3") as url:
        yield Chat(url, archive_folder)


@pytest.fixture
def store(archive_folder: Path) -> Conversations:
    return Conversations(archive_folder.parent / "conversations.sqlite3")


def earlier(page: Page) -> Locator:
    """The list of earlier conversations, unfolded."""
    button = page.get_by_role("button", name="Earlier conversations")
    expect(button).to_be_visible()
    if not page.get_by_label("Search conversations").is_visible():
        button.click()
    expect(page.get_by_label("Search conversations")).to_be_visible()
    return page.locator("#earlier-list")


def test_a_conversation_outlives_a_reload_and_goes_on(page: Page, chat: Chat, browser: Browser) -> None:
    page.goto(chat.url)
    ask(page, FLOOD_QUESTION)
    ask(page, LIBRARY_QUESTION)
    page.reload()
    expect(page.locator(".cd-answer")).to_have_count(0)
    earlier(page).get_by_role("radio").first.click()
    answers = page.locator(".cd-answer")
    expect(answers).to_have_count(2)
    mark = answers.first.locator(".cd-mark").first
    mark.click()
    assert_shows_quote(page, chat, mark)
    expect(ask(page, "When?")).to_contain_text(f"Understood as: When? ({LIBRARY_QUESTION})")

    other = browser.new_context()
    elsewhere = other.new_page()
    elsewhere.goto(chat.url)
    expect(earlier(elsewhere)).not_to_contain_text(FLOOD_QUESTION)
    other.close()


def test_search_rename_save_and_delete(page: Page, chat: Chat, store: Conversations) -> None:
    page.goto(chat.url)
    ask(page, LIBRARY_QUESTION)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".cd-answer")).to_have_count(0)
    ask(page, FLOOD_QUESTION)
    listed = earlier(page)
    page.get_by_label("Search conversations").fill("librar")
    expect(listed).not_to_contain_text(FLOOD_QUESTION)
    listed.get_by_text(LIBRARY_QUESTION).click()
    expect(page.get_by_label("Title")).to_have_value(LIBRARY_QUESTION)
    page.get_by_label("Title").fill("Library <b>hours</b>")
    page.get_by_role("button", name="Rename").click()
    expect(listed).to_contain_text("Library <b>hours</b>")

    with page.expect_download() as download:
        page.get_by_role("button", name="Save as Markdown").click()
    assert f"## {LIBRARY_QUESTION}" in Path(download.value.path()).read_text(encoding="utf-8")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as JSON").click()
    saved = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert saved["title"] == "Library <b>hours</b>"

    before = {one.conversation_id for one in store.listed()}
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("button", name="Delete for good")).to_be_hidden()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator(".cd-answer")).to_have_count(0)
    expect(listed).not_to_contain_text("Library")
    assert before - {one.conversation_id for one in store.listed()} == {saved["conversation_id"]}


def test_a_thumb_is_kept_with_the_answer(page: Page, chat: Chat, store: Conversations) -> None:
    page.goto(chat.url)
    ask(page, FLOOD_QUESTION)
    page.get_by_role("button", name="dislike").last.click()
    expect(page.get_by_role("button", name="Disliked")).to_be_visible()
    for _ in range(100):  # it is saved after the page shows it
        if store.feedback():
            break
        page.wait_for_timeout(100)
    (rated, *_) = store.feedback()
    assert rated.feedback.rating == "down"
    assert rated.turn.answer["question"] == FLOOD_QUESTION
    assert rated.turn.made_with == {"archive": str(chat.folder)}


def test_a_remark_is_kept_with_the_thumb(page: Page, chat: Chat, store: Conversations) -> None:
    page.goto(chat.url)
    ask(page, LIBRARY_QUESTION)
    remark = page.get_by_label("Anything to add on that answer?")
    expect(remark).to_be_hidden()
    page.get_by_role("button", name="dislike").last.click()
    remark.fill("It closes at <b>six</b> now.")
    page.locator("#remark").get_by_role("button", name="Send").click()
    expect(remark).to_be_hidden()
    (rated, *_) = store.feedback()
    assert (rated.feedback.rating, rated.feedback.reason) == ("down", "It closes at <b>six</b> now.")
    assert rated.turn.answer["question"] == LIBRARY_QUESTION


def test_a_damaged_file_is_told_and_the_chat_goes_on(page: Page, archive_folder: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.sqlite3"
    damaged.write_bytes(b"no database at all, but long enough to be read as one" * 100)
    with served_saving(archive_folder, damaged) as url:
        page.goto(url)
        expect(page.locator("#saving-note")).to_contain_text("Not saved")
        expect(ask(page, FLOOD_QUESTION)).to_contain_text("4,200 people")


def test_a_question_asked_before_the_page_knows_its_browser_is_saved_too(
    browser: Browser, chat: Chat, store: Conversations
) -> None:
    page = browser.new_page()
    # Drawing the token fails when the page is loaded, and works when the question is asked.
    page.add_init_script("""
        const draw = crypto.getRandomValues.bind(crypto);
        let failures = 2;
        crypto.getRandomValues = (bytes) => {
            if (bytes.length === 16 && failures-- > 0) throw new Error('too early');
            return draw(bytes);
        };
    """)
    before = len(store.listed())
    page.goto(chat.url)
    ask(page, FLOOD_QUESTION)
    page.close()
    assert len(store.listed()) == before + 1
