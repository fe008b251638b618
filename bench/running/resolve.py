"""What a spec means on this machine: which data, where; and how that is written down without this machine's folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import UsageError
from bench.records import DatasetInfo, RunSpec
from bench.utils.paths import real_path, scrub

if TYPE_CHECKING:
    from bench.datasets.facts import DatasetFacts
    from bench.datasets.files.read import FileRead

Note = Callable[[str], None]

LARGE_FILE_BYTES = 100_000_000
"""A larger file takes seconds to read, and that is said."""


def resolve_data(spec: RunSpec, note: Note) -> tuple[RunSpec, DatasetInfo]:
    """The spec with the data that it means, where they are on this machine, and what is known of them.

    Parameters
    ----------
    spec : RunSpec
    note : callable
        Told what the user should know before anything is trained.

    Raises
    ------
    bench.errors.BenchError
        The data are not to be had, or options do not fit them.
    """
    from bench.datasets import is_file, load_dataset, resolve_auto
    from bench.datasets.facts import dataset_info, find_facts

    if is_file(spec.dataset):
        return _resolve_file(spec, note)
    data_dir = Path(spec.data_dir) if spec.data_dir else None
    name, why = resolve_auto(data_dir) if spec.dataset == "auto" else (spec.dataset, None)
    if why:
        note(why)
    dataset = load_dataset(name, data_dir, file=spec.file)
    return spec.model_copy(update={"dataset": name}), dataset_info(find_facts(dataset), spec.data_dir)


def find_test_texts(spec: RunSpec, digest: str) -> Sequence[str]:
    """The texts of a run's test rows, if its data are at hand.

    Raises
    ------
    bench.errors.BenchError
        They are not, or are other data now.
    """
    from bench.datasets import is_file, load_dataset

    data_dir = Path(spec.data_dir) if spec.data_dir else None
    if not is_file(spec.dataset):
        return load_dataset(spec.dataset, data_dir, digest).test.texts
    path = _path(spec.dataset, spec.data_dir)
    test_file = _path(spec.file.test_file, spec.data_dir) if spec.file.test_file else None
    return load_dataset(path, data_dir, digest, spec.file.model_copy(update={"test_file": test_file})).test.texts


def check_data(spec: RunSpec, note: Note) -> DatasetFacts:
    """What there is to know of a spec's data before anything is trained.

    Raises
    ------
    bench.errors.BenchError
        As :func:`resolve_data`.
    """
    from bench.datasets import is_file, load_dataset
    from bench.datasets.facts import find_facts

    if is_file(spec.dataset):
        read, _ = _read_file(spec, note)
        return find_facts(read.dataset, read.text_numbers)
    return find_facts(load_dataset(spec.dataset, Path(spec.data_dir) if spec.data_dir else None, file=spec.file))


def _resolve_file(spec: RunSpec, note: Note) -> tuple[RunSpec, DatasetInfo]:
    from bench.datasets.facts import dataset_info, fact_lines, find_facts

    read, path = _read_file(spec, note)
    facts = find_facts(read.dataset, read.text_numbers)
    for line in fact_lines(facts):
        note(line)
    return spec.model_copy(update={"dataset": path, "file": read.options}), dataset_info(facts, spec.data_dir)


def _read_file(spec: RunSpec, note: Note) -> tuple[FileRead, str]:
    """The file that a spec names, and its path on this machine."""
    from bench.datasets.files.read import read_file

    path = _path(spec.dataset, spec.data_dir)
    test_file = _path(spec.file.test_file, spec.data_dir) if spec.file.test_file else None
    with suppress(OSError):
        if (n_bytes := Path(path).stat().st_size) > LARGE_FILE_BYTES:
            note(f"reading {Path(path).name} ({n_bytes / 1e6:,.0f} MB)")
    return read_file(Path(path), spec.file.model_copy(update={"test_file": test_file})), path


def _path(kept: str, data_dir: str | None) -> str:
    if any("\ud800" <= character <= "\udfff" for character in kept):
        raise UsageError(f"the path {kept!r} is not UTF-8; rename the file")
    path = real_path(kept, data_dir)
    if path.startswith("$DATA/"):
        raise UsageError(f"{path} stands in the data folder, and none is named; name it with --data-dir")
    return path


def without_folders(spec: RunSpec) -> RunSpec:
    """A spec for ``run.json``, with no folder of this machine in it."""

    def kept(path: str) -> str:
        return scrub(path, spec.data_dir) if Path(path).is_absolute() else path

    test_file = kept(spec.file.test_file) if spec.file.test_file else None
    file = spec.file.model_copy(update={"test_file": test_file})
    data_dir = "$DATA" if spec.data_dir else None
    return spec.model_copy(update={"data_dir": data_dir, "dataset": kept(spec.dataset), "file": file})
