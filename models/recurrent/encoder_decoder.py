"""An encoder and a decoder with attention, both recurrent, over padded ids.

Equations
---------
The encoder reads a source in both directions, one layer each, and keeps the states side by side: ``memory_s`` at symbol
s. A step of the decoder, whose state was h, is

    weight_s  = softmax over s of (memory_s · W_key · h)
    context   = sum over s of weight_s · memory_s
    h_new     = cell(embedding of the symbol before, context; h)
    logits    = W_out · tanh(W_features · [h_new, context])

The first h is ``tanh(W_start · last state of the layer that reads from the end)``.

Shapes are (n_steps, n_rows) for ids: one row per column. Sources are padded with 0 on the right.

References
----------
D. Bahdanau, K. Cho and Y. Bengio, "Neural machine translation by jointly learning to align and translate", ICLR 2015:
the context is chosen before the step and goes into it. M.-T. Luong, H. Pham and C. D. Manning, "Effective approaches to
attention-based neural machine translation", EMNLP 2015: the product as score ("general"). Y. Gal and Z. Ghahramani, "A
theoretically grounded application of dropout in recurrent neural networks", NIPS 2016: one mask for all steps.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from .backend import keras, tf
from .loop import GRUCell, LSTMCell

Cell: TypeAlias = "type[GRUCell] | type[LSTMCell]"
Tensors: TypeAlias = "tuple[tf.Tensor, ...]"

MOST_ONE_HOT = 256
"""Up to so many ids a look-up is a product with one-hot rows, whose gradient is a product too, not a scattered sum."""
MASKED = -1e9
NOTHING = -1
"""Where a target is padding."""


class Memory(NamedTuple):
    """What the decoder knows of the sources."""

    states: tf.Tensor
    """Shape (n_rows, n_source, 2 * encoder units)."""
    keys: tf.Tensor
    """Shape (n_rows, n_source, units): W_key applied to each state."""
    mask: tf.Tensor
    """Shape (n_rows, n_source): 0, or a large negative number at padding."""


class Kept(NamedTuple):
    """Dropout of a training step: what units are multiplied with, 0 or more, the same at all symbols of a row.

    XLA draws numbers slowly on a processor, so that they are drawn outside.
    """

    memory: tf.Tensor
    """Shape (n_rows, 2 * encoder units)."""
    features: tf.Tensor
    """Shape (n_rows, units + 2 * encoder units)."""


class EncoderDecoder:
    """The network: its weights, and what training and prediction compute with them.

    Parameters
    ----------
    cell : GRUCell or LSTMCell
    n_source, n_target : int
        Ids of sources, padding (0) included; ids of targets, the end (0) included.
    embedding_size : int
    units : int
        Of the decoder; the encoder has half as many in each direction.
    """

    def __init__(self, cell: Cell, n_source: int, n_target: int, embedding_size: int, units: int) -> None:
        self.cell = cell
        self.units = units
        self.encoder_units = max(1, units // 2)
        self.n_source, self.n_target = n_source, n_target
        gates, half = cell.n_gates, self.encoder_units
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
            ("key", (2 * half, units), "glorot_uniform"),
            ("start", (half, units), "glorot_uniform"),
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

    def encode(self, ids: tf.Tensor, kept: Kept | None = None) -> tuple[Memory, Tensors]:
        """Return the memory of sources, ids of shape (n_source, n_rows), and the first state of the decoder."""
        is_real = ids > 0
        forwards, _ = self._read("forwards", ids, is_real, reverse=False)
        backwards, last = self._read("backwards", ids, is_real, reverse=True)
        states = tf.transpose(tf.concat([forwards, backwards], axis=2), [1, 0, 2])
        states = states if kept is None else states * kept.memory[:, None]
        keys = _product(states, self._weight("key"))
        mask = tf.transpose(tf.where(is_real, 0.0, MASKED))
        start = tf.tanh(last @ self._weight("start"))
        return Memory(states, keys, mask), (start, *[tf.zeros_like(start)] * (self.cell.n_states - 1))

    def logits(self, source: tf.Tensor, target: tf.Tensor, kept: Kept | None = None) -> tf.Tensor:
        """Return logits of each target symbol given those before it, shape (n_target_steps, n_rows, n_target).

        Parameters
        ----------
        source : int32 tensor, shape (n_source_steps, n_rows)
        target : int32 tensor, shape (n_target_steps, n_rows)
        kept : Kept, optional
            For dropout; None: nothing is left out.
        """
        memory, states = self.encode(source, kept)
        before = tf.concat([tf.zeros_like(target[:1]), target[:-1]], axis=0)
        inputs = self._inputs("target_embedding", "kernel", "bias", before)
        n_steps, n_rows = target.shape
        width = self.units + 2 * self.encoder_units
        outputs = tf.TensorArray(tf.float32, n_steps, element_shape=(n_rows, width))

        def step(i: Any, states: Any, outputs: Any) -> Any:
            states, features = self._step(memory, inputs[i], states)
            return i + 1, states, outputs.write(i, features)

        loop = (lambda i, *_: i < n_steps), step, (0, states, outputs)
        features = tf.while_loop(*loop, maximum_iterations=n_steps)[2].stack()
        return self._output(features if kept is None else features * kept.features)

    def next_log_probabilities(self, memory: Memory, symbols: tf.Tensor, states: Tensors) -> tuple[tf.Tensor, Tensors]:
        """Take a step of several paths in each row.

        Parameters
        ----------
        memory : Memory
        symbols : int32 tensor, shape (n_rows, n_paths)
            The symbols before.
        states : tuple of tensor, each of shape (n_rows, n_paths, units)

        Returns
        -------
        log_probabilities, states
            The first of shape (n_rows, n_paths, n_target).
        """
        n_rows, n_paths = symbols.shape
        memory = Memory(*(tf.repeat(part, n_paths, axis=0) for part in memory))
        flat = tuple(tf.reshape(state, [n_rows * n_paths, self.units]) for state in states)
        inputs = self._inputs("target_embedding", "kernel", "bias", tf.reshape(symbols, [1, -1]))[0]
        flat, features = self._step(memory, inputs, flat)
        log_probabilities = tf.nn.log_softmax(self._output(features))
        states = tuple(tf.reshape(state, [n_rows, n_paths, self.units]) for state in flat)
        return tf.reshape(log_probabilities, [n_rows, n_paths, self.n_target]), states

    def _weight(self, name: str) -> tf.Tensor:
        return tf.convert_to_tensor(self.weights[name].value)

    def _read(self, side: str, ids: tf.Tensor, is_real: tf.Tensor, reverse: bool) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the states of one direction, shape (n_steps, n_rows, encoder units), and its last one."""
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
        _, states, outputs = tf.while_loop(*loop, maximum_iterations=n_steps)
        return outputs.stack(), states[0]

    def _step(self, memory: Memory, inputs: tf.Tensor, states: Tensors) -> tuple[Tensors, tf.Tensor]:
        h = states[0]
        weights = tf.nn.softmax(tf.einsum("bsd,bd->bs", memory.keys, h) + memory.mask)
        context = tf.einsum("bs,bsd->bd", weights, memory.states)
        states = self._apply(inputs + context @ self._weight("context"), h @ self._weight("recurrent"), states)
        return states, tf.concat([states[0], context], axis=1)

    def _apply(self, inputs: tf.Tensor, product: tf.Tensor, states: Tensors) -> Tensors:
        gates = tuple(tf.split(inputs, self.cell.n_gates, axis=1))
        after: Tensors = self.cell.step(gates, product, states)[0]
        return after

    def _inputs(self, embedding: str, kernel: str, bias: str, ids: tf.Tensor) -> tf.Tensor:
        """Return the input products of ids, shape (*ids.shape, n_gates * units)."""
        table = self._weight(embedding) @ self._weight(kernel) + self._weight(bias)
        if table.shape[0] > MOST_ONE_HOT:
            return tf.gather(table, ids)
        return _product(tf.one_hot(ids, table.shape[0]), table)

    def _output(self, features: tf.Tensor) -> tf.Tensor:
        hidden = tf.tanh(_product(features, self._weight("features")))
        return _product(hidden, self._weight("output")) + self._weight("output_bias")


def _product(values: tf.Tensor, weight: tf.Tensor) -> tf.Tensor:
    flat = tf.reshape(values, [-1, weight.shape[0]]) @ weight
    return tf.reshape(flat, [*values.shape[:-1], weight.shape[1]])


def losses(
    network: EncoderDecoder, source: tf.Tensor, target: tf.Tensor, kept: Kept | None, smoothing: float
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return each symbol's loss (0 at padding), what is no padding, and where the symbol is right or padding."""
    symbols = tf.maximum(target, 0)
    is_real = tf.cast(target != NOTHING, tf.float32)
    log_probabilities = tf.nn.log_softmax(network.logits(source, symbols, kept))
    of_symbol = tf.reduce_sum(log_probabilities * tf.one_hot(symbols, network.n_target), axis=-1)
    of_each = -(1 - smoothing) * of_symbol - smoothing * tf.reduce_mean(log_probabilities, axis=-1)
    is_right = (tf.argmax(log_probabilities, axis=-1, output_type=tf.int32) == symbols) | (target == NOTHING)
    return of_each * is_real, is_real, is_right
