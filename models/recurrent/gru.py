"""Gated recurrent units."""

from __future__ import annotations

from typing import Any

from .backend import keras
from .classifier import RecurrentClassifier


class GRUClassifier(RecurrentClassifier):
    """A gated recurrent unit over the words of a text. Parameters and attributes: see RecurrentClassifier.

    Keras's layer applies the reset gate after the recurrent product (``reset_after=True``), as cuDNN does; the paper
    applies it before.

    References
    ----------
    K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine translation",
    EMNLP 2014: the unit (eqs. 5 to 8).
    """

    def _recurrent_layer(self, **options: Any) -> keras.layers.Layer:
        return keras.layers.GRU(self.units, **options)
