"""Labels the parts of an article that belong to its page rather than its prose: captions, headings and the like.

The text itself is never changed. A rule that is not sure leaves the line alone: prose taken for furniture is an answer
lost, furniture taken for prose is only noise.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.records import Furniture, FurnitureKind

_LINE = re.compile(r"[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_LINE_BREAK = re.compile(r"\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\r?\n(?:[^\n]*\n){0,60}?(?:---|\.\.\.)[ \t]*(?=\r?\n|$)")

# A line longer than this is prose, whatever it looks like; it also bounds the time a pattern can take.
_LONGEST = 600
_AGENCY = (
    r"(?:AFP|AP|AA|EPA|EFE|DPA|Xinhua|UPI|TASS|Anadolu|TRTWorld|REUTERS|Reuters|Getty|Getty Images|Shutterstock|"
    r"AP Photo|Bloomberg|NurPhoto|Sipa USA|Sipa|ZUMA(?: Press)?|USA TODAY(?: Sports| NETWORK| Network)?|CNN)"
)
_CREDIT_IN_BRACKETS = re.compile(rf"\s*\((?!CNN\))(?:[^()]{{0,60}}[/, ])?{_AGENCY}(?:[/,][^()]{{0,40}})?\)$")
_BRACKETS_AT_END = re.compile(r"\s*\([^()]{1,80}\)$")
_CREDIT_AT_END = re.compile(
    rf"(?:/{_AGENCY}(?:/[\w. ]{{2,30}})?|\S Getty Images|[a-z.”\"] CNN Weather|via (?:AP|AFP|Reuters|Getty Images))$"
)
_CREDIT_ALONE = re.compile(
    rf"\({_AGENCY}\)$|(?:[A-Z][\w.’'-]+ ){{1,3}}[\w.’'-]*/(?:[\w. ]{{2,30}}/)?{_AGENCY}(?:/{_AGENCY})*$"
    r"|(?:[A-Z][\w.’'-]+ ){0,3}Getty Images$"
    r"|(?:Photo|PHOTO|Image|Credit|Photograph)s?(?: by| credit)?: [A-Z][^.:]{2,60}$"
)

_NAME = r"(?:[A-Z][\w.’'-]*|de|la|van|von|bin|al|el)(?: (?:[A-Z][\w.’'-]*|de|la|van|von|bin|al|el)){1,3}"
_NAME_ALONE = re.compile(rf"(?:By |BY )?{_NAME}(?:(?:,| and| AND) {_NAME}){{0,2}}$")
_OUTLET = re.compile(
    r"(?:USA ?TODAY(?: Sports| Opinion| NETWORK| Network)?|AP|(?:The )?Associated Press|Reuters|AFP|CNN(?: Business)?"
    r"|24/7 Wall Street|Special (?:to|for) [\w. ]{3,40}|(?:Visual )?Editors|CORRESPONDENT|Correspondent"
    r"|Staff (?:W|w)riter|For the [\w. ]{3,30}"
    r"|(?:The )?(?:[A-Z][\w.’'-]+ ){1,3}(?:Bureau|Times|Post|Press|News|Journal|Star|Republic|Register|Tennessean"
    r"|Courier|Gazette|Tribune|Herald|Democrat|Enquirer|Sun|Observer|Sentinel|Inquirer|Record|Call|Dispatch|Beacon"
    r"|Bulletin|Ledger|Citizen|Chronicle|Globe|Review|Staff))$"
)
_DATELINE = re.compile(
    r"(?:[A-Z][\w.’'/, -]{0,40} )?\(?(?:CNN(?: Business| Underscored| Sport)?|Reuters)\)? ?[—–](?:\s+|$)"
    r"|[A-Z][\w.’' /,-]{0,40} \(CNN(?: Business)?\)(?:\s+[—–-])?\s+(?=[A-Z“\"‘])"
    r"|[A-Z][A-Z.’' -]{3,30}(?:, [A-Z][A-Za-z.]*(?: [A-Z][A-Za-z.]*)?)?"
    r"(?: \((?:AP|Reuters|AFP|CNN|UPI)\))?\s+(?:[—–-]|--)\s+(?=[A-Z“\"‘0-9])"
)

# Patterns of whole lines, wherever they stand.
_WHOLE_LINES: tuple[tuple[FurnitureKind, re.Pattern[str]], ...] = (
    ("heading", re.compile(r"#{2,6} \S.*$")),
    ("caption", re.compile(r"!\[[^\]]*\]\([^)]*\)$")),
    ("source_line", re.compile(r"Sources?: ?[A-Z](?:[^.:;]|\.(?=\S)){1,80}$")),
    (
        "share",
        re.compile(
            r"(?:(?:Share|Print|Email|E-mail|Save|Tweet|Post)(?: (?:this|the))?(?: (?:article|story|page|post|link))?"
            r"|(?:Share|Post|Tweet|Follow(?: us)?|Send|Like us) (?:on|to|via|by|in)"
            r" (?:Facebook|Twitter|X|LinkedIn|Reddit|WhatsApp|Pinterest|Telegram|Bluesky|Flipboard|e-?mail)"
            r"|Copy(?: the)? link|Link copied!?"
            r"|WhatsApp|Advertisement|ADVERTISEMENT|Listen to (?:this )?article|(?:Show|View) comments)$"
        ),
    ),
    (
        "share",
        re.compile(
            r"(?:Get|Sign up for|Subscribe to|Join) (?:(?:the|our|CNN|USA)\b[^.]{0,80}(?:newsletter|Sign up)"
            r"|The Week Escape)"
            r"|The WeekDay newsletter provides|Would you like to receive The WeekDay newsletter"
            r"|We will use the (?:details|information) you have shared|If you wish to object to the use of your data"
            r"|'We' includes The Week and other|What's everyone talking about\? Sign up"
            r"|Video player was slow to load content|\d\. How relevant is this ad to you\?"
            r"|Support local journalism\. Subscribe|Thank you for supporting our journalism"
            r"|\(You can get [“\"]5 Things|Get '5 Things' in your inbox"
        ),
    ),
    (
        "share",
        re.compile(
            r"(?:You can )?(?:[Ff]ollow|Contact|Reach|E-?mail) (?:(?:USA TODAY|the|CNN|reporter|writer|columnist)\b ?)*"
            r"[^.?!:]{0,60}(?:(?:on|at|via) (?:Twitter|Facebook|Instagram|X)\b|@\w|at [\w.+-]+@)"
        ),
    ),
    (
        "byline",
        re.compile(r"(?:Contributing|Contributors?|Contributed by|Reporting by|Written by): ?[A-Z][^!?]{2,300}$"),
    ),
    ("byline", re.compile(r"From (?:USA TODAY Network|staff) and wire reports$")),
    (
        "byline",
        re.compile(rf"(?:[–—-]|--) ?(?:{_NAME}(?:(?:,| and) (?:{_NAME}|USA TODAY[\w ]*))?|(?:The )?Associated Press)$"),
    ),
    ("link", re.compile(r"(?:Read|READ|See|SEE|Learn|LEARN|Find out) (?:more|MORE|More|also|ALSO)(?: here)?[.:]?$")),
    (
        "link",
        re.compile(
            r"(?:MORE|More|READ MORE|Read more|Read More|READ|RELATED|Related|ALSO|Also|SEE ALSO|See also|Previously|"
            r"Previous coverage|Previously reported|WATCH|Watch|Click here|More to read|Learn more|Related stories|"
            r"Follow every game|NFL STATS CENTRAL|WORLD CUP CENTRAL|FOLLOW THE MONEY|Live Leaderboard|MORE TO READ|"
            r"Stay in the conversation on politics): ?\S[^:]*$"
        ),
    ),
    # A headline set right against its label, "Macron:Trump after", unlike the longer prose of "Dover:A meeting that".
    ("link", re.compile(r"[A-Z‘'“\"0-9][^.:/]{1,60}:(?=[A-Za-z‘'$])(?:.{12,90}|.{91,200}(?<!\.))$")),
    ("link", re.compile(r"Video Ad Feedback .*\d\d:\d\d|JUST WATCHED .*(?:Replay|MUST WATCH)")),
)
_NOT_A_LINK = re.compile(r"(?:Q|A|Myth|Fact|Note|NOTE|Claim|Answer|Question|Ratio|Verdict|Correction)\b.{0,12}:")
_MARKDOWN_TITLE = re.compile(r"# \S.*$")
_AI_SUMMARY = re.compile(r"(?:AI|A\.I\.)[- ](?:assisted|generated|powered)? ?[Ss]ummary:?$")
_BULLET = re.compile(r"[•*‣▪►◦·–-]\s*\S")
_QUESTION = re.compile(
    r"(?:What|Who|Whose|Where|When|Why|How|Which|Is|Are|Was|Were|Do|Does|Did|Can|Could|Will|Would|Should|Has|Have)\b[^.?!]*\?$"
)
_HEADING = re.compile(r"[A-Z‘“'\"][^.?!:;…$%#@/|•►]*[\w’”'\"]$")
_NUMBER = re.compile(r"\d")
_YEAR = re.compile(r"\b(?:19|20)\d\d(?:-\d\d)?\b|COVID-19")
_FINAL = re.compile(r"[.!?…:][\"'”’)\]]*$")
_MAX_HEADING_WORDS = 10
_MAX_HEADING = 70


@dataclass(frozen=True, slots=True)
class _Line:
    """A line without the white space around it; `apart` if a blank line stands between it and the one before."""

    start: int
    end: int
    text: str
    apart: bool

    @property
    def words(self) -> int:
        return len(self.text.split()) if len(self.text) <= _LONGEST else _LONGEST

    @property
    def is_prose(self) -> bool:
        return len(self.text) > _LONGEST or (self.words >= 6 and _FINAL.search(self.text) is not None)


def find_furniture(text: str, title: str | None) -> tuple[Furniture, ...]:
    """The furniture of an article, sorted and not overlapping. `title` is the article's title where it is known."""
    front = _FRONT_MATTER.match(text)
    lines = tuple(_lines(text, front.end() if front else 0))
    kinds: list[FurnitureKind | None] = [_kind_alone(line.text) for line in lines]
    _mark_captions_twice(lines, kinds)
    _mark_top(lines, kinds, title)
    _mark_summaries(lines, kinds)
    _spare_quotations(lines, kinds)
    _mark_headings(lines, kinds)
    found = [Furniture(line.start, line.end, kind) for line, kind in zip(lines, kinds, strict=True) if kind]
    found.extend(_datelines(lines, kinds))
    if front:
        found.append(Furniture(0, front.end(), "front_matter"))
    return tuple(sorted(found, key=lambda item: item.start))


