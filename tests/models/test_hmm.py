"""The hidden Markov models: scoring, smoothing, restarts, and how learning ended."""

from __future__ import annotations

import logging
import resource
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from bench.corpus import Corpus, Ragged
from bench.encoding import encode_split
from bench.models.markov import common
from bench.models.markov import hmm as hmm_module
from bench.models.markov.em import Monitor
from bench.models.markov.hmm import HMMClassifier
from bench.models.markov.hmm_fisher import HMMFisherClassifier

Array = np.ndarray
Invent = Callable[..., tuple[Corpus, Array, Corpus, Array]]


@pytest.fixture
def hmm() -> HMMClassifier:
    return HMMClassifier(n_states=3, smoothing=0.1)


def test_scoring_all_texts_at_once_is_what_hmmlearn_scores_one_by_one(hmm: HMMClassifier, invent: Invent) -> None:
    train, labels, test, _ = invent(3)
    log_likelihood = hmm.fit(train, labels).log_likelihood(test)
    words = hmm._seen_words(test)
    for row in range(len(test)):
        expected = [model.score(words[row][:, None]) for model in hmm.models_]
        np.testing.assert_allclose(log_likelihood[row], expected, atol=1e-8, rtol=0)


def test_a_text_of_many_thousand_words_does_not_underflow(hmm: HMMClassifier) -> None:
    long = "good film and so on " * 12_000
    _, train, test = encode_split(["good film", "bad film", "so and on"], [long], "open")
    hmm.fit(train, [1, 0, 0])
    expected = [model.score(hmm._seen_words(test)[0][:, None]) for model in hmm.models_]
    np.testing.assert_allclose(hmm.log_likelihood(test)[0], expected, rtol=1e-10)


