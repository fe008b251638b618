"""Scores: taken by class name, checked, and the same from the stored predictions."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest

from bench.encoding import encode_split
from bench.results.predictions import write_predictions
from bench.tasks.classification import Predictions, predict_scores, score

X = encode_split(["a", "b", "c"], [], "open")[1]


def _model(answer: object, classes: list[int], method: str = "predict_proba") -> SimpleNamespace:
    return SimpleNamespace(classes_=np.array(classes), **{method: lambda X: np.array(answer)})


def test_columns_are_taken_by_classes_and_an_unseen_class_has_probability_zero() -> None:
    scores, are_probabilities = predict_scores(_model([[0.2, 0.8]] * 3, [2, 0]), X, 3)
    assert are_probabilities
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores[0], [0.8, 0.0, 0.2])


def test_a_binary_decision_function_becomes_two_columns() -> None:
    scores, are_probabilities = predict_scores(_model([1.5, -2.0, 0.5], [0, 1], "decision_function"), X, 2)
    assert not are_probabilities
    np.testing.assert_allclose(scores, np.array([[-1.5, 1.5], [2, -2], [-0.5, 0.5]]))


def test_a_class_that_a_decision_function_never_saw_is_never_chosen() -> None:
    answer = [[-5.0, -6.0]] * 3
    scores, _ = predict_scores(_model(answer, [0, 2], "decision_function"), X, 3)
    assert scores.argmax(axis=1).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("model", "error", "words"),
    [
        (_model([[1.0, 0.0]] * 2, [0, 1]), ValueError, r"shape \(2, 2\), expected \(3, 2\)"),
        (_model([[1.0, 0.0], [np.nan, 0], [1, 0]], [0, 1]), ValueError, "test row 1 is not finite"),
        (SimpleNamespace(classes_=[0, 1]), TypeError, "neither predict_proba nor decision_function"),
    ],
)
def test_an_answer_that_cannot_be_scored_says_why(model: object, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        predict_scores(model, X, 2)


def test_scores_agree_with_hand_computed_ones() -> None:
    labels = np.array([0, 0, 1, 1])
    probabilities = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]], np.float32)
    found = score(Predictions(labels, probabilities, True))
    assert found["accuracy"] == 0.75
    assert found["f1_macro"] == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert found["roc_auc"] == 1.0
    assert found["log_loss"] == pytest.approx(-np.log([0.9, 0.4, 0.8, 0.7]).mean(), rel=1e-6)


def test_certainty_that_is_wrong_costs_a_finite_loss_and_scores_have_none() -> None:
    sure = np.array([[1.0, 0.0], [1.0, 0.0]], np.float32)
    assert score(Predictions(np.array([0, 1]), sure, True))["log_loss"] == pytest.approx(15.94 / 2, abs=0.01)
    assert score(Predictions(np.array([0, 1]), sure, False))["log_loss"] is None
    assert score(Predictions(np.array([0, 0]), sure, True))["roc_auc"] is None


def test_predictions_are_kept_as_float32_and_leave_no_other_file(tmp_path: Path) -> None:
    predictions = Predictions(np.array([1, 0]), np.array([[0.25, 0.75], [0.6, 0.4]], np.float32), True)
    write_predictions(tmp_path / "t.parquet", predictions)
    table = pq.read_table(tmp_path / "t.parquet")
    assert table.schema.names == ["row", "label", "probability_0", "probability_1"]
    assert str(table.schema.field("probability_1").type) == "float"
    assert len([path for path in tmp_path.iterdir() if path.is_file()]) == 1
