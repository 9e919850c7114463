"""The child process in which HTML pages are read; `index.web_page` starts it by this file's path and talks to it.

It imports nothing of the project, so that it runs wherever the interpreter has trafilatura and in any folder.
"""

import json
import sys
from typing import Any


def extract_page(page: str) -> dict[str, Any] | None:
    """The main text of a page and what its metadata say: text, title, author, date, sitename, url. None for no article.

    Extraction and heuristics: trafilatura (Barbaresi, ACL 2021). Dates are taken from metadata and the URL only, never
    from the prose. Nothing is fetched.
    """
    from trafilatura import bare_extraction

    document = bare_extraction(
        page,
        with_metadata=True,
        include_comments=False,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if document is None:
        return None
    found = document if isinstance(document, dict) else document.as_dict()
    return {name: found.get(name) for name in ("text", "title", "author", "date", "sitename", "url")}


def main() -> None:
    """One page a line in, as a JSON string; one result a line out."""
    import logging

    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        try:
            result = extract_page(json.loads(line))
        except (Exception, RecursionError):  # whatever a hostile page makes the parser do, the next page is read
            result = None
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
