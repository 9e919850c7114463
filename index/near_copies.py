"""Near-copies: one text in several articles, as wire copy and re-publications are, told by the word runs they share.

Two articles are near-copies when about two thirds or more of the shorter one's prose stands in the other: the same text
re-published, cut, lightly edited, or brought up to date. Two reports of one event in words of their own are not; nor
are pages that share photo captions or a newsletter's frame, nor a round-up or live page, many times as long, and a
report that it takes over. A group is what near-copies link together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt

from index.words import words

# Words a shingle. Long enough that two reports of one event share few, short enough to outlive an edited word.
SHINGLE_WORDS = 4
# One shingle in so many is kept to find candidates by; the rest is cut out of the text again to decide.
SAMPLED = 8
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], dtype=np.uint64)
# The words that an article opens with: a photo gallery in two articles makes much of them alike, but not these.
OPENING_WORDS = 150
# Fitted on half of the labelled pairs of real articles; 'copydesk eval near-copies' reports on the other half.
LEAST_CONTAINMENT = 0.68
LEAST_RESEMBLANCE = 0.15
LEAST_OF_AN_OPENING = 0.15

Shingles = npt.NDArray[np.uint64]
Sketch = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The shingles of a text, and those of its opening; each ascending, shape (n,)."""

    shingles: Shingles
    opening: Shingles


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much two texts share, each in [0, 1]: of all their shingles, of those of the shorter one, and of whichever
    opening stands more in the other text.
    """

    resemblance: float
    containment: float
    opening: float


def fingerprint_of(sentences: Sequence[str]) -> Fingerprint:
    """What an article is compared by; `sentences` are those of its prose, in order."""
    counts = np.cumsum([len(words(text)) for text in sentences])
    end = int(np.searchsorted(counts, OPENING_WORDS)) + 1
    return Fingerprint(shingles_of(sentences), shingles_of(sentences[:end]))


def shingles_of(sentences: Iterable[str]) -> Shingles:
    """Hashes of the runs of four words in the sentences as they follow each other, ascending; shape (n,).

    A text of fewer words is one run.
    """
    hashes = np.array([crc32(word.encode("utf-8", "surrogatepass")) for text in sentences for word in words(text)])
    if not len(hashes):
        return np.zeros(0, dtype=np.uint64)
    padded = hashes.astype(np.uint64) + np.uint64(1)
    if len(padded) < SHINGLE_WORDS:
        padded = np.pad(padded, (0, SHINGLE_WORDS - len(padded)))
    runs = np.lib.stride_tricks.sliding_window_view(padded, SHINGLE_WORDS)
    return np.unique(_mixed((runs * _FACTORS).sum(axis=1, dtype=np.uint64)))


def likeness(one: Fingerprint, other: Fingerprint) -> Likeness:
    """The resemblance (Jaccard) and containment of two texts, after Broder, "On the resemblance and containment of
    documents" (1997), and how far one opens with what the other says. Nothing is like an empty text.
    """
    sizes = len(one.shingles), len(other.shingles)
    if not min(sizes):
        return Likeness(0.0, 0.0, 0.0)
    shared = _shared(one.shingles, other.shingles)
    openings = (
        _shared(one.opening, other.shingles) / len(one.opening),
        _shared(other.opening, one.shingles) / len(other.opening),
    )
    return Likeness(shared / (sum(sizes) - shared), shared / min(sizes), max(openings))


def are_near_copies(found: Likeness) -> bool:
    """Whether two texts that are so alike are one text, re-published, cut or lightly edited."""
    return (
        found.containment >= LEAST_CONTAINMENT
        and found.resemblance >= LEAST_RESEMBLANCE
        and found.opening >= LEAST_OF_AN_OPENING
    )


def sketch_of(shingles: Shingles) -> Sketch:
    """Broder's mod-p sample of a text's shingles, by which both likenesses can be estimated; shape (n / 8,), about."""
    sampled: Shingles = shingles[shingles % np.uint64(SAMPLED) == 0]
    return (sampled >> np.uint64(32)).astype(np.uint32)


def _mixed(values: Shingles) -> Shingles:
    """The finaliser of splitmix64 (Steele et al. 2014): neighbouring sums end up far apart."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _shared(one: Shingles, other: Shingles) -> int:
    return len(np.intersect1d(one, other, assume_unique=True))
