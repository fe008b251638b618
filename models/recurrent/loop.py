"""GRU and LSTM over word ids on a processor: what Keras's layers compute, in less time.

Equations
---------
With the input products of a token, ``x = W_in · embedding + b_in``, and the recurrent product of the state before,
``a = W_rec · h + b_rec``, split by gate, a step of the GRU (``reset_after=True``, as in cuDNN) is

    update    = sigmoid(x_update + a_update)
    reset     = sigmoid(x_reset + a_reset)
    candidate = tanh(x_candidate + reset * a_candidate)
    h_new     = update * h + (1 - update) * candidate

and a step of the LSTM, with its cell state c,

    input, forget, output = sigmoid(x + a) of each gate
    candidate = tanh(x_candidate + a_candidate)
    c_new     = forget * c + input * candidate
    h_new     = output * tanh(c_new)

A step of padding leaves the states at 0. The gradients are written out in ``derivative``: names that begin with ``d_``
are derivatives of the loss.

Shapes
------
==========================  =================================  ============================================
name                        shape                              what
==========================  =================================  ============================================
``ids``                     (n_steps, n_texts)                 one text per column, left-padded with 0;
                                                               n_steps is a multiple of ``STEPS``
``tables``, one per gate    (n_ids, units)                     input products of the whole vocabulary
``x``, one per gate         (n_texts, units)                   the rows of the tables at one step
``recurrent``               (units, n_gates * units)           recurrent weights of all gates
``a``                       (n_texts, n_gates * units)         recurrent product of all gates
``states``, each            (n_texts, units)                   h of the GRU; h and c of the LSTM
``last, total, top``        (n_texts, units)                   pooled states: the last, their sum, their maximum
``saved``, each             (STEPS, n_texts, units)            what the derivative needs, for one program
==========================  =================================  ============================================

What saves time
---------------
The input products are computed for the whole vocabulary once and then looked up; a batch is divided into parts that
run side by side, one per processor; and ``STEPS`` steps at a time are one XLA program of fixed shape, so that texts of
another length need no other program. ``reference.py`` has the GRU as textbooks write it.

References
----------
K. Cho et al. (2014), eqs. 5 to 8; S. Hochreiter and J. Schmidhuber (1997), with the forget gate of F. A. Gers et al.
(2000).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from bench.corpus import PAD_ID

from .backend import tf

Tensors: TypeAlias = "tuple[tf.Tensor, ...]"

STEPS = 16
"""Steps of one program. Ids have a multiple of this many rows."""


class Weights(NamedTuple):
    """A layer's weights, with its input products computed."""

    tables: Tensors
    """One per gate, shape (n_ids, units): the input product of each id, input bias included."""
    recurrent: tf.Tensor
    """Shape (units, n_gates * units)."""
    bias: tf.Tensor
    """Shape (n_gates * units,): added to the recurrent product."""


class Pooled(NamedTuple):
    """The pooled states of each text, each of shape (n_texts, units)."""

    last: tf.Tensor
    total: tf.Tensor
    """Their sum."""
    top: tf.Tensor
    """The largest value of each unit; -1, which no state is below, for a text without ids."""


