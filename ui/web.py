"""The web chat: questions and answers on the left, the article that a citation opens on the right.

With `ui.earlier` and `ui.archive_tab` the only file that knows Gradio. It is imported inside functions, so that the
command line's help stays quick.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from index.archive import Archive
from index.errors import CopydeskError
from qa.records import Turn
from ui import render
from ui.archive_tab import ArchiveParts, connect_archive, lay_out_archive
from ui.article_view import render_no_evidence
from ui.asking import STAGES, STOPPED, LazyAssistant, Reply, Running, Tell, reply_to
from ui.earlier import (
    FEEDBACK_OPTIONS,
    ChatParts,
    EarlierParts,
    after_answer,
    connect_earlier,
    lay_out_earlier,
    lay_out_remark,
    with_token,
)
from ui.editing import Editor
from ui.page_filters import kept_filters, read_filters
from ui.refusal_view import parse_again
from ui.saving import SAVES_NOTHING, Keeper, owner_of
from ui.saving import Thread as SavedThread
from ui.sources import open_source, show_answer
from ui.uploads import MOST_UPLOAD_BYTES
from ui.writers import Writers

if TYPE_CHECKING:
    import gradio as gr

ASSETS = Path(__file__).parent / "assets"
REFRESH_SECONDS = 2.0
QUESTIONS_AT_ONCE = 4
LONGEST_QUESTION = 2000
UPLOADS_KEPT_SECONDS = 600
STYLES = ("chat.css", "reading.css", "archive.css")
SCRIPTS = ("bridge.js", "preview.js", "actions.js", "archive.js")


class ServerError(CopydeskError):
    """The chat's web server can't start."""


def build_chat(
    assistant: LazyAssistant,
    archive: Archive,
    examples: Sequence[str] = (),
    editor: Editor | None = None,
    keeper: Keeper = SAVES_NOTHING,
    llms: Sequence[str] = (),
) -> "gr.Blocks":
    """The page. Nothing in it is shared between browser tabs but the assistant, the archive and what is saved.

    Without an editor the archive can only be read. `llms` are the language models that its user may have write, the
    first of them to begin with; with an editor, others on this machine, too.
    """
    import gradio as gr

    writers = Writers(assistant, tuple(llms), editor is not None)
    page = _lay_out(editor is not None, keeper, writers)
    with page.blocks:

        def refresh(last_seen: int | None) -> tuple[Any, ...]:
            try:
                version = archive.data_version()
                if version == last_seen:
                    return (gr.skip(),) * 6
                names, articles = archive.outlets(), archive.article_count()
            except CopydeskError as error:
                return None, "", render.render_archive_error(str(error)), gr.skip(), gr.skip(), gr.skip()
            welcome = gr.update(
                placeholder=render.render_welcome(articles),
                examples=[{"text": text} for text in examples] if articles else [],
            )
            choices = gr.update(choices=names)
            return version, str(version), render.render_archive_line(articles, len(names)), choices, choices, welcome

        def show(event: gr.EventData) -> str:
            cited = getattr(event, "cited", ())
            return open_source(archive, str(getattr(event, "sid", "")), cited if isinstance(cited, list) else ())

        earlier, asking = page.earlier, _connect_asking(page, writers, keeper)
        quick: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        page.restart.click(
            lambda: (*_blank(), SavedThread(), gr.update(visible=False), None, gr.update(selected="ask")),
            None,
            [
                *(page.question, page.chat, page.turns, page.evidence),
                *(earlier.thread, earlier.tools, earlier.listed, page.tabs),
            ],
            cancels=asking,
            **quick,
        )
        page.bridge.cite(show, None, page.evidence, **quick)
        connect_earlier(earlier, _chat_parts(page), keeper, quick, lambda answer: show_answer(archive, answer))
        connect_archive(page.archive, page.changed, page.bridge, archive, editor, quick)
        refreshed = [page.seen, page.changed, page.count, page.outlets, page.archive.outlets, page.chat]
        for happens in (page.blocks.load, page.timer.tick):
            happens(refresh, page.seen, refreshed, **quick)
    return page.blocks


def _connect_asking(page: "_Page", writers: Writers, keeper: Keeper) -> list[Any]:
    """What asks: the box, an example, a way on from a refusal. Returns the events, for what stops them."""
    import gradio as gr

    def ask(
        text: str,
        history: list[Any],
        turns: Sequence[Turn],
        token: object,
        thread: SavedThread,
        chosen: list[str] | None,
        start: str | None,
        end: str | None,
        writer: str | None,
        request: gr.Request,
    ) -> Iterator[tuple[Any, ...]]:
        asked = _Asked(text.strip(), history, turns, owner_of(request.username, token), thread)
        work = lambda tell: reply_to(  # noqa: E731
            lambda: writers.assistant_of(writer), asked.text, lambda: read_filters(chosen, start, end), turns, tell
        )
        yield from _answering(asked, keeper, running, str(request.session_hash), writers.assistant.ready, work)

    def ask_example(
        history: list[Any],
        turns: Sequence[Turn],
        token: object,
        thread: SavedThread,
        chosen: list[str] | None,
        start: str | None,
        end: str | None,
        writer: str | None,
        request: gr.Request,
        event: gr.SelectData,
    ) -> Iterator[tuple[Any, ...]]:
        yield from ask(str(event.value["text"]), history, turns, token, thread, chosen, start, end, writer, request)

    def ask_again(
        history: list[Any],
        turns: Sequence[Turn],
        token: object,
        thread: SavedThread,
        chosen: list[str] | None,
        start: str | None,
        end: str | None,
        writer: str | None,
        request: gr.Request,
        event: gr.EventData,
    ) -> Iterator[tuple[Any, ...]]:
        again = parse_again(str(getattr(event, "what", "")))
        if again is None:
            return
        # The question that was refused isn't one that the same question leans on.
        before = turns[:-1] if turns and turns[-1].question == again.question else turns
        chosen, start, end = kept_filters(again, chosen, start, end)
        for shown in ask(again.question, history, before, token, thread, chosen, start, end, writer, request):
            # What somebody was typing stays.
            box = {name: value for name, value in shown[0].items() if name != "value"}
            yield box, *shown[1:], chosen, start, end

    def stop(request: gr.Request) -> None:
        running.stop(str(request.session_hash))

    earlier, running = page.earlier, Running()
    filters = [page.outlets, page.first, page.last]
    asked_with = [page.chat, page.turns, earlier.token, earlier.thread, *filters, page.writer]
    kept = [earlier.thread, earlier.tools, earlier.title, earlier.listed, earlier.note]
    asking: dict[str, Any] = {
        "outputs": [page.question, page.chat, page.turns, *kept],
        "concurrency_limit": QUESTIONS_AT_ONCE,
        "concurrency_id": "ask",
        "show_progress": "hidden",
        "api_visibility": "private",
    }
    # However soon somebody asks, what is asked comes with the token.
    token = asked_with.index(earlier.token)
    submitted = page.question.submit(ask, [page.question, *asked_with], js=with_token(token + 1), **asking)
    chosen_example = page.chat.example_select(ask_example, asked_with, js=with_token(token), **asking)
    outputs = [*asking["outputs"], *filters]
    asked_again = page.bridge.again(ask_again, asked_with, js=with_token(token), **{**asking, "outputs": outputs})
    page.question.stop(stop, None, None, queue=False, show_progress="hidden", api_visibility="private")
    return [submitted, chosen_example, asked_again]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, the messages and turns before it, and whose conversation it belongs to."""

    text: str
    history: list[Any]
    turns: Sequence[Turn]
    owner: str | None
    thread: SavedThread


