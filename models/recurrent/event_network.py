"""The network of the recurrent models of events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .backend import keras


def build_event_network(
    recurrent_layer: Callable[..., keras.layers.Layer],
    *,
    width: int,
    n_symbols: int,
    embedding_size: int,
    hidden: int,
    input_dropout: float,
    dropout: float,
) -> keras.Model:
    """Embeddings of the step before, a recurrent layer over the steps, and a hidden layer for each token of a step.

    The layer of the k-th token sees the state, the step before, and the tokens of its step before the k-th.

    Parameters
    ----------
    recurrent_layer
        Makes a layer from the keyword argument ``return_sequences``.

    Returns
    -------
    keras.Model
        From tokens, shape (n_rows, n_steps, width), to logits of each of them, shape (n_rows, n_steps, width,
        n_symbols).
    """
    tokens = keras.Input((None, width), dtype="int32")
    embedded = [keras.layers.Embedding(n_symbols, embedding_size)(tokens[:, :, k]) for k in range(width)]
    before = keras.layers.ZeroPadding1D((1, 0))(_join(embedded))[:, :-1]
    states = recurrent_layer(return_sequences=True)(keras.layers.Dropout(input_dropout)(before))
    seen = [keras.layers.Dropout(dropout)(states), before]
    logits = []
    for k in range(width):
        features = keras.layers.Dense(hidden, activation="relu")(_join([*seen, *embedded[:k]]))
        logits.append(keras.layers.Dense(n_symbols)(keras.layers.Dropout(dropout)(features)))
    return keras.Model(tokens, keras.ops.stack(logits, axis=2))


def _join(parts: list[Any]) -> Any:
    return keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
