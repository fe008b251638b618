"""The network of the recurrent classifiers, out of ordinary Keras layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args

from bench.corpus import PAD_ID

from .backend import keras

Pooling = Literal["last", "mean", "max", "mean_max"]

EMBEDDING, FORWARDS, BACKWARDS, POOL, DROPOUT, OUTPUT = (
    "embedding",
    "forwards",
    "backwards",
    "pool",
    "dropout",
    "output",
)
"""Names of the layers."""


def build_network(
    recurrent_layer: Callable[..., keras.layers.Layer],
    *,
    n_ids: int,
    embedding_size: int,
    bidirectional: bool,
    pooling: Pooling,
    dropout: float,
    output: keras.layers.Layer,
) -> keras.Model:
    """Embedding, a recurrent layer for each direction, pooling over time, dropout, and the output layer.

    Parameters
    ----------
    recurrent_layer
        Makes a layer from the keyword arguments ``name``, ``return_sequences`` and ``go_backwards``.

    Returns
    -------
    keras.Model
        From ids, shape (n_texts, columns), padded with 0 on the right, to shape (n_texts, n_outputs).
    """
    ids = keras.Input((None,), dtype="int32")
    words = keras.layers.Embedding(n_ids, embedding_size, name=EMBEDDING)(ids)
    return keras.Model(ids, _read(recurrent_layer, ids, words, bidirectional, pooling, dropout, output))


def build_frame_network(
    recurrent_layer: Callable[..., keras.layers.Layer],
    *,
    n_channels: int,
    bidirectional: bool,
    pooling: Pooling,
    dropout: float,
    output: keras.layers.Layer,
) -> keras.Model:
    """As :func:`build_network`, of frames in the place of embedded ids.

    Returns
    -------
    keras.Model
        From frames, shape (n_rows, columns, n_channels), and marks, int32 of shape (n_rows, columns), which are 0 where
        the columns on the right are padding, to shape (n_rows, n_outputs).
    """
    frames = keras.Input((None, n_channels))
    marks = keras.Input((None,), dtype="int32")
    return keras.Model([frames, marks], _read(recurrent_layer, marks, frames, bidirectional, pooling, dropout, output))


def _read(
    recurrent_layer: Callable[..., keras.layers.Layer],
    ids: Any,
    vectors: Any,
    bidirectional: bool,
    pooling: Pooling,
    dropout: float,
    output: keras.layers.Layer,
) -> Any:
    """From ids and their vectors, shape (n_texts, columns, n_inputs), to the outputs."""
    forwards = recurrent_layer(name=FORWARDS, return_sequences=True)(vectors)
    directions = [forwards]
    if bidirectional:
        is_real = keras.ops.not_equal(ids, PAD_ID)  # or the padding would be read first
        layer = recurrent_layer(name=BACKWARDS, return_sequences=True, go_backwards=True)
        directions.append(layer(vectors, mask=is_real))
    pooled = PoolStates(pooling, name=POOL)([ids, *directions])
    return output(keras.layers.Dropout(dropout, name=DROPOUT)(pooled))


def recurrent_layers(network: keras.Model) -> list[keras.layers.Layer]:
    """Return the layers that read the text: forwards, and backwards where there is one."""
    return [layer for layer in network.layers if layer.name in (FORWARDS, BACKWARDS)]


@keras.saving.register_keras_serializable(package="bench")
class PoolStates(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
    """Recurrent states over time to one vector per text; padding is left out.

    Parameters
    ----------
    pooling : {"last", "mean", "max", "mean_max"}
    """

    def __init__(self, pooling: Pooling, **options: Any) -> None:
        super().__init__(**options)
        if pooling not in get_args(Pooling):
            raise ValueError(f"pooling is {pooling!r}, expected {', '.join(map(repr, get_args(Pooling)))}")
        self.pooling = pooling
        self.supports_masking = True  # it finds the padding by itself

    def call(self, inputs: Any) -> Any:
        """Ids, padded on the right, and the states of one or two directions, those of the second in its order.

        Shapes (n_texts, columns) and (n_texts, columns, units) to (n_texts, n_features).
        """
        ops = keras.ops
        ids, forwards, *others = inputs
        is_real = ops.not_equal(ids, PAD_ID)
        length = ops.sum(ops.cast(is_real, "int32"), axis=1)
        last = ops.take_along_axis(forwards, ops.maximum(length - 1, 0)[:, None, None], axis=1)[:, 0]
        features = [self._pool(forwards, is_real, last, length)]
        for states in others:  # read from the end, padding first
            features.append(self._pool(states, ops.flip(is_real, axis=1), states[:, -1], length))
        return ops.concatenate(features, axis=-1)

    def _pool(self, states: Any, is_real: Any, last: Any, length: Any) -> Any:
        ops = keras.ops
        total = ops.sum(ops.where(is_real[..., None], states, 0.0), axis=1)
        top = ops.max(ops.where(is_real[..., None], states, -1.0), axis=1)  # no state is below -1
        return self.combine(last, total, top, length)

    def combine(self, last: Any, total: Any, top: Any, length: Any) -> Any:
        """One direction's features: from its last states, their sum and maximum, shape (n_texts, units), and length."""
        mean = total / keras.ops.cast(keras.ops.maximum(length, 1), total.dtype)[:, None]
        features = {"last": [last], "mean": [mean], "max": [top], "mean_max": [mean, top]}
        return keras.ops.concatenate(features[self.pooling], axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Return what builds the layer again."""
        return {**super().get_config(), "pooling": self.pooling}
