"""Recurrent networks that predict the next event, such as the next notes of a piece of music."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from bench.events import Events

from .. import array_files
from ..base import FloatArray
from .backend import keras, tf
from .event_network import build_event_network
from .pieces import batches_of_pieces, pad_pieces, split_pieces
from .training import EpochTraining, batches_of_similar_length, check_at_least_one, compile_step, enough_epochs

MIN_STEPS = 2400
"""Without ``max_epochs`` so many steps of training are allowed."""
LENGTH_JITTER = 0.1


class RecurrentEventModel(EpochTraining, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """A recurrent layer over the steps of a piece, and a small network that gives a step's tokens one after another.

    Parameters, attributes and errors are those of :class:`GRUEventModel`.
    """

    def __init__(
        self,
        units: int = 256,
        embedding_size: int = 32,
        hidden: int = 128,
        input_dropout: float = 0.2,
        dropout: float = 0.5,
        batch_size: int = 32,
        learning_rate: float = 4e-3,
        max_epochs: int | None = None,
        patience: int | None = None,
        validation_fraction: float = 0.1,
        random_state: int = 0,
    ) -> None:
        self.units = units
        self.embedding_size = embedding_size
        self.hidden = hidden
        self.input_dropout = input_dropout
        self.dropout = dropout
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.max_epochs = max_epochs
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.random_state = random_state

    def _recurrent_layer(self, **options: Any) -> keras.layers.Layer:
        raise NotImplementedError

    def fit(self, X: Events, y: None = None) -> Self:
        """Learn from pieces."""
        check_at_least_one(self, "units", "embedding_size", "hidden", "batch_size", "max_epochs", "patience")
        if not X.n_steps.any():
            raise ValueError("no steps to learn from: none of the training pieces has a whole step")
        self._begin_training()
        self._build(X.width, X.n_symbols)
        random = np.random.default_rng(self.random_state)
        training, validation = split_pieces(X, self.validation_fraction, random)
        n_batches = -(-len(training) // self.batch_size)
        max_epochs = enough_epochs(self.max_epochs, n_batches, MIN_STEPS)
        train_step = self._compile(max_epochs * n_batches)
        held_back = X.take(validation)
        lengths = X.lengths[training]
        self._train(
            max_epochs,
            batches=lambda: batches_of_similar_length(lengths, training, self.batch_size, random, LENGTH_JITTER),
            step=lambda rows: train_step(*pad_pieces(X, rows)),
            validate=lambda: self._judge(held_back),
        )
        return self

    def token_log_probabilities(self, X: Events) -> FloatArray:
        """Logarithm of the probability of each token, given all tokens of its piece before it.

        Returns
        -------
        array, shape (n_tokens,)
            Natural logarithms, in the order of ``X.tokens.values``.
        """
        self._check_kind(X)
        log_probabilities, _ = self._run()
        logs = np.empty(len(X.tokens.values))
        for rows in batches_of_pieces(X):
            tokens, lengths = pad_pieces(X, rows)
            of_batch = log_probabilities(tokens).numpy().reshape(len(rows), -1)
            for i, row in enumerate(rows):
                start = X.tokens.offsets[row]
                logs[start : start + lengths[i]] = of_batch[i, : lengths[i]]
        return logs

    def next_probabilities(self, X: Events) -> FloatArray:
        """Probability of each symbol as the token after each piece, shape (n_pieces, n_symbols)."""
        self._check_kind(X)
        _, next_probabilities = self._run()
        probabilities = np.empty((len(X), self.n_symbols_))
        for rows in batches_of_pieces(X):
            tokens, lengths = pad_pieces(X, rows, n_more=1)
            of_batch = next_probabilities(tokens, lengths).numpy().astype(np.float64)
            probabilities[rows] = of_batch / of_batch.sum(axis=1, keepdims=True)
        return probabilities

    def save(self, path: str | Path) -> None:
        """Write the fitted model into a new folder, without pickle."""
        check_is_fitted(self, "network_")
        weights = {f"weight_{i}": weight for i, weight in enumerate(self.network_.get_weights())}
        kind = np.array([self.width_, self.n_symbols_])
        array_files.write(Path(path), type(self).__name__, self.get_params(), {"kind": kind, **weights})

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
            model._build(*arrays.pop("kind").tolist())
            model.network_.set_weights([arrays[f"weight_{i}"] for i in range(len(arrays))])
        except KeyError as error:
            raise ValueError(f"{path} is damaged: it lacks {error}") from error
        return model

    def _build(self, width: int, n_symbols: int) -> None:
        self.width_, self.n_symbols_ = width, n_symbols
        self.network_ = build_event_network(
            self._recurrent_layer,
            width=width,
            n_symbols=n_symbols,
            embedding_size=self.embedding_size,
            hidden=self.hidden,
            input_dropout=self.input_dropout,
            dropout=self.dropout,
        )
        self.n_parameters_ = int(self.network_.count_params())
        self._programs: tuple[Any, Any] | None = None

    def _run(self) -> tuple[Any, Any]:
        """Return what computes the logarithms of the probabilities of tokens, and the probabilities of the next one."""
        if self._programs is None:
            self._programs = _compile_predictions(self.network_, self.width_, self.n_symbols_)
        return self._programs

    def _compile(self, n_steps: int) -> Any:
        network = self.network_

        def loss_of(tokens: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
            surprise = tf.reshape(_surprise(tokens, network(tokens, training=True)), [tf.shape(tokens)[0], -1])
            is_real = tf.sequence_mask(lengths, tf.shape(surprise)[1], tf.float32)
            return tf.reduce_sum(surprise * is_real) / tf.reduce_sum(is_real) * self.width_

        signature = [tf.TensorSpec([None, None, self.width_], tf.int32), tf.TensorSpec([None], tf.int32)]
        return compile_step(network, loss_of, signature, learning_rate=self.learning_rate, n_steps=n_steps)

    def _judge(self, X: Events) -> dict[str, float]:
        if len(X.tokens.values) == 0:
            return {}
        return {"validation_loss": -self.width_ * float(self.token_log_probabilities(X).mean())}

    def _check_kind(self, X: Events) -> None:
        check_is_fitted(self, "network_")
        if (X.width, X.n_symbols) != (self.width_, self.n_symbols_):
            raise ValueError(
                f"the pieces have {X.width} tokens per step of {X.n_symbols} symbols, those learnt from "
                f"{self.width_} of {self.n_symbols_}"
            )

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_programs": None}  # a compiled function cannot be pickled


def _compile_predictions(network: keras.Model, width: int, n_symbols: int) -> tuple[Any, Any]:
    tokens_of_batch = tf.TensorSpec([None, None, width], tf.int32)

    @tf.function(input_signature=[tokens_of_batch], autograph=False)  # type: ignore[untyped-decorator]
    def log_probabilities(tokens: tf.Tensor) -> tf.Tensor:
        return -_surprise(tokens, network(tokens, training=False))

    @tf.function(input_signature=[tokens_of_batch, tf.TensorSpec([None], tf.int32)], autograph=False)  # type: ignore[untyped-decorator]
    def next_probabilities(tokens: tf.Tensor, positions: tf.Tensor) -> tf.Tensor:
        logits = tf.reshape(network(tokens, training=False), [tf.shape(tokens)[0], -1, n_symbols])
        return tf.nn.softmax(tf.gather(logits, positions, batch_dims=1))

    return log_probabilities, next_probabilities


def _surprise(tokens: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Negative log probability of each token; shape (n_rows, n_steps, width)."""
    return tf.nn.sparse_softmax_cross_entropy_with_logits(tokens, logits)


