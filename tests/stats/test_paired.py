"""Statistics against published worked examples, brute force and simulation."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from bench.stats.intervals import accuracy_interval, wilson_interval
from bench.stats.paired import (
    bootstrap_p,
    differences,
    fitted_interval,
    fitted_p,
    fitted_test,
    flip_p,
    mcnemar_p,
    trained_again_p,
)
from bench.stats.power import rows_needed, seeds_needed
from bench.stats.row_scores import RowScores
from bench.stats.verdicts import compare_all


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


def test_mcnemar_takes_the_mid_p_below_25_disagreements() -> None:
    # Fagerland et al. (2013): the exact p-value less half of the probability of what was observed, for both sides.
    from math import comb

    expected = 2 * (sum(comb(10, k) for k in range(2)) + comb(10, 2) / 2) / 2**10
    assert mcnemar_p(*_correct(50, 8, 2, 40)) == pytest.approx(expected)
    assert mcnemar_p(*_correct(50, 0, 0, 40)) == 1.0
    assert mcnemar_p(*_correct(50, 6, 6, 40)) == 1.0


def test_holm_agrees_with_its_definition() -> None:
    generator = np.random.default_rng(0)
    correct = {name: generator.random((1, 400)) < p for name, p in zip("abc", (0.9, 0.85, 0.6), strict=True)}
    models = {name: RowScores(rows, [0], varies=False) for name, rows in correct.items()}
    compared = compare_all(models)
    found = {(c.first, c.second): c.fitted.p_value for c in compared}
    raw = {(a, b): mcnemar_p(correct[a][0], correct[b][0]) for a, b in itertools.combinations("abc", 2)}
    largest = 0.0
    for rank, (pair, p) in enumerate(sorted(raw.items(), key=lambda item: item[1])):
        largest = max(largest, min(1.0, (3 - rank) * p))
        assert found[pair] == pytest.approx(largest)
    assert [c.fitted.is_significant for c in compared] == [p < 0.05 for p in found.values()]
    assert [c.again for c in compared] == [c.fitted for c in compared], "no model varies"
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
    called = np.array([trained_again_p(first, second) for first, second in pairs])
    assert np.mean(called < 0.05) <= 0.08
    assert np.mean(by_bootstrap < 0.05) > 0.09, "few seeds understate how much they vary"
    held = [low <= 0.85 <= high for low, high in (accuracy_interval(first) for first, _ in pairs[:100])]
    assert np.mean(held) >= 0.9


def test_seeds_that_all_agree_leave_the_verdict_to_the_rows() -> None:
    first, second = (np.tile(row, (3, 1)) for row in _correct(794, 150, 86, 570))
    assert trained_again_p(first, second) == bootstrap_p(first, second) < 0.01


def test_a_model_that_ran_once_is_compared_with_every_seed_of_the_other() -> None:
    generator = np.random.default_rng(4)
    many, once = generator.random((3, 300)) < 0.9, generator.random((1, 300)) < 0.6
    (found,) = compare_all(
        {"many": RowScores(many, [0, 1, 2], varies=True), "once": RowScores(once, [0], varies=False)}
    )
    assert found.fitted.test == "paired t-test over rows"
    assert found.again is not None
    assert found.again.test == "paired bootstrap and t-test over seeds"
    assert found.fitted.is_significant
    assert found.again.is_significant
    assert found.difference == pytest.approx(many.mean() - once.mean())


def test_two_models_are_compared_over_the_seeds_that_both_have() -> None:
    generator = np.random.default_rng(6)
    four, two = generator.random((4, 300)) < 0.9, generator.random((2, 300)) < 0.6
    (found,) = compare_all({"four": RowScores(four, [0, 1, 2, 5], True), "two": RowScores(two, [5, 1], True)})
    assert found.difference == pytest.approx(four[[1, 3]].mean() - two.mean())
    for verdict in (found.fitted, found.again):
        assert verdict is not None
        assert verdict.interval.low < found.difference < verdict.interval.high
    assert compare_all({"a": RowScores(four[:1], [0], True), "b": RowScores(two[:1], [1], True)}) == []


@pytest.mark.parametrize("n_rows", [1, 2, 4])
def test_a_handful_of_rows_shows_nothing_whatever_the_seeds(n_rows: int) -> None:
    right, wrong = np.ones((3, n_rows), bool), np.zeros((3, n_rows), bool)
    assert trained_again_p(right, wrong) == fitted_p(right, wrong) == pytest.approx(1 / 2**n_rows)


def _seeds(shares: list[float], n_rows: int = 10_000) -> np.ndarray:
    """Models that are right about so many rows, the same ones as far as they go."""
    return np.arange(n_rows) < np.array(shares)[:, None] * n_rows


def test_models_that_differ_as_they_are_may_not_differ_when_trained_again() -> None:
    steady, shaky = _seeds([0.90, 0.90, 0.90]), _seeds([0.895, 0.87, 0.85])
    (found,) = compare_all({"steady": RowScores(steady, [0, 1, 2], True), "shaky": RowScores(shaky, [0, 1, 2], True)})
    assert found.fitted.p_value < 1e-27
    assert found.fitted.interval.low > 0.02
    assert found.again is not None
    assert 0.05 < found.again.p_value < 0.3
    assert found.again.interval.low < 0 < found.again.interval.high
    assert found.seeds_needed is not None
    assert 5 <= found.seeds_needed <= 10
    assert found.rows_needed is None
    assert found.reversed.difference == -found.difference
    assert found.reversed.fitted.interval.high == -found.fitted.interval.low


def test_with_one_seed_of_a_model_that_varies_training_again_is_not_known() -> None:
    models = {"net": RowScores(_seeds([0.9]), [0], True), "linear": RowScores(_seeds([0.8]), [0], False)}
    (found,) = compare_all(models)
    assert found.fitted.is_significant
    assert found.again is None
    assert found.broadest is found.fitted


def test_the_interval_of_fitted_models_is_that_of_agresti_and_min_2005() -> None:
    # With half a row added to each cell of the table: (c - b) / n +- 1.96 sqrt(b + c - (c - b)**2 / n) / n.
    n, b, c = 1602, 150.5, 86.5
    half = 1.959964 * np.sqrt(b + c - (b - c) ** 2 / n) / n
    first, second = (row[None] for row in _correct(794, 150, 86, 570))
    assert fitted_interval(first, second) == pytest.approx(((b - c) / n - half, (b - c) / n + half), rel=1e-5)


def test_many_rows_of_several_seeds_get_the_interval_and_the_p_value_of_a_paired_t_test() -> None:
    from scipy.stats import ttest_rel

    generator = np.random.default_rng(7)
    first, second = generator.random((2, 3, 4000)) < 0.8
    expected = ttest_rel(first.mean(axis=0), second.mean(axis=0))
    assert fitted_interval(first, second) == pytest.approx(tuple(expected.confidence_interval()), abs=1e-4)
    assert fitted_p(first, second) == pytest.approx(expected.pvalue)
    assert fitted_test(first, second) == "paired t-test over rows"


def test_models_that_agree_on_every_row_may_still_differ_on_others() -> None:
    row = np.ones((1, 20), bool)
    low, high = fitted_interval(row, row)
    assert low == -high
    assert 0.05 < high < 0.15


def test_an_interval_fits_the_exact_test_where_few_rows_differ() -> None:
    first, second = (row[None] for row in _correct(90, 4, 0, 6))
    assert fitted_p(first, second) > 0.05
    assert fitted_interval(first, second).low < 0


def test_few_rows_weigh_what_the_seeds_make_of_them() -> None:
    steady = np.ones((5, 100), bool)
    steady[:, :3], shaky = False, np.ones((5, 100), bool)
    for i in range(14):
        shaky[i % 5, 3 + i] = False
    assert shaky.mean() > steady.mean(), "by three rows with every seed, against fourteen with one seed each"
    assert fitted_test(shaky, steady) == "exact permutation test over rows"
    assert fitted_p(shaky, steady) == fitted_p(steady, shaky) > 0.5
    interval = fitted_interval(shaky, steady)
    assert interval.low < 0 < interval.high


def test_the_exact_test_is_that_of_all_signs() -> None:
    of_row = np.array([3, -1, 2, 2, 0, 5, -1])
    signed = [abs(int(np.dot(signs, of_row))) for signs in itertools.product((1, -1), repeat=len(of_row))]
    observed = abs(int(of_row.sum()))
    expected = np.mean([(one > observed) + (one == observed) / 2 for one in signed])
    assert flip_p(of_row) == pytest.approx(expected)


@pytest.mark.parametrize("n_rows", [10, 25, 60])
def test_the_interval_of_several_seeds_fits_their_test(n_rows: int) -> None:
    first, second = np.zeros((2, 5, 1000), bool)
    for row in range(n_rows):
        first[row % 5, row] = True  # each with one seed of five
    assert fitted_p(first, second) < 0.01
    assert fitted_interval(first, second).low > 0


def test_what_is_not_shown_of_these_models_is_not_shown_of_such_models_trained_again() -> None:
    generator = np.random.default_rng(8)
    for _ in range(20):
        first, second = (np.tile(generator.random(500) < 0.8, (3, 1)) for _ in range(2))
        assert trained_again_p(first, second) >= fitted_p(first, second)


def test_models_that_do_not_vary_get_the_same_answer_to_both_questions_beside_others_that_do() -> None:
    models = {
        "logreg": RowScores(_seeds([0.82], 1000), [0], False),
        "svm": RowScores(_seeds([0.80], 1000), [0], False),
        "net": RowScores(_seeds([0.5], 1000), [0], True),
    }
    for found in compare_all(models):
        if "net" in (found.first, found.second):
            assert found.again is None
        else:
            assert found.fitted.is_significant
            assert found.again == found.fitted
            assert found.seeds_needed is None


def test_a_model_that_was_fitted_once_and_names_no_seed_is_not_taken_for_steady() -> None:
    many, once = _seeds([0.9, 0.9, 0.91]), _seeds([0.8])
    (found,) = compare_all({"net": RowScores(many, [0, 1, 2], True), "odd": RowScores(once, [0], None)})
    assert found.fitted.test == "paired t-test over rows", "over the seeds of the other"
    assert found.again is None


def test_the_seeds_that_are_needed_give_the_power_that_is_promised() -> None:
    from scipy.stats import ttest_1samp

    values = differences(_seeds([0.90, 0.91, 0.92]), _seeds([0.89, 0.89, 0.89]))
    n_seeds = seeds_needed(values, alpha=0.05)
    assert n_seeds is not None
    drawn = np.random.default_rng(0).normal(0.02, 0.01, (4_000, n_seeds))
    power = np.mean(ttest_1samp(drawn, 0.0, axis=1).pvalue < 0.05)
    fewer = np.mean(ttest_1samp(drawn[:, :-1], 0.0, axis=1).pvalue < 0.05)
    assert fewer < 0.8 <= power + 0.02
    assert seeds_needed(differences(_seeds([0.9, 0.8]), _seeds([0.8, 0.9])), 0.05) is None
    assert seeds_needed(differences(_seeds([0.9, 0.9]), _seeds([0.8, 0.8])), 0.05) == 3, "more than there are"
    few = differences(_seeds([0.92, 0.91], 100), _seeds([0.89, 0.90], 100))
    assert seeds_needed(few, 0.05) is None, "not with these 100 test rows"


def test_the_seeds_that_are_needed_allow_for_the_rows_that_stay_the_same() -> None:
    values = np.zeros((3, 10_000), np.int8)
    for seed, n_better in enumerate((51, 91, 131)):
        values[seed, :n_better], values[seed, 200:259] = 1, -1
    n_seeds = seeds_needed(values, alpha=0.05)
    # A difference of .0032; seeds scatter by .004, and the rows make for a standard error of .0011 that stays.
    assert n_seeds is not None
    for n, is_enough in ((n_seeds, True), (n_seeds - 1, False)):
        found = 0.0032 + 0.004 / np.sqrt(n) * np.random.default_rng(0).normal(size=40_000)
        power = np.mean(found > 1.96 * np.sqrt(0.004**2 / n + 0.00111**2))
        assert (power > 0.8) == is_enough


def test_the_rows_that_are_needed_give_the_power_that_is_promised() -> None:
    generator = np.random.default_rng(3)
    first, second = generator.random((2, 1, 4_000)) < np.array([0.85, 0.83])[:, None, None]
    values = differences(first, second)
    n_rows = rows_needed(values, alpha=0.05)
    assert n_rows is not None
    drawn = generator.choice(values[0], (1_000, n_rows))
    z = np.abs(drawn.mean(axis=1)) / drawn.std(axis=1) * np.sqrt(n_rows)
    assert np.mean(z > 1.96) == pytest.approx(0.8, abs=0.04)
    assert rows_needed(differences(first, first), alpha=0.05) is None
