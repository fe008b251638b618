"""Recurrent networks as classifiers of series, such as the frames of recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from bench.ragged import RaggedArray
from bench.series import Series

from .. import array_files
from ..base import Array, FloatArray, IntArray
from .backend import keras, tf
from .frame_runners import FrameRunner, make_frame_runner
from .network import Pooling, build_frame_network
from .runners import Implementation, Predictor
from .training import EpochTraining, batches_of_similar_length, check_at_least_one, compile_step, enough_epochs, split
from .variation import vary

MIN_STEPS = 1500
"""Without ``max_epochs`` so many steps of training are made."""
LENGTH_JITTER = 0.1
"""Lengths are scaled by up to this much before rows are sorted by them, so that batches differ from epoch to epoch."""


class RecurrentSeriesClassifier(EpochTraining, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """One recurrent layer over standardised frames, pooling over time, dropout, and a dense layer.

    Parameters, attributes and errors are those of :class:`SeriesGRUClassifier`.
    """

    _predictor: Predictor | None

    def __init__(
        self,
        units: int = 128,
        bidirectional: bool = True,
        pooling: Pooling = "mean_max",
        dropout: float = 0.5,
        noise: float = 0.2,
        offset: float = 0.2,
        stretch: float = 0.2,
        masked: float = 0.2,
        batch_size: int = 32,
        learning_rate: float = 5e-3,
        max_epochs: int | None = None,
        patience: int | None = None,
        validation_fraction: float = 0.1,
        implementation: Implementation = "auto",
        random_state: int = 0,
    ) -> None:
        self.units = units
        self.bidirectional = bidirectional
        self.pooling = pooling
        self.dropout = dropout
        self.noise = noise
        self.offset = offset
        self.stretch = stretch
        self.masked = masked
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.max_epochs = max_epochs
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.implementation = implementation
        self.random_state = random_state

    def _recurrent_layer(self, **options: Any) -> keras.layers.Layer:
        raise NotImplementedError

    def fit(self, X: Series, y: npt.ArrayLike) -> Self:
        """Learn from series and their labels."""
        codes = self._learn_classes(X, y)
        self.means_ = X.frames.values.mean(axis=0, dtype=np.float64)
        self.scales_ = np.maximum(X.frames.values.std(axis=0, dtype=np.float64), 1e-6)
        self._begin_training()
        self._build(X.n_channels)
        random = np.random.default_rng(self.random_state)
        training, validation = split(codes, self.validation_fraction, random)
        frames = self._standardise(X)
        learnt, learnt_codes = frames.take(training), codes[training].astype(np.float32)
        held_back, held_back_codes = frames.take(validation), codes[validation]

        n_batches = -(-len(training) // self.batch_size)
        max_epochs = enough_epochs(self.max_epochs, n_batches, MIN_STEPS)
        runner = make_frame_runner(self.network_, self.implementation)
        n_rows = runner.full_size(-(-len(training) // n_batches))
        train_step = self._compile(runner, n_rows, max_epochs * n_batches)
        varied = learnt

        def batches() -> Any:
            nonlocal varied
            varied = vary(learnt, self.noise, self.offset, self.stretch, self.masked, random)
            rows = np.arange(len(varied))
            return batches_of_similar_length(varied.lengths, rows, self.batch_size, random, LENGTH_JITTER)

        self._train(
            max_epochs,
            batches=batches,
            step=lambda rows: train_step(runner.pad(varied, rows, n_rows), learnt_codes[rows]),
            validate=lambda: _judge(runner.predictor()(held_back), held_back_codes),
        )
        return self

    def predict_proba(self, X: Series) -> FloatArray:
        """Probability of each class, shape (n_rows, n_classes)."""
        check_is_fitted(self, "network_")
        if len(X) == 0:
            return np.empty((0, len(self.classes_)))
        if self._predictor is None:
            self._predictor = make_frame_runner(self.network_, self.implementation).predictor()
        return self._predictor(self._standardise(X))

    def predict(self, X: Series) -> Array:
        """Return the most likely class of each series, shape (n_rows,)."""
        labels: Array = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return labels

    def save(self, path: str | Path) -> None:
        """Write the fitted model into a new folder, without pickle."""
        check_is_fitted(self, "network_")
        weights = {f"weight_{i}": weight for i, weight in enumerate(self.network_.get_weights())}
        arrays = {"classes_": self.classes_, "means_": self.means_, "scales_": self.scales_, **weights}
        array_files.write(Path(path), type(self).__name__, self.get_params(), arrays)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Return a model that ``save`` wrote. It predicts as before; what only described its training is not saved.

        Raises
        ------
        ValueError
            It is another model's, of a newer format, or damaged.
        OSError
            It cannot be read.
        """
        parameters, arrays = array_files.read(Path(path), cls.__name__)
        model = cls(**parameters)
        try:
            model.classes_, model.means_, model.scales_ = (arrays.pop(n) for n in ("classes_", "means_", "scales_"))
            model._build(len(model.means_))
            model.network_.set_weights([arrays[f"weight_{i}"] for i in range(len(arrays))])
        except KeyError as error:
            raise ValueError(f"{path} is damaged: it lacks {error}") from error
        return model

    def _learn_classes(self, X: Series, y: npt.ArrayLike) -> IntArray:
        """Set ``classes_`` and return each label's position in it."""
        labels = np.asarray(y)
        if labels.shape != (len(X),):
            raise ValueError(f"there are {len(X)} series, but the labels have shape {labels.shape}")
        check_at_least_one(self, "units", "batch_size", "max_epochs", "patience")
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"a classifier needs series of at least 2 classes, found {len(self.classes_)}")
        return codes.astype(np.int64)

    def _build(self, n_channels: int) -> None:
        self.network_ = build_frame_network(
            self._recurrent_layer,
            n_channels=n_channels,
            bidirectional=self.bidirectional,
            pooling=self.pooling,
            dropout=self.dropout,
            output=keras.layers.Dense(len(self.classes_), activation="softmax", name="output"),
        )
        self.n_parameters_ = int(self.network_.count_params())
        self._predictor = None

    def _standardise(self, X: Series) -> RaggedArray:
        values = (X.frames.values - self.means_) / self.scales_
        return RaggedArray(values.astype(np.float32), X.frames.offsets)

    def _compile(self, runner: FrameRunner, n_rows: int, n_steps: int) -> Any:
        loss_function = keras.losses.SparseCategoricalCrossentropy()

        def loss_of(batch: Any, codes: tf.Tensor) -> tf.Tensor:
            return loss_function(codes, runner.train(batch)[: tf.shape(codes)[0]])

        signature = [runner.signature(n_rows), tf.TensorSpec([None], tf.float32)]
        return compile_step(self.network_, loss_of, signature, learning_rate=self.learning_rate, n_steps=n_steps)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_predictor": None}  # a compiled function cannot be pickled


