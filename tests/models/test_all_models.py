"""What holds for every model."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from bench.corpus import Corpus
from bench.encoding import encode_split, learn_encoder

Array = np.ndarray
Invent = Callable[..., tuple[Corpus, Array, Corpus, Array]]
FitOnce = Callable[[str, int], Any]
Scores = Callable[[Any, Corpus], Array]


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_separable_problem_is_learnt(
    name: str, n_classes: int, fit_once: FitOnce, invent: Invent, scores: Scores
) -> None:
    _, _, test, labels = invent(n_classes)
    fitted = fit_once(name, n_classes)
    of_class = scores(fitted, test)
    assert of_class.shape == (60, n_classes)
    if hasattr(fitted, "predict_proba"):
        np.testing.assert_allclose(of_class.sum(axis=1), 1, atol=1e-6)
    assert np.mean(fitted.predict(test) == labels) >= 0.9
    assert fitted.n_parameters_ > 0


def test_a_text_is_answered_the_same_alone_in_any_batch_and_in_any_order(
    name: str, fit_once: FitOnce, new_texts: Corpus, scores: Scores
) -> None:
    fitted = fit_once(name, 3)
    together = scores(fitted, new_texts)
    alone = np.vstack([scores(fitted, new_texts[i : i + 1]) for i in range(len(new_texts))])
    backwards = scores(fitted, new_texts[::-1])[::-1]
    assert np.isfinite(together).all()
    np.testing.assert_allclose(alone, together, atol=1e-5)
    np.testing.assert_allclose(backwards, together, atol=1e-5)


def test_no_texts_give_no_rows(name: str, fit_once: FitOnce, new_texts: Corpus, scores: Scores) -> None:
    assert scores(fit_once(name, 3), new_texts[:0]).shape == (0, 3)
    assert scores(fit_once(name, 2), new_texts[:0]).shape == (0, 2)
    assert fit_once(name, 2).predict(new_texts[:0]).shape == (0,)


def test_a_second_fit_gives_equal_answers_to_the_last_bit_and_leaves_its_inputs_alone(
    name: str, model: Any, fit_once: FitOnce, invent: Invent, new_texts: Corpus, scores: Scores
) -> None:
    train, labels, _, _ = invent(3)
    ids, kept_labels, parameters = train.token_ids.values.copy(), labels.copy(), model.get_params()
    model.fit(train, labels)
    np.testing.assert_array_equal(scores(model, new_texts), scores(fit_once(name, 3), new_texts))
    np.testing.assert_array_equal(train.token_ids.values, ids)
    np.testing.assert_array_equal(labels, kept_labels)
    assert model.get_params() == parameters


@pytest.mark.parametrize("name", ["gru", "lstm", "hmm", "hmm-fisher"], indirect=True)
def test_another_seed_gives_other_answers(
    name: str, model: Any, fit_once: FitOnce, invent: Invent, new_texts: Corpus, scores: Scores
) -> None:
    train, labels, _, _ = invent(3)
    model.set_params(random_state=1).fit(train, labels)
    assert not np.allclose(scores(model, new_texts), scores(fit_once(name, 3), new_texts), atol=1e-6)


def test_labels_can_be_anything_that_sorts(name: str, model: Any, fit_once: FitOnce, invent: Invent) -> None:
    train, labels, test, _ = invent(2)
    names = np.array(["warm", "cold"])[labels]
    model.fit(train, names.tolist())
    assert model.classes_.tolist() == ["cold", "warm"]
    assert set(model.predict(test)) == {"cold", "warm"}


def test_a_class_of_one_text_is_learnt_from(name: str, model: Any, invent: Invent, scores: Scores) -> None:
    train, labels, test, _ = invent(3)
    rows = np.concatenate([np.flatnonzero(labels != 2), np.flatnonzero(labels == 2)[:1]])
    probabilities = scores(model.fit(train.take(rows), labels[rows]), test)
    assert probabilities.shape == (60, 3)
    assert np.isfinite(probabilities).all()


def test_a_class_without_a_word_is_learnt_from(name: str, model: Any, scores: Scores) -> None:
    _, train, test = encode_split(["good film", "good", "", ""], ["good", "", "bad"], "closed")
    probabilities = scores(model.fit(train, [1, 1, 0, 0]), test)
    assert np.isfinite(probabilities).all()


def test_texts_without_any_word_are_refused(name: str, model: Any) -> None:
    train = learn_encoder(["", "- !"], "closed").encode(["", "- !"])
    with pytest.raises(ValueError, match="no words left"):
        model.fit(train, [0, 1])


def test_labels_that_do_not_pair_up_with_texts_are_refused(name: str, model: Any, invent: Invent) -> None:
    train, labels, _, _ = invent(2)
    with pytest.raises(ValueError, match="72 texts, but the labels have shape \\(71,\\)"):
        model.fit(train, labels[1:])


def test_texts_of_one_class_are_refused(name: str, model: Any, invent: Invent) -> None:
    train, _, _, _ = invent(2)
    with pytest.raises(ValueError, match="at least 2 classes, found 1"):
        model.fit(train, np.zeros(72, int))


def test_a_model_that_is_not_fitted_says_so(name: str, model: Any, invent: Invent, scores: Scores) -> None:
    with pytest.raises(NotFittedError):
        scores(model, invent(2)[2])


def test_parameters_are_only_stored_and_can_be_copied(name: str, model: Any) -> None:
    assert clone(model).get_params() == model.get_params()
    assert model.set_params(**model.get_params()) is model


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, writing its variables
def test_a_fitted_model_can_be_pickled(name: str, fit_once: FitOnce, new_texts: Corpus, scores: Scores) -> None:
    fitted = fit_once(name, 3)
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_allclose(scores(copy, new_texts), scores(fitted, new_texts), atol=1e-6)


def test_one_very_long_text_is_answered_like_any_other(name: str, model: Any, invent: Invent, scores: Scores) -> None:
    texts = ["good film", "bad film", "good good", "bad bad"]
    long = "good film and " * 20_000 + "good"
    _, train, test = encode_split([*texts, long], [long, "bad"], "open")
    probabilities = scores(model.fit(train, [1, 0, 1, 0, 1]), test)
    assert np.isfinite(probabilities).all()
    assert probabilities[0, 1] > probabilities[1, 1]


def test_a_file_that_is_sorted_by_class_is_learnt_as_well(name: str, model: Any, invent: Invent) -> None:
    train, labels, test, test_labels = invent(3)
    order = np.argsort(labels, kind="stable")
    model.fit(train.take(order), labels[order])
    assert np.mean(model.predict(test) == test_labels) >= 0.9


def test_iterative_models_write_their_history_with_rising_steps(name: str, fit_once: FitOnce) -> None:
    history = getattr(fit_once(name, 3), "history_", [])
    steps = [entry["step"] for entry in history]
    assert steps == sorted(set(steps))
    assert all(1 <= entry["step"] <= entry["steps"] for entry in history)
    assert [entry["seconds"] for entry in history] == sorted(entry["seconds"] for entry in history)


def test_a_gru_has_three_quarters_of_the_recurrent_parameters_of_an_lstm(fit_once: FitOnce) -> None:
    def kernels(name: str) -> int:
        cell = next(layer.cell for layer in fit_once(name, 2).network_.layers if hasattr(layer, "cell"))
        return int(np.prod(cell.kernel.shape) + np.prod(cell.recurrent_kernel.shape))

    assert kernels("gru") == 3 * (8 * 8 + 8 * 8)
    assert 4 * kernels("gru") == 3 * kernels("lstm")


def test_only_the_token_ids_are_read(name: str, fit_once: FitOnce, invent: Invent) -> None:
    _, _, test, _ = invent(2)
    no_texts = Corpus([""] * len(test), test.token_ids, test.vocabulary)
    np.testing.assert_array_equal(fit_once(name, 2).predict(no_texts), fit_once(name, 2).predict(test))
