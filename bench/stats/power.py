"""How much more evidence a comparison would need."""

from __future__ import annotations

import numpy as np

from bench.stats.resampling import Int8Array

POWER = 0.8
"""How often the evidence that is named would make the difference significant, if it is what was measured."""
MOST_SEEDS = 100


def seeds_needed(values: Int8Array, alpha: float) -> int | None:
    """Return with how many seeds a t-test over them would be significant; None: not with up to 100, or not known.

    Parameters
    ----------
    values : int8 array, shape (n_seeds, n_rows)
        Differences of correctness, from :func:`bench.stats.paired.differences`; at least two seeds.
    alpha : float
        Level of the test.

    References
    ----------
    J. Cohen, "Statistical power analysis for the behavioral sciences", 2nd ed., 1988, chapter 2.
    """
    from statsmodels.stats.power import TTestPower

    by_seed = values.mean(axis=1)
    spread = float(by_seed.std(ddof=1))
    difference = abs(float(by_seed.mean()))
    if difference == 0:
        return None
    if spread < 1e-12:
        return 2
    power = TTestPower()
    for n_seeds in range(2, MOST_SEEDS + 1):
        if power.power(difference / spread, n_seeds, alpha) >= POWER:
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
    from scipy.stats import norm

    of_row = values.mean(axis=0)
    difference = abs(float(of_row.mean()))
    if difference == 0:
        return None
    return int(np.ceil(((norm.ppf(1 - alpha / 2) + norm.ppf(POWER)) * of_row.std() / difference) ** 2))
