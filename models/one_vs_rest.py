"""Linear classifiers of sparse rows: each class against the rest, with a solver of scikit-learn's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import joblib
import numpy as np
from scipy.special import expit
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from .arrays import Array, FloatArray, IntArray
from .id_arrays import CountMatrix

WIDE = 10
"""Columns per row beyond which the dual solvers are faster: their time grows with rows, the others' with columns."""


class OneVsRest:
    """A linear function for each class, learnt against the rest; with two classes one function, of the second.

    Parameters
    ----------
    solver : estimator
        One of scikit-learn's that use liblinear. It is copied for each class.

    References
    ----------
    R.-E. Fan et al., "LIBLINEAR: a library for large linear classification", JMLR 9, 2008.
    """

    def __init__(self, solver: Any) -> None:
        self.solver = solver

    def fit(self, rows: CountMatrix, codes: IntArray) -> Self:
        """Learn from rows, shape (n_texts, n_columns), and classes 0, 1, …, all of which occur."""
        self._learn(lambda code: rows, codes)
        return self

    def decision(self, rows: CountMatrix) -> FloatArray:
        """Value of each class's function, shape (n_texts, n_functions): positive where it finds its class."""
        values: FloatArray = rows @ self.coef.T + self.intercept
        return values

    @property
    def n_parameters(self) -> int:
        """Weights and intercepts."""
        return int(self.coef.size + self.intercept.size)

    def arrays(self) -> dict[str, Array]:
        """Return what it has learnt."""
        return {"coef": self.coef, "intercept": self.intercept}

    def set_arrays(self, arrays: dict[str, Array]) -> Self:
        """Return what it has learnt before."""
        self.coef, self.intercept = np.asfortranarray(arrays["coef"]), arrays["intercept"]
        return self

    def _learn(self, rows_of: Callable[[int], CountMatrix], codes: IntArray) -> None:
        positive = positive_classes(int(codes.max()) + 1)
        first = rows_of(positive[0])
        # In this order its transpose, by which each text's row is multiplied, is not copied each time.
        self.coef = np.empty((len(positive), first.shape[1]), np.float32, order="F")
        self.intercept = np.empty(len(positive))
        is_wide = first.shape[1] > WIDE * first.shape[0]

        def learn(place: int, rows: CountMatrix | None = None) -> None:
            code = positive[place]
            model = clone(self.solver).set_params(dual=is_wide)
            model.fit(rows_of(code) if rows is None else rows, codes == code)
            self.coef[place], self.intercept[place] = model.coef_[0], model.intercept_[0]

        learn(0, first)
        del first
        # In threads only the primal solvers are deterministic: the dual ones draw from a generator that they share.
        n_threads = 1 if is_wide else min(int(joblib.cpu_count()), len(positive))
        joblib.Parallel(n_threads, backend="threading")(joblib.delayed(learn)(i) for i in range(1, len(positive)))


def logistic_regression(C: float) -> LogisticRegression:
    """Return a solver for :class:`OneVsRest`; it ends at a hundredth of the first gradient."""
    return LogisticRegression(C=C, solver="liblinear", tol=1e-2, max_iter=1000, random_state=0)


def positive_classes(n_classes: int) -> list[int]:
    """Classes that have a function of their own: with two only the second."""
    return [1] if n_classes == 2 else list(range(n_classes))


def probabilities(decision: FloatArray) -> FloatArray:
    """Decision values, shape (n_texts, n_functions), as probabilities of the classes, shape (n_texts, n_classes).

    Those of three or more classes are scaled to add up to 1.
    """
    if decision.shape[1] == 1:
        return np.hstack([expit(-decision), expit(decision)])
    against_rest = expit(decision)
    scaled: FloatArray = against_rest / against_rest.sum(axis=1, keepdims=True)
    return scaled
