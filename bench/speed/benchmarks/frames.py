"""The recurrent networks fed by frames, as of recordings, in place of words."""

from __future__ import annotations

from functools import cache, partial
from statistics import fmean
from typing import Any

import numpy as np

from . import clock, common

N_FRAMES = (50, 200)
N_CHANNELS, N_CLASSES = 13, 10


def make_frames(n_rows: int, n_frames: int) -> tuple[Any, Any]:
    """Series of random frames and their classes: what a step costs does not depend on what they say."""
    try:
        from bench.ragged import RaggedArray
        from bench.series import Series
    except ImportError:
        raise NotImplementedError("this commit has no series") from None
    values = np.random.default_rng(0).normal(size=(n_rows * n_frames, N_CHANNELS)).astype(np.float32)
    return Series(RaggedArray(values, np.arange(n_rows + 1) * n_frames)), np.arange(n_rows) % N_CLASSES


def make_network(name: str, batch_size: int, max_epochs: int) -> Any:
    """Return a recurrent classifier of series."""
    return common.make_model(
        name,
        group="bench.models.sequence",
        batch_size=batch_size,
        max_epochs=max_epochs,
        patience=max_epochs,
        validation_fraction=0.01,
    )


@cache
def fitted_network(name: str, n_frames: int) -> Any:
    """Return a network trained on few series: how fast it predicts does not depend on what it learnt."""
    X, y = make_frames(64, n_frames)
    return make_network(name, 32, max_epochs=1).fit(X, y)


class _OnFrames(common.ModelBenchmark):
    param_names = ("frames", "batch_size")
    params = (N_FRAMES, common.BATCH_SIZES)

    def setup_cache(self) -> None:
        """Frames are made by each benchmark."""


class TrainGRUOnFrames(_OnFrames):
    """Seconds per epoch of 8 steps, the mean of all but the first."""

    model = "gru"
    number, repeat, rounds, warmup_time, min_run_count = 1, 2, 2, 0, 1

    def setup(self, n_frames: int, batch_size: int) -> None:
        n_rows = common.N_STEPS * batch_size + batch_size // 4  # the last for validation
        self.X, self.y = make_frames(n_rows, n_frames)
        self.network = make_network(self.model, batch_size, common.N_EPOCHS)
        self.timer = clock.recurrence()

    def time_8_steps(self, n_frames: int, batch_size: int) -> None:
        epochs = common.fit_observed(self.network, self.X, self.y, self.timer.reference)
        self.timer.advance(fmean(epochs.seconds[1:]), epochs.references)


class PredictGRUOnFrames(_OnFrames):
    """Seconds for 1,000 series, ``batch_size`` at a time."""

    model = "gru"
    number, repeat, rounds, warmup_time = 1, (3, 10, 10.0), 2, 0.1

    def setup(self, n_frames: int, batch_size: int) -> None:
        X, _ = make_frames(common.N_REVIEWS, n_frames)
        network = fitted_network(self.model, n_frames)
        parts = [X[start : start + batch_size] for start in range(0, common.N_REVIEWS, batch_size)]
        self.parts = [partial(network.predict_proba, part) for part in parts]
        self.timer = clock.recurrence()

    def time_1000_series(self, n_frames: int, batch_size: int) -> None:
        self.timer.run(self.parts)
