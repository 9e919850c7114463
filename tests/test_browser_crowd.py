"""Twenty people at once, each in a browser session of their own: nobody gets an error or another's answer, and how long
each waits is printed.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median, quantiles

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.test_browser import MILLISECONDS_TO_LOAD, Chat, add
from tests.test_browser import browser as browser
from tests.test_browser_earlier import served_saving

PEOPLE = 20
TOWNS = (
    "Arnwick Belcombe Corvale Dunmere Elsworth Farlow Grenby Halden Ixworth Jarrow Kelding Lorne Marlow Netherby "
    "Orvane Penhale Quarley Rusthall Selby Thornby"
).split()
BUILT = "clock bridge orchard harbour library".split()


@dataclass(slots=True)
class Person:
    """A person's page, the number of their town, and the seconds they waited for each answer."""

    page: Page
    number: int
    waited: list[float]


def questions(number: int) -> list[tuple[str, str]]:
    """Five questions about the town of that number, and the cost that each answer has to name."""
    return [
        (f"How much did the new {what} of {TOWNS[number]} cost?", f"{1_100 + 37 * number + 211 * place:,}")
        for place, what in enumerate(BUILT)
    ]


@pytest.fixture(scope="module")
def chat(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    folder = tmp_path_factory.mktemp("crowd") / "archive"
    add(folder, [_article(number) for number in range(PEOPLE)])
    with served_saving(folder, folder.parent / "conversations.sqlite3") as url:
        yield Chat(url, folder)


def _article(number: int) -> dict[str, object]:
    town = TOWNS[number]
    sentences = [
        f"The new {what} of {town} cost {cost} crowns."
        for what, (_, cost) in zip(BUILT, questions(number), strict=True)
    ]
    return {
        "url": f"https://news.example.org/{town}",
        "title": f"What {town} has built",
        "published": "2026-11-10",
        "text": "\n\n".join(sentences),
    }


@pytest.mark.crowd
def test_twenty_people_at_once(browser: Browser, chat: Chat, capsys: pytest.CaptureFixture[str]) -> None:
    people = [Person(browser.new_context().new_page(), number, []) for number in range(PEOPLE)]
    for person in people:
        person.page.goto(chat.url)
    for person in people:
        expect(person.page.get_by_role("button", name="Earlier conversations")).to_be_visible(
            timeout=MILLISECONDS_TO_LOAD
        )
    for place in range(len(BUILT)):
        _ask_all(people, place)
    for person in people:
        _has_only_their_own(person)
        person.page.context.close()
    with capsys.disabled():
        print(f"\n{_distribution(people)}")


def _ask_all(people: list[Person], place: int) -> None:
    """All press Enter one right after the other; then each waits for the answer."""
    asked: dict[int, float] = {}
    for person in people:
        box = person.page.get_by_role("textbox", name="Your question")
        box.fill(questions(person.number)[place][0])
        box.press("Enter")
        asked[person.number] = time.monotonic()
    give_up = time.monotonic() + MILLISECONDS_TO_LOAD / 1000
    while asked and time.monotonic() < give_up:
        people[0].page.wait_for_timeout(200)
        for person in people:
            done = "document.querySelectorAll('.cd-answer:not(.cd-partly), .cd-error').length"
            if person.number in asked and person.page.evaluate(done) > place:
                person.waited.append(time.monotonic() - asked.pop(person.number))
    assert not asked, f"no answer for {[TOWNS[number] for number in asked]}"


def _has_only_their_own(person: Person) -> None:
    """Five answers, each the one asked for, and in the list of conversations nothing but this one."""
    page = person.page
    expect(page.locator(".cd-error")).to_have_count(0)
    answers = page.locator(".cd-answer")
    expect(answers).to_have_count(len(BUILT))
    town = TOWNS[person.number]
    others = re.compile("|".join(other for other in TOWNS if other != town))
    for place, (question, cost) in enumerate(questions(person.number)):
        expect(page.get_by_test_id("user").nth(place)).to_have_text(question)
        expect(answers.nth(place).locator(".cd-sentence").first).to_contain_text(cost)
        expect(answers.nth(place)).not_to_contain_text(others)
    page.get_by_role("button", name="Earlier conversations").click()
    listed = page.locator("#earlier-list").get_by_role("radio")
    expect(listed).to_have_count(1)
    expect(page.locator("#earlier-list")).to_contain_text(town)


def _distribution(people: list[Person]) -> str:
    waited = sorted(seconds for person in people for seconds in person.waited)
    tenths = quantiles(waited, n=20)
    return (
        f"{PEOPLE} people at once, {len(waited)} questions: an answer after {median(waited):.1f} s (median), "
        f"{tenths[17]:.1f} s (90th percentile), {tenths[18]:.1f} s (95th), {waited[-1]:.1f} s (longest)"
    )
