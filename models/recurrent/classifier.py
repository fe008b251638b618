"""Recurrent networks as classifiers of texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from bench.corpus import Corpus, Ragged

from ..base import IntArray
from .backend import keras, tf
from .keras_classifier import KerasClassifier
from .network import EMBEDDING, Pooling, build_network
from .runners import Implementation, Precision, Predictor, Runner, make_runner
from .training import Step, batches_of_similar_length, compile_step, enough_epochs, split
from .word_vectors import word_vectors

MIN_STEPS = 75
"""Without ``max_epochs`` so many steps of training are made, if they are more than two epochs."""
LENGTH_JITTER = 0.03
"""Lengths are scaled by up to this much before texts are sorted by them, so that batches differ from epoch to epoch."""
VECTORS_SCALE = 0.4
"""Standard deviation of the word vectors that an embedding begins with."""

InitialEmbedding = Literal["cooccurrence", "random"]


class RecurrentClassifier(KerasClassifier):
    """Embedding, one recurrent layer, pooling over time, dropout, and a dense layer; trained with Adam.

    Parameters, attributes and errors are those of :class:`bench.models.recurrent.gru.GRUClassifier`.
    """

    def __init__(
        self,
        embedding_size: int = 128,
        initial_embedding: InitialEmbedding = "cooccurrence",
        units: int = 128,
        bidirectional: bool = False,
        pooling: Pooling = "max",
        dropout: float = 0.5,
        batch_size: int = 512,
        learning_rate: float = 2e-2,
        epsilon: float = 1e-6,
        max_epochs: int | None = None,
        patience: int = 3,
        validation_fraction: float = 0.05,
        max_length: int = 500,
        implementation: Implementation = "auto",
        precision: Precision = "float32",
        random_state: int = 0,
    ) -> None:
        self.embedding_size = embedding_size
        self.initial_embedding = initial_embedding
        self.units = units
        self.bidirectional = bidirectional
        self.pooling = pooling
        self.dropout = dropout
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.epsilon = epsilon
        self.max_epochs = max_epochs
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.max_length = max_length
        self.implementation = implementation
        self.precision = precision
        self.random_state = random_state

    def _recurrent_layer(self, **options: Any) -> keras.layers.Layer:
        raise NotImplementedError

    def _build(self, n_ids: int, n_outputs: int, activation: str) -> keras.Model:
        return build_network(
            self._recurrent_layer,
            n_ids=n_ids,
            embedding_size=self.embedding_size,
            bidirectional=self.bidirectional,
            pooling=self.pooling,
            dropout=self.dropout,
            output=keras.layers.Dense(n_outputs, activation=activation, name="output"),
        )

    def _make_runner(self) -> Runner:
        return make_runner(self.network_, self.max_length, self.implementation, self.precision)

    def _make_predictor(self) -> Predictor:
        return self._make_runner().predictor()

    def fit(self, X: Corpus, y: npt.ArrayLike) -> RecurrentClassifier:
        """Learn from texts and their labels."""
        self._check_at_least_one("embedding_size", "units", "batch_size", "patience", "max_length")
        if self.max_epochs is not None:
            self._check_at_least_one("max_epochs")
        targets = self._begin(X, y)
        self._begin_embedding(X)
        random = np.random.default_rng(self.random_state)
        training, validation = split(targets[:, 0], self.validation_fraction, random)
        held_back, held_back_codes = X.token_ids.take(validation), targets[validation, 0].astype(np.int64)
        n_batches = -(-len(training) // self.batch_size)
        max_epochs = enough_epochs(self.max_epochs, n_batches, MIN_STEPS)
        runner = self._make_runner()
        n_texts = runner.full_size(-(-len(training) // n_batches))
        train_step = self._compile(runner, n_texts, max_epochs * n_batches)
        latest: list[Predictor] = []

        def validate() -> dict[str, float]:
            latest[:] = [runner.predictor()]
            return self._validate(latest[0], held_back, held_back_codes)

        def keep() -> None:
            (self._predictor,) = latest

        self._train(
            max_epochs,
            batches=lambda: self._batches(X.token_ids, training, random),
            step=lambda rows: train_step(runner.pad(X.token_ids, rows, n_texts), targets[rows]),
            validate=validate,
            keep=keep,
        )
        return self

    def _begin_embedding(self, X: Corpus) -> None:
        if self.initial_embedding not in get_args(InitialEmbedding):
            known = ", ".join(map(repr, get_args(InitialEmbedding)))
            raise ValueError(f"initial_embedding is {self.initial_embedding!r}, expected {known}")
        if self.initial_embedding == "cooccurrence":
            layer = self.network_.get_layer(EMBEDDING)
            vectors = word_vectors(X.token_ids, len(X.vocabulary), self.embedding_size)
            layer.set_weights([layer.get_weights()[0] + VECTORS_SCALE * vectors])

    def _compile(self, runner: Runner, n_texts: int, n_steps: int) -> Step:
        """Return the function of a training step, which returns the loss of the first texts of a batch of n_texts."""
        loss_function = keras.losses.get(self._loss())

        def loss_of(ids: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
            outputs = runner.train(ids)[: tf.shape(targets)[0]]
            return tf.reduce_mean(loss_function(targets, outputs))

        signature = [runner.signature(n_texts), tf.TensorSpec([None, 1], tf.float32)]
        rates = {"learning_rate": self.learning_rate, "epsilon": self.epsilon}
        return compile_step(self.network_, loss_of, signature, n_steps=n_steps, **rates)

    def _batches(self, token_ids: Ragged, rows: IntArray, random: np.random.Generator) -> Iterator[IntArray]:
        lengths = np.minimum(token_ids.lengths[rows], self.max_length)
        return batches_of_similar_length(lengths, rows, self.batch_size, random, LENGTH_JITTER)

    def _validate(self, predictor: Predictor, token_ids: Ragged, codes: IntArray) -> dict[str, float]:
        if len(codes) == 0:
            return {}
        probabilities = self._probabilities(predictor(token_ids))
        of_label = np.maximum(probabilities[np.arange(len(codes)), codes], 1e-7)  # as Keras; a NaN stays one
        accuracy = np.mean(probabilities.argmax(axis=1) == codes)
        return {"validation_loss": float(-np.log(of_label).mean()), "validation_accuracy": float(accuracy)}
