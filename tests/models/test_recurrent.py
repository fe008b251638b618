"""Training of the recurrent networks: batches, early stopping, padding, memory."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bench.corpus import Corpus, Ragged
from bench.encoding import encode_split
from bench.models.recurrent.backend import keras
from bench.models.recurrent.classifier import VECTORS_SCALE, RecurrentClassifier, split
from bench.models.recurrent.gru import GRUClassifier
from bench.models.recurrent.loop import GRUCell
from bench.models.recurrent.lstm import LSTMClassifier
from bench.models.recurrent.network import EMBEDDING
from bench.models.recurrent.runners import _loop
from bench.models.recurrent.word_vectors import word_vectors

Array = np.ndarray
Invent = Callable[..., tuple[Corpus, Array, Corpus, Array]]
FitOnce = Callable[[str, int], Any]


def log_loss(probabilities: Array, codes: Array) -> float:
    return -float(np.mean(np.log(probabilities[np.arange(len(codes)), codes])))


@pytest.fixture
def gru() -> GRUClassifier:
    return GRUClassifier(embedding_size=8, units=8, batch_size=8, learning_rate=0.03, max_epochs=5)


@pytest.mark.parametrize("kind", [GRUClassifier, LSTMClassifier])
def test_the_network_that_predicts_has_the_best_validation_loss_in_history(
    kind: type[RecurrentClassifier], invent: Invent
) -> None:
    train, labels, _, _ = invent(3)
    noise = np.random.default_rng(0).permutation(labels)  # nothing to learn: later epochs only get worse
    model = kind(embedding_size=8, units=8, batch_size=8, learning_rate=0.1, max_epochs=30, patience=25)
    model.fit(train, noise)
    losses = [entry["validation_loss"] for entry in model.history_]
    assert losses[-1] > min(losses)
    _, validation = split(noise, model.validation_fraction, np.random.default_rng(model.random_state))
    held_back = model.predict_proba(train.take(validation))
    assert log_loss(held_back, noise[validation]) == pytest.approx(min(losses), rel=1e-5)


def with_losses(monkeypatch: pytest.MonkeyPatch, losses: list[float]) -> list[Array]:
    """Let training see these validation losses; a list that fills with the embeddings at the end of each epoch."""
    remaining = iter(losses)
    embeddings = []

    def validate(self: RecurrentClassifier, predictor: Any, token_ids: Ragged, codes: Array) -> dict[str, float]:
        embeddings.append(self.network_.get_weights()[0])
        return {"validation_loss": next(remaining)}

    monkeypatch.setattr(RecurrentClassifier, "_validate", validate)
    return embeddings


@pytest.mark.parametrize(
    ("max_epochs", "patience", "losses", "best"),
    [
        (3, 5, [0.3, 0.5, 0.4], 1),  # the limit ends it
        (9, 2, [0.5, 0.3, 0.4, 0.3], 2),  # patience does
        (3, 5, [0.5, 0.4, 0.3], 3),
    ],
)
def test_the_weights_of_the_best_epoch_are_kept_however_training_ends(
    max_epochs: int,
    patience: int,
    losses: list[float],
    best: int,
    monkeypatch: pytest.MonkeyPatch,
    gru: GRUClassifier,
    invent: Invent,
) -> None:
    train, labels, _, _ = invent(2)
    embeddings = with_losses(monkeypatch, losses)
    gru.set_params(max_epochs=max_epochs, patience=patience).fit(train, labels)
    assert len(gru.history_) == len(losses)
    kept = gru.network_.get_weights()[0]
    assert [np.array_equal(kept, epoch) for epoch in embeddings] == [i + 1 == best for i in range(len(losses))]


def test_training_that_diverges_is_an_error(gru: GRUClassifier, invent: Invent) -> None:
    train, labels, _, _ = invent(2)
    with pytest.raises(FloatingPointError, match="diverged in epoch 1: the loss is nan; try a learning_rate below inf"):
        gru.set_params(learning_rate=np.inf, patience=2).fit(train, labels)


def test_a_validation_loss_that_is_not_finite_is_an_error(
    monkeypatch: pytest.MonkeyPatch, gru: GRUClassifier, invent: Invent
) -> None:
    train, labels, _, _ = invent(2)
    with_losses(monkeypatch, [0.5, np.nan])
    with pytest.raises(FloatingPointError, match="diverged in epoch 2: the loss is nan"):
        gru.fit(train, labels)


def test_history_and_rows_seen_grow_during_fit(
    monkeypatch: pytest.MonkeyPatch, gru: GRUClassifier, invent: Invent
) -> None:
    train, labels, _, _ = invent(3)
    seen = []

    def validate(self: RecurrentClassifier, predictor: Any, token_ids: Ragged, codes: Array) -> dict[str, float]:
        seen.append((len(self.history_), self.n_rows_seen_))
        return {"validation_loss": 1.0 / len(seen), "validation_accuracy": 0.5}

    monkeypatch.setattr(RecurrentClassifier, "_validate", validate)
    gru.set_params(max_epochs=3).fit(train, labels)
    n_trained = 72 - 3 * 1
    assert seen == [(0, n_trained), (1, 2 * n_trained), (2, 3 * n_trained)]
    assert gru.n_rows_seen_ == 3 * n_trained
    assert [(entry["step"], entry["steps"]) for entry in gru.history_] == [(1, 3), (2, 3), (3, 3)]
    assert {"seconds", "loss", "validation_loss", "validation_accuracy"} <= gru.history_[0].keys()


def test_both_parts_have_every_class_in_its_proportion_whatever_the_order() -> None:
    codes = np.repeat([0, 1, 2, 3], [600, 300, 2, 1])
    for order in (np.arange(903), np.random.default_rng(0).permutation(903)):
        training, validation = split(codes[order], 0.1, np.random.default_rng(0))
        assert sorted([*training, *validation]) == list(range(903))
        assert np.bincount(codes[order][training], minlength=4).tolist() == [540, 270, 1, 1]
        assert np.bincount(codes[order][validation], minlength=4).tolist() == [60, 30, 1, 0]


def test_another_seed_validates_on_other_texts() -> None:
    codes = np.repeat([0, 1], 50)
    parts = [split(codes, 0.1, np.random.default_rng(seed))[1].tolist() for seed in (0, 0, 1)]
    assert parts[0] == parts[1] != parts[2]


@pytest.mark.parametrize(("n_rows", "expected"), [(40, 15), (1200, 2)])
def test_few_texts_are_given_more_epochs(
    monkeypatch: pytest.MonkeyPatch, gru: GRUClassifier, n_rows: int, expected: int
) -> None:
    monkeypatch.setattr(RecurrentClassifier, "_compile", lambda *_: lambda *_: 0.5)  # trains nothing
    with_losses(monkeypatch, [0.5] * 9)
    _, train, _ = encode_split(["good film", "bad film"] * (n_rows // 2), [], "closed")
    gru.set_params(max_epochs=None, patience=1).fit(train, np.arange(n_rows) % 2)
    assert gru.history_[0]["steps"] == expected  # 75 steps of 5 batches, or 2 epochs of 143


@pytest.mark.parametrize("kind", [GRUClassifier, LSTMClassifier])
def test_a_file_that_is_sorted_by_class_gives_no_worse_a_network(
    kind: type[RecurrentClassifier], invent: Invent
) -> None:
    train, labels, test, test_labels = invent(3, 150)
    by_class = np.argsort(labels, kind="stable")
    shuffled = np.random.default_rng(0).permutation(150)
    accuracies = []
    for order in (by_class, shuffled):
        model = kind(embedding_size=8, units=8, batch_size=16, learning_rate=0.02, max_epochs=8)
        model.fit(train.take(order), labels[order])
        accuracies.append(np.mean(model.predict(test) == test_labels))
    assert min(accuracies) > 0.9
    assert abs(accuracies[0] - accuracies[1]) < 0.07


def test_classes_of_one_text_each_are_trained_on_without_a_validation_part(gru: GRUClassifier) -> None:
    _, train, _ = encode_split(["good film", "bad film"], [], "closed")
    gru.set_params(max_epochs=30, patience=3).fit(train, [1, 0])
    assert "validation_loss" not in gru.history_[0]
    assert gru.predict(train).tolist() == [1, 0]


def test_every_training_text_is_in_one_batch_with_texts_like_it(gru: GRUClassifier) -> None:
    lengths = np.random.default_rng(0).integers(1, 900, 103)
    token_ids = Ragged.from_rows([np.full(n, 4) for n in lengths])
    batches = list(gru._batches(token_ids, np.arange(100), np.random.default_rng(0)))
    assert sorted(np.concatenate(batches)) == list(range(100))
    assert {len(batch) for batch in batches} == {7, 8}
    read = np.minimum(lengths, 500)
    n_columns = sum(len(batch) * read[batch].max() for batch in batches)
    assert n_columns < 1.2 * read[:100].sum()


@pytest.mark.parametrize("implementation", ["loop", "keras"])
def test_one_long_text_widens_no_batch_beyond_the_longest_that_is_read(
    implementation: str, gru: GRUClassifier, invent: Invent
) -> None:
    train, labels, _, _ = invent(2)
    gru.set_params(implementation=implementation)._begin(train, labels)
    token_ids = Ragged.from_rows([[1, 4], np.full(60_000, 5), [1]])
    assert gru._make_runner().pad(token_ids, np.arange(3), 3).size <= 3 * (500 + 12)


@pytest.mark.parametrize("implementation", ["loop", "keras"])
@pytest.mark.parametrize("pooling", ["last", "mean_max"])
def test_texts_are_answered_the_same_whether_sorted_by_length_or_not(
    pooling: str, implementation: str, gru: GRUClassifier, invent: Invent
) -> None:
    train, labels, test, _ = invent(2)
    model = gru.set_params(pooling=pooling, implementation=implementation, max_epochs=1).fit(train, labels)
    by_length = model.predict_proba(test)
    run, *_ = model._make_runner().predictor().args  # one batch, of texts of all lengths as they come
    unsorted = np.asarray(run(test.token_ids, np.arange(len(test))), np.float64)[:, 0]
    np.testing.assert_allclose(unsorted, by_length[:, 1], atol=1e-5)
    assert len(set(test.token_ids.lengths)) > 5


def test_a_class_of_five_texts_each_is_learnt_among_77() -> None:
    texts = [f"so n{k % 77} it is n{k % 77}" for k in range(385)]
    _, train, _ = encode_split(texts, [], "open")
    labels = np.array([str(k % 77 + 1) for k in range(385)])
    gru = GRUClassifier(embedding_size=16, units=16, batch_size=32, learning_rate=0.03, max_epochs=8).fit(train, labels)
    probabilities = gru.predict_proba(train)
    assert probabilities.shape == (385, 77)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert gru.classes_.tolist() == sorted({str(k + 1) for k in range(77)})
    assert np.mean(gru.predict(train) == labels) > 0.5


@pytest.mark.parametrize("kind", [GRUClassifier, LSTMClassifier])
def test_the_last_state_is_the_one_before_the_padding(kind: type[RecurrentClassifier], invent: Invent) -> None:
    train, labels, test, _ = invent(2)
    model = kind(embedding_size=8, units=8, pooling="last")
    model._begin(train, labels)
    embedding, recurrent, dense = map(model.network_.get_layer, ("embedding", "forwards", "output"))
    for row in range(5):
        states = recurrent(embedding(test.token_ids[row][None]))
        expected = keras.ops.convert_to_numpy(dense(states[:, -1]))[0, 0]
        assert model.predict_proba(test)[row, 1] == pytest.approx(expected, abs=1e-6)


def test_one_program_serves_texts_of_every_length(
    monkeypatch: pytest.MonkeyPatch, gru: GRUClassifier, invent: Invent
) -> None:
    compiled: list[Any] = []
    compile_step = RecurrentClassifier._compile

    def note(*given: Any) -> Any:
        compiled.append(compile_step(*given))
        return compiled[-1]

    monkeypatch.setattr(RecurrentClassifier, "_compile", note)
    train, labels, test, _ = invent(3, 100)
    gru.fit(train, labels)
    gru.predict_proba(test)
    assert compiled[0].experimental_get_tracing_count() == 1
    before = _loop(GRUCell)._infer.experimental_get_tracing_count()
    gru.predict_proba(encode_split(list(train), ["word " * n for n in range(1, 400, 9)], "closed")[2])
    assert _loop(GRUCell)._infer.experimental_get_tracing_count() == before


def test_a_later_fit_changes_no_earlier_network(
    gru: GRUClassifier, fit_once: FitOnce, invent: Invent, new_texts: Corpus
) -> None:
    earlier = fit_once("gru", 3)
    before = earlier.predict_proba(new_texts)
    train, labels, _, _ = invent(2)
    gru.set_params(max_epochs=1).fit(train, labels)
    np.testing.assert_array_equal(earlier.predict_proba(new_texts), before)


def test_a_fit_frees_the_network_of_the_one_before(gru: GRUClassifier, invent: Invent) -> None:
    train, labels, test, _ = invent(2, 24)
    gru.set_params(max_epochs=1).fit(train, labels).predict_proba(test)
    earlier = weakref.ref(gru.network_)
    gru.fit(train, labels)
    gc.collect()
    assert earlier() is None


def test_parameters_are_counted(fit_once: FitOnce, invent: Invent) -> None:
    n_ids = len(invent(2)[0].vocabulary)
    gru = 3 * (8 * 8 + 8 * 8 + 2 * 8)
    lstm = 4 * (8 * 8 + 8 * 8 + 8)
    assert fit_once("gru", 2).n_parameters_ == n_ids * 8 + gru + (8 + 1)
    assert fit_once("lstm", 3).n_parameters_ == len(invent(3)[0].vocabulary) * 8 + lstm + 3 * (8 + 1)


def test_an_embedding_begins_with_word_vectors_or_without(
    monkeypatch: pytest.MonkeyPatch, gru: GRUClassifier, invent: Invent
) -> None:
    train, labels, _, _ = invent(2)
    begun = {}

    def note(model: Any, runner: Any, n_texts: int, n_steps: int) -> Callable[[Any, Any], float]:
        begun[model.initial_embedding] = model.network_.get_layer(EMBEDDING).get_weights()[0]
        return lambda ids, targets: 1.0

    monkeypatch.setattr(GRUClassifier, "_compile", note)
    for initial_embedding in ("random", "cooccurrence"):
        gru.set_params(initial_embedding=initial_embedding, max_epochs=1).fit(train, labels)
    added = begun["cooccurrence"] - begun["random"]
    expected = word_vectors(train.token_ids, len(train.vocabulary), 8)
    assert expected.any()
    np.testing.assert_allclose(added, VECTORS_SCALE * expected, atol=1e-5)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"batch_size": 0}, "batch_size is 0, expected 1 or more"),
        ({"max_epochs": 0}, "max_epochs is 0, expected 1 or more"),
        ({"validation_fraction": 1.0}, "validation_fraction is 1.0, expected a number between 0 and 1"),
        ({"initial_embedding": "glove"}, "initial_embedding is 'glove', expected 'cooccurrence', 'random'"),
        ({"pooling": "first"}, "pooling is 'first', expected 'last', 'mean', 'max', 'mean_max'"),
    ],
)
def test_parameters_out_of_range_are_refused(
    parameters: dict[str, Any], message: str, gru: GRUClassifier, invent: Invent
) -> None:
    train, labels, _, _ = invent(2)
    with pytest.raises(ValueError, match=message):
        gru.set_params(**parameters).fit(train, labels)
