"""Two ways to run a recurrent network: as Keras runs its layers, or with their recurrence in the fast loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, Literal, TypeAlias, get_args

import joblib
import numpy as np

from bench.corpus import PAD_ID, Int32Array, Ragged

from ..base import FloatArray, IntArray
from ..id_arrays import pad
from .backend import keras, tf
from .loop import STEPS, GRUCell, Loop, LSTMCell, Weights
from .network import DROPOUT, EMBEDDING, OUTPUT, POOL, recurrent_layers

PREDICTED_BY_LAYERS = 256
PREDICTED_BY_LOOP = {"float32": (1, 16, 512), "bfloat16": (1, 16, 512, 1024)}
"""Batches are filled up to one of these sizes, so that few programs are compiled."""
WIDEST = 4
"""A batch of predictions is at most this many times as wide as its median text."""
MIN_TEXTS_OF_A_PART = 32

Implementation = Literal["auto", "loop", "keras"]
Precision = Literal["float32", "bfloat16"]
Runner: TypeAlias = "LayersRunner | LoopRunner"
Predictor: TypeAlias = Callable[[Any], FloatArray]
"""From rows, ids or frames, to outputs, shape (n_rows, n_outputs)."""

_CELLS = {keras.layers.GRU: GRUCell, keras.layers.LSTM: LSTMCell}


def make_runner(
    network: keras.Model, max_length: int, implementation: Implementation, precision: Precision = "float32"
) -> Runner:
    """Return the way to run a network that is meant by ``implementation``; "auto" is the fast loop, on a GPU Keras.

    Raises
    ------
    ValueError
        There is no such way or precision, or not both together.
    """
    if precision not in get_args(Precision):
        raise ValueError(f"precision is {precision!r}, expected {', '.join(map(repr, get_args(Precision)))}")
    if choose_implementation(implementation) == "loop":
        return LoopRunner(network, max_length, precision)
    if precision != "float32":
        raise ValueError(f"precision is {precision!r}, which only the fast loop knows; leave it or implementation out")
    return LayersRunner(network, max_length)


def choose_implementation(implementation: Implementation) -> Implementation:
    """Return "loop" or "keras", whichever is meant.

    Raises
    ------
    ValueError
        There is no such way.
    """
    if implementation not in get_args(Implementation):
        known = ", ".join(map(repr, get_args(Implementation)))
        raise ValueError(f"implementation is {implementation!r}, expected {known}")
    if implementation == "auto":
        return "keras" if tf.config.list_physical_devices("GPU") else "loop"
    return implementation


class LayersRunner:
    """The network as Keras runs it: on a GPU with cuDNN's kernels.

    Parameters
    ----------
    network : keras.Model
        From ids, shape (n_texts, columns), padded with 0 on the right, to outputs, shape (n_texts, n_outputs).
    max_length : int
        How many ids of a text are read, the last ones.
    """

    def __init__(self, network: keras.Model, max_length: int) -> None:
        self._network = network
        self._max_length = max_length
        self._infer = tf.function(
            lambda ids: network(ids, training=False), input_signature=[self.signature(0)], autograph=False
        )

    def full_size(self, n_texts: int) -> int:
        """Texts of the batch that n_texts are put into."""
        return n_texts

    def pad(self, token_ids: Ragged, rows: IntArray, n_texts: int) -> Int32Array:
        """Return the ids of a batch: rows, of which ``full_size`` makes n_texts."""
        return pad(token_ids, rows, self._max_length)

    def signature(self, n_texts: int) -> tf.TensorSpec:
        """Return what ``pad`` gives."""
        return tf.TensorSpec([None, None], tf.int32)

    def train(self, ids: tf.Tensor) -> tf.Tensor:
        """Return outputs of a training step, shape (n_texts, n_outputs), inside a compiled function."""
        return self._network(ids, training=True)

    def predictor(self) -> Predictor:
        """Return outputs of any texts, shape (n_texts, n_outputs), with the network's weights of now."""

        def run(token_ids: Ragged, rows: IntArray) -> Any:
            return self._infer(self.pad(token_ids, rows, len(rows)))

        return partial(_by_length, run, PREDICTED_BY_LAYERS, self._max_length)


