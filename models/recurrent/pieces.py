"""Pieces as the recurrent models of events read them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench.events import Events
from bench.ragged import Int32Array

from ..base import IntArray
from ..events import group_by_melody
from .training import split

PREDICTED_TOGETHER = 64
"""Pieces of a batch of predictions."""


def split_pieces(X: Events, fraction: float, random: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Row numbers to train on and to validate on: pieces of one tune, whatever their keys, on one side."""
    numbers, piece_of_row = np.unique(group_by_melody(X), return_inverse=True)
    _, held_back = split(np.zeros(len(numbers)), fraction, random)
    is_held_back = np.isin(piece_of_row, held_back)
    return np.flatnonzero(~is_held_back), np.flatnonzero(is_held_back)


def batches_of_pieces(X: Events) -> Iterator[IntArray]:
    """Row numbers of all pieces, those of similar length together."""
    order = np.argsort(X.lengths, kind="stable")
    return (order[i : i + PREDICTED_TOGETHER] for i in range(0, len(order), PREDICTED_TOGETHER))


def pad_pieces(X: Events, rows: IntArray, n_more: int = 0) -> tuple[Int32Array, Int32Array]:
    """Tokens of some pieces, padded with 0 on the right, shape (n_rows, n_steps, width), and their numbers."""
    lengths = X.lengths[rows]
    n_steps = max(1, -(-(int(lengths.max()) + n_more) // X.width))
    padded = np.zeros((len(rows), n_steps * X.width), np.int32)
    padded[np.arange(padded.shape[1]) < lengths[:, None]] = X.tokens.take(rows).values
    return padded.reshape(len(rows), n_steps, X.width), lengths.astype(np.int32)
