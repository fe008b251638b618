"""The cell's equations as the textbook writes them, against Keras's layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bench.models.recurrent.backend import keras
from bench.models.recurrent.reference import gru_cell, gru_sequence

Array = np.ndarray

N_UNITS, N_INPUTS = 5, 3


@pytest.fixture
def weights() -> list[Array]:
    """W_z, W_r and W_h, each for [h, x]."""
    random = np.random.default_rng(0)
    return [random.normal(size=(N_UNITS, N_UNITS + N_INPUTS)) for _ in range(3)]


@pytest.fixture
def x() -> Array:
    return np.random.default_rng(1).normal(size=(4, 7, N_INPUTS))


def keras_states(weights: list[Array], x: Array, reset_after: bool) -> Any:
    """Keras's layer with the same weights: its z is one minus the text's, so that gate's weights change their sign."""
    W_z, W_r, W_h = weights
    gates = np.concatenate([-W_z, W_r, W_h]).T
    layer = keras.layers.GRU(N_UNITS, use_bias=False, reset_after=reset_after, return_sequences=True, dtype="float64")
    layer.build((None, None, N_INPUTS))
    layer.set_weights([gates[N_UNITS:], gates[:N_UNITS]])
    return keras.ops.convert_to_numpy(layer(x))


def test_keras_computes_the_text_s_equations_with_the_reset_gate_before_the_product(
    weights: list[Array], x: Array
) -> None:
    np.testing.assert_allclose(keras_states(weights, x, reset_after=False), gru_sequence(x, *weights), atol=1e-6)


def test_with_the_reset_gate_after_the_product_the_states_differ_from_the_second_step_on(
    weights: list[Array], x: Array
) -> None:
    states, after = gru_sequence(x, *weights), keras_states(weights, x, reset_after=True)
    np.testing.assert_allclose(after[:, 0], states[:, 0], atol=1e-6)  # there is no state yet to be reset
    assert (np.abs(after[:, 1:] - states[:, 1:]).max(axis=(0, 2)) > 1e-3).all()


def test_an_open_reset_gate_makes_both_kinds_equal(weights: list[Array], x: Array) -> None:
    W_z, _, W_h = weights
    open_gate = np.zeros((N_UNITS, N_UNITS + N_INPUTS))
    open_gate[:, N_UNITS] = 1e6  # with an input that is 1 here, r is 1
    x[:, :, 0] = 1
    states = gru_sequence(x, W_z, open_gate, W_h)
    np.testing.assert_allclose(keras_states([W_z, open_gate, W_h], x, reset_after=True), states, atol=1e-6)


def test_the_update_gate_mixes_the_old_state_with_the_candidate() -> None:
    h, x = np.array([[0.5, -0.25]]), np.ones((1, 1))
    W_r, W_h = np.zeros((2, 3)), np.tile([0, 0, 10.0], (2, 1))
    for size, expected in [(-100.0, h), (0.0, (h + 1) / 2), (100.0, np.ones((1, 2)))]:
        W_z = np.tile([0, 0, size], (2, 1))
        np.testing.assert_allclose(gru_cell(h, x, W_z, W_r, W_h), expected, atol=1e-6)