def _answering(
    asked: _Asked, keeper: Keeper, running: Running, tab: str, ready: bool, reply: Callable[[Tell], Reply]
) -> Iterator[tuple[Any, ...]]:
    """What becomes of the box, the messages, the turns and the saved conversation while the answer is made."""
    import gradio as gr

    later = (gr.skip(),) * 6
    if not asked.text:
        yield gr.skip(), gr.skip(), *later
        return
    messages = [*asked.history, {"role": "user", "content": render.render_question(asked.text)}]
    waiting = STAGES["retrieve"] if ready else "Loading the models, which takes a moment…"
    yield _busy(), _with_status(messages, waiting), *later
    work = running.begin(tab, reply)
    try:
        for step in work.steps():
            if step.message:
                yield gr.skip(), [*messages, {"role": "assistant", "content": step.message}], *later
            elif step.stage in STAGES:
                yield gr.skip(), _with_status(messages, STAGES[step.stage]), *later
        done = work.reply
    finally:
        running.end(tab, work)
    kept = after_answer(keeper, asked.owner, asked.thread, done.answer if done else None)
    if done is None:
        yield _idle(value=asked.text), _with_status(messages, STOPPED), asked.turns, *kept
    else:
        yield _idle(), [*messages, {"role": "assistant", "content": done.message}], done.turns, *kept


