"""A support vector machine with a Gaussian kernel on latent semantic analysis: traditional, and not linear."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist
from sklearn.decomposition import TruncatedSVD
from sklearn.svm import SVC
from sklearn.utils.validation import check_is_fitted

from bench.corpus import Corpus

from ..base import Array, FloatArray, IntArray, TextClassifier
from ..linear.ngrams import NGrams
from ..linear.tfidf import Tfidf
from ..one_vs_rest import positive_classes

CHUNK_ROWS = 1_000


class RBFSVMClassifier(TextClassifier):
    """Support vector machine with a Gaussian (RBF) kernel on latent semantic analysis of TF-IDF, one-vs-rest.

    Each text becomes a few numbers, the coordinates on the main axes of the training texts, scaled to a variance of 1.
    It gives scores, not probabilities. Its time grows with the square of the number of training texts.

    Parameters
    ----------
    n_components : int
        Axes, at most; there are no more than columns and texts.
    max_n, min_count : int
        Words of the longest sequences that are counted, and occurrences below which one of two or more is not.
    C : float
        Inverse strength of the penalty.
    gamma : float, optional
        Of the kernel exp(-gamma * squared distance). None: 1 / axes.
    random_state : int
        Seed of the randomised search of the axes.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    n_parameters_ : int
        Numbers in the axes and in the support vectors with their weights.

    Raises
    ------
    ValueError
        No training text has a word, or a parameter is out of range.

    References
    ----------
    S. Deerwester et al., "Indexing by latent semantic analysis", JASIS 41(6), 1990. B. Boser, I. Guyon and V. Vapnik,
    "A training algorithm for optimal margin classifiers", COLT 1992.

    Examples
    --------
    >>> from bench.encoding import encode_split
    >>> _, X, X_test = encode_split(["a b", "c d", "a d", "c b"] * 9, ["b a", "d a"], "closed")
    >>> RBFSVMClassifier().fit(X, [0, 0, 1, 1] * 9).predict(X_test)
    array([0, 1])
    """

    def __init__(
        self,
        n_components: int = 100,
        max_n: int = 1,
        min_count: int = 2,
        C: float = 3.0,
        gamma: float | None = None,
        random_state: int = 0,
    ) -> None:
        self.n_components = n_components
        self.max_n = max_n
        self.min_count = min_count
        self.C = C
        self.gamma = gamma
        self.random_state = random_state

    def fit(self, X: Corpus, y: npt.ArrayLike) -> Self:
        """Learn from texts and their labels."""
        self._check_at_least_one("n_components", "max_n", "min_count")
        for name in ("C", "gamma"):
            if (value := getattr(self, name)) is not None and not 0 < value < np.inf:
                raise ValueError(f"{name} is {value}, expected a number over 0")
        codes = self._learn_classes(X, y)
        rows = self._learn_axes(X)
        self.gamma_ = self.gamma or 1 / rows.shape[1]
        self._learn_machines(rows, codes)
        self.n_parameters_ = self.axes_.size + self.vectors_.size + self.weights_.size + len(self.intercepts_)
        return self

    def decision_function(self, X: Corpus) -> FloatArray:
        """Return scores: of the second class, shape (n_texts,), or of each of several, shape (n_texts, n_classes)."""
        decision = self._decision(X)
        return decision[:, 0] if decision.shape[1] == 1 else decision

    def _choose(self, X: Corpus) -> IntArray:
        decision = self._decision(X)
        chosen: IntArray = decision.argmax(axis=1) if decision.shape[1] > 1 else (decision[:, 0] > 0) * 1
        return chosen

    def _learn_axes(self, X: Corpus) -> FloatArray:
        """Learn the axes and their scale, and return the texts on them."""
        self.tfidf_ = Tfidf(NGrams(self.max_n, len(X.vocabulary), self.min_count))
        rows = self.tfidf_.learn(X)
        n_axes = min(self.n_components, rows.shape[0] - 1, rows.shape[1] - 1)
        svd = TruncatedSVD(n_axes, random_state=self.random_state).fit(rows)
        self.axes_ = svd.components_
        found = rows @ self.axes_.T
        self.mean_, spread = found.mean(axis=0), found.std(axis=0)
        self.scale_ = np.where(spread > 1e-6, spread, 1.0)
        return self._on_axes(found)

    def _on_axes(self, found: FloatArray) -> FloatArray:
        placed: FloatArray = (found - self.mean_) / self.scale_
        return placed

    def _learn_machines(self, rows: FloatArray, codes: IntArray) -> None:
        machines = [
            SVC(C=self.C, gamma=self.gamma_).fit(rows, codes == code) for code in positive_classes(len(self.classes_))
        ]
        self.vectors_ = np.concatenate([machine.support_vectors_ for machine in machines])
        self.weights_ = np.zeros((len(machines), len(self.vectors_)))
        first = 0
        for weights, machine in zip(self.weights_, machines, strict=True):
            last = first + len(machine.support_vectors_)
            weights[first:last] = machine.dual_coef_[0]
            first = last
        self.intercepts_ = np.array([machine.intercept_[0] for machine in machines])

    def _decision(self, X: Corpus) -> FloatArray:
        check_is_fitted(self, "intercepts_")
        decision = np.empty((len(X), len(self.intercepts_)))
        rows = self._on_axes(self.tfidf_.transform(X) @ self.axes_.T) if len(X) else np.empty((0, len(self.scale_)))
        for first in range(0, len(X), CHUNK_ROWS):
            part = rows[first : first + CHUNK_ROWS]
            kernel = np.exp(-self.gamma_ * cdist(part, self.vectors_, "sqeuclidean"))
            decision[first : first + CHUNK_ROWS] = kernel @ self.weights_.T + self.intercepts_
        return decision

    def _arrays(self) -> dict[str, Array]:
        own = {name: getattr(self, name) for name in _FITTED}
        return {**self.tfidf_.arrays(), **own, "gamma_": np.array(self.gamma_)}

    def _set_arrays(self, arrays: dict[str, Array]) -> None:
        self.tfidf_ = Tfidf.from_arrays(self.max_n, arrays)
        for name in _FITTED:
            setattr(self, name, arrays[name])
        self.gamma_ = float(arrays["gamma_"])


_FITTED = ("axes_", "mean_", "scale_", "vectors_", "weights_", "intercepts_")
"""Arrays of a fitted model."""
