"""Recurrent classifiers of series: learning, both ways to run them, variation, saving."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.models.recurrent.backend import tf
from bench.models.recurrent.frame_runners import LONGEST, FrameLayersRunner, FrameLoopRunner
from bench.models.recurrent.series import RecurrentSeriesClassifier, SeriesGRUClassifier, SeriesLSTMClassifier
from bench.models.recurrent.variation import vary
from bench.ragged import RaggedArray
from bench.series import Series

Array = np.ndarray
SMALL: dict[str, Any] = {"units": 8, "batch_size": 16, "max_epochs": 25, "learning_rate": 0.03}


def invent_series(n_rows: int, seed: int) -> tuple[Series, Array]:
    """Noisy series of 3 to 40 frames in two channels: the first rises, falls or stays; the second has a far mean."""
    random = np.random.default_rng(seed)
    codes = np.arange(n_rows) % 3
    rows = []
    for code in codes:
        n_frames = random.integers(3, 41)
        trend = (code - 1) * np.linspace(-2, 2, n_frames)
        frames = np.stack([trend, np.full(n_frames, 500.0)], axis=1) + random.normal(scale=0.3, size=(n_frames, 2))
        rows.append(frames.astype(np.float32))
    return Series(RaggedArray.from_rows(rows)), codes


@pytest.fixture(scope="module")
def fitted() -> SeriesGRUClassifier:
    """A small network; not to be changed."""
    return SeriesGRUClassifier(**SMALL).fit(*invent_series(90, 0))


def test_a_gru_tells_directions_apart_in_new_series(fitted: SeriesGRUClassifier) -> None:
    test, codes = invent_series(60, 1)
    assert fitted.score(test, codes) > 0.9
    np.testing.assert_allclose(fitted.predict_proba(test).sum(axis=1), 1, atol=1e-5)


def test_an_lstm_tells_them_apart_by_its_last_state() -> None:
    test, codes = invent_series(60, 1)
    model = SeriesLSTMClassifier(**SMALL, pooling="last", bidirectional=False).fit(*invent_series(90, 0))
    assert model.score(test, codes) > 0.9


@pytest.mark.parametrize("kind", [SeriesGRUClassifier, SeriesLSTMClassifier])
@pytest.mark.parametrize(("pooling", "bidirectional"), [("mean_max", True), ("last", False)])
def test_the_loop_gives_the_probabilities_and_gradients_of_keras(
    kind: type[RecurrentSeriesClassifier], pooling: str, bidirectional: bool
) -> None:
    series, codes = invent_series(20, 0)
    frames = RaggedArray(series.frames.values - np.array([0, 500], np.float32), series.frames.offsets)
    model = kind(units=8, pooling=pooling, bidirectional=bidirectional, dropout=0.0)
    model.classes_ = np.unique(codes)
    model._build(2)
    probabilities: list[Any] = []
    gradients: list[Any] = []
    for runner in (FrameLoopRunner(model.network_, LONGEST), FrameLayersRunner(model.network_, LONGEST)):
        probabilities.append(runner.predictor()(frames))
        with tf.GradientTape() as tape:
            outputs = runner.train(runner.pad(frames, np.arange(20), 20))
            loss = tf.reduce_sum(tf.math.log(outputs) * tf.one_hot(codes, 3))
        gradients.append(tape.gradient(loss, model.network_.trainable_weights))
    np.testing.assert_allclose(probabilities[0], probabilities[1], atol=1e-4)
    for of_loop, of_layers in zip(*gradients, strict=True):
        assert np.abs(of_loop - of_layers).max() < 1e-4 * np.abs(of_layers).max()


def test_a_row_is_answered_the_same_whatever_stands_beside_it(fitted: SeriesGRUClassifier) -> None:
    test, _ = invent_series(30, 1)
    alone = np.concatenate([fitted.predict_proba(test[i : i + 1]) for i in range(len(test))])
    np.testing.assert_allclose(fitted.predict_proba(test), alone, atol=1e-6)
    assert fitted.predict_proba(test[:0]).shape == (0, 3)


def test_the_same_seed_gives_the_same_network_whatever_the_scale_of_the_channels(fitted: SeriesGRUClassifier) -> None:
    series, codes = invent_series(90, 0)
    test, _ = invent_series(20, 1)
    doubled, doubled_test = (Series(RaggedArray(X.frames.values * 2, X.frames.offsets)) for X in (series, test))
    again = SeriesGRUClassifier(**SMALL).fit(doubled, codes)
    np.testing.assert_allclose(again.predict_proba(doubled_test), fitted.predict_proba(test), atol=1e-6)


def test_history_counts_epochs_and_rows(fitted: SeriesGRUClassifier) -> None:
    assert [entry["step"] for entry in fitted.history_] == list(range(1, 26))
    assert {"steps", "seconds", "loss", "validation_loss", "validation_accuracy"} <= fitted.history_[0].keys()
    assert fitted.n_rows_seen_ == 25 * 81  # 9 of 90 rows are held back
    of_direction = 3 * (2 * 8 + 8 * 8 + 2 * 8)
    assert fitted.n_parameters_ == 2 * of_direction + 3 * (4 * 8 + 1)


def test_labels_of_text_and_a_single_row_of_a_class_are_learnt() -> None:
    series, codes = invent_series(31, 0)
    labels = np.array(["falls", "stays", "rises"])[codes]
    labels[30] = "once"
    model = SeriesGRUClassifier(**{**SMALL, "max_epochs": 1}).fit(series, labels)
    assert model.classes_.tolist() == ["falls", "once", "rises", "stays"]
    assert set(model.predict(series)) <= set(model.classes_)


def test_a_saved_network_predicts_as_before(fitted: SeriesGRUClassifier, tmp_path: Path) -> None:
    test, _ = invent_series(20, 1)
    fitted.save(tmp_path / "model")
    loaded = SeriesGRUClassifier.load(tmp_path / "model")
    np.testing.assert_allclose(loaded.predict_proba(test), fitted.predict_proba(test), atol=1e-6)
    with pytest.raises(ValueError, match="a SeriesGRUClassifier, expected a SeriesLSTMClassifier"):
        SeriesLSTMClassifier.load(tmp_path / "model")


def test_variation_keeps_the_course_of_a_row_and_changes_its_length() -> None:
    line = RaggedArray(np.linspace(0, 1, 40, dtype=np.float32)[:, None], [0, 1, 40])
    varied = vary(line, noise=0.0, offset=0.0, stretch=0.5, masked=0.0, random=np.random.default_rng(0))
    assert len(varied[0]) == 1
    assert 20 <= len(varied[1]) <= 60
    assert len(varied[1]) != 39
    np.testing.assert_allclose(varied[1][:, 0], np.linspace(1 / 39, 1, len(varied[1])), atol=1e-6)
    same = vary(line, noise=0.0, offset=0.0, stretch=0.0, masked=0.0, random=np.random.default_rng(0))
    np.testing.assert_allclose(same.values, line.values)


def test_variation_hides_no_more_frames_than_it_is_told() -> None:
    ones = RaggedArray(np.ones((600, 1), np.float32), np.arange(0, 601, 20))
    hidden = vary(ones, noise=0.0, offset=0.0, stretch=0.0, masked=0.4, random=np.random.default_rng(0))
    shares = [float(np.mean(row == 0)) for row in hidden]
    assert 0.2 < max(shares) <= 0.4
    assert min(shares) < 0.1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"units": 0}, "units is 0, expected 1 or more"),
        ({"implementation": "torch"}, "implementation is 'torch', expected 'auto', 'loop', 'keras'"),
        ({"pooling": "first"}, "pooling is 'first', expected 'last', 'mean', 'max', 'mean_max'"),
    ],
)
def test_parameters_out_of_range_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SeriesGRUClassifier(**parameters).fit(*invent_series(9, 0))


def test_labels_that_cannot_be_learnt_are_refused() -> None:
    series, codes = invent_series(9, 0)
    with pytest.raises(ValueError, match=r"there are 9 series, but the labels have shape \(8,\)"):
        SeriesGRUClassifier().fit(series, codes[:8])
    with pytest.raises(ValueError, match="at least 2 classes, found 1"):
        SeriesGRUClassifier().fit(series, np.zeros(9))
