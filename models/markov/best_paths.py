"""The best paths of many sources through an automaton at once: a beam search without a Python loop over sources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bench.ragged import Ragged

from ..arrays import FloatArray, IntArray
from .chunk_ngrams import Automaton

BATCH_SYMBOLS = 8_192


class _Front(NamedTuple):
    """The paths that are followed, each in one source's search; sorted by source, the best one first."""

    row: IntArray
    state: IntArray
    score: FloatArray
    origin: IntArray
    """The path of the step before that each comes from."""
    token: IntArray


class BestPaths:
    """Searches for the tokens that explain a source best.

    Parameters
    ----------
    automaton : Automaton
        Its arcs have tokens.
    arc, symbol : int64 array, shape (n_readings,)
        The arcs that read each symbol; an arc may be here with several.
    weight : float64 array, shape (n_readings,)
        Natural logarithms, added to those of the arcs.
    n_symbols : int
        Symbols are below it.
    beam : int
        Paths that are followed in each source, at most.
    """

    def __init__(
        self,
        automaton: Automaton,
        arc: IntArray,
        symbol: IntArray,
        weight: FloatArray,
        n_symbols: int,
        beam: int,
    ) -> None:
        self.automaton = automaton
        self.n_symbols = n_symbols
        self.beam = beam
        keys = automaton.source[arc] * n_symbols + symbol
        order = np.argsort(keys, kind="stable")
        self._arc = arc[order]
        self._weight = automaton.weight[self._arc] + weight[order]
        self._keys, self._first, self._n = np.unique(keys[order], return_index=True, return_counts=True)

    def search(self, sources: Ragged) -> Ragged:
        """Return the tokens of the best path of each source, one per symbol; sources have at least one symbol.

        From the empty context each symbol that occurs must be read by an arc.
        """
        result = np.empty(len(sources.values), np.int32)
        for rows in self._batches(sources.lengths):
            batch = sources.take(rows)
            tokens = self._search(batch)
            places = np.repeat(sources.offsets[rows] - batch.offsets[:-1], batch.lengths) + np.arange(len(tokens))
            result[places] = tokens
        return Ragged(result, sources.offsets)

    def _batches(self, lengths: IntArray) -> Iterator[IntArray]:
        order = np.argsort(lengths, kind="stable")
        batch_of = np.cumsum(lengths[order]) // BATCH_SYMBOLS
        return iter(np.split(order, np.flatnonzero(np.diff(batch_of)) + 1))

    def _search(self, sources: Ragged) -> IntArray:
        n_rows, lengths = len(sources), sources.lengths
        zeros = np.zeros(n_rows, np.int64)
        front = _Front(np.arange(n_rows), zeros + self.automaton.start, np.zeros(n_rows), zeros, zeros)
        fronts = []
        for step in range(int(lengths.max())):
            going_on = np.flatnonzero(lengths[front.row] > step)
            symbols = sources.values[np.minimum(sources.offsets[:-1] + step, len(sources.values) - 1)]
            front = self._step(front, going_on, symbols.astype(np.int64))
            fronts.append(front)
        return _trace(fronts, sources)

    def _step(self, front: _Front, going_on: IntArray, symbols: IntArray) -> _Front:
        row, state, score, origin = self._back_off(front, going_on)
        keys = state * self.n_symbols + symbols[row]
        place = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        found = self._keys[place] == keys
        place, n = place[found], self._n[place[found]]
        reading = np.repeat(self._first[place] - np.cumsum(n) + n, n) + np.arange(n.sum())
        row, origin = np.repeat(row[found], n), np.repeat(origin[found], n)
        score = np.repeat(score[found], n) + self._weight[reading]
        arc = self._arc[reading]
        target = self.automaton.target[arc]
        best = _best_of_each(row * len(self.automaton.backoff) + target, score)
        best = best[np.lexsort((-score[best], row[best]))]
        sorted_rows = row[best]
        rank = np.arange(len(best)) - np.searchsorted(sorted_rows, sorted_rows)
        best = best[rank < self.beam]
        return _Front(row[best], target[best], score[best], origin[best], self.automaton.token[arc[best]])

    def _back_off(self, front: _Front, going_on: IntArray) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
        """Paths as they are, and backed off as far as can be; of those in one state the best."""
        origin, row, state, score = going_on, front.row[going_on], front.state[going_on], front.score[going_on]
        levels = [(row, state, score, origin)]
        while len(left := np.flatnonzero(state)):
            row, origin, score = row[left], origin[left], score[left] + self.automaton.backoff_weight[state[left]]
            state = self.automaton.backoff[state[left]]
            best = _best_of_each(row * len(self.automaton.backoff) + state, score)
            row, state, score, origin = row[best], state[best], score[best], origin[best]
            levels.append((row, state, score, origin))
        row, state, score, origin = (np.concatenate(values) for values in zip(*levels, strict=True))
        best = _best_of_each(row * len(self.automaton.backoff) + state, score)
        return row[best], state[best], score[best], origin[best]


def _best_of_each(keys: IntArray, scores: FloatArray) -> IntArray:
    """Return the place of the highest score of each key."""
    order = np.lexsort((-scores, keys))
    ordered = keys[order]
    return order[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(order) else order


def _trace(fronts: list[_Front], sources: Ragged) -> IntArray:
    """Follow each source's best path back from its last step."""
    tokens = np.empty(len(sources.values), np.int64)
    path = np.zeros(len(sources), np.int64)
    for step in reversed(range(len(fronts))):
        front = fronts[step]
        last = np.flatnonzero(sources.lengths == step + 1)
        path[last] = np.searchsorted(front.row, last)
        rows = np.flatnonzero(sources.lengths > step)
        tokens[sources.offsets[rows] + step] = front.token[path[rows]]
        path[rows] = front.origin[path[rows]]
    return tokens
