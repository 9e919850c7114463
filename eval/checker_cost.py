"""What checking an answer costs, as a ratio to embedding passages in the same run."""

from collections.abc import Sequence
from statistics import median
from time import perf_counter

from index.embedding import Embedder
from qa.grounding import CrossChecker, Evidence

PASSAGES, WORDS = 50, 100
SENTENCES = 4


def cost_ratio(
    checker: CrossChecker, pairs: Sequence[tuple[str, Evidence]], embedder: Embedder, texts: Sequence[str], rounds: int
) -> float:
    """The median over rounds of the time to check an answer of four sentences over the time to embed 50 passages of
    100 words right beside it. None of the claims may be a quotation: those cost nothing. The first round only warms up.
    """
    words = " ".join(texts).split()
    passages = [" ".join(words[(place * WORDS) % max(1, len(words) - WORDS) :][:WORDS]) for place in range(PASSAGES)]
    ratios = []
    for number in range(rounds + 1):
        answer = [pairs[(SENTENCES * number + place) % len(pairs)] for place in range(SENTENCES)]
        began = perf_counter()
        checker.check_all(answer)
        checked = perf_counter()
        embedder.embed(passages)
        ratios.append((checked - began) / (perf_counter() - checked))
    return median(ratios[1:])
