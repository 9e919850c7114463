"""The chat as a person meets it: a real Chromium, archive, vector index, embedding model and server.

Skipped where there is no Chromium, unless COPYDESK_REQUIRE_BROWSER=1, which makes that a failure.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, expect, sync_playwright

from index.archive import Archive
from qa.assistant import open_assistant
from qa.settings import load_settings
from ui.asking import LazyAssistant
from ui.editing import Editor
from ui.render import parse_anchor
from ui.web import running_chat

CHROMIUM_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
MILLISECONDS_TO_LOAD = 180_000  # the models load while the first question waits
MILLISECONDS_TO_SEE_NEW = 30_000  # it takes about two seconds; a busy machine may be slower

RUNS = "<script>window.hacked=1</script><img src=http://evil.invalid/a.png onerror=window.hacked=1>"
HOSTILE_TITLE = (
    f"**Seals** {RUNS} [a](javascript:alert(1)) ![](http://evil.invalid/b.png) $$x$$ &amp; ${{alert(1)}} {{{{x}}}}"
)
HOSTILE_SENTENCE = f"😀 The lighthouse keeper of Brannock counted 318 seals {RUNS} on the north shore in *one* morning."
ARTICLES: list[dict[str, object]] = [
    {
        "url": "https://news.example.org/flood",
        "title": "Arle falls after nine days of flooding",
        "outlet": "Example Wire",
        "authors": ["J. Penn"],
        "published": "2026-11-10",
        "text": "River levels along the Arle fell on Tuesday for the first time in nine days, the water board said.\n\n"
        "“We think the worst has passed,” said Mara Voss, who leads the flood team. About 4,200 people in Ostley left "
        "their homes during the flood, and most of them are staying with relatives.\n\n"
        + "Schools in Harn stay closed until Thursday, and trains run on one track only.\n\n" * 40
        + "The last flood of this size was in 1974, when 17 bridges were lost.",
    },
    {
        "url": "https://gazette.example.org/library",
        "title": "Library to open late",
        "outlet": "Harn Gazette",
        "published": "2026-10-02",
        "text": "The town library of Harn will stay open until midnight from January, the council said on Friday.\n\n"
        "Its librarian, Odile Brandt, expects 300 more visitors a week.",
    },
    {
        "url": "javascript:alert(1)",
        "title": HOSTILE_TITLE,
        "outlet": f"Evil <i>Times</i> {RUNS}",
        "text": f"Brannock is an island.\n\n{HOSTILE_SENTENCE}\n\nHe has kept the light since 1998.",
    },
]
ADDED_LATER: list[dict[str, object]] = [
    {
        "url": "https://post.example.org/airship",
        "title": "Airship reaches Tarn",
        "outlet": "Tarn Post",
        "published": "2026-11-12",
        "text": "The airship carried 61 parcels to Tarn on its first flight on Thursday.\n\nIt flies again in May.",
    }
]
FLOOD_QUESTION = "How many people in Ostley left their homes during the flood?"


@dataclass(slots=True)
class Chat:
    """A running chat and the folder of its archive."""

    url: str
    folder: Path


@dataclass(slots=True)
class Witness:
    """What a page did that nobody asked for."""

    outside: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        message = "no Chromium on this machine"
        if os.environ.get("COPYDESK_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def chat(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    folder = tmp_path_factory.mktemp("chat") / "archive"
    add(folder, ARTICLES)
    with served(folder) as url:
        yield Chat(url, folder)


@pytest.fixture
def witness() -> Witness:
    return Witness()


@pytest.fixture
def page(browser: Browser, witness: Witness) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.on("request", lambda request: note_request(request.url, witness))
    page.on("dialog", lambda dialog: note_dialog(dialog, witness))
    page.on("pageerror", lambda error: witness.errors.append(str(error)))
    yield page
    hacked = page.evaluate("window.hacked")
    page.close()
    assert hacked is None
    assert witness == Witness()


def note_dialog(dialog: Dialog, witness: Witness) -> None:
    witness.dialogs.append(dialog.message)
    dialog.dismiss()


def note_request(url: str, witness: Witness) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("data", "blob") and parts.hostname not in ("127.0.0.1", "localhost"):
        witness.outside.append(url)


def command(*arguments: str) -> None:
    """Run the command line in a process of its own, as a person would in another terminal."""
    code = "import sys; from ui.cli import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def add(folder: Path, articles: list[dict[str, object]]) -> None:
    file = folder.parent / "articles.jsonl"
    file.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
    command("add", "--archive", str(folder), str(file))


@contextmanager
def served(
    folder: Path, questions: tuple[str, ...] = (FLOOD_QUESTION,), *, allow_private: bool = False
) -> Iterator[str]:
    """The chat over an archive, from this process; an archive that is not there yet is made."""
    settings = load_settings(archive=folder)
    archive = Archive(settings.index.archive)
    assistant = LazyAssistant(lambda: open_assistant(settings))
    editor = Editor(archive, lambda: assistant.get().embedder, allow_private)
    with running_chat(assistant, archive, examples=questions, editor=editor) as url:
        yield url
    archive.close()


def ask(page: Page, question: str) -> Locator:
    """Type a question, press Enter, and wait for what comes: an answer, a refusal or an error."""
    answers = page.locator(".cd-answer:not(.cd-partly), .cd-error")
    before = answers.count()
    box = page.get_by_role("textbox", name="Your question")
    box.fill(question)
    box.press("Enter")
    expect(answers).to_have_count(before + 1, timeout=MILLISECONDS_TO_LOAD)
    return answers.last


def assert_shows_quote(page: Page, chat: Chat, mark: Locator) -> None:
    """The evidence panel highlights exactly the characters that the mark names, where a person can see them."""
    anchor = parse_anchor((mark.get_attribute("href") or "").removeprefix("#s-"))
    assert anchor is not None
    quote = page.locator("#quote")
    expect(quote).to_have_attribute("data-anchor", str(anchor))
    archive = Archive(chat.folder)
    text = archive.article(anchor.article_id, anchor.version).text
    archive.close()
    assert quote.evaluate("mark => mark.textContent") == text[anchor.start : anchor.end]
    assert page.locator(".cd-text").evaluate("shown => shown.textContent") == text
    expect(quote).to_be_in_viewport()
    # In the viewport is not enough: the column that scrolls may still hide it, or something may lie on top.
    on_top = """mark => {
        const line = mark.getClientRects()[0];
        return mark.contains(document.elementFromPoint(line.x + line.width / 2, line.y + line.height / 2));
    }"""
    page.wait_for_function(f"({on_top})(document.querySelector('#quote'))")


def choose_outlet(page: Page, outlet: str) -> None:
    page.get_by_role("button", name="Narrow the search").click()
    page.get_by_role("combobox", name="Outlets").click()
    page.get_by_role("option", name=outlet).click()
    page.keyboard.press("Escape")


def test_a_question_is_answered_and_its_citation_opens_the_exact_characters(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    expect(page.get_by_text(re.compile(r"^\d articles from \d outlets$"))).to_be_visible()
    expect(page.get_by_role("textbox", name="Your question")).to_be_focused()
    expect(page.locator("#evidence")).to_contain_text("Each sentence of an answer carries a number")
    answer = ask(page, FLOOD_QUESTION)
    expect(answer).to_contain_text("About 4,200 people in Ostley left their homes")
    mark = answer.get_by_role("link", name="1", exact=True)
    mark.click()
    assert_shows_quote(page, chat, mark)
    evidence = page.locator("#evidence")
    for expected in ("Arle falls after nine days of flooding", "Example Wire", "10 November 2026", "J. Penn"):
        expect(evidence).to_contain_text(expected)
    link = evidence.get_by_role("link", name="Original at news.example.org")
    expect(link).to_have_attribute("href", "https://news.example.org/flood")


def test_enter_on_a_citation_opens_it_and_scrolls_a_long_article(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    answer = ask(page, "In which year was the last flood of this size, when bridges were lost?")
    expect(answer).to_contain_text("17 bridges were lost")
    mark = answer.locator(".cd-mark", has_text=re.compile("^1$")).first
    mark.focus()
    page.keyboard.press("Enter")
    assert_shows_quote(page, chat, mark)
    assert page.locator("#evidence-column").evaluate("column => column.scrollTop") > 0


def test_a_follow_up_says_what_it_was_understood_as_until_a_new_conversation(
    page: Page, chat: Chat, browser: Browser
) -> None:
    page.goto(chat.url)
    ask(page, "Until when will the town library of Harn stay open?")
    expect(ask(page, "When?")).to_contain_text(
        "Understood as: When? (Until when will the town library of Harn stay open?)"
    )
    other = browser.new_page()
    other.goto(chat.url)
    expect(ask(other, "When?")).not_to_contain_text("Understood as")
    other.close()
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".cd-answer")).to_have_count(0)
    expect(ask(page, "When?")).not_to_contain_text("Understood as")


def test_earlier_citations_stay_good_and_a_new_conversation_starts_empty(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    first = ask(page, FLOOD_QUESTION).locator(".cd-mark").first
    href = first.get_attribute("href")
    ask(page, "Until when will the town library of Harn stay open?")
    early = page.locator(f'.cd-mark[href="{href}"]').first
    early.click()
    assert_shows_quote(page, chat, early)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".cd-answer")).to_have_count(0)
    expect(page.locator("#quote")).to_have_count(0)


def test_an_example_question_is_asked_by_a_click(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    page.get_by_role("button", name=FLOOD_QUESTION).click()
    expect(page.locator(".cd-answer")).to_contain_text("4,200 people", timeout=MILLISECONDS_TO_LOAD)
    expect(page.get_by_test_id("user")).to_have_text(FLOOD_QUESTION)


def test_what_the_articles_dont_say_is_refused(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    answer = ask(page, "Who won the chess tournament in Reykjavik in 1987?")
    expect(answer.locator(".cd-refusal")).to_be_visible()
    expect(answer.locator(".cd-way-on")).to_be_visible()
    expect(answer.locator(".cd-sentence")).to_have_count(0)


def test_a_hostile_article_runs_nothing_and_shows_as_it_is(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    question = f"How many seals did the lighthouse keeper of Brannock count? {RUNS} **x** [y](javascript:alert(1))"
    answer = ask(page, question)
    expect(page.get_by_test_id("user")).to_have_text(question)
    expect(answer).to_contain_text(HOSTILE_SENTENCE)
    mark = answer.locator(".cd-mark").first
    mark.click()
    assert_shows_quote(page, chat, mark)
    evidence = page.locator("#evidence")
    expect(evidence.locator("h2")).to_have_text(HOSTILE_TITLE)
    expect(evidence).to_contain_text(f"Evil <i>Times</i> {RUNS}")
    assert evidence.locator("img, script, iframe, a[href^='javascript']").count() == 0
    assert page.locator("#chat").locator("img, script, iframe, a[href^='javascript']").count() == 0


def test_a_made_up_citation_is_refused_in_the_panel(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    ask(page, FLOOD_QUESTION).locator(".cd-mark").first.evaluate(
        "mark => { mark.setAttribute('href', '#s-' + '0'.repeat(16) + '.' + '0'.repeat(16) + '.0.5'); mark.click(); }"
    )
    expect(page.locator("#evidence").get_by_role("alert")).to_be_visible()


def test_an_outlet_filter_keeps_other_outlets_out(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    choose_outlet(page, "Harn Gazette")
    answer = ask(page, FLOOD_QUESTION)
    expect(answer).to_contain_text("only Harn Gazette")
    expect(answer).not_to_contain_text("Example Wire")
    answer = ask(page, "Until when will the town library of Harn stay open?")
    expect(answer).to_contain_text("midnight")


def test_dates_that_leave_nothing_are_told_and_a_mistake_keeps_the_conversation(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    page.get_by_role("button", name="Narrow the search").click()
    first, last = page.get_by_label("Published from"), page.get_by_label("Published until")
    first.fill("2027-01-01")
    expect(ask(page, FLOOD_QUESTION).locator(".cd-refusal")).to_have_text("Nothing left to search")
    last.fill("2026-01-01")
    expect(ask(page, FLOOD_QUESTION)).to_contain_text("2027-01-01 is after 2026-01-01")
    first.fill("")
    last.fill("2026-12-31")
    answer = ask(page, FLOOD_QUESTION)
    expect(answer).to_contain_text("4,200 people")
    expect(answer).to_contain_text("published until 31 December 2026 · 1 undated article left out")
    expect(page.get_by_test_id("user")).to_have_count(3)


def test_a_phone_reads_it_without_scrolling_sideways(page: Page, chat: Chat) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(chat.url)
    mark = ask(page, FLOOD_QUESTION).locator(".cd-mark").first
    mark.click()
    assert_shows_quote(page, chat, mark)
    too_wide = "() => [...document.querySelectorAll('#masthead *, #desk *')].filter(e => {"
    too_wide += " const box = e.getBoundingClientRect(); return box.width > 0 && box.right > 391; }).length"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(too_wide) == 0
    page.get_by_role("link", name="Back to the answer").click()
    expect(mark).to_be_in_viewport()
    expect(mark).to_be_focused()


def test_a_running_chat_sees_what_another_process_adds(page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    ask(page, FLOOD_QUESTION)  # opens the vector index, which then has to notice that it is out of date
    add(chat.folder, ADDED_LATER)
    expect(page.get_by_text("4 articles from 4 outlets")).to_be_visible(timeout=MILLISECONDS_TO_SEE_NEW)
    answer = ask(page, "How many parcels did the airship carry to Tarn?")
    expect(answer).to_contain_text("61 parcels")
    mark = answer.locator(".cd-mark").first
    mark.click()
    assert_shows_quote(page, chat, mark)
    choose_outlet(page, "Tarn Post")


def test_an_empty_archive_says_what_to_do(page: Page, tmp_path: Path) -> None:
    with served(tmp_path / "archive") as url:
        page.goto(url)
        expect(page.locator("#chat")).to_contain_text("copydesk add PATH")
        expect(page.get_by_role("button", name=FLOOD_QUESTION)).to_have_count(0)
        expect(ask(page, FLOOD_QUESTION).locator(".cd-refusal")).to_have_text("No articles yet")


def test_two_people_do_not_see_each_other(browser: Browser, page: Page, chat: Chat) -> None:
    page.goto(chat.url)
    other = browser.new_page()
    other.goto(chat.url)
    expect(ask(other, "Until when will the town library of Harn stay open?")).to_contain_text("midnight")
    expect(ask(page, FLOOD_QUESTION)).to_contain_text("4,200 people")
    expect(page.locator(".cd-answer")).to_have_count(1)
    expect(other.locator(".cd-answer")).to_have_count(1)
    other.close()
