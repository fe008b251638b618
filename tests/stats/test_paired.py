"""Statistics against published worked examples, brute force and simulation."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from bench.stats.intervals import accuracy_interval, wilson_interval
from bench.stats.paired import Correctness, bootstrap_p, compare_all, mcnemar_p, several_seeds_p


def _correct(n_both: int, n_first: int, n_second: int, n_none: int) -> tuple[np.ndarray, np.ndarray]:
    pattern = (
        [(True, True)] * n_both + [(True, False)] * n_first + [(False, True)] * n_second + [(False, False)] * n_none
    )
    first, second = np.array(pattern).T
    return first, second


def test_wilson_agrees_with_newcombe_1998() -> None:
    # Newcombe, R. G. (1998), Statistics in Medicine 17, 857-872, table I, method 3.
    for (r, n), expected in {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0000, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }.items():
        assert wilson_interval(r, n) == pytest.approx(expected, abs=5e-5)


def test_mcnemar_agrees_with_agresti() -> None:
    # Agresti, A. (2013), Categorical Data Analysis, 3rd ed., section 11.1: 794, 150, 86, 570; z**2 = 17.36 without,
    # (|150 - 86| - 1)**2 / 236 = 16.82 with continuity correction; p = 0.0000411.
    assert mcnemar_p(*_correct(794, 150, 86, 570)) == pytest.approx(4.11e-5, rel=0.01)


def test_mcnemar_is_exact_below_25_disagreements() -> None:
    from math import comb

    expected = 2 * sum(comb(10, k) for k in range(3)) / 2**10
    assert mcnemar_p(*_correct(50, 8, 2, 40)) == pytest.approx(expected)
    assert mcnemar_p(*_correct(50, 0, 0, 40)) == 1.0
    assert mcnemar_p(*_correct(50, 6, 6, 40)) == 1.0


def test_holm_agrees_with_its_definition() -> None:
    generator = np.random.default_rng(0)
    correct = {name: generator.random((1, 400)) < p for name, p in zip("abc", (0.9, 0.85, 0.6), strict=True)}
    models = {name: Correctness(rows, [0], varies=False) for name, rows in correct.items()}
    found = {(c.first, c.second): c.p_value for c in compare_all(models)}
    raw = {(a, b): mcnemar_p(correct[a][0], correct[b][0]) for a, b in itertools.combinations("abc", 2)}
    largest = 0.0
    for rank, (pair, p) in enumerate(sorted(raw.items(), key=lambda item: item[1])):
        largest = max(largest, min(1.0, (3 - rank) * p))
        assert found[pair] == pytest.approx(largest)
    assert [c.is_significant for c in compare_all(models)] == [p < 0.05 for p in found.values()]
    assert compare_all({"a": models["a"]}) == []


def test_the_bootstrap_interval_of_one_seed_repeated_is_close_to_wilson() -> None:
    row = np.arange(1000) < 870
    low, high = accuracy_interval(np.array([row, row]))
    assert (low, high) == pytest.approx(wilson_interval(870, 1000), abs=0.004)


def test_the_interval_grows_with_the_spread_over_seeds() -> None:
    generator = np.random.default_rng(1)
    steady = generator.random((5, 2000)) < 0.85
    spread = generator.random((5, 2000)) < np.array([0.75, 0.8, 0.85, 0.9, 0.95])[:, None]
    width = [np.diff(accuracy_interval(correct))[0] for correct in (steady, spread)]
    assert width[1] > 2 * width[0]


def test_the_bootstrap_agrees_with_resampling_row_by_row() -> None:
    generator = np.random.default_rng(2)
    first, second = generator.random((2, 3, 200)) < np.array([0.85, 0.8])[:, None, None]
    observed = first.mean() - second.mean()
    extreme = 0
    for _ in range(4000):
        seeds, rows = generator.integers(0, 3, 3), generator.integers(0, 200, 200)
        drawn = first[np.ix_(seeds, rows)].mean() - second[np.ix_(seeds, rows)].mean()
        extreme += abs(drawn - observed) >= abs(observed) - 1e-12
    assert bootstrap_p(first, second) == pytest.approx(extreme / 4000, abs=0.03)


def test_seeds_that_make_models_better_or_worse_are_no_difference_between_them() -> None:
    generator = np.random.default_rng(5)
    luck = generator.normal(0.85, 0.02, (200, 2, 3, 1))
    pairs = [generator.random((2, 3, 2000)) < shares for shares in luck]
    by_bootstrap = np.array([bootstrap_p(first, second) for first, second in pairs])
    called = np.array([several_seeds_p(first, second) for first, second in pairs])
    assert np.mean(called < 0.05) <= 0.08
    assert np.mean(by_bootstrap < 0.05) > 0.09, "few seeds understate how much they vary"
    held = [low <= 0.85 <= high for low, high in (accuracy_interval(first) for first, _ in pairs[:100])]
    assert np.mean(held) >= 0.9


def test_seeds_that_all_agree_leave_the_verdict_to_the_rows() -> None:
    first, second = (np.tile(row, (3, 1)) for row in _correct(794, 150, 86, 570))
    assert several_seeds_p(first, second) == bootstrap_p(first, second) < 0.01


def test_a_model_that_ran_once_is_compared_with_every_seed_of_the_other() -> None:
    generator = np.random.default_rng(4)
    many, once = generator.random((3, 300)) < 0.9, generator.random((1, 300)) < 0.6
    (found,) = compare_all(
        {"many": Correctness(many, [0, 1, 2], varies=True), "once": Correctness(once, [0], varies=False)}
    )
    assert found.test == "paired bootstrap and t-test"
    assert found.is_significant
    assert found.difference == pytest.approx(many.mean() - once.mean())


def test_two_models_are_compared_over_the_seeds_that_both_have() -> None:
    generator = np.random.default_rng(6)
    four, two = generator.random((4, 300)) < 0.9, generator.random((2, 300)) < 0.6
    (found,) = compare_all({"four": Correctness(four, [0, 1, 2, 5], True), "two": Correctness(two, [5, 1], True)})
    assert found.difference == pytest.approx(four[[1, 3]].mean() - two.mean())
    assert found.interval.low < found.difference < found.interval.high
    assert compare_all({"a": Correctness(four[:1], [0], True), "b": Correctness(two[:1], [1], True)}) == []


@pytest.mark.parametrize("n_rows", [1, 3, 5])
def test_a_handful_of_rows_shows_nothing_whatever_the_seeds(n_rows: int) -> None:
    right, wrong = np.ones((3, n_rows), bool), np.zeros((3, n_rows), bool)
    assert several_seeds_p(right, wrong) == pytest.approx(2 / 2**n_rows)
