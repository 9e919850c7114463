import pytest

from eval.retrieval_metrics import hit_at, reciprocal_rank


def test_hit_at_counts_from_one() -> None:
    ranks = [1, 5, 6, None]
    assert [hit_at(rank, 1) for rank in ranks] == [1.0, 0.0, 0.0, 0.0]
    assert [hit_at(rank, 5) for rank in ranks] == [1.0, 1.0, 0.0, 0.0]
    assert [hit_at(rank, 10) for rank in ranks] == [1.0, 1.0, 1.0, 0.0]


def test_mean_reciprocal_rank_by_hand() -> None:
    # (1 + 1/2 + 1/4 + 0) / 4
    ranks = [1, 2, 4, None]
    assert sum(reciprocal_rank(rank) for rank in ranks) / 4 == pytest.approx(0.4375)
