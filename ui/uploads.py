"""Files that are dropped onto the page."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from index.files import READ_EXTENSIONS, Skipped, visible
from index.records import Article, article_id_for

MOST_UPLOAD_BYTES = 50_000_000


def load_upload(path: Path) -> Iterator[Article | Skipped]:
    """The articles of one uploaded file. Its folder is a passing one, so it names neither them nor what went wrong.

    What has no URL is named by the file's name and the text.
    """
    from index.loaders import load_paths

    for item in load_paths([path]):
        if isinstance(item, Skipped):
            yield Skipped(visible(path.name) + item.where.removeprefix(visible(str(path))), item.reason)
        elif item.info.url is None:
            article_id = article_id_for(f"upload:{path.name}#{item.version}")
            yield Article(replace(item.info, article_id=article_id), item.text)
        else:
            yield Article(item.info, item.text)


def describe_upload() -> str:
    """What can be dropped, in a line."""
    return f"Drop files here: {', '.join(READ_EXTENSIONS)}, up to {MOST_UPLOAD_BYTES // 1_000_000} MB each"
