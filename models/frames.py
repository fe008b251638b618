"""What the classifiers of series share: classes, whitened frames, and rows of unequal length brought to one."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.linalg import cholesky, solve_triangular
from sklearn.base import BaseEstimator, ClassifierMixin

from bench.ragged import RaggedArray
from bench.series import Series

from .arrays import Array, FloatArray, IntArray

N_WITHIN = 5
"""Parts of a series around whose class means the spread within classes is measured."""
SHRINKAGE = 0.1
"""Share of the covariances within classes that is taken away, since few frames estimate them badly."""
LEAST_SHARE = 1e-3
"""A channel's variance within classes is taken to be this share of its whole variance at least."""


class SeriesClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """A classifier of Series.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
        The labels in sorted order: column k of the scores belongs to ``classes_[k]``.
    """

    classes_: Array

    def predict(self, X: Series) -> Array:
        """Return the likeliest class of each series, shape (n_rows,)."""
        labels: Array = self.classes_[self._scores(X).argmax(axis=1)]
        return labels

    def _scores(self, X: Series) -> FloatArray:
        """Score of each class, larger for likelier, shape (n_rows, n_classes)."""
        raise NotImplementedError

    def _learn_classes(self, X: Series, y: npt.ArrayLike) -> IntArray:
        """Set ``classes_`` and return each label's position in it.

        Raises
        ------
        ValueError
            Series and labels do not pair up, or there is nothing to tell apart.
        """
        labels = np.asarray(y)
        if labels.shape != (len(X),):
            raise ValueError(f"there are {len(X)} series, but the labels have shape {labels.shape}")
        classes, codes = np.unique(labels, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"a classifier needs series of at least 2 classes, found {len(classes)}")
        self.classes_ = classes
        return codes.astype(np.int64)

    def _check_over_0(self, *names: str) -> None:
        """Raise ValueError for a parameter that is neither None nor a number over 0."""
        for name in names:
            value = getattr(self, name)
            if value is not None and not 0 < value < np.inf:
                raise ValueError(f"{name} is {value}, expected a number over 0")


class Scaling(NamedTuple):
    """A linear map of the channels of a frame: ``(frame - shift) @ matrix``.

    Attributes
    ----------
    shift : float64 array, shape (n_channels,)
    matrix : float64 array, shape (n_channels, n_channels)
    """

    shift: FloatArray
    matrix: FloatArray

    def apply(self, X: Series) -> RaggedArray:
        """Return the mapped frames, float64."""
        return RaggedArray((X.frames.values.astype(np.float64) - self.shift) @ self.matrix, X.frames.offsets)


def learn_standardising(X: Series) -> Scaling:
    """Return what gives each channel a mean of 0 and a standard deviation of 1 over the frames of these series."""
    values = X.frames.values.astype(np.float64)
    return Scaling(values.mean(axis=0), np.diag(1 / np.sqrt(_above_0(values.var(axis=0)))))


def learn_whitening(X: Series, codes: IntArray) -> Scaling:
    """Return what makes channels uncorrelated within classes, and their overall variance 1 on average.

    Each series is divided into five parts; the spread within a class is that of the frames of a part around their mean
    over the series of the class. What varies within classes thus counts less, and what tells them apart counts more.

    Parameters
    ----------
    X : Series
    codes : int64 array, shape (n_rows,)
        Positions of the classes.

    References
    ----------
    A. O. Hatch, S. Kajarekar and A. Stolcke, "Within-class covariance normalization for SVM-based speaker
    recognition", Interspeech 2006.
    """
    values = X.frames.values.astype(np.float64)
    shift = values.mean(axis=0)
    variances = _above_0(values.var(axis=0))
    residuals = residuals_of(values, np.repeat(codes, X.lengths) * N_WITHIN + parts_of(X.frames, N_WITHIN))
    covariance = residuals.T @ residuals / len(residuals)
    own = np.maximum(covariance.diagonal(), LEAST_SHARE * variances)
    covariance = (1 - SHRINKAGE) * covariance
    np.fill_diagonal(covariance, own)
    factor = cholesky(covariance, lower=True)
    matrix = solve_triangular(factor, np.eye(len(factor)), lower=True).T
    spread = ((values - shift) @ matrix).var(axis=0).mean()
    return Scaling(shift, matrix / np.sqrt(spread or 1.0))


def parts_of(frames: RaggedArray, n_parts: int) -> IntArray:
    """Return which of n equal parts of its row each frame is in, shape (n_frames,)."""
    lengths = frames.lengths
    within = np.arange(frames.offsets[-1]) - np.repeat(frames.offsets[:-1], lengths)
    parts: IntArray = within * n_parts // np.repeat(lengths, lengths)
    return parts


def residuals_of(values: FloatArray, groups: IntArray) -> FloatArray:
    """Return each frame less the mean of its group."""
    _, places, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    sums = np.zeros((len(sizes), values.shape[1]))
    np.add.at(sums, places, values)
    residuals: FloatArray = values - (sums / sizes[:, None])[places]
    return residuals


def part_means(frames: RaggedArray, n_parts: int) -> FloatArray:
    """Return each row resampled: the means of n equal parts of its time, shape (n_rows, n_parts, n_channels).

    A frame counts in a part by its share of the part's time, so a row may be shorter than there are parts.
    """
    means = np.empty((len(frames), n_parts, frames.values.shape[1]))
    for row, length in enumerate(frames.lengths.tolist()):
        means[row] = _shares(length, n_parts) @ frames[row]
    return means


@lru_cache(maxsize=4096)
def _shares(length: int, n_parts: int) -> FloatArray:
    """Each frame's share of each part's time, shape (n_parts, length)."""
    bounds = np.linspace(0, length, n_parts + 1)
    first = np.arange(length)
    overlaps = np.minimum(bounds[1:, None], first + 1) - np.maximum(bounds[:-1, None], first)
    shares: FloatArray = np.maximum(overlaps, 0) * n_parts / length
    return shares


def _above_0(variances: FloatArray) -> FloatArray:
    """Return variances with 1 for those of constant channels."""
    return np.where(variances > 0, variances, 1.0)
