"""Recurrent layers over word ids on a processor: what Keras's layers compute, in less time.

Three things save it: the words' part of the gates is computed for the whole vocabulary at once and then looked up; a
batch is cut into parts that run side by side, one a processor; and a few steps at a time are one XLA program of fixed
shape, so that texts of another length need no other program.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from bench.corpus import PAD_ID

from .backend import tf

Tensors: TypeAlias = "tuple[tf.Tensor, ...]"

STEPS = 16
"""Steps of one program. Ids come in a multiple of this many rows."""


class Weights(NamedTuple):
    """A layer's weights, with its input product done."""

    tables: Tensors
    """One a gate, shape (n_ids, units): the input product of each id, input bias included."""
    recurrent: tf.Tensor
    """Shape (units, n_gates * units)."""
    bias: tf.Tensor
    """Shape (n_gates * units,): added to the recurrent product."""


class Pooled(NamedTuple):
    """What is kept of a text's states, each of shape (n_texts, units)."""

    last: tf.Tensor
    total: tf.Tensor
    """Their sum."""
    top: tf.Tensor
    """The largest value of each unit; -1, which no state is below, for a text without ids."""


class GRUCell:
    """A step of ``keras.layers.GRU`` with ``reset_after=True``, and its derivative. Its z is one minus ``cell``'s."""

    n_gates, n_states, n_kept = 3, 1, 5

    @staticmethod
    def weights(embeddings: tf.Tensor, kernel: tf.Tensor, recurrent: tf.Tensor, bias: tf.Tensor) -> Weights:
        """From Keras's: bias, shape (2, 3 * units), of the input and of the recurrent product."""
        return Weights(_tables(embeddings, kernel, bias[0], 3), recurrent, bias[1])

    @staticmethod
    def step(x: Tensors, a: tf.Tensor, states: Tensors) -> tuple[Tensors, Tensors]:
        """The states after a step, and what its derivative needs, the state that was multiplied first.

        x are the input products of the gates, shape (rows, units) each; a is the recurrent product of all gates.
        """
        (h,) = states
        a_z, a_r, a_c = tf.split(a, 3, axis=1)
        z, r = tf.sigmoid(x[0] + a_z), tf.sigmoid(x[1] + a_r)
        c = tf.tanh(x[2] + r * a_c)
        return (c + z * (h - c),), (h, z, r, c, a_c)

    @staticmethod
    def derivative(kept: Tensors, d_states: Tensors) -> tuple[Tensors, Tensors, Tensors]:
        """From the gradient at the states after a step: that at the states before it (without what goes through the
        product), at the input products, and at the recurrent product."""
        h, z, r, c, a_c = kept
        (d_h,) = d_states
        d_z = d_h * (h - c) * z * (1 - z)
        d_c = d_h * (1 - z) * (1 - c * c)
        d_r = d_c * a_c * r * (1 - r)
        return (d_h * z,), (d_z, d_r, d_c), (d_z, d_r, d_c * r)


class LSTMCell:
    """The step of ``keras.layers.LSTM`` and its derivative, in the form of GRUCell's. The states are h and c."""

    n_gates, n_states, n_kept = 4, 2, 7

    @staticmethod
    def weights(embeddings: tf.Tensor, kernel: tf.Tensor, recurrent: tf.Tensor, bias: tf.Tensor) -> Weights:
        """From Keras's."""
        return Weights(_tables(embeddings, kernel, bias, 4), recurrent, tf.zeros_like(bias))

    @staticmethod
    def step(x: Tensors, a: tf.Tensor, states: Tensors) -> tuple[Tensors, Tensors]:
        """As GRUCell's."""
        h, c = states
        of_i, of_f, of_g, of_o = (u + v for u, v in zip(x, tf.split(a, 4, axis=1), strict=True))
        i, f, g, o = tf.sigmoid(of_i), tf.sigmoid(of_f), tf.tanh(of_g), tf.sigmoid(of_o)
        new_c = f * c + i * g
        squashed = tf.tanh(new_c)
        return (o * squashed, new_c), (h, c, i, f, g, o, squashed)

    @staticmethod
    def derivative(kept: Tensors, d_states: Tensors) -> tuple[Tensors, Tensors, Tensors]:
        """As GRUCell's."""
        _, c, i, f, g, o, squashed = kept
        d_h, d_c = d_states
        d_c += d_h * o * (1 - squashed * squashed)
        d_gates = (
            d_c * g * i * (1 - i),
            d_c * c * f * (1 - f),
            d_c * i * (1 - g * g),
            d_h * squashed * o * (1 - o),
        )
        return (tf.zeros_like(d_h), d_c * f), d_gates, d_gates


