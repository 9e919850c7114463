"""The page's second tab: the articles as a list, one of them open beside it, and what may be done to the archive.

Beside `ui.web` and `ui.earlier` the only file that knows Gradio; imported inside functions, so that the command line's
help stays quick.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.archive import Archive
from index.errors import CopydeskError
from index.furniture import find_furniture
from index.listing import Order, list_page
from index.size import size_of
from ui import archive_view
from ui.adding import Item, addresses_in, render_items
from ui.editing import Editor
from ui.page_filters import read_filters
from ui.uploads import describe_upload

PAGE_LENGTH = 50
_ORDERS: tuple[tuple[str, Order], ...] = (
    ("Newest first", "newest"),
    ("Oldest first", "oldest"),
    ("Title", "title"),
    ("Outlet", "outlet"),
    ("Added last", "added"),
)
# One change to the archive at a time: a second would be refused by the first one's lock.
_CHANGES: dict[str, Any] = {
    "concurrency_limit": 1,
    "concurrency_id": "change",
    "show_progress": "hidden",
    "api_visibility": "private",
}


@dataclass(frozen=True, slots=True)
class ArchiveParts:
    """The components of the tab. `Any`, because Gradio adds their event methods at run time."""

    search: Any
    order: Any
    outlets: Any
    first: Any
    last: Any
    listed: Any
    before: Any
    after: Any
    offset: Any
    opened: Any
    reader: Any
    article: Any
    close: Any
    remove: Any
    desk: Any
    undo_row: Any
    undo_note: Any
    undo: Any
    undone: Any
    files: Any
    addresses: Any
    add: Any
    follow: Any
    added: Any
    feeds: Any
    sync: Any
    synced: Any
    removed: Any
    size: Any
    check: Any
    findings: Any


def lay_out_archive(*, editable: bool) -> ArchiveParts:
    """To be called inside the tab. Without `editable` it only shows."""
    import gradio as gr

    offset, opened, undone = gr.State(0), gr.State(None), gr.State(None)
    with gr.Row(elem_id="shelf"):
        with gr.Column(elem_id="shelf-list"):
            with gr.Row(elem_classes="shelf-tools"):
                search = gr.Textbox(label="Words in title or text", max_lines=1, max_length=200, scale=2)
                order = gr.Dropdown(list(_ORDERS), value="newest", label="Sort by", scale=1)
            with gr.Row(elem_classes="shelf-tools"):
                outlets = gr.Dropdown(
                    [],
                    multiselect=True,
                    label="Outlets",
                    allow_custom_value=True,
                    scale=2,
                    elem_id="shelf-outlets",
                )
                # bridge.js makes date pickers of them.
                day: dict[str, Any] = {"max_lines": 1, "placeholder": "YYYY-MM-DD", "elem_classes": "day", "scale": 1}
                first = gr.Textbox(label="Published from", **day)
                last = gr.Textbox(label="Published until", **day)
            with gr.Row(visible=False, elem_id="shelf-undo") as undo_row:
                undo_note = gr.HTML()
                undo = gr.Button("Undo", size="sm")
            listed = gr.HTML(elem_id="shelf-rows")
            with gr.Row(elem_id="shelf-pages"):
                before = gr.Button("Previous", size="sm", interactive=False)
                after = gr.Button("Next", size="sm", interactive=False)
        with gr.Column(elem_id="shelf-side"):
            with gr.Column(visible=False, elem_id="shelf-reader") as reader:
                with gr.Row(elem_id="shelf-actions"):
                    close = gr.Button("Close", size="sm", elem_id="shelf-close")
                    remove = gr.Button("Remove from the archive", size="sm", visible=editable)
                article = gr.HTML(elem_id="shelf-article")
            with gr.Column(elem_id="shelf-desk") as desk:
                with gr.Accordion("Add articles", open=True, elem_id="add-articles", visible=editable):
                    files = gr.File(label=describe_upload(), file_count="multiple", height=110, elem_id="upload")
                    addresses = gr.Textbox(
                        label="Web addresses of articles or feeds, one a line",
                        lines=2,
                        max_lines=6,
                        max_length=20_000,
                        placeholder="https://…",
                    )
                    with gr.Row():
                        add = gr.Button("Add these articles", size="sm")
                        follow = gr.Button("Follow these feeds", size="sm")
                    added = gr.HTML(elem_id="uploaded", elem_classes="cd-items")
                with gr.Accordion("Feeds", open=False, elem_id="shelf-feeds"):
                    feeds = gr.HTML()
                    sync = gr.Button("Add what is new in them", size="sm", visible=editable)
                    synced = gr.HTML(elem_id="synced", elem_classes="cd-items")
                with gr.Accordion("Removed articles", open=False, elem_id="shelf-removed"):
                    removed = gr.HTML()
                with gr.Accordion("Size and health", open=True, elem_id="shelf-size"):
                    size = gr.HTML()
                    check = gr.Button("Check the archive", size="sm")
                    findings = gr.HTML()
    listing = (search, order, outlets, first, last, listed, before, after, offset)
    reading = (opened, reader, article, close, remove, desk, undo_row, undo_note, undo, undone)
    return ArchiveParts(
        *listing, *reading, files, addresses, add, follow, added, feeds, sync, synced, removed, size, check, findings
    )


def connect_archive(
    parts: ArchiveParts, changed: Any, bridge: Any, archive: Archive, editor: Editor | None, quick: dict[str, Any]
) -> None:
    """What happens when something of it is used. `changed` is a box that changes with the archive, `bridge`
    tells of links and buttons, `quick` are the settings of events that take no time.
    """
    _connect_list(parts, changed, archive, quick)
    _connect_reader(parts, bridge, archive, quick)
    _connect_sides(parts, changed, archive, editor, quick)
    if editor is not None:
        _connect_adding(parts, editor, quick)
        _connect_removing(parts, bridge, archive, editor)


def _connect_list(parts: ArchiveParts, changed: Any, archive: Archive, quick: dict[str, Any]) -> None:
    asked = [*_asked(parts), parts.offset]
    outputs = [parts.listed, parts.before, parts.after, parts.offset]

    def show(*given: Any) -> tuple[Any, ...]:
        return _listing(archive, given[:-1], given[-1])

    def turn(by: int) -> Callable[..., tuple[Any, ...]]:
        return lambda *given: _listing(archive, given[:-1], given[-1] + by)

    def anew(*given: Any) -> tuple[Any, ...]:
        return _listing(archive, given[:-1], 0)

    changed.change(show, asked, outputs, **quick)
    for part in (parts.search, parts.order, parts.outlets, parts.first, parts.last):
        part.change(anew, asked, outputs, trigger_mode="always_last", **quick)
    parts.before.click(turn(-PAGE_LENGTH), asked, outputs, **quick)
    parts.after.click(turn(PAGE_LENGTH), asked, outputs, **quick)


def _asked(parts: ArchiveParts) -> list[Any]:
    return [parts.opened, parts.search, parts.order, parts.outlets, parts.first, parts.last]


def _listing(archive: Archive, asked: Sequence[Any], offset: int) -> tuple[Any, ...]:
    """The list as it is asked for with the values of `_asked`: HTML, the two buttons that turn its pages, and where it
    begins.
    """
    import gradio as gr

    opened, words, order, outlets, first, last = asked
    try:
        filters = read_filters(outlets, first, last)
        page = list_page(archive, filters, words or "", order, offset, PAGE_LENGTH)
        shown = archive_view.render_list(page, archive.article_count(), opened)
    except CopydeskError as error:
        return archive_view.render_problem(str(error)), gr.skip(), gr.skip(), gr.skip()
    more = page.offset + len(page.articles) < page.matching
    return shown, gr.update(interactive=page.offset > 0), gr.update(interactive=more), page.offset


def _connect_reader(parts: ArchiveParts, bridge: Any, archive: Archive, quick: dict[str, Any]) -> None:
    import gradio as gr

    def open_one(event: gr.EventData) -> tuple[Any, ...]:
        article_id, html = _open(archive, str(getattr(event, "what", "")))
        return article_id, html, gr.update(visible=True), gr.update(visible=False)

    def close() -> tuple[Any, ...]:
        return None, "", gr.update(visible=False), gr.update(visible=True)

    outputs = [parts.opened, parts.article, parts.reader, parts.desk]
    bridge.article(open_one, None, outputs, **quick)
    parts.close.click(close, None, outputs, **quick)


def _open(archive: Archive, what: str) -> tuple[str | None, str]:
    """The id of an article that a link names, and the article as HTML, or why it can't be shown."""
    reference = archive_view.parse_reference(what)
    if reference is None:
        return None, archive_view.render_not_there("The link names no article. Load the page again.")
    try:
        current = archive.article(reference.article_id)
        article = archive.article(reference.article_id, reference.version)
        newer = None if article.version == current.version else current
        furniture = (
            archive.furniture(article.article_id) if newer is None else find_furniture(article.text, article.info.title)
        )
        versions, copies = archive.stored_versions(article.article_id), archive.near_copies(article.article_id)
    except CopydeskError:
        return None, archive_view.render_not_there("It has been removed from the archive.")
    return article.article_id, archive_view.render_opened(article, furniture, versions, copies, newer)


