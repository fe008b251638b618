"""Small invented corpora, and small versions of the models that learn them."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from bench.corpus import Corpus
from bench.encoding import encode_split
from bench.models.kernel.rbf_svm import RBFSVMClassifier
from bench.models.linear.count_logistic_regression import CountLogisticRegressionClassifier
from bench.models.linear.linear_svm import LinearSVMClassifier
from bench.models.linear.logistic_regression import LogisticRegressionClassifier
from bench.models.linear.naive_bayes import NaiveBayesClassifier
from bench.models.linear.nb_logistic_regression import NBLogisticRegressionClassifier
from bench.models.markov.hmm import HMMClassifier
from bench.models.markov.hmm_fisher import HMMFisherClassifier
from bench.models.recurrent.gru import GRUClassifier
from bench.models.recurrent.lstm import LSTMClassifier
from bench.records import Division

TOPICS = ("sun warm beach swim", "snow cold ski ice", "rain wet cloud storm")
FILLERS = "the a of and so it then"
NEW_TEXTS = ("", "never seen words", "sun swim beach", "ice and snow and ski", "a storm of rain " * 9)

SMALL_NETWORK: dict[str, Any] = {
    "embedding_size": 8,
    "units": 8,
    "batch_size": 8,
    "learning_rate": 0.03,
    "max_epochs": 5,
}
SMALL_MODELS = {
    "gru": GRUClassifier(**SMALL_NETWORK),
    "lstm": LSTMClassifier(**SMALL_NETWORK),
    "count-logreg": CountLogisticRegressionClassifier(),
    "linear-svm": LinearSVMClassifier(),
    "logreg": LogisticRegressionClassifier(),
    "naive-bayes": NaiveBayesClassifier(),
    "nb-logreg": NBLogisticRegressionClassifier(),
    "rbf-svm": RBFSVMClassifier(),
    "hmm": HMMClassifier(n_states=2, smoothing=0.1),
    "hmm-fisher": HMMFisherClassifier(n_states=2, smoothing=0.1),
}

Scores = Callable[[Any, Corpus], np.ndarray]
Data = tuple[Corpus, np.ndarray, Corpus, np.ndarray]


def invent_texts(n_classes: int, n_rows: int, seed: int) -> tuple[list[str], np.ndarray]:
    """Texts of 2 to 12 words, a third of them words of their class, and the classes in turn."""
    random = np.random.default_rng(seed)
    labels = np.arange(n_rows) % n_classes
    texts = []
    for label in labels:
        n_words = random.integers(2, 13)
        words = [*random.choice(FILLERS.split(), n_words), *random.choice(TOPICS[label].split(), 1 + n_words // 3)]
        texts.append(" ".join(random.permutation(words)))
    return texts, labels


@pytest.fixture(scope="session", autouse=True)
def _quick_garbage_collection() -> None:
    """Leave what is imported out of garbage collection: Keras collects before each fit, for a third of its time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def invent() -> Callable[..., Data]:
    """Training texts, their classes, test texts, their classes."""

    def invent(n_classes: int = 2, n_rows: int = 72, division: Division = "closed") -> Data:
        texts, labels = invent_texts(n_classes, n_rows, seed=1)
        test_texts, test_labels = invent_texts(n_classes, 60, seed=2)
        _, train, test = encode_split(texts, test_texts, division)
        return train, labels, test, test_labels

    return invent


@pytest.fixture(params=SMALL_MODELS)
def name(request: pytest.FixtureRequest) -> str:
    """The name of each model in turn."""
    return str(request.param)


@pytest.fixture
def model(name: str) -> Any:
    """A small version of each model in turn, not fitted."""
    return clone(SMALL_MODELS[name])


@pytest.fixture(scope="session")
def fit_once(invent: Callable[..., Data]) -> Callable[[str, int], Any]:
    """A model by name, fitted on invented texts of so many classes; fitted once, so not to be changed."""

    @cache
    def fit_once(name: str, n_classes: int) -> Any:
        train, labels, _, _ = invent(n_classes)
        return clone(SMALL_MODELS[name]).fit(train, labels)

    return fit_once


@pytest.fixture(scope="session")
def new_texts(invent: Callable[..., Data]) -> Corpus:
    """Texts beside the invented ones of three classes: one without a word, one without a known word, a long one."""
    texts, _ = invent_texts(3, 72, seed=1)
    return encode_split(texts, NEW_TEXTS, "closed")[2]


@pytest.fixture(scope="session")
def scores() -> Scores:
    """What a model makes of texts, shape (n_texts, n_classes): probabilities, or scores where it has none."""

    def scores(model: Any, corpus: Corpus) -> np.ndarray:
        if hasattr(model, "predict_proba"):
            return np.asarray(model.predict_proba(corpus))
        decision = model.decision_function(corpus)
        return decision if decision.ndim == 2 else np.column_stack([-decision, decision])

    return scores
