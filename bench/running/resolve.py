"""What a spec means on this machine: which data, where; and how that is written down without this machine's folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bench.datasets.base import Dataset, Source
from bench.datasets.files.source import FileSource
from bench.errors import UsageError
from bench.records import DatasetInfo, RunSpec, TaskName
from bench.registry import models_group, registered
from bench.running.describe import describe_installed
from bench.utils.paths import real_path, scrub
from bench.utils.text import is_unicode

if TYPE_CHECKING:
    from bench.datasets.facts import DatasetFacts

Note = Callable[[str], None]

LARGE_FILE_BYTES = 100_000_000
"""A larger file takes seconds to read, and that is said."""


@dataclass(frozen=True)
class Resolved:
    """A spec whose data were found and read.

    Parameters
    ----------
    spec : RunSpec
        With the data that it means, where they are on this machine, and what was detected of a file.
    source : Source
    dataset : TextDataset or RowsDataset
    fingerprint : str or None
        The source's when it was read; None: it has none.
    """

    spec: RunSpec
    source: Source
    dataset: Dataset
    fingerprint: str | None

    @cached_property
    def facts(self) -> DatasetFacts:
        """What there is to know of the data before anything is trained."""
        from bench.datasets.facts import find_facts

        return find_facts(self.dataset)

    @property
    def info(self) -> DatasetInfo:
        """What a run records of the data."""
        from bench.datasets.facts import dataset_info

        return dataset_info(self.facts, self.spec.data_dir)

    @property
    def is_unchanged(self) -> bool:
        """Whether the source is as it was when it was read, as far as can be told without reading it."""
        return _fingerprint(self.source) == self.fingerprint


def resolve_data(spec: RunSpec, note: Note) -> Resolved:
    """Find and read the data that a spec means, and say what is in a file of the user's own.

    Parameters
    ----------
    spec : RunSpec
    note : callable
        Called with each message for the user.

    Raises
    ------
    bench.errors.BenchError
        The data are unavailable, or options do not fit them.
    """
    from bench.datasets.facts import fact_lines

    resolved = read_data(spec, note)
    if resolved.dataset.options is not None:
        for line in fact_lines(resolved.facts):
            note(line)
    return resolved


def resolve_task(spec: RunSpec, note: Note) -> RunSpec:
    """Return a spec with its task: what is asked for, else what its dataset is for; and with models, if none are named.

    Without names these are all registered models of the task whose packages are installed.

    Raises
    ------
    UsageError
        There is no such dataset, or it is for another task.
    """
    task = task_of_spec(spec)
    models = spec.models
    if task != "classification" and "models" not in spec.model_fields_set:
        known = [entry.name for entry in registered(models_group(task))]
        models = tuple(model.name for model in describe_installed(known, task))
        if left_out := [name for name in known if name not in models]:
            note(
                f"left out, since a package is not installed: {', '.join(left_out)}; --models {left_out[0]} says which"
            )
    return spec.model_copy(update={"task": task, "models": models})


def task_of_spec(spec: RunSpec) -> TaskName:
    """Return what is asked for, else what the dataset is for. No data are read.

    Raises
    ------
    UsageError
        There is no such dataset, or it is for another task.
    """
    from bench.datasets import find_source, is_file, task_of

    task: TaskName = spec.task or "classification"
    if spec.dataset != "auto" and not is_file(spec.dataset):
        return task_of(find_source(spec.dataset, task=spec.task))
    if spec.dataset == "auto" and task != "classification":
        raise UsageError(f"--task {task} needs --dataset; bench list datasets shows those there are")
    return task


def read_data(spec: RunSpec, note: Note) -> Resolved:
    """As :func:`resolve_data`, without a word about what is in a file.

    Raises
    ------
    bench.errors.BenchError
        As :func:`resolve_data`.
    """
    from bench.datasets import find_source, resolve_auto

    data_dir = Path(spec.data_dir) if spec.data_dir else None
    name, why = resolve_auto(data_dir) if spec.dataset == "auto" else (_path(spec.dataset, spec.data_dir), None)
    if why:
        note(why)
    test_file = _path(spec.file.test_file, spec.data_dir) if spec.file.test_file else None
    file = spec.file.model_copy(update={"test_file": test_file}) if test_file else spec.file
    source = find_source(name, file, spec.task)
    _note_large_file(source, note)
    fingerprint = _fingerprint(source)
    dataset = source.load(data_dir)
    detected = {"file": dataset.options} if dataset.options else {}
    return Resolved(spec.model_copy(update={"dataset": name, **detected}), source, dataset, fingerprint)


def find_test_texts(spec: RunSpec, digest: str) -> Sequence[str]:
    """Return the texts of a run's test rows, if its data are available.

    Raises
    ------
    bench.errors.BenchError
        They are not, or are different data now.
    """
    from bench.datasets import check_digest
    from bench.datasets.base import TextDataset

    resolved = read_data(spec, lambda _: None)
    check_digest(resolved.dataset, resolved.spec.dataset, digest)
    assert isinstance(resolved.dataset, TextDataset), "only texts are quoted"
    return resolved.dataset.test.texts


def _note_large_file(source: Source, note: Note) -> None:
    if isinstance(source, FileSource):
        with suppress(OSError):
            if (n_bytes := source.file.stat().st_size) > LARGE_FILE_BYTES:
                note(f"reading {source.name} ({n_bytes / 1e6:,.0f} MB)")


def _fingerprint(source: Source) -> str | None:
    return source.fingerprint() if hasattr(source, "fingerprint") else None


def _path(kept: str, data_dir: str | None) -> str:
    if not is_unicode(kept):
        raise UsageError(f"the path {kept!r} is not UTF-8; rename the file")
    path = real_path(kept, data_dir)
    if path.startswith("$DATA/"):
        raise UsageError(f"{path} stands in the data folder, and none is named; name it with --data-dir")
    return path


def for_disk(spec: RunSpec) -> RunSpec:
    """Return a spec as ``run.json`` holds it, with no folder of this machine in it."""

    def kept(path: str) -> str:
        return scrub(path, spec.data_dir) if Path(path).is_absolute() else path

    test_file = kept(spec.file.test_file) if spec.file.test_file else None
    file = spec.file.model_copy(update={"test_file": test_file})
    data_dir = "$DATA" if spec.data_dir else None
    return spec.model_copy(update={"data_dir": data_dir, "dataset": kept(spec.dataset), "file": file})
