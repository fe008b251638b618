"""How often are two models that are equally good called different? Simulated runs for each number of seeds.

The README's claim rests on 2,000 runs each, which are slow; 200 would show a test that is far off.
"""

from __future__ import annotations

import numpy as np
import pytest

from bench.stats.paired import fitted_p, mcnemar_p, trained_again_p
from bench.stats.ranking import probability_of_outperforming

RUNS = [pytest.param(200, 0.09, id="few"), pytest.param(2_000, 0.06, id="many", marks=pytest.mark.slow)]
"""Simulated runs, and the share that may be called different: 5 % and twice what a simulation of so many misses by."""

LIKE = [(0.0, 0.0), (0.05, 0.05), (0.1, 0.1), (0.3, 0.3)]
"""How much seeds matter to each of two models."""
UNLIKE = [(0.0, 0.05), (0.0, 0.3), (0.05, 0.3), (0.1, 0.3)]


def _equal_models(
    n_seeds: int, luck: float | np.ndarray, generator: np.random.Generator, n_rows: int = 500
) -> list[np.ndarray]:
    """Whether two models of one kind are right: texts are easy or hard, seeds good or bad by their ``luck``."""
    easy = generator.normal(1.2, 1.0, n_rows)
    own = generator.normal(0, 0.5, (2, 1, n_rows))
    noise = generator.normal(0, 0.5, (2, n_seeds, n_rows))
    seeds = generator.normal(0, np.broadcast_to(luck, 2)[:, None, None], (2, n_seeds, 1))
    return list(easy + own + noise + seeds > 0)


@pytest.mark.parametrize(("n_runs", "agreed"), RUNS)
def test_one_seed(n_runs: int, agreed: float) -> None:
    generator = np.random.default_rng(1)
    pairs = ([answers[0] for answers in _equal_models(1, 0.0, generator)] for _ in range(n_runs))
    assert np.mean([mcnemar_p(*pair) < 0.05 for pair in pairs]) <= agreed


@pytest.mark.parametrize(("n_runs", "agreed"), RUNS)
@pytest.mark.parametrize("n_seeds", [3, 5, 10])
@pytest.mark.parametrize("lucks", [LIKE, UNLIKE], ids=["like-spreads", "unlike-spreads"])
def test_such_models_trained_again(lucks: list[tuple[float, float]], n_seeds: int, n_runs: int, agreed: float) -> None:
    generator = np.random.default_rng(n_seeds)
    pairs = (_equal_models(n_seeds, np.array(lucks[i % len(lucks)]), generator) for i in range(n_runs))
    called = [trained_again_p(first, second, n_resamples=1_000) < 0.05 for first, second in pairs]
    assert np.mean(called) <= agreed


@pytest.mark.parametrize(("n_runs", "agreed"), RUNS)
@pytest.mark.parametrize("n_seeds", [3, 5, 10])
def test_these_fitted_models_which_have_no_luck_of_their_own(n_seeds: int, n_runs: int, agreed: float) -> None:
    generator = np.random.default_rng(n_seeds)
    called = [fitted_p(*_equal_models(n_seeds, 0.0, generator)) < 0.05 for _ in range(n_runs)]
    assert np.mean(called) <= agreed


@pytest.mark.parametrize("n_seeds", [1, 3, 10])
def test_equal_predictions_are_never_called_different(n_seeds: int) -> None:
    generator = np.random.default_rng(n_seeds)
    for _ in range(20):
        answers = _equal_models(n_seeds, 0.1, generator)[0]
        assert trained_again_p(answers, answers) == 1.0
        assert fitted_p(answers, answers) == mcnemar_p(answers[0], answers[0]) == 1.0


@pytest.mark.parametrize(("n_runs", "agreed"), RUNS)
def test_the_probability_of_outperforming_needs_ten_seeds_and_then_finds_no_equal_model_better(
    n_runs: int, agreed: float
) -> None:
    generator = np.random.default_rng(4)
    runs = [generator.normal(0.85, 0.01, (2, 10)) for _ in range(n_runs)]
    found = [probability_of_outperforming(*accuracies) for accuracies in runs]
    assert np.mean([one is not None and one.is_meaningful for one in found]) <= agreed
    assert probability_of_outperforming(runs[0][0][:9], runs[0][1][:9]) is None