class LoopRunner:
    """The network with its recurrent layers in the fast loop, everything else as Keras runs it.

    Parameters
    ----------
    network, max_length
        As of LayersRunner. The recurrent layers are ``keras.layers.GRU`` with ``reset_after=True`` or
        ``keras.layers.LSTM``, without dropout.
    precision : {"float32", "bfloat16"}
        What the numbers of predictions are rounded to before they are multiplied; training is in float32.
    """

    def __init__(self, network: keras.Model, max_length: int, precision: Precision = "float32") -> None:
        self._network = network
        self._max_length = max_length
        self._loop = _loop(_CELLS[type(recurrent_layers(network)[0])])
        self._run = self._loop.infer if precision == "float32" else self._loop.infer_in_bfloat16
        self._sizes = PREDICTED_BY_LOOP[precision]
        self._programs: dict[int, Any] = {}

    def full_size(self, n_texts: int) -> int:
        """As LayersRunner's."""
        n_parts = _n_parts(n_texts)
        return -(-n_texts // n_parts) * n_parts

    def pad(self, token_ids: Ragged, rows: IntArray, n_texts: int) -> Int32Array:
        """Ids for each direction, shape (n_directions, a multiple of STEPS, n_texts)."""
        longest = np.minimum(token_ids.lengths[rows], self._max_length).max(initial=1)
        forwards = np.zeros((n_texts, -(-longest // STEPS) * STEPS), np.int32)
        forwards[: len(rows)] = pad(token_ids, rows, self._max_length, width=forwards.shape[1])
        directions = [forwards, backwards(forwards)][: len(recurrent_layers(self._network))]
        return np.stack([ids.T for ids in directions])

    def signature(self, n_texts: int) -> tf.TensorSpec:
        """Return the shape and type of what ``pad`` gives."""
        n_directions = len(recurrent_layers(self._network))
        return tf.TensorSpec([n_directions, None, n_texts], tf.int32)

    def train(self, ids: tf.Tensor) -> tf.Tensor:
        """Return the outputs of a training step, shape (n_texts, n_outputs), inside a compiled function."""
        return self._outputs(ids, self._weights(), training=True)

    def predictor(self) -> Predictor:
        """As LayersRunner's."""
        weights = self._weights()

        def run(token_ids: Ragged, rows: IntArray) -> Any:
            size = next(size for size in self._sizes if size >= len(rows))
            if size not in self._programs:
                signature = [self.signature(size), tf.nest.map_structure(tf.TensorSpec.from_tensor, weights)]
                self._programs[size] = tf.function(self._outputs, input_signature=signature, autograph=False)
            return self._programs[size](self.pad(token_ids, rows, size), weights)[: len(rows)]

        return partial(_by_length, run, self._sizes[-1], self._max_length)

    def _weights(self) -> list[Weights]:
        embeddings = tf.convert_to_tensor(self._network.get_layer(EMBEDDING).embeddings)
        return [
            self._loop.cell.weights(embeddings, *(tf.convert_to_tensor(v) for v in layer.weights))
            for layer in recurrent_layers(self._network)
        ]

    def _outputs(self, ids: tf.Tensor, weights: list[Weights], training: bool = False) -> tf.Tensor:
        run = self._loop.train if training else self._run
        pool = self._network.get_layer(POOL)
        parts = []
        for part in tf.split(ids, _part_sizes(ids.shape[2]), axis=2):
            lengths = tf.reduce_sum(tf.cast(part[0] != PAD_ID, tf.float32), axis=0)
            pooled = [run(of_layer, part[i]) for i, of_layer in enumerate(weights)]
            parts.append(tf.concat([pool.combine(*of_layer, lengths) for of_layer in pooled], axis=1))
        features = self._network.get_layer(DROPOUT)(tf.concat(parts, axis=0), training=training)
        return self._network.get_layer(OUTPUT)(features)


def backwards(ids: Int32Array) -> Int32Array:
    """Rows that are padded with 0 on the left, each read backwards and padded on the left again.

    >>> backwards(np.array([[0, 0, 5, 6], [1, 2, 3, 4]])).tolist()
    [[0, 0, 6, 5], [4, 3, 2, 1]]
    """
    turned = ids[:, ::-1]
    padded = np.zeros_like(ids)
    padded[ids != PAD_ID] = turned[turned != PAD_ID]
    return padded


@cache
def _loop(cell: Any) -> Loop:
    """One for all networks: its programs are compiled once."""
    return Loop(cell)


def _n_parts(n_texts: int) -> int:
    """Return into how many parts, one per processor, a batch is divided."""
    return max(1, min(int(joblib.cpu_count()), n_texts // MIN_TEXTS_OF_A_PART))


def _part_sizes(n_texts: int) -> list[int]:
    """Texts of each part; they differ by one at most, so that two programs at most are compiled."""
    n_parts = _n_parts(n_texts)
    return [(n_texts + i) // n_parts for i in range(n_parts)]


def _by_length(
    run: Callable[[Ragged, IntArray], Any], n_at_once: int, max_length: int, token_ids: Ragged
) -> FloatArray:
    """Return outputs of all texts, those of similar length together."""
    rows = np.argsort(token_ids.lengths, kind="stable")
    lengths = np.minimum(token_ids.lengths[rows], max_length)
    outputs = [run(token_ids, rows[batch]) for batch in _of_similar_length(lengths, n_at_once)]
    return np.concatenate(outputs, dtype=np.float64)[np.argsort(rows)]


def _of_similar_length(lengths: IntArray, n_at_once: int) -> Iterator[slice]:
    """Batches of sorted lengths: a few long texts do not lengthen a batch of short ones, but form another batch."""
    start = 0
    while start < len(lengths):
        batch = lengths[start : start + n_at_once]
        widest = WIDEST * max(int(batch[len(batch) // 2]), STEPS)
        stop = start + int(np.searchsorted(batch, widest, side="right"))
        yield slice(start, stop)
        start = stop
