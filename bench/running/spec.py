"""RunSpecs from options and from files."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bench.datasets.files.readers.packed import PACKED
from bench.errors import OutputError, UsageError
from bench.records import OPTIONS, FileOptions, RunFile, RunSpec, option_name
from bench.registry import check_task_name, split_names
from bench.results.store import parse
from bench.utils.text import suggestion

_FIELDS = {option: field for field, option in OPTIONS.items()}
_KEYS = [*RunSpec.model_fields, *FileOptions.model_fields, *_FIELDS, "no_header", "no_texts"]
_OF_FILES = {"file", "no_header", *FileOptions.model_fields}
_OF_CHARACTERS = {"encoding", "separator", "quoting"}
_ALWAYS_WRITTEN = {"models", "dataset", "division", "seeds"}
_NEVER_WRITTEN = {"file", "data_dir", "save_models"}
FILE_KEYS = ["name", "output"]
"""Keys of a spec file that say where the run goes, and are not part of what it is."""


def make_spec(values: Mapping[str, Any]) -> RunSpec:
    """Return a RunSpec from options; a value of None counts as not given.

    Raises
    ------
    UsageError
        An unknown key, or a value that its option cannot take.
    """
    return override(RunSpec(), values)


def override(spec: RunSpec, values: Mapping[str, Any]) -> RunSpec:
    """Return a RunSpec with some values replaced; None leaves a value as it is."""
    given = {_FIELDS.get(key, key): value for key, value in values.items() if value is not None}
    for key in given:
        if key not in _KEYS:
            raise UsageError(f"unknown option {key!r}: {suggestion(key, _KEYS)}")
    if "no_header" in given:
        given["header"] = not given.pop("no_header")
    if "no_texts" in given:
        given["show_texts"] = not given.pop("no_texts")
    of_file = {key: given.pop(key) for key in FileOptions.model_fields if key in given}
    whole = given.pop("file", {})
    whole = whole.model_dump(exclude_unset=True) if isinstance(whole, FileOptions) else whole
    given["file"] = {**spec.file.model_dump(exclude_unset=True), **whole, **of_file}
    if isinstance(given.get("models"), str):
        given["models"] = split_names(given["models"])
    if isinstance(given.get("task"), str):
        check_task_name(given["task"])
    try:
        return RunSpec.model_validate({**spec.model_dump(exclude_unset=True), **given})
    except ValidationError as error:
        problem = error.errors()[0]
        key = next((str(part) for part in problem["loc"][:2] if part != "file"), "the spec")
        wanted = problem["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
        raise UsageError(f"{OPTIONS.get(key, key)} is {problem['input']!r}, expected {wanted}") from error


def merge(in_file: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a spec file, and over them those of the command line.

    File options are dropped when --dataset names a registered dataset, and detected encoding, separator and quoting
    when the kind of file changes.
    """
    from bench.datasets import is_file

    others = dict(in_file)
    if "dataset" in given and not is_file(given["dataset"]):
        others = {key: value for key, value in others.items() if key not in _OF_FILES}
    elif "dataset" in given and _ending(given["dataset"]) != _ending(str(others.get("dataset", ""))):
        kept = {key: value for key, value in others.get("file", {}).items() if key not in _OF_CHARACTERS}
        others = {**others, "file": kept}
    return {**others, **given}


def _ending(path: str) -> str:
    name = Path(path.lower())
    return Path(name.stem if name.suffix in PACKED else name).suffix


def read_spec(path: Path) -> dict[str, Any]:
    """Return the options in a spec file: TOML, or the ``run.json`` of a run. Keys are the command line's.

    Raises
    ------
    UsageError
        The file cannot be read, or has an unknown key.
    """
    try:
        content = path.read_bytes()
        if path.suffix == ".json":
            return _saved_spec(path, content)
        values = {key.replace("-", "_"): value for key, value in tomllib.loads(content.decode("utf-8-sig")).items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"cannot read the spec {path}: {error}; expected TOML, or a run's run.json") from error
    for key, value in values.items():
        if key not in _KEYS + FILE_KEYS or key == "file":
            raise UsageError(f"{path} has an unknown key {key!r}: {suggestion(key, _KEYS + FILE_KEYS)}")
        if key in FILE_KEYS and not isinstance(value, str):
            raise UsageError(f"{path}: {key} is {value!r}, expected text in quotes")
    return values


def _saved_spec(path: Path, content: bytes) -> dict[str, Any]:
    try:
        run = parse(RunFile, content, str(path))
    except OutputError as error:
        raise UsageError(f"cannot read the spec: {error}; expected a run's run.json, or TOML") from error
    if any(model.is_instance for model in run.models):
        raise UsageError(
            f"{path} is of a run with estimators that were given as objects from Python, which are kept nowhere; "
            "repeat it from Python with bench.run"
        )
    return run.spec.model_dump(exclude={"data_dir"}, exclude_none=True)


def repeat_command(run: RunFile) -> str:
    """Return the command that asks for the same trials."""
    if any(model.is_instance for model in run.models):
        return "(estimators were given as objects from Python: repeat it with bench.run)"
    given = {**dict(run.spec), **dict(run.spec.file)}
    usual = {**dict(RunSpec()), **dict(FileOptions())}
    parts = [
        _write_option(field, value)
        for field, value in given.items()
        if field in _ALWAYS_WRITTEN or (value != usual[field] and field not in _NEVER_WRITTEN)
    ]
    if any("$DATA" in str(path) for path in (run.spec.dataset, run.spec.file.test_file)):
        parts.append("--data-dir DIR")
    return " ".join(["bench run", *parts])


def _write_option(field: str, value: object) -> str:
    """Return a field as an option of the command line: a switch, or a name and a quoted value."""
    if isinstance(value, bool):
        return option_name(field)
    if field == "memory_limit_mb":
        value = f"{value:g}MB"
    written = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"{option_name(field)} {shlex.quote(written)}"