class GRUCell:
    """A step of ``keras.layers.GRU`` with ``reset_after=True``, and its derivative: see the equations above."""

    n_gates, n_states, n_saved = 3, 1, 5

    @staticmethod
    def weights(embeddings: tf.Tensor, kernel: tf.Tensor, recurrent: tf.Tensor, bias: tf.Tensor) -> Weights:
        """From Keras's weights; bias, shape (2, 3 * units), is that of the input and of the recurrent product."""
        return Weights(_tables(embeddings, kernel, bias[0], 3), recurrent, bias[1])

    @staticmethod
    def step(x: Tensors, a: tf.Tensor, states: Tensors) -> tuple[Tensors, Tensors]:
        """One step.

        Parameters
        ----------
        x : tuple of tensor, each of shape (n_texts, units)
            Input products of update, reset and candidate.
        a : tensor, shape (n_texts, 3 * units)
            Recurrent product of all gates.
        states : tuple of tensor
            The state before the step.

        Returns
        -------
        states, saved
            The state after the step, and what ``derivative`` needs; the state before the step comes first.
        """
        (h,) = states
        a_update, a_reset, a_candidate = tf.split(a, 3, axis=1)
        update, reset = tf.sigmoid(x[0] + a_update), tf.sigmoid(x[1] + a_reset)
        candidate = tf.tanh(x[2] + reset * a_candidate)
        return (candidate + update * (h - candidate),), (h, update, reset, candidate, a_candidate)

    @staticmethod
    def derivative(saved: Tensors, d_states: Tensors) -> tuple[Tensors, Tensors, Tensors]:
        """Return the gradient of one step.

        Parameters
        ----------
        saved : tuple of tensor
            From ``step``.
        d_states : tuple of tensor
            Gradient at the state after the step.

        Returns
        -------
        d_states, d_x, d_a
            Gradients at the state before the step (without what goes through the recurrent product), at the input
            products and at the recurrent products.
        """
        h, update, reset, candidate, a_candidate = saved
        (d_h,) = d_states
        d_update = d_h * (h - candidate) * update * (1 - update)
        d_candidate = d_h * (1 - update) * (1 - candidate * candidate)
        d_reset = d_candidate * a_candidate * reset * (1 - reset)
        return (d_h * update,), (d_update, d_reset, d_candidate), (d_update, d_reset, d_candidate * reset)


