"""Linear models and naive Bayes against the same made of scikit-learn's parts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
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
from sklearn.svm import LinearSVC

from bench.corpus import Corpus, Ragged
from bench.encoding import encode_split
from bench.models import regularised
from bench.models.folds import Fold, make_folds
from bench.models.linear import ngrams as ngrams_module
from bench.models.linear.linear_svm import LinearSVMClassifier
from bench.models.linear.logistic_regression import LogisticRegressionClassifier
from bench.models.linear.naive_bayes import NaiveBayesClassifier
from bench.models.linear.nb_logistic_regression import NBLogisticRegressionClassifier
from bench.models.linear.ngrams import NGrams
from bench.models.log_count_regression import log_count_ratio
from bench.models.regularised import choose_penalty

Array = np.ndarray
Invent = Callable[..., tuple[Corpus, Array, Corpus, Array]]
FitOnce = Callable[[str, int], Any]

WORDS = r"(?<!\S)[^\s_]+(?!\S)"
"""As the Corpus writes texts: special ids are words with underscores."""


ALL_BUT_START = r"(?<!\S)(?!_start_)\S+"


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("max_n", [1, 3])
def test_logistic_regression_and_svm_are_those_of_pipelines_on_the_texts(
    max_n: int, n_classes: int, invent: Invent
) -> None:
    train, labels, test, _ = invent(n_classes)
    vectorizer = TfidfVectorizer(token_pattern=ALL_BUT_START, ngram_range=(1, max_n), sublinear_tf=True)

    def pipeline(solver: Any) -> Any:
        return make_pipeline(vectorizer, OneVsRestClassifier(solver)).fit(list(train), labels)

    regression = pipeline(LogisticRegression(C=4.0, solver="liblinear", tol=1e-4))
    model = LogisticRegressionClassifier(max_n=max_n, min_count=1, C=4.0).fit(train, labels)
    np.testing.assert_allclose(model.predict_proba(test), regression.predict_proba(list(test)), atol=5e-3)
    assert len(train.vocabulary) + sum(map(len, model.tfidf_.ngrams.keys)) - 4 == len(vectorizer.vocabulary_)
    svm = pipeline(LinearSVC(C=0.5))
    machine = LinearSVMClassifier(max_n=max_n, min_count=1, C=0.5).fit(train, labels)
    np.testing.assert_allclose(machine.decision_function(test), svm.decision_function(list(test)), atol=2e-2)
    assert machine.predict(test).tolist() == svm.predict(list(test)).tolist()


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_naive_bayes_weighting_is_that_of_the_paper(n_classes: int, invent: Invent) -> None:
    train, labels, _, _ = invent(n_classes)
    presence = CountVectorizer(token_pattern=WORDS, binary=True).fit_transform(list(train)).toarray()
    inside, outside = (1 + presence[rows].sum(axis=0) for rows in (labels == 1, labels != 1))
    expected = np.log((inside / inside.sum()) / (outside / outside.sum()))
    np.testing.assert_allclose(log_count_ratio(csr_array(presence), labels == 1), expected, rtol=1e-6)


def test_several_classes_are_answered_as_by_a_pipeline_for_each(invent: Invent) -> None:
    train, labels, test, _ = invent(3)
    model = NBLogisticRegressionClassifier(max_n=1, min_count=1, C=4.0).fit(train, labels)
    vectorizer = CountVectorizer(token_pattern=ALL_BUT_START, binary=True)
    rows, test_rows = vectorizer.fit_transform(list(train)), vectorizer.transform(list(test))
    against_rest = []
    for label in range(3):
        ratio = log_count_ratio(csr_array(rows), labels == label)
        weighted, test_weighted = (normalize(part.multiply(ratio[None]).tocsr()) for part in (rows, test_rows))
        solver = LogisticRegression(C=model.C, solver="liblinear", tol=1e-4)
        against_rest.append(solver.fit(weighted, labels == label).predict_proba(test_weighted)[:, 1])
    expected = np.transpose(against_rest) / np.sum(against_rest, axis=0)[:, None]
    np.testing.assert_allclose(model.predict_proba(test), expected, atol=5e-3)


@pytest.mark.parametrize("Model", [LogisticRegressionClassifier, LinearSVMClassifier])
def test_the_weights_of_many_classes_are_not_copied_for_each_text(Model: Any, invent: Invent, tmp_path: Path) -> None:
    train, labels, _, _ = invent(3)
    model = Model(C=1.0).fit(train, labels)
    model.save(tmp_path / "model")
    for one in (model, Model.load(tmp_path / "model")):
        assert one.functions_.coef.shape[0] == 3
        assert one.functions_.coef.T.flags.c_contiguous, "SciPy copies what is not"


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
    for name in ("logreg", "nb-logreg", "naive-bayes"):
        empty, unknown = fit_once(name, 3).predict_proba(new_texts)[:2]
        np.testing.assert_allclose(empty, unknown)
        assert empty.min() > 0.2


def test_the_parameters_are_used_and_counted(invent: Invent) -> None:
    train, labels, test, _ = invent(2)
    n_words = len(train.vocabulary) - 4
    weak, strong = (LogisticRegressionClassifier(C=C).fit(train, labels) for C in (0.01, 100.0))
    assert np.ptp(weak.predict_proba(test)) < np.ptp(strong.predict_proba(test))
    assert weak.n_parameters_ == weak.tfidf_.ngrams.n_ids + len(weak.tfidf_.ngrams.keys[0]) + 1
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


@pytest.mark.parametrize("best", [1.0, 3.0, 10.0, 30.0, 100.0])
def test_the_search_for_the_penalty_finds_the_least_loss_wherever_it_is_and_asks_no_more_than_it_must(
    best: float,
) -> None:
    asked: list[float] = []

    def loss(C: float, fold: Fold) -> float:
        asked.append(C)
        return abs(float(np.log(C / best)))

    folds = make_folds(np.arange(3_000) % 2)[:1]
    assert choose_penalty((1.0, 3.0, 10.0, 30.0, 100.0), folds, loss) == best
    assert len(asked) == len(set(asked)) <= 4


def test_each_row_is_held_back_once_and_each_class_is_in_every_fold() -> None:
    codes = np.repeat([0, 1, 2], [100, 30, 3])
    folds = make_folds(codes)
    assert np.sort(np.concatenate([fold.held_back for fold in folds])).tolist() == list(range(133))
    for fold in folds:
        assert set(fold.rows) & set(fold.held_back) == set()
        assert np.bincount(fold.held_back_codes).tolist() in ([33, 10, 1], [34, 10, 1])
        np.testing.assert_array_equal(fold.codes, codes[fold.rows])


def test_rows_of_a_class_that_no_other_fold_has_are_not_held_back_and_the_others_are_numbered_anew() -> None:
    codes = np.array([0, 1, 1, 1, 1, 2, 2, 2, 2])
    for fold in make_folds(codes):
        classes = np.unique(codes[fold.rows])
        np.testing.assert_array_equal(classes[fold.codes], codes[fold.rows])
        np.testing.assert_array_equal(classes[fold.held_back_codes], codes[fold.held_back])
    assert 0 not in np.concatenate([fold.held_back for fold in make_folds(codes)])
    assert make_folds(np.array([0, 1])) == []


def test_rows_beyond_those_that_are_enough_are_left_to_learn_from() -> None:
    assert [len(make_folds(np.arange(n) % 5)) for n in (1_000, 4_000, 8_000, 12_000)] == [3, 3, 2, 1]


@pytest.mark.parametrize("model", [LogisticRegressionClassifier, NBLogisticRegressionClassifier, LinearSVMClassifier])
def test_the_penalty_is_chosen_where_rows_are_few_and_a_fixed_value_where_they_are_many(
    model: Any, invent: Invent, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, labels, _, _ = invent(3)
    chosen = model().fit(train, labels)
    tried = {entry["C"] for entry in chosen.history_}
    assert chosen.C_ in tried <= set(model.C_PATH)
    assert chosen.n_rows_seen_ == 72 + 48 * len(chosen.history_)
    assert (model(C=2.0).fit(train, labels).C_, model(C=2.0).fit(train, labels).history_) == (2.0, [])
    monkeypatch.setattr(regularised, "MANY_TEXTS", 72)
    many = model().fit(train, labels)
    assert (many.C_, many.history_, many.n_rows_seen_) == (model.C_OF_MANY_TEXTS, [], 72)


def test_single_words_of_many_texts_get_a_stronger_penalty_than_pairs(
    invent: Invent, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, labels, _, _ = invent(3)
    monkeypatch.setattr(regularised, "MANY_TEXTS", 72)
    words, pairs = (LogisticRegressionClassifier(max_n=n).fit(train, labels).C_ for n in (1, 2))
    assert words < pairs


def test_labels_that_are_noise_are_met_with_a_strong_penalty_and_clear_ones_with_a_weak_one(invent: Invent) -> None:
    train, labels, _, _ = invent(2, n_rows=600)
    noise = np.random.default_rng(0).permutation(labels)
    assert LogisticRegressionClassifier.C_PATH[0] == LogisticRegressionClassifier().fit(train, noise).C_
    assert LogisticRegressionClassifier.C_PATH[-1] == LogisticRegressionClassifier().fit(train, labels).C_


@pytest.mark.parametrize("C", [0.0, -1.0, np.nan])
def test_a_penalty_out_of_range_is_refused(C: float, invent: Invent) -> None:
    train, labels, _, _ = invent(2)
    with pytest.raises(ValueError, match="expected a number over 0, or None to choose it"):
        LogisticRegressionClassifier(C=C).fit(train, labels)
