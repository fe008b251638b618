"""MiniRocket: thousands of fixed convolutions of a series, and ridge regression on them."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt
from aeon.transformations.collection.convolution_based import MiniRocket
from sklearn.linear_model import RidgeClassifierCV
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

from bench.series import Series

from ..arrays import FloatArray
from ..frames import SeriesClassifier, learn_standardising

MIN_POINTS = 9
"""The convolutions are so long."""
ALPHAS = tuple(10.0**power for power in range(-3, 4))


class MiniRocketClassifier(SeriesClassifier):
    """Shares of positive values in thousands of convolutions, and a ridge classifier of them.

    Channels are standardised over the training frames; each series is followed by zeros up to the length of the longest
    training series, and what is longer is cut off. The penalty is chosen by leave-one-out cross-validation. It gives
    scores, not probabilities.

    Parameters
    ----------
    n_kernels : int
        Convolutions with their biases, rounded down to a multiple of 84.
    random_state : int
        Seed of the channels and biases.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    n_points_ : int
        Frames of each series with the zeros after it, from 9 on.
    n_parameters_ : int
        Weights and intercepts of the ridge classifier.

    Raises
    ------
    ValueError
        There is one class, or a parameter is out of range.

    References
    ----------
    A. Dempster, D. F. Schmidt and G. I. Webb, "MiniRocket: a very fast (almost) deterministic transform for time series
    classification", KDD 2021. The library is aeon.

    Examples
    --------
    >>> from bench.ragged import RaggedArray
    >>> random = np.random.default_rng(0)
    >>> rows = [random.normal(i % 2 * 2, 1, (9, 2)).astype(np.float32) for i in range(40)]
    >>> X, y = Series(RaggedArray.from_rows(rows)), np.arange(40) % 2
    >>> MiniRocketClassifier(n_kernels=840).fit(X[:30], y[:30]).score(X[30:], y[30:])
    1.0
    """

    def __init__(self, n_kernels: int = 10_000, random_state: int = 0) -> None:
        self.n_kernels = n_kernels
        self.random_state = random_state

    def fit(self, X: Series, y: npt.ArrayLike) -> Self:
        """Learn from series and their labels."""
        if self.n_kernels < 84:
            raise ValueError(f"n_kernels is {self.n_kernels}, expected 84 or more")
        codes = self._learn_classes(X, y)
        self.scaling_ = learn_standardising(X)
        self.n_points_ = max(MIN_POINTS, int(X.lengths.max()))
        self.transform_ = MiniRocket(self.n_kernels, random_state=self.random_state, n_jobs=1)
        shares = self.transform_.fit_transform(self._points(X))
        self.scaler_ = StandardScaler(with_mean=False).fit(shares)
        self.ridge_ = RidgeClassifierCV(ALPHAS).fit(self.scaler_.transform(shares), codes)
        self.n_parameters_ = self.ridge_.coef_.size + self.ridge_.intercept_.size
        return self

    def decision_function(self, X: Series) -> FloatArray:
        """Return a score of each class, shape (n_rows, n_classes)."""
        check_is_fitted(self, "ridge_")
        if not len(X):
            return np.empty((0, len(self.classes_)))
        shares = self.scaler_.transform(self.transform_.transform(self._points(X)))
        decision: FloatArray = self.ridge_.decision_function(shares)
        return decision if decision.ndim == 2 else np.stack([-decision, decision], axis=1)

    def _scores(self, X: Series) -> FloatArray:
        return self.decision_function(X)

    def _points(self, X: Series) -> npt.NDArray[np.float32]:
        """Return the series of one length, shape (n_rows, n_channels, n_points)."""
        frames = self.scaling_.apply(X)
        points = np.zeros((len(X), X.n_channels, self.n_points_), np.float32)
        for row in range(len(X)):
            kept = frames[row][: self.n_points_]
            points[row, :, : len(kept)] = kept.T
        return points
