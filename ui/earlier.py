"""The chat page's part for earlier conversations: list, search, open, rename, export, delete, and feedback.

Beside `ui.web` the only file that knows Gradio; imported inside functions, so that the command line's help stays quick.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from index.errors import CopydeskError
from qa.conversations import LONGEST_REASON, title_from
from qa.records import Answer
from ui import render
from ui.article_view import render_no_evidence
from ui.saving import REASONS, Keeper, Rated, Thread, owner_of

Result = TypeVar("Result")

FEEDBACK_OPTIONS = ("Like", "Dislike", *REASONS)
# What a browser is known by: drawn once, kept in it, and sent with what is asked. Nobody guesses it.
_TOKEN = """() => {
    const drawn = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0'));
    try {
        const kept = localStorage.getItem('copydesk') || drawn().join('');
        localStorage.setItem('copydesk', kept);
        return kept;
    } catch {
        return drawn().join('');
    }
}"""
# A file that nothing is left of on the server: it is made in the browser.
_SAVE_FILE = """(file) => {
    if (!file) return;
    const {name, type, text} = JSON.parse(file);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], {type}));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}"""
_TYPES = {"markdown": "text/markdown", "json": "application/json"}


@dataclass(frozen=True, slots=True)
class EarlierParts:
    """The components of it. `Any`, because Gradio adds their event methods at run time."""

    token: Any
    thread: Any
    search: Any
    listed: Any
    tools: Any
    title: Any
    rename: Any
    markdown: Any
    as_json: Any
    delete: Any
    sure: Any
    really: Any
    unsure: Any
    file: Any
    note: Any
    rated: Any
    remark: Any


@dataclass(frozen=True, slots=True)
class ChatParts:
    """The components of the page that opening a conversation changes, and those that go on from an answer."""

    blocks: Any
    chat: Any
    turns: Any
    evidence: Any
    question: Any
    restart: Any


def with_token(place: int) -> str:
    """For an event's `js`: its inputs with the token at that place, should the page not have been told it yet."""
    return f"(...inputs) => {{ inputs[{place}] ||= ({_TOKEN})(); return inputs; }}"


def lay_out_remark() -> Any:
    """To be called inside the page, where a remark on an answer that was rated is to be written."""
    import gradio as gr

    return gr.Textbox(
        label="Anything to add on that answer? (optional)",
        max_lines=3,
        max_length=LONGEST_REASON // 2,
        submit_btn="Send",
        visible=False,
        elem_id="remark",
    )


def lay_out_earlier(keeper: Keeper, remark: Any) -> EarlierParts:
    """To be called inside the page, where the part is to stand."""
    import gradio as gr

    there = keeper.store is not None
    token = gr.Textbox(visible="hidden")
    rated, thread = gr.State(None), gr.State(Thread())
    note = gr.HTML(render_note(keeper.problem), elem_id="saving-note")
    with gr.Accordion("Earlier conversations", open=False, elem_id="earlier", visible=there):
        search = gr.Textbox(label="Search conversations", max_lines=1, max_length=200, elem_id="earlier-search")
        listed = gr.Radio([], label="Conversations", show_label=False, elem_id="earlier-list")
        with gr.Column(visible=False, elem_id="earlier-tools") as tools:
            title = gr.Textbox(label="Title", max_lines=1, max_length=200)
            with gr.Row():
                rename = gr.Button("Rename", size="sm")
                markdown = gr.Button("Save as Markdown", size="sm")
                as_json = gr.Button("Save as JSON", size="sm")
                delete = gr.Button("Delete", size="sm")
            with gr.Row(visible=False) as sure:
                really = gr.Button("Delete for good", size="sm", variant="stop")
                unsure = gr.Button("Keep it", size="sm")
    file = gr.Textbox(visible="hidden")
    saving = (rename, markdown, as_json, delete, sure, really, unsure)
    return EarlierParts(token, thread, search, listed, tools, title, *saving, file, note, rated, remark)


def render_note(problem: str) -> str:
    """That conversations are not saved, and why; nothing where they are."""
    if not problem:
        return ""
    return f'<p role="alert" class="cd-unsaved">Not saved: {render.escape_text(render.one_line(problem))}</p>'


def listing(keeper: Keeper, owner: str | None, search: str | None, thread: Thread) -> Any:
    """The list as it is now, the conversation on the page chosen in it."""
    import gradio as gr

    choices = keeper.listed(owner, search or "") if owner else []
    ids = [identifier for _, identifier in choices]
    return gr.update(choices=choices, value=thread.conversation_id if thread.conversation_id in ids else None)


def after_answer(keeper: Keeper, owner: str | None, thread: Thread, answer: Answer | None) -> tuple[Any, ...]:
    """Save an answer (None: what was shown is none); what becomes of thread, tools, title, list and note."""
    import gradio as gr

    if owner is None or keeper.store is None:
        return thread, gr.skip(), gr.skip(), gr.skip(), gr.skip()
    saved, problem = keeper.save(owner, thread, answer)
    begun = answer is not None and saved.conversation_id != thread.conversation_id
    title = title_from(answer.question) if begun and answer is not None else gr.skip()
    tools = gr.update(visible=saved.conversation_id is not None)
    return saved, tools, title, listing(keeper, owner, "", saved), render_note(problem)


