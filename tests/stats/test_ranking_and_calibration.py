"""Ranks, the probability of outperforming and calibration, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from bench.stats.calibration import reliability
from bench.stats.intervals import Interval
from bench.stats.ranking import probability_of_outperforming, rank_ranges
from bench.stats.verdicts import Comparison, Verdict
from bench.tasks.classification import Predictions


def _pair(better: str, worse: str, p_value: float, p_again: float | None = None) -> Comparison:
    fitted, again = (p and Verdict(Interval(0.0, 0.02), p, "a test") for p in (p_value, p_again))
    assert fitted
    return Comparison(better, worse, 0.01, fitted, again or None)


def test_a_rank_leaves_room_for_the_models_that_one_cannot_be_told_from() -> None:
    p_values = {"ab": 0.3, "ac": 0.01, "ad": 0.01, "bc": 0.2, "bd": 0.01, "cd": 0.5}
    pairs = [_pair(names[0], names[1], p_value) for names, p_value in p_values.items()]
    ranks = {name: str(rank) for name, rank in rank_ranges("dabc", pairs, "fitted").items()}
    assert ranks == {"a": "1-2", "b": "1-3", "c": "2-4", "d": "3-4"}
    sure = [_pair(names[0], names[1], 0.001) for names in ("ab", "ac", "bc")]
    assert [str(rank) for rank in rank_ranges("abc", sure, "fitted").values()] == ["1", "2", "3"]
    against = [pair.reversed for pair in sure]
    assert rank_ranges("abc", against, "fitted") == rank_ranges("abc", sure, "fitted")


def test_a_rank_is_none_where_the_question_has_no_answer() -> None:
    pairs = [_pair("a", "b", 0.001), _pair("a", "c", 0.001, 0.02), _pair("b", "c", 0.001)]
    assert rank_ranges("abc", pairs, "again") == {"a": (1, 2), "b": None, "c": (2, 3)}
    assert rank_ranges("a", [], "again") == {"a": (1, 1)}
    assert rank_ranges([], [], "fitted") == {}


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
