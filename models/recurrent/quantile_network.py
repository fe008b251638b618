"""The network of the recurrent forecasters, and its loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import FloatArray
from .backend import keras, tf
from .windows import Windows

QUANTILES = (0.025, 0.5, 0.975)


def build_quantile_network(
    recurrent_layer: keras.layers.Layer, windows: Windows, *, hidden: int, dropout: float
) -> keras.Model:
    """From the steps and the seasons of windows to the quantiles of what is to be forecast.

    Returns
    -------
    keras.Model
        Its output has the shape (n_rows, horizon, 3); in each row the quantiles are in order.
    """
    steps, seasons = keras.Input(windows.steps.shape[1:]), keras.Input(windows.seasons.shape[1:])
    features = keras.layers.Concatenate()([recurrent_layer(steps), seasons])
    features = keras.layers.Dropout(dropout)(keras.layers.Dense(hidden, activation="relu")(features))
    raw = keras.layers.Dense(3 * windows.targets.shape[1])(features)
    middle, below, above = keras.ops.split(raw, 3, axis=1)
    low, high = middle - keras.ops.softplus(below), middle + keras.ops.softplus(above)
    return keras.Model([steps, seasons], keras.ops.stack([low, middle, high], axis=2))


def quantile_loss(targets: Any, forecasts: Any) -> Any:
    """Return the mean quantile loss of forecasts, shape (n_rows, horizon, 3), of targets, shape (n_rows, horizon).

    References
    ----------
    R. Koenker and G. Bassett, "Regression quantiles", Econometrica 46(1), 1978.
    """
    error = targets[..., None] - forecasts
    quantiles = np.array(QUANTILES, np.float32)
    return tf.reduce_mean(tf.maximum(quantiles * error, (quantiles - 1) * error))


def compile_quantiles(network: keras.Model) -> Callable[[Windows], FloatArray]:
    """Return a function from windows to their quantiles, shape (n_rows, horizon, 3)."""
    signature = [tf.TensorSpec(given.shape, tf.float32) for given in network.inputs]
    program = tf.function(
        lambda *inputs: network(list(inputs), training=False), input_signature=signature, autograph=False
    )

    def run(windows: Windows) -> FloatArray:
        quantiles: FloatArray = program(windows.steps, windows.seasons).numpy().astype(np.float64)
        return quantiles

    return run
