"""Pieces as the recurrent models of events read them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench.events import Events
from bench.ragged import Int32Array

from ..base import IntArray
from .training import split

PREDICTED_TOGETHER = 64
"""Pieces of a batch of predictions."""
REST = 0
"""The token that a transposition leaves as it is."""


def split_pieces(X: Events, fraction: float, random: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Row numbers to train on and to validate on, all transpositions of a piece on one side.

    Rows are of one piece where they have the same intervals; see :func:`without_key`.
    """
    numbers: dict[bytes, int] = {}
    piece_of_row = np.array([numbers.setdefault(without_key(tokens), len(numbers)) for tokens in X])
    _, held_back = split(np.zeros(len(numbers)), fraction, random)
    is_held_back = np.isin(piece_of_row, held_back)
    return np.flatnonzero(~is_held_back), np.flatnonzero(is_held_back)


def without_key(tokens: Int32Array) -> bytes:
    """Return what a piece and its transpositions have in common: the intervals between its tokens, and its rests.

    >>> without_key(np.array([5, 0, 7])) == without_key(np.array([6, 0, 8])) != without_key(np.array([5, 0, 8]))
    True
    """
    is_rest = tokens == REST
    intervals = np.diff(tokens[~is_rest])
    key: bytes = is_rest.tobytes() + intervals.astype(np.int32).tobytes()
    return key


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
