"""Whether a difference matters: simulated, since a verdict on a claim follows from it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from bench.stats.margins import Advantage, Estimate, advantage, decide, estimate
from bench.stats.row_scores import RowScores

MARGIN = 0.01
ACCURACY = 0.89
OWN, NOISE, SEEDS = 0.5, 0.5, 0.01
"""Standard deviations of what a model, a trial and a seed find hard; that of a text itself is 1."""
SCALE = float(np.sqrt(1 + OWN**2 + NOISE**2 + SEEDS**2))
POINT = 0.01 * SCALE / norm.pdf(norm.ppf(ACCURACY))


def runs(few: int, many: int) -> list[object]:
    """So many simulated runs, and as many as it takes among the slow tests."""
    return [pytest.param(few, id="few"), pytest.param(many, marks=pytest.mark.slow, id="many")]


def _simulate(
    random: np.random.Generator, points: float, n_rows: int, n_seeds: int, n_rivals: int = 3
) -> tuple[RowScores, dict[str, RowScores]]:
    """A GRU that is so many points better than rivals that are all equally good, half of which take no seed."""
    text = random.normal(SCALE * norm.ppf(ACCURACY), 1.0, n_rows)
    models = []
    for i in range(1 + n_rivals):
        varies = i % 2 == 0
        n = n_seeds if varies else 1
        own, noise = random.normal(0, OWN, n_rows), random.normal(0, NOISE, (n, n_rows))
        luck = random.normal(0, SEEDS, (n, 1))
        better = POINT * points if i == 0 else 0.0
        models.append(RowScores(text + own + noise + luck + better > 0, range(n), varies))
    return models[0], {f"rival {i}": rival for i, rival in enumerate(models[1:])}


def _outcomes(points: float, n_rows: int, n_seeds: int, n_runs: int) -> list[str]:
    """Return the outcomes of single contrasts, from the answers of models to test rows."""
    random = np.random.default_rng(n_rows + n_seeds)
    found = [advantage(*_simulate(random, points, n_rows, n_seeds)) for _ in range(n_runs)]
    return [decide([one], [MARGIN])[0].outcome for one in found]


def _reports(
    random: np.random.Generator, differences: list[float], n_seeds: int, n_runs: int, spread: float, row_error: float
) -> np.ndarray:
    """Return the outcomes of reports with a contrast for each of these differences, shape (n_runs, n_contrasts).

    Estimates are drawn, not answers: seeds scatter by ``spread``, and the choice of rows by ``row_error``.
    """
    found = []
    for _ in range(n_runs):
        rows = random.normal(0, row_error, len(differences))
        seeds = random.normal(0, spread, (n_seeds, len(differences)))
        by_seed = np.array(differences) + rows + seeds
        of_seeds = by_seed.var(axis=0, ddof=1) / n_seeds
        advantages = [
            Advantage("rival", (Estimate(float(mean), float(variance), row_error**2, n_seeds, 5_000),))
            for mean, variance in zip(by_seed.mean(axis=0), of_seeds, strict=True)
        ]
        found.append([decided.outcome for decided in decide(advantages, [MARGIN] * len(differences))])
    return np.array(found)


SEEDS_AND_SPREADS = [(2, 0.001), (2, 0.01), (3, 0.001), (3, 0.01), (5, 0.003), (5, 0.03)]


@pytest.mark.parametrize(
    ("n_runs", "most"),
    [pytest.param(40, 0.15, id="few"), pytest.param(1_000, 0.05, marks=pytest.mark.slow, id="many")],
)
@pytest.mark.parametrize("n_contrasts", [1, 8, 80])
@pytest.mark.parametrize(("n_seeds", "spread"), SEEDS_AND_SPREADS)
def test_where_there_is_no_difference_no_contrast_of_a_report_is_called_better_or_worse(
    n_seeds: int, spread: float, n_contrasts: int, n_runs: int, most: float
) -> None:
    reports = _reports(np.random.default_rng(n_contrasts), [0.0] * n_contrasts, n_seeds, n_runs, spread, 0.003)
    called = np.isin(reports, ["better", "worse"]).any(axis=1).mean()
    print(f"{n_contrasts} contrasts, {n_seeds} seeds of {spread}: {called:.1%} called better or worse")
    assert called <= most


@pytest.mark.parametrize(
    ("n_runs", "most"),
    [pytest.param(40, 0.15, id="few"), pytest.param(1_000, 0.05, marks=pytest.mark.slow, id="many")],
)
@pytest.mark.parametrize("row_error", [0.001, 0.0025])
@pytest.mark.parametrize(("n_seeds", "spread"), SEEDS_AND_SPREADS)
def test_where_the_difference_is_one_that_matters_no_contrast_of_a_report_is_refuted(
    n_seeds: int, spread: float, row_error: float, n_runs: int, most: float
) -> None:
    reports = _reports(np.random.default_rng(1), [MARGIN] * 80, n_seeds, n_runs, spread, row_error)
    called = np.isin(reports, ["no better", "worse"]).any(axis=1).mean()
    print(f"{n_seeds} seeds of {spread}, rows {row_error}: {called:.1%} refuted")
    assert called <= most


@pytest.mark.parametrize("n_runs", runs(40, 500))
def test_twice_the_smallest_difference_that_matters_is_found_on_imdb_in_a_report_that_is_clear_elsewhere(
    n_runs: int,
) -> None:
    # On imdb the seeds of a GRU scatter by 0.1 points, and the choice of 25,000 rows leaves 0.2 points to chance.
    differences = [0.02] * 4 + [-0.02] * 4 + [0.4] * 30 + [-0.1] * 30
    reports = _reports(np.random.default_rng(2), differences, 5, n_runs, 0.001, 0.002)
    print(f"{(reports[:, :4] == 'better').mean():.1%} found, {(reports[:, 4:8] == 'worse').mean():.1%} found worse")
    assert (reports[:, :4] == "better").mean() >= 0.8
    assert np.isin(reports[:, 4:8], ["no better", "worse"]).mean() >= 0.8
    assert (reports[:, 8:38] == "better").mean() >= 0.95
    assert (reports[:, 38:] == "worse").mean() >= 0.95
    assert not np.isin(reports[:, :4], ["no better", "worse"]).any()


@pytest.mark.parametrize("n_runs", runs(40, 300))
def test_twice_the_smallest_difference_that_matters_is_found_from_the_answers_of_models(n_runs: int) -> None:
    outcomes = _outcomes(2.0, 25_000, 5, n_runs)
    assert np.mean([outcome == "better" for outcome in outcomes]) >= 0.8


@pytest.mark.parametrize(
    ("n_runs", "most"),
    [pytest.param(60, 0.12, id="few"), pytest.param(1_000, 0.05, marks=pytest.mark.slow, id="many")],
)
@pytest.mark.parametrize("n_seeds", [2, 3, 5])
def test_equal_models_are_rarely_called_better_or_worse(n_seeds: int, n_runs: int, most: float) -> None:
    outcomes = _outcomes(0.0, 2_000, n_seeds, n_runs)
    assert np.mean([outcome in ("better", "worse") for outcome in outcomes]) <= most


@pytest.mark.parametrize("n_runs", runs(20, 300))
def test_where_too_few_rows_are_there_the_outcome_is_open_not_wrong(n_runs: int) -> None:
    for points, right in ((2.0, {"better"}), (-2.0, {"worse", "no better"}), (0.0, {"no better"})):
        outcomes = _outcomes(points, 500, 2, n_runs)
        assert np.mean([outcome in {*right, "open"} for outcome in outcomes]) > 0.9
        assert np.mean([outcome == "open" for outcome in outcomes]) > 0.5


@pytest.mark.parametrize("n_runs", runs(20, 300))
def test_equal_models_are_found_to_be_no_better_on_imdb(n_runs: int) -> None:
    outcomes = _outcomes(0.0, 25_000, 5, n_runs)
    assert np.mean([outcome == "no better" for outcome in outcomes]) >= 0.8


@pytest.mark.parametrize("n_runs", runs(100, 1_000))
@pytest.mark.parametrize("n_seeds", [2, 3, 5])
def test_intervals_hold_the_true_difference_as_often_as_they_say(n_seeds: int, n_runs: int) -> None:
    random = np.random.default_rng(n_seeds)
    n_held = 0
    for _ in range(n_runs):
        model, rivals = _simulate(random, 0.0, 1_000, n_seeds, n_rivals=2)
        found = advantage(model, {"rival 1": rivals["rival 1"]})
        assert found is not None
        n_held += found.interval.low <= 0 <= found.interval.high
    assert n_held / n_runs >= 0.95 - 2 * np.sqrt(0.0475 / n_runs)


def _fixed(share: float, n_rows: int, n_seeds: int = 3) -> RowScores:
    """Exactly this share of rows right, others in each seed."""
    rows = np.tile(np.arange(n_rows) < round(share * n_rows), (n_seeds, 1))
    return RowScores(np.random.default_rng(round(1e4 * share)).permuted(rows, axis=1), range(n_seeds), True)


@pytest.mark.parametrize(
    ("share", "others", "outcome"),
    [
        (0.95, {"a": 0.8, "b": 0.9}, "better"),
        (0.85, {"a": 0.8, "b": 0.9}, "worse"),
        (0.9, {"a": 0.5, "b": 0.9}, "no better"),
        (0.909, {"a": 0.9}, "open"),
    ],
)
def test_the_tests_against_0_and_the_margin_give_the_outcome(
    share: float, others: dict[str, float], outcome: str
) -> None:
    n_rows = 20_000 if outcome != "open" else 2_000
    rivals = {name: _fixed(other, n_rows) for name, other in others.items()}
    found = advantage(_fixed(share, n_rows), rivals)
    assert found is not None
    assert decide([found], [MARGIN])[0].outcome == outcome
    best = max(others, key=lambda name: others[name])
    assert (found.best_rival, round(found.mean, 3)) == (best, round(share - others[best], 3))


def test_a_real_but_small_difference_does_not_matter() -> None:
    right = np.arange(50_000) % 10 != 0
    little = right.copy()
    little[np.flatnonzero(~right)[:150]] = True
    found = advantage(RowScores(little[None], [0], False), {"rival": RowScores(right[None], [0], False)})
    assert found is not None
    assert found.interval.low > 0
    assert found.p_better() < 1e-6
    assert decide([found], [MARGIN])[0].outcome == "no better"


def test_what_it_would_take_is_what_it_takes() -> None:
    few = advantage(_fixed(0.91, 1_000), {"rival": _fixed(0.89, 1_000)})
    assert few is not None
    assert decide([few] * 5, [MARGIN] * 5)[0].outcome == "open"
    rows = few.rows_needed(MARGIN, 5)
    assert rows is not None
    enough = advantage(_fixed(0.91, 2 * rows), {"rival": _fixed(0.89, 2 * rows)})
    assert enough is not None
    assert decide([enough] * 5, [MARGIN] * 5)[0].outcome == "better"
    assert few.seeds_needed(MARGIN, 5) is None, "seeds do not make up for so few rows"


def test_seeds_that_scatter_need_more_seeds() -> None:
    random = np.random.default_rng(0)
    scattered = RowScores(np.stack([random.random(20_000) < p for p in (0.97, 0.9, 0.86)]), range(3), True)
    found = advantage(scattered, {"rival": _fixed(0.86, 20_000)})
    assert found is not None
    assert decide([found], [MARGIN])[0].outcome == "open"
    needed = found.seeds_needed(MARGIN, 1)
    assert needed is not None
    assert 4 <= needed <= 12


def test_contrasts_are_decided_by_holm() -> None:
    def contrast(difference: float) -> Advantage:
        return Advantage("rival", (Estimate(difference, 0.0, 0.01**2, 1, 10_000),))

    decided = decide([contrast(0.024), contrast(0.5), contrast(0.4), None], [MARGIN] * 4)
    assert [one.outcome for one in decided] == ["better", "better", "better", "open"]
    assert [one.n_tests for one in decided] == [2, 4, 3, 1]
    assert [one.outcome for one in decide([contrast(0.024)] * 4, [MARGIN] * 4)] == ["open"] * 4
    assert decide([], []) == []


def test_seeds_that_agree_by_chance_are_not_taken_for_seeds_that_never_differ() -> None:
    lucky = Estimate(0.05, 1e-8, 1e-6, 2, 10_000)
    steady = Estimate(0.05, 0.0, 1e-6, 1, 10_000)
    assert steady.above(0.0) < 1e-9
    assert lucky.above(0.0) == pytest.approx(2 * (0.5 - np.arctan(0.05 / 2e-8**0.5) / np.pi), rel=0.01), "1 df"


def test_a_model_that_varies_and_ran_once_decides_nothing() -> None:
    right, wrong = np.ones((1, 1_000), bool), np.zeros((1, 1_000), bool)
    once, fixed = RowScores(right, [0], True), RowScores(wrong, [0], False)
    assert advantage(once, {"rival": fixed}) is None
    assert advantage(RowScores(right, [0], None), {"rival": fixed}) is None
    assert advantage(RowScores(right, [0], False), {"rival": fixed}) is not None
    assert advantage(RowScores(right[:, :1], [0], False), {"rival": RowScores(wrong[:, :1], [0], False)}) is None


def test_where_a_rival_failed_a_claim_can_be_refuted_and_not_supported() -> None:
    for share, outcome in ((0.95, "open"), (0.85, "worse")):
        found = advantage(_fixed(share, 20_000), {"rival": _fixed(0.9, 20_000)}, is_complete=False)
        assert decide([found], [MARGIN])[0].outcome == outcome


def test_a_rival_that_shares_one_seed_is_left_out_and_nothing_is_supported() -> None:
    rng = np.random.default_rng(0)

    def varying(share: float, n_seeds: int) -> RowScores:
        return RowScores(rng.random((n_seeds, 20_000)) < share, range(n_seeds), True)

    for share, outcome in ((0.95, "open"), (0.85, "worse")):
        found = advantage(varying(share, 5), {"whole": varying(0.9, 5), "once": varying(0.99, 1)})
        assert found is not None
        assert (found.best_rival, found.is_complete) == ("whole", False)
        assert decide([found], [MARGIN])[0].outcome == outcome


def test_models_that_agree_on_every_row_leave_an_interval_of_some_width() -> None:
    found = estimate(np.zeros((3, 1_000), np.int8))
    assert found.mean == 0
    assert 0.001 < found.end(0.05) < 0.005


def test_models_that_share_no_seed_are_not_compared() -> None:
    rows = np.ones((1, 10), bool)
    assert advantage(RowScores(rows, [0], True), {"b": RowScores(rows, [1], True)}) is None


def test_the_advantage_is_that_over_the_best_rival_whatever_the_order() -> None:
    found = [
        advantage(_fixed(0.9, 5_000), {name: _fixed(share, 5_000) for name, share in order})
        for order in ([("a", 0.7), ("b", 0.85)], [("b", 0.85), ("a", 0.7)])
    ]
    assert found[0] is not None
    assert found[0] == found[1]
