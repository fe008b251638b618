"""What the networks of transduction share: weights, the encoder, the output, and the losses of a batch.

The encoder reads a source in both directions, one layer each, and keeps the states side by side: ``memory_s`` at symbol
s. The output of a decoder's step with state h and context c is ``W_out · tanh(W_features · [h, c])``.

Shapes are (n_steps, n_rows) for ids: one row per column. Sources are padded with 0 on the right.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, NamedTuple, TypeAlias

from .backend import keras, tf
from .loop import GRUCell, LSTMCell

Cell: TypeAlias = "type[GRUCell] | type[LSTMCell]"
Tensors: TypeAlias = "tuple[tf.Tensor, ...]"
Weight: TypeAlias = "tuple[str, tuple[int, ...], str]"
"""Name, shape and the name of the Keras initializer."""

MOST_ONE_HOT = 256
"""Up to so many ids a look-up is a product with one-hot rows, whose gradient is a product too, not a scattered sum."""
NEVER = -1e9
"""The logit of what is excluded."""
NOTHING = -1
"""Where a target is padding."""
END = 0
"""The id of a target's end."""


class Kept(NamedTuple):
    """Dropout of a training step: what units are multiplied with, 0 or more, the same at all symbols of a row.

    XLA draws numbers slowly on a processor, so that they are drawn outside.

    References
    ----------
    Y. Gal and Z. Ghahramani, "A theoretically grounded application of dropout in recurrent neural networks", NIPS 2016.
    """

    memory: tf.Tensor
    """Shape (n_rows, 2 * encoder units)."""
    features: tf.Tensor
    """Shape (n_rows, units + 2 * encoder units)."""


