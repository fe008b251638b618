"""p-values of two models that answered the same test rows: as they were fitted, and if they were trained again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bench.stats.intervals import BoolArray, Interval
from bench.stats.resampling import (
    N_RESAMPLES,
    DifferenceArray,
    FloatArray,
    ScoreArray,
    resampled_means,
    row_signs,
)

EXACT_BELOW = 25
"""Tests are exact below this many rows that the models answer differently."""
N_FLIPS = 10_000
MOST_ENUMERATED = 13
"""Rows whose signs can be turned in fewer ways than are drawn for more rows: all are gone through."""


def mcnemar_p(first: BoolArray, second: BoolArray) -> float:
    """p-value of equal accuracy on the same rows: mid-p below 25 disagreements, else chi-square, continuity corrected.

    Parameters
    ----------
    first, second : bool array, shape (n_rows,)
        Whether each model is right about each row.

    References
    ----------
    McNemar, Q. (1947). Note on the sampling error of the difference between correlated proportions. Psychometrika 12.
    Edwards, A. L. (1948). Note on the correction for continuity. Psychometrika 13.
    Fagerland, M. W., Lydersen, S. & Laake, P. (2013). The McNemar test for binary matched-pairs data: mid-p and
    asymptotic are better than exact conditional. BMC Medical Research Methodology 13, 91.
    """
    from statsmodels.stats.contingency_tables import mcnemar

    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    if only_first + only_second < EXACT_BELOW:
        return mid_p(only_first, only_second)
    if only_first == only_second:
        return 1.0
    return float(mcnemar([[0, only_first], [only_second, 0]], exact=False, correction=True).pvalue)


def mid_p(n_better: int, n_worse: int) -> float:
    """Two-sided p-value of the sign test, of which what was observed counts half.

    Examples
    --------
    >>> round(mid_p(8, 2), 4), mid_p(5, 5), mid_p(0, 0)
    (0.0654, 1.0, 1.0)
    """
    from scipy.stats import binom

    if n_better == n_worse:
        return 1.0
    n, fewer = n_better + n_worse, min(n_better, n_worse)
    return float(2 * binom.cdf(fewer, n, 0.5) - binom.pmf(fewer, n, 0.5))


def fitted_p(first: ScoreArray, second: ScoreArray) -> float:
    """p-value of equal mean scores of the models as they were fitted: test rows are left to chance, seeds are not.

    :func:`fitted_test` names the test.

    Parameters
    ----------
    first, second : bool or float64 array, shape (n_seeds, n_rows)
    """
    from scipy.stats import ttest_1samp

    values = differences(first, second)
    if values.dtype == np.float64:
        return sign_flip_p(values.mean(axis=0))
    if len(first) == 1:
        return mcnemar_p(first[0].astype(np.bool_), second[0].astype(np.bool_))
    of_row = values.sum(axis=0)
    return flip_p(of_row) if _few_differ(of_row) else float(ttest_1samp(of_row, 0.0).pvalue)


def fitted_test(first: ScoreArray, second: ScoreArray) -> str:
    """Return the name of the test that :func:`fitted_p` takes."""
    values = differences(first, second)
    if values.dtype == np.float64:
        few = np.count_nonzero(values.mean(axis=0)) <= MOST_ENUMERATED
        return "exact permutation test over rows" if few else "permutation test over rows"
    if len(first) == 1:
        return "McNemar"
    few_differ = _few_differ(values.sum(axis=0))
    return "exact permutation test over rows" if few_differ else "paired t-test over rows"


def flip_p(of_row: npt.NDArray[np.int64]) -> float:
    """Two-sided mid-p of the exact permutation test that turns the signs of the rows' differences.

    Parameters
    ----------
    of_row : int array, shape (n_rows,)
        For each row, how many more seeds of the first model than of the second are right.

    References
    ----------
    Fisher, R. A. (1935). The Design of Experiments, section 21.

    Examples
    --------
    >>> round(flip_p(np.array([1] * 8 + [-1] * 2)), 4) == round(mid_p(8, 2), 4)
    True
    """
    observed, sizes = abs(int(of_row.sum())), np.abs(of_row[of_row != 0])
    if observed == 0:
        return 1.0
    shares = np.ones(1)  # of each sum, from the smallest on
    for size in sizes.tolist():
        of_sign = np.zeros(2 * size + 1)
        of_sign[[0, -1]] = 0.5
        shares = np.convolve(shares, of_sign)
    sums = np.abs(np.arange(len(shares)) - len(shares) // 2)
    return float(shares[sums > observed].sum() + shares[sums == observed].sum() / 2)


def sign_flip_p(of_row: FloatArray, n_flips: int = N_FLIPS) -> float:
    """Two-sided p-value of the permutation test that turns the signs of the rows' differences, which are numbers.

    All signs are gone through where no more than 13 rows differ; else so many are drawn, and the p-value is not below
    1 / (1 + n_flips).

    Parameters
    ----------
    of_row : float array, shape (n_rows,)
        The mean difference of each row.
    n_flips : int

    References
    ----------
    Fisher, R. A. (1935). The Design of Experiments, section 21.
    Phipson, B. & Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical Applications in Genetics
    and Molecular Biology 9(1), article 39.

    Examples
    --------
    >>> sign_flip_p(np.array([0.5, 0.25, 1.0, 0.125])), sign_flip_p(np.zeros(50))
    (0.125, 1.0)
    """
    differ = of_row[of_row != 0]
    n_rows, total = len(differ), float(differ.sum())
    if n_rows == 0:
        return 1.0
    least = abs(total) - 1e-9 * float(np.abs(differ).sum())  # what is equal but for rounding is as far from 0
    if n_rows <= MOST_ENUMERATED:
        all_signs = np.arange(2**n_rows)[:, None] >> np.arange(n_rows) & 1
        return float(np.mean(np.abs(total - 2 * all_signs @ differ) >= least))
    found = (np.abs(total - 2 * (turned.astype(np.float64) @ differ)) for turned in row_signs(n_rows, n_flips))
    return (1 + sum(int(np.count_nonzero(sums >= least)) for sums in found)) / (1 + n_flips)


def fitted_interval(first: ScoreArray, second: ScoreArray, limits: tuple[float, float] = (-1.0, 1.0)) -> Interval:
    """95 % interval of the difference of the models as they were fitted: of the rows' mean difference.

    Right or wrong: half a row in favour of each model is added, of the size that rows have that differ, and one without
    a difference: so it has a width where the models agree on every row, and fits the exact tests where they differ on
    few. Numbers: Student's t over rows, with the variance of :func:`variance_of_rows`.

    Parameters
    ----------
    first, second : bool or float64 array, shape (n_seeds, n_rows)
    limits : pair of float
        What the difference cannot pass.

    References
    ----------
    Agresti, A. & Min, Y. (2005). Simple improved confidence intervals for comparing matched proportions. Statistics in
    Medicine 24, 729-740: for one trial each.
    """
    from scipy.stats import norm, t

    values = differences(first, second)
    of_row = values.mean(axis=0)
    if values.dtype == np.float64:
        if len(of_row) == 1:
            return Interval(*limits)  # one row does not say how much rows vary
        mean, deviations = float(of_row.mean()), float(t.ppf(0.975, len(of_row) - 1))
    else:
        mean, deviations = float(of_row.sum()) / (len(of_row) + 2), float(norm.ppf(0.975))
    half = deviations * np.sqrt(variance_of_rows(values))
    return Interval(max(limits[0], mean - half), min(limits[1], mean + half))


def variance_of_rows(values: DifferenceArray) -> float:
    """Variance that the choice of rows gives to a mean difference, with more rows than there are.

    Half a row is added in favour of each model, of the size that rows have that differ, or of 1 where none does: so
    there is a variance where all rows agree.

    Parameters
    ----------
    values : int8 or float64 array, shape (n_seeds, n_rows)
        Differences; of numbers, two rows or more.
    """
    of_row = values.mean(axis=0)
    differ = np.abs(of_row[of_row != 0])
    size = float(differ.mean()) if len(differ) else 1.0
    if values.dtype == np.float64:
        squares = float(np.square(of_row - of_row.mean()).sum()) + size**2
        return squares / (len(of_row) * (len(of_row) - 1))
    n_rows = len(of_row) + 2
    mean_square = (float(np.square(of_row).sum()) + size**2) / n_rows
    return (mean_square - (float(of_row.sum()) / n_rows) ** 2) / n_rows


def bootstrap_p(first: ScoreArray, second: ScoreArray, n_resamples: int = N_RESAMPLES) -> float:
    """p-value of equal mean scores, test rows and (paired) seeds resampled.

    Parameters
    ----------
    first, second : bool or float64 array, shape (n_seeds, n_rows)
        Each model's scores, seed by seed; a deterministic model has its one row of results repeated.

    References
    ----------
    Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap, section 16.4 (resampling under the null).
    """
    values = differences(first, second)
    return _p_of_means(resampled_means(values, n_resamples), float(values.mean()))


def trained_again_p(
    first: ScoreArray, second: ScoreArray, n_resamples: int = N_RESAMPLES, means: FloatArray | None = None
) -> float:
    """p-value of equal mean scores of such models trained again: test rows and seeds are drawn by chance.

    It is the largest of those of the paired bootstrap, of a t-test over the seeds, and of the models as they were
    fitted: what is not shown of these is not shown of all such models. Resampling few seeds understates how much they
    vary: of two models that are equally good, with 3 seeds it calls 12 to 20 % different (simulated). Student's t
    allows for the number of seeds, but not for the choice of test rows.

    Parameters
    ----------
    first, second : bool or float64 array, shape (n_seeds, n_rows)
        At least two seeds.
    n_resamples : int
    means : float array, shape (n_resamples,), optional
        Resampled mean differences, where the caller has them.

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika 6, 1-25.
    """
    from scipy.stats import ttest_1samp

    values = differences(first, second)
    if means is None:
        means = resampled_means(values, n_resamples)
    p_values = [fitted_p(first, second), _p_of_means(means, float(values.mean()))]
    by_seed = values.mean(axis=1)
    if np.ptp(by_seed) >= 1e-12:
        p_values.append(float(ttest_1samp(by_seed, 0.0).pvalue))
    return max(p_values)


def differences(first: ScoreArray, second: ScoreArray) -> DifferenceArray:
    """Scores of the first model less those of the second; shape (n_seeds, n_rows).

    Right or wrong: 1 where only the first model is right, -1 where only the second one is, else 0, of int8.
    """
    if first.dtype == second.dtype == np.bool_:
        return first.astype(np.int8) - second.astype(np.int8)
    return first.astype(np.float64) - second.astype(np.float64)


def _few_differ(of_row: npt.NDArray[np.int64]) -> bool:
    return bool(np.count_nonzero(of_row) < EXACT_BELOW)


def _p_of_means(means: FloatArray, observed: float) -> float:
    """Two-sided: how often means under the null hypothesis are as far from 0 as the one that was observed."""
    at_least = np.count_nonzero(np.abs(means - observed) >= abs(observed) - 1e-12)
    return float((at_least + 1) / (len(means) + 1))
