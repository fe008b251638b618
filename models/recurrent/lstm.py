"""Long short-term memory."""

from __future__ import annotations

from typing import Any

from .backend import keras
from .classifier import RecurrentClassifier


class LSTMClassifier(RecurrentClassifier):
    """A long short-term memory over the words of a text.

    Parameters, attributes and errors are those of :class:`bench.models.recurrent.gru.GRUClassifier`.

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997. Keras's layer has the
    forget gate of F. A. Gers, J. Schmidhuber and F. Cummins, "Learning to forget", Neural Computation 12(10), 2000.
    """

    def _recurrent_layer(self, **options: Any) -> keras.layers.Layer:
        return keras.layers.LSTM(self.units, **options)
