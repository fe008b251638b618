"""Batches of pairs of similar length, of a few fixed shapes, so that few programs are compiled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bench.ragged import Int32Array, Ragged

from ..arrays import IntArray
from .pair_network import END, NOTHING

SMALLEST, GROWTH = 6, 1.25


class PairBatch(NamedTuple):
    """Pairs side by side, one per column."""

    rows: IntArray
    source: Int32Array
    """Shape (width, n_columns), padded with 0; there may be more columns than rows."""
    target: Int32Array
    """The same shape; 0 is the end of a target, -1 is padding."""


def width_of(lengths: IntArray) -> IntArray:
    """Return the steps of the shape that rows of these lengths are put into.

    >>> width_of(np.array([1, 6, 7, 11, 100])).tolist()
    [6, 6, 8, 14, 120]
    """
    widths = [SMALLEST]
    while widths[-1] < lengths.max(initial=1):
        widths.append(int(np.ceil(widths[-1] * GROWTH / 2)) * 2)
    return np.asarray(widths, np.int64)[np.searchsorted(widths, lengths)]


def make_batches(
    sources: Ragged, targets: Ragged, rows: IntArray, size: int, random: np.random.Generator
) -> Iterator[PairBatch]:
    """Yield all rows in batches in random order; widths with less than a batch are joined with the next ones."""
    widths = width_of(np.maximum(sources.lengths, targets.lengths + 1)[rows])
    groups: list[tuple[int, IntArray]] = []
    waiting = rows[:0]
    for width in np.unique(widths).tolist():
        waiting = np.concatenate([waiting, rows[widths == width]])
        if len(waiting) >= size or width == widths.max():
            shuffled = random.permutation(waiting)
            groups += [(width, shuffled[start : start + size]) for start in range(0, len(shuffled), size)]
            waiting = rows[:0]
    for i in random.permutation(len(groups)).tolist():
        width, batch = groups[i]
        ended = Ragged.from_rows([np.append(targets[row], END) for row in batch.tolist()])
        everything = np.arange(len(batch))
        yield PairBatch(
            batch, pad_columns(sources, batch, width, size, 0), pad_columns(ended, everything, width, size, NOTHING)
        )


def pad_columns(values: Ragged, rows: IntArray, width: int, n_columns: int, padding: int) -> Int32Array:
    """Return rows as columns, shape (width, n_columns).

    >>> pad_columns(Ragged.from_rows([[4, 5], [6]]), np.array([1, 0]), 2, 3, 0).tolist()
    [[6, 4, 0], [0, 5, 0]]
    """
    part = values.take(rows)
    columns = np.full((n_columns, width), padding, np.int32)
    is_real = np.zeros((n_columns, width), bool)
    is_real[: len(rows)] = np.arange(width) < part.lengths[:, None]
    columns[is_real] = part.values
    return np.ascontiguousarray(columns.T)
