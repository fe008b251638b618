"""Pieces are scored in nats per step, by models that do not look ahead."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from bench.datasets.rows.events import make_event_dataset
from bench.events import Events
from bench.tasks.next_event import NextEvent

TASK = NextEvent()
PIECES = [np.array([[0, 1], [1, 2], [2, 0]], np.int32), np.array([[1, 1], [0, 2]], np.int32)]
DATA = make_event_dataset("a", PIECES * 5, PIECES, 3, origin="made up").draw(None, 0)

Floats = npt.NDArray[np.float64]


class Uniform:
    """Gives every token the same probability."""

    def token_log_probabilities(self, X: Events) -> Floats:
        return np.full(len(X.tokens.values), -np.log(X.n_symbols))

    def next_probabilities(self, X: Events) -> Floats:
        return np.full((len(X), X.n_symbols), 1 / X.n_symbols)


class Seer(Uniform):
    """Gives each token that comes a high probability, which needs a look ahead."""

    def token_log_probabilities(self, X: Events) -> Floats:
        return np.full(len(X.tokens.values), np.log(0.9))


def test_equal_probabilities_cost_the_logarithm_of_the_symbols_per_token() -> None:
    predictions = TASK.predict(Uniform(), DATA)
    np.testing.assert_allclose(predictions.by_row, 2 * np.log(3))
    scores = predictions.measure(np.zeros(2, bool))
    assert scores["nats_per_token"] == pytest.approx(np.log(3))


def test_pieces_count_alike_but_for_the_pooled_score() -> None:
    class Long(Uniform):
        """Is sure of the first piece's tokens alone."""

        def token_log_probabilities(self, X: Events) -> Floats:
            return np.repeat(np.where(X.lengths == 6, -0.1, -2.0), X.lengths)

    scores = TASK.predict(Long(), DATA).measure(np.zeros(2, bool))
    assert scores["nats_per_step"] == pytest.approx((0.2 + 4.0) / 2)
    assert scores["nats_per_step_pooled"] == pytest.approx((3 * 0.2 + 2 * 4.0) / 5)


def test_predictions_survive_being_written_as_arrays() -> None:
    predictions = TASK.predict(Uniform(), DATA)
    again = type(predictions).from_arrays(predictions.arrays())
    assert again.has_truth_of(predictions)
    np.testing.assert_array_equal(again.by_row, predictions.by_row)


def test_an_honest_model_passes_the_check() -> None:
    TASK.check_fitted(Uniform(), DATA)


def test_a_model_that_looks_ahead_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0.9000 in the whole piece and 0.3333 .* looks ahead"):
        TASK.check_fitted(Seer(), DATA)


def test_probabilities_that_do_not_add_up_are_refused() -> None:
    class Half(Uniform):
        def next_probabilities(self, X: Events) -> Floats:
            return super().next_probabilities(X) / 2

    with pytest.raises(ValueError, match="no probabilities"):
        TASK.check_fitted(Half(), DATA)


@pytest.mark.parametrize("value", [0.5, np.nan, -np.inf])
def test_numbers_that_are_no_logarithms_of_probabilities_are_refused(value: float) -> None:
    class Wrong(Uniform):
        def token_log_probabilities(self, X: Events) -> Floats:
            return np.full(len(X.tokens.values), value)

    with pytest.raises(ValueError, match="above 0 or not finite"):
        TASK.predict(Wrong(), DATA)


def test_copies_of_a_piece_are_drawn_together() -> None:
    copies = make_event_dataset("a", PIECES * 3, PIECES, 3, groups=np.tile([7, 9], 3), origin="made up")
    assert copies.n_train == 2
    drawn = copies.draw(1, seed=0)
    assert len(drawn.X_train) == 3
    assert len({drawn.X_train[row].tobytes() for row in range(3)}) == 1
