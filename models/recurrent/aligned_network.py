"""A decoder that writes, for one symbol of the source after the other, the chunk of the target that belongs to it.

Equations
---------
``memory_s`` is the encoder's state at symbol s (``pair_network.py``). The decoder's step at s, whose state was h, is

    h_new   = cell(embedding of the chunk before, memory_s; h)
    logits  = W_out · tanh(W_features · [h_new, memory_s])

The first h is 0. There are as many steps as source symbols; the end after them is learnt as well, where ``memory_s`` is
0. What comes from the source does not depend on the decoder's state, and is computed for all steps at once.

References
----------
K. Yao and G. Zweig, "Sequence-to-sequence neural net models for grapheme-to-phoneme conversion", Interspeech 2015,
section 4: a recurrent network that reads aligned letters in both directions and the chunk before. R. Aharoni and
Y. Goldberg, "Morphological inflection generation with hard monotonic attention", ACL 2017: the attention moves in order
over symbols that were aligned before.
"""

from __future__ import annotations

from typing import Any

from .backend import tf
from .pair_network import END, NEVER, Kept, PairNetwork, Tensors, product


class AlignedNetwork(PairNetwork):
    """Targets are chunks, one for each symbol of the source, and an end. Parameters are those of PairNetwork."""

    def encode(self, ids: tf.Tensor, kept: Kept | None = None) -> tuple[tf.Tensor, Tensors]:
        """As PairNetwork's; the first tensor is of shape (n_steps, n_rows, 2 * encoder units)."""
        states, is_real = self._read_both_ways(ids)
        states = states * tf.cast(is_real, tf.float32)[:, :, None]
        states = states if kept is None else states * kept.memory[None]
        return states, (tf.zeros([ids.shape[1], self.units]),) * self.cell.n_states

    def logits(self, source: tf.Tensor, target: tf.Tensor, kept: Kept | None = None) -> tf.Tensor:
        """As PairNetwork's; there are as many steps of source and target."""
        memory, states = self.encode(source, kept)
        inputs = self._inputs_before(target) + product(memory, self._weight("context"))
        recurrent = self._weight("recurrent")
        n_steps, n_rows = target.shape
        outputs = tf.TensorArray(tf.float32, n_steps, element_shape=(n_rows, self.units))

        def step(i: Any, states: Any, outputs: Any) -> Any:
            states = self._apply(inputs[i], states[0] @ recurrent, states)
            return i + 1, states, outputs.write(i, states[0])

        loop = (lambda i, *_: i < n_steps), step, (0, states, outputs)
        features = tf.concat([tf.while_loop(*loop, maximum_iterations=n_steps)[2].stack(), memory], axis=2)
        return self._output(features if kept is None else features * kept.features)

    def _next(
        self, memory: tf.Tensor, step: tf.Tensor, n_paths: int, inputs: tf.Tensor, states: Tensors
    ) -> tuple[Tensors, tf.Tensor]:
        here = tf.repeat(memory[step], n_paths, axis=0)
        states = self._apply(inputs + here @ self._weight("context"), states[0] @ self._weight("recurrent"), states)
        logits = self._output(tf.concat([states[0], here], axis=1))
        return states, logits + NEVER * tf.one_hot(END, self.n_target)  # the end comes where the source ends
