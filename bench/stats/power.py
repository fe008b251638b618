"""How much more evidence a comparison would need."""

from __future__ import annotations

import numpy as np

from bench.stats.resampling import DifferenceArray

POWER = 0.8
"""How often the evidence that is named would make the difference significant, if it is what was measured."""
MOST_SEEDS = 100


def seeds_needed(values: DifferenceArray, alpha: float) -> int | None:
    """Return with how many seeds such models trained again would differ significantly on the same test rows.

    Both a t-test over the seeds has to find the difference, and a test to which seeds and rows are left to chance. The
    rows stay, and with them what they leave to chance: None, if not even 100 seeds make up for that.

    Parameters
    ----------
    values : int8 or float64 array, shape (n_seeds, n_rows)
        Differences of scores, from :func:`bench.stats.paired.differences`; at least two seeds, with which they do
        not differ significantly.
    alpha : float
        Level of the tests.

    References
    ----------
    J. Cohen, "Statistical power analysis for the behavioral sciences", 2nd ed., 1988, chapter 2.
    """
    from scipy.stats import norm
    from statsmodels.stats.power import TTestPower

    n_run, n_rows = values.shape
    by_seed = values.mean(axis=1)
    difference, of_seeds = abs(float(by_seed.mean())), max(float(by_seed.std(ddof=1)), 1e-12)
    if difference == 0:
        return None
    of_rows = max(float(values.mean(axis=0).var() - values.var(axis=0, ddof=1).mean() / n_run), 0.0) / n_rows
    needed, lucky = float(norm.ppf(1 - alpha / 2)), float(norm.ppf(POWER))
    t_test, effect = TTestPower(), difference / of_seeds
    for n_seeds in range(n_run + 1, MOST_SEEDS + 1):
        of_mean = of_seeds / np.sqrt(n_seeds)
        is_enough = difference - lucky * of_mean >= needed * np.hypot(of_mean, np.sqrt(of_rows))
        if is_enough and (effect > 100 or t_test.power(effect, n_seeds, alpha) >= POWER):
            return n_seeds
    return None


def rows_needed(values: DifferenceArray, alpha: float) -> int | None:
    """Return with how many test rows a test over them would be significant, seeds as they are; None: no difference.

    Parameters
    ----------
    values : int8 or float64 array, shape (n_seeds, n_rows)
        Differences of scores.
    alpha : float
        Level of the test.
    """
    from scipy.stats import norm

    of_row = values.mean(axis=0)
    difference = abs(float(of_row.mean()))
    if difference == 0:
        return None
    deviations = float(norm.ppf(1 - alpha / 2) + norm.ppf(POWER))
    return max(len(of_row) + 1, int(np.ceil((deviations * of_row.std() / difference) ** 2)))