def _with_status(messages: list[Any], words: str) -> list[Any]:
    return [*messages, {"role": "assistant", "content": render.render_status(words)}]


def _busy() -> Any:
    """The question's box while an answer is made."""
    import gradio as gr

    return gr.update(value="", submit_btn=False, stop_btn="Stop")


def _idle(**more: Any) -> Any:
    """The question's box when none is."""
    import gradio as gr

    return gr.update(submit_btn="Ask", stop_btn=False, **more)


def _blank() -> tuple[Any, ...]:
    """The question's box, messages, turns and evidence of a conversation that hasn't begun."""
    return _idle(value=""), [], (), render_no_evidence()


def _chat_parts(page: "_Page") -> ChatParts:
    return ChatParts(page.blocks, page.chat, page.turns, page.evidence, page.question, page.restart)


@contextmanager
def running_chat(
    assistant: LazyAssistant,
    archive: Archive,
    *,
    examples: Sequence[str] = (),
    host: str = "127.0.0.1",
    port: int | None = None,
    open_browser: bool = False,
    editor: Editor | None = None,
    keeper: Keeper = SAVES_NOTHING,
    llms: Sequence[str] = (),
) -> Iterator[str]:
    """Serve the chat while the block runs, and yield its address. Without `port`, the first free one from 7860.

    With an `editor`, whoever can open the page can add articles to the archive and remove them.

    Raises ServerError where it can't listen.
    """
    # Gradio reads these when it is imported; without them it reports each start to its makers.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    page = build_chat(assistant, archive, examples, editor, keeper, llms)
    try:
        _, url, _ = page.launch(
            server_name=host,
            server_port=port,
            share=False,
            inbrowser=open_browser,
            prevent_thread_lock=True,
            quiet=True,
            show_error=False,
            footer_links=[],
            run_history=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            enable_monitoring=False,
            max_file_size=1 if editor is None else MOST_UPLOAD_BYTES,
            favicon_path=ASSETS / "icon.svg",
            theme=_theme(),
            css_paths=[ASSETS / name for name in STYLES],
        )
    except OSError as error:
        raise ServerError(f"Can't listen on {host}:{port or '7860 and up'}. Choose another with --port.") from error
    assistant.load_in_background()
    try:
        yield url
    finally:
        page.close(verbose=False)


def serve(
    assistant: LazyAssistant,
    archive: Archive,
    *,
    say: Callable[[str], None],
    examples: Sequence[str] = (),
    host: str = "127.0.0.1",
    port: int = 7860,
    open_browser: bool = False,
    editor: Editor | None = None,
    keeper: Keeper = SAVES_NOTHING,
    llms: Sequence[str] = (),
) -> None:
    """Serve the chat until Ctrl-C. `say` gets the lines that tell the user where it is."""
    say("Starting the chat …")
    with running_chat(
        assistant,
        archive,
        examples=examples,
        host=host,
        port=port,
        open_browser=open_browser,
        editor=editor,
        keeper=keeper,
        llms=llms,
    ) as url:
        say(f"The chat is at {url} (Ctrl-C stops it). Articles that `copydesk add` adds show up there within seconds.")
        try:
            Event().wait()
        except KeyboardInterrupt:
            say("Stopped.")


@dataclass(frozen=True, slots=True)
class _Page:
    """The components that events read and write. `Any`, because Gradio adds their event methods at run time."""

    blocks: "gr.Blocks"
    seen: Any
    changed: Any
    turns: Any
    timer: Any
    count: Any
    restart: Any
    chat: Any
    question: Any
    outlets: Any
    first: Any
    last: Any
    writer: Any
    evidence: Any
    bridge: Any
    tabs: Any
    earlier: EarlierParts
    archive: ArchiveParts


