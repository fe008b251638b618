"""Classification: predictions, how they are stored, and how they are scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from bench.corpus import UNKNOWN_ID, Corpus, Int64Array, count_tokens
from bench.records import DatasetInfo, TaskName, TextLengths
from bench.tasks import base
from bench.tasks.base import AnyArray, BoolArray, Float32Array
from bench.utils.text import short

PROBABILITY_TOLERANCE = 1e-3
"""How far a row of probabilities may be from adding up to 1: rounding of half precision is within."""

LABEL, N_TOKENS = "label", "n_tokens"
PROBABILITY, SCORE = "probability", "score"
"""Names of arrays, and of the columns in a file of predictions."""


@dataclass(frozen=True)
class Predictions(base.Predictions):
    """Scores of the test rows as they are stored: float32, one column per class.

    Parameters
    ----------
    labels : int64 array, shape (n_test,)
    scores : float32 array, shape (n_test, n_classes)
    are_probabilities : bool
        False where a model has only ``decision_function``: then larger means likelier, and no more than that.
    n_tokens : int64 array, shape (n_test,), or None
        Parts of each test row, such as tokens as the division gives them; None: not recorded, before schema 4.
    """

    labels: Int64Array
    scores: Float32Array
    are_probabilities: bool
    n_tokens: Int64Array | None = None

    @property
    def predicted(self) -> Int64Array:
        """The class of the highest score, shape (n_test,); the first one of equals."""
        winners: Int64Array = np.argmax(self.scores, axis=1)
        return winners

    @property
    def by_row(self) -> BoolArray:
        """Whether each row is answered rightly, shape (n_test,)."""
        is_right: BoolArray = self.predicted == self.labels
        return is_right

    @property
    def answers(self) -> Float32Array:
        """The scores of all classes."""
        return self.scores

    @property
    def row_lengths(self) -> Int64Array | None:
        """Tokens of each text, or frames of each series."""
        return self.n_tokens

    def measure(self, is_leaked: BoolArray) -> dict[str, float | None]:
        """As :func:`score` gives them, and ``accuracy_unseen``: without leaked rows; None where all are leaked."""
        without_leaks = None if is_leaked.all() else float(np.mean(self.by_row[~is_leaked]))
        return {**score(self), "accuracy_unseen": without_leaks}

    def arrays(self) -> dict[str, AnyArray]:
        """As Predictions'."""
        return {
            LABEL: self.labels,
            **({} if self.n_tokens is None else {N_TOKENS: self.n_tokens}),
            PROBABILITY if self.are_probabilities else SCORE: self.scores,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, AnyArray]) -> Self:
        """As Predictions'."""
        are_probabilities = PROBABILITY in arrays
        return cls(
            labels=arrays[LABEL].astype(np.int64),
            scores=arrays[PROBABILITY if are_probabilities else SCORE].astype(np.float32, copy=False),
            are_probabilities=are_probabilities,
            n_tokens=arrays[N_TOKENS].astype(np.int64) if N_TOKENS in arrays else None,
        )

    def compact(self, *, keep_lengths: bool) -> Self:
        """Return the classes that were predicted alone."""
        classes = np.eye(self.scores.shape[1], dtype=np.float32)[self.predicted]
        return type(self)(self.labels, classes, False, self.n_tokens if keep_lengths else None)

    def has_truth_of(self, other: Self) -> bool:
        """As Predictions'."""
        return np.array_equal(self.labels, other.labels)

    def are_of(self, dataset: DatasetInfo) -> bool:
        """As Predictions', each class counted."""
        counts = np.bincount(self.labels, minlength=len(dataset.test_counts))
        return super().are_of(dataset) and tuple(counts.tolist()) == dataset.test_counts


class Classification(base.Task):
    """Classes of texts: X is a :class:`bench.corpus.Corpus`, y are class codes."""

    name: ClassVar[TaskName] = "classification"
    summary = "the class of a text, such as the opinion of a review"
    words = base.Words(
        "text",
        "texts",
        "token",
        "tokens",
        "more accurate",
        "less accurate",
        "most accurate",
        "predicting the commonest class always",
        "texts",
    )
    metric = base.Metric("accuracy", "accuracy", unit="points")
    others = (
        base.Metric("f1_macro", "F1"),
        base.Metric("roc_auc", "ROC AUC"),
        base.Metric("log_loss", "log loss", "min", (0.0, np.inf)),
    )
    has_classes = True
    methods = ("predict_proba", "decision_function")
    predictions = Predictions

    def check_fitted(self, model: Any, data: base.TrialData) -> None:
        """Refuse a model whose ``classes_`` are not the labels that it was given."""
        check_classes(model, data.y_train)

    def predict(self, model: Any, data: base.TrialData) -> Predictions:
        """As Task's."""
        scores, are_probabilities = predict_scores(model, data.X_test, data.n_classes)
        return Predictions(data.y_test, scores, are_probabilities, self.lengths(data.X_test))

    def predict_row(self, model: Any, data: base.TrialData, row: int) -> None:
        """As Task's."""
        predict_scores(model, data.X_test[row : row + 1], data.n_classes)

    def lengths(self, X: Any) -> Int64Array:
        """Return the tokens of each text without the start id, or the frames of each series."""
        return count_tokens(X.token_ids) if isinstance(X, Corpus) else super().lengths(X)

    def measure_lengths(self, X: Any) -> TextLengths:
        """As Task's, unknown words counted."""
        n_unknown = int(np.count_nonzero(X.token_ids.values == UNKNOWN_ID)) if isinstance(X, Corpus) else 0
        return base.describe_lengths(self.lengths(X), n_unknown)

    def write_score(self, score: float, rows: str) -> str:
        """As Task's."""
        return f"{100 * score:.1f} % of {rows} right"

    def write_ends(self, low: float, high: float) -> str:
        """As Task's."""
        return f"{100 * low:.1f} to {100 * high:.1f}"

    def baseline(self, dataset: DatasetInfo) -> float | None:
        """Return the accuracy of predicting the test rows' most frequent class always."""
        return max(dataset.test_counts) / dataset.n_test


