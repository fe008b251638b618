"""Rows drawn at random keep the proportions of classes."""

from __future__ import annotations

import numpy as np
import pytest

from bench.datasets.sampling import draw_rows


@pytest.mark.parametrize("size", [2, 3, 7, 20, 99])
def test_a_draw_keeps_the_proportions_and_every_class(size: int) -> None:
    labels = np.array([0] * 88 + [1] * 11 + [2])[:100]
    rows = draw_rows(labels, max(size, 3), seed=1)
    assert len(rows) == len(set(rows)) == max(size, 3)
    assert (np.diff(rows) > 0).all()
    counts = np.bincount(labels[rows], minlength=3)
    assert counts.min() >= 1
    assert abs(counts[0] - 0.88 * len(rows)) <= 2


def test_a_larger_draw_extends_a_smaller_one_and_another_seed_draws_others() -> None:
    labels = np.arange(300) % 3
    small, large, other = draw_rows(labels, 30, 0), draw_rows(labels, 90, 0), draw_rows(labels, 30, 1)
    assert set(small) < set(large)
    assert set(small) != set(other)
    assert draw_rows(labels, None, 5).tolist() == list(range(300))


def test_a_draw_leaves_rows_of_every_class_where_asked() -> None:
    labels = np.array([0] * 20 + [1] * 2 + [2] * 2)
    rows = draw_rows(labels, 21, 0, leave=1)
    assert np.bincount(labels[rows]).tolist() == [19, 1, 1]
