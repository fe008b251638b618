"""Recurrent networks that forecast time series."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Self, TypeAlias

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from bench.histories import Histories

from ..base import FloatArray, IntArray
from .backend import keras, tf
from .quantile_network import QUANTILES, build_quantile_network, compile_quantiles, quantile_loss
from .training import EpochTraining, check_at_least_one, compile_step, enough_epochs
from .windows import Windows, cut_windows, seasonal_naive, seasonal_scale

LENGTHS = (8, 24, 72)
"""Values of a window, where the model may choose."""
MIN_WINDOWS = 10
"""A length that leaves fewer windows to train on is not tried."""
MIN_STEPS = 600
"""Without ``max_epochs`` so many steps of training are allowed."""

Run: TypeAlias = Callable[[Windows], FloatArray]


class RecurrentForecaster(EpochTraining, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """A recurrent layer over a window of the past, and a dense layer to the quantiles of the next values.

    Parameters, attributes and errors are those of :class:`GRUForecaster`.
    """

    def __init__(
        self,
        units: int = 32,
        hidden: int = 64,
        length: int | None = None,
        dropout: float = 0.2,
        n_networks: int = 3,
        batch_size: int = 128,
        learning_rate: float = 1e-2,
        max_epochs: int | None = None,
        patience: int | None = 10,
        validation_fraction: float = 0.2,
        random_state: int = 0,
    ) -> None:
        self.units = units
        self.hidden = hidden
        self.length = length
        self.dropout = dropout
        self.n_networks = n_networks
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.max_epochs = max_epochs
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.random_state = random_state

    def _recurrent_layer(self, **options: Any) -> keras.layers.Layer:
        raise NotImplementedError

    def fit(self, X: Histories, y: None = None) -> Self:
        """Learn from the pasts of series, one row each."""
        names = ("units", "hidden", "length", "n_networks", "batch_size", "max_epochs", "patience")
        check_at_least_one(self, *names)
        if not 0 < self.validation_fraction < 1:
            raise ValueError(f"validation_fraction is {self.validation_fraction}, expected a number between 0 and 1")
        self.horizon_, self.season_length_ = X.horizon, X.season_length
        self.scales_ = {int(k): seasonal_scale(past, X.season_length) for k, past in zip(X.series, X, strict=True)}
        self._begin_training()
        trials = [self._try(X, length) for length in self._lengths(X)]
        best = min(trials, key=lambda trial: trial.loss)
        self.length_, self.widening_ = best.length, best.widening
        every = self._cut(X, best.length, 0, None)
        self.networks_ = [self._train_network(every, best.epochs, seed)[0] for seed in range(1, self.n_networks + 1)]
        self._runs: list[Run] | None = None
        self.n_parameters_ = sum(int(network.count_params()) for network in self.networks_)
        del self.network_
        return self

    def predict_interval(self, X: Histories) -> FloatArray:
        """Lower end of the 95 % interval, median, and upper end of each future value.

        Returns
        -------
        array, shape (n_rows, horizon, 3)
        """
        check_is_fitted(self, "networks_")
        if self._runs is None:
            self._runs = [compile_quantiles(network) for network in self.networks_]
        forecasts = np.empty((len(X), self.horizon_, len(QUANTILES)))
        for row, (series, past) in enumerate(zip(X.series, X, strict=True)):
            scale, end = self._scale(int(series), past), np.array([len(past)])
            windows = cut_windows(past, end, self.length_, self.horizon_, self.season_length_, scale)
            of_networks = [run(windows) for run in self._runs]
            scaled = np.mean(of_networks, axis=0)[0] + self.widening_ * np.array([-1, 0, 1])
            naive = seasonal_naive(past, end, self.horizon_, self.season_length_)
            forecasts[row] = naive[0][:, None] + scale * scaled
        return forecasts

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_runs": None}  # a compiled function cannot be pickled

    def _scale(self, series: int, past: FloatArray) -> float:
        if series not in self.scales_:
            raise ValueError(f"there was no series {series} to learn from, only {', '.join(map(str, self.scales_))}")
        if len(past) < self.length_ + self.season_length_:
            raise ValueError(
                f"a past of series {series} has {len(past)} values, "
                f"expected {self.length_ + self.season_length_} or more"
            )
        return self.scales_[series]

    def _lengths(self, X: Histories) -> list[int]:
        """Window lengths to try: those that leave enough windows, or else the shortest."""
        if self.length is not None:
            return [self.length]
        longest = int(X.lengths.max())
        rest = longest - _n_held_back(longest, X.horizon, self.validation_fraction) - X.season_length - X.horizon
        return [length for length in LENGTHS if rest - length >= MIN_WINDOWS] or [max(2, min(LENGTHS[0], rest // 2))]

    def _try(self, X: Histories, length: int) -> _Trial:
        """Train on the earlier part of each past, and judge by the later one."""
        earlier = self._cut(X, length, 0, 1)
        later = self._cut(X, length, 1, None)
        _, run = self._train_network(earlier, None, 0, later)
        best = min(self.history_[-self._n_epochs :], key=lambda entry: entry["validation_loss"])
        low, _, high = np.moveaxis(run(later), 2, 0)
        outside = np.maximum(low - later.targets, later.targets - high)
        return _Trial(length, best["validation_loss"], best["step"], max(0.0, float(np.quantile(outside, 0.95))))

    def _cut(self, X: Histories, length: int, first: int, last: int | None) -> Windows:
        """Windows of all series whose targets lie in part 0, the earlier, or part 1, the later, of the past."""
        parts = []
        for series, past in zip(X.series, X, strict=True):
            n_held_back = _n_held_back(len(past), X.horizon, self.validation_fraction)
            start = length + X.season_length
            bounds = [start, max(start, len(past) - n_held_back)]
            stop = len(past) if last is None else bounds[last]
            ends = np.arange(bounds[first], stop - X.horizon + 1)
            scale = self.scales_[int(series)]
            parts.append(cut_windows(past, ends, length, X.horizon, X.season_length, scale))
        windows = Windows(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
        if len(windows.targets) == 0:
            raise ValueError(
                f"the longest past has {X.lengths.max()} values: too few for windows of {length}, a season of "
                f"{X.season_length} and a horizon of {X.horizon}"
            )
        return windows

    def _train_network(
        self, windows: Windows, epochs: int | None, seed: int, held_back: Windows | None = None
    ) -> tuple[keras.Model, Run]:
        """Return a network trained up to its best epoch, or for a number of epochs, and what runs it."""
        n_rows = len(windows.targets)
        batch_size = min(self.batch_size, n_rows)
        n_batches = n_rows // batch_size
        max_epochs = enough_epochs(self.max_epochs, n_batches, MIN_STEPS)
        random = np.random.default_rng([self.random_state, seed])
        keras.utils.set_random_seed(int(random.integers(2**31)))
        self.network_ = network = build_quantile_network(
            self._recurrent_layer(), windows, hidden=self.hidden, dropout=self.dropout
        )
        train_step = self._compile(batch_size, windows, max_epochs * n_batches)
        run = compile_quantiles(network)

        def batches() -> Iterator[IntArray]:
            order = random.permutation(n_rows)
            return (order[i * batch_size : (i + 1) * batch_size] for i in range(n_batches))

        def validate() -> dict[str, float]:
            return (
                {}
                if held_back is None
                else {"validation_loss": float(quantile_loss(held_back.targets, run(held_back)))}
            )

        before = len(self.history_)
        self._train(
            epochs or max_epochs,
            batches=batches,
            step=lambda rows: train_step(*(part[rows] for part in windows)),
            validate=validate,
        )
        self._n_epochs = len(self.history_) - before
        return network, run

    def _compile(self, batch_size: int, windows: Windows, n_steps: int) -> Any:
        network = self.network_

        def loss_of(steps: tf.Tensor, seasons: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
            return quantile_loss(targets, network([steps, seasons], training=True))

        signature = [tf.TensorSpec([batch_size, *part.shape[1:]], tf.float32) for part in windows]
        return compile_step(network, loss_of, signature, learning_rate=self.learning_rate, n_steps=n_steps)


class _Trial(NamedTuple):
    """What a window length was worth."""

    length: int
    loss: float
    epochs: int
    widening: float


def _n_held_back(n_values: int, horizon: int, fraction: float) -> int:
    return max(horizon + 1, round(fraction * n_values))


class GRUForecaster(RecurrentForecaster):
    """A gated recurrent unit over a window of the past that corrects the seasonal naive forecast.

    Each step of a window gives two numbers: the value less the last one of the window, and less the value one season
    before it; both divided by the mean absolute seasonal difference of the series in training. The last state, the
    seasonal naive forecast and the mean of the last eight seasons go through a hidden layer, then a dense layer gives
    three quantiles (.025, .5, .975) of the difference between each future value and its seasonal naive forecast.
    Training minimises the quantile loss with Adam.

    The last part of each training past ranks window lengths and epochs: training stops when ``patience`` epochs brought
    no lower loss there. The intervals are widened by as much as makes 95 % of these values lie inside. Then some
    networks are trained on the whole past, with the best length and number of epochs, and their mean is the forecast.

    Parameters
    ----------
    units : int
        Numbers of the recurrent state.
    hidden : int
        Numbers of the hidden layer.
    length : int, optional
        Values of a window. Without it 8, 24 or 72, whatever is best.
    dropout : float
        Part of the hidden layer that a training step leaves out.
    n_networks : int
        Networks whose mean is the forecast.
    batch_size : int
        Windows of a training step, at most.
    learning_rate : float
        Of Adam in the first step; it falls in a straight line to 0 at the end of the last epoch that is allowed.
    max_epochs : int, optional
        Without it as many as make 600 steps of training, at least 2.
    patience : int, optional
        Epochs without a lower loss after which training stops; without it all epochs are trained.
    validation_fraction : float
        Part of each past that ranks lengths and epochs; at least one value more than the horizon.
    random_state : int
        Seed of the weights, the order and the dropout.

    Attributes
    ----------
    length_ : int
        The chosen length.
    widening_ : float
        What the intervals are widened by at each end, over the scale of the series.
    scales_ : dict of int to float
        Mean absolute seasonal difference of each series.
    networks_ : list of keras.Model
    history_ : list of dict
        One entry per epoch of each network, one network after the other: ``step``, ``steps``, ``seconds``, ``loss``,
        and ``validation_loss`` while lengths are compared.
    n_rows_seen_ : int
        Windows trained on so far, epochs counted.
    n_parameters_ : int
        Of all networks whose mean is the forecast.

    Raises
    ------
    FloatingPointError
        A loss is not a finite number.
    ValueError
        The pasts are too short for one window, or a parameter is out of range.

    References
    ----------
    K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine translation",
    EMNLP 2014: the unit. R. Wen et al., "A multi-horizon quantile recurrent forecaster", NIPS 2017 time series
    workshop: quantiles of all steps at once. Y. Romano, E. Patterson and E. Candès, "Conformalized quantile
    regression", NeurIPS 2019: the widening.

    Examples
    --------
    >>> from bench.ragged import RaggedArray
    >>> wave = np.sin(np.arange(80) * np.pi / 6)
    >>> training, later = (Histories(RaggedArray.from_rows([wave[:n]]), [0], 3, 1) for n in (60, 77))
    >>> model = GRUForecaster(units=8, length=12, n_networks=1, max_epochs=60).fit(training)
    >>> error = np.abs(model.predict_interval(later)[0, :, 1] - wave[77:]).mean() / model.scales_[0]
    >>> print(f"MASE below one half: {error < 0.5}")
    MASE below one half: True
    """

    def _recurrent_layer(self, **options: Any) -> keras.layers.Layer:
        return keras.layers.GRU(self.units, **options)


class LSTMForecaster(RecurrentForecaster):
    """A long short-term memory in the place of the unit of :class:`GRUForecaster`, whose parameters it shares.

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997.
    """

    def _recurrent_layer(self, **options: Any) -> keras.layers.Layer:
        return keras.layers.LSTM(self.units, **options)