def _lay_out(editable: bool, keeper: Keeper, writers: Writers) -> _Page:
    import gradio as gr

    # What is uploaded is deleted again: it is in the archive, or was refused.
    kept = (UPLOADS_KEPT_SECONDS, UPLOADS_KEPT_SECONDS)
    with gr.Blocks(title="copydesk", analytics_enabled=False, fill_width=True, delete_cache=kept) as blocks:
        seen, turns, timer = gr.State(None), gr.State(()), gr.Timer(REFRESH_SECONDS)
        # A state tells of its changes only to what waits in the queue.
        changed = gr.Textbox(visible="hidden")
        with gr.Row(elem_id="masthead", elem_classes="can-add" if editable else None):
            gr.HTML("<h1>copydesk</h1>", elem_id="wordmark")
            count = gr.HTML(elem_id="archive-line")
            restart = gr.Button("New conversation", elem_id="restart", size="sm")
        with gr.Tabs(elem_id="views") as tabs:
            with gr.Tab("Ask", id="ask", elem_id="ask"), gr.Row(elem_id="desk"):
                with gr.Column(elem_id="conversation"):
                    chat, question = _conversation(keeper)
                    remark = lay_out_remark()
                    outlets, first, last = _lay_out_filters()
                    writer = _lay_out_writers(writers)
                    earlier = lay_out_earlier(keeper, remark)
                with gr.Column(elem_id="evidence-column"):
                    evidence = gr.HTML(render_no_evidence(), elem_id="evidence")
            with gr.Tab("Archive", id="archive", elem_id="archive"):
                shelf = lay_out_archive(editable=editable)
        scripts = "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in SCRIPTS)
        bridge = gr.HTML(visible="hidden", js_on_load=scripts)
    search = (chat, question, outlets, first, last, writer)
    return _Page(blocks, seen, changed, turns, timer, count, restart, *search, evidence, bridge, tabs, earlier, shelf)


def _lay_out_filters() -> tuple[Any, Any, Any]:
    """What narrows the search: outlets, the first day and the last."""
    import gradio as gr

    with gr.Accordion("Narrow the search", open=False, elem_id="filters"):
        outlets = gr.Dropdown([], multiselect=True, label="Outlets", allow_custom_value=True)
        with gr.Row():
            # bridge.js makes date pickers of them. gr.DateTime keeps the last good date, silently, when what was typed
            # after it is none.
            day: dict[str, Any] = {"max_lines": 1, "placeholder": "YYYY-MM-DD", "elem_classes": "day"}
            first = gr.Textbox(label="Published from", **day)
            last = gr.Textbox(label="Published until", **day)
    return outlets, first, last


def _lay_out_writers(writers: Writers) -> Any:
    """Who writes the answers; hidden where there is nothing to choose."""
    import gradio as gr

    with gr.Accordion("Who writes the answers", open=False, elem_id="writers", visible=writers.can_choose):
        return gr.Dropdown(
            list(writers.choices),
            value=writers.first,
            label="Answers are",
            info="A language model's sentences are each checked against what they cite before they are shown. "
            + ("Or type a model on this machine, as in ollama:NAME." if writers.any_here else ""),
            allow_custom_value=writers.any_here,
        )


def _conversation(keeper: Keeper) -> "tuple[gr.Chatbot, gr.Textbox]":
    import gradio as gr

    chat = gr.Chatbot(
        elem_id="chat",
        show_label=False,
        label="Conversation",
        layout="panel",
        buttons=[],
        feedback_options=FEEDBACK_OPTIONS if keeper.store is not None else None,
        latex_delimiters=[],
        allow_file_downloads=False,
        group_consecutive_messages=False,
        height=None,
    )
    question = gr.Textbox(
        elem_id="question",
        label="Your question",
        placeholder="Ask a question",
        show_label=False,
        max_lines=6,
        max_length=LONGEST_QUESTION,
        submit_btn="Ask",
        autofocus=True,
    )
    return chat, question


def _theme() -> "gr.themes.Base":
    import gradio as gr

    return gr.themes.Base(
        primary_hue=gr.themes.colors.slate,
        neutral_hue=gr.themes.colors.stone,
        radius_size=gr.themes.sizes.radius_sm,
        font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"],
        font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "monospace"],
    )