def predict_scores(model: Any, X: Corpus, n_classes: int) -> tuple[Float32Array, bool]:
    """Return a fitted model's scores, one column for each of the dataset's classes, and whether they are probabilities.

    Columns are taken by ``classes_``; a class that the model never saw has probability 0.

    Raises
    ------
    ValueError
        ``classes_`` is wrong; or what the model returns is no array, has the wrong shape, is not finite, or is no
        probabilities where it should be.
    TypeError
        The model has neither ``predict_proba`` nor ``decision_function``.
    """
    Classification().check_model(model)
    are_probabilities = hasattr(model, "predict_proba")
    if len(X) == 0:  # scikit-learn's own refuse an empty matrix
        return np.empty((0, n_classes), np.float32), are_probabilities
    classes = _read_classes(model, range(n_classes))
    if are_probabilities:
        answer = _as_array(model.predict_proba(X), "predict_proba")
    else:
        answer = _as_array(model.decision_function(X), "decision_function")
        if answer.ndim == 1:
            answer = np.column_stack([-answer, answer])
    if answer.shape != (len(X), len(classes)):
        raise ValueError(f"predictions have shape {answer.shape}, expected {(len(X), len(classes))}: rows, classes")
    if not np.isfinite(answer).all():
        row = int(np.flatnonzero(~np.isfinite(answer).all(axis=1))[0])
        raise ValueError(f"the prediction of test row {row} is not finite: {answer[row].tolist()}")
    if are_probabilities:
        _check_probabilities(answer)
    absent = 0.0 if are_probabilities else float(np.min(answer, initial=0.0)) - 1.0
    scores = np.full((len(X), n_classes), absent, np.float32)
    scores[:, classes] = answer
    return scores, are_probabilities


def check_classes(model: Any, labels: Int64Array) -> None:
    """Refuse a fitted model whose ``classes_`` are not the labels that it was given, each once, in any order.

    Raises
    ------
    ValueError
    """
    given = np.unique(labels).tolist()
    if sorted(_read_classes(model, given)) != given:
        raise ValueError(_wrong_classes(model, given))


def _read_classes(model: Any, known: Sequence[int]) -> list[int]:
    """Return ``classes_`` as whole numbers; refuse what is not among the known ones, or there twice."""
    classes = getattr(model, "classes_", None)
    if classes is None:
        raise ValueError("the fitted model has no classes_; set it in fit with numpy.unique(y)")
    values = np.asarray(classes)
    is_number = values.ndim == 1 and values.dtype.kind in "biuf"
    found = values.tolist() if is_number else []
    if not is_number or len(set(found)) < len(found) or not set(found) <= set(known):
        raise ValueError(_wrong_classes(model, known))
    return [int(value) for value in found]


def _wrong_classes(model: Any, known: Sequence[int]) -> str:
    return (
        f"classes_ is {short(str(np.asarray(model.classes_).tolist()))}, expected the labels that fit was given, each "
        f"once: {short(str(list(known)))}; set it with numpy.unique(y)"
    )


def _as_array(answer: Any, method: str) -> npt.NDArray[np.float64]:
    if hasattr(answer, "toarray"):
        raise ValueError(f"{method} returns a sparse matrix, expected an array; return answer.toarray()")
    try:
        return np.asarray(answer, np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{method} returns {type(answer).__name__}, expected an array of numbers: {error}") from error


def _check_probabilities(answer: npt.NDArray[np.float64]) -> None:
    sums = answer.sum(axis=1)
    wrong = (answer < 0).any(axis=1) | (np.abs(sums - 1) > PROBABILITY_TOLERANCE)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            f"predict_proba gives test row {row} numbers from {answer[row].min():.3g} to {answer[row].max():.3g} that "
            f"add up to {sums[row]:.4g}, expected probabilities that add up to 1; scores belong in decision_function"
        )


def score(predictions: Predictions) -> dict[str, float | None]:
    """Accuracy, macro F1, ROC AUC (one against the rest, macro) and log loss (natural logarithm) of a trial.

    They are computed from the stored float32 scores, so that a report gets the same numbers; probabilities are
    clipped at float32's epsilon, 1.2e-7. ROC AUC is None where only one class occurs, log loss where scores are no
    probabilities.
    """
    from sklearn.metrics import f1_score, log_loss, roc_auc_score

    labels, scores = predictions.labels, predictions.scores
    present = [k for k in range(scores.shape[1]) if 0 < (labels == k).sum() < len(labels)]
    areas = [roc_auc_score(labels == k, scores[:, k]) for k in present]
    probable, classes = predictions.are_probabilities, range(scores.shape[1])
    return {
        "accuracy": float(np.mean(predictions.predicted == labels)),
        "f1_macro": float(f1_score(labels, predictions.predicted, average="macro", zero_division=0)),
        "roc_auc": float(np.mean(areas)) if areas else None,
        "log_loss": float(log_loss(labels, clip_probabilities(scores), labels=classes)) if probable else None,
    }


def clip_probabilities(probabilities: Float32Array) -> npt.NDArray[np.float64]:
    """Probabilities as log loss takes them: clipped at float32's epsilon, rows adding up to 1."""
    epsilon = float(np.finfo(np.float32).eps)
    clipped = np.clip(probabilities.astype(np.float64), epsilon, 1 - epsilon)
    normalised: npt.NDArray[np.float64] = clipped / clipped.sum(axis=1, keepdims=True)
    return normalised
