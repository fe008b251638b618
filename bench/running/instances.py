"""Estimators that are given as objects from Python, beside models that are given by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bench.errors import UsageError
from bench.records import ModelInfo, TaskName
from bench.registry import models_group, registered
from bench.running.describe import describe, describe_instance

_NAME = re.compile(r"\w[\w .-]*")


def check_instances(instances: Mapping[str, Any], task: TaskName) -> None:
    """Refuse a name that a table cannot hold or that a registered model has, and what is no estimator.

    Raises
    ------
    UsageError
    """
    registered_names = {entry.name for entry in registered(models_group(task))}
    for name, estimator in instances.items():
        if name in registered_names or not _NAME.fullmatch(name):
            raise UsageError(
                f"an estimator is named {name!r}, expected letters, digits, spaces, dots, dashes and underscores, and "
                "not the name of a registered model"
            )
        if isinstance(estimator, type):
            raise UsageError(f"{name!r} is the class {estimator.__name__}; give an instance, {estimator.__name__}()")
        if not callable(getattr(estimator, "fit", None)):
            raise UsageError(f"{name!r} is {estimator!r}, expected an estimator with fit")


def pickle_instances(instances: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the estimators as cloudpickle bytes, by name.

    Raises
    ------
    UsageError
        One cannot be pickled.
    """
    if not instances:
        return {}
    import cloudpickle

    try:
        return {name: cloudpickle.dumps(estimator) for name, estimator in instances.items()}
    except Exception as error:
        raise UsageError(f"an estimator cannot be sent to its worker: {error}; register its class instead") from error


def describe_models(
    names: Sequence[str], instances: Mapping[str, Any], pickles: Mapping[str, bytes], task: TaskName
) -> list[ModelInfo]:
    """Check and describe models in the order in which they were named, instances among them.

    Raises
    ------
    UsageError
        No model is named, or one cannot be built.
    """
    if not names:
        raise UsageError("no model is named; expected at least one, such as --models logreg")
    by_name = [name for name in names if name not in instances]
    described = dict(zip(by_name, describe(by_name, task) if by_name else [], strict=True))
    models = [described.get(name) or describe_instance(name, instances[name], pickles[name], task) for name in names]
    return list({model.name: model for model in models}.values())
