"""What the page's handlers do with what a browser may send them, over a real archive."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from socket import socket
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest

from index.archive import Archive
from index.build import prepare, remove_articles
from index.embedding import EmbedderIdentity
from index.errors import BadInputError, ModelError
from index.records import Article, ArticleInfo, Filters, article_id_for, version_of
from index.writer import writing
from qa.records import Turn
from tests.page_support import cite, make_answer, make_article, supported
from ui.asking import LazyAssistant, Reply, Running, Step, Stopped, Tell, Work, reply_to
from ui.page_filters import kept_filters, read_filters
from ui.previews import Around, surroundings
from ui.refusal_view import Again, Dropped
from ui.render import anchor_of
from ui.sources import open_source
from ui.web import ServerError, running_chat

IDENTITY = EmbedderIdentity("a stand-in: these tests search nothing", "0" * 64, 4)
TEXT = "The ferry to Brannock was late.\n\nNobody minded, the harbour master said on Monday."


def store(archive: Archive, text: str) -> Article:
    source = "https://news.example.org/ferry"
    info = ArticleInfo(article_id_for(source), version_of(text), source, "Ferry late", "A Wire", (), date(2026, 11, 9))
    prepared = prepare(Article(info, text), IDENTITY)
    with writing(archive) as writer, writer.transaction():
        writer.record_identity(IDENTITY)
        writer.put(prepared, [np.ones(IDENTITY.dimension, dtype=np.float32) for _ in prepared.passages])
    return prepared.article


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    archive = Archive(tmp_path / "archive")
    yield archive
    archive.close()


def test_a_mark_opens_its_article_at_its_characters(archive: Archive) -> None:
    article = store(archive, TEXT)
    start = TEXT.index("Nobody")
    html = open_source(archive, f"{article.article_id}.{article.version}.{start}.{len(TEXT)}")
    assert ">Nobody minded, the harbour master said on Monday.</mark>" in html
    assert "Ferry late" in html
    assert "changed since" not in html


def test_a_mark_stays_good_when_its_article_changes(archive: Archive) -> None:
    old = store(archive, TEXT)
    store(archive, TEXT.replace("late", "early"))
    html = open_source(archive, f"{old.article_id}.{old.version}.0.31")
    assert ">The ferry to Brannock was late.</mark>" in html
    assert "changed since" in html
    assert "<del>late</del><ins>early</ins>" in html


def test_a_mark_says_so_when_its_article_is_gone(archive: Archive) -> None:
    article = store(archive, TEXT)
    remove_articles(archive, [article.article_id])
    html = open_source(archive, f"{article.article_id}.{article.version}.0.31")
    assert 'role="alert"' in html
    assert "<mark" not in html


@pytest.mark.parametrize("span", ["5.5", "9.3", "0.100000", "99999.100000"])
def test_a_mark_outside_its_article_is_refused(archive: Archive, span: str) -> None:
    article = store(archive, TEXT)
    assert 'role="alert"' in open_source(archive, f"{article.article_id}.{article.version}.{span}")


@pytest.mark.parametrize("reference", ["", "None", "../../etc/passwd", "<script>", "a.b.0.1", "' OR 1=1 --.b.0.1"])
def test_a_made_up_mark_is_refused_without_being_repeated(archive: Archive, reference: str) -> None:
    html = open_source(archive, reference)
    assert 'role="alert"' in html
    assert "<script>" not in html


@pytest.mark.parametrize(
    ("outlets", "first", "last", "expected"),
    [
        (None, None, None, Filters()),
        ([], "", " ", Filters()),
        (["A Wire"], "2026-11-01", None, Filters(outlets=("A Wire",), published_from=date(2026, 11, 1))),
        ([], None, "2026-11-30", Filters(published_to=date(2026, 11, 30))),
        (None, "2026-11-09", "2026-11-09", Filters(None, date(2026, 11, 9), date(2026, 11, 9))),
    ],
)
def test_filters_ask_for_nothing_where_nothing_is_chosen(
    outlets: list[str] | None, first: str | None, last: str | None, expected: Filters
) -> None:
    assert read_filters(outlets, first, last) == expected


@pytest.mark.parametrize(("first", "last"), [("yesterday", None), (None, "2026-02-30"), ("2026-11-10", "2026-11-09")])
def test_a_date_that_is_none_is_an_error_that_says_how_to_write_one(first: str | None, last: str | None) -> None:
    with pytest.raises(BadInputError):
        read_filters(None, first, last)


def test_an_assistant_is_built_once_however_many_wait_for_it() -> None:
    built: list[object] = []

    def build() -> Any:
        built.append(object())
        return built[-1]

    lazy = LazyAssistant(build)
    assert not lazy.ready
    waiting = [Thread(target=lazy.get) for _ in range(8)]
    for thread in waiting:
        thread.start()
    for thread in waiting:
        thread.join()
    assert lazy.ready
    assert len(built) == 1


def test_a_model_that_cant_be_loaded_is_told_in_the_chat_and_tried_again() -> None:
    tries: list[int] = []

    def build() -> Any:
        tries.append(1)
        raise ModelError("the weights are <not> the ones expected: reinstall them")

    lazy = LazyAssistant(build)
    for _ in range(2):
        reply = reply_to(lazy.get, "Who?", Filters)
        assert reply.turns == ()
        assert "The weights are" in reply.message
        assert "<not>" not in reply.message
    assert len(tries) == 2


def test_a_bad_filter_is_told_in_the_chat() -> None:
    history = (Turn("Who rang the bell?", "Who rang the bell?"),)
    lazy = LazyAssistant(lambda: None)  # type: ignore[arg-type,return-value]
    reply = reply_to(lazy.get, "Who?", lambda: read_filters(None, "soon", None), history)
    assert "cd-error" in reply.message
    assert reply.turns == history


def test_work_tells_its_steps_and_then_its_reply() -> None:
    def reply(tell: Tell) -> Reply:
        tell(Step(stage="retrieve"))
        tell(Step(message="It was"))
        return Reply("It was late.", ())

    work = Work(reply)
    assert list(work.steps()) == [Step(stage="retrieve"), Step(message="It was")]
    assert work.reply == Reply("It was late.", ())


def test_work_that_is_stopped_ends_at_its_next_step_and_has_no_reply() -> None:
    went_on, ended = Event(), Event()

    def reply(tell: Tell) -> Reply:
        tell(Step(stage="retrieve"))
        assert went_on.wait(60)
        try:
            tell(Step(stage="choose"))
        except Stopped:
            ended.set()
            raise
        return Reply("It was late.", ())

    work = Work(reply)
    steps = work.steps()
    assert next(steps) == Step(stage="retrieve")
    work.stop()
    went_on.set()
    assert list(steps) == []
    assert ended.wait(60)
    assert work.reply is None


def test_a_tab_stops_its_own_work_only_and_a_new_question_stops_the_one_before() -> None:
    goes_on = Event()

    def reply(tell: Tell) -> Reply:
        assert goes_on.wait(60)
        return Reply("It was late.", ())

    running = Running()
    first, second, other = running.begin("a", reply), running.begin("a", reply), running.begin("b", reply)
    running.stop("c")
    running.end("a", first)
    running.stop("a")
    goes_on.set()
    for work in (first, second, other):
        assert list(work.steps()) == []
    assert first.reply is None
    assert second.reply is None
    assert other.reply == Reply("It was late.", ())


def test_a_port_in_use_is_told_with_what_to_do(archive: Archive) -> None:
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=f"127.0.0.1:{port}.*--port"):  # noqa: SIM117
            with running_chat(LazyAssistant(lambda: None), archive, port=port):  # type: ignore[arg-type,return-value]
                pytest.fail("two servers on one port")


def test_what_else_an_answer_cites_is_marked_and_rubbish_is_passed_over(archive: Archive) -> None:
    article = store(archive, TEXT)
    name = f"{article.article_id}.{article.version}"
    start = TEXT.index("Nobody")
    cited = [f"{name}.0.31", f"{name}.{start}.{len(TEXT)}", f"{name}.7.100000", "<script>", None, {"a": 1}]
    html = open_source(archive, str(cited[1]), cited)
    assert '<mark class="cd-also">The ferry to Brannock was late.</mark>' in html
    assert "Citation 2 of 3" in html
    assert "script" not in html


def test_previews_have_the_sentences_around_of_what_is_there_and_unchanged(archive: Archive) -> None:
    article = store(archive, TEXT)
    cited = cite(article, 0, 31)
    answer = make_answer(supported(cited.quote, cited, cite(make_article("Gone."), 0, 5)))
    assert surroundings(archive, answer) == {anchor_of(cited): Around("", TEXT[TEXT.index("Nobody") :])}
    store(archive, TEXT.replace("late", "early"))
    assert surroundings(archive, answer) == {}


@pytest.mark.parametrize(
    ("without", "expected"),
    [
        ("nothing", (["A Wire"], "2026-01-01", None)),
        ("dates", (["A Wire"], "", "")),
        ("outlets", ([], "2026-01-01", None)),
        ("filters", ([], "", "")),
    ],
)
def test_only_the_filters_that_are_named_are_dropped(without: Dropped, expected: tuple[Any, ...]) -> None:
    assert kept_filters(Again("Who?", without), ["A Wire"], "2026-01-01", None) == expected
