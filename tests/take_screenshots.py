"""Takes the README's picture of the chat: python tests/take_screenshots.py [--others FOLDER].

A real chat over the sample articles in a real Chromium. --others keeps pictures of its other states too: the empty
page, a refusal, dark colours, a phone.
"""

import argparse
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, expect, sync_playwright

from index.archive import Archive
from index.build import add_articles
from index.embedding import load_embedder
from index.loaders import load_paths, sample_paths
from qa.assistant import open_assistant
from qa.settings import load_settings
from ui.asking import LazyAssistant
from ui.chat_cli import SAMPLE_QUESTIONS
from ui.web import running_chat

PICTURE = Path(__file__).parent.parent / "docs" / "answer.png"
WINDOW, PHONE = (1280, 800), (390, 844)
UNANSWERED = "Who won the chess tournament in Reykjavik?"
PATIENCE = 180_000  # milliseconds; the first question waits for the models


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--others", type=Path, help="Where pictures of the other states go.")
    others: Path | None = parser.parse_args().others
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
        with running_chat(assistant, archive, examples=SAMPLE_QUESTIONS) as url:
            take_answer(browser, url, PICTURE)
            if others is not None:
                take_others(browser, url, others)
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


def take_others(browser: Browser, url: str, folder: Path) -> None:
    page = open_page(browser, url)
    expect(page.get_by_role("button", name=SAMPLE_QUESTIONS[0])).to_be_visible()
    save(page, folder / "empty.png")
    page = open_page(browser, url)
    ask(page, UNANSWERED)
    save(page, folder / "refusal.png")
    take_answer(browser, url, folder / "dark.png", dark=True)
    page = open_page(browser, url, PHONE)
    expect(page.get_by_role("button", name=SAMPLE_QUESTIONS[0])).to_be_visible()
    save(page, folder / "phone-empty.png")
    page = open_page(browser, url, PHONE)
    ask(page, SAMPLE_QUESTIONS[0])
    save(page, folder / "phone-answer.png")
    take_answer(browser, url, folder / "phone-evidence.png", size=PHONE)


def open_page(browser: Browser, url: str, size: tuple[int, int] = WINDOW, dark: bool = False) -> Page:
    page = browser.new_page(
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=1,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    page.goto(url)
    expect(page.locator(".cd-count")).to_be_visible()
    return page


def ask(page: Page, question: str) -> None:
    box = page.get_by_role("textbox", name="Your question")
    box.fill(question)
    box.press("Enter")
    expect(page.locator(".cd-answer")).to_be_visible(timeout=PATIENCE)


def save(page: Page, picture: Path) -> None:
    picture.parent.mkdir(parents=True, exist_ok=True)
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)  # what fades in has then done so
    page.screenshot(path=picture, caret="hide")
    page.close()


if __name__ == "__main__":
    main()
