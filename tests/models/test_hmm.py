"""The hidden Markov models: scoring, smoothing, restarts, and how learning ended."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from sklearn.base import clone

from bench.divisions import encode_split
from bench.models.em import Monitor
from bench.models.hmm import HMMClassifier


@pytest.fixture
def hmm():
    return HMMClassifier(n_states=3, smoothing=0.1)


def states(model):
    """Emissions of the first class's model, one row a state."""
    return model.models_[0].emissionprob_


def test_scoring_all_texts_at_once_is_what_hmmlearn_scores_one_by_one(hmm, invent):
    train, labels, test, _ = invent(3)
    log_likelihood = hmm.fit(train, labels).log_likelihood(test)
    words = hmm._seen_words(test)
    for row in range(len(test)):
        expected = [model.score(words[row][:, None]) for model in hmm.models_]
        np.testing.assert_allclose(log_likelihood[row], expected, atol=1e-8, rtol=0)


def test_a_text_of_many_thousand_words_does_not_underflow(hmm):
    long = "good film and so on " * 12_000
    _, train, test = encode_split(["good film", "bad film", "so and on"], [long], "open")
    hmm.fit(train, [1, 0, 0])
    expected = [model.score(hmm._seen_words(test)[0][:, None]) for model in hmm.models_]
    np.testing.assert_allclose(hmm.log_likelihood(test)[0], expected, rtol=1e-10)


def test_all_classes_have_a_probability_for_every_word_of_the_vocabulary(hmm):
    texts = [*["plain words here"] * 5, *["rare exotic seldom", "plain words here"] * 3]
    _, train, test = encode_split(texts, ["rare exotic seldom", "seldom plain"], "closed")
    hmm.fit(train, [0] * 5 + [1] * 6)
    assert all(model.emissionprob_.shape == (3, len(train.vocabulary)) for model in hmm.models_)
    assert np.isfinite(hmm.log_likelihood(test)).all()
    assert hmm.predict(test)[0] == 1


def test_a_word_that_no_class_has_seen_moves_no_decision(hmm, invent):
    texts = ["sun warm", "snow cold", "warm warm sun", "cold"]
    _, train, test = encode_split(texts, ["sun", "sun zebra", "zebra sun zebra", "zebra", ""], "closed")
    probabilities = hmm.fit(train, [0, 1, 0, 1]).predict_proba(test)
    np.testing.assert_array_equal(probabilities[1], probabilities[0])
    np.testing.assert_array_equal(probabilities[2], probabilities[0])
    np.testing.assert_allclose(probabilities[3:], 0.5)


def test_a_text_without_words_gets_the_frequencies_of_the_classes(hmm, invent):
    train, _, _, _ = invent(2)
    _, _, test = encode_split([], [""], "closed")
    labels = np.arange(72) % 4 == 0
    np.testing.assert_allclose(hmm.fit(train, labels).predict_proba(test), [[0.75, 0.25]])


def test_the_states_come_apart(hmm, invent):
    train, labels, _, _ = invent(2)
    hmm.set_params(smoothing=0.01, n_iter=30).fit(train, labels)
    distances = [np.abs(a - b).sum() / 2 for i, a in enumerate(states(hmm)) for b in states(hmm)[:i]]
    assert min(distances) > 0.2


def test_the_likelihood_rises_with_every_iteration(hmm, invent):
    train, labels, _, _ = invent(2)
    hmm.set_params(smoothing=1e-6, tol=0.0).fit(train, labels)
    for label in (0, 1):
        likelihoods = [entry["log_likelihood"] for entry in hmm.history_ if entry["class"] == label]
        assert len(likelihoods) == 10
        assert (np.diff(likelihoods) > 0).all()


def test_history_has_an_entry_an_iteration_and_rows_are_counted(hmm, invent):
    train, labels, _, _ = invent(3)
    hmm.set_params(n_iter=4, n_restarts=2, tol=0.0).fit(train, labels)
    assert [entry["step"] for entry in hmm.history_] == list(range(1, 25))
    assert {entry["steps"] for entry in hmm.history_} == {24}
    assert [(e["iteration"], e["restart"], e["class"]) for e in hmm.history_] == [
        (iteration, restart, label) for iteration in (1, 2, 3, 4) for restart in (0, 1) for label in (0, 1, 2)
    ]
    assert hmm.n_rows_seen_ == 72 * 4 * 2


