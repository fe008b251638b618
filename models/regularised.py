"""Linear classifiers of sparse rows whose penalty is chosen by cross-validation on the training rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.metrics import log_loss

from .arrays import FloatArray, IntArray
from .base import TextClassifier
from .folds import MANY_TEXTS, Fold, make_folds
from .id_arrays import CountMatrix
from .one_vs_rest import OneVsRest, probabilities


class RegularisedClassifier(TextClassifier):
    """A classifier that learns a linear function for each class.

    Attributes
    ----------
    C_ : float
        What was given or chosen.
    history_ : list of dict
        One per value of C and fold of the cross-validation: ``step``, ``steps`` (at most), ``seconds``, ``C``,
        ``validation_loss`` (mean over the texts held back).
    n_rows_seen_ : int
        Texts, those of the cross-validation counted.
    n_parameters_ : int
    """

    C_PATH: ClassVar[Sequence[float]]
    """Values to choose from where there are fewer than MANY_TEXTS training texts."""
    C_OF_MANY_TEXTS: ClassVar[float]

    C: float | None
    history_: list[dict[str, Any]]
    n_rows_seen_: int

    def _check_penalty(self) -> None:
        if self.C is not None and not 0 < self.C < np.inf:
            raise ValueError(f"C is {self.C}, expected a number over 0, or None to choose it")

    def _learn_functions(self, rows: CountMatrix, codes: IntArray, n_steps_before: int = 0) -> None:
        """Learn the functions of all classes; entries of ``history_`` go on after so many steps."""
        self.C_ = self.C or self._choose_penalty(rows, codes, n_steps_before)
        self.functions_ = self._new_functions(self.C_).fit(rows, codes)
        self.n_rows_seen_ += len(codes)

    def _choose_penalty(self, rows: CountMatrix, codes: IntArray, n_steps_before: int) -> float:
        if len(codes) >= MANY_TEXTS:
            return self._penalty_of_many_texts()
        folds = make_folds(codes)
        n_steps = n_steps_before + len(self.C_PATH) * len(folds)
        n_before, started = len(self.history_), time.perf_counter()
        seconds_before = self.history_[-1]["seconds"] if self.history_ else 0.0

        def loss(C: float, fold: Fold) -> float:
            functions = self._new_functions(C).fit(rows[fold.rows], fold.codes)
            found = self._loss(functions.decision(rows[fold.held_back]), fold.held_back_codes)
            self.n_rows_seen_ += len(fold.rows)
            step = n_steps_before + len(self.history_) - n_before + 1
            seconds = seconds_before + time.perf_counter() - started
            entry = {"step": step, "steps": n_steps, "seconds": seconds}
            self.history_.append({**entry, "C": C, "validation_loss": found})
            return found

        return choose_penalty(self.C_PATH, folds, loss)

    def _penalty_of_many_texts(self) -> float:
        return self.C_OF_MANY_TEXTS

    def _new_functions(self, C: float) -> OneVsRest:
        raise NotImplementedError

    def _loss(self, decision: FloatArray, codes: IntArray) -> float:
        """Mean over texts, given the functions' values and the classes: log loss, if not overridden."""
        of_class = probabilities(decision)
        return float(log_loss(codes, of_class, labels=range(of_class.shape[1])))


def choose_penalty(path: Sequence[float], folds: Sequence[Fold], loss: Callable[[float, Fold], float]) -> float:
    """Return the value with the least loss, the mean over all rows that were held back.

    The search begins in the middle of the path and goes on to larger values as long as the loss falls; if it never
    did, to smaller ones.

    Parameters
    ----------
    path : sequence of float
        Rising.
    folds : sequence of Fold
        Without any, the middle of the path is returned.
    loss : callable
        Of a value and a fold: the mean over its rows that were held back.
    """
    middle = len(path) // 2
    if not folds:
        return path[middle]
    weights = [len(fold.held_back) for fold in folds]

    def mean_loss(C: float) -> float:
        return float(np.average([loss(C, fold) for fold in folds], weights=weights))

    least = mean_loss(path[middle])
    best_C = path[middle]
    for values in (path[middle + 1 :], path[:middle][::-1]):
        for C in values:
            if (found := mean_loss(C)) >= least:
                break
            best_C, least = C, found
        if best_C != path[middle]:
            break
    return best_C
