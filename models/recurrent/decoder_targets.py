"""What a decoder writes at each step: the symbols of a target, or the chunks that belong to the source's symbols."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bench.ragged import Ragged
from bench.symbols import Symbols

from ..arrays import IntArray
from ..chunk_alignment import align, choose_max_chunk, is_alignable
from ..symbol_ids import SymbolIds

EM_ITERATIONS = 8
SHARE_TOLD = 0.4
"""Where source symbols tell this proportion of the chunks, source and target are taken to be in the same order."""
ROWS_ASKED = 2_000
"""That question is asked of so many rows, drawn at random, at most."""


class DecoderTargets(NamedTuple):
    """The targets of training rows, as numbers from 1."""

    ids: Ragged
    rows: IntArray
    """The rows that can be written so, in order; ``ids`` has no others."""
    pieces: list[tuple[str, ...]]
    """The symbols that each number stands for."""


def write_symbols(targets: Symbols) -> DecoderTargets:
    """Return targets symbol by symbol."""
    ids = SymbolIds(targets, first=1)
    return DecoderTargets(ids.encode(targets), np.arange(len(targets)), [(symbol,) for symbol in ids.symbols])


def write_chunks(sources: Ragged, targets: Symbols, random: np.random.Generator) -> DecoderTargets:
    """Return targets chunk by chunk, one for each symbol of the source.

    Parameters
    ----------
    sources : Ragged
        Numbers of symbols, at least one in each row.
    targets : Symbols
    random : numpy.random.Generator
        Draws the rows that the alignment is learnt from, if there are more than it needs.
    """
    symbols = SymbolIds(targets)
    numbers = symbols.encode(targets)
    max_chunk = choose_max_chunk(sources.lengths, numbers.lengths)
    rows = is_alignable(sources.lengths, numbers.lengths, max_chunk)
    sources = sources.take(rows)
    alignment = align(sources, numbers.take(rows), max_chunk, EM_ITERATIONS, random, lambda step, likelihood: None)
    used, ids = np.unique(alignment.chunk_ids, return_inverse=True)
    pieces = [tuple(symbols.symbols[i] for i in alignment.chunks[chunk]) for chunk in used.tolist()]
    return DecoderTargets(Ragged((ids + 1).astype(np.int32), sources.offsets), rows, pieces)


def is_in_order(sources: Ragged, targets: Symbols, random: np.random.Generator) -> bool:
    """Return whether targets are in the order of their sources, as the sounds of words are in that of the letters.

    Parameters are those of :func:`write_chunks`.
    """
    asked = np.sort(random.permutation(len(sources))[:ROWS_ASKED])
    sources = sources.take(asked)
    chunks = write_chunks(sources, targets.take(asked), random)
    return share_told(sources.take(chunks.rows), chunks.ids, random) >= SHARE_TOLD


def share_told(sources: Ragged, chunks: Ragged, random: np.random.Generator) -> float:
    """Return the proportion of the information about a chunk that the source symbol beside it tells.

    Tables of chunks, with and without the symbol, are counted on half of the rows and tried on the others: 1 is that
    the symbol leaves nothing open, 0 or less that it tells nothing. This is the uncertainty coefficient (Theil's U).

    Parameters
    ----------
    sources, chunks : Ragged
        Numbers of symbols and of chunks, rows of the same lengths.
    random : numpy.random.Generator
        Draws the rows that are counted.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> sources, others = (Ragged.from_rows(random.integers(0, 4, (50, 3))) for _ in range(2))
    >>> round(share_told(sources, sources, random), 1), round(share_told(sources, others, random), 1)
    (1.0, -0.1)
    """
    is_counted = np.repeat(random.permutation(len(sources)) < len(sources) / 2, sources.lengths)
    symbols, ids = sources.values.astype(np.int64), chunks.values.astype(np.int64)
    n_chunks = int(ids.max()) + 1
    if (ids == ids[0]).all():
        return 0.0
    alone = np.bincount(ids[is_counted], minlength=n_chunks) + 1 / n_chunks
    alone /= alone.sum()
    pairs = symbols * n_chunks + ids
    known, counts = np.unique(pairs[is_counted], return_counts=True)
    of_symbol = np.bincount(symbols[is_counted], minlength=int(symbols.max()) + 1)
    pairs, symbols, ids = pairs[~is_counted], symbols[~is_counted], ids[~is_counted]
    if not len(known) or not len(pairs):
        return 0.0
    at = np.minimum(np.searchsorted(known, pairs), len(known) - 1)
    together = np.where(known[at] == pairs, counts[at], 0)
    # A symbol that was never seen leaves the table of all chunks.
    given = (together + alone[ids]) / (of_symbol[symbols] + 1)
    return float(1 - np.log2(given).sum() / np.log2(alone[ids]).sum())
