"""Models, datasets and claims by name: entry points, ``module:Class``, and parameters, ``hmm[n_states=32]``."""

from __future__ import annotations

import os
import pkgutil
import re
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import Distribution, EntryPoint, entry_points
from pathlib import Path
from typing import Any, get_args

from bench.errors import UsageError
from bench.records import TaskName
from bench.utils.text import suggestion

MODELS = "bench.models"
DATASETS = "bench.datasets"
CLAIMS = "bench.claims"

_KINDS = {DATASETS: "dataset", CLAIMS: "claim"}
TASKS: tuple[TaskName, ...] = get_args(TaskName)

_CLASS_HINT = "; a class that is not registered is named package.module:Class"


@dataclass(frozen=True)
class Reference:
    """A name as a user writes it, parsed: ``hmm[n_states=32]`` is ``Reference("hmm", {"n_states": "32"})``."""

    target: str
    parameters: dict[str, str]


def check_task_name(name: str) -> TaskName:
    """Return the task of this name.

    Raises
    ------
    UsageError
        There is none.
    """
    for task in TASKS:
        if task == name:
            return task
    raise UsageError(f"unknown task {name!r}: {suggestion(name, list(TASKS))}")


def models_group(task: TaskName) -> str:
    """Return the group of entry points of a task's models: ``bench.models``, ``bench.models.sequence`` and so on."""
    return MODELS if task == "classification" else f"{MODELS}.{task.replace('-', '_')}"


def tasks_of(name: str) -> list[TaskName]:
    """Return the tasks that have a registered model of this name."""
    return [task for task in TASKS if any(entry.name == name for entry in registered(models_group(task)))]


def find_model(name: str, task: TaskName = "classification") -> EntryPoint:
    """Return the entry point of a task's model.

    Raises
    ------
    UsageError
        As :func:`find`; where the model is there for other tasks, the text names these, and the task's own models.
    """
    others = [other for other in tasks_of(name) if other != task]
    if others and task not in tasks_of(name):
        known = ", ".join(entry.name for entry in registered(models_group(task)))
        raise UsageError(f"model {name!r} is for the task {' and '.join(others)}, not for {task}; that has {known}")
    return find(models_group(task), name, _CLASS_HINT)


def registered(group: str) -> list[EntryPoint]:
    """Return the entry points of a group, in alphabetical order. Nothing is imported."""
    return list(_registered(group, tuple(sys.path)))


@cache
def _registered(group: str, path: tuple[str, ...]) -> list[EntryPoint]:
    """Read the metadata of all installed packages: once for each search path, since there may be hundreds."""
    distinct = {(entry.name, entry.value): entry for entry in entry_points(group=group)}
    return [distinct[key] for key in sorted(distinct)]


def find(group: str, name: str, hint: str = "") -> EntryPoint:
    """Return the entry point of this name.

    Parameters
    ----------
    group, name : str
    hint : str
        What else the name could be, for the error.

    Raises
    ------
    UsageError
        There is none (the text has a suggestion), or two packages registered different objects under it.
    """
    entries = registered(group)
    found = [entry for entry in entries if entry.name == name]
    if not found:
        kind = _KINDS.get(group, "model")
        raise UsageError(f"unknown {kind} {name!r}: {suggestion(name, [entry.name for entry in entries])}{hint}")
    if len(found) > 1:
        values = " and as ".join(entry.value for entry in found)
        raise UsageError(f"{name!r} is registered twice, as {values}; uninstall one of the two")
    return found[0]


def split_names(text: str) -> list[str]:
    """Return the names in a comma-separated list; commas inside brackets belong to the parameters.

    >>> split_names("gru,hmm[n_states=8,n_iter=5]")
    ['gru', 'hmm[n_states=8,n_iter=5]']
    """
    names = _split_outside(text, brackets="[]")
    if not all(names):
        raise UsageError(f"{text!r} holds an empty name; expected names with commas between, such as gru,hmm,logreg")
    return names


def parse_reference(text: str) -> Reference:
    """Return a name with or without parameters, taken apart.

    Raises
    ------
    UsageError
        A bracket is missing, or a parameter has no value.
    """
    target, bracket, rest = text.strip().partition("[")
    if not bracket:
        return Reference(target, {})
    if not rest.endswith("]"):
        raise UsageError(f"{text!r} lacks its closing bracket; expected name[parameter=value,…], in quotes")
    parameters = {}
    for item in _split_outside(rest[:-1], brackets="[]"):
        name, equals, value = item.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(f"{item!r} in {text!r} is no parameter; expected parameter=value")
        if name.strip() in parameters:
            raise UsageError(f"{text!r} names the parameter {name.strip()!r} twice")
        parameters[name.strip()] = value.strip()
    return Reference(target, parameters)


def check_target(target: str, task: TaskName = "classification") -> None:
    """Refuse a name that is neither registered for a task nor of the form ``module:Class``. Nothing is imported."""
    if ":" not in target:
        find_model(target, task)


def load_factory(target: str, task: TaskName = "classification") -> Callable[..., Any]:
    """Return the class behind a registered name or ``module:Class``. This imports it: for child processes alone.

    Raises
    ------
    UsageError
        It cannot be imported, or is no class or function.
    """
    if ":" not in target:
        entry = find_model(target, task)
        load = entry.load
        package = f" of the package {entry.dist.name} {entry.dist.version}" if entry.dist else ""
        hint = f"it is {entry.value}{package}: mend, reinstall or remove that"
        own = entry.dist
    else:
        load = partial(pkgutil.resolve_name, target)
        hint = "expected package.module:Class, found from the current folder"
        own = None
        if os.getcwd() not in sys.path:  # noqa: PTH109 - sys.path holds strings
            sys.path.append(os.getcwd())  # noqa: PTH109
    try:
        factory = load()
    except Exception as error:  # a module may raise anything while it is imported
        if isinstance(error, ModuleNotFoundError) and (extra := _extra_with(error.name or "", own)):
            hint = f"pip install '{extra}' installs what it needs"
        raise UsageError(
            f"cannot import model {target!r}: {type(error).__name__}: {error}{_raised_at(error)}; {hint}"
        ) from error
    if not callable(factory):
        raise UsageError(f"model {target!r} is {type(factory).__name__}, expected a class")
    return factory  # type: ignore[no-any-return]


def _extra_with(module: str, package: Distribution | None) -> str | None:
    """Return the extra of a package that installs a module's package, such as ``gru-bench[speech]``."""
    wanted = module.partition(".")[0].replace("_", "-").lower()
    for line in (package.requires or []) if package else []:
        name = re.split(r"[^A-Za-z0-9._-]", line)[0].replace("_", "-").lower()
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", line)
        if name == wanted and extra and extra[1] != "test":
            return f"{package.name}[{extra[1]}]" if package else None
    return None


def is_seed(parameter: str) -> bool:
    """Whether a parameter takes the trial's seed: its name is or ends in ``random_state``."""
    return parameter.endswith("random_state")


def _raised_at(error: Exception) -> str:
    """File and line of the user's module that an import failed in; empty where the module was not found at all."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not {"importlib", "pkgutil.py", "<frozen importlib._bootstrap>"} & set(Path(frame.filename).parts)
    ]
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if len(frames) > 1 else ""


def _split_outside(text: str, brackets: str) -> list[str]:
    """Split at commas outside brackets and quotes."""
    parts, depth, quote = [""], 0, ""
    for character in text:
        if character == "," and depth == 0 and not quote:
            parts.append("")
            continue
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        else:
            depth += (character == brackets[0]) - (character == brackets[1])
        parts[-1] += character
    return [part.strip() for part in parts]