def test_texts_that_fill_a_shard_alone_or_not_at_all_are_learnt_from(
    hmm: HMMClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.models.markov.em.TOKENS_OF_A_SHARD", 10)
    texts = [*[""] * 30, "good film " * 50, "good", *[""] * 30, "bad film"]
    _, train, test = encode_split(texts, ["good", "bad"], "open")
    hmm.fit(train, [*[0] * 30, 1, 1, *[0] * 31])
    assert np.isfinite(hmm.predict_proba(test)).all()


def test_all_classes_have_a_probability_for_every_word_of_the_vocabulary(hmm: HMMClassifier) -> None:
    texts = [*["plain words here"] * 5, *["rare exotic seldom", "plain words here"] * 3]
    _, train, test = encode_split(texts, ["rare exotic seldom", "seldom plain"], "closed")
    hmm.fit(train, [0] * 5 + [1] * 6)
    assert all(model.emissionprob_.shape == (3, len(train.vocabulary)) for model in hmm.models_)
    assert np.isfinite(hmm.log_likelihood(test)).all()
    assert hmm.predict(test)[0] == 1


def test_a_word_that_no_class_has_seen_moves_no_decision(hmm: HMMClassifier, invent: Invent) -> None:
    texts = ["sun warm", "snow cold", "warm warm sun", "cold"]
    _, train, test = encode_split(texts, ["sun", "sun zebra", "zebra sun zebra", "zebra", ""], "closed")
    probabilities = hmm.fit(train, [0, 1, 0, 1]).predict_proba(test)
    np.testing.assert_array_equal(probabilities[1], probabilities[0])
    np.testing.assert_array_equal(probabilities[2], probabilities[0])
    np.testing.assert_allclose(probabilities[3:], 0.5)


def test_a_text_without_words_gets_the_frequencies_of_the_classes(hmm: HMMClassifier, invent: Invent) -> None:
    train, _, _, _ = invent(2)
    _, _, test = encode_split([], [""], "closed")
    labels = np.arange(72) % 4 == 0
    np.testing.assert_allclose(hmm.fit(train, labels).predict_proba(test), [[0.75, 0.25]])


def test_the_states_come_apart_and_mean_the_same_in_every_class(hmm: HMMClassifier, invent: Invent) -> None:
    train, _, _, _ = invent(2)
    halves = np.arange(72) // 36  # both classes have texts of both topics
    hmm.set_params(n_states=2, smoothing=0.01, n_iter=30).fit(train, halves)
    first, second = (model.emissionprob_ for model in hmm.models_)
    assert np.abs(first[0] - first[1]).sum() / 2 > 0.2
    for state in (0, 1):
        assert np.abs(first[state] - second[state]).sum() < np.abs(first[state] - second[1 - state]).sum()


def of_class(hmm: HMMClassifier, label: int | None) -> list[float]:
    """The log-likelihoods that ``history_`` has of a class, of all texts for None, in the order of iterations."""
    return [entry["log_likelihood"] for entry in hmm.history_ if entry["class"] == label]


def test_the_likelihood_rises_with_every_iteration(hmm: HMMClassifier, invent: Invent) -> None:
    train, labels, _, _ = invent(2)
    hmm.set_params(n_class_iter=6, smoothing=1e-6, tol=0.0).fit(train, labels)
    for label, n_iterations in [(None, 10), (0, 6), (1, 6)]:
        assert len(of_class(hmm, label)) == n_iterations
        assert (np.diff(of_class(hmm, label)) > 0).all()
    assert of_class(hmm, 0)[0] + of_class(hmm, 1)[0] > of_class(hmm, None)[-1]  # they go on where it ended


def test_history_has_an_entry_an_iteration_and_rows_are_counted(hmm: HMMClassifier, invent: Invent) -> None:
    train, labels, _, _ = invent(3)
    hmm.set_params(n_iter=4, n_class_iter=2, n_restarts=2, tol=0.0).fit(train, labels)
    assert [entry["step"] for entry in hmm.history_] == list(range(1, 15))
    assert {entry["steps"] for entry in hmm.history_} == {14}
    assert [(e["class"], e["iteration"], e["restart"]) for e in hmm.history_] == [
        *[(None, iteration, restart) for iteration in (1, 2, 3, 4) for restart in (0, 1)],
        *[(label, iteration, None) for iteration in (1, 2) for label in (0, 1, 2)],
    ]
    assert hmm.n_rows_seen_ == 72 * (4 * 2 + 2)


def test_the_limit_is_told_from_convergence(hmm: HMMClassifier, invent: Invent) -> None:
    train, labels, _, _ = invent(2)
    hmm.set_params(n_iter=3, n_class_iter=500, tol=1e-4).fit(train, labels)
    assert hmm.stopped_ == {None: "stopped at the limit", 0: "converged", 1: "converged"}
    hmm.set_params(n_iter=500, n_class_iter=1).fit(train, labels)
    assert hmm.stopped_ == {None: "converged", 0: "stopped at the limit", 1: "stopped at the limit"}
    assert len(hmm.history_) < 500
    assert [entry["ended"] for entry in hmm.history_ if entry["class"] is None][-2:] == [None, "converged"]
    assert [entry["ended"] for entry in hmm.history_[-2:]] == ["stopped at the limit"] * 2


def test_a_gain_below_the_tolerance_in_the_last_iteration_is_convergence(hmm: HMMClassifier, invent: Invent) -> None:
    train, labels, _, _ = invent(2)
    n_iterations = len(of_class(hmm.set_params(n_iter=500, tol=1e-4).fit(train, labels), None))
    hmm.set_params(n_iter=n_iterations).fit(train, labels)
    assert hmm.stopped_[None] == "converged"
    hmm.set_params(n_iter=n_iterations - 1).fit(train, labels)
    assert hmm.stopped_[None] == "stopped at the limit"


def test_restarts_differ_and_the_best_by_training_likelihood_is_kept(hmm: HMMClassifier, invent: Invent) -> None:
    train, labels, _, _ = invent(2)
    once = of_class(clone(hmm).fit(train, labels), None)
    hmm.set_params(n_restarts=4, n_iter=10, n_class_iter=1).fit(train, labels)
    by_restart = [[e["log_likelihood"] for e in hmm.history_ if e["restart"] == restart] for restart in range(4)]
    assert by_restart[0] == once
    last = [likelihoods[-1] for likelihoods in by_restart]
    assert len({round(value, 6) for value in last}) == 4
    begun = of_class(hmm, 0)[0] + of_class(hmm, 1)[0]
    assert begun - max(last) < min(begun - value for value in last if value != max(last))
    assert begun > max(last)


def test_many_texts_are_learnt_from_in_several_processes_with_the_same_result(
    hmm: HMMClassifier, monkeypatch: pytest.MonkeyPatch, invent: Invent
) -> None:
    train, labels, test, _ = invent(2)
    monkeypatch.setattr("bench.models.markov.em.TOKENS_OF_A_SHARD", 100)
    monkeypatch.setattr("joblib.cpu_count", lambda: 2)
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)  # what they run is run here too
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    in_processes = clone(hmm).fit(train, labels).log_likelihood(test)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime > children + 0.1  # they came, worked and went
    monkeypatch.setattr("joblib.cpu_count", lambda: 1)
    np.testing.assert_array_equal(clone(hmm).fit(train, labels).log_likelihood(test), in_processes)
    monkeypatch.setattr("bench.models.markov.em.TOKENS_OF_A_SHARD", 10**6)
    np.testing.assert_allclose(hmm.fit(train, labels).log_likelihood(test), in_processes, atol=1e-8)


