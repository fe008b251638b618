"""Bootstrap over test rows and seeds: resampled means for intervals and tests."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Int8Array = npt.NDArray[np.int8]
FloatArray = npt.NDArray[np.float64]

N_RESAMPLES = 10_000
CHUNK_CELLS = 1 << 21
"""Numbers held at once."""


def resampled_means(values: npt.NDArray[np.integer | np.bool_], n_resamples: int = N_RESAMPLES) -> FloatArray:
    """Means of values with rows and seeds drawn again, each on its own; shape (n_resamples,).

    Once the seeds are drawn, a row's sum over them is one of few numbers: drawing rows is drawing how often each of
    these occurs. Nothing is approximated, and the cost depends on how many different rows there are.

    Parameters
    ----------
    values : int8 or bool array, shape (n_seeds, n_rows)
        Of -1, 0 and 1.

    References
    ----------
    Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall, chapter 8.
    """
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


def _chunk_sizes(n_resamples: int, width: int) -> Iterator[int]:
    most = max(1, CHUNK_CELLS // width)
    for start in range(0, n_resamples, most):
        yield min(most, n_resamples - start)
