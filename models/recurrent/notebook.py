"""The notebook's GRU: the recipe that the other networks are measured against."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from bench.corpus import Corpus, Int32Array, Ragged

from ..base import FloatArray
from ..id_arrays import pad
from .backend import keras
from .keras_classifier import KerasClassifier
from .network import EMBEDDING
from .runners import Predictor


class NotebookGRUClassifier(KerasClassifier):
    """The notebook's GRU to the letter: the recipe that the others are measured against.

    Embedding(128), GRU(128, dropout=0.2, recurrent_dropout=0.2), Dense; Adam; 5 epochs of batches of 32 over all
    training texts in random order; the last 500 ids, padded with 0 on the left, which is not masked. There is no
    validation part: the weights after the last epoch count. It predicts by Keras's ``predict``, in batches of 32.

    Parameters
    ----------
    random_state : int
        Seed of the weights, the order and the dropout.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    network_ : keras.Model
    history_ : list of dict
        One per epoch, written as it ends: ``step``, ``steps``, ``seconds``, ``loss``.
    n_rows_seen_ : int
        Texts trained on so far, epochs counted.
    n_parameters_ : int

    Raises
    ------
    FloatingPointError
        The loss of an epoch is not a finite number.
    ValueError
        No training text has a word.
    """

    LENGTH = 500
    EPOCHS = 5
    BATCH_SIZE = 32

    def __init__(self, random_state: int = 0) -> None:
        self.random_state = random_state

    def _build(self, n_ids: int, n_outputs: int, activation: str) -> keras.Model:
        layers = [
            keras.layers.Embedding(n_ids, 128, name=EMBEDDING),
            keras.layers.GRU(128, dropout=0.2, recurrent_dropout=0.2),
            keras.layers.Dense(n_outputs, activation=activation),
        ]
        return keras.Sequential([keras.Input((self.LENGTH,), dtype="int32"), *layers])

    def _make_predictor(self) -> Predictor:
        def predict(token_ids: Ragged) -> FloatArray:
            padded = self._pad(token_ids)
            output: FloatArray = self.network_.predict(padded, batch_size=self.BATCH_SIZE, verbose=0).astype(np.float64)
            return output

        return predict

    def _pad(self, token_ids: Ragged) -> Int32Array:
        return pad(token_ids, np.arange(len(token_ids)), self.LENGTH, width=self.LENGTH)

    def fit(self, X: Corpus, y: npt.ArrayLike) -> NotebookGRUClassifier:
        """Learn from texts and their labels."""
        targets = self._begin(X, y)
        padded = self._pad(X.token_ids)
        self.network_.compile(optimizer="adam", loss=self._loss(), jit_compile=False)
        self.network_.fit(
            padded,
            targets,
            batch_size=self.BATCH_SIZE,
            epochs=self.EPOCHS,
            verbose=0,
            callbacks=[_HistoryCallback(self, len(X))],
        )
        return self


class _HistoryCallback(keras.callbacks.Callback):  # type: ignore[misc] # Keras has no types
    """Writes down what Keras's own training loop does."""

    def __init__(self, classifier: NotebookGRUClassifier, n_rows: int) -> None:
        super().__init__()
        self._classifier = classifier
        self._n_rows = n_rows

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        size = self._classifier.BATCH_SIZE
        self._classifier.n_rows_seen_ += min(size, self._n_rows - batch * size)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        loss = float(logs["loss"])
        if not np.isfinite(loss):
            raise FloatingPointError(f"diverged in epoch {epoch + 1}: the loss is {loss}")
        self._classifier._note_epoch(epoch + 1, self._classifier.EPOCHS, loss=loss)
