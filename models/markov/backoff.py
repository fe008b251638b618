"""How far a class's word probabilities back off to those of all classes: chosen on training rows held back."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.special import log_softmax

from bench.corpus import Ragged

from ..arrays import FloatArray, IntArray
from ..folds import Fold
from ..id_arrays import CountMatrix

PATH = tuple(4.0**k for k in range(1, 12))
"""Pseudo-counts to choose from."""


def choose_backoff(words: Ragged, n_ids: int, smoothing: float, fold: Fold) -> float:
    """Return the pseudo-counts with which one-state models have the least log loss on the rows held back.

    One state is a closed form, so that all values are tried. It is a class's counts of words and ``backoff``
    pseudo-counts of the words of all classes (a Dirichlet prior).

    Parameters
    ----------
    words : Ragged
        Ids of each training text.
    n_ids : int
        Every id is below it.
    smoothing : float
        Pseudo-counts of each word among those of all classes.
    fold : Fold

    References
    ----------
    C. Zhai and J. Lafferty, "A study of smoothing methods for language models applied to information retrieval", ACM
    Transactions on Information Systems 22(2), 2004: section 3.3.
    """
    counts = _count(words.take(fold.rows), n_ids)
    held_back = _count(words.take(fold.held_back), n_ids)
    of_class = _sum_by_class(counts, fold.codes)
    of_all = of_class.sum(axis=0) + smoothing
    common = of_all / of_all.sum()
    log_prior = np.log(np.bincount(fold.codes) / len(fold.codes))

    def log_loss(backoff: float) -> float:
        smoothed = of_class + backoff * common
        log_probability = np.log(smoothed / smoothed.sum(axis=1, keepdims=True))
        return mean_log_loss(held_back @ log_probability.T + log_prior, fold.held_back_codes)

    return min(PATH, key=log_loss)


def mean_log_loss(joint: FloatArray, codes: IntArray) -> float:
    """Mean over texts, nats, of minus the logarithm of their class's probability.

    Parameters
    ----------
    joint : float64 array, shape (n_texts, n_classes)
        Logarithms of the probability of text and class, up to a constant of each text.
    codes : int64 array, shape (n_texts,)
    """
    return -float(log_softmax(joint, axis=1)[np.arange(len(codes)), codes].mean())


def _count(words: Ragged, n_ids: int) -> CountMatrix:
    counts = csr_array((np.ones(len(words.values)), words.values, words.offsets.copy()), shape=(len(words), n_ids))
    counts.sum_duplicates()
    return counts


def _sum_by_class(counts: CountMatrix, codes: IntArray) -> FloatArray:
    n_rows = len(codes)
    membership = csr_array((np.ones(n_rows), (codes, np.arange(n_rows))), shape=(int(codes.max()) + 1, n_rows))
    sums: FloatArray = (membership @ counts).toarray()
    return sums
