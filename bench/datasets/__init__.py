"""Where corpora come from: one file per source, found by name through the entry points ``bench.datasets``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.datasets.base import Dataset, Source, TextDataset
from bench.datasets.files.readers.text_file import ENDINGS, FILE_ENDINGS
from bench.datasets.files.source import FileSource
from bench.datasets.files.ts_files import TS_ENDING
from bench.errors import DataError, UsageError
from bench.parameters import type_parameters, write_name
from bench.records import FileOptions, TaskName, option_name
from bench.registry import DATASETS, Reference, find, parse_reference, registered


def source_names() -> list[str]:
    """Return the registered names, in alphabetical order. No source is imported."""
    return sorted({entry.name for entry in registered(DATASETS)})


def is_file(name: str) -> bool:
    """Whether a dataset's name is the path of a file or folder. A registered name is not, even if there is one."""
    if name.partition("[")[0] in ("auto", *source_names()):
        return False
    if "/" in name or name.lower().endswith((*FILE_ENDINGS, TS_ENDING)):
        return True
    try:
        return Path(name).exists()
    except OSError:  # too long for a path
        return False


def find_source(name: str, file: FileOptions | None = None, task: TaskName | None = None) -> Source:
    """Return the source of this name: a file of the user's own, or a registered one.

    Parameters
    ----------
    name : str
        A registered name, with or without parameters (``recall[bits=2]``), or the path of a file; ``auto`` is resolved
        before.
    file : FileOptions, optional
        How a file is read.
    task : str, optional
        What the data are to be used for: what a file is read for, and a registered one must be made for.

    Raises
    ------
    bench.errors.UsageError
        No source has this name, it cannot be imported, it refuses a parameter, it is for another task, or it has no
        use for options of files.
    """
    if is_file(name):
        return FileSource(Path(name), file or FileOptions(), task or "classification")
    source = _find_registered(name)
    if task is not None and task != task_of(source):
        raise UsageError(
            f"dataset {name!r} is for the task {task_of(source)}, not for {task}; leave --task out, or choose another "
            "dataset"
        )
    if file and (given := file.model_dump(exclude_defaults=True)):
        options = ", ".join(map(option_name, given))
        raise UsageError(f"{options}: only a file needs this; the dataset {name!r} has its own columns and cut")
    return source


def _find_registered(name: str) -> Source:
    reference = parse_reference(name)
    entry = find(DATASETS, reference.target, hint=f"; a file ends in {ENDINGS}; a folder has one folder per class")
    try:
        factory = entry.load()
        source = factory() if not reference.parameters else None
    except Exception as error:  # a package of a third party may raise anything
        package = entry.dist.name if entry.dist else "unknown"
        raise UsageError(
            f"dataset {name!r} ({entry.value}, of the package {package}) cannot be imported: {type(error).__name__}: "
            f"{error}; mend, reinstall or remove that package"
        ) from error
    if source is None:
        source = _with_parameters(factory, reference)
    if not isinstance(source, Source):
        raise UsageError(f"dataset {name!r} ({entry.value}) is no source: expected name, summary, is_at_hand and load")
    return source


def _with_parameters(factory: Callable[..., Any], reference: Reference) -> Any:
    """Return the source with these parameters, which are a part of its name."""
    given = type_parameters(reference.target, factory, reference.parameters)
    name = write_name(reference.target, given)
    try:
        source = factory(**given)
    except ValueError as error:
        raise UsageError(f"dataset {name} cannot be made: {error}") from error
    source.name = name
    return source


def resolve_auto(data_dir: Path | None) -> tuple[str, str | None]:
    """Return what ``--dataset auto`` means here. It never downloads.

    Returns
    -------
    name : str
    note : str or None
        What the user should know about the choice.
    """
    if find_source("imdb").is_at_hand(data_dir):
        return "imdb", None
    return "imdb-dev", (
        "The full IMDB setup is not available, so imdb-dev is used: its training half, split into 20,000 and 5,000 "
        "reviews. `bench data fetch imdb` gets all 50,000."
    )


def task_of(source: Source) -> TaskName:
    """Return the task that a source's data are for."""
    task: TaskName = getattr(source, "task", "classification")
    return task


def load_dataset(
    name: str, data_dir: Path | None = None, expected_digest: str | None = None, file: FileOptions | None = None
) -> TextDataset:
    """As :func:`load_any`, of labelled texts alone.

    Raises
    ------
    bench.errors.DataError
        As :func:`load_any`.
    bench.errors.UsageError
        The dataset is for another task.
    """
    dataset = load_any(name, data_dir, expected_digest, file)
    if not isinstance(dataset, TextDataset):
        raise UsageError(f"dataset {name!r} is for the task {dataset.task}, expected labelled texts")
    return dataset


def load_any(
    name: str,
    data_dir: Path | None = None,
    expected_digest: str | None = None,
    file: FileOptions | None = None,
    task: TaskName | None = None,
) -> Dataset:
    """Return the dataset of this name, verified.

    Parameters
    ----------
    name : str
        A registered name, or the path of a file; ``auto`` is resolved before.
    data_dir : Path or None
        The folder or file that the user named.
    expected_digest : str or None
        What :attr:`TextDataset.digest` was when the run began.
    file : FileOptions, optional
        How a file is read.
    task : str, optional
        What a file is read for.

    Raises
    ------
    bench.errors.DataError
        The data are unavailable, or differ from those that the run began with.
    """
    dataset = find_source(name, file, task).load(data_dir)
    check_digest(dataset, name, expected_digest)
    return dataset


def check_digest(dataset: Dataset, name: str, expected: str | None) -> None:
    """Refuse data that changed since a run began.

    Raises
    ------
    bench.errors.DataError
    """
    if expected is not None and dataset.digest != expected:
        raise DataError(
            f"dataset {name} has the digest {dataset.digest[:16]}…, expected {expected[:16]}…, as when the run "
            "began: its data changed. Bring the old data back, or start a new run."
        )
