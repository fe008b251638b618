"""RunSpecs from options and from files."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bench.errors import UsageError, suggestion
from bench.records import SCHEMA_VERSION, RunSpec

_ALIASES = {"time_limit": "time_limit_seconds", "memory_limit": "memory_limit_mb"}
_KEYS = [*RunSpec.model_fields, *_ALIASES]
FILE_KEYS = ["name", "output"]
"""Keys of a spec file that say where the run goes, and are not part of what it is."""


def make_spec(values: Mapping[str, Any]) -> RunSpec:
    """A RunSpec from options; a value of None counts as not given.

    Raises
    ------
    UsageError
        An unknown key, or a value that its option cannot take.
    """
    return override(RunSpec(), values)


def override(spec: RunSpec, values: Mapping[str, Any]) -> RunSpec:
    """A RunSpec with some values replaced; None leaves a value as it is."""
    given = {_ALIASES.get(key, key): value for key, value in values.items() if value is not None}
    for key in given:
        if key not in RunSpec.model_fields:
            raise UsageError(f"unknown option {key!r}: {suggestion(key, _KEYS)}")
    try:
        return RunSpec.model_validate({**spec.model_dump(), **given})
    except ValidationError as error:
        problem = error.errors()[0]
        key = str(problem["loc"][0]) if problem["loc"] else "the spec"
        raise UsageError(f"{key} is {problem['input']!r}: {problem['msg']}") from error


def read_spec(path: Path) -> dict[str, Any]:
    """The options in a spec file: TOML, or the ``run.json`` of a run. Keys are the command line's.

    Raises
    ------
    UsageError
        The file cannot be read, or has an unknown key.
    """
    try:
        text = path.read_text(encoding="utf-8")
        values = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"cannot read the spec {path}: {error}; expected TOML, or a run's run.json") from error
    if path.suffix == ".json":
        values = _saved_spec(path, values)
    values = {key.replace("-", "_"): value for key, value in values.items()}
    for key in values:
        if key not in _KEYS + FILE_KEYS:
            raise UsageError(f"{path} has an unknown key {key!r}: {suggestion(key, _KEYS + FILE_KEYS)}")
    return values


def _saved_spec(path: Path, values: Any) -> dict[str, Any]:
    if not isinstance(values, dict) or "spec" not in values:
        raise UsageError(f"{path} is no run.json: it has no spec; expected a run's run.json, or TOML")
    if values.get("schema_version", 0) > SCHEMA_VERSION:
        raise UsageError(
            f"{path} has schema version {values['schema_version']}, this bench reads up to {SCHEMA_VERSION};"
            " update gru-bench"
        )
    if any(model.get("target") == "instance" for model in values.get("models", [])):
        raise UsageError(
            f"{path} is of a run with estimators that were given as objects from Python, which are kept nowhere; "
            "repeat it from Python with bench.run"
        )
    spec = {key: value for key, value in values["spec"].items() if value is not None}
    if spec.get("data_dir") == "$DATA":
        del spec["data_dir"]
    return spec