class LSTMCell:
    """A step of ``keras.layers.LSTM`` and its derivative, in the form of :class:`GRUCell`; the states are h and c."""

    n_gates, n_states, n_saved = 4, 2, 7

    @staticmethod
    def weights(embeddings: tf.Tensor, kernel: tf.Tensor, recurrent: tf.Tensor, bias: tf.Tensor) -> Weights:
        """From Keras's weights."""
        return Weights(_tables(embeddings, kernel, bias, 4), recurrent, tf.zeros_like(bias))

    @staticmethod
    def step(x: Tensors, a: tf.Tensor, states: Tensors) -> tuple[Tensors, Tensors]:
        """One step, as :meth:`GRUCell.step`; the gates are input, forget, candidate and output."""
        h, c = states
        x_input, x_forget, x_candidate, x_output = (u + v for u, v in zip(x, tf.split(a, 4, axis=1), strict=True))
        entry, forget, output = tf.sigmoid(x_input), tf.sigmoid(x_forget), tf.sigmoid(x_output)
        candidate = tf.tanh(x_candidate)
        new_c = forget * c + entry * candidate
        squashed = tf.tanh(new_c)
        return (output * squashed, new_c), (h, c, entry, forget, candidate, output, squashed)

    @staticmethod
    def derivative(saved: Tensors, d_states: Tensors) -> tuple[Tensors, Tensors, Tensors]:
        """Return the gradient of one step, as :meth:`GRUCell.derivative`."""
        _, c, entry, forget, candidate, output, squashed = saved
        d_h, d_c = d_states
        d_c += d_h * output * (1 - squashed * squashed)
        d_gates = (
            d_c * candidate * entry * (1 - entry),
            d_c * c * forget * (1 - forget),
            d_c * entry * (1 - candidate * candidate),
            d_h * squashed * output * (1 - output),
        )
        return (tf.zeros_like(d_h), d_c * forget), d_gates, d_gates


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
        """Run over ids, int32, one text per column, left-padded with 0: its state stays 0 until its first id."""
        states, total, top = _start(weights, ids, self.cell.n_states)

        def block(j: Any, *now: Any) -> Any:
            return j + 1, *self._infer(weights, _block(ids, j), *now)

        _, states, total, top = _repeat(block, _n_blocks(ids), states, total, top)
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
        """As ``infer``, for a gradient tape."""

        @tf.custom_gradient  # type: ignore[untyped-decorator]
        def run(recurrent: Any, bias: Any, *tables: Any) -> Any:
            constant = Weights(*tf.nest.map_structure(tf.stop_gradient, (tables, recurrent, bias)))
            pooled, top_at, saved = self._run_forward(constant, ids)
            return pooled, lambda *d_pooled: self._run_backward(constant, ids, top_at, saved, Pooled(*d_pooled))

        return Pooled(*run(weights.recurrent, weights.bias, *weights.tables))

    def _run_forward(self, weights: Weights, ids: tf.Tensor) -> tuple[Pooled, tf.Tensor, Any]:
        """Return the pooled states, the step at which each unit is largest, and what ``_run_backward`` needs."""
        states, total, top = _start(weights, ids, self.cell.n_states)
        saved = _arrays(_n_blocks(ids), self.cell.n_saved, (STEPS, *top.shape))

        def block(j: Any, saved: Any, *now: Any) -> Any:
            *after, new = self._forward(weights, _block(ids, j), j * STEPS, *now)
            return j + 1, _write(saved, j, new), *after

        top_at = tf.fill(top.shape, -1)
        _, saved, states, total, top, top_at = _repeat(block, _n_blocks(ids), saved, states, total, top, top_at)
        return Pooled(states[0], total, top), top_at, saved

    def _run_backward(self, weights: Weights, ids: tf.Tensor, top_at: tf.Tensor, saved: Any, d_pooled: Pooled) -> Any:
        """Gradients at the recurrent weights, the recurrent bias and the tables of each gate."""
        n_blocks = _n_blocks(ids)
        d_states = (d_pooled.last, *[tf.zeros_like(d_pooled.last)] * (self.cell.n_states - 1))
        d_inputs = _arrays(n_blocks, 1, (STEPS, ids.shape[1], weights.recurrent.shape[1]))

        def block(i: Any, d_inputs: Any, d_states: Any, d_recurrent: Any, d_bias: Any) -> Any:
            j = n_blocks - 1 - i
            block_saved = tuple(array.read(j) for array in saved)
            d_states, d_r, d_b, d_x = self._backward(
                weights.recurrent, _block(ids, j), j * STEPS, block_saved, d_states, d_pooled, top_at
            )
            return i + 1, _write(d_inputs, j, (d_x,)), d_states, d_recurrent + d_r, d_bias + d_b

        nothing = tf.zeros_like(weights.recurrent), tf.zeros_like(weights.bias)
        _, (d_inputs,), _, d_recurrent, d_bias = _repeat(block, n_blocks, d_inputs, d_states, *nothing)
        by_token = tf.reshape(d_inputs.concat(), [-1, weights.recurrent.shape[1]])
        d_tables = tf.math.unsorted_segment_sum(by_token, tf.reshape(ids, [-1]), tf.shape(weights.tables[0])[0])
        return d_recurrent, d_bias, *tf.split(d_tables, self.cell.n_gates, axis=1)


def _tables(embeddings: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, n_gates: int) -> Tensors:
    # One table per gate: looking up a row and then slicing it costs three times as much.
    gates = zip(tf.split(kernel, n_gates, axis=1), tf.split(bias, n_gates), strict=True)
    return tuple(embeddings @ gate_kernel + gate_bias for gate_kernel, gate_bias in gates)


def _start(weights: Weights, ids: tf.Tensor, n_states: int) -> tuple[Tensors, tf.Tensor, tf.Tensor]:
    zero = tf.zeros([ids.shape[1], weights.recurrent.shape[0]])
    return (zero,) * n_states, zero, zero - 1


def _n_blocks(ids: tf.Tensor) -> tf.Tensor:
    return tf.shape(ids)[0] // STEPS


