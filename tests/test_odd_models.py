"""Models that say something untrue of themselves: each is named in a failed row, and none changes a verdict."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pytest
from scipy.sparse import csr_matrix

import bench
from bench.results.run import Run

CLI = Callable[..., Any]

ODD_MODELS = '''
import os, tempfile

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline


class Own(ClassifierMixin, BaseEstimator):
    """A good model whose library wants labels of its own."""

    labels = ()

    def fit(self, X, y):
        self.pipe_ = make_pipeline(CountVectorizer(), MultinomialNB()).fit(list(X), np.array(self.labels)[y])
        self.classes_ = self.pipe_.classes_
        return self

    def predict_proba(self, X):
        return self.pipe_.predict_proba(list(X))


class PlusMinus(Own):
    labels = (-1, 0, 1)


class FromOne(Own):
    labels = (1, 2, 3)


class Names(Own):
    labels = ("a", "b", "c")


class RandomSeed(ClassifierMixin, BaseEstimator):
    """A random model whose seed has another name."""

    def __init__(self, random_seed=None):
        self.random_seed = random_seed

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.weights_ = np.random.default_rng(self.random_seed).normal(size=(len(X.vocabulary), 3))
        return self

    def predict_proba(self, X):
        scores = np.array([np.exp(self.weights_[X.token_ids[i]].mean(axis=0)) for i in range(len(X))])
        return scores / scores.sum(axis=1, keepdims=True)


class Elsewhere(Own):
    labels = (0, 1, 2)

    def fit(self, X, y):
        os.chdir(tempfile.mkdtemp())
        return super().fit(X, y)
'''


@pytest.fixture
def odd(home: Path, toys: Path) -> None:
    """The module ``odd`` in the current folder, and toys."""
    (home / "odd.py").write_text(ODD_MODELS, encoding="utf-8")


def _reason(run: Run) -> str:
    (record,) = run.records
    assert record.status == "error"
    assert record.measurements is None
    return str(record.reason)


@pytest.mark.usefixtures("odd")
@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("PlusMinus", "[-1, 0, 1]"),
        ("FromOne", "[1, 2, 3]"),
        ("Names", "['a', 'b', 'c']"),
    ],
)
def test_classes_that_are_not_the_labels_that_fit_was_given_fail_the_trial(name: str, classes: str, cli: CLI) -> None:
    done = cli("run", "--models", f"odd:{name}", "--dataset", "toy", "--name", "r")
    assert done.returncode == 1
    expected = f"classes_ is {classes}, expected the labels that fit was given, each once: [0, 1, 2]; set it with"
    assert expected in done.stderr


@pytest.mark.usefixtures("odd")
def test_a_random_model_whose_seed_has_another_name_is_not_called_deterministic(cli: CLI) -> None:
    models = "odd:RandomSeed,toys:Plain"
    done = cli("run", "--models", models, "--dataset", "toy", "--name", "r", "--seeds", "3", "--json")
    rows = {row["model"]: row for row in json.loads(done.stdout)["models"]}
    assert rows["odd:RandomSeed"]["is_deterministic"] is False
    assert rows["odd:RandomSeed"]["seeds"] == 3, "the second fit gave other predictions, so the third seed runs too"
    assert rows["odd:RandomSeed"]["accuracy_sd"] > 0
    assert rows["toys:Plain"]["is_deterministic"] is True
    assert rows["toys:Plain"]["seeds"] == 2, "the second fit gave the same predictions"
    assert bench.load_run("r").missing == []
    once = cli("run", "--models", "odd:RandomSeed", "--dataset", "toy", "--name", "once")
    assert "deterministic" not in once.stdout, "one fit tells nothing"


@pytest.mark.usefixtures("odd")
def test_a_model_that_changes_the_working_folder_disturbs_nothing(cli: CLI, home: Path) -> None:
    cli("run", "--models", "odd:Elsewhere,toys:Plain", "--dataset", "toy", "--name", "r", "--output", "here")
    assert len(list((home / "here" / "r" / "predictions").iterdir())) == 2


@pytest.fixture(autouse=True)
def _by_value() -> Iterator[None]:
    """Objects of this module travel to their worker whole: it cannot import tests."""
    module = sys.modules[__name__]
    cloudpickle.register_pickle_by_value(module)
    yield
    cloudpickle.unregister_pickle_by_value(module)


class _Answers:
    """Returns what it is told to."""

    def __init__(self, answer: Any = None, classes: Any = (0, 1, 2), method: str = "predict_proba") -> None:
        self.answer, self.classes, self.method = answer, classes, method

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {}

    def set_params(self, **_: Any) -> _Answers:
        return self

    def fit(self, X: Any, y: Any) -> _Answers:
        if self.classes is not None:
            self.classes_ = self.classes
        return self

    def __getattr__(self, name: str) -> Any:
        if name == self.__dict__.get("method"):
            return lambda X: self.answer(len(X))
        raise AttributeError(name)


@pytest.mark.usefixtures("toys")
@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (_Answers(lambda n: csr_matrix(np.full((n, 3), 1 / 3))), "returns a sparse matrix, expected an array"),
        (_Answers(lambda n: np.ones((n, 1))), "predictions have shape (90, 1), expected (90, 3): rows, classes"),
        (_Answers(lambda n: [["a"]] * n), "predict_proba returns list, expected an array of numbers"),
        (_Answers(lambda n: np.full((n, 3), 1 / 3), classes=None), "the fitted model has no classes_; set it in fit"),
        (_Answers(lambda n: np.full((n, 3), 1 / 3), classes=[0, 1, 1]), "classes_ is [0, 1, 1], expected the labels"),
        (
            _Answers(lambda n: np.full((n, 3), 1 / 3), classes=[0, 1, 1.5]),
            "classes_ is [0.0, 1.0, 1.5], expected the labels",
        ),
        (_Answers(lambda n: np.full((n, 3), np.inf)), "the prediction of test row 0 is not finite"),
        (_Answers(lambda n: np.full((n, 3), 0.5)), "add up to 1.5, expected probabilities that add up to 1"),
        (_Answers(method="predict"), "_Answers has neither predict_proba nor decision_function"),
    ],
    ids=["sparse", "one-column", "texts", "no-classes", "twice", "halves", "infinite", "sums", "no-method"],
)
def test_what_a_model_returns_is_checked_and_named_when_it_is_wrong(model: Any, reason: str) -> None:
    assert reason in _reason(bench.run({"odd": model}, dataset="toy", report=False))


@pytest.mark.usefixtures("toys")
def test_good_models_in_unusual_forms_are_measured() -> None:
    import pandas as pd

    frame = _Answers(lambda n: pd.DataFrame(np.full((n, 3), 1 / 3)))
    turned = _Answers(lambda n: np.tile([0.2, 0.3, 0.5], (n, 1)), classes=np.array([2.0, 0.0, 1.0]))
    run = bench.run({"frame": frame, "turned": turned}, dataset="toy", report=False)
    assert [record.status for record in run.records] == ["ok", "ok"]
    (turned_record,) = (record for record in run.records if record.trial.model.name == "turned")
    first = run.predictions(turned_record.trial.id).iloc[0]
    assert [first["sun"], first["snow"], first["rain"]] == pytest.approx([0.3, 0.5, 0.2])


@pytest.mark.usefixtures("toys")
def test_a_model_without_a_method_to_score_is_told_so_before_it_trains() -> None:
    class Dear(_Answers):
        def fit(self, X: Any, y: Any) -> _Answers:
            raise AssertionError("it trained")

    assert "neither predict_proba nor decision_function" in _reason(
        bench.run({"odd": Dear(method="predict")}, dataset="toy", report=False)
    )
