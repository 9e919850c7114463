"""Words that carry a question's content, told from those that only hold it together."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+", re.UNICODE)

# Function words and question words. Kept short on purpose: every word here is one that search can't see.
FUNCTION_WORDS = frozenset(
    """
    a about after all also an and any are as at be because been before being but by can could did do does doing
    during each for from had has have having he her hers him his how i if in into is it its itself just ll many
    may me might more most much must my no nor of off on once only or other our out over own re s said same she
    should so some such t than that the their theirs them then there these they this those through to too under
    until up upon ve very was we were what when where which while who whom whose why will with would you your
    """.split()
)


def words(text: str) -> list[str]:
    """The lower-cased words of a text, in order, punctuation left out."""
    # Composed first: an accent that stands for itself would break its word in two.
    return [match.group().lower() for match in _WORD.finditer(unicodedata.normalize("NFC", text))]


def content_words(text: str) -> list[str]:
    """The words of a text that are not function words, in order; all its words when nothing else is left."""
    found = words(text)
    return [word for word in found if word not in FUNCTION_WORDS] or found