def _block(ids: tf.Tensor, j: tf.Tensor) -> tf.Tensor:
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
    has_begun = (ids != PAD_ID)[:, None]
    x = tuple(tf.cast(tf.gather(table, ids), tf.float32) for table in tables)
    states, saved = cell.step(x, a, states)
    return has_begun, tuple(tf.where(has_begun, state, 0.0) for state in states), saved


def _product(weights: Weights, states: Tensors) -> tf.Tensor:
    return states[0] @ weights.recurrent + weights.bias


def _infer_program(cell: Any) -> Callable[..., Any]:
    def infer(weights: Weights, ids: Any, states: Any, total: Any, top: Any) -> Any:
        def step(k: Any, states: Any, total: Any, top: Any) -> Any:
            has_begun, states, _ = _step(cell, weights.tables, _product(weights, states), ids[k], states)
            return k + 1, states, total + states[0], tf.where(has_begun, tf.maximum(top, states[0]), top)

        return _repeat(step, STEPS, states, total, top)[1:]

    return infer


def _after_product_program(cell: Any) -> Callable[..., Any]:
    def after_product(tables: Any, bias: Any, a: Any, ids: Any, states: Any, total: Any, top: Any) -> Any:
        has_begun, states, _ = _step(cell, tables, tf.cast(a, tf.float32) + bias, ids, states)
        top = tf.where(has_begun, tf.maximum(top, states[0]), top)
        return tf.cast(states[0], tf.bfloat16), states, total + states[0], top

    return after_product


def _forward_program(cell: Any) -> Callable[..., Any]:
    def forward(weights: Weights, ids: Any, first: Any, states: Any, total: Any, top: Any, top_at: Any) -> Any:
        def step(k: Any, saved: Any, states: Any, total: Any, top: Any, top_at: Any) -> Any:
            has_begun, states, new = _step(cell, weights.tables, _product(weights, states), ids[k], states)
            higher = has_begun & (states[0] > top)
            top, top_at = tf.where(higher, states[0], top), tf.where(higher, first + k, top_at)
            return k + 1, _write(saved, k, new), states, total + states[0], top, top_at

        saved = _arrays(STEPS, cell.n_saved, tuple(top.shape))
        _, saved, *after = _repeat(step, STEPS, saved, states, total, top, top_at)
        return *after, tuple(array.stack() for array in saved)

    return forward


def _backward_program(cell: Any) -> Callable[..., Any]:
    def backward(recurrent: Any, ids: Any, first: Any, saved: Any, d_states: Any, d_pooled: Pooled, top_at: Any) -> Any:
        transposed = tf.transpose(recurrent)

        def step(i: Any, d_inputs: Any, d_states: Any, d_recurrent: Any, d_bias: Any) -> Any:
            k = STEPS - 1 - i
            step_saved = tuple(array[k] for array in saved)
            d_h = d_states[0] + d_pooled.total + tf.where(top_at == first + k, d_pooled.top, 0.0)
            has_begun = (ids[k] != PAD_ID)[:, None]
            d_states = tuple(tf.where(has_begun, d_state, 0.0) for d_state in (d_h, *d_states[1:]))
            (d_h, *others), d_x, d_a = cell.derivative(step_saved, d_states)
            d_product = tf.concat(d_a, axis=1)
            d_states = (d_h + d_product @ transposed, *others)
            d_recurrent += tf.matmul(step_saved[0], d_product, transpose_a=True)
            d_bias += tf.reduce_sum(d_product, axis=0)
            return i + 1, _write(d_inputs, k, (tf.concat(d_x, axis=1),)), d_states, d_recurrent, d_bias

        d_inputs = _arrays(STEPS, 1, (ids.shape[1], recurrent.shape[1]))
        nothing = tf.zeros_like(recurrent), tf.zeros(recurrent.shape[1])
        _, (d_inputs,), *after = _repeat(step, STEPS, d_inputs, d_states, *nothing)
        return *after, d_inputs.stack()

    return backward