class Loop:
    """Runs one kind of cell over padded ids. Its programs are compiled once for each number of texts.

    Parameters
    ----------
    cell : GRUCell or LSTMCell
    """

    def __init__(self, cell: type[GRUCell] | type[LSTMCell]) -> None:
        self.cell = cell
        self._infer = _compiled(_infer_program(cell))
        self._after_product = _compiled(_after_product_program(cell))
        self._forward = _compiled(_forward_program(cell))
        self._backward = _compiled(_backward_program(cell))

    def infer(self, weights: Weights, ids: tf.Tensor) -> Pooled:
        """Run over ids: int32, shape (a multiple of STEPS, n_texts), a text a column, padded with 0 above.

        The state stays 0 until a text's first id.
        """
        states, total, top = _start(weights, ids, self.cell.n_states)

        def piece(j: Any, *now: Any) -> Any:
            return j + 1, *self._infer(weights, _piece(ids, j), *now)

        _, states, total, top = _repeat(piece, _n_pieces(ids), states, total, top)
        return Pooled(states[0], total, top)

    def infer_in_bfloat16(self, weights: Weights, ids: tf.Tensor) -> Pooled:
        """As ``infer``, with states and weights rounded to bfloat16 before they are multiplied.

        The product is oneDNN's, which has instructions for it, and the rest of a step is the program.
        """
        tables, recurrent = tf.nest.map_structure(lambda v: tf.cast(v, tf.bfloat16), weights[:2])
        states, total, top = _start(weights, ids, self.cell.n_states)

        def step(t: Any, rounded: Any, *now: Any) -> Any:
            return t + 1, *self._after_product(tables, weights.bias, rounded @ recurrent, ids[t], *now)

        rounded = tf.cast(states[0], tf.bfloat16)
        _, _, states, total, top = _repeat(step, tf.shape(ids)[0], rounded, states, total, top)
        return Pooled(states[0], total, top)

    def train(self, weights: Weights, ids: tf.Tensor) -> Pooled:
        """The same, for a gradient tape."""

        @tf.custom_gradient  # type: ignore[untyped-decorator]
        def run(recurrent: Any, bias: Any, *tables: Any) -> Any:
            constant = Weights(*tf.nest.map_structure(tf.stop_gradient, (tables, recurrent, bias)))
            pooled, top_at, kept = self._remember(constant, ids)
            return pooled, lambda *d_pooled: self._gradients(constant, ids, top_at, kept, Pooled(*d_pooled))

        return Pooled(*run(weights.recurrent, weights.bias, *weights.tables))

    def _remember(self, weights: Weights, ids: tf.Tensor) -> tuple[Pooled, tf.Tensor, Any]:
        states, total, top = _start(weights, ids, self.cell.n_states)
        kept = _arrays(_n_pieces(ids), self.cell.n_kept, (STEPS, *top.shape))

        def piece(j: Any, kept: Any, *now: Any) -> Any:
            *after, new = self._forward(weights, _piece(ids, j), j * STEPS, *now)
            return j + 1, _write(kept, j, new), *after

        top_at = tf.fill(top.shape, -1)
        _, kept, states, total, top, top_at = _repeat(piece, _n_pieces(ids), kept, states, total, top, top_at)
        return Pooled(states[0], total, top), top_at, kept

    def _gradients(self, weights: Weights, ids: tf.Tensor, top_at: tf.Tensor, kept: Any, d_pooled: Pooled) -> Any:
        n_pieces = _n_pieces(ids)
        d_states = (d_pooled.last, *[tf.zeros_like(d_pooled.last)] * (self.cell.n_states - 1))
        d_inputs = _arrays(n_pieces, 1, (STEPS, ids.shape[1], weights.recurrent.shape[1]))

        def piece(i: Any, d_inputs: Any, d_states: Any, d_recurrent: Any, d_bias: Any) -> Any:
            j = n_pieces - 1 - i
            saved = tuple(a.read(j) for a in kept)
            d_states, d_r, d_b, d_x = self._backward(
                weights.recurrent, _piece(ids, j), j * STEPS, saved, d_states, d_pooled, top_at
            )
            return i + 1, _write(d_inputs, j, (d_x,)), d_states, d_recurrent + d_r, d_bias + d_b

        nothing = tf.zeros_like(weights.recurrent), tf.zeros_like(weights.bias)
        _, (d_inputs,), _, d_recurrent, d_bias = _repeat(piece, n_pieces, d_inputs, d_states, *nothing)
        by_token = tf.reshape(d_inputs.concat(), [-1, weights.recurrent.shape[1]])
        d_tables = tf.math.unsorted_segment_sum(by_token, tf.reshape(ids, [-1]), tf.shape(weights.tables[0])[0])
        return d_recurrent, d_bias, *tf.split(d_tables, self.cell.n_gates, axis=1)


def _tables(embeddings: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, n_gates: int) -> Tensors:
    # One a gate: a row that is looked up and then cut costs three times as much.
    parts = zip(tf.split(kernel, n_gates, axis=1), tf.split(bias, n_gates), strict=True)
    return tuple(embeddings @ of_gate + bias_of_gate for of_gate, bias_of_gate in parts)


def _start(weights: Weights, ids: tf.Tensor, n_states: int) -> tuple[Tensors, tf.Tensor, tf.Tensor]:
    zero = tf.zeros([ids.shape[1], weights.recurrent.shape[0]])
    return (zero,) * n_states, zero, zero - 1


