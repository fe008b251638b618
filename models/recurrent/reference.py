"""The gated recurrent unit as textbooks write it: a reference in float64 that the fast ways are checked against."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..base import FloatArray


def gru_cell(
    h: npt.ArrayLike, x: npt.ArrayLike, W_z: npt.ArrayLike, W_r: npt.ArrayLike, W_h: npt.ArrayLike
) -> FloatArray:
    """One step of a GRU: the update gate mixes the old state with a candidate, which the reset gate lets forget.

    z = sigmoid(W_z·[h, x]), r = sigmoid(W_r·[h, x]), c = tanh(W_h·[r * h, x]), the new state is (1 - z) * h + z * c.

    The reset gate acts before the recurrent product, as in the paper. Keras's layer does that with
    ``reset_after=False``; its z is one minus this one.

    Parameters
    ----------
    h : array, shape (n_rows, n_units)
        The state before.
    x : array, shape (n_rows, n_inputs)
        The input.
    W_z, W_r, W_h : array, shape (n_units, n_units + n_inputs)
        Weights of update gate, reset gate and candidate; the columns of the state come first.

    Returns
    -------
    array, shape (n_rows, n_units)

    References
    ----------
    K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine translation",
    EMNLP 2014: eqs. 5 to 8, z turned round as in later texts.

    Examples
    --------
    >>> gru_cell([[0.5]], [[1.0]], [[0, 0]], [[0, 0]], [[0, 0]])  # both gates half open, the candidate 0
    array([[0.25]])
    """
    h, x = np.asarray(h, np.float64), np.asarray(x, np.float64)
    both = np.hstack([h, x])
    z = _sigmoid(both @ np.transpose(W_z))
    r = _sigmoid(both @ np.transpose(W_r))
    candidate = np.tanh(np.hstack([r * h, x]) @ np.transpose(W_h))
    state: FloatArray = (1 - z) * h + z * candidate
    return state


def gru_sequence(x: npt.ArrayLike, W_z: npt.ArrayLike, W_r: npt.ArrayLike, W_h: npt.ArrayLike) -> FloatArray:
    """Return the states of a GRU over a sequence that begins at state 0.

    Parameters
    ----------
    x : array, shape (n_rows, n_steps, n_inputs)
    W_z, W_r, W_h : array, shape (n_units, n_units + n_inputs)

    Returns
    -------
    array, shape (n_rows, n_steps, n_units)
    """
    inputs = np.asarray(x, np.float64)
    states = np.zeros((inputs.shape[0], inputs.shape[1] + 1, np.shape(W_h)[0]))
    for t in range(inputs.shape[1]):
        states[:, t + 1] = gru_cell(states[:, t], inputs[:, t], W_z, W_r, W_h)
    return states[:, 1:]


def _sigmoid(v: FloatArray) -> FloatArray:
    return 1 / (1 + np.exp(-v))