def test_a_likelihood_that_is_not_finite_is_an_error(
    hmm: HMMClassifier, monkeypatch: pytest.MonkeyPatch, invent: Invent
) -> None:
    train, labels, _, _ = invent(2)
    monkeypatch.setattr("bench.models.markov.em._expect", lambda *_: ({}, np.nan))
    monkeypatch.setattr("bench.models.markov.em._maximize", lambda *_: np.nan)
    with pytest.raises(FloatingPointError, match="diverged in iteration 1: the log-likelihood is nan"):
        hmm.fit(train, labels)


def test_a_likelihood_that_falls_is_a_warning(hmm: HMMClassifier, invent: Invent) -> None:
    train, labels, _, _ = invent(2)
    monitor = Monitor(hmm.fit(train, labels).models_[0], 10, 0.0)
    monitor.report(-100.0)
    with pytest.warns(UserWarning, match="fell by 1 in iteration 2"):
        monitor.report(-101.0)
    monitor.report(-101.0 - 1e-9)


def test_hmmlearn_says_nothing_and_its_logger_is_left_as_it_was(
    hmm: HMMClassifier, caplog: pytest.LogCaptureFixture, invent: Invent
) -> None:
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
        ({"backoff": 0.0}, "backoff is 0.0, expected a number over 0"),
    ],
)
def test_parameters_out_of_range_are_refused(
    parameters: dict[str, Any], message: str, hmm: HMMClassifier, invent: Invent
) -> None:
    train, labels, _, _ = invent(2)
    with pytest.raises(ValueError, match=message):
        hmm.set_params(**parameters).fit(train, labels)


def test_with_one_state_it_is_naive_bayes_that_backs_off_to_the_words_of_all_classes(invent: Invent) -> None:
    train, labels, test, _ = invent(3)
    hmm = HMMClassifier(n_states=1, smoothing=0.5, backoff=7.0).fit(train, labels)
    words, n_ids = hmm._words(train), len(train.vocabulary)
    texts_of = [words.take(np.flatnonzero(labels == k)) for k in range(3)]
    of_class = np.array([np.bincount(texts.values, minlength=n_ids) for texts in texts_of])
    common = (of_class.sum(axis=0) + 0.5) / (of_class.sum() + 0.5 * n_ids)
    log_probability = np.log((of_class + 7.0 * common) / (of_class.sum(axis=1, keepdims=True) + 7.0))
    expected = [log_probability[:, row].sum(axis=1) for row in hmm._seen_words(test)]
    np.testing.assert_allclose(hmm.log_likelihood(test), expected, atol=1e-8)


