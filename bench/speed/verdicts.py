"""Whether one commit is slower than another: ratios of the medians of what asv stored."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bench.speed.asv_results import Measured

Verdict = Literal["slower", "faster", "no change shown", "failed in A", "failed in B", "not in both"]

SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class SpeedChange:
    """One benchmark before and after.

    Parameters
    ----------
    name, unit : str
    before, after : float, optional
        Medians; None: it failed, or was not measured.
    ratio : float, optional
        After over before.
    threshold : float
        The ratio from which on the commit is called slower, and one over it faster.
    p_value : float, optional
        Of Mann and Whitney's test that the samples of one are longer; None where they are too few to reach 5 %.
    verdict : str
    """

    name: str
    unit: str
    before: float | None
    after: float | None
    ratio: float | None
    threshold: float
    p_value: float | None
    verdict: Verdict


def judge(
    before: Mapping[str, Measured],
    after: Mapping[str, Measured],
    thresholds: Mapping[str, float],
    first: Sequence[str] = (),
) -> list[SpeedChange]:
    """Compare what was measured of two commits.

    Parameters
    ----------
    before, after : mapping of str to Measured
    thresholds : mapping of str to float
        Regular expressions of names, and by which part more a benchmark may take; the largest of those that fit.
    first : sequence of str
        Regular expressions of the benchmarks that come first, in this order.
    """
    names = sorted(
        {**before, **after}, key=lambda name: next((i for i, p in enumerate(first) if re.search(p, name)), len(first))
    )
    return [_judge_one(name, before.get(name), after.get(name), threshold_of(name, thresholds)) for name in names]


def threshold_of(name: str, thresholds: Mapping[str, float]) -> float:
    """Return the ratio that a benchmark may reach, as asv's ``regressions_thresholds`` say; 5 % without any.

    >>> threshold_of("a.TrainGRU.time_8_steps", {".*Train.*": 0.25, ".*": 0.15})
    1.25
    """
    return 1 + max((part for pattern, part in thresholds.items() if re.match(pattern, name)), default=0.05)


def _judge_one(name: str, before: Measured | None, after: Measured | None, threshold: float) -> SpeedChange:
    found = before or after
    assert found is not None
    a, b = (one.value if one else None for one in (before, after))
    ratio = p_value = None
    if before is None or after is None:
        verdict: Verdict = "not in both"
    elif b is None:
        verdict = "failed in B"
    elif not a:
        verdict = "failed in A"
    else:
        ratio = b / a
        p_value = _p_value(before.samples, after.samples)
        verdict = _verdict(ratio, threshold, p_value, before.samples, after.samples)
    return SpeedChange(name, found.unit, a, b, ratio, threshold, p_value, verdict)


def _verdict(
    ratio: float, threshold: float, p_value: float | None, before: Sequence[float], after: Sequence[float]
) -> Verdict:
    """Over the threshold, and the samples agree: significantly, or where they are few, each of them."""
    if 1 / threshold <= ratio <= threshold:
        return "no change shown"
    if p_value is None:
        apart = not before or not after or min(after) > max(before) or max(after) < min(before)
    else:
        apart = p_value < SIGNIFICANCE
    if not apart:
        return "no change shown"
    return "slower" if ratio > 1 else "faster"


def _p_value(before: Sequence[float], after: Sequence[float]) -> float | None:
    from scipy.stats import mannwhitneyu

    if 2 / math.comb(len(before) + len(after), len(before)) >= SIGNIFICANCE:
        return None
    return float(mannwhitneyu(before, after).pvalue)
