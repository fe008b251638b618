"""Groups, the probability of outperforming and calibration, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from bench.stats.calibration import reliability
from bench.stats.intervals import Interval
from bench.stats.paired import Comparison
from bench.stats.ranking import probability_of_outperforming, ranking_groups
from bench.tasks.classification import Predictions


def _pair(better: str, worse: str, p_value: float) -> Comparison:
    return Comparison(better, worse, 0.01, Interval(0.0, 0.02), p_value, "McNemar")


def test_no_model_is_shown_to_be_better_than_one_of_the_first_group() -> None:
    p_values = {"ab": 0.3, "ac": 0.01, "ad": 0.01, "bc": 0.2, "cd": 0.5}
    pairs = [_pair(names[0], names[1], p_value) for names, p_value in p_values.items()]
    assert ranking_groups("dabc", pairs) == {"a": 1, "b": 1, "c": 2, "d": 2}
    assert ranking_groups("dabc", [*pairs[:-1], _pair("c", "d", 0.01)]) == {"a": 1, "b": 1, "c": 2, "d": 3}
    assert ranking_groups("abc", [_pair("b", "c", 0.01)]) == {"a": 1, "b": 1, "c": 2}, "a is told from neither"
    assert ranking_groups("abc", [_pair("a", "b", 0.0), _pair("b", "c", 0.0), _pair("c", "a", 0.0)]) == dict.fromkeys(
        "abc", 1
    )
    assert ranking_groups([], []) == {}


def test_the_probability_of_outperforming_counts_wins_and_half_of_the_ties() -> None:
    first = np.array([0.9] * 8 + [0.8, 0.85])
    second = np.full(10, 0.85)
    found = probability_of_outperforming(first, second)
    assert found is not None
    assert found.probability == pytest.approx(0.85)
    # Wilson's interval of 8.5 of 10: (0.85 + z**2 / 20 ± z * sqrt(0.85 * 0.15 / 10 + z**2 / 400)) / (1 + z**2 / 10).
    assert found.interval == pytest.approx((0.5412, 0.9646), abs=1e-3)
    assert found.is_meaningful
    reverse = probability_of_outperforming(second, first)
    assert reverse is not None
    assert not reverse.is_meaningful
    always = probability_of_outperforming(first + 1, second)
    assert always is not None
    assert always.interval.low == pytest.approx(0.7225, abs=1e-3)


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
