"""Takes the README's pictures of the chat: python tests/take_screenshots.py [--into FOLDER].

A real chat over the sample articles in a real Chromium: the empty page, an answer with its source, a refusal, the
archive, dark colours, a phone.
"""

import argparse
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from index.archive import Archive
from index.build import add_articles
from index.embedding import load_embedder
from index.loaders import load_paths, sample_paths
from qa.assistant import open_assistant
from qa.settings import load_settings
from ui.asking import LazyAssistant
from ui.chat_cli import SAMPLE_QUESTIONS
from ui.editing import Editor
from ui.web import running_chat

DOCS = Path(__file__).parent.parent / "docs"
WINDOW, PHONE = (1280, 800), (390, 844)
UNANSWERED = "Who owned the bell before the church?"
PATIENCE = 180_000  # milliseconds; the first question waits for the models


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=DOCS, help="Where the pictures go.")
    into: Path = parser.parse_args().into
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("no Chromium on this machine: install it, then run this again")
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        settings = load_settings(archive=Path(folder))
        archive = Archive(settings.index.archive)
        embedder = load_embedder(settings.index.embedding_model, settings.index.precision)
        add_articles(archive, embedder, load_paths(sample_paths()))
        assistant = LazyAssistant(lambda: open_assistant(settings))
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        editor = Editor(archive, lambda: assistant.get().embedder)
        with running_chat(assistant, archive, examples=SAMPLE_QUESTIONS, editor=editor) as url:
            take_all(browser, url, into)
        browser.close()
        archive.close()


def take_answer(
    browser: Browser, url: str, picture: Path, *, size: tuple[int, int] = WINDOW, dark: bool = False
) -> None:
    """An answer with the citation of its first sentence opened."""
    page = open_page(browser, url, size, dark)
    ask(page, SAMPLE_QUESTIONS[0])
    mark = page.locator(".cd-answer .cd-sentence .cd-mark").first
    mark.click()
    expect(page.locator("#quote")).to_have_attribute(
        "data-anchor", (mark.get_attribute("href") or "").removeprefix("#s-")
    )
    expect(page.locator("#quote")).to_be_in_viewport()
    save(page, picture)


def take_all(browser: Browser, url: str, folder: Path) -> None:
    page = open_page(browser, url)
    expect(page.get_by_role("button", name=SAMPLE_QUESTIONS[0])).to_be_visible()
    save(page, folder / "empty.png")
    take_answer(browser, url, folder / "answer.png")
    page = open_page(browser, url)
    ask(page, UNANSWERED)
    save(page, folder / "refusal.png")
    take_archive(browser, url, folder / "archive.png")
    take_answer(browser, url, folder / "dark.png", dark=True)
    page = open_page(browser, url, PHONE)
    ask(page, SAMPLE_QUESTIONS[0])
    save(page, folder / "phone-answer.png")
    take_answer(browser, url, folder / "phone-source.png", size=PHONE)
    take_archive(browser, url, folder / "phone-archive.png", size=PHONE)


def take_archive(browser: Browser, url: str, picture: Path, *, size: tuple[int, int] = WINDOW) -> None:
    """The list of articles, and on a wide page the one that was opened from it."""
    page = open_page(browser, url, size)
    page.get_by_role("tab", name="Archive").click()
    articles = page.locator("#shelf-rows .cd-open")
    expect(articles.first).to_be_visible()
    if size != PHONE:
        articles.nth(2).click()
        expect(page.locator("#shelf-article article")).to_be_visible()
    save(page, picture)


def open_page(browser: Browser, url: str, size: tuple[int, int] = WINDOW, dark: bool = False) -> Page:
    page = browser.new_page(
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=1,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    page.goto(url)
    expect(page.get_by_role("textbox", name="Your question")).to_be_visible(timeout=PATIENCE)
    return page


def ask(page: Page, question: str) -> None:
    box = page.get_by_role("textbox", name="Your question")
    box.fill(question)
    box.press("Enter")
    expect(page.locator(".cd-answer:not(.cd-partly)")).to_be_visible(timeout=PATIENCE)


def save(page: Page, picture: Path) -> None:
    picture.parent.mkdir(parents=True, exist_ok=True)
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)  # what fades in has then done so
    page.screenshot(path=picture, caret="hide")
    Image.open(picture).quantize(256).save(picture, optimize=True)  # a third of the size, to the eye the same
    page.close()


if __name__ == "__main__":
    main()