def _connect_sides(
    parts: ArchiveParts, changed: Any, archive: Archive, editor: Editor | None, quick: dict[str, Any]
) -> None:
    from index.doctor import examine

    def sides() -> tuple[str, ...]:
        return _feeds(archive, editor), _removed(archive, editor), _size(archive)

    def check() -> Iterator[str]:
        yield archive_view.render_note("Looking through the archive …")
        try:
            yield archive_view.render_findings(examine(archive.folder), archive.article_count())
        except CopydeskError as error:
            yield archive_view.render_problem(str(error))

    changed.change(sides, None, [parts.feeds, parts.removed, parts.size], **quick)
    parts.check.click(check, None, parts.findings, **_CHANGES)


def _feeds(archive: Archive, editor: Editor | None) -> str:
    from index.feeds import load_feeds

    return _told(lambda: archive_view.render_feeds(load_feeds(archive.folder), editable=editor is not None))


def _removed(archive: Archive, editor: Editor | None) -> str:
    return _told(lambda: archive_view.render_removed(archive.removed(), editable=editor is not None))


def _size(archive: Archive) -> str:
    return _told(lambda: archive_view.render_size(size_of(archive), archive.manifest().get("embedding_model")))


def _told(render: Callable[[], str]) -> str:
    try:
        return render()
    except CopydeskError as error:
        return archive_view.render_problem(str(error))


