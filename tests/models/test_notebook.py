"""The notebook's recipe, to the letter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bench.corpus import Corpus
from bench.encoding import encode_split
from bench.models.recurrent.backend import keras
from bench.models.recurrent.notebook import NotebookGRUClassifier

Array = np.ndarray
Invent = Callable[..., tuple[Corpus, Array, Corpus, Array]]


@pytest.fixture(scope="module")
def fitted(invent: Invent) -> NotebookGRUClassifier:
    train, labels, _, _ = invent(2, 33)
    return NotebookGRUClassifier().fit(train, labels)


def test_the_layers_are_those_of_the_notebook(fitted: NotebookGRUClassifier, invent: Invent) -> None:
    embedding, gru, dense = fitted.network_.layers
    assert (embedding.input_dim, embedding.output_dim) == (len(invent(2, 33)[0].vocabulary), 128)
    assert not embedding.mask_zero
    assert isinstance(gru, keras.layers.GRU)
    assert (gru.units, gru.dropout, gru.recurrent_dropout) == (128, 0.2, 0.2)
    assert (dense.units, dense.activation.__name__) == (1, "sigmoid")


def test_training_is_that_of_the_notebook(fitted: NotebookGRUClassifier) -> None:
    network = fitted.network_
    assert isinstance(network.optimizer, keras.optimizers.Adam)
    assert float(network.optimizer.learning_rate) == pytest.approx(1e-3)
    assert network.loss == "binary_crossentropy"
    assert int(network.optimizer.iterations) == 5 * 2  # five epochs, 33 texts in batches of 32
    assert fitted.n_rows_seen_ == 5 * 33
    assert [entry["step"] for entry in fitted.history_] == [1, 2, 3, 4, 5]
    assert all("validation_loss" not in entry for entry in fitted.history_)


def test_texts_are_padded_to_500_on_the_left(fitted: NotebookGRUClassifier, invent: Invent) -> None:
    _, _, test, _ = invent(2, 33)
    padded = fitted._pad(test.token_ids)
    assert padded.shape == (60, 500)
    n_ids = test.token_ids.lengths[0]
    assert padded[0, : 500 - n_ids].tolist() == [0] * (500 - n_ids)
    assert padded[0, 500 - n_ids :].tolist() == test.token_ids[0].tolist()


def test_three_classes_take_a_softmax_and_any_text_is_answered() -> None:
    texts = ["sun warm", "snow cold", "rain wet"] * 2
    _, train, test = encode_split(texts, ["", "never seen", "sun " * 600], "open")
    fitted = NotebookGRUClassifier(random_state=1).fit(train, [0, 1, 2] * 2)
    assert fitted.network_.layers[-1].activation.__name__ == "softmax"
    together = fitted.predict_proba(test)
    assert together.shape == (3, 3)
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-6)
    alone = np.vstack([fitted.predict_proba(test[i : i + 1]) for i in range(3)])
    np.testing.assert_allclose(alone, together, atol=1e-5)


def test_a_second_fit_gives_equal_answers_to_the_last_bit(fitted: NotebookGRUClassifier, invent: Invent) -> None:
    train, labels, test, _ = invent(2, 33)
    again = NotebookGRUClassifier().fit(train, labels)
    np.testing.assert_array_equal(again.predict_proba(test), fitted.predict_proba(test))


def test_a_loss_that_is_not_finite_ends_the_training(monkeypatch: pytest.MonkeyPatch, invent: Invent) -> None:
    train, labels, _, _ = invent(2, 33)
    monkeypatch.setattr(NotebookGRUClassifier, "_loss", lambda self: lambda targets, outputs: outputs * np.nan)
    with pytest.raises(FloatingPointError, match="diverged in epoch 1: the loss is nan"):
        NotebookGRUClassifier().fit(train, labels)


def test_a_saved_one_answers_as_before(fitted: NotebookGRUClassifier, invent: Invent, tmp_path: Path) -> None:
    test = invent(2, 33)[2]
    fitted.save(tmp_path / "model")
    loaded = NotebookGRUClassifier.load(tmp_path / "model")
    np.testing.assert_allclose(loaded.predict_proba(test), fitted.predict_proba(test), atol=1e-6)