def connect_earlier(
    parts: EarlierParts, page: ChatParts, keeper: Keeper, quick: dict[str, Any], show: Callable[[Answer], str]
) -> None:
    """What happens when something of it is used; `quick` are the settings of events that take no time, and `show` makes
    a message of an answer.
    """
    import gradio as gr

    def search(token: object, words: str | None, thread: Thread, request: gr.Request) -> Any:
        return listing(keeper, owner_of(request.username, token), words, thread)

    # In the browser alone: whatever is asked, however soon, comes with the token.
    known = page.blocks.load(None, None, parts.token, js=_TOKEN, **quick)
    known.then(search, [parts.token, parts.search, parts.thread], parts.listed, **quick)
    parts.search.change(search, [parts.token, parts.search, parts.thread], parts.listed, **quick)
    _connect_open(parts, page, keeper, quick, show)
    _connect_tools(parts, page, keeper, quick)
    _connect_feedback(parts, page, keeper, quick)


def _connect_open(
    parts: EarlierParts, page: ChatParts, keeper: Keeper, quick: dict[str, Any], show: Callable[[Answer], str]
) -> None:
    import gradio as gr

    def open_one(token: object, chosen: str | None, request: gr.Request) -> tuple[Any, ...]:
        owner = owner_of(request.username, token)
        if owner is None or not chosen:
            return (gr.skip(),) * 6
        opened = _told(lambda: keeper.open(owner, chosen, show))
        chat = gr.update(value=list(opened.messages), feedback_value=list(opened.feedback))
        blank = render_no_evidence()
        return chat, opened.turns, opened.thread, blank, gr.update(visible=True), opened.title

    outputs = [page.chat, page.turns, parts.thread, page.evidence, parts.tools, parts.title]
    parts.listed.input(open_one, [parts.token, parts.listed], outputs, **quick)


def _connect_tools(parts: EarlierParts, page: ChatParts, keeper: Keeper, quick: dict[str, Any]) -> None:
    import gradio as gr

    def rename(token: object, thread: Thread, title: str | None, words: str | None, request: gr.Request) -> Any:
        owner = owner_of(request.username, token)
        if owner is not None and thread.conversation_id is not None:
            conversation_id = thread.conversation_id
            _told(lambda: keeper.rename(owner, conversation_id, title or ""))
        return listing(keeper, owner, words, thread)

    def delete(token: object, thread: Thread, words: str | None, request: gr.Request) -> tuple[Any, ...]:
        owner = owner_of(request.username, token)
        if owner is not None and thread.conversation_id is not None:
            conversation_id = thread.conversation_id
            _told(lambda: keeper.delete(owner, conversation_id))
        away = gr.update(visible=False)
        blank = render_no_evidence()
        return [], (), Thread(), blank, away, away, listing(keeper, owner, words, Thread())

    def export(file_format: str) -> Callable[..., str]:
        def write(token: object, thread: Thread, request: gr.Request) -> str:
            owner, conversation_id = owner_of(request.username, token), thread.conversation_id
            if owner is None or conversation_id is None:
                return ""
            name, text = _told(lambda: keeper.export(owner, conversation_id, file_format))
            return json.dumps({"name": name, "type": _TYPES[file_format], "text": text})

        return write

    known = [parts.token, parts.thread]
    parts.rename.click(rename, [*known, parts.title, parts.search], parts.listed, **quick)
    for button, file_format in ((parts.markdown, "markdown"), (parts.as_json, "json")):
        button.click(export(file_format), known, parts.file, **quick).success(None, parts.file, None, js=_SAVE_FILE)
    for button, asked in ((parts.delete, True), (parts.unsure, False)):
        button.click(lambda asked=asked: gr.update(visible=asked), None, parts.sure, **quick)
    outputs = [page.chat, page.turns, parts.thread, page.evidence, parts.sure, parts.tools, parts.listed]
    parts.really.click(delete, [*known, parts.search], outputs, **quick)


def _connect_feedback(parts: EarlierParts, page: ChatParts, keeper: Keeper, quick: dict[str, Any]) -> None:
    import gradio as gr

    def rate(token: object, thread: Thread, request: gr.Request, event: gr.LikeData) -> tuple[Rated | None, Any]:
        owner = owner_of(request.username, token)
        index = event.index if isinstance(event.index, int) else event.index[0]
        rated = _told(lambda: keeper.rate(owner, thread, index, event.liked)) if owner is not None else None
        return rated, gr.update(value="", visible=rated is not None)

    def remark(token: object, rated: Rated | None, words: str | None, request: gr.Request) -> Any:
        owner = owner_of(request.username, token)
        if owner is not None and rated is not None and words and words.strip():
            _told(lambda: keeper.remark(owner, rated, words))
        return gr.update(value="", visible=False)

    if keeper.store is None:
        return
    page.chat.like(rate, [parts.token, parts.thread], [parts.rated, parts.remark], **quick)
    parts.remark.submit(remark, [parts.token, parts.rated, parts.remark], parts.remark, **quick)
    for goes_on in (page.question.submit, page.restart.click, parts.listed.input, parts.really.click):
        goes_on(lambda: gr.update(value="", visible=False), None, parts.remark, **quick)


def _told(work: Callable[[], Result]) -> Result:
    """Do it; what goes wrong is told in a toast, and the page stays as it is."""
    import gradio as gr

    try:
        return work()
    except CopydeskError as error:
        told = render.escape_text(render.one_line(str(error)))
        raise gr.Error(told, title="That didn’t work", print_exception=False) from error
