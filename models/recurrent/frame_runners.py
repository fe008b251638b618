"""The two ways of ``runners.py`` to run a recurrent network, over frames in the place of token ids.

The fast loop looks input products up by id. Here every frame of a batch is an id of its own: the frames are the
embeddings, and 0 stands for padding as it does in texts.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from bench.ragged import RaggedArray

from ..base import Array, IntArray
from .backend import keras, tf
from .loop import STEPS, Weights
from .network import recurrent_layers
from .runners import Implementation, LayersRunner, LoopRunner, backwards, choose_implementation

LONGEST = 2**31 - 1
"""Every frame of a row is read."""
SMALLEST_TABLE = 1024

FrameRunner: TypeAlias = "FrameLayersRunner | FrameLoopRunner"
Batch: TypeAlias = tuple[Array, Array]


def make_frame_runner(network: keras.Model, implementation: Implementation) -> FrameRunner:
    """Return the way to run a network that is meant by ``implementation``, as :func:`.runners.make_runner` does."""
    if choose_implementation(implementation) == "loop":
        return FrameLoopRunner(network, LONGEST)
    return FrameLayersRunner(network, LONGEST)


class FrameLayersRunner(LayersRunner):
    """The network as Keras runs it.

    Parameters
    ----------
    network : keras.Model
        Of :func:`.network.build_frame_network`.
    max_length : int
    """

    def pad(self, frames: RaggedArray, rows: IntArray, n_rows: int) -> Batch:  # type: ignore[override]
        """Return the frames of a batch, padded on the right, and their marks."""
        ids = _positions(frames.lengths[rows])
        return _table(frames, rows, 1 + int(ids.max()))[ids], np.minimum(ids, 1)

    def signature(self, n_rows: int) -> tuple[tf.TensorSpec, tf.TensorSpec]:
        """Return the shapes and types of what ``pad`` gives."""
        n_channels = self._network.inputs[0].shape[-1]
        return tf.TensorSpec([None, None, n_channels], tf.float32), tf.TensorSpec([None, None], tf.int32)


class FrameLoopRunner(LoopRunner):
    """The network with its recurrent layers in the fast loop, everything else as Keras runs it.

    Parameters
    ----------
    network, max_length
        As of FrameLayersRunner.
    """

    def pad(self, frames: RaggedArray, rows: IntArray, n_rows: int) -> Batch:  # type: ignore[override]
        """Return the frames of a batch as a table, and which of them each step of each direction reads.

        Shapes (a power of two, n_channels) and (n_directions, a multiple of STEPS, n_rows).
        """
        lengths = frames.lengths[rows]
        width = -(-int(lengths.max(initial=1)) // STEPS) * STEPS
        forwards = np.zeros((n_rows, width), np.int32)
        forwards[: len(rows)] = _positions(lengths, width)
        directions = [forwards, backwards(forwards)][: len(recurrent_layers(self._network))]
        # Tables of few sizes, since each one is another program.
        size = max(SMALLEST_TABLE, 1 << int(lengths.sum()).bit_length())
        return _table(frames, rows, size), np.stack([ids.T for ids in directions])

    def signature(self, n_rows: int) -> tuple[tf.TensorSpec, tf.TensorSpec]:
        """Return the shapes and types of what ``pad`` gives."""
        n_channels = self._network.inputs[0].shape[-1]
        return tf.TensorSpec([None, n_channels], tf.float32), super().signature(n_rows)

    def _weights(self) -> list[Any]:
        layers = recurrent_layers(self._network)
        return [tuple(tf.convert_to_tensor(weight) for weight in layer.weights) for layer in layers]

    def _outputs(self, batch: Any, weights: list[Any], training: bool = False) -> tf.Tensor:
        frames, ids = batch
        of_layers: list[Weights] = [self._loop.cell.weights(frames, *of_layer) for of_layer in weights]
        return super()._outputs(ids, of_layers, training)


def _positions(lengths: IntArray, width: int | None = None) -> Array:
    """Give each frame of a batch its number, from 1; padded with 0 on the right, or with a ``width`` on the left.

    >>> _positions(np.array([1, 3])).tolist(), _positions(np.array([1, 3]), 4).tolist()
    ([[1, 0, 0], [2, 3, 4]], [[0, 0, 0, 1], [0, 2, 3, 4]])
    """
    columns = np.arange(lengths.max(initial=1) if width is None else width)
    first = np.zeros_like(lengths) if width is None else width - lengths
    column = columns - first[:, None]
    is_real = (column >= 0) & (column < lengths[:, None])
    ids = np.zeros(is_real.shape, np.int32)
    ids[is_real] = np.arange(1, is_real.sum() + 1)
    return ids


def _table(frames: RaggedArray, rows: IntArray, size: int) -> Array:
    """All frames of the rows from index 1 on, zeros before and after; shape (size, n_channels)."""
    values = frames.take(rows).values
    table = np.zeros((size, values.shape[1]), np.float32)
    table[1 : len(values) + 1] = values
    return table
