"""Drawing rows at random, each class in its proportion."""

from __future__ import annotations

import numpy as np

from bench.corpus import Int64Array


def draw_rows(labels: Int64Array, size: int | None, seed: int, *, leave: int = 0) -> Int64Array:
    """Rows of one seed, in ascending order: each class in its proportion, at least one row of each.

    Each class has one order per seed, of which a draw takes the beginning: larger draws extend smaller ones.

    Parameters
    ----------
    labels : int64 array, shape (n_rows,)
    size : int or None
        Rows to draw, at least as many as there are classes; None: all.
    seed : int
    leave : int
        Rows of each class that are not drawn. Each class has more than these, and ``size`` leaves room for them.
    """
    if size is None or size >= len(labels):
        return np.arange(len(labels))
    classes, counts = np.unique(labels, return_counts=True)
    share = counts / len(labels) * size
    quota = np.clip(np.floor(share).astype(int), 1, counts - leave)
    while quota.sum() < size:
        quota[np.argmax(np.where(quota < counts - leave, share - quota, -np.inf))] += 1
    while quota.sum() > size:
        quota[np.argmax(np.where(quota > 1, quota - share, -np.inf))] -= 1
    generator = np.random.default_rng(seed)
    orders = [generator.permutation(np.flatnonzero(labels == label)) for label in classes]
    return np.sort(np.concatenate([order[:n] for order, n in zip(orders, quota, strict=True)]))
