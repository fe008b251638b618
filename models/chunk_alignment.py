"""Alignment of pairs by EM: each symbol of the source gets a chunk of the target, of no symbol, one or a few.

The chunks of a row, one after the other, are its target. The model is a table of the probabilities of chunks given a
source symbol. EM sums over all divisions of a target with the forward-backward algorithm; the most likely division is
then each row's alignment.

References
----------
S. Jiampojamarn, G. Kondrak and T. Sherif, "Applying many-to-many alignments and hidden Markov models to
letter-to-phoneme conversion", NAACL 2007: algorithm 1, here with one source symbol at a time. M. Bisani and H. Ney,
"Joint-sequence models for grapheme-to-phoneme conversion", Speech Communication 50, 2008: section 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from bench.ragged import Int32Array, Ragged

from .arrays import FloatArray, IntArray

BATCH_CELLS = 1 << 21
"""A cell is a source symbol, a place in the target and a length of chunk."""
EM_CELLS = 30_000_000
"""EM uses as many rows, drawn at random, as have about so many cells: more would hardly change the probabilities."""
MIN_CHUNK, MOST_ROWS = 2, 0.99
"""Chunks are as short as this, or as they must be for so many of the rows."""
FLOOR = 1e-12
"""Probability of a chunk that EM has not seen at a source symbol."""


class Alignment(NamedTuple):
    """A chunk for each symbol of each source."""

    chunks: list[tuple[int, ...]]
    """The different chunks; chunk 0 is empty."""
    chunk_ids: IntArray
    """Positions in ``chunks``, flat, as the sources' values are."""


class _Batch(NamedTuple):
    """Rows with sources of one length and targets of one length."""

    rows: IntArray
    symbols: IntArray
    """Shape (n_rows, n_source)."""
    starts: IntArray
    """Where each row's target begins in the flat array, shape (n_rows,)."""
    n_target: int


def align(
    sources: Ragged,
    targets: Ragged,
    max_chunk: int,
    n_iter: int,
    random: np.random.Generator,
    note: Callable[[int, float], None],
) -> Alignment:
    """Align pairs.

    Parameters
    ----------
    sources, targets : Ragged
        Numbers of symbols; no source is empty, no target longer than ``max_chunk`` times its source.
    max_chunk : int
        Target symbols of a chunk, at most.
    n_iter : int
        Iterations of EM.
    random : numpy.random.Generator
        Draws the rows for EM, if there are many.
    note : callable
        Called with each iteration's number, from 1, and the mean log-likelihood of a target before it, in nats.
    """
    chunks, chunk_at = number_chunks(targets, max_chunk)
    batches = list(_batches(sources, targets, _draw(sources, targets, max_chunk, random), max_chunk))
    n_symbols, n_chunks = int(sources.values.max()) + 1, len(chunks)
    keys = [_keys(batch, chunk_at, n_chunks) for batch in batches]
    known = np.unique(np.concatenate([np.unique(key) for of_batch in keys for key in of_batch]))
    cells = [[np.searchsorted(known, key).astype(np.int32) for key in of_batch] for of_batch in keys]
    symbol_of = known // n_chunks
    probabilities = _normalise(np.ones(len(known)), symbol_of, n_symbols)
    for iteration in range(1, n_iter + 1):
        counts, total = np.zeros(len(known)), 0.0
        for of_batch in cells:
            total += _count(of_batch, probabilities, counts)
        note(iteration, total / sum(len(batch.rows) for batch in batches))
        probabilities = _normalise(counts, symbol_of, n_symbols)
    log_probabilities = np.log(np.maximum(probabilities, FLOOR))
    chunk_ids = np.empty(len(sources.values), np.int64)
    for batch in _batches(sources, targets, np.arange(len(sources)), max_chunk):
        keys_of_batch = _keys(batch, chunk_at, n_chunks)
        scores = [_look_up(key, known, log_probabilities) for key in keys_of_batch]
        places = sources.offsets[batch.rows][:, None] + np.arange(batch.symbols.shape[1])
        chunk_ids[places] = _best_division(scores, keys_of_batch) % n_chunks
    return Alignment(chunks, chunk_ids)