def test_the_backoff_is_weak_where_classes_have_words_of_their_own_and_strong_where_they_have_not(
    invent: Invent,
) -> None:
    train, labels, _, _ = invent(3, n_rows=600)
    own = HMMClassifier(n_states=1).fit(train, labels).backoff_
    noise = HMMClassifier(n_states=1).fit(train, np.random.default_rng(0).permutation(labels)).backoff_
    assert own < 1_000 < noise


def test_a_class_with_few_words_has_one_state_and_with_more_what_rows_held_back_prefer(
    invent: Invent, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, train, _ = encode_split(["sun warm sun warm", "warm warm sun sun"] * 60, [], "closed")  # the order tells apart
    labels = np.arange(120) % 2
    assert HMMClassifier().fit(train, labels).n_states_ == 1
    monkeypatch.setattr(common, "FEW_WORDS", 100)
    monkeypatch.setattr(hmm_module, "STATES", (1, 2))
    hmm = HMMClassifier(smoothing=0.01, backoff=0.01, n_iter=30, n_restarts=3).fit(train, labels)
    assert hmm.n_states_ == 2
    assert {entry["n_states"] for entry in hmm.history_} == {1, 2}
    assert {entry["steps"] for entry in hmm.history_} == {3 * (30 * 3 + 2 * 2)}
    steps = [entry["step"] for entry in hmm.history_]
    assert steps == sorted(set(steps))
    monkeypatch.setattr(hmm_module, "MANY_TEXTS", 120)
    assert HMMClassifier(n_iter=1).fit(train, labels).n_states_ == 2
    monkeypatch.setattr(common, "FEW_WORDS", 1_000)
    assert HMMClassifier(n_iter=1).fit(train, labels).n_states_ == 1
    monkeypatch.setattr(common, "FEW_WORDS", 100)
    monkeypatch.setattr(hmm_module, "MANY_TEXTS", 121)
    shuffled = np.repeat([0, 1], 60)
    assert HMMClassifier(smoothing=0.01, n_iter=5).fit(train, shuffled).n_states_ == 1


def test_the_fisher_scores_keep_the_columns_that_most_is_expected_of(invent: Invent) -> None:
    train, labels, _, _ = invent(3)
    model = HMMFisherClassifier(n_states=2).fit(train, labels)
    words = model._seen_words(train)
    full = model.expected_.learn(words, max_columns=10**6)
    assert 0 < full.shape[1] <= 2 * len(train.vocabulary)
    assert ((full.data > 0) & (full.data <= 1)).all()
    kept = model.expected_.learn(words, max_columns=5)
    assert kept.shape == (72, 5)
    np.testing.assert_allclose(np.sort(kept.sum(axis=0)), np.sort(full.sum(axis=0))[-5:])
    np.testing.assert_array_equal(model.expected_.count(words).toarray(), kept.toarray())


@pytest.mark.parametrize("n_tokens", [1, 7, 50])
def test_texts_are_counted_the_same_however_many_tokens_at_once(
    n_tokens: int, invent: Invent, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, labels, _, _ = invent(2)
    model = HMMFisherClassifier(n_states=2).fit(train, labels)
    words = Ragged.from_rows([[], [], *(model._seen_words(train)[i] for i in range(9)), []])
    whole = model.expected_.count(words)
    monkeypatch.setattr("bench.models.markov.expected_counts.TOKENS_AT_ONCE", n_tokens)
    assert whole.shape[0] == 12
    np.testing.assert_allclose(model.expected_.count(words).toarray(), whole.toarray(), atol=1e-6)
    assert model.expected_.count(words.slice(0, 0)).shape == (0, whole.shape[1])


def test_the_fisher_scores_of_many_classes_stay_within_the_weights_that_are_allowed(
    invent: Invent, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, labels, _, _ = invent(3)
    monkeypatch.setattr("bench.models.markov.hmm_fisher.MAX_WEIGHTS", 60)
    assert HMMFisherClassifier(n_states=2).fit(train, labels).functions_.coef.shape == (3, 20)
