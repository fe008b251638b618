"""Bootstrap over test rows and seeds: resampled means for intervals and tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Int8Array = npt.NDArray[np.int8]
FloatArray = npt.NDArray[np.float64]
ScoreArray = npt.NDArray[np.bool_ | np.float64]
"""Scores of rows: right or wrong, or numbers."""
DifferenceArray = npt.NDArray[np.int8 | np.float64]
"""Differences of such scores: -1, 0 and 1, or numbers."""

N_RESAMPLES = 10_000
CHUNK_CELLS = 1 << 21
"""Numbers held at once."""
MOST_KEPT = 1 << 26
"""Weights, of a byte each, that are kept for the next pair of models."""


def resampled_means(
    values: npt.NDArray[np.integer | np.bool_ | np.float64], n_resamples: int = N_RESAMPLES
) -> FloatArray:
    """Means of values with rows and seeds drawn again, each on its own; shape (n_resamples,).

    Whole numbers: once the seeds are drawn, a row's sum over them is one of few numbers, so drawing rows is drawing how
    often each of these occurs. Nothing is approximated, and the cost depends on how many different rows there are.

    Parameters
    ----------
    values : int8, bool or float64 array, shape (n_seeds, n_rows)
        Whole numbers of -1, 0 and 1.

    References
    ----------
    Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall, chapter 8.
    """
    if values.dtype == np.float64:
        return _means_of_numbers(values.astype(np.float64), n_resamples)
    generator = np.random.default_rng(0)
    n_seeds, n_rows = values.shape
    patterns, counts = np.unique(values.astype(np.int8), axis=1, return_counts=True)
    sums = np.arange(-n_seeds, n_seeds + 1)
    means = []
    for size in _chunk_sizes(n_resamples, patterns.shape[1]):
        seeds = generator.multinomial(n_seeds, np.full(n_seeds, 1 / n_seeds), size=size)
        of_pattern = seeds.astype(np.int32) @ patterns.astype(np.int32) + n_seeds
        places = of_pattern + np.arange(size, dtype=np.int32)[:, None] * len(sums)
        weights = np.broadcast_to(counts, places.shape)
        shares = np.bincount(places.ravel(), weights.ravel(), size * len(sums)).reshape(size, len(sums)) / n_rows
        means.append(generator.multinomial(n_rows, shares) @ sums / (n_rows * n_seeds))
    return np.concatenate(means)


def row_weights(n_rows: int, n_resamples: int) -> Iterator[npt.NDArray[np.float32]]:
    """How often each row is drawn: resamples in chunks, shape (n_in_chunk, n_rows). The same for every caller."""
    generator = np.random.default_rng(0)
    for size in _chunk_sizes(n_resamples, n_rows):
        places = generator.integers(n_rows, size=(size, n_rows)) + np.arange(size)[:, None] * n_rows
        yield np.bincount(places.ravel(), minlength=size * n_rows).reshape(size, n_rows).astype(np.float32)


def row_signs(n_rows: int, n_flips: int) -> Iterator[npt.NDArray[np.uint8]]:
    """Which rows turn their signs (1) and which do not (0): flips in chunks, shape (n_in_chunk, n_rows)."""
    generator = np.random.default_rng(0)
    for size in _chunk_sizes(n_flips, n_rows):
        n_bytes = -(-size * n_rows // 8)
        yield np.unpackbits(generator.integers(256, size=n_bytes, dtype=np.uint8), count=size * n_rows).reshape(
            size, -1
        )


def _means_of_numbers(values: FloatArray, n_resamples: int) -> FloatArray:
    n_seeds, n_rows = values.shape
    seeds = np.random.default_rng(1).multinomial(n_seeds, np.full(n_seeds, 1 / n_seeds), size=n_resamples)
    mean = values.mean()
    centred = (values - mean).astype(np.float32)  # of the mean, nothing is lost to single precision
    is_kept = n_rows * n_resamples <= MOST_KEPT
    chunks = _kept_weights(n_rows, n_resamples) if is_kept else row_weights(n_rows, n_resamples)
    by_seed = np.concatenate([weights.astype(np.float32) @ centred.T for weights in chunks])
    means: FloatArray = mean + (seeds * by_seed.astype(np.float64)).sum(axis=1) / (n_rows * n_seeds)
    return means


@lru_cache(maxsize=1)
def _kept_weights(n_rows: int, n_resamples: int) -> Sequence[npt.NDArray[np.uint8]]:
    """Keep the weights, which take longer to draw than to use: every pair of models on the same rows takes them."""
    return [weights.astype(np.uint8) for weights in row_weights(n_rows, n_resamples)]


def _chunk_sizes(n_resamples: int, width: int) -> Iterator[int]:
    most = max(1, CHUNK_CELLS // width)
    for start in range(0, n_resamples, most):
        yield min(most, n_resamples - start)
