"""The most likely targets that a network gives sources: a beam search."""

from __future__ import annotations

import numpy as np

from bench.ragged import Int32Array

from ..arrays import IntArray
from .backend import tf
from .pair_network import END, PairNetwork


class BeamSearch:
    """Follows the most likely beginnings of each target.

    Parameters
    ----------
    network : PairNetwork
    beam : int
        Beginnings that are followed in each row.
    """

    def __init__(self, network: PairNetwork, beam: int) -> None:
        self.beam = beam
        self._encode = tf.function(network.encode, autograph=False)
        self._next = tf.function(network.next_log_probabilities, autograph=False)

    def best(self, source: Int32Array, limits: IntArray) -> list[list[int]]:
        """Return the symbols of the target that is found for each of the first columns.

        Parameters
        ----------
        source : int32 array, shape (n_steps, n_columns)
        limits : int64 array, shape (n_rows,)
            How many symbols a target can have, of as many columns as there are targets to find.
        """
        n_rows, n_columns = len(limits), source.shape[1]
        memory, first = self._encode(source)
        states = tuple(np.repeat(state.numpy()[:, None], self.beam, axis=1) for state in first)
        symbols = np.zeros((n_columns, self.beam), np.int32)
        scores = np.full((n_rows, self.beam), -np.inf)
        scores[:, 0] = 0  # all beginnings are the same one
        written = np.zeros((n_rows, self.beam, 0), np.int64)
        is_done = np.zeros((n_rows, self.beam), bool)
        rows = np.arange(n_rows)[:, None]
        for step in range(int(limits.max(initial=0))):
            log_probabilities, after = self._next(memory, tf.constant(step), symbols, states)
            gains = log_probabilities.numpy()[:n_rows].astype(np.float64)
            gains[is_done] = -np.inf
            gains[is_done, END] = 0
            totals = (scores[:, :, None] + gains).reshape(n_rows, -1)
            chosen = np.argsort(-totals, axis=1, kind="stable")[:, : self.beam]
            before, symbol = np.divmod(chosen, gains.shape[2])
            scores = np.take_along_axis(totals, chosen, axis=1)
            written = np.concatenate([written[rows, before], symbol[:, :, None]], axis=2)
            is_done = is_done[rows, before] | (symbol == END) | (limits[:, None] <= step + 1)
            if is_done[:, 0].all():  # scores only fall, so that the best ones remain the best
                break
            for state, new in zip(states, after, strict=True):
                state[:n_rows] = new.numpy()[rows, before]
            symbols[:n_rows] = symbol
        return [[symbol for symbol in row if symbol != END] for row in written[:, 0].tolist()]
