"""What a decoder writes at each step: the symbols of a target, or the chunks that belong to the source's symbols."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bench.ragged import Ragged
from bench.symbols import Symbols

from ..arrays import Array, IntArray
from ..chunk_alignment import align, choose_max_chunk, is_alignable
from ..symbol_ids import SymbolIds

EM_ITERATIONS = 8
SHARE_TOLD = 0.4
"""Source symbols that tell so much of the information of the chunks beside them are in the target's order."""


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


def share_told(symbols: Array, chunks: Array) -> float:
    """Return which share of a chunk's information the source symbol beside it tells.

    Tables of chunks, with and without the symbol, are counted on the even places and tried on the odd ones: 1 is that
    the symbol leaves nothing open, 0 or less that it tells nothing.

    Parameters
    ----------
    symbols, chunks : int array, shape (n,)

    Examples
    --------
    >>> symbols = np.tile([0, 1, 1, 2, 2, 0], 50)
    >>> round(share_told(symbols, 2 - symbols), 1), round(share_told(symbols, np.repeat([0, 1, 2], 100)), 1)
    (1.0, -0.0)
    """
    even, odd = slice(0, None, 2), slice(1, None, 2)
    n_chunks = int(chunks.max()) + 1
    together = np.zeros((int(symbols.max()) + 1, n_chunks))
    np.add.at(together, (symbols[even], chunks[even]), 1)
    alone = (together.sum(axis=0) + 1 / n_chunks) / (together.sum() + 1)
    # A symbol that was never seen leaves the table of all chunks.
    given = (together + alone) / (together.sum(axis=1, keepdims=True) + 1)
    bits = -np.log2(alone[chunks[odd]]).sum()
    return float(1 + np.log2(given[symbols[odd], chunks[odd]]).sum() / bits) if bits > 0 else 0.0
