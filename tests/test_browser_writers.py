"""In a real Chromium, who writes the answers: chosen in the page, what was removed can be seen, and no word of a model
becomes part of the page. The model is a scripted server; archive, reader, checker and chat are real.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from index.archive import Archive
from qa.assistant import open_assistant
from qa.prompts import REFUSAL
from qa.settings import load_settings
from tests.llm_server import Exchange, ScriptedServer, scripted
from tests.test_browser import ARTICLES, FLOOD_QUESTION, RUNS, add, ask
from tests.test_browser import browser as browser
from tests.test_browser import page as page
from tests.test_browser import witness as witness
from tests.test_browser_axe import PHONE, WIDE
from ui.asking import LazyAssistant
from ui.editing import Editor
from ui.web import running_chat
from ui.writers import QUOTED

PASSES = "About 4,200 people in Ostley left their homes during the flood."
INVENTED = f"The mayor of Ostley drowned {RUNS} **twice**."


@dataclass(frozen=True, slots=True)
class WrittenChat:
    url: str
    model: ScriptedServer


@pytest.fixture(scope="module")
def chat(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WrittenChat]:
    def answer(exchange: Exchange) -> None:
        asked = exchange.server.requests[-1][2]["messages"]
        exchange.begin()
        exchange.words(REFUSAL if len(asked) > 2 else f"{PASSES[:-1]} [1]. {INVENTED[:-1]} [1].")

    folder = tmp_path_factory.mktemp("written") / "archive"
    add(folder, ARTICLES)
    with scripted(answer) as model:
        settings = load_settings(archive=folder, llm=model.setting)
        archive = Archive(settings.index.archive)
        lazy = LazyAssistant(lambda: open_assistant(settings))
        editor = Editor(archive, lambda: lazy.get().embedder)
        with running_chat(lazy, archive, editor=editor, llms=[model.setting]) as url:
            yield WrittenChat(url, model)
        archive.close()


def who_writes(page: Page) -> Locator:
    """The box that says so, unfolded."""
    page.get_by_role("button", name="Who writes the answers").click()
    box = page.get_by_role("combobox", name="Answers are")
    expect(box).to_be_visible()
    return box


def test_an_answer_says_who_wrote_it_and_what_of_it_isnt_shown(page: Page, chat: WrittenChat) -> None:
    page.goto(chat.url)
    answer = ask(page, FLOOD_QUESTION)
    expect(answer.locator(".cd-sentence")).to_have_count(1)
    expect(answer.locator(".cd-sentence")).to_contain_text(PASSES)
    written = answer.locator(".cd-written")
    expect(written).to_contain_text(f"Written by {chat.model.setting}, each sentence checked.")
    removed = written.locator("li")
    expect(removed).to_be_hidden()
    summary = written.locator("summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(removed).to_be_visible()
    expect(removed).to_contain_text(f"The mayor of Ostley drowned {RUNS} twice.")


def test_the_model_is_left_out_and_taken_again_by_keyboard(page: Page, chat: WrittenChat) -> None:
    page.goto(chat.url)
    box = who_writes(page)
    expect(box).to_have_value(chat.model.setting)
    box.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(box).to_have_value(QUOTED)
    asked = len(chat.model.requests)
    quoted = ask(page, FLOOD_QUESTION)
    expect(quoted.locator(".cd-sentence").first).to_contain_text("most of them are staying with relatives")
    expect(quoted.locator(".cd-written")).to_have_count(0)
    assert len(chat.model.requests) == asked
    box.fill(chat.model.setting)
    box.press("Enter")
    expect(ask(page, FLOOD_QUESTION).locator(".cd-written")).to_contain_text("Written by")
    assert len(chat.model.requests) > asked


def test_a_model_on_another_machine_isnt_asked(page: Page, chat: WrittenChat) -> None:
    page.goto(chat.url)
    box = who_writes(page)
    box.fill("openai-compatible:http://203.0.113.9/v1#big")
    box.press("Enter")
    expect(ask(page, FLOOD_QUESTION)).to_contain_text(re.compile("doesn.t run on this machine"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_serious(browser: Browser, chat: WrittenChat, size: Any, scheme: Any) -> None:
    page = browser.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page.goto(chat.url)
    who_writes(page)
    ask(page, FLOOD_QUESTION).locator(".cd-written summary").click()
    found = Axe().run(page).response["violations"]
    page.close()
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [f"{one['id']}: {[node['html'][:160] for node in one['nodes']]}" for one in serious] == []
