"""Logistic regression on statistics of whole series: linear, and almost blind to order."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from bench.series import Series

from ..arrays import FloatArray
from ..folds import Fold
from ..frames import SeriesClassifier, learn_standardising, part_means
from ..search import choose, folds_of, log_loss

C_PATH = (0.1, 0.01, 1.0, 10.0)
QUANTILES = (0.1, 0.5, 0.9)
MAX_ITER = 500


class SeriesStatisticsClassifier(SeriesClassifier):
    """Multinomial logistic regression on the statistics of a series.

    They are, of each channel: its mean, standard deviation and deciles 1, 5 and 9, the mean and the standard deviation
    of its absolute differences from frame to frame, and its means in equal parts of the series; and the logarithm of
    the length. All are scaled to a mean of 0 and a variance of 1.

    It is deterministic, so it has no ``random_state``.

    Parameters
    ----------
    n_parts : int
        Equal parts of a series.
    C : float, optional
        Inverse strength of the L2 penalty. None: 0.01, 0.1, 1 or 10, which cross-validation on the
        training rows finds to have the least log loss.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    C_ : float
        What was given or chosen.
    n_parameters_ : int
        Weights and intercepts.

    Raises
    ------
    ValueError
        There is one class, or a parameter is out of range.

    References
    ----------
    D. R. Cox, "The regression analysis of binary sequences", Journal of the Royal Statistical Society B 20(2), 1958.
    A. Nanopoulos, R. Alcock and Y. Manolopoulos, "Feature-based classification of time-series data", International
    Journal of Computer Research 10(3), 2001: statistics of series and of their differences.

    Examples
    --------
    >>> from bench.ragged import RaggedArray
    >>> random = np.random.default_rng(0)
    >>> rows = [random.normal(i % 2 * 2, 1, (9, 2)).astype(np.float32) for i in range(40)]
    >>> X, y = Series(RaggedArray.from_rows(rows)), np.arange(40) % 2
    >>> SeriesStatisticsClassifier().fit(X[:30], y[:30]).score(X[30:], y[30:])
    1.0
    """

    def __init__(self, n_parts: int = 8, C: float | None = None) -> None:
        self.n_parts = n_parts
        self.C = C

    def fit(self, X: Series, y: npt.ArrayLike) -> Self:
        """Learn from series and their labels."""
        self._check_over_0("n_parts", "C")
        codes = self._learn_classes(X, y)
        self.scaling_ = learn_standardising(X)
        statistics = self._statistics(X)
        self.mean_, spread = statistics.mean(axis=0), statistics.std(axis=0)
        self.scale_ = np.where(spread > 1e-9, spread, 1.0)
        rows = (statistics - self.mean_) / self.scale_

        def loss(C: float, fold: Fold) -> float:
            model = _new_regression(C).fit(rows[fold.rows], fold.codes)
            return log_loss(model.predict_log_proba(rows[fold.held_back]), fold.held_back_codes)

        self.C_ = self.C or choose(C_PATH, folds_of(codes), loss)
        self.regression_ = _new_regression(self.C_).fit(rows, codes)
        self.n_parameters_ = self.regression_.coef_.size + self.regression_.intercept_.size
        return self

    def predict_proba(self, X: Series) -> FloatArray:
        """Probability of each class, shape (n_rows, n_classes)."""
        check_is_fitted(self, "regression_")
        if not len(X):
            return np.empty((0, len(self.classes_)))
        rows = (self._statistics(X) - self.mean_) / self.scale_
        probabilities: FloatArray = self.regression_.predict_proba(rows)
        return probabilities

    def _scores(self, X: Series) -> FloatArray:
        return self.predict_proba(X)

    def _statistics(self, X: Series) -> FloatArray:
        """Statistics of each series, shape (n_rows, n_statistics)."""
        frames = self.scaling_.apply(X)
        of_channels = np.array([_of_channels(frames[row]) for row in range(len(frames))])
        means = part_means(frames, self.n_parts).reshape(len(frames), -1)
        return np.hstack([of_channels, means, np.log(frames.lengths)[:, None]])


def _of_channels(frames: FloatArray) -> FloatArray:
    """Statistics of one series that need no parts, shape (n_statistics,)."""
    steps = np.abs(np.diff(frames, axis=0)) if len(frames) > 1 else np.zeros_like(frames)
    statistics = [frames.mean(axis=0), frames.std(axis=0), steps.mean(axis=0), steps.std(axis=0)]
    return np.concatenate([*statistics, *np.quantile(frames, QUANTILES, axis=0)])


def _new_regression(C: float) -> LogisticRegression:
    return LogisticRegression(C=C, max_iter=MAX_ITER, tol=1e-3)
