"""What models of next-event prediction share: earlier tokens of each token, and which pieces go together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bench.events import Events
from bench.ragged import Int32Array

from .arrays import IntArray

MELODY_STEPS = 16
"""Two pieces that share a melody as long as this are hardly independent."""


class Places(NamedTuple):
    """Where tokens stand that are to be predicted."""

    flat: IntArray
    """Index in all tokens; of what would follow a piece, the one after its last."""
    n_before: IntArray
    """Tokens before it in its piece."""

    def take(self, indices: IntArray | slice) -> Places:
        """Return some of them."""
        return Places(self.flat[indices], self.n_before[indices])


def every_token(X: Events) -> Places:
    """Places of all tokens, shape (n_tokens,)."""
    flat = np.arange(len(X.tokens.values))
    return Places(flat, flat - np.repeat(X.tokens.offsets[:-1], X.lengths))


def next_tokens(X: Events) -> Places:
    """Place of the token that would follow each piece, shape (n_pieces,)."""
    return Places(X.tokens.offsets[1:], X.lengths)


def earlier(X: Events, places: Places, lag: int) -> IntArray:
    """Return the token so many before each place; ``n_symbols`` before the beginning of its piece."""
    is_there = places.n_before >= lag
    tokens = np.full(len(places.flat), X.n_symbols, np.int64)
    tokens[is_there] = X.tokens.values[places.flat[is_there] - lag]
    return tokens


def group_by_melody(X: Events) -> IntArray:
    """Return a number for each piece, equal where pieces are equal but for the key, or share a melody.

    They share one if their first voices go the same way for ``MELODY_STEPS`` successive steps, in whatever key; so do
    two pieces that each share one with a third. Where all pieces would be one group, only those equal but for the key
    are grouped.
    """
    whole = group_by_key(X)
    _, firsts = np.unique(whole, return_index=True)
    voices = [_way(X[first], X.width)[X.width :: X.width] for first in firsts.tolist()]
    melodies = _group_by_shared([_windows(voice) for voice in voices])
    return melodies[whole] if melodies.any() else whole


def group_by_key(X: Events) -> IntArray:
    """Return a number for each piece, equal where pieces are equal but for the key.

    They are if the differences between each voice's successive tokens are equal; rests, 0, stay rests in every key.
    """
    return _group_by_shared([{_way(piece, X.width).tobytes()} for piece in X])


def _way(piece: Int32Array, width: int) -> IntArray:
    """Of each token the difference to its voice's token before, and whether it is a rest, in one number.

    The difference from or to a rest, which is 0 in every key, is left out, and so is that in the first step.
    """
    tokens = piece.astype(np.int64)
    is_rest = tokens == 0
    differences = np.zeros(len(tokens), np.int64)
    differences[width:] = np.where(is_rest[width:] | is_rest[:-width], 0, tokens[width:] - tokens[:-width])
    way: IntArray = 2 * differences + is_rest
    return way


def _windows(way: IntArray) -> set[bytes]:
    n_steps = min(MELODY_STEPS - 1, len(way))
    return {way[start : start + n_steps].tobytes() for start in range(len(way) - n_steps + 1)}


def _group_by_shared(features: list[set[bytes]]) -> IntArray:
    """Return the same number for two items if they share a feature, or each shares one with a third item."""
    number_of: dict[bytes, int] = {}
    numbers = [number_of.setdefault(feature, len(number_of)) for has in features for feature in has]
    items = np.repeat(np.arange(len(features)), [len(has) for has in features])
    has = coo_array((np.ones(len(items)), (items, numbers)), shape=(len(features), len(number_of))).tocsr()
    numbers_of_items: IntArray = connected_components(has @ has.T, directed=False)[1].astype(np.int64)
    return numbers_of_items


def hold_out(X: Events, share: float = 0.2) -> tuple[IntArray, IntArray]:
    """Return rows to learn from and rows to judge by, pieces that share a melody on one side.

    Of the keys of a piece that is held out, one is judged by. Where all pieces are equal but for the key, all are
    learnt from and none is held out.
    """
    groups = group_by_melody(X)
    n_groups = int(groups.max(initial=-1)) + 1
    n_held_out = max(round(share * n_groups), 1) if n_groups > 1 else 0
    rng = np.random.default_rng(0)
    is_held_out = np.isin(groups, rng.permutation(n_groups)[:n_held_out])
    return np.flatnonzero(~is_held_out), some_keys(X, np.flatnonzero(is_held_out), 1)


def some_keys(X: Events, rows: IntArray, n_keys: int) -> IntArray:
    """Return at most so many of the keys of each piece, drawn with a fixed seed; in the order of the rows."""
    shuffled = np.random.default_rng(0).permutation(rows)
    pieces = group_by_key(X)[shuffled]
    order = np.argsort(pieces, kind="stable")
    first = np.searchsorted(pieces[order], pieces[order])
    chosen = shuffled[order][np.arange(len(order)) - first < n_keys]
    return np.sort(chosen)


def of_voice(places: Places, voice: int, width: int) -> Places:
    """Return the places of one voice."""
    return places.take(np.flatnonzero(places.n_before % width == voice))


def check_events(X: Events, width: int, n_symbols: int) -> None:
    """Refuse pieces unlike those that a model has learnt from.

    Raises
    ------
    ValueError
    """
    if (X.width, X.n_symbols) != (width, n_symbols):
        raise ValueError(
            f"the pieces have {X.width} tokens per step and {X.n_symbols} symbols, expected {width} and {n_symbols} "
            "as in training"
        )