def _judge(probabilities: FloatArray, codes: IntArray) -> dict[str, float]:
    if len(codes) == 0:
        return {}
    of_label = np.maximum(probabilities[np.arange(len(codes)), codes], 1e-7)
    accuracy = np.mean(probabilities.argmax(axis=1) == codes)
    return {"validation_loss": float(-np.log(of_label).mean()), "validation_accuracy": float(accuracy)}


class SeriesGRUClassifier(RecurrentSeriesClassifier):
    """A gated recurrent unit over the frames of a series: GRU, pooling over time, dropout, a dense layer.

    The channels are standardised by their mean and standard deviation over all training frames. The network is trained
    with Adam on rows that are varied anew in every epoch (``variation.py``).

    A validation part of the training rows ranks the epochs, and the weights of the best epoch are used. Where every
    class has one row only, none can be spared, and the training loss takes its place.

    Parameters
    ----------
    units : int
        Numbers of the recurrent state, of each direction.
    bidirectional : bool
        A second layer reads the series from its end.
    pooling : {"last", "mean", "max", "mean_max"}
        What of the states goes on: the last one; or of each unit the mean, the maximum, or both, over all of them.
    dropout : float
        Part of the pooled units that a training step leaves out.
    noise : float
        Standard deviation of what is added to the standardised numbers in training.
    offset : float
        Standard deviation of what is added to all frames of a row in training, another number for each channel.
    stretch : float
        In training, each row is made longer or shorter by up to this part of its length.
    masked : float
        In training, up to this part of the frames of each row is hidden.
    batch_size : int
        Rows of a training step, at most.
    learning_rate : float
        Of Adam in the first step; it falls in a straight line to 0 at the end of the last epoch that is allowed.
    max_epochs : int, optional
        Without it as many as make 1,500 steps of training, at least 2.
    patience : int, optional
        Epochs without a lower validation loss after which training stops; without it all epochs are trained.
    validation_fraction : float
        Part of each class's training rows that is not trained on. A class of two rows or more always has one in it.
    implementation : {"auto", "loop", "keras"}
        What runs the recurrent layers: "loop" is the fast one of ``loop.py``, "keras" are Keras's own; "auto" is Keras
        where there is a GPU, else the loop.
    random_state : int
        Seed of the weights, the order, the variation, the dropout and the validation part.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
        The labels in sorted order: column k of the probabilities belongs to ``classes_[k]``.
    means_, scales_ : float64 array, shape (n_channels,)
    network_ : keras.Model
        Frames and marks to one probability per class: see :func:`.network.build_frame_network`.
    history_ : list of dict
        One entry per epoch, written as it ends: ``step``, ``steps``, ``seconds``, ``loss``, ``validation_loss``,
        ``validation_accuracy``.
    n_rows_seen_ : int
        Rows trained on so far, epochs counted.
    n_parameters_ : int

    Raises
    ------
    FloatingPointError
        The loss of a training step or of the validation part is not a finite number.
    ValueError
        There is one class only, labels and series do not pair up, or a parameter is out of range.

    References
    ----------
    K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine translation",
    EMNLP 2014: the unit. M. Schuster and K. Paliwal, "Bidirectional recurrent neural networks", IEEE Transactions on
    Signal Processing 45(11), 1997. D. S. Park et al., "SpecAugment", Interspeech 2019: the hidden frames.

    Examples
    --------
    >>> rising, falling = np.arange(8.0), np.arange(8.0)[::-1]
    >>> rows = [np.float32(row)[:n, None] for n in (5, 6, 7, 8) for row in (rising, falling)]
    >>> series, labels = Series(RaggedArray.from_rows(rows)), ["rises", "falls"] * 4
    >>> model = SeriesGRUClassifier(units=8, batch_size=8, max_epochs=30, learning_rate=0.05)
    >>> print(f"accuracy {model.fit(series, labels).score(series, labels):.2f}")
    accuracy 1.00
    """

    def _recurrent_layer(self, **options: Any) -> keras.layers.Layer:
        return keras.layers.GRU(self.units, **options)


class SeriesLSTMClassifier(RecurrentSeriesClassifier):
    """A long short-term memory in the place of the unit of :class:`SeriesGRUClassifier`, whose parameters it shares.

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997.
    """

    def _recurrent_layer(self, **options: Any) -> keras.layers.Layer:
        return keras.layers.LSTM(self.units, **options)
