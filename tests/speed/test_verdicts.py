"""When a benchmark is called slower."""

from __future__ import annotations

import numpy as np
import pytest

from bench.speed.asv_results import Measured
from bench.speed.verdicts import SpeedChange, judge

THRESHOLDS = {".*Train.*": 0.25, ".*": 0.15}


def judged(before: list[float], after: list[float], name: str = "PredictGRU") -> SpeedChange:
    (change,) = judge({name: measured(name, before)}, {name: measured(name, after)}, THRESHOLDS)
    return change


def measured(name: str, samples: list[float] | None) -> Measured:
    value = None if samples is None else float(np.median(samples))
    return Measured(name, "seconds", value, tuple(samples or ()))


@pytest.mark.parametrize(
    ("ratio", "name", "verdict"),
    [
        (1.14, "PredictGRU", "no change shown"),
        (1.16, "PredictGRU", "slower"),
        (1.24, "TrainGRU", "no change shown"),
        (1.26, "TrainGRU", "slower"),
        (0.88, "PredictGRU", "no change shown"),
        (0.86, "PredictGRU", "faster"),
    ],
)
def test_the_threshold_decides_where_samples_are_clear(ratio: float, name: str, verdict: str) -> None:
    samples = [1.0, 1.01, 0.99, 1.0, 1.005, 0.995]
    change = judged(samples, [ratio * s for s in samples], name)
    assert change.verdict == verdict
    assert change.ratio == pytest.approx(ratio)


def test_a_median_over_the_threshold_is_not_enough_where_samples_contradict_each_other() -> None:
    change = judged([1.0, 1.0, 1.0, 2.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0, 2.0, 2.0])
    assert change.ratio == pytest.approx(1.33, abs=0.01)
    assert change.verdict == "no change shown"


def test_of_few_samples_each_one_must_be_slower() -> None:
    assert judged([1.0, 1.1], [1.5, 1.6]).verdict == "slower"
    assert judged([1.0, 1.55], [1.5, 1.6]).verdict == "no change shown"
    assert judged([1.0], [1.5]).verdict == "slower"


def test_equal_commits_on_a_machine_that_wanders_are_seldom_called_slower() -> None:
    """Rounds of which each is off by 8 %, samples by 3 %: of 1,000 pairs of equal commits few look slower."""
    generator = np.random.default_rng(0)
    calls = 0
    for _ in range(1000):
        rounds = np.exp(generator.normal(scale=0.08, size=(2, 4, 1)))
        samples = (rounds * np.exp(generator.normal(scale=0.03, size=(2, 4, 5)))).reshape(2, -1)
        before, after = samples.tolist()
        calls += judged(before, after).verdict == "slower"
    assert calls <= 30


def test_what_fails_or_is_missing_has_no_ratio() -> None:
    def verdict(before: dict[str, Measured], after: dict[str, Measured]) -> SpeedChange:
        (change,) = judge(before, after, THRESHOLDS)
        assert change.ratio is None
        return change

    works, fails = {"a": measured("a", [1.0])}, {"a": measured("a", None)}
    assert verdict(works, fails).verdict == "failed in B"
    assert verdict(fails, works).verdict == "failed in A"
    assert verdict(works, {}).verdict == "not in both"
    assert verdict({}, works).verdict == "not in both"


def test_what_matters_most_comes_first() -> None:
    one = {name: measured(name, [1.0]) for name in ("harness.Help", "recurrent.PredictGRU", "recurrent.TrainGRU")}
    names = [change.name for change in judge(one, one, THRESHOLDS, ["TrainGRU", "PredictGRU"])]
    assert names == ["recurrent.TrainGRU", "recurrent.PredictGRU", "harness.Help"]
