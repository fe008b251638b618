"""The conformance kit, which authors of models run in their tests.

>>> from bench.testing import check_model
>>> from bench.models.linear.naive_bayes import NaiveBayesClassifier
>>> check_model(NaiveBayesClassifier())
"""

from __future__ import annotations

import inspect
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.corpus import Corpus, Int64Array
from bench.encoding import encode_split
from bench.registry import is_seed
from bench.tasks.classification import predict_scores

TOPICS = ("sun warm beach swim sand", "snow cold ski ice frost", "rain wet cloud umbrella storm")

Scores = npt.NDArray[np.float32]


def check_model(model: Any) -> None:
    """Check that a model keeps the contract: it is fitted on small invented data, several times.

    What is checked: parameters can be read and set; ``fit`` takes a Corpus and two or three classes and leaves the
    labels alone; scores have one finite column a class, probabilities add up to 1; a text without words is answered;
    a text's prediction does not depend on its neighbours; the same seed gives the same predictions; ``history_`` and
    ``n_parameters_``, where there are any, have their form; what ``save`` writes, ``load`` reads back.

    Parameters
    ----------
    model : estimator
        Not fitted. It is copied, never changed.

    Raises
    ------
    AssertionError
        The first thing that the model does not keep to, and what to do about it.
    """
    _check_interface(model)
    for n_classes in (2, 3):
        X, y, X_test = invent(n_classes)
        fitted = _fit(model, X, y)
        scores = _scores(fitted, X_test, n_classes)
        _check_alone(fitted, X_test, scores)
        _check_attributes(fitted)
        again = _scores(_fit(model, X, y), X_test, n_classes)
        _expect(
            np.array_equal(scores, again),
            "two fits with the same seed give different answers; seed everything from a parameter random_state",
        )
    _check_saving(fitted, X_test, scores)


def invent(n_classes: int, n_train: int = 60) -> tuple[Corpus, Int64Array, Corpus]:
    """Small invented data: training texts, labels, and test texts, one without a known word and one without any."""
    generator = random.Random(n_classes)
    labels = [i % n_classes for i in range(n_train)]
    texts = [" ".join(generator.choices(TOPICS[label].split(), k=generator.randint(3, 12))) for label in labels]
    test_texts = [*texts[:9], "never seen before", "", " ".join(TOPICS) * 9]
    _, X, X_test = encode_split(texts, test_texts, "closed")
    return X, np.array(labels), X_test


def _check_interface(model: Any) -> None:
    _expect(
        not inspect.isclass(model),
        f"{model!r} is a class; give an instance, such as {getattr(model, '__name__', '')}()",
    )
    for method in ("fit", "get_params", "set_params"):
        _expect(
            callable(getattr(model, method, None)),
            f"{type(model).__name__} has no {method}; derive it from sklearn.base.BaseEstimator",
        )
    _expect(
        hasattr(model, "predict_proba") or hasattr(model, "decision_function"),
        f"{type(model).__name__} has neither predict_proba nor decision_function; the harness needs one of them",
    )
    parameters = model.get_params()
    _expect(
        model.set_params(**parameters) is model and _same(model.get_params(), parameters),
        "set_params(**get_params()) changes the model; let __init__ only store its arguments",
    )


def _fit(model: Any, X: Corpus, y: Int64Array) -> Any:
    from sklearn.base import clone

    fresh = clone(model)
    seeds = list(filter(is_seed, fresh.get_params(deep=True)))
    fresh.set_params(**dict.fromkeys(seeds, 0))
    labels = y.copy()
    _trying("fit(X, y)", lambda: fresh.fit(X, labels))
    _expect(np.array_equal(labels, y), "fit changes y; copy it before you change it")
    classes = getattr(fresh, "classes_", ())
    _expect(
        np.array_equal(classes, np.unique(y)),
        f"classes_ is {classes!r}, expected {np.unique(y)!r}; set it with numpy.unique(y)",
    )
    return fresh


def _scores(fitted: Any, X: Corpus, n_classes: int) -> Scores:
    scores: Scores = _trying("predict", lambda: predict_scores(fitted, X, n_classes))[0]
    return scores


def _check_alone(fitted: Any, X: Corpus, scores: Scores) -> None:
    n_classes = scores.shape[1]
    alone = np.vstack([_scores(fitted, X[i : i + 1], n_classes) for i in range(len(X))])
    backwards = _scores(fitted, X.take(range(len(X))[::-1]), n_classes)[::-1]
    for other, how in ((alone, "alone"), (backwards, "in another order")):
        _expect(
            np.allclose(scores, other, atol=1e-5),
            f"a text is answered differently {how} than among others (by up to {np.abs(scores - other).max():.2g}); "
            "padding or batch statistics reach the answer",
        )


def _check_attributes(fitted: Any) -> None:
    history = getattr(fitted, "history_", [])
    _expect(
        isinstance(history, list) and all(isinstance(entry, dict) for entry in history),
        "history_ is no list of dicts; append one dict an epoch or iteration while fit runs",
    )
    seconds = [entry["seconds"] for entry in history if "seconds" in entry]
    _expect(seconds == sorted(seconds), "history_'s seconds go back; count them from the beginning of fit")
    n_parameters = getattr(fitted, "n_parameters_", 0)
    _expect(
        isinstance(n_parameters, int | np.integer) and n_parameters >= 0,
        f"n_parameters_ is {n_parameters!r}, expected a whole number",
    )


def _check_saving(fitted: Any, X: Corpus, scores: Scores) -> None:
    if not hasattr(fitted, "save") or not hasattr(type(fitted), "load"):
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        _trying("save(path)", lambda: fitted.save(path))
        loaded = _trying("load(path)", lambda: type(fitted).load(path))
    answer = _scores(loaded, X, scores.shape[1])
    _expect(np.allclose(answer, scores, atol=1e-6), "the loaded model answers differently from the saved one")


def _trying(what: str, action: Callable[[], Any]) -> Any:
    try:
        return action()
    except Exception as error:
        raise AssertionError(f"{what} fails: {type(error).__name__}: {error}") from error


def _expect(holds: object, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)


def _same(first: dict[str, Any], second: dict[str, Any]) -> bool:
    return first.keys() == second.keys() and all(
        first[key] is second[key] or first[key] == second[key] for key in first
    )
