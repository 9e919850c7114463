"""What became of the sentences that a language model wrote to a question. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from qa.records import Answer

# A sum, and the number of units it is over.
Part = tuple[float, int]

# Of the sentences that a model wrote, and the field that each is the share of.
SHARES = MappingProxyType(
    {
        "written_kept": "kept",
        "written_repaired": "repaired",
        "written_replaced": "replaced",
        "written_dropped": "dropped",
    }
)
ASTRAY, QUOTED_INSTEAD = "written_astray_marks", "written_quoted_instead"
WRITTEN_METRICS = (*SHARES, ASTRAY, QUOTED_INSTEAD)


@dataclass(frozen=True, slots=True)
class WrittenSentences:
    """Each sentence that a model wrote at first is one of these: shown as it was written, shown as it was written anew,
    replaced by a quotation, or dropped. `astray` counts the citation marks that pointed nowhere; `quoted_instead` says
    that none of its sentences is shown, so that the quoted answer stands.
    """

    kept: int
    repaired: int
    replaced: int
    dropped: int
    astray: int
    quoted_instead: bool

    @property
    def total(self) -> int:
        return self.kept + self.repaired + self.replaced + self.dropped


def written_sentences(answer: Answer) -> WrittenSentences | None:
    """The counts of one answer; None where no language model was asked for it."""
    generation = answer.generation
    if generation is None:
        return None
    fates = [removed.fate for removed in generation.removed]
    repaired = fates.count("repaired")
    shown = sum(sentence.written for sentence in answer.sentences)
    return WrittenSentences(
        kept=shown - repaired,
        repaired=repaired,
        replaced=fates.count("replaced"),
        dropped=fates.count("dropped"),
        astray=generation.astray,
        quoted_instead=not generation.used,
    )


def written_parts(counts: WrittenSentences | None) -> Mapping[str, Part]:
    """What a question adds to each metric: shares of the sentences that a model wrote; marks astray and the answers
    quoted instead by the answer that it was asked for. Nothing where it was asked for none.
    """
    if counts is None:
        return {}
    parts: dict[str, Part] = {
        ASTRAY: (float(counts.astray), 1),
        QUOTED_INSTEAD: (float(counts.quoted_instead), 1),
    }
    if counts.total:
        parts |= {name: (float(getattr(counts, field)), counts.total) for name, field in SHARES.items()}
    return parts
