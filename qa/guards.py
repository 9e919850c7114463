"""What a small model can't be trusted with: figures, dates, names, negation, quotations, and who says what.

Rules that read a claim against its evidence and name what the evidence doesn't bear out. They are made to raise few
false alarms; what they let pass is the model's to judge.
"""

from collections.abc import Sequence
from datetime import date

from qa.guard_dates import date_faults
from qa.guard_names import name_faults
from qa.guard_negation import negation_faults
from qa.guard_numbers import number_faults
from qa.guard_quotations import quotation_faults
from qa.guard_speakers import speaker_faults
from qa.guard_words import Fault, FaultKind, join_faults, read

__all__ = ["Fault", "FaultKind", "find_faults"]


def find_faults(
    claim: str, evidence: Sequence[str], published: date | None = None, context: str = ""
) -> tuple[Fault, ...]:
    """What is wrong with a claim, in the claim's order; () where the rules find nothing.

    `evidence` are the sentences that should bear it out, `published` the day their article appeared; `context`, the
    title for one, may name who is meant, but doesn't count as saying anything of them.
    """
    own, about = read(claim), read(context)
    texts = [read(sentence) for sentence in evidence if sentence]
    if not own.words or not texts:
        return ()
    return join_faults(
        [
            *number_faults(own, texts, published, about),
            *date_faults(own, texts, published, context),
            *name_faults(own, texts, about),
            *negation_faults(own, texts),
            *quotation_faults(own, texts, context),
            *speaker_faults(own, texts),
        ]
    )