class PairNetwork(ABC):
    """An encoder, and a decoder that is trained on targets and asked for the next symbols of several beginnings.

    Parameters
    ----------
    cell : GRUCell or LSTMCell
    n_source, n_target : int
        Ids of sources, padding (0) included; ids of targets, the end (0) included.
    embedding_size : int
    encoder_units : int
        Of each direction.
    units : int
        Of the decoder.
    """

    def __init__(
        self, cell: Cell, n_source: int, n_target: int, embedding_size: int, encoder_units: int, units: int
    ) -> None:
        self.cell = cell
        self.encoder_units, self.units = encoder_units, units
        self.n_source, self.n_target = n_source, n_target
        gates, half = cell.n_gates, encoder_units
        self.weights: dict[str, Any] = {}
        for name, shape, kind in [
            ("source_embedding", (n_source, embedding_size), "uniform"),
            *[
                (f"{side}_{name}", shape, kind)
                for side in ("forwards", "backwards")
                for name, shape, kind in (
                    ("kernel", (embedding_size, gates * half), "glorot_uniform"),
                    ("recurrent", (half, gates * half), "orthogonal"),
                    ("bias", (gates * half,), "zeros"),
                )
            ],
            *self._weights_between(),
            ("target_embedding", (n_target, embedding_size), "uniform"),
            ("kernel", (embedding_size, gates * units), "glorot_uniform"),
            ("context", (2 * half, gates * units), "glorot_uniform"),
            ("recurrent", (units, gates * units), "orthogonal"),
            ("bias", (gates * units,), "zeros"),
            ("features", (units + 2 * half, units), "glorot_uniform"),
            ("output", (units, n_target), "glorot_uniform"),
            ("output_bias", (n_target,), "zeros"),
        ]:
            self.weights[name] = keras.Variable(keras.initializers.get(kind)(shape), name=name)

    @property
    def n_parameters(self) -> int:
        """How many numbers are learnt."""
        return sum(int(tf.size(weight.value)) for weight in self.weights.values())

    def _weights_between(self) -> list[Weight]:
        """Return the weights that only one of the decoders has."""
        return []

    @abstractmethod
    def encode(self, ids: tf.Tensor, kept: Kept | None = None) -> tuple[Any, Tensors]:
        """Return what the decoder knows of sources, ids of shape (n_steps, n_rows), and its first state."""

    @abstractmethod
    def logits(self, source: tf.Tensor, target: tf.Tensor, kept: Kept | None = None) -> tf.Tensor:
        """Return logits of each target symbol given those before it, shape (n_target_steps, n_rows, n_target).

        Parameters
        ----------
        source : int32 tensor, shape (n_source_steps, n_rows)
        target : int32 tensor, shape (n_target_steps, n_rows)
        kept : Kept, optional
            For dropout; None: nothing is left out.
        """

    @abstractmethod
    def _next(
        self, memory: Any, step: tf.Tensor, n_paths: int, inputs: tf.Tensor, states: Tensors
    ) -> tuple[Tensors, tf.Tensor]:
        """Take a step of flat paths, ``n_paths`` of each row one after the other. Returns their states and logits."""

    def next_log_probabilities(
        self, memory: Any, step: tf.Tensor, symbols: tf.Tensor, states: Tensors
    ) -> tuple[tf.Tensor, Tensors]:
        """Take a step of several paths in each row.

        Parameters
        ----------
        memory
            From :meth:`encode`.
        step : int32 tensor, shape ()
            Which step it is, from 0.
        symbols : int32 tensor, shape (n_rows, n_paths)
            The symbols before.
        states : tuple of tensor, each of shape (n_rows, n_paths, units)

        Returns
        -------
        log_probabilities, states
            The first of shape (n_rows, n_paths, n_target).
        """
        n_rows, n_paths = symbols.shape
        inputs = self._inputs("target_embedding", "kernel", "bias", tf.reshape(symbols, [1, -1]))[0]
        flat = tuple(tf.reshape(state, [n_rows * n_paths, self.units]) for state in states)
        flat, logits = self._next(memory, step, n_paths, inputs, flat)
        states = tuple(tf.reshape(state, [n_rows, n_paths, self.units]) for state in flat)
        return tf.reshape(tf.nn.log_softmax(logits), [n_rows, n_paths, self.n_target]), states

    def _weight(self, name: str) -> tf.Tensor:
        return tf.convert_to_tensor(self.weights[name].value)

    def _read_both_ways(self, ids: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the encoder's states, shape (n_steps, n_rows, 2 * encoder units), and where symbols are."""
        is_real = ids > 0
        forwards = self._read("forwards", ids, is_real, reverse=False)
        backwards = self._read("backwards", ids, is_real, reverse=True)
        return tf.concat([forwards, backwards], axis=2), is_real

    def _read(self, side: str, ids: tf.Tensor, is_real: tf.Tensor, reverse: bool) -> tf.Tensor:
        """Return the states of one direction, shape (n_steps, n_rows, encoder units)."""
        inputs = self._inputs("source_embedding", f"{side}_kernel", f"{side}_bias", ids)
        recurrent = self._weight(f"{side}_recurrent")
        n_steps, n_rows = ids.shape
        outputs = tf.TensorArray(tf.float32, n_steps, element_shape=(n_rows, self.encoder_units))

        def step(i: Any, states: Any, outputs: Any) -> Any:
            at = n_steps - 1 - i if reverse else i
            after = self._apply(inputs[at], states[0] @ recurrent, states)
            states = tuple(tf.where(is_real[at][:, None], new, old) for new, old in zip(after, states, strict=True))
            return i + 1, states, outputs.write(at, states[0])

        zero = tf.zeros([n_rows, self.encoder_units])
        loop = (lambda i, *_: i < n_steps), step, (0, (zero,) * self.cell.n_states, outputs)
        return tf.while_loop(*loop, maximum_iterations=n_steps)[2].stack()

    def _apply(self, inputs: tf.Tensor, recurrent: tf.Tensor, states: Tensors) -> Tensors:
        gates = tuple(tf.split(inputs, self.cell.n_gates, axis=1))
        after: Tensors = self.cell.step(gates, recurrent, states)[0]
        return after

    def _inputs(self, embedding: str, kernel: str, bias: str, ids: tf.Tensor) -> tf.Tensor:
        """Return the input products of ids, shape (*ids.shape, n_gates * units)."""
        table = self._weight(embedding) @ self._weight(kernel) + self._weight(bias)
        if table.shape[0] > MOST_ONE_HOT:
            return tf.gather(table, ids)
        return product(tf.one_hot(ids, table.shape[0]), table)

    def _inputs_before(self, target: tf.Tensor) -> tf.Tensor:
        """Return the input products of the symbols before those of a target; before the first one is the end."""
        before = tf.concat([tf.fill(target[:1].shape, END), target[:-1]], axis=0)
        return self._inputs("target_embedding", "kernel", "bias", before)

    def _output(self, features: tf.Tensor) -> tf.Tensor:
        hidden = tf.tanh(product(features, self._weight("features")))
        return product(hidden, self._weight("output")) + self._weight("output_bias")


def product(values: tf.Tensor, weight: tf.Tensor) -> tf.Tensor:
    """Return the product over the last axis of ``values``, as one of matrices."""
    flat = tf.reshape(values, [-1, weight.shape[0]]) @ weight
    return tf.reshape(flat, [*values.shape[:-1], weight.shape[1]])


def losses(
    network: PairNetwork, source: tf.Tensor, target: tf.Tensor, kept: Kept | None
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return each symbol's loss (0 at padding), what is no padding, and where the symbol is right or padding."""
    symbols = tf.maximum(target, 0)
    is_real = tf.cast(target != NOTHING, tf.float32)
    log_probabilities = tf.nn.log_softmax(network.logits(source, symbols, kept))
    of_each = -tf.reduce_sum(log_probabilities * tf.one_hot(symbols, network.n_target), axis=-1)
    is_right = (tf.argmax(log_probabilities, axis=-1, output_type=tf.int32) == symbols) | (target == NOTHING)
    return of_each * is_real, is_real, is_right
