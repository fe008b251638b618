"""A short child process that checks model names and parameters: it imports the models, so that the parent need not."""

from __future__ import annotations

import hashlib
import importlib.metadata
import inspect
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.errors import UsageError
from bench.parameters import all_parameters, canonical, type_parameters, write_name
from bench.records import INSTANCE, ModelInfo, Record, TaskName
from bench.registry import check_target, find_model, is_seed, load_factory, parse_reference
from bench.running.messages import ask_child, claim_channels, send
from bench.utils.paths import scrub


class Asked(Record):
    """What the child process is asked."""

    names: tuple[str, ...]
    task: TaskName
    skip_missing: bool = False
    """Leave out models whose packages are not installed."""


def describe(names: Sequence[str], task: TaskName = "classification") -> list[ModelInfo]:
    """Check the names and parameters of a task's models in a child process.

    Raises
    ------
    UsageError
        A name, a parameter or an import is wrong.
    """
    for name in names:
        check_target(parse_reference(name).target, task)
    return _ask(Asked(names=tuple(names), task=task))


def describe_installed(names: Sequence[str], task: TaskName) -> list[ModelInfo]:
    """As :func:`describe`, without the models that need a package which is not installed."""
    return _ask(Asked(names=tuple(names), task=task, skip_missing=True))


def _ask(asked: Asked) -> list[ModelInfo]:
    line, said = ask_child("bench.running.describe", asked.model_dump_json())
    if not line:
        raise UsageError(f"the models {', '.join(asked.names)} could not be imported; the child process said:\n{said}")
    answer = json.loads(line)
    if "error" in answer:
        raise UsageError(answer["error"])
    return [ModelInfo.model_validate(model) for model in answer["models"]]


def describe_one(name: str, task: TaskName = "classification") -> ModelInfo:
    """One model, in this process: imports it and builds it once.

    Raises
    ------
    UsageError
        The class or a parameter is wrong, or the constructor refuses.
    """
    reference = parse_reference(name)
    factory = load_factory(reference.target, task)
    given = type_parameters(reference.target, factory, reference.parameters)
    if seeds := [name for name in given if is_seed(name)]:
        raise UsageError(f"{seeds[0]!r} of {name} is set by --seeds, the same for every model; leave it out")
    try:
        estimator = factory(**given)
    except Exception as error:
        raise UsageError(f"{name} cannot be built: {type(error).__name__}: {error}") from error
    package, version = _package(reference.target, task)
    return ModelInfo(
        name=write_name(reference.target, canonical(given)),
        target=reference.target,
        task=task,
        given=canonical(given),
        parameters=scrubbed(all_parameters(factory, given)),
        seed_parameters=seed_parameters(estimator),
        package=package,
        package_version=version,
        source_sha256=_source_sha256(factory),
    )


def describe_instance(name: str, estimator: Any, pickled: bytes, task: TaskName = "classification") -> ModelInfo:
    """Return an estimator that was given as an object: its identity is its name and the digest of its pickled bytes."""
    return ModelInfo(
        name=name,
        target=INSTANCE,
        task=task,
        parameters=scrubbed({"repr": " ".join(canonical(repr(estimator)).split())}),
        seed_parameters=seed_parameters(estimator),
        source_sha256=hashlib.sha256(pickled).hexdigest(),
    )


def scrubbed(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with the folders of this machine written as names, so that identities hold on others too."""
    scrubbed_json: dict[str, Any] = json.loads(scrub(json.dumps(parameters)))
    return scrubbed_json


def seed_parameters(estimator: Any) -> tuple[str, ...]:
    """Parameters whose name is or ends in ``random_state``, those of nested estimators too."""
    names = estimator.get_params(deep=True) if hasattr(estimator, "get_params") else ()
    return tuple(sorted(name for name in names if is_seed(name)))


def _package(target: str, task: TaskName) -> tuple[str | None, str | None]:
    if ":" not in target:
        distribution = find_model(target, task).dist
        return (distribution.name, distribution.version) if distribution else (None, None)
    top_level = target.partition(":")[0].partition(".")[0]
    for name in importlib.metadata.packages_distributions().get(top_level, []):
        return name, importlib.metadata.version(name)
    return None, None


def _source_sha256(factory: Callable[..., Any]) -> str | None:
    """Digest of the Python files that a class may come from.

    These are the file of a lone module; or the folder of its package, and the files directly in the packages above it,
    which hold what the package shares, such as ``models/base.py``. The harness itself is not among them.
    """
    module = inspect.getmodule(factory)
    if module is None or getattr(module, "__file__", None) is None:
        return None
    file = Path(str(module.__file__))
    if not module.__package__:
        files = {file.name: file}
    else:
        files = {str(path.relative_to(file.parent)): path for path in file.parent.rglob("*.py") if path.is_file()}
        for package in _packages_above(module.__package__):
            folder = Path(str(sys.modules[package].__file__)).parent
            files |= {f"{package}/{path.name}": path for path in folder.glob("*.py")}
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + files[name].read_bytes())
    return digest.hexdigest()


def _packages_above(package: str) -> list[str]:
    """Return the packages above a package, without the harness: ``bench.models`` of ``bench.models.linear``."""
    parts = package.split(".")
    above = [".".join(parts[:n]) for n in range(1, len(parts))]
    return [name for name in above if name != "bench" and getattr(sys.modules.get(name), "__file__", None)]


def _describe_if_installed(name: str, asked: Asked) -> ModelInfo | None:
    try:
        return describe_one(name, asked.task)
    except UsageError as error:
        if asked.skip_missing and isinstance(error.__cause__, ModuleNotFoundError):
            return None
        raise


def main() -> None:
    """Read what is asked, reply with descriptions or the first error."""
    parent, channel = claim_channels()
    try:
        asked = Asked.model_validate_json(parent.readline())
        found = [_describe_if_installed(name, asked) for name in asked.names]
        models = [model.model_dump(mode="json") for model in found if model is not None]
    except UsageError as error:
        send(channel, error=str(error))
    else:
        send(channel, models=models)


if __name__ == "__main__":
    main()
