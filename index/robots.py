"""What a site asks of programs that fetch its pages by themselves: its robots.txt (RFC 9309)."""

import time
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from index.fetching import Fetcher, FetchError

USER_AGENT = "copydesk"
LONGEST_PAUSE = 10.0


@dataclass(slots=True)
class PoliteFetcher:
    """Knows when a page may be fetched: if its site lets programs have it, and `pause` seconds after the last one from
    there, or what the site asks for.
    """

    fetcher: Fetcher
    pause: float = 1.0
    _rules: dict[str, RobotFileParser] = field(default_factory=dict)
    _last: dict[str, float] = field(default_factory=dict)

    def wait_for(self, url: str) -> None:
        """Wait until the page may be fetched. Raises FetchError when it may not."""
        site = urljoin(url, "/")
        rules = self._rules.get(site)
        if rules is None:
            rules = self._rules[site] = self._read_rules(site)
        if not rules.can_fetch(USER_AGENT, url):
            raise FetchError("the site's robots.txt keeps programs out: save the page in a browser, and add the file")
        asked = rules.crawl_delay(USER_AGENT)
        pause = min(LONGEST_PAUSE, max(self.pause, float(asked or 0)))
        time.sleep(max(0.0, self._last.get(site, float("-inf")) + pause - time.monotonic()))
        self._last[site] = time.monotonic()

    def _read_rules(self, site: str) -> RobotFileParser:
        rules = RobotFileParser()
        lines: list[str] = []
        if urlsplit(site).hostname:
            # Where there is none all is allowed; a site that can't be reached says so when the page is fetched.
            with suppress(FetchError):
                lines = self.fetcher.fetch(urljoin(site, "/robots.txt")).data.decode("utf-8", "replace").splitlines()
        rules.parse(lines)
        return rules
