"""A support vector machine with a Gaussian kernel on series resampled to one length."""

from __future__ import annotations

from itertools import product
from typing import Self

import numpy as np
import numpy.typing as npt
from sklearn.svm import SVC
from sklearn.utils.validation import check_is_fitted

from bench.series import Series

from ..arrays import FloatArray
from ..folds import Fold
from ..frames import SeriesClassifier, learn_whitening, part_means
from ..search import choose, draw_rows, folds_of

N_POINTS, GAMMAS, PENALTIES = (12, 6, 18), (0.5, 0.25, 1.0), (10.0, 1.0)
N_CHOOSING = 1_200
"""Training rows that values are chosen on, at most."""
LENGTH_WEIGHT = 0.5
"""Weight of the logarithm of the length beside a root mean square of 1 of the frames."""


class ResampledSVMClassifier(SeriesClassifier):
    """Support vector machine with a Gaussian (RBF) kernel on resampled frames, one-vs-one.

    Channels are made uncorrelated within the classes of the training rows. Each series then becomes the means of equal
    parts of its time and the logarithm of its length. It gives scores, not probabilities.

    It is deterministic, so it has no ``random_state``. What is None is chosen by cross-validation on at most 1,200
    training rows, for the fewest errors.

    Parameters
    ----------
    n_points : int, optional
        Parts of a series. None: 6, 12 or 18.
    C : float, optional
        Inverse strength of the penalty. None: 1 or 10.
    gamma : float, optional
        Of the kernel exp(-gamma * squared distance), where the squared distance of the frames is a mean over parts and
        channels. None: 0.25, 0.5 or 1.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    n_points_, C_, gamma_ : int, float, float
        What was given or chosen.
    n_parameters_ : int
        Numbers in the support vectors with their weights.

    Raises
    ------
    ValueError
        There is one class, or a parameter is out of range.

    References
    ----------
    B. Boser, I. Guyon and V. Vapnik, "A training algorithm for optimal margin classifiers", COLT 1992.

    Examples
    --------
    >>> from bench.ragged import RaggedArray
    >>> random = np.random.default_rng(0)
    >>> rows = [random.normal(i % 2 * 2, 1, (9, 2)).astype(np.float32) for i in range(40)]
    >>> X, y = Series(RaggedArray.from_rows(rows)), np.arange(40) % 2
    >>> ResampledSVMClassifier().fit(X[:30], y[:30]).score(X[30:], y[30:])
    1.0
    """

    def __init__(self, n_points: int | None = None, C: float | None = None, gamma: float | None = None) -> None:
        self.n_points = n_points
        self.C = C
        self.gamma = gamma

    def fit(self, X: Series, y: npt.ArrayLike) -> Self:
        """Learn from series and their labels."""
        self._check_over_0("n_points", "C", "gamma")
        codes = self._learn_classes(X, y)
        self.scaling_ = learn_whitening(X, codes)
        self.mean_log_length_ = float(np.log(X.lengths).mean())

        chosen_on = draw_rows(codes, N_CHOOSING)
        rows_of = {n: self._rows(X.take(chosen_on), n) for n in ([self.n_points] if self.n_points else N_POINTS)}
        choices = list(
            product(rows_of, [self.gamma] if self.gamma else GAMMAS, [self.C] if self.C else PENALTIES),
        )

        def errors(choice: tuple[int, float, float], fold: Fold) -> float:
            n_points, gamma, C = choice
            rows = rows_of[n_points]
            machine = SVC(C=C, gamma=gamma).fit(rows[fold.rows], fold.codes)
            return float(np.sum(_decision(machine, rows[fold.held_back]).argmax(axis=1) != fold.held_back_codes))

        self.n_points_, self.gamma_, self.C_ = choose(choices, folds_of(codes[chosen_on]), errors)
        self.machine_ = SVC(C=self.C_, gamma=self.gamma_).fit(self._rows(X, self.n_points_), codes)
        self.n_parameters_ = sum(a.size for a in (self.machine_.support_vectors_, self.machine_.dual_coef_))
        return self

    def decision_function(self, X: Series) -> FloatArray:
        """Return a score of each class, shape (n_rows, n_classes)."""
        check_is_fitted(self, "machine_")
        if not len(X):
            return np.empty((0, len(self.classes_)))
        return _decision(self.machine_, self._rows(X, self.n_points_))

    def _scores(self, X: Series) -> FloatArray:
        return self.decision_function(X)

    def _rows(self, X: Series, n_points: int) -> FloatArray:
        """Return each series as one vector, shape (n_rows, n_points * n_channels + 1)."""
        points = part_means(self.scaling_.apply(X), n_points).reshape(len(X), -1)
        lengths = np.log(X.lengths)[:, None] - self.mean_log_length_
        return np.hstack([points / np.sqrt(points.shape[1]), LENGTH_WEIGHT * lengths])


def _decision(machine: SVC, rows: FloatArray) -> FloatArray:
    """Score of each class that a machine knows, shape (n_rows, n_classes)."""
    decision: FloatArray = machine.decision_function(rows)
    return decision if decision.ndim == 2 else np.stack([-decision, decision], axis=1)
