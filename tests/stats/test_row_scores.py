"""Scores that are numbers: tests and intervals against brute force and simulation, and which end is better."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from bench.stats.intervals import mean_interval
from bench.stats.margins import advantage, decide
from bench.stats.paired import fitted_interval, fitted_p, fitted_test, sign_flip_p, trained_again_p
from bench.stats.power import rows_needed
from bench.stats.ranking import rank_ranges
from bench.stats.resampling import resampled_means
from bench.stats.row_scores import RowScores
from bench.stats.verdicts import compare_all

RUNS = [pytest.param(200, 0.09, id="few"), pytest.param(2_000, 0.06, id="many", marks=pytest.mark.slow)]
"""Simulated runs, and the share that may be called different: 5 % and twice what a simulation of so many misses by."""
UNLIMITED = (-np.inf, np.inf)
MARGIN = 0.05


def _errors(
    generator: np.random.Generator, n_seeds: int, luck: float = 0.0, worse: float = 0.0, n_rows: int = 100
) -> tuple[np.ndarray, np.ndarray]:
    """Errors of two models: rows are easy or hard, seeds good or bad by their ``luck``, and the mean about 1."""
    row = generator.normal(0, 0.7, n_rows)
    own = generator.normal(0, 0.4, (2, 1, n_rows))
    noise = generator.normal(0, 0.4, (2, n_seeds, n_rows))
    seeds = generator.normal(0, 1, (2, n_seeds, 1)) * luck
    scale = np.exp(-(0.7**2 + 0.4**2 + 0.4**2 + luck**2) / 2)
    first, second = scale * np.exp(row + own + noise + seeds)
    return first * (1 + worse), second


def _as_errors(values: np.ndarray, varies: bool = True) -> RowScores:
    return RowScores(values, range(len(values)), varies, larger_is_better=False, limits=(0.0, np.inf))


def test_the_test_of_few_rows_goes_through_all_signs() -> None:
    of_row = np.array([0.3, -0.1, 0.0, 0.25, 0.2, 0.55, -0.1])
    signed = [abs(np.dot(signs, of_row)) for signs in itertools.product((1, -1), repeat=len(of_row))]
    expected = np.mean(np.array(signed) >= of_row.sum() - 1e-9)
    assert sign_flip_p(of_row) == pytest.approx(expected)
    assert sign_flip_p(-of_row) == sign_flip_p(of_row)
    assert fitted_test(of_row[None], 0 * of_row[None]) == "exact permutation test over rows"


@pytest.mark.parametrize("n_rows", [5, 13])
def test_rows_that_all_agree_show_what_their_number_shows(n_rows: int) -> None:
    right, wrong = np.full((3, n_rows), 0.4), np.full((3, n_rows), 0.7)
    assert fitted_p(right, wrong) == trained_again_p(right, wrong) == 2 / 2**n_rows


def test_the_test_of_many_rows_draws_signs_and_comes_to_what_a_t_test_does() -> None:
    generator = np.random.default_rng(0)
    for shift in (0.0, 0.05, 0.1):
        of_row = generator.normal(shift, 1, 1_000)
        assert sign_flip_p(of_row) == pytest.approx(ttest_1samp(of_row, 0).pvalue, abs=0.015)
    assert sign_flip_p(np.arange(1.0, 50.0)) == 1 / 10_001, "never 0"
    fifteen = generator.normal(0.3, 1, 15)
    signs = np.array(list(itertools.product((1, -1), repeat=15)))
    exact = np.mean(np.abs(signs @ fifteen) >= abs(fifteen.sum()) - 1e-9)
    assert sign_flip_p(fifteen) == pytest.approx(exact, abs=0.01)
    assert fitted_test(fifteen[None], 0 * fifteen[None]) == "permutation test over rows"


@pytest.mark.parametrize("n_seeds", [1, 3])
def test_means_of_resamples_are_those_of_resampling_rows_and_seeds(n_seeds: int) -> None:
    generator = np.random.default_rng(2)
    values = _errors(generator, n_seeds, luck=0.3, n_rows=150)[0]
    drawn = [
        values[np.ix_(generator.integers(n_seeds, size=n_seeds), generator.integers(150, size=150))].mean()
        for _ in range(4_000)
    ]
    found = resampled_means(values)
    assert found.mean() == pytest.approx(np.mean(drawn), abs=0.01)
    assert found.std() == pytest.approx(np.std(drawn), rel=0.06)
    assert resampled_means(np.full((3, 50), 1e6 + 0.1)) == pytest.approx(1e6 + 0.1, abs=1e-9)


def test_means_of_resamples_are_the_same_whether_or_not_weights_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(3).normal(2, 1, (2, 500))
    kept = resampled_means(values)
    monkeypatch.setattr("bench.stats.resampling.MOST_KEPT", 0)
    assert np.array_equal(resampled_means(values), kept)


def test_right_and_wrong_as_numbers_give_much_the_same_answers() -> None:
    first, second = np.random.default_rng(1).random((2, 3, 2_000)) < np.array([0.83, 0.8])[:, None, None]
    a, b = first.astype(np.float64), second.astype(np.float64)
    assert fitted_p(a, b) == pytest.approx(fitted_p(first, second), abs=0.01)
    assert trained_again_p(a, b) == pytest.approx(trained_again_p(first, second), abs=0.01)
    assert fitted_interval(a, b) == pytest.approx(fitted_interval(first, second), abs=1e-3)
    assert mean_interval(a) == pytest.approx(mean_interval(first), abs=1e-3)
    found = [
        advantage(RowScores(model, range(3), True), {"rival": RowScores(rival, range(3), True)})
        for model, rival in ((first, second), (a, b))
    ]
    intervals = [one.interval for one in found if one is not None]
    assert intervals[1] == pytest.approx(intervals[0], abs=1e-3)


@pytest.mark.parametrize(("n_runs", "agreed"), RUNS)
@pytest.mark.parametrize("n_seeds", [1, 3, 10])
def test_these_fitted_models_are_rarely_called_different_when_they_are_equally_good(
    n_seeds: int, n_runs: int, agreed: float
) -> None:
    generator = np.random.default_rng(n_seeds)
    pairs = [_errors(generator, n_seeds) for _ in range(n_runs)]
    assert np.mean([fitted_p(*pair) < 0.05 for pair in pairs]) <= agreed
    held = [low <= 0 <= high for low, high in (fitted_interval(*pair, UNLIMITED) for pair in pairs)]
    assert np.mean(held) >= 1 - agreed


@pytest.mark.parametrize(("n_runs", "agreed"), RUNS)
@pytest.mark.parametrize("luck", [0.02, 0.3])
@pytest.mark.parametrize("n_seeds", [3, 10])
def test_such_models_trained_again_are_rarely_called_different_when_they_are_equally_good(
    n_seeds: int, luck: float, n_runs: int, agreed: float
) -> None:
    generator = np.random.default_rng(n_seeds)
    pairs = (_errors(generator, n_seeds, luck) for _ in range(n_runs))
    assert np.mean([trained_again_p(*pair, n_resamples=1_000) < 0.05 for pair in pairs]) <= agreed


@pytest.mark.parametrize(("n_seeds", "least"), [(1, 0.8), (5, 0.9)])
def test_errors_that_are_a_fifth_larger_are_found_on_four_hundred_rows(n_seeds: int, least: float) -> None:
    generator = np.random.default_rng(n_seeds)
    pairs = [_errors(generator, n_seeds, 0.02, worse=0.2, n_rows=400) for _ in range(50)]
    assert np.mean([fitted_p(*pair) < 0.05 for pair in pairs]) >= least
    if n_seeds > 1:
        assert np.mean([trained_again_p(*pair, n_resamples=1_000) < 0.05 for pair in pairs]) >= 0.8


@pytest.mark.parametrize(
    ("n_runs", "least"),
    [pytest.param(150, 0.9, id="few"), pytest.param(1_500, 0.93, marks=pytest.mark.slow, id="many")],
)
@pytest.mark.parametrize("n_seeds", [1, 5])
def test_an_interval_holds_the_mean_error_in_95_of_100_runs(n_seeds: int, n_runs: int, least: float) -> None:
    generator = np.random.default_rng(n_seeds)
    luck = 0.1 if n_seeds > 1 else 0.0
    runs = (mean_interval(_errors(generator, n_seeds, luck, n_rows=300)[0], (0.0, np.inf)) for _ in range(n_runs))
    assert np.mean([low <= 1 <= high for low, high in runs]) >= least


@pytest.mark.parametrize(
    ("n_runs", "most"),
    [pytest.param(60, 0.12, id="few"), pytest.param(1_000, 0.06, marks=pytest.mark.slow, id="many")],
)
@pytest.mark.parametrize("n_seeds", [2, 5])
def test_a_margin_is_one_of_errors_too(n_seeds: int, n_runs: int, most: float) -> None:
    generator = np.random.default_rng(n_seeds)

    def outcomes(worse: float, n_rows: int) -> list[str]:
        pairs = (_errors(generator, n_seeds, 0.01, worse, n_rows) for _ in range(n_runs))
        found = [advantage(_as_errors(rival), {"rival": _as_errors(model)}) for model, rival in pairs]
        return [decide([one], [MARGIN])[0].outcome for one in found]

    assert np.mean([outcome in ("better", "worse") for outcome in outcomes(0.0, 300)]) <= most
    assert np.mean([outcome in ("no better", "worse") for outcome in outcomes(MARGIN, 300)]) <= most
    if n_seeds > 2:  # with two, the seeds' own test says little
        assert np.mean([outcome == "better" for outcome in outcomes(4 * MARGIN, 1_000)]) >= 0.8
        assert np.mean([outcome == "worse" for outcome in outcomes(-4 * MARGIN, 1_000)]) >= 0.8


def _three() -> Mapping[str, RowScores]:
    generator = np.random.default_rng(4)
    row = generator.normal(1.5, 0.2, 300)
    return {
        name: _as_errors(mean * row + generator.normal(0, 0.1, (3, 300)).clip(-0.3, 0.3))
        for name, mean in (("large", 3.0), ("small", 1.0), ("middle", 2.0))
    }


def test_the_model_with_the_smallest_errors_ranks_first() -> None:
    models = _three()
    compared = compare_all(models)
    (largest,) = (found for found in compared if {found.first, found.second} == {"large", "small"})
    assert largest.difference == pytest.approx(3.0, abs=0.05), "in the errors' own unit, and not cut off at 1"
    assert largest.gain == -largest.difference
    assert largest.reversed.gain == largest.difference
    assert largest.again is not None
    for verdict in (largest.fitted, largest.again):
        assert verdict.interval.low < largest.difference < verdict.interval.high
    ranks = rank_ranges(list(models), compared, "again")
    assert {name: str(rank) for name, rank in ranks.items()} == {"small": "1", "middle": "2", "large": "3"}


def test_an_advantage_is_over_the_rival_with_the_smallest_errors() -> None:
    models = _three()
    found = advantage(models["small"], {name: models[name] for name in ("large", "middle")})
    assert found is not None
    assert found.best_rival == "middle"
    assert found.mean == pytest.approx(1.5, abs=0.05)
    assert found.interval.low < found.mean < found.interval.high
    assert decide([found], [MARGIN])[0].outcome == "better"
    behind = advantage(models["large"], {name: models[name] for name in ("small", "middle")})
    assert behind is not None
    assert (behind.best_rival, round(behind.mean)) == ("small", -3)
    assert decide([behind], [MARGIN])[0].outcome == "worse"


def test_wrong_answers_say_what_right_ones_do() -> None:
    right = np.random.default_rng(5).random((2, 3, 500)) < np.array([0.9, 0.8])[:, None, None]
    of_right = {name: RowScores(rows, range(3), True) for name, rows in zip("ab", right, strict=True)}
    of_wrong = {name: RowScores(~rows, range(3), True, False) for name, rows in zip("ab", right, strict=True)}
    (rights,), (wrongs,) = compare_all(of_right), compare_all(of_wrong)
    assert wrongs.gain == rights.gain == -wrongs.difference
    assert wrongs.fitted == rights.fitted.reversed
    assert advantage(of_wrong["a"], {"b": of_wrong["b"]}) == advantage(of_right["a"], {"b": of_right["b"]})


def test_an_interval_of_errors_ends_at_0() -> None:
    few_errors = np.zeros((1, 40))
    few_errors[0, 0] = 1.0
    low, high = mean_interval(few_errors, (0.0, np.inf))
    assert low == 0
    assert 0.05 < high < 0.15


def test_equal_scores_are_never_called_different() -> None:
    errors = _errors(np.random.default_rng(6), 3)[0]
    assert fitted_p(errors, errors) == trained_again_p(errors, errors) == 1.0
    low, high = fitted_interval(errors, errors, UNLIMITED)
    assert low == -high < 0
    found = advantage(_as_errors(errors), {"rival": _as_errors(errors)})
    assert found is not None
    assert decide([found], [MARGIN])[0].outcome in ("open", "no better")


def test_an_interval_fits_the_exact_test_where_few_rows_differ() -> None:
    first, second = np.zeros((2, 1, 500))
    for n_rows in range(1, 5):
        first[0, n_rows - 1] = 0.5
        assert fitted_p(first, second) > 0.05
        assert fitted_interval(first, second, UNLIMITED).low < 0


def test_one_row_shows_nothing() -> None:
    first, second = np.array([[0.1]]), np.array([[3.0]])
    assert fitted_p(first, second) == 1.0
    assert fitted_interval(first, second, UNLIMITED) == UNLIMITED
    assert mean_interval(first, (0.0, np.inf)) == (0.0, np.inf)
    assert advantage(_as_errors(first, False), {"rival": _as_errors(second, False)}) is None


def test_the_rows_that_are_needed_give_the_power_that_is_promised() -> None:
    generator = np.random.default_rng(7)
    values = generator.normal(0.1, 1.0, (1, 500))
    n_rows = rows_needed(values, alpha=0.05)
    assert n_rows is not None
    drawn = generator.choice(values[0], (1_000, n_rows))
    assert np.mean(ttest_1samp(drawn, 0.0, axis=1).pvalue < 0.05) == pytest.approx(0.8, abs=0.05)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        (np.array([[0.5, 1.5]]), "from 0 to 1"),
        (np.array([[0.5, np.nan]]), "finite"),
        (np.array([[0, 1]]), "bool or float64"),
    ],
)
def test_scores_that_pass_their_limits_are_refused(values: np.ndarray, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        RowScores(values, [0], False)