def test_the_limit_is_told_from_convergence(hmm, invent):
    train, labels, _, _ = invent(2)
    hmm.set_params(n_iter=3, tol=1e-9).fit(train, labels)
    assert hmm.stopped_ == {0: "stopped at the limit", 1: "stopped at the limit"}
    hmm.set_params(n_iter=500, tol=1e-4).fit(train, labels)
    assert hmm.stopped_ == {0: "converged", 1: "converged"}
    assert len(hmm.history_) < 1000


def test_a_gain_below_the_tolerance_in_the_last_iteration_is_convergence(hmm, invent):
    train, labels, _, _ = invent(2)
    n_iterations = len(clone(hmm).set_params(n_iter=500, tol=1e-4).fit(train, labels == 1).history_)
    hmm.set_params(n_iter=500, tol=1e-4).fit(train, labels == 1)
    of_first = sum(entry["class"] is False for entry in hmm.history_)
    assert n_iterations == len(hmm.history_)
    hmm.set_params(n_iter=of_first).fit(train, labels == 1)
    assert hmm.stopped_[False] == "converged"


def test_restarts_differ_and_the_best_by_training_likelihood_is_kept(hmm, invent):
    train, labels, _, _ = invent(2)
    hmm.set_params(n_restarts=4).fit(train, labels)
    last = {(e["restart"], e["class"]): e["log_likelihood"] for e in hmm.history_}
    of_restart = [last[restart, 0] + last[restart, 1] for restart in range(4)]
    assert len({round(value, 6) for value in of_restart}) == 4
    assert sum(model.monitor_.log_likelihood for model in hmm.models_) == pytest.approx(max(of_restart), rel=1e-12)


def test_more_restarts_begin_with_the_same_one(hmm, invent):
    train, labels, _, _ = invent(2)
    once = [e["log_likelihood"] for e in clone(hmm).fit(train, labels).history_]
    hmm.set_params(n_restarts=2).fit(train, labels)
    assert [e["log_likelihood"] for e in hmm.history_ if e["restart"] == 0] == once


def test_a_likelihood_that_is_not_finite_is_an_error(hmm, monkeypatch, invent):
    train, labels, _, _ = invent(2)
    monkeypatch.setattr("hmmlearn.hmm.CategoricalHMM._compute_lower_bound", lambda *_: np.nan)
    with pytest.raises(FloatingPointError, match="diverged in iteration 1: the log-likelihood is nan"):
        hmm.fit(train, labels)


def test_a_likelihood_that_falls_is_a_warning(hmm, invent):
    train, labels, _, _ = invent(2)
    monitor = Monitor(hmm.fit(train, labels).models_[0], 0.0)
    monitor.report(-100.0)
    with pytest.warns(UserWarning, match="fell by 1 in iteration 2"):
        monitor.report(-101.0)
    monitor.report(-101.0 - 1e-9)


def test_hmmlearn_says_nothing_and_its_logger_is_left_as_it_was(hmm, caplog, invent):
    train, labels, _, _ = invent(2)
    with caplog.at_level(logging.WARNING):
        level = logging.getLogger("hmmlearn").level
        hmm.fit(train[:4], labels[:4])
        assert logging.getLogger("hmmlearn").level == level
    assert not caplog.records


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_states": 0}, "n_states is 0, expected 1 or more"),
        ({"n_restarts": 0}, "n_restarts is 0, expected 1 or more"),
        ({"smoothing": 0.0}, "smoothing is 0.0, expected a number over 0"),
        ({"smoothing": np.nan}, "smoothing is nan, expected a number over 0"),
    ],
)
def test_parameters_out_of_range_are_refused(parameters, message, hmm, invent):
    train, labels, _, _ = invent(2)
    with pytest.raises(ValueError, match=message):
        hmm.set_params(**parameters).fit(train, labels)
