"""How well retrieval ranked the evidence, from the rank (from 1) of the first passage with a gold answer in it."""


def hit_at(rank: int | None, k: int) -> float:
    """1.0 when a gold answer stands in one of the first `k` passages, else 0.0."""
    return float(rank is not None and rank <= k)


def reciprocal_rank(rank: int | None) -> float:
    """One over the rank; 0.0 when no passage contains a gold answer. Its mean over questions is the MRR."""
    return 0.0 if rank is None else 1.0 / rank
