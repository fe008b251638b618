"""Values of parameters chosen on training rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from .arrays import FloatArray, IntArray
from .folds import Fold, make_folds

Choice = TypeVar("Choice")


def choose(choices: Sequence[Choice], folds: Sequence[Fold], loss: Callable[[Choice, Fold], float]) -> Choice:
    """Return the choice with the least mean loss over the folds; of several such, and without a fold, the first."""
    if not folds or len(choices) == 1:
        return choices[0]
    return min(choices, key=lambda choice: sum(loss(choice, fold) for fold in folds))


def folds_of(codes: IntArray) -> list[Fold]:
    """Return the folds that leave two rows of a class to learn from on average; from fewer a choice would be chance."""
    return [fold for fold in make_folds(codes) if len(fold.rows) >= 2 * len(fold.classes)]


def log_loss(log_probabilities: FloatArray, codes: IntArray) -> float:
    """Mean of the right classes' log probabilities, negative, in nats.

    Parameters
    ----------
    log_probabilities : float64 array, shape (n_rows, n_classes)
    codes : int64 array, shape (n_rows,)
        Positions of the right classes.
    """
    return -float(log_probabilities[np.arange(len(codes)), codes].mean())


def draw_rows(codes: IntArray, n_rows: int) -> IntArray:
    """Return so many rows at most, the classes in equal shares as far as they go, in ascending order.

    Parameters
    ----------
    codes : int64 array, shape (n_rows,)
        Positions of the classes.
    n_rows : int
    """
    shuffled = np.random.default_rng(0).permutation(len(codes))
    by_class = shuffled[np.argsort(codes[shuffled], kind="stable")]
    sizes = np.bincount(codes)
    turns = np.arange(len(codes)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.sort(by_class[np.argsort(turns, kind="stable")[:n_rows]])