class GRUEventModel(RecurrentEventModel):
    """A gated recurrent unit over the steps of a piece that predicts the tokens of the next step one after another.

    The state after a step has read all steps up to it, each as the embeddings of its tokens. Of the next step, the
    k-th token is predicted by a small dense network of its own, which sees the state, the step before, and the tokens
    before the k-th. The network is trained with Adam.

    A validation part of the pieces ranks the epochs, and the weights of the best epoch are used. Training rows may be
    transpositions of each other, that is, have the same intervals between all tokens but rests (token 0); these are
    kept on one side of the division.

    Parameters
    ----------
    units : int
        Numbers of the recurrent state.
    embedding_size : int
        Numbers per token.
    hidden : int
        Numbers of the hidden layer of each of a step's tokens.
    input_dropout : float
        Part of what the recurrent layer reads that a training step leaves out.
    dropout : float
        Part of the states and of the hidden layers that a training step leaves out.
    batch_size : int
        Pieces of a training step, at most.
    learning_rate : float
        Of Adam in the first step; it falls in a straight line to 0 at the end of the last epoch that is allowed.
    max_epochs : int, optional
        Without it as many as make 2,400 steps of training, at least 2.
    patience : int, optional
        Epochs without a lower validation loss after which training stops; without it all epochs are trained.
    validation_fraction : float
        Part of the pieces that is not trained on; of two pieces or more always one.
    random_state : int
        Seed of the weights, the order, the dropout and the validation part.

    Attributes
    ----------
    network_ : keras.Model
        Tokens, shape (n_rows, n_steps, width), to the logits of each.
    history_ : list of dict
        One entry per epoch, written as it ends: ``step``, ``steps``, ``seconds``, ``loss``, ``validation_loss``, both
        in nats per step.
    n_rows_seen_ : int
        Pieces trained on so far, epochs counted.
    n_parameters_ : int

    Raises
    ------
    FloatingPointError
        The loss of a training step or of the validation part is not a finite number.
    ValueError
        No training piece has a whole step, or a parameter is out of range.

    References
    ----------
    K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine translation",
    EMNLP 2014: the unit. J. Chung et al., "Empirical evaluation of gated recurrent neural networks on sequence
    modeling", 2014: the unit as a model of chorales, of which it predicts all voices at once. H. Larochelle and
    I. Murray, "The neural autoregressive distribution estimator", AISTATS 2011: one token after another.

    Examples
    --------
    >>> from bench.ragged import Ragged
    >>> scale = Events(Ragged.from_rows([[1, 3, 2, 4, 3, 1] * 4, [2, 4, 3, 1, 1, 3] * 4]), width=2, n_symbols=5)
    >>> model = GRUEventModel(units=16, hidden=16, dropout=0, max_epochs=40, learning_rate=0.02, random_state=1)
    >>> nats = -model.fit(scale).token_log_probabilities(scale).sum() / scale.n_steps.sum()
    >>> print(f"{nats:.0f} nats per step")
    0 nats per step
    """

    def _recurrent_layer(self, **options: Any) -> keras.layers.Layer:
        return keras.layers.GRU(self.units, **options)


class LSTMEventModel(RecurrentEventModel):
    """A long short-term memory in the place of the unit of :class:`GRUEventModel`, whose parameters it shares.

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997.
    """

    def _recurrent_layer(self, **options: Any) -> keras.layers.Layer:
        return keras.layers.LSTM(self.units, **options)
