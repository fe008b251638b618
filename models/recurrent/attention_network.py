"""A decoder with attention, which sees all of the source at each step and chooses where to look.

Equations
---------
``memory_s`` is the encoder's state at symbol s (``pair_network.py``). A step of the decoder, whose state was h, is

    weight_s  = softmax over s of (memory_s · W_key · h)
    context   = sum over s of weight_s · memory_s
    h_new     = cell(embedding of the symbol before, context; h)
    logits    = W_out · tanh(W_features · [h_new, context])

The first h is ``tanh(W_start · last state of the layer that reads from the end)``.

References
----------
D. Bahdanau, K. Cho and Y. Bengio, "Neural machine translation by jointly learning to align and translate", ICLR 2015:
the context is chosen before the step and goes into it. M.-T. Luong, H. Pham and C. D. Manning, "Effective approaches to
attention-based neural machine translation", EMNLP 2015: the product as score ("general").
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .backend import tf
from .pair_network import NEVER, Kept, PairNetwork, Tensors, Weight, product


class Memory(NamedTuple):
    """What the decoder knows of the sources."""

    states: tf.Tensor
    """Shape (n_rows, n_steps, 2 * encoder units)."""
    keys: tf.Tensor
    """Shape (n_rows, n_steps, units): W_key applied to each state."""
    mask: tf.Tensor
    """Shape (n_rows, n_steps): 0, or a large negative number at padding."""


class AttentionNetwork(PairNetwork):
    """Targets are symbols and an end. Parameters are those of PairNetwork."""

    def _weights_between(self) -> list[Weight]:
        half = self.encoder_units
        return [("key", (2 * half, self.units), "glorot_uniform"), ("start", (half, self.units), "glorot_uniform")]

    def encode(self, ids: tf.Tensor, kept: Kept | None = None) -> tuple[Memory, Tensors]:
        """As PairNetwork's."""
        states, is_real = self._read_both_ways(ids)
        start = tf.tanh(states[0, :, self.encoder_units :] @ self._weight("start"))
        states = tf.transpose(states, [1, 0, 2])
        states = states if kept is None else states * kept.memory[:, None]
        mask = tf.transpose(tf.where(is_real, 0.0, NEVER))
        memory = Memory(states, product(states, self._weight("key")), mask)
        return memory, (start, *[tf.zeros_like(start)] * (self.cell.n_states - 1))

    def logits(self, source: tf.Tensor, target: tf.Tensor, kept: Kept | None = None) -> tf.Tensor:
        """As PairNetwork's."""
        memory, states = self.encode(source, kept)
        inputs = self._inputs_before(target)
        n_steps, n_rows = target.shape
        width = self.units + 2 * self.encoder_units
        outputs = tf.TensorArray(tf.float32, n_steps, element_shape=(n_rows, width))

        def step(i: Any, states: Any, outputs: Any) -> Any:
            states, features = self._step(memory, inputs[i], states)
            return i + 1, states, outputs.write(i, features)

        loop = (lambda i, *_: i < n_steps), step, (0, states, outputs)
        features = tf.while_loop(*loop, maximum_iterations=n_steps)[2].stack()
        return self._output(features if kept is None else features * kept.features)

    def _next(
        self, memory: Memory, step: tf.Tensor, n_paths: int, inputs: tf.Tensor, states: Tensors
    ) -> tuple[Tensors, tf.Tensor]:
        states, features = self._step(Memory(*(tf.repeat(part, n_paths, axis=0) for part in memory)), inputs, states)
        return states, self._output(features)

    def _step(self, memory: Memory, inputs: tf.Tensor, states: Tensors) -> tuple[Tensors, tf.Tensor]:
        h = states[0]
        weights = tf.nn.softmax(tf.einsum("bsd,bd->bs", memory.keys, h) + memory.mask)
        context = tf.einsum("bs,bsd->bd", weights, memory.states)
        states = self._apply(inputs + context @ self._weight("context"), h @ self._weight("recurrent"), states)
        return states, tf.concat([states[0], context], axis=1)
