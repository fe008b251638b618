"""Logistic regression and naive Bayes against the same made of scikit-learn's parts."""

from __future__ import annotations

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from bench.models.linear import LogisticRegressionClassifier
from bench.models.naive_bayes import NaiveBayesClassifier

WORDS = r"(?<!\S)[^\s_]+(?!\S)"
"""As the Corpus writes texts: special ids are words with underscores."""


def test_logistic_regression_is_that_of_a_pipeline_on_the_texts(fit_once, invent):
    train, labels, test, _ = invent(3)
    vectorizer = TfidfVectorizer(token_pattern=WORDS, sublinear_tf=True)
    pipeline = make_pipeline(vectorizer, LogisticRegression(C=LogisticRegressionClassifier().C, max_iter=1000))
    expected = pipeline.fit(list(train), labels).predict_proba(list(test))
    np.testing.assert_allclose(fit_once("logreg", 3).predict_proba(test), expected, atol=1e-4)


def test_naive_bayes_is_that_of_a_pipeline_on_the_texts(fit_once, invent):
    train, labels, test, _ = invent(3)
    pipeline = make_pipeline(CountVectorizer(token_pattern=WORDS), MultinomialNB())
    expected = pipeline.fit(list(train), labels).predict_proba(list(test))
    np.testing.assert_allclose(fit_once("naive-bayes", 3).predict_proba(test), expected)


def test_a_text_without_a_known_word_gets_what_holds_for_any_text(fit_once, invent, new_texts):
    for name in ("logreg", "naive-bayes"):
        empty, unknown = fit_once(name, 3).predict_proba(new_texts)[:2]
        np.testing.assert_allclose(empty, unknown)
        np.testing.assert_allclose(empty, 1 / 3, atol=0.1)


def test_the_parameters_are_used_and_counted(invent):
    train, labels, test, _ = invent(2)
    n_words = len(train.vocabulary) - 4
    weak, strong = (LogisticRegressionClassifier(C=C).fit(train, labels) for C in (0.01, 100.0))
    assert np.ptp(weak.predict_proba(test)) < np.ptp(strong.predict_proba(test))
    assert weak.n_parameters_ == n_words + 1
    rough, smooth = (NaiveBayesClassifier(alpha=alpha).fit(train, labels) for alpha in (0.01, 100.0))
    assert np.ptp(smooth.predict_proba(test)) < np.ptp(rough.predict_proba(test))
    assert rough.n_parameters_ == 2 * n_words + 2