def choose_max_chunk(source_lengths: IntArray, target_lengths: IntArray) -> int:
    """Return how many target symbols a source symbol can need, a few rows left aside.

    >>> choose_max_chunk(np.array([2, 2]), np.array([1, 6])), choose_max_chunk(np.array([2, 2]), np.array([1, 2]))
    (3, 2)
    """
    needed = np.ceil(target_lengths / np.maximum(source_lengths, 1))
    return max(MIN_CHUNK, int(np.quantile(needed[source_lengths > 0], MOST_ROWS, method="higher")))


def is_alignable(source_lengths: IntArray, target_lengths: IntArray, max_chunk: int) -> IntArray:
    """Return the rows whose target can be divided among the source's symbols, at most ``max_chunk`` to each."""
    fits = (source_lengths > 0) & (target_lengths <= max_chunk * source_lengths)
    return np.flatnonzero(fits).astype(np.int64)


def number_chunks(targets: Ragged, max_chunk: int) -> tuple[list[tuple[int, ...]], IntArray]:
    """Return the different chunks of targets, and where they are.

    Returns
    -------
    chunks : list of tuple of int
        The first one is empty.
    chunk_at : int64 array, shape (max_chunk + 1, n_values + 1)
        The chunk of each length that begins at each value; -1 where its row ends before.

    Examples
    --------
    >>> number_chunks(Ragged.from_rows([[5, 6], [5]]), 2)
    ([(), (5,), (6,), (5, 6)], array([[ 0,  0,  0,  0],
           [ 1,  2,  1, -1],
           [ 3, -1, -1, -1]]))
    """
    n_values = len(targets.values)
    left = np.repeat(targets.offsets[1:], targets.lengths) - np.arange(n_values)
    chunks: list[tuple[int, ...]] = [()]
    chunk_at = np.full((max_chunk + 1, n_values + 1), -1)
    chunk_at[0] = 0
    n_symbols = int(targets.values.max(initial=0)) + 1
    for length in range(1, max_chunk + 1):
        at = np.flatnonzero(left >= length)
        # A chunk is the chunk that is shorter by one, and the symbol after that.
        keys = chunk_at[length - 1, at] * n_symbols + targets.values[at + length - 1]
        different, ids = np.unique(keys, return_inverse=True)
        chunk_at[length, at] = len(chunks) + ids
        chunks += [(*chunks[key // n_symbols], key % n_symbols) for key in different.tolist()]
    return chunks, chunk_at


def _draw(sources: Ragged, targets: Ragged, max_chunk: int, random: np.random.Generator) -> IntArray:
    cells = sources.lengths * (targets.lengths + 1) * (max_chunk + 1)
    if cells.sum() <= EM_CELLS:
        return np.arange(len(sources))
    shuffled = random.permutation(len(sources))
    n_rows = max(1, int(np.searchsorted(np.cumsum(cells[shuffled]), EM_CELLS)))
    return np.sort(shuffled[:n_rows])


def _batches(sources: Ragged, targets: Ragged, rows: IntArray, max_chunk: int) -> Iterator[_Batch]:
    n_source, n_target = sources.lengths[rows], targets.lengths[rows]
    order = np.lexsort((n_target, n_source))
    changes = (np.diff(n_source[order]) != 0) | (np.diff(n_target[order]) != 0)
    for group in np.split(rows[order], np.flatnonzero(changes) + 1):
        length, target_length = int(sources.lengths[group[0]]), int(targets.lengths[group[0]])
        size = max(1, BATCH_CELLS // (length * (target_length + 1) * (max_chunk + 1)))
        for start in range(0, len(group), size):
            part = group[start : start + size]
            places = sources.offsets[part][:, None] + np.arange(length)
            yield _Batch(part, sources.values[places].astype(np.int64), targets.offsets[part], target_length)


def _keys(batch: _Batch, chunk_at: IntArray, n_chunks: int) -> list[IntArray]:
    """For each length of chunk, symbol and chunk as one number, shape (n_rows, n_source, n_target + 1 - length)."""
    keys = []
    for length in range(min(len(chunk_at) - 1, batch.n_target) + 1):
        places = batch.starts[:, None] + np.arange(batch.n_target + 1 - length)
        ids = chunk_at[length, places] if length else np.zeros(places.shape, np.int64)
        keys.append(batch.symbols[:, :, None] * n_chunks + ids[:, None, :])
    return keys


def _normalise(counts: FloatArray, symbol_of: IntArray, n_symbols: int) -> FloatArray:
    totals = np.bincount(symbol_of, counts, n_symbols)
    normalised: FloatArray = counts / np.maximum(totals[symbol_of], np.finfo(float).tiny)
    return normalised


def _look_up(keys: IntArray, known: IntArray, log_probabilities: FloatArray) -> FloatArray:
    places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[places] == keys, log_probabilities[places], np.log(FLOOR))


def _count(cells: list[Int32Array], probabilities: FloatArray, counts: FloatArray) -> float:
    """Add a batch's expected counts to ``counts``, and return its log-likelihood.

    Parameters
    ----------
    cells : list of int32 array, shape (n_rows, n_source, n_target + 1 - length)
        For each length of chunk, where its probability and count are.
    """
    tables = [probabilities[of_length] for of_length in cells]
    n_rows, n_source, width = tables[0].shape
    forward = np.zeros((n_source + 1, n_rows, width))
    scales = np.ones((n_source + 1, n_rows, 1))
    forward[0, :, 0] = 1
    for i in range(n_source):
        for length, table in enumerate(tables):
            forward[i + 1, :, length:] += forward[i, :, : width - length] * table[:, i]
        # Places from which the end is out of reach would take all of the scale in long rows.
        forward[i + 1, :, : max(0, width - 1 - (len(tables) - 1) * (n_source - i - 1))] = 0
        scales[i + 1] = forward[i + 1].sum(axis=1, keepdims=True)
        forward[i + 1] /= scales[i + 1]
    backward = np.zeros((n_rows, width))
    backward[:, -1] = 1
    for i in reversed(range(n_source)):
        before = np.zeros_like(backward)
        for length, table in enumerate(tables):
            after = table[:, i] * backward[:, length:] / scales[i + 1]
            before[:, : width - length] += after
            weights = forward[i, :, : width - length] * after
            np.add.at(counts, cells[length][:, i], weights)
        backward = before
    return float(np.log(scales).sum())


def _best_division(scores: list[FloatArray], keys: list[IntArray]) -> IntArray:
    """Return the keys on the most likely way through each row of a batch, shape (n_rows, n_source)."""
    n_rows, n_source, width = scores[0].shape
    best = np.full((n_rows, width), -np.inf)
    best[:, 0] = 0
    chosen = np.zeros((n_source, n_rows, width), np.int64)
    for i in range(n_source):
        ways = np.full((len(scores), n_rows, width), -np.inf)
        for length, table in enumerate(scores):
            ways[length, :, length:] = best[:, : width - length] + table[:, i]
        chosen[i] = ways.argmax(axis=0)
        best = ways.max(axis=0)
    rows = np.arange(n_rows)
    place = np.full(n_rows, width - 1)
    result = np.empty((n_rows, n_source), np.int64)
    for i in reversed(range(n_source)):
        length = chosen[i, rows, place]
        place = place - length
        for k, of_length in enumerate(keys):
            mine = np.flatnonzero(length == k)
            result[mine, i] = of_length[mine, i, place[mine]]
    return result
