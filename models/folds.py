"""Training rows divided for cross-validation, whatever the classes' sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from .arrays import IntArray

MANY_TEXTS = 20_000
"""From so many training texts on models use fixed values: the best ones hardly depend on the data any more."""
N_FOLDS = 3
ENOUGH_ROWS = 3_000
"""No further fold is used once so many rows have been held back: more of them would hardly change the choice."""


class Fold(NamedTuple):
    """Rows to learn from and rows to judge by, their classes numbered anew: 0, 1, …, all of which are learnt from."""

    classes: IntArray
    """What they were before."""
    rows: IntArray
    codes: IntArray
    held_back: IntArray
    held_back_codes: IntArray


def make_folds(codes: IntArray) -> list[Fold]:
    """Divide rows into folds with the classes in equal shares, as far as a class has rows.

    A row whose class has none in the other folds is not held back; a fold that would leave one class is left out.

    Parameters
    ----------
    codes : int64 array, shape (n_rows,)
    """
    folds: list[Fold] = []
    for fold in _folds(codes):
        folds.append(fold)
        if sum(len(fold.held_back) for fold in folds) >= ENOUGH_ROWS:
            break
    return folds


def _folds(codes: IntArray) -> Iterator[Fold]:
    fold_of_row = _assign(codes)
    for k in range(N_FOLDS):
        rows = np.flatnonzero(fold_of_row != k)
        classes, learnt = np.unique(codes[rows], return_inverse=True)
        held_back = np.flatnonzero((fold_of_row == k) & np.isin(codes, classes))
        if len(classes) > 1 and len(held_back):
            yield Fold(classes, rows, learnt, held_back, np.searchsorted(classes, codes[held_back]))


def _assign(codes: IntArray) -> IntArray:
    """Each row's fold: the rows of a class in turn, shuffled, going on where the last class ended."""
    shuffled = np.random.default_rng(0).permutation(len(codes))
    by_class = shuffled[np.argsort(codes[shuffled], kind="stable")]
    fold_of_row = np.empty(len(codes), np.int64)
    fold_of_row[by_class] = np.arange(len(codes)) % N_FOLDS
    return fold_of_row