def _n_pieces(ids: tf.Tensor) -> tf.Tensor:
    return tf.shape(ids)[0] // STEPS


def _piece(ids: tf.Tensor, j: tf.Tensor) -> tf.Tensor:
    return tf.ensure_shape(ids[j * STEPS : (j + 1) * STEPS], [STEPS, ids.shape[1]])


def _repeat(body: Callable[..., Any], n: Any, *start: Any) -> Any:
    return tf.while_loop(lambda j, *_: j < n, body, (0, *start))


def _arrays(size: Any, n: int, shape: tuple[int, ...]) -> tuple[Any, ...]:
    return tuple(tf.TensorArray(tf.float32, size, element_shape=shape, clear_after_read=False) for _ in range(n))


def _write(arrays: tuple[Any, ...], j: Any, values: Tensors) -> tuple[Any, ...]:
    return tuple(array.write(j, value) for array, value in zip(arrays, values, strict=True))


def _compiled(program: Callable[..., Any]) -> Any:
    return tf.function(program, jit_compile=True, autograph=False)


def _step(
    cell: Any, tables: Tensors, a: tf.Tensor, ids: tf.Tensor, states: Tensors
) -> tuple[tf.Tensor, Tensors, Tensors]:
    """Whether each text has begun, its states after a step, and what the derivative needs."""
    real = (ids != PAD_ID)[:, None]
    x = tuple(tf.cast(tf.gather(table, ids), tf.float32) for table in tables)
    states, kept = cell.step(x, a, states)
    return real, tuple(tf.where(real, state, 0.0) for state in states), kept


def _product(weights: Weights, states: Tensors) -> tf.Tensor:
    return states[0] @ weights.recurrent + weights.bias


def _infer_program(cell: Any) -> Callable[..., Any]:
    def infer(weights: Weights, ids: Any, states: Any, total: Any, top: Any) -> Any:
        def step(k: Any, states: Any, total: Any, top: Any) -> Any:
            real, states, _ = _step(cell, weights.tables, _product(weights, states), ids[k], states)
            return k + 1, states, total + states[0], tf.where(real, tf.maximum(top, states[0]), top)

        return _repeat(step, STEPS, states, total, top)[1:]

    return infer


def _after_product_program(cell: Any) -> Callable[..., Any]:
    def after_product(tables: Any, bias: Any, a: Any, ids: Any, states: Any, total: Any, top: Any) -> Any:
        real, states, _ = _step(cell, tables, tf.cast(a, tf.float32) + bias, ids, states)
        top = tf.where(real, tf.maximum(top, states[0]), top)
        return tf.cast(states[0], tf.bfloat16), states, total + states[0], top

    return after_product


def _forward_program(cell: Any) -> Callable[..., Any]:
    def forward(weights: Weights, ids: Any, first: Any, states: Any, total: Any, top: Any, top_at: Any) -> Any:
        def step(k: Any, kept: Any, states: Any, total: Any, top: Any, top_at: Any) -> Any:
            real, states, new = _step(cell, weights.tables, _product(weights, states), ids[k], states)
            higher = real & (states[0] > top)
            top, top_at = tf.where(higher, states[0], top), tf.where(higher, first + k, top_at)
            return k + 1, _write(kept, k, new), states, total + states[0], top, top_at

        kept = _arrays(STEPS, cell.n_kept, tuple(top.shape))
        _, kept, *after = _repeat(step, STEPS, kept, states, total, top, top_at)
        return *after, tuple(array.stack() for array in kept)

    return forward


def _backward_program(cell: Any) -> Callable[..., Any]:
    def backward(recurrent: Any, ids: Any, first: Any, kept: Any, d_states: Any, d_pooled: Pooled, top_at: Any) -> Any:
        transposed = tf.transpose(recurrent)

        def step(i: Any, d_inputs: Any, d_states: Any, d_recurrent: Any, d_bias: Any) -> Any:
            k = STEPS - 1 - i
            saved = tuple(array[k] for array in kept)
            d_h = d_states[0] + d_pooled.total + tf.where(top_at == first + k, d_pooled.top, 0.0)
            real = (ids[k] != PAD_ID)[:, None]
            d_states = tuple(tf.where(real, d_state, 0.0) for d_state in (d_h, *d_states[1:]))
            (d_h, *others), d_x, d_a = cell.derivative(saved, d_states)
            d_product = tf.concat(d_a, axis=1)
            d_states = (d_h + d_product @ transposed, *others)
            d_recurrent += tf.matmul(saved[0], d_product, transpose_a=True)
            d_bias += tf.reduce_sum(d_product, axis=0)
            return i + 1, _write(d_inputs, k, (tf.concat(d_x, axis=1),)), d_states, d_recurrent, d_bias

        d_inputs = _arrays(STEPS, 1, (ids.shape[1], recurrent.shape[1]))
        nothing = tf.zeros_like(recurrent), tf.zeros(recurrent.shape[1])
        _, (d_inputs,), *after = _repeat(step, STEPS, d_inputs, d_states, *nothing)
        return *after, d_inputs.stack()

    return backward
