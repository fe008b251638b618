"""How often are models that differ called different? The table in decision 0009, simulated again.

``pytest -s`` prints the table's rows as they come out.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from bench.stats.paired import fitted_p, trained_again_p

DECISION = Path(__file__).parents[2] / "docs" / "decisions" / "0009-two-questions.md"
ACCURACY = 0.87
OWN, NOISE = 0.5, 0.5
"""Standard deviation of what a model, and what a seed, finds hard about a text; that of the text itself is 1."""
SCALE = float(np.sqrt(1 + OWN**2 + NOISE**2))
POINT = 0.01 * SCALE / norm.pdf(norm.ppf(ACCURACY))
"""How much easier all texts become with one point of accuracy."""
FITTED_SEEDS, AGAIN_SEEDS = (1, 3, 5, 10), (3, 5, 10)


def _answers(
    n_rows: int, points: float, scatter: float, n_seeds: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Whether two models are right, of which the first is so many points better and whose seeds scatter by so many."""
    text = generator.normal(SCALE * norm.ppf(ACCURACY), 1.0, n_rows)
    own = generator.normal(0, OWN, (2, 1, n_rows))
    noise = generator.normal(0, NOISE, (2, n_seeds, n_rows))
    seeds = generator.normal(0, POINT * scatter, (2, n_seeds, 1))
    better = POINT * points * np.array([0.5, -0.5])[:, None, None]
    first, second = text + own + noise + seeds + better > 0
    return first, second


def _powers(n_rows: int, points: float, scatter: float, n_runs: int) -> tuple[list[float], list[float]]:
    """Shares of significant differences: these fitted models, and such models trained again, by number of seeds."""
    generator = np.random.default_rng(n_rows + round(10 * points + 100 * scatter))
    fitted, again = [], []
    for n_seeds in FITTED_SEEDS:
        pairs = [_answers(n_rows, points, scatter, n_seeds, generator) for _ in range(n_runs)]
        fitted.append(float(np.mean([fitted_p(*pair) < 0.05 for pair in pairs])))
        if n_seeds in AGAIN_SEEDS:
            again.append(float(np.mean([trained_again_p(*pair, n_resamples=1_000) < 0.05 for pair in pairs])))
    return fitted, again


def _table() -> dict[tuple[int, float, float], tuple[list[float], list[float]]]:
    """Return what the decision tabulates."""
    rows = re.findall(r"^\| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \| (.+) \| (.+) \|$", DECISION.read_text("utf-8"), re.M)
    return {
        (int(n_rows.replace(",", "")), float(points), float(scatter)): (
            [float(power) for power in fitted.split(", ")],
            [float(power) for power in again.split(", ")],
        )
        for n_rows, points, scatter, fitted, again in rows
    }


TABLE = _table()


@pytest.mark.parametrize(
    ("n_rows", "points", "scatter", "n_runs", "most_apart"),
    [
        pytest.param(2_000, 2.0, 1.0, 50, 0.25, id="few"),
        *(pytest.param(*setting, 100, 0.16, marks=pytest.mark.slow) for setting in TABLE),
    ],
)
def test_differences_are_found_as_often_as_the_decision_says(
    n_rows: int, points: float, scatter: float, n_runs: int, most_apart: float
) -> None:
    fitted, again = _powers(n_rows, points, scatter, n_runs)
    print(f"| {n_rows:,} | {points:g} | {scatter:g} | {fitted} | {again} |")
    assert TABLE[n_rows, points, scatter][0] == pytest.approx(fitted, abs=most_apart)
    assert TABLE[n_rows, points, scatter][1] == pytest.approx(again, abs=most_apart)
