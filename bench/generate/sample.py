"""Sampling of new pieces from a model of next events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bench.events import Events
from bench.ragged import Int32Array, Ragged


class NextEventModel(Protocol):
    """A fitted model of next events."""

    def next_probabilities(self, X: Events) -> npt.NDArray[np.float64]:
        """Probability of each token to follow each piece, shape (n_pieces, n_symbols)."""


def generate(
    model: NextEventModel,
    n_steps: int,
    width: int,
    n_symbols: int,
    random_state: int = 0,
    temperature: float = 1.0,
    start: Sequence[int] = (),
    n_drawn: int | None = None,
) -> Int32Array:
    """Make up a piece, token by token, each drawn from the model's probabilities given those before it.

    Parameters
    ----------
    model : NextEventModel
        Fitted.
    n_steps : int
        Length of the piece, with what it starts with.
    width, n_symbols : int
        Tokens per step, and how many there are: those of the training pieces.
    random_state : int
        Seed of the draws.
    temperature : float
        Probabilities are raised to the power of 1 / temperature. Below 1: likelier tokens are preferred still more.
    start : sequence of int
        Tokens that the piece starts with.
    n_drawn : int, optional
        Tokens from it on are never drawn. None: any is.

    Returns
    -------
    int32 array, shape (n_steps, width)

    Raises
    ------
    ValueError
        A parameter is out of range.
    """
    if n_steps < 1:
        raise ValueError(f"n_steps is {n_steps}, expected 1 or more")
    if not 0 < temperature < np.inf:
        raise ValueError(f"temperature is {temperature}, expected a number over 0")
    if len(start) > n_steps * width:
        raise ValueError(f"the start has {len(start)} tokens, expected at most {n_steps * width}, {width} per step")
    if any(not 0 <= token < n_symbols for token in start):
        raise ValueError(f"the start has tokens out of range, expected 0 to {n_symbols - 1}")
    rng = np.random.default_rng(random_state)
    tokens = list(start)
    while len(tokens) < n_steps * width:
        (probabilities,) = model.next_probabilities(Events(Ragged.from_rows([tokens]), width, n_symbols))
        with np.errstate(divide="ignore"):  # the logarithm of 0 gives 0 again
            logs = np.log(probabilities[:n_drawn]) / temperature
        weights = np.exp(logs - logs.max())
        tokens.append(int(rng.choice(len(weights), p=weights / weights.sum())))
    return np.array(tokens, np.int32).reshape(n_steps, width)
