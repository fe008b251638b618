"""Classification: predictions, how they are stored, and how they are scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.corpus import Corpus, Int64Array
from bench.utils.text import short

Float32Array = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

PROBABILITY_TOLERANCE = 1e-3
"""How far a row of probabilities may be from adding up to 1: rounding of half precision is within."""


LABELS, PROBABILITIES, SCORES = "labels.npy", "probabilities.npy", "scores.npy"
N_TOKENS, IS_LEAKED = "n_tokens.npy", "is_leaked.npy"
"""Files in which a worker hands predictions to its parent."""


@dataclass(frozen=True)
class Predictions:
    """Scores of the test rows as they are stored: float32, one column per class.

    Parameters
    ----------
    labels : int64 array, shape (n_test,)
    scores : float32 array, shape (n_test, n_classes)
    are_probabilities : bool
        False where a model has only ``decision_function``: then larger means likelier, and no more than that.
    n_tokens : int64 array, shape (n_test,), or None
        Tokens of each test text as the division gives it; None: not recorded, before schema 4.
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


def save_arrays(predictions: Predictions, is_leaked: BoolArray, folder: Path) -> None:
    """Write what is needed to score predictions into a folder: how a worker hands them to its parent."""
    arrays: dict[str, npt.NDArray[Any] | None] = {
        LABELS: predictions.labels,
        PROBABILITIES if predictions.are_probabilities else SCORES: predictions.scores,
        N_TOKENS: predictions.n_tokens,
        IS_LEAKED: is_leaked,
    }
    for name, array in arrays.items():
        if array is not None:
            np.save(folder / name, array, allow_pickle=False)


def load_arrays(folder: Path) -> tuple[Predictions, BoolArray]:
    """Return what :func:`save_arrays` wrote."""
    are_probabilities = (folder / PROBABILITIES).exists()
    predictions = Predictions(
        labels=np.load(folder / LABELS, allow_pickle=False),
        scores=np.load(folder / (PROBABILITIES if are_probabilities else SCORES), allow_pickle=False),
        are_probabilities=are_probabilities,
        n_tokens=np.load(folder / N_TOKENS, allow_pickle=False) if (folder / N_TOKENS).exists() else None,
    )
    return predictions, np.load(folder / IS_LEAKED, allow_pickle=False)


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
    check_methods(model)
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


def check_methods(model: Any) -> None:
    """Refuse a model that cannot score, which is known before it is fitted.

    Raises
    ------
    TypeError
    """
    if not (hasattr(model, "predict_proba") or hasattr(model, "decision_function")):
        raise TypeError(f"{type(model).__name__} has neither predict_proba nor decision_function")


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


def score_all(predictions: Predictions, is_leaked: BoolArray) -> dict[str, float | None]:
    """Return the scores of a trial, and its accuracy without the test texts that also occur among the training texts.

    Parameters
    ----------
    predictions : Predictions
    is_leaked : bool array, shape (n_test,)

    Returns
    -------
    dict
        As :func:`score` gives it, and ``accuracy_unseen``, which is None where all test texts are leaked.
    """
    is_right = predictions.predicted == predictions.labels
    without_leaks = None if is_leaked.all() else float(np.mean(is_right[~is_leaked]))
    return {**score(predictions), "accuracy_unseen": without_leaks}


def clip_probabilities(probabilities: Float32Array) -> npt.NDArray[np.float64]:
    """Probabilities as log loss takes them: clipped at float32's epsilon, rows adding up to 1."""
    epsilon = float(np.finfo(np.float32).eps)
    clipped = np.clip(probabilities.astype(np.float64), epsilon, 1 - epsilon)
    normalised: npt.NDArray[np.float64] = clipped / clipped.sum(axis=1, keepdims=True)
    return normalised
