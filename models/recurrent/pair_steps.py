"""Steps of training and of validation of a network of pairs, compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .backend import keras, tf
from .pair_network import Kept, PairNetwork, losses

WARM_UP = 0.1
"""Part of the training in which the learning rate rises."""
COMPILED_STEPS = 500
"""Training with so many steps or more is compiled by XLA, which takes seconds for each width of batches."""
PARTS = 2
"""A batch is divided into so many parts, which processors compute side by side: one program of XLA uses one of them."""

Gradients = tuple[tf.Tensor, tf.Tensor, list[tf.Tensor]]


def compile_training(network: PairNetwork, n_steps: int, learning_rate: float) -> Callable[..., tf.Tensor]:
    """Return the function of a training step with Adam.

    Parameters
    ----------
    network : PairNetwork
    n_steps : int
        Steps of the whole training. The learning rate rises in the first tenth, then falls as a cosine to 0.
    learning_rate : float
        The highest. Each weight's gradient is clipped to a norm of 1.

    Returns
    -------
    callable
        From source, target (int32, shape (n_steps, n_rows)) and Kept to the mean loss of what is no padding.
    """
    n_warm_up = max(1, round(WARM_UP * n_steps))
    rate = keras.optimizers.schedules.CosineDecay(
        learning_rate / 10, max(1, n_steps - n_warm_up), warmup_target=learning_rate, warmup_steps=n_warm_up
    )
    optimizer = keras.optimizers.Adam(rate, clipnorm=1.0)
    variables = list(network.weights.values())
    optimizer.build(variables)

    def compiled(function: Callable[..., Any]) -> Any:
        return tf.function(function, jit_compile=n_steps >= COMPILED_STEPS, autograph=False)

    @compiled
    def differentiate(source: tf.Tensor, target: tf.Tensor, kept: Kept) -> Gradients:
        values = [variable.value for variable in variables]
        with tf.GradientTape() as tape:
            tape.watch(values)
            of_each, is_real, _ = losses(network, source, target, kept)
            total = tf.reduce_sum(of_each)
        return total, tf.reduce_sum(is_real), [tf.convert_to_tensor(part) for part in tape.gradient(total, values)]

    @compiled
    def update(parts: list[Gradients]) -> tf.Tensor:
        totals, counts, gradients = zip(*parts, strict=True)
        n_real = tf.add_n(counts)
        optimizer.apply([tf.add_n(of_one) / n_real for of_one in zip(*gradients, strict=True)], variables)
        return tf.add_n(totals) / n_real

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def train_step(source: tf.Tensor, target: tf.Tensor, kept: Kept) -> tf.Tensor:
        n_parts = PARTS if source.shape[1] % PARTS == 0 else 1
        sources, targets = (tf.split(ids, n_parts, axis=1) for ids in (source, target))
        kepts = [Kept(*of_part) for of_part in zip(*(tf.split(one, n_parts) for one in kept), strict=True)]
        return update([differentiate(*part) for part in zip(sources, targets, kepts, strict=True)])

    return train_step  # type: ignore[no-any-return]


def compile_validation(network: PairNetwork) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
    """Return the function from source and target to the sum of losses, and whether each row's steps are all right."""

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def validation_step(source: tf.Tensor, target: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        of_each, _, is_right = losses(network, source, target, None)
        return tf.reduce_sum(of_each), tf.reduce_all(is_right, axis=0)

    return validation_step  # type: ignore[no-any-return]
