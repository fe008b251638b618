"""How much more evidence a comparison would need."""

from __future__ import annotations

import numpy as np

from bench.stats.resampling import Int8Array

POWER = 0.8
"""How often the evidence that is named would make the difference significant, if it is what was measured."""
MOST_SEEDS = 100


def seeds_needed(values: Int8Array, alpha: float) -> int | None:
    """Return with how many seeds such models trained again would differ significantly; None: not with up to 100.

    Both a t-test over the seeds has to find the difference, and a test to which seeds and rows are left to chance. More
    seeds do not make up for too few test rows: then the answer is None.

    Parameters
    ----------
    values : int8 array, shape (n_seeds, n_rows)
        Differences of correctness, from :func:`bench.stats.paired.differences`; at least two seeds, with which they do
        not differ significantly.
    alpha : float
        Level of the tests.

    References
    ----------
    J. Cohen, "Statistical power analysis for the behavioral sciences", 2nd ed., 1988, chapter 2.
    """
    from statsmodels.stats.power import TTestPower

    by_seed, of_row = values.mean(axis=1), values.mean(axis=0)
    difference = abs(float(by_seed.mean()))
    variance_of_seeds, variance_of_rows = float(by_seed.var(ddof=1)), float(of_row.var()) / len(of_row)
    if difference == 0:
        return None
    t_test = TTestPower()
    for n_seeds in range(len(values) + 1, MOST_SEEDS + 1):
        deviations = difference / max(np.sqrt(variance_of_seeds / n_seeds + variance_of_rows), 1e-12)
        effect = difference / max(np.sqrt(variance_of_seeds), 1e-12)
        if deviations >= _deviations(alpha) and (effect > 100 or t_test.power(effect, n_seeds, alpha) >= POWER):
            return n_seeds
    return None


def rows_needed(values: Int8Array, alpha: float) -> int | None:
    """Return with how many test rows a test over them would be significant, seeds as they are; None: no difference.

    Parameters
    ----------
    values : int8 array, shape (n_seeds, n_rows)
        Differences of correctness.
    alpha : float
        Level of the test.
    """
    of_row = values.mean(axis=0)
    difference = abs(float(of_row.mean()))
    if difference == 0:
        return None
    return int(np.ceil((_deviations(alpha) * of_row.std() / difference) ** 2))


def _deviations(alpha: float) -> float:
    """How many standard deviations away from 0 a mean has to lie for this power."""
    from scipy.stats import norm

    return float(norm.ppf(1 - alpha / 2) + norm.ppf(POWER))
