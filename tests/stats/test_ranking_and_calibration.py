"""Groups, the probability of outperforming and calibration, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from bench.metrics import Predictions
from bench.stats.calibration import reliability
from bench.stats.intervals import Interval
from bench.stats.paired import Comparison
from bench.stats.ranking import probability_of_outperforming, ranking_groups


def _pair(first: str, second: str, p_value: float) -> Comparison:
    return Comparison(first, second, 0.01, Interval(0.0, 0.02), p_value, "McNemar")


def test_models_that_cannot_be_told_from_the_best_are_in_its_group() -> None:
    accuracies = {"d": 0.7, "a": 0.9, "b": 0.89, "c": 0.8}
    p_values = {"ab": 0.3, "ca": 0.01, "ad": 0.01, "bc": 0.2, "cd": 0.5}
    pairs = [_pair(first, second, p_value) for (first, second), p_value in p_values.items()]
    assert ranking_groups(accuracies, pairs) == {"a": 1, "b": 1, "c": 2, "d": 2}
    assert ranking_groups(accuracies, [_pair("c", "d", 0.01), *pairs[:-1]]) == {"a": 1, "b": 1, "c": 2, "d": 3}
    assert ranking_groups({}, []) == {}


def test_the_probability_of_outperforming_counts_wins_and_half_of_the_ties() -> None:
    first = np.array([0.9] * 8 + [0.8, 0.85])
    second = np.full(10, 0.85)
    found = probability_of_outperforming(first, second)
    assert found is not None
    assert found.probability == pytest.approx(0.85)
    # Of ten draws of these wins the mean has the standard deviation sqrt((8 + 0.25) / 10 - 0.85**2) / sqrt(10) = 0.101.
    assert found.interval.low == pytest.approx(0.85 - 1.96 * 0.101, abs=0.05)
    assert found.interval.high == 1.0
    assert found.is_meaningful
    reverse = probability_of_outperforming(second, first)
    assert reverse is not None
    assert not reverse.is_meaningful


def test_the_calibration_error_is_the_gap_between_sureness_and_rightness() -> None:
    # Two bins: four answers at 0.65, two right; six at 0.95, all right: 0.4 * 0.15 + 0.6 * 0.05 = 0.09.
    sure = np.array([0.65] * 4 + [0.95] * 6)
    labels = np.array([0, 0, 1, 1, 0, 0, 0, 0, 0, 0])
    found = reliability(Predictions(labels, np.column_stack([sure, 1 - sure]).astype(np.float32), True))
    assert found is not None
    assert found.expected_error == pytest.approx(0.09, abs=1e-6)
    assert found.counts.tolist() == [4, 6]
    assert reliability(Predictions(labels, np.column_stack([sure, -sure]).astype(np.float32), False)) is None


def test_the_reliability_curve_is_that_of_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    scores = generator.dirichlet([1, 1, 1], 500).astype(np.float32)
    labels = generator.integers(3, size=500)
    found = reliability(Predictions(labels, scores, True))
    right, sure = calibration_curve(scores.argmax(axis=1) == labels, scores.max(axis=1), n_bins=15)
    assert found is not None
    assert found.accuracy == pytest.approx(right)
    assert found.confidence == pytest.approx(sure)
