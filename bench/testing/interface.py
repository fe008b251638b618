"""What can be asked of a model whatever its task: parameters, attributes, and how it is copied."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from bench.tasks.base import Task


def check_interface(model: Any, task: Task) -> None:
    """Check what can be known before a model is fitted.

    Raises
    ------
    AssertionError
    """
    name = getattr(model, "__name__", type(model).__name__)
    expect(not inspect.isclass(model), f"{model!r} is a class; give an instance, such as {name}()")
    for method in ("fit", "get_params", "set_params"):
        expect(
            callable(getattr(model, method, None)),
            f"{name} has no {method}; derive it from sklearn.base.BaseEstimator",
        )
    try:
        task.check_model(model)
    except TypeError as error:
        raise AssertionError(f"{error}; the harness needs {'one of them' if task.methods[1:] else 'it'}") from error
    parameters = model.get_params()
    expect(
        model.set_params(**parameters) is model and _same(model.get_params(), parameters),
        "set_params(**get_params()) changes the model; let __init__ only store its arguments",
    )
    attributes = getattr(copy_unfitted(model), "__dict__", {})
    others = [attribute for attribute in attributes if attribute not in parameters and attribute[0] != "_"]
    expect(
        not others, f"__init__ sets {', '.join(others)} beside its parameters; set in fit whatever is not an argument"
    )


def copy_unfitted(model: Any) -> Any:
    """Return a model with the same parameters, as the harness makes it for every trial."""
    from sklearn.base import clone

    return trying("sklearn.base.clone(model)", lambda: clone(model), "; let __init__ only store its arguments")


def check_attributes(fitted: Any) -> None:
    """Check the form of ``history_`` and ``n_parameters_``, where there are any.

    Raises
    ------
    AssertionError
    """
    history = getattr(fitted, "history_", [])
    expect(
        isinstance(history, list) and all(isinstance(entry, dict) for entry in history),
        "history_ is no list of dicts; append one dict an epoch or iteration while fit runs",
    )
    seconds = [entry["seconds"] for entry in history if "seconds" in entry]
    expect(seconds == sorted(seconds), "history_'s seconds go back; count them from the beginning of fit")
    n_parameters = getattr(fitted, "n_parameters_", 0)
    expect(
        isinstance(n_parameters, int | np.integer) and n_parameters >= 0,
        f"n_parameters_ is {n_parameters!r}, expected a whole number",
    )


def trying(what: str, action: Callable[[], Any], hint: str = "") -> Any:
    """Return what an action returns; where it fails, the AssertionError says what was tried."""
    try:
        return action()
    except Exception as error:
        raise AssertionError(f"{what} fails: {type(error).__name__}: {error}{hint}") from error


def expect(holds: object, otherwise: str) -> None:
    """Raise an AssertionError with this message where something does not hold."""
    if not holds:
        raise AssertionError(otherwise)


def _same(first: dict[str, Any], second: dict[str, Any]) -> bool:
    return first.keys() == second.keys() and all(
        first[key] is second[key] or first[key] == second[key] for key in first
    )