def _connect_adding(parts: ArchiveParts, editor: Editor, quick: dict[str, Any]) -> None:

    def upload(paths: list[str] | None) -> Iterator[tuple[Any, Any]]:
        yield from _steps(editor.add_files([Path(path) for path in paths or ()]), None)

    def add(text: str | None) -> Iterator[tuple[Any, Any]]:
        yield from _steps(editor.add_addresses(addresses_in(text or "")), "")

    def follow(text: str | None) -> Iterator[tuple[Any, Any]]:
        yield from _steps(editor.follow(addresses_in(text or "")), "")

    def sync() -> Iterator[Any]:
        yield archive_view.render_note("Reading the feeds …")
        try:
            shown = archive_view.render_note("No feeds are followed: follow one under “Add articles”.")
            for items in editor.sync():
                shown = render_items(items)
                yield shown
            yield shown
        except CopydeskError as error:
            yield archive_view.render_problem(str(error))

    def list_feeds() -> str:
        return _feeds(editor.archive, editor)

    parts.files.upload(upload, parts.files, [parts.files, parts.added], **_CHANGES)
    parts.add.click(add, parts.addresses, [parts.addresses, parts.added], **_CHANGES)
    followed = parts.follow.click(follow, parts.addresses, [parts.addresses, parts.added], **_CHANGES)
    followed.then(list_feeds, None, parts.feeds, **quick)
    parts.sync.click(sync, None, parts.synced, **_CHANGES).then(list_feeds, None, parts.feeds, **quick)


def _steps(steps: Iterator[tuple[Item, ...]], emptied: Any) -> Iterator[tuple[Any, Any]]:
    """What becomes of the box and of the list of results, step by step; the box is emptied of what went well."""
    import gradio as gr

    items: tuple[Item, ...] = ()
    try:
        for items in steps:
            yield gr.skip(), render_items(items)
    except CopydeskError as error:
        yield gr.skip(), archive_view.render_problem(str(error))
        return
    if not items:
        yield gr.skip(), archive_view.render_problem("there is nothing to add: type an address first")
    elif all(item.state == "good" for item in items) or emptied is None:
        yield emptied, gr.skip()


def _connect_removing(parts: ArchiveParts, bridge: Any, archive: Archive, editor: Editor) -> None:
    import gradio as gr

    def remove(*given: Any) -> tuple[Any, ...]:
        article_id = given[0]
        if not article_id:
            return (gr.skip(),) * 12
        try:
            title = archive_view.short_title(archive.article(article_id).info)
            editor.remove(article_id)
        except CopydeskError as error:
            note = archive_view.render_problem(str(error))
            return (gr.update(visible=True), note, gr.update(visible=False), *((gr.skip(),) * 9))
        note = archive_view.render_note(f"Removed: {title}")
        away = (None, gr.update(visible=False), gr.update(visible=True))
        undo = (gr.update(visible=True), note, gr.update(visible=True), article_id)
        listed = _listing(archive, (None, *given[1:-1]), given[-1])
        return (*undo, *away, *listed, _removed(archive, editor))

    def put_back(article_id: str, given: Sequence[Any]) -> tuple[Any, ...]:
        try:
            editor.put_back(article_id)
            note = archive_view.render_note(f"Put back: {archive_view.short_title(archive.article(article_id).info)}")
        except CopydeskError as error:
            note = archive_view.render_problem(str(error))
        undo = (gr.update(visible=True), note, gr.update(visible=False))
        return (*undo, *_listing(archive, given[:-1], given[-1]), _removed(archive, editor))

    def undo(undone: str | None, *given: Any) -> tuple[Any, ...]:
        return put_back(undone or "", given)

    def put_back_one(event: gr.EventData, *given: Any) -> tuple[Any, ...]:
        return put_back(str(getattr(event, "what", "")), given)

    def stop_following(event: gr.EventData) -> str:
        return _told(lambda: _stop(str(getattr(event, "what", ""))))

    def _stop(address: str) -> str:
        editor.stop_following(address)
        return _feeds(archive, editor)

    asked = [*_asked(parts), parts.offset]
    listing = [parts.listed, parts.before, parts.after, parts.offset, parts.removed]
    noted = [parts.undo_row, parts.undo_note, parts.undo]
    reading = [parts.undone, parts.opened, parts.reader, parts.desk]
    parts.remove.click(remove, asked, [*noted, *reading, *listing], **_CHANGES)
    parts.undo.click(undo, [parts.undone, *asked], [*noted, *listing], **_CHANGES)
    bridge.putback(put_back_one, asked, [*noted, *listing], **_CHANGES)
    bridge.unfollow(stop_following, None, parts.feeds, **_CHANGES)
