"""Fitted curves: what went in comes out."""

from __future__ import annotations

import numpy as np
import pytest

from bench.stats.fits import LearningCurve, crossing, fit_learning_curve, fit_power

ROWS = np.array([100, 300, 1_000, 3_000, 10_000, 25_000], np.float64)


def _errors(floor: float, factor: float, exponent: float, *, noise: float = 0.0) -> np.ndarray:
    exact = floor + factor * ROWS**-exponent
    scatter = np.random.default_rng(0).normal(1, noise, (len(ROWS), 5)) if noise else np.ones((6, 5))
    return np.asarray(exact[:, None] * scatter)


def test_a_power_law_comes_out_with_its_exponent() -> None:
    x = np.array([25, 50, 100, 200, 400], np.float64)
    power = fit_power(x, 3 * x**1.5)
    assert (power.factor, power.exponent) == pytest.approx((3, 1.5))
    noisy = fit_power(x, 3 * x**1.5 * np.array([1.1, 0.9, 1.0, 1.1, 0.95]))
    assert noisy.interval is not None
    assert noisy.interval.low < 1.5 < noisy.interval.high
    assert fit_power(x[:2], x[:2]).interval is None


def test_a_learning_curve_comes_out_with_its_floor() -> None:
    curve = fit_learning_curve(ROWS, _errors(0.08, 2.0, 0.5))
    assert (curve.floor, curve.factor, curve.exponent) == pytest.approx((0.08, 2.0, 0.5), rel=0.02)
    assert curve.error(ROWS) == pytest.approx(_errors(0.08, 2.0, 0.5)[:, 0], rel=0.01)
    noisy = fit_learning_curve(ROWS, _errors(0.08, 2.0, 0.5, noise=0.03))
    floor = noisy.floor_interval()
    assert floor is not None
    assert floor.low <= 0.08 <= floor.high
    assert floor.high - floor.low < 0.06


def test_a_curve_tells_how_far_it_misses_what_does_not_fall_like_a_power_law() -> None:
    assert fit_learning_curve(ROWS, _errors(0.08, 2.0, 0.5)).largest_miss < 0.001
    step = np.array([0.5, 0.5, 0.5, 0.5, 0.2, 0.2])
    assert fit_learning_curve(ROWS, np.tile(step[:, None], 5)).largest_miss > 0.05


def test_where_curves_cross_is_found_between_and_beyond_the_rows_that_were_measured() -> None:
    for rows in (5_000, 100_000):
        fast_factor = (0.1 + 1.0 * rows**-0.4 - 0.05) * rows**0.5
        fast, other = (
            fit_learning_curve(ROWS, _errors(*curve, noise=0.002))
            for curve in ((0.05, fast_factor, 0.5), (0.1, 1.0, 0.4))
        )
        found = crossing(fast, other, ROWS[0], ROWS[-1])
        assert found.rows == pytest.approx(rows, rel=0.25)
        assert found.interval is not None
        assert found.interval.low <= rows * 1.1
        assert found.interval.high >= rows * 0.9


def test_curves_that_do_not_cross_within_ten_times_the_data_are_said_not_to() -> None:
    worse, better = (fit_learning_curve(ROWS, _errors(floor, 1.0, 0.5, noise=0.002)) for floor in (0.12, 0.08))
    found = crossing(worse, better, ROWS[0], ROWS[-1])
    assert (found.rows, found.interval) == (None, None)
    assert found.share is not None
    assert found.share < 0.05


def test_a_curve_that_is_below_from_the_beginning_is_so_from_no_row_on() -> None:
    curves = [LearningCurve(floor, 1.0, 0.5) for floor in (0.05, 0.1)]
    found = crossing(curves[0], curves[1], 100, 25_000)
    assert (found.rows, found.interval, found.share) == (0, None, None)


def test_too_few_subsets_give_a_curve_without_intervals() -> None:
    curve = fit_learning_curve(ROWS, _errors(0.08, 2.0, 0.5)[:, :3])
    assert curve.floor == pytest.approx(0.08, rel=0.05)
    assert curve.floor_interval() is None