def _lines(text: str, at: int) -> Iterator[_Line]:
    before = -1
    for match in _LINE.finditer(text, at):
        stripped = match.group().strip()
        if not stripped:
            continue
        start = match.start() + match.group().index(stripped)
        apart = before < 0 or len(_LINE_BREAK.findall(text, before, start)) > 1
        before = start + len(stripped)
        yield _Line(start, before, stripped, apart)


def _kind_alone(text: str) -> FurnitureKind | None:
    """What the line is, judged by nothing but its own words."""
    if len(text) > _LONGEST:
        return None
    if _CREDIT_ALONE.match(text):
        return "credit"
    if _CREDIT_AT_END.search(text) or _CREDIT_IN_BRACKETS.search(text):
        return "caption"
    for kind, pattern in _WHOLE_LINES:
        if pattern.match(text) and not (kind == "link" and _NOT_A_LINK.match(text)):
            return kind
    return None


def _mark_captions_twice(lines: Sequence[_Line], kinds: list[FurnitureKind | None]) -> None:
    """A caption that stands twice, once perhaps with its credit; of a paragraph merely repeated, only the second."""
    before = bare_before = ""
    for i, line in enumerate(lines):
        text = " ".join(line.text[-_LONGEST:].split()) if line.words > 4 else ""
        bare = _CREDIT_IN_BRACKETS.sub("", text)
        if bare and _alike(bare, bare_before):
            kinds[i] = "caption"
            if not line.apart or bare != text:
                kinds[i - 1] = "caption"
        elif before and _BRACKETS_AT_END.search(text) and _alike(_BRACKETS_AT_END.sub("", text), before):
            # Said again with nothing new but a name in brackets: whoever it is took the photo.
            kinds[i - 1] = kinds[i] = "caption"
        before, bare_before = text, bare


