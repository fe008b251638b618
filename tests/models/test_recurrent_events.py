"""Recurrent models of events: what they see of a piece, what they learn, transpositions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.events import Events
from bench.models.events import group_by_key
from bench.models.recurrent.events import GRUEventModel, LSTMEventModel
from bench.models.recurrent.pieces import split_pieces
from bench.ragged import Ragged

Array = np.ndarray
SMALL: dict[str, Any] = {"units": 12, "hidden": 12, "embedding_size": 6, "batch_size": 8, "learning_rate": 0.02}


def invent_pieces(n_pieces: int, seed: int) -> Events:
    """Pieces of 3 to 20 steps in two voices of 8 symbols: the first goes up by one or two, the second is 3 below."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(n_pieces):
        n_steps = random.integers(3, 21)
        upper = (random.integers(8) + np.cumsum(random.integers(1, 3, n_steps))) % 8
        rows.append(np.stack([upper, (upper - 3) % 8], axis=1).ravel())
    return Events(Ragged.from_rows(rows), width=2, n_symbols=8)


def prefixes(X: Events) -> Events:
    """Each piece cut at a place of its own, some within a step, the first to nothing."""
    return Events(Ragged.from_rows([X[i][: i % len(X[i])] for i in range(len(X))]), X.width, X.n_symbols)


@pytest.fixture(scope="module")
def fitted() -> GRUEventModel:
    """A small network; not to be changed."""
    return GRUEventModel(**SMALL, dropout=0.0, max_epochs=30).fit(invent_pieces(60, 0))


def nats_per_step(model: Any, X: Events) -> float:
    return -float(model.token_log_probabilities(X).sum() / X.n_steps.sum())


def test_a_gru_learns_that_one_voice_may_move_and_the_other_follows(fitted: GRUEventModel) -> None:
    assert np.log(2) < nats_per_step(fitted, invent_pieces(40, 1)) < 1.1  # log(8) = 2.08 in each first step


def test_an_lstm_learns_it_too() -> None:
    model = LSTMEventModel(**SMALL, dropout=0.0, max_epochs=30).fit(invent_pieces(60, 0))
    assert nats_per_step(model, invent_pieces(40, 1)) < 1.3


def test_no_token_is_predicted_from_itself_or_from_later_ones(fitted: GRUEventModel) -> None:
    whole = invent_pieces(20, 1)
    cut = prefixes(whole)
    of_whole = Ragged(np.arange(len(whole.tokens.values)), whole.tokens.offsets)
    kept = np.concatenate([of_whole[i][:n] for i, n in enumerate(cut.lengths)])
    expected = fitted.token_log_probabilities(whole)[kept]
    np.testing.assert_allclose(fitted.token_log_probabilities(cut), expected, atol=1e-5)


def test_the_probabilities_of_the_next_token_are_those_of_every_token_that_could_follow(fitted: GRUEventModel) -> None:
    pieces = prefixes(invent_pieces(12, 1))
    probabilities = fitted.next_probabilities(pieces)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    for symbol in range(8):
        longer = Events(Ragged.from_rows([[*piece, symbol] for piece in pieces]), 2, 8)
        last = fitted.token_log_probabilities(longer)[longer.tokens.offsets[1:] - 1]
        np.testing.assert_allclose(np.exp(last), probabilities[:, symbol], atol=1e-5)


def test_no_pieces_and_empty_pieces_are_answered(fitted: GRUEventModel) -> None:
    empty = Events(Ragged.from_rows([[], []]), 2, 8)
    assert fitted.token_log_probabilities(empty).shape == (0,)
    assert fitted.next_probabilities(empty).shape == (2, 8)
    assert fitted.next_probabilities(empty[:0]).shape == (0, 8)


def test_a_piece_is_answered_the_same_whatever_stands_beside_it(fitted: GRUEventModel) -> None:
    pieces = invent_pieces(15, 1)
    alone = np.concatenate([fitted.token_log_probabilities(pieces[i : i + 1]) for i in range(15)])
    np.testing.assert_allclose(fitted.token_log_probabilities(pieces), alone, atol=1e-5)


def test_the_same_seed_gives_the_same_network(fitted: GRUEventModel) -> None:
    again = GRUEventModel(**SMALL, dropout=0.0, max_epochs=30).fit(invent_pieces(60, 0))
    pieces = invent_pieces(5, 1)
    np.testing.assert_array_equal(again.next_probabilities(pieces), fitted.next_probabilities(pieces))


def test_history_counts_epochs_and_pieces(fitted: GRUEventModel) -> None:
    assert [entry["step"] for entry in fitted.history_] == list(range(1, 31))
    assert {"steps", "seconds", "loss", "validation_loss"} <= fitted.history_[0].keys()
    assert fitted.n_rows_seen_ == 30 * 54  # 6 of 60 pieces are held back


def _in_three_keys(pieces: list[list[int]]) -> Events:
    rows = [np.where(np.array(piece) > 0, np.array(piece) + key, 0) for key in range(3) for piece in pieces]
    return Events(Ragged.from_rows(rows), 2, 8)


TUNES = [[1, 0, 3, 2, 4, 4], [2, 3, 3, 0, 1, 1], [1, 1, 1, 1, 1, 1], [1, 0, 2, 2, 4, 5]]


def test_all_transpositions_of_a_piece_are_on_one_side() -> None:
    X = _in_three_keys(TUNES)
    for seed in range(5):
        training, validation = split_pieces(X, 0.3, np.random.default_rng(seed))
        assert sorted([*training, *validation]) == list(range(12))
        assert len(validation) == 3
        assert len(set(validation % 4)) == 1
        assert not set(group_by_key(X)[training]) & set(group_by_key(X)[validation])


def test_two_settings_of_one_melody_are_on_one_side() -> None:
    X = _in_three_keys([*TUNES, [1, 5, 3, 5, 4, 5]])  # the first voice of the first piece
    for seed in range(5):
        _, validation = split_pieces(X, 0.3, np.random.default_rng(seed))
        assert (0 in validation % 5) == (4 in validation % 5)


def test_one_piece_is_trained_on_without_a_validation_part() -> None:
    model = GRUEventModel(**SMALL, max_epochs=1).fit(invent_pieces(1, 0))
    assert "validation_loss" not in model.history_[0]


def test_a_saved_network_predicts_as_before(fitted: GRUEventModel, tmp_path: Path) -> None:
    pieces = invent_pieces(10, 1)
    fitted.save(tmp_path / "model")
    loaded = GRUEventModel.load(tmp_path / "model")
    np.testing.assert_allclose(loaded.next_probabilities(pieces), fitted.next_probabilities(pieces), atol=1e-6)


def test_what_cannot_be_learnt_or_answered_is_refused(fitted: GRUEventModel) -> None:
    with pytest.raises(ValueError, match="none of the training pieces has a whole step"):
        GRUEventModel().fit(Events(Ragged.from_rows([[], [1]]), 2, 8))
    with pytest.raises(ValueError, match="hidden is 0, expected 1 or more"):
        GRUEventModel(hidden=0).fit(invent_pieces(2, 0))
    with pytest.raises(ValueError, match="the pieces have 3 tokens per step of 8 symbols, those learnt from 2 of 8"):
        fitted.token_log_probabilities(Events(Ragged.from_rows([[1, 2, 3]]), 3, 8))
