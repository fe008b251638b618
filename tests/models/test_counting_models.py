"""Logistic regression and naive Bayes against the same made of scikit-learn's parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import normalize

from bench.corpus import Corpus, Ragged
from bench.encoding import encode_split
from bench.models.linear import ngrams as ngrams_module
from bench.models.linear.logistic_regression import LogisticRegressionClassifier
from bench.models.linear.naive_bayes import NaiveBayesClassifier
from bench.models.linear.ngrams import NGrams
from bench.models.weighted_logistic import log_count_ratio

Array = np.ndarray
Invent = Callable[..., tuple[Corpus, Array, Corpus, Array]]
FitOnce = Callable[[str, int], Any]

WORDS = r"(?<!\S)[^\s_]+(?!\S)"
"""As the Corpus writes texts: special ids are words with underscores."""


ALL_BUT_START = r"(?<!\S)(?!_start_)\S+"


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("max_n", [1, 3])
def test_with_tfidf_logistic_regression_is_that_of_a_pipeline_on_the_texts(
    max_n: int, n_classes: int, invent: Invent
) -> None:
    train, labels, test, _ = invent(n_classes)
    vectorizer = TfidfVectorizer(token_pattern=ALL_BUT_START, ngram_range=(1, max_n), sublinear_tf=True)
    solver = LogisticRegression(C=4.0, solver="liblinear", dual=True, random_state=0)
    pipeline = make_pipeline(vectorizer, OneVsRestClassifier(solver) if n_classes > 2 else solver)
    expected = pipeline.fit(list(train), labels).predict_proba(list(test))
    model = LogisticRegressionClassifier(max_n=max_n, min_count=1, weighting="tfidf").fit(train, labels)
    np.testing.assert_allclose(model.predict_proba(test), expected, atol=2e-3)
    n_columns = len(vectorizer.vocabulary_)
    assert len(train.vocabulary) + sum(map(len, model.ngrams_.keys)) - 4 == n_columns


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_naive_bayes_weighting_is_that_of_the_paper(n_classes: int, invent: Invent) -> None:
    train, labels, _, _ = invent(n_classes)
    presence = CountVectorizer(token_pattern=WORDS, binary=True).fit_transform(list(train)).toarray()
    inside, outside = (1 + presence[rows].sum(axis=0) for rows in (labels == 1, labels != 1))
    expected = np.log((inside / inside.sum()) / (outside / outside.sum()))
    np.testing.assert_allclose(log_count_ratio(csr_array(presence), labels == 1), expected, rtol=1e-6)


def test_several_classes_are_answered_as_by_a_pipeline_for_each(invent: Invent) -> None:
    train, labels, test, _ = invent(3)
    model = LogisticRegressionClassifier(max_n=1, min_count=1).fit(train, labels)
    vectorizer = CountVectorizer(token_pattern=ALL_BUT_START, binary=True)
    rows, test_rows = vectorizer.fit_transform(list(train)), vectorizer.transform(list(test))
    against_rest = []
    for label in range(3):
        ratio = log_count_ratio(csr_array(rows), labels == label)
        weighted, test_weighted = (normalize(part.multiply(ratio[None]).tocsr()) for part in (rows, test_rows))
        solver = LogisticRegression(C=model.C, solver="liblinear", dual=True, max_iter=1000, random_state=0)
        against_rest.append(solver.fit(weighted, labels == label).predict_proba(test_weighted)[:, 1])
    expected = np.transpose(against_rest) / np.sum(against_rest, axis=0)[:, None]
    np.testing.assert_allclose(model.predict_proba(test), expected, atol=2e-3)


def test_sequences_of_words_tell_apart_what_words_cannot() -> None:
    texts = ["good not bad", "bad not good"] * 20
    _, train, _ = encode_split(texts, [], "closed")
    labels = np.arange(40) % 2
    single, pairs = (LogisticRegressionClassifier(max_n=n).fit(train, labels) for n in (1, 2))
    np.testing.assert_allclose(single.predict_proba(train), 0.5, atol=1e-6)
    assert pairs.predict(train).tolist() == labels.tolist()


def test_naive_bayes_is_that_of_a_pipeline_on_the_texts(fit_once: FitOnce, invent: Invent) -> None:
    train, labels, test, _ = invent(3)
    pipeline = make_pipeline(CountVectorizer(token_pattern=WORDS), MultinomialNB())
    expected = pipeline.fit(list(train), labels).predict_proba(list(test))
    np.testing.assert_allclose(fit_once("naive-bayes", 3).predict_proba(test), expected)


def test_a_text_without_a_known_word_gets_what_holds_for_any_text(
    fit_once: FitOnce, invent: Invent, new_texts: Corpus
) -> None:
    for name in ("logreg", "naive-bayes"):
        empty, unknown = fit_once(name, 3).predict_proba(new_texts)[:2]
        np.testing.assert_allclose(empty, unknown)
        np.testing.assert_allclose(empty, 1 / 3, atol=0.1)


def test_the_parameters_are_used_and_counted(invent: Invent) -> None:
    train, labels, test, _ = invent(2)
    n_words = len(train.vocabulary) - 4
    weak, strong = (LogisticRegressionClassifier(C=C).fit(train, labels) for C in (0.01, 100.0))
    assert np.ptp(weak.predict_proba(test)) < np.ptp(strong.predict_proba(test))
    assert weak.n_parameters_ == weak.ngrams_.n_ids + len(weak.ngrams_.keys[0]) + 1
    rough, smooth = (NaiveBayesClassifier(alpha=alpha).fit(train, labels) for alpha in (0.01, 100.0))
    assert np.ptp(smooth.predict_proba(test)) < np.ptp(rough.predict_proba(test))
    assert rough.n_parameters_ == 2 * n_words + 2


def test_a_sequence_that_is_too_rare_has_no_column_and_no_longer_one_does() -> None:
    ids = Ragged.from_rows([[4, 5, 6], [4, 5, 7], [4, 5, 7, 8]])
    ngrams = NGrams(max_n=3, n_ids=9, min_count=2)
    counts = ngrams.learn(ids).toarray()[:, 9:].astype(int)
    assert counts.tolist() == [[1, 0, 0], [1, 1, 1], [1, 1, 1]]  # 4 5; 5 7; 4 5 7
    np.testing.assert_array_equal(ngrams.count(ids).toarray()[:, 9:], counts)


def test_parts_that_are_counted_in_threads_are_put_together_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(0).integers(4, 12, (40, 9))
    ids = Ragged.from_rows([list(row[: i % 10]) for i, row in enumerate(rows)])
    whole = NGrams(max_n=2, n_ids=12).learn(ids)
    monkeypatch.setattr(ngrams_module, "TOKENS_OF_A_PART", 20)
    in_parts = NGrams(max_n=2, n_ids=12)
    for counts in (in_parts.learn(ids), in_parts.count(ids)):
        assert counts.shape == whole.shape
        np.testing.assert_array_equal(counts.toarray(), whole.toarray())
