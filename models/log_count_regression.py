"""Logistic regression on sparse counts that are weighted for each class with its log-count ratios."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt
from sklearn.preprocessing import normalize

from .arrays import Array, FloatArray, IntArray
from .id_arrays import CountMatrix
from .one_vs_rest import OneVsRest, logistic_regression, positive_classes


class LogCountRegression(OneVsRest):
    """For each class: columns weighted with ``log_count_ratio``, rows scaled to a length of 1, logistic regression.

    Parameters
    ----------
    C : float
        Inverse strength of the L2 penalty.
    """

    def __init__(self, C: float) -> None:
        super().__init__(logistic_regression(C))

    def fit(self, rows: CountMatrix, codes: IntArray) -> Self:
        """Learn from counts, shape (n_texts, n_columns), and classes 0, 1, …, all of which occur."""
        positive = positive_classes(int(codes.max()) + 1)
        self.ratios = np.stack([log_count_ratio(rows, codes == code) for code in positive])
        self._learn(lambda code: _weighted(rows, self.ratios[positive.index(code)]), codes)
        self._prepare()
        return self

    def decision(self, rows: CountMatrix) -> FloatArray:
        """Value of each class's function, shape (n_texts, n_functions)."""
        # A weighted copy for each class would cost far more than the lengths of its rows alone.
        squared = rows.copy()
        squared.data = np.square(rows.data)
        lengths = np.sqrt(squared @ self._squared_ratios)
        values: FloatArray = (rows @ self._weights) / np.where(lengths > 0, lengths, 1) + self.intercept
        return values

    def arrays(self) -> dict[str, Array]:
        """Return what it has learnt."""
        return {"ratios": self.ratios, **super().arrays()}

    def set_arrays(self, arrays: dict[str, Array]) -> Self:
        """Return what it has learnt before."""
        self.ratios = arrays["ratios"]
        super().set_arrays(arrays)
        self._prepare()
        return self

    def _prepare(self) -> None:
        """Set up what products with all classes at once need."""
        self._weights = np.ascontiguousarray((self.ratios * self.coef).T)
        self._squared_ratios = np.ascontiguousarray(np.square(self.ratios).T)


def log_count_ratio(counts: CountMatrix, is_positive: npt.NDArray[np.bool_]) -> Array:
    """Logarithm of how much more frequent each column is in the positive rows than in the others, one added to each.

    S. Wang and C. D. Manning, "Baselines and bigrams: simple, good sentiment and topic classification", ACL 2012,
    eq. 1. Shape (n_columns,), float32.
    """
    inside, outside = (1 + rows.astype(np.float64) @ counts for rows in (is_positive, ~is_positive))
    ratio: Array = np.log((inside / inside.sum()) / (outside / outside.sum())).astype(np.float32)
    return ratio


def _weighted(counts: CountMatrix, ratio: Array) -> CountMatrix:
    """Columns weighted, then each row scaled to a length of 1."""
    weighted = counts.copy()
    weighted.data = weighted.data * ratio[weighted.indices]
    scaled: CountMatrix = normalize(weighted, copy=False)
    return scaled
