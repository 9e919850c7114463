"""The run's HTML report in a real browser: the filters by mouse and by keyboard, hostile words, print, no scripts, and
axe-core's judgement of it and of a comparison, light and dark, wide and on a phone.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from eval.compare import compare
from eval.finished import read_run
from eval.html_compare import comparison_page
from eval.html_report import report_page
from tests.eval_runs import FAILED, WRONG, write_run
from tests.test_browser import browser as browser
from tests.test_browser_axe import PHONE, WIDE
from tests.test_eval_html_report import RESULTS, hostile_run


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    path = folder / "report.html"
    path.write_text(report_page(write_run(folder / "run", RESULTS)), encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Page]:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: asked.append(str(error)))
    page.goto(report.as_uri())
    yield page
    page.close()
    assert asked == [report.as_uri()]


def test_filters_by_mouse(page: Page) -> None:
    answers = page.locator("#answers > .answer")
    expect(page.locator("#shown")).to_have_text("6 of 6 shown")
    page.get_by_label("Outcome").select_option("refused")
    expect(page.locator("#shown")).to_have_text("2 of 6 shown")
    assert {one.get_attribute("data-state") for one in answers.all() if one.is_visible()} == {"refused"}
    page.get_by_label("Right or wrong").select_option("right")
    expect(page.locator("#shown")).to_have_text("1 of 6 shown")
    page.get_by_role("button", name="Open those shown").click()
    expect(page.locator("#answers > .answer[open]")).to_have_count(1)
    expect(page.locator("#answers > .answer[open] .refusal")).to_be_visible()
    page.get_by_label("Outcome").select_option("")
    page.get_by_label("Right or wrong").select_option("")
    page.get_by_role("button", name="Close all").click()
    expect(page.locator("#answers > .answer[open]")).to_have_count(0)
    expect(page.locator("#shown")).to_have_text("6 of 6 shown")


def test_filters_by_keyboard(page: Page) -> None:
    page.get_by_label("Outcome").focus()
    page.keyboard.press("f")  # a list goes to the option that begins so
    expect(page.locator("#shown")).to_have_text("1 of 6 shown")
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_label("Words")).to_be_focused()
    page.keyboard.type("failed: no such")
    expect(page.locator("#shown")).to_have_text("0 of 6 shown")
    page.keyboard.press("Control+a")
    page.keyboard.press("Enter")  # sends nothing anywhere
    page.keyboard.type("FAILED")
    expect(page.locator("#shown")).to_have_text("1 of 6 shown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#answers > .answer[open] .error")).to_be_visible()


def test_without_scripts_all_is_there_to_read(browser: Browser, report: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator("#answers > .answer:visible")).to_have_count(6)
    page.locator("#answers > .answer > summary").first.click()
    expect(page.locator("#answers > .answer .sentences").first).to_be_visible()
    context.close()


def test_hostile_words_run_nothing_and_ask_for_nothing(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(report_page(hostile_run(tmp_path / "run")), encoding="utf-8")
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (asked.append("a dialog"), dialog.dismiss()))
    page.goto(path.as_uri())
    page.get_by_role("button", name="Open those shown").click()
    slices = page.get_by_role("combobox", name="Slice")
    slices.select_option(index=1)
    expect(page.locator("#shown")).not_to_have_text("0 of 6 shown")
    assert asked == [path.as_uri()]
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_serious(browser: Browser, tmp_path: Path, size: Any, scheme: Any) -> None:
    a = read_run(write_run(tmp_path / "a", RESULTS))
    b = read_run(write_run(tmp_path / "b", {**RESULTS, "q01": FAILED, "q03": WRONG}))
    pages = {"report": report_page(tmp_path / "a"), "comparison": comparison_page(compare(a, b), a, b)}
    for name, html in pages.items():
        path = tmp_path / f"{name}.html"
        path.write_text(html, encoding="utf-8")
        page = browser.new_page(viewport=size, color_scheme=scheme)
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        found = [one for one in Axe().run(page).response["violations"] if one["impact"] in ("serious", "critical")]
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        page.close()
        assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found] == [], name
        assert not wide, name
