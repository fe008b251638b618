"""Paired tests of two models on the same test rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bench.stats.intervals import BoolArray, Interval, interval_of_means
from bench.stats.resampling import N_RESAMPLES, FloatArray, Int8Array, resampled_means

EXACT_BELOW = 25
"""McNemar's test is exact below this many disagreements."""


@dataclass(frozen=True)
class Comparison:
    """Two models on the same test rows.

    Parameters
    ----------
    first, second : str
        The models' names.
    difference : float
        Accuracy of the first minus that of the second.
    interval : Interval
        95 % interval of the difference, this pair alone.
    p_value : float
        Of no difference, adjusted for the number of pairs.
    test : str
        ``"McNemar"`` or ``"paired bootstrap and t-test"``.
    """

    first: str
    second: str
    difference: float
    interval: Interval
    p_value: float
    test: str

    @property
    def reversed(self) -> Comparison:
        """The same, the second model against the first."""
        low, high = self.interval
        return Comparison(self.second, self.first, -self.difference, Interval(-high, -low), self.p_value, self.test)

    @property
    def is_significant(self) -> bool:
        """Whether the difference is shown at 5 %, all pairs together."""
        return self.p_value < 0.05


def mcnemar_p(first: BoolArray, second: BoolArray) -> float:
    """p-value of equal accuracy on the same rows: exact below 25 disagreements, else chi-square, continuity corrected.

    Parameters
    ----------
    first, second : bool array, shape (n_rows,)
        Whether each model is right about each row.

    References
    ----------
    McNemar, Q. (1947). Note on the sampling error of the difference between correlated proportions. Psychometrika 12.
    Edwards, A. L. (1948). Note on the correction for continuity. Psychometrika 13.
    """
    from statsmodels.stats.contingency_tables import mcnemar

    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    if only_first == only_second:
        return 1.0
    exact = only_first + only_second < EXACT_BELOW
    return float(mcnemar([[0, only_first], [only_second, 0]], exact=exact, correction=True).pvalue)


def bootstrap_p(first: BoolArray, second: BoolArray, n_resamples: int = N_RESAMPLES) -> float:
    """p-value of equal mean accuracy, test rows and (paired) seeds resampled.

    Parameters
    ----------
    first, second : bool array, shape (n_seeds, n_rows)
        Whether each model is right, seed by seed; a deterministic model has its one row of results repeated.

    References
    ----------
    Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap, section 16.4 (resampling under the null).
    """
    differences = _differences(first, second)
    return _p_of_means(resampled_means(differences, n_resamples), float(differences.mean()))


def several_seeds_p(
    first: BoolArray, second: BoolArray, n_resamples: int = N_RESAMPLES, means: FloatArray | None = None
) -> float:
    """p-value of equal mean accuracy: the largest of those of the paired bootstrap and of a t-test over the seeds.

    Resampling few seeds understates how much they vary: of two models that are equally good, with 3 seeds it calls 12
    to 20 % different (simulated). Student's t allows for the number of seeds, but not for the choice of test rows.
    Where the models differ on fewer than 25 rows, the sign test over these rows is taken too, which is exact.

    Parameters
    ----------
    first, second : bool array, shape (n_seeds, n_rows)
    n_resamples : int
    means : float array, shape (n_resamples,), optional
        Resampled mean differences, where the caller has them.

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika 6, 1-25.
    Dixon, W. J. & Mood, A. M. (1946). The statistical sign test. JASA 41, 557-566.
    """
    from scipy.stats import binomtest, ttest_1samp

    differences = _differences(first, second)
    if means is None:
        means = resampled_means(differences, n_resamples)
    p_values = [_p_of_means(means, float(differences.mean()))]
    by_seed = differences.mean(axis=1)
    if np.ptp(by_seed) >= 1e-12:
        p_values.append(float(ttest_1samp(by_seed, 0.0).pvalue))
    of_row = differences.sum(axis=0)
    n_better, n_worse = int((of_row > 0).sum()), int((of_row < 0).sum())
    if 0 < n_better + n_worse < EXACT_BELOW:
        p_values.append(float(binomtest(n_better, n_better + n_worse).pvalue))
    return max(p_values)


def _p_of_means(means: FloatArray, observed: float) -> float:
    """Two-sided: how often means under the null hypothesis are as far from 0 as the one that was observed."""
    at_least = np.count_nonzero(np.abs(means - observed) >= abs(observed) - 1e-12)
    return float((at_least + 1) / (len(means) + 1))


@dataclass(frozen=True)
class Correctness:
    """Which test rows a model answered rightly.

    Parameters
    ----------
    correct : bool array, shape (n_seeds, n_rows)
    seeds : sequence of int, length n_seeds
    varies : bool
        Whether another seed can give other predictions; if not, ``correct`` has one row, which holds for every seed.
    """

    correct: BoolArray
    seeds: Sequence[int]
    varies: bool

    def at(self, seeds: Sequence[int]) -> BoolArray:
        """Its rows at these seeds, shape (len(seeds), n_rows)."""
        if not self.varies:
            return np.broadcast_to(self.correct[:1], (len(seeds), self.correct.shape[1]))
        places = {seed: i for i, seed in enumerate(self.seeds)}
        return self.correct[[places[seed] for seed in seeds]]


def compare_all(models: Mapping[str, Correctness]) -> list[Comparison]:
    """Every pair of models that share a seed.

    Parameters
    ----------
    models : mapping of name to Correctness
        Rows are the same test rows for all.
    """
    compared = compare_pairs([(a, b, models[a], models[b]) for a, b in itertools.combinations(models, 2)])
    return [comparison for comparison in compared if comparison is not None]


def compare_pairs(pairs: Iterable[tuple[str, str, Correctness, Correctness]]) -> list[Comparison | None]:
    """Compare each pair over the seeds that both models have; None for a pair that shares none.

    The p-values are adjusted by Holm's method over the pairs that are compared.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scand. J. Statist. 6, 65-70.
    """
    from statsmodels.stats.multitest import multipletests

    compared = [_compare(*pair) for pair in pairs]
    p_values = [comparison.p_value for comparison in compared if comparison is not None]
    adjusted = iter(multipletests(p_values, method="holm")[1] if p_values else ())
    return [
        None if comparison is None else replace(comparison, p_value=float(next(adjusted))) for comparison in compared
    ]


def _compare(first_name: str, second_name: str, first: Correctness, second: Correctness) -> Comparison | None:
    seeds = shared_seeds(first, second)
    if not seeds:
        return None
    a, b = first.at(seeds), second.at(seeds)
    differences = _differences(a, b)
    observed, means = float(differences.mean()), resampled_means(differences)
    if len(seeds) == 1:
        test, p_value = "McNemar", mcnemar_p(a[0], b[0])
    else:
        test, p_value = "paired bootstrap and t-test", several_seeds_p(a, b, means=means)
    interval = interval_of_means(means, differences.mean(axis=1), limits=(-1.0, 1.0))
    return Comparison(first_name, second_name, observed, interval, p_value, test)


def shared_seeds(first: Correctness, second: Correctness) -> list[int]:
    """Seeds that two models can be compared over; one that does not vary predicts the same with each."""
    varying = [set(model.seeds) for model in (first, second) if model.varies]
    return sorted(set.intersection(*varying)) if varying else [0]


def _differences(first: BoolArray, second: BoolArray) -> Int8Array:
    return first.astype(np.int8) - second.astype(np.int8)