def _alike(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _mark_top(lines: Sequence[_Line], kinds: list[FurnitureKind | None], title: str | None) -> None:
    """The title, where the first line repeats it, and the names of author and outlet above the first paragraph."""
    if not lines:
        return
    at = 0
    if _MARKDOWN_TITLE.match(lines[0].text[:_LONGEST]) or (title and _is_title(lines[0].text, title)):
        kinds[0] = "title"
        at = 1
    top = lines[at : at + 4]
    names = next((i for i, line in enumerate(top) if not _NAME_ALONE.match(line.text[:200])), len(top))
    outlets = next((i for i in range(min(names, 1), len(top)) if not _OUTLET.match(top[i].text[:80])), len(top))
    # Nearly every outlet's name has the form of a person's, so a lone name counts only right above the first paragraph.
    if outlets > min(names, 1) or (names == 1 and len(top) > 1 and top[1].is_prose):
        count = max(outlets, 1)
        kinds[at : at + count] = ["byline"] * count


def _is_title(line: str, title: str) -> bool:
    """Whether the line is the title, or what a search engine cut it down to ("… | CNN", "The first words ...")."""
    line, title = (" ".join(part.split()).casefold() for part in (line[:_LONGEST], title[:_LONGEST]))
    title = re.sub(r"\s\|[^|]{1,30}$", "", title)
    cut = re.sub(r"\s*(?:\.\.\.|…)$", "", title)
    return line == title or (cut != title and len(cut) > 20 and line.startswith(cut) and len(line) < len(cut) + 80)


def _mark_summaries(lines: Sequence[_Line], kinds: list[FurnitureKind | None]) -> None:
    """A summary that a machine wrote: its heading and the bullets, or the lines, right under it."""
    inside = False
    for i, line in enumerate(lines):
        if _AI_SUMMARY.match(line.text[:60]):
            kinds[i] = "summary"
            inside = True
        elif inside and (_BULLET.match(line.text) or not line.apart or _is_disclaimer(line.text)):
            kinds[i] = "summary"
        else:
            inside = False


def _is_disclaimer(text: str) -> bool:
    return re.match(r"(?:This|The) (?:AI )?summary (?:was|is)\b|Generated (?:by|with) AI", text) is not None


def _spare_quotations(lines: Sequence[_Line], kinds: list[FurnitureKind | None]) -> None:
    """A name under a quotation says whose words they are; that is no byline."""
    for i in range(1, len(lines)):
        before = lines[i - 1].text
        if kinds[i] == "byline" and lines[i].text[0] in "–—-" and before[0] in '“"' and before[-1] in '”"':
            kinds[i] = None


def _mark_headings(lines: Sequence[_Line], kinds: list[FurnitureKind | None]) -> None:
    """A short line without a full stop, or a short question, that stands alone with prose before and after it."""
    times = Counter(line.text for line in lines if line.text.isupper())
    for i in range(1, len(lines) - 1):
        line, after = lines[i], lines[i + 1]
        if kinds[i] or not line.apart or not after.apart or len(line.text) > _MAX_HEADING:
            continue
        if times[line.text] > 2:  # the name of a speaker in a transcript
            continue
        prose_around = (lines[i - 1].is_prose or _is_page(kinds[i - 1])) and after.is_prose and not kinds[i + 1]
        if prose_around and line.words <= _MAX_HEADING_WORDS and _is_heading(line.text):
            kinds[i] = "heading"


def _is_page(kind: FurnitureKind | None) -> bool:
    return kind is not None and kind != "heading"


def _is_heading(text: str) -> bool:
    if _QUESTION.match(text):
        return True
    # A line with a figure in it may well be a score or an entry of a table.
    return _HEADING.match(text) is not None and not _NUMBER.search(_YEAR.sub("", text))


def _datelines(lines: Sequence[_Line], kinds: Sequence[FurnitureKind | None]) -> Iterator[Furniture]:
    """Place and agency before the first words of the article: "CNN —", "DENVER (AP) —"."""
    for line, kind in zip(lines[:5], kinds, strict=False):
        match = None if kind else _DATELINE.match(line.text)
        if match:
            yield Furniture(line.start, line.start + len(match.group().rstrip()), "dateline")
            return
