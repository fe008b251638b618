"""Logistic regression on sparse counts whose columns are weighted, one class against the rest."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from .arrays import Array, FloatArray, IntArray
from .id_arrays import CountMatrix

Weighting = Literal["nb", "tfidf"]


class WeightedLogisticRegression:
    """Columns weighted, each row scaled to a length of 1, then a logistic regression of each class against the rest.

    Parameters
    ----------
    weighting : {"nb", "tfidf"}
        "nb": by ``log_count_ratio``, another weight for each class. "tfidf": by ``inverse_document_frequency``.
    C : float
        Inverse strength of the L2 penalty.
    """

    def __init__(self, weighting: Weighting, C: float) -> None:
        self.weighting = weighting
        self.C = C

    def fit(self, counts: CountMatrix, codes: IntArray) -> WeightedLogisticRegression:
        """Learn from counts, shape (n_texts, n_columns), and classes 0, 1, …, all of which occur."""
        n_classes = int(codes.max()) + 1
        positive = [1] if n_classes == 2 else range(n_classes)
        if self.weighting == "tfidf":
            self.scales = inverse_document_frequency(counts)[None]
        else:
            self.scales = np.stack([log_count_ratio(counts, codes == code) for code in positive])
        models = [  # a weighted copy at a time: they are as large as the counts
            self._learn(_weighted(counts, self.scales[k % len(self.scales)]), codes == code)
            for k, code in enumerate(positive)
        ]
        self.coef = np.concatenate([model.coef_ for model in models]).astype(np.float32)
        self.intercept = np.concatenate([model.intercept_ for model in models])
        self._prepare()
        return self

    def predict_proba(self, counts: CountMatrix) -> FloatArray:
        """Probability of each class, shape (n_texts, n_classes); those of three or more are scaled to add up to 1."""
        if counts.shape[0] == 0:  # scikit-learn refuses to normalise nothing
            return np.empty((0, max(2, len(self.intercept))))
        decision = self._products(counts) + self.intercept
        if decision.shape[1] == 1:
            return np.hstack([expit(-decision), expit(decision)])
        against_rest = expit(decision)
        probabilities: FloatArray = against_rest / against_rest.sum(axis=1, keepdims=True)
        return probabilities

    @property
    def n_parameters(self) -> int:
        """Weights and intercepts."""
        return int(self.coef.size + self.intercept.size)

    def arrays(self) -> dict[str, Array]:
        """Return what it has learnt."""
        return {"scales": self.scales, "coef": self.coef, "intercept": self.intercept}

    def set_arrays(self, arrays: dict[str, Array]) -> WeightedLogisticRegression:
        """Return what it has learnt before."""
        self.scales, self.coef, self.intercept = arrays["scales"], arrays["coef"], arrays["intercept"]
        self._prepare()
        return self

    def _prepare(self) -> None:
        """Set up what products with all classes at once need, where the rows' weights differ by class."""
        if len(self.scales) > 1:
            self._weights = np.ascontiguousarray((self.scales * self.coef).T)
            self._squared_scales = np.ascontiguousarray(np.square(self.scales).T)

    def _products(self, counts: CountMatrix) -> Array:
        """Of the weighted, scaled rows and the coefficients, shape (n_texts, n_classes)."""
        if len(self.scales) == 1:
            one: Array = _weighted(counts, self.scales[0]) @ self.coef.T
            return one
        # A weighted copy for each class would cost far more than the lengths of its rows alone.
        squared = counts.copy()
        squared.data = np.square(counts.data)
        lengths = np.sqrt(squared @ self._squared_scales)
        products: Array = (counts @ self._weights) / np.where(lengths > 0, lengths, 1)
        return products

    def _learn(self, weighted: CountMatrix, is_positive: npt.NDArray[np.bool_]) -> LogisticRegression:
        # The dual coordinate descent is the fastest of scikit-learn's solvers on texts. It shuffles: hence the seed.
        solver = LogisticRegression(C=self.C, solver="liblinear", dual=True, max_iter=1000, random_state=0)
        return solver.fit(weighted, is_positive)


def log_count_ratio(counts: CountMatrix, is_positive: npt.NDArray[np.bool_]) -> Array:
    """Logarithm of how much more frequent each column is in the positive rows than in the others, one added to each.

    S. Wang and C. D. Manning, "Baselines and bigrams: simple, good sentiment and topic classification", ACL 2012,
    eq. 1. Shape (n_columns,), float32.
    """
    inside, outside = (1 + rows.astype(np.float64) @ counts for rows in (is_positive, ~is_positive))
    ratio: Array = np.log((inside / inside.sum()) / (outside / outside.sum())).astype(np.float32)
    return ratio


def inverse_document_frequency(counts: CountMatrix) -> Array:
    """log((1 + n_texts) / (1 + texts with the column)) + 1, as scikit-learn's. Shape (n_columns,), float32."""
    n_with = np.bincount(counts.indices, minlength=counts.shape[1])
    return (np.log((1 + counts.shape[0]) / (1 + n_with)) + 1).astype(np.float32)


def _weighted(counts: CountMatrix, scale: Array) -> CountMatrix:
    """Columns scaled, then each row to a length of 1."""
    weighted = counts.copy()
    weighted.data = weighted.data * scale[weighted.indices]
    scaled: CountMatrix = normalize(weighted, copy=False)
    return scaled
