"""What the recurrent networks share: ordinary Keras layers, batches of texts of similar length, early stopping."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from bench.corpus import PAD_ID, Corpus, Int32Array, Ragged

from .backend import keras, tf
from .base import Array, FloatArray, IntArray, TextClassifier
from .tokens import pad

Pooling = Literal["last", "mean_max"]

PREDICTED_AT_ONCE = 256
MIN_EPOCHS, MIN_STEPS = 2, 250
LENGTH_JITTER = 0.1
"""Lengths are scaled by up to this much before texts are sorted by them, so that batches differ from epoch to epoch."""


class KerasClassifier(TextClassifier):
    """A Keras network over padded token ids; what it needs before and after training.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    network_ : keras.Model
        Token ids, padded with 0, to one probability (two classes: of the second one) or one a class.
    history_ : list of dict
        One an epoch, written as it ends.
    n_rows_seen_ : int
        Texts presented to learning so far.
    n_parameters_ : int
    """

    random_state: int
    history_: list[dict[str, Any]]
    n_rows_seen_: int

    def _build(self, n_ids: int, n_outputs: int, activation: str) -> keras.Model:
        raise NotImplementedError

    def _pad(self, token_ids: Ragged, rows: IntArray) -> Int32Array:
        raise NotImplementedError

    def _begin(self, X: Corpus, y: npt.ArrayLike) -> FloatArray:
        """Everything before the first step of training. Returns the targets, shape (n_texts, 1)."""
        self._started = time.perf_counter()
        self.history_ = []
        self.n_rows_seen_ = 0
        codes = self._learn_classes(X, y)
        keras.backend.clear_session()  # drops what Keras keeps of earlier fits
        keras.utils.set_random_seed(self.random_state)
        self._infer: Any = None
        n_classes = len(self.classes_)
        self.network_ = self._build(len(X.vocabulary), *((1, "sigmoid") if n_classes == 2 else (n_classes, "softmax")))
        self.n_parameters_ = int(self.network_.count_params())
        return codes[:, None].astype(np.float32)

    def _loss(self) -> str:
        return "binary_crossentropy" if len(self.classes_) == 2 else "sparse_categorical_crossentropy"

    def _note_epoch(self, epoch: int, epochs: int, **figures: float) -> None:
        seconds = time.perf_counter() - self._started
        self.history_.append({"step": epoch, "steps": epochs, "seconds": seconds, **figures})

    def predict_proba(self, X: Corpus) -> FloatArray:
        """Probability of each class, shape (n_texts, n_classes)."""
        check_is_fitted(self, "network_")
        if self._infer is None:
            network = self.network_
            ids = tf.TensorSpec([None, None], tf.int32)
            self._infer = tf.function(lambda ids: network(ids, training=False), input_signature=[ids], autograph=False)
        output = np.empty((len(X), self.network_.output_shape[1]))
        by_length = np.argsort(X.token_ids.lengths, kind="stable")
        for i in range(0, len(X), PREDICTED_AT_ONCE):
            rows = by_length[i : i + PREDICTED_AT_ONCE]
            output[rows] = self._infer(self._pad(X.token_ids, rows))
        return np.hstack([1 - output, output]) if output.shape[1] == 1 else output

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_infer": None}  # a compiled function cannot be pickled


class RecurrentClassifier(KerasClassifier):
    """Embedding, one recurrent layer, pooling over time, dropout, and a dense layer; trained with Adam.

    A validation part of the training texts ranks the epochs: training stops when ``patience`` epochs brought no lower
    validation loss, and the weights of the best epoch are kept. Where every class has one text only, no text can be
    spared, and the training loss takes its place.

    Parameters
    ----------
    embedding_size : int
        Numbers a word.
    units : int
        Numbers of the recurrent state.
    pooling : {"last", "mean_max"}
        What of the states goes on: the last one, or mean and maximum of each unit over all of them.
    dropout : float
        Part of the embedding's numbers (the same for all words of a text) and of the pooled units that a training step
        leaves out.
    batch_size : int
        Texts of a training step, at most.
    learning_rate : float
        Of Adam in the first step; it falls in a straight line to 0 at the end of the last epoch that is allowed. Each
        weight's gradient is clipped to a norm of 1.
    max_epochs : int, optional
        Without it 2, or as many as make 250 steps of training, where the texts are few.
    patience : int
        Epochs without a lower validation loss after which training stops.
    validation_fraction : float
        Part of each class's training texts that is not trained on. A class of two texts or more always has one in it, a
        class of one never.
    max_length : int
        How many tokens of a text are read, the last ones.
    random_state : int
        Seed of the weights, the order, the dropout and the validation part.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    network_ : keras.Model
        Token ids, padded with 0 on the right, to one probability (two classes: of the second one) or one a class.
    history_ : list of dict
        One an epoch, written as it ends: ``step``, ``steps``, ``seconds``, ``loss``, ``validation_loss``,
        ``validation_accuracy``.
    n_rows_seen_ : int
        Texts trained on so far, epochs counted.
    n_parameters_ : int

    Raises
    ------
    FloatingPointError
        No epoch ended with a loss that is a finite number.
    ValueError
        No training text has a word, or a parameter is out of range.
    """

    def __init__(
        self,
        embedding_size: int = 128,
        units: int = 128,
        pooling: Pooling = "mean_max",
        dropout: float = 0.2,
        batch_size: int = 128,
        learning_rate: float = 4e-3,
        max_epochs: int | None = None,
        patience: int = 3,
        validation_fraction: float = 0.1,
        max_length: int = 500,
        random_state: int = 0,
    ) -> None:
        self.embedding_size = embedding_size
        self.units = units
        self.pooling = pooling
        self.dropout = dropout
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.max_epochs = max_epochs
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.max_length = max_length
        self.random_state = random_state

    def _recurrent_layer(self) -> keras.layers.Layer:
        raise NotImplementedError

    def _build(self, n_ids: int, n_outputs: int, activation: str) -> keras.Model:
        ids = keras.Input((None,), dtype="int32")
        words = keras.layers.Embedding(n_ids, self.embedding_size)(ids)
        states = self._recurrent_layer()(keras.layers.SpatialDropout1D(self.dropout)(words))
        pooled = keras.layers.Dropout(self.dropout)(PoolStates(self.pooling)(states, ids))
        return keras.Model(ids, keras.layers.Dense(n_outputs, activation=activation)(pooled))

    def _pad(self, token_ids: Ragged, rows: IntArray) -> Int32Array:
        return pad(token_ids, rows, self.max_length)

    def fit(self, X: Corpus, y: npt.ArrayLike) -> RecurrentClassifier:
        """Learn from texts and their labels."""
        self._check_at_least_one("embedding_size", "units", "batch_size", "patience", "max_length")
        if self.max_epochs is not None:
            self._check_at_least_one("max_epochs")
        targets = self._begin(X, y)
        random = np.random.default_rng(self.random_state)
        training, validation = split(targets[:, 0], self.validation_fraction, random)
        held_back, held_back_codes = X.take(validation), targets[validation, 0].astype(np.int64)
        n_batches = -(-len(training) // self.batch_size)
        max_epochs = self.max_epochs or max(MIN_EPOCHS, -(-MIN_STEPS // n_batches))
        train_step = self._compile(max_epochs * n_batches)

        best_loss, best_epoch, best_weights = np.inf, 0, None
        for epoch in range(1, max_epochs + 1):
            total = 0.0
            for rows in self._batches(X.token_ids, training, random):
                total += len(rows) * float(train_step(self._pad(X.token_ids, rows), targets[rows]))
                self.n_rows_seen_ += len(rows)
            figures = {"loss": total / len(training), **self._validate(held_back, held_back_codes)}
            self._note_epoch(epoch, max_epochs, **figures)
            loss = figures.get("validation_loss", figures["loss"])
            if np.isfinite(loss) and loss < best_loss:
                best_loss, best_epoch, best_weights = loss, epoch, self.network_.get_weights()
            elif epoch - best_epoch >= self.patience:
                break
        if best_weights is None:
            raise FloatingPointError(
                f"training diverged: no finite loss in {epoch} epochs; try a learning_rate below {self.learning_rate}"
            )
        self.network_.set_weights(best_weights)
        return self

    def _compile(self, n_steps: int) -> Callable[[Int32Array, Array], Any]:
        """The function of a training step, which returns the loss; one program for all numbers of rows and columns."""
        network = self.network_
        loss_function = keras.losses.get(self._loss())
        falling_rate = keras.optimizers.schedules.PolynomialDecay(self.learning_rate, n_steps, end_learning_rate=0.0)
        optimizer = keras.optimizers.Adam(falling_rate, clipnorm=1.0)
        optimizer.build(network.trainable_variables)

        signature = [tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None, 1], tf.float32)]

        @tf.function(input_signature=signature, autograph=False)  # type: ignore[untyped-decorator]
        def train_step(ids: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(loss_function(targets, network(ids, training=True)))
            weights = network.trainable_variables
            optimizer.apply(tape.gradient(loss, weights), weights)
            return loss

        return train_step  # type: ignore[no-any-return]

    def _batches(self, token_ids: Ragged, rows: IntArray, random: np.random.Generator) -> Iterator[IntArray]:
        """All rows, those of similar length together, since a batch is as wide as its longest row."""
        lengths = np.minimum(token_ids.lengths[rows], self.max_length)
        jittered = lengths * random.uniform(1 - LENGTH_JITTER, 1 + LENGTH_JITTER, len(rows))
        batches = np.array_split(rows[np.argsort(jittered)], -(-len(rows) // self.batch_size))
        return (batches[i] for i in random.permutation(len(batches)))

    def _validate(self, X: Corpus, codes: IntArray) -> dict[str, float]:
        if len(X) == 0:
            return {}
        probabilities = self.predict_proba(X)
        of_label = np.maximum(probabilities[np.arange(len(X)), codes], 1e-7)  # as Keras; a NaN stays one
        accuracy = np.mean(probabilities.argmax(axis=1) == codes)
        return {"validation_loss": float(-np.log(of_label).mean()), "validation_accuracy": float(accuracy)}


@keras.saving.register_keras_serializable(package="bench")
class PoolStates(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
    """Recurrent states over time to one vector a text; padding on the right is left out.

    Parameters
    ----------
    pooling : {"last", "mean_max"}
    """

    def __init__(self, pooling: Pooling, **options: Any) -> None:
        super().__init__(**options)
        if pooling not in ("last", "mean_max"):
            raise ValueError(f"pooling is {pooling!r}, expected 'last' or 'mean_max'")
        self.pooling = pooling

    def call(self, states: Any, ids: Any) -> Any:
        """States, shape (rows, columns, units), and ids, shape (rows, columns), to shape (rows, units or 2 * units)."""
        ops = keras.ops
        is_real = ops.not_equal(ids, PAD_ID)[..., None]
        n_real = ops.sum(ops.cast(is_real, "int32"), axis=1)
        if self.pooling == "last":
            return ops.take_along_axis(states, ops.maximum(n_real - 1, 0)[:, None], axis=1)[:, 0]
        mean = ops.sum(ops.where(is_real, states, 0.0), axis=1) / ops.cast(ops.maximum(n_real, 1), states.dtype)
        maximum = ops.max(ops.where(is_real, states, -1.0), axis=1)  # no state is below -1
        return ops.concatenate([mean, maximum], axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "pooling": self.pooling}


def split(codes: Array, fraction: float, random: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Row numbers to train on and to validate on, each class in both in the same proportions.

    Whatever the fraction, a class of two rows or more has a row in both parts, a class of one row is only trained on.
    """
    if not 0 < fraction < 1:
        raise ValueError(f"validation_fraction is {fraction}, expected a number between 0 and 1")
    validation = []
    for code in np.unique(codes):
        rows = random.permutation(np.flatnonzero(codes == code))
        n_held_back = min(max(1, round(fraction * len(rows))), len(rows) - 1)
        validation.append(rows[:n_held_back])
    held_back = np.sort(np.concatenate(validation))
    return np.setdiff1d(np.arange(len(codes)), held_back), held_back
