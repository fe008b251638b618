"""Series of the user's own with a class each: a file in the long format, or a ``.ts`` file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.datasets.base import RowsDataset
from bench.datasets.files.columns import shown_column
from bench.datasets.files.labels import find_classes
from bench.datasets.files.long_rows import LongRows, read_both
from bench.datasets.files.numbers import fill_series, number_parser
from bench.datasets.files.readers.text_file import check_place
from bench.datasets.files.sides import SplitRows, find_test_side, refuse_two_splits, which_test_rows
from bench.datasets.files.ts_files import TS_ENDING, find_ts_companion
from bench.datasets.row_keys import number_rows
from bench.datasets.rows.series import make_series_dataset
from bench.errors import DataError, UsageError
from bench.ragged import RaggedArray
from bench.records import FileOptions, option_name
from bench.series import Series
from bench.tasks.base import Float64Array
from bench.tasks.sequence import SequenceClassification
from bench.utils.text import listed

WORDS = SequenceClassification.words
SAME_SHARE = 0.9
"""Of different numbers, those that are to stay different in single precision, else there is a note."""
_TS_OPTIONS = frozenset({"test_file", "test_fraction", "split_seed"})


@dataclass(frozen=True)
class _Read:
    """The series of a file, and behind them those of its test file."""

    series: Series
    labels: list[str]
    known_classes: Sequence[str]
    """In the order that the file gives, if it gives one."""
    n_train: int
    where: str
    """Which columns hold what."""
    label_column: str
    groups: list[str]
    splits: list[str]
    notes: list[str]
    found: FileOptions


def read_series_file(path: Path, options: FileOptions) -> RowsDataset:
    """Read series with a class each, and the file's test file or a split of its own.

    Parameters
    ----------
    path : Path
        A file in the long format, or a ``.ts`` file. Beside ``name_TRAIN.ts``, ``name_TEST.ts`` holds the test rows.
    options : FileOptions

    Raises
    ------
    DataError
        It cannot be read exactly, or holds too little.
    UsageError
        An option does not fit it.
    """
    is_ts = path.name.lower().endswith(TS_ENDING)
    companion = find_ts_companion(path) if is_ts and not options.test_file else None
    refuse_two_splits(options, companion, path)
    test_path = Path(options.test_file) if options.test_file else companion
    read = _read_ts(path, options, test_path) if is_ts else _read_tables(path, options, test_path)
    classes = find_classes(read.labels, read.known_classes)
    if len(classes.names) < 2:
        raise DataError(
            f"{path}: all labels {read.label_column}are {listed(classes.names)}; expected two classes at least"
        )
    places = {name: place for place, name in enumerate(classes.names)}
    labels = np.array([places[classes.name_of[label]] for label in read.labels], np.int64)
    rows = SplitRows(path, WORDS, number_rows(read.series), labels, classes.names, read.groups, read.splits)
    is_test, split_notes = find_test_side(rows, options, test_path, read.n_train)
    return make_series_dataset(
        path.name or path.resolve().name,
        read.series,
        labels,
        classes.names,
        is_test,
        origin=f"{read.where}, {which_test_rows(options, test_path, WORDS)}",
        notes=(*read.notes, *classes.notes, *split_notes),
        options=read.found,
    )


def _read_tables(path: Path, options: FileOptions, test_path: Path | None) -> _Read:
    files, found, notes = read_both(path, test_path, "sequence", options, number_parser(options.missing))
    first, frames, lengths = files[0], [], []
    for file in files:
        values, offsets, fill_notes = fill_series(file, options.missing)
        frames.append(values.astype(np.float32))
        lengths.append(np.diff(offsets))
        notes += [*fill_notes, *_rounding_notes(file, values)]
    label = first.columns.label
    assert label is not None, "one was found"
    return _Read(
        Series(RaggedArray(np.concatenate(frames), np.cumsum(np.concatenate([[0], *lengths])))),
        labels=[text for file in files for text in file.labels],
        known_classes=first.table.class_names(label),
        n_train=len(first),
        where=first.origin,
        label_column=f"in column {shown_column(first.table, label)} ",
        groups=first.groups,
        splits=first.splits,
        notes=notes,
        found=found,
    )


def _rounding_notes(file: LongRows, values: Float64Array) -> list[str]:
    """Return which columns hold numbers that are one number in single precision, as large times do."""
    names = [
        shown_column(file.table, column)
        for column, of_column in zip(file.columns.values, values.T, strict=True)
        if len(np.unique(of_column.astype(np.float32))) < SAME_SHARE * len(np.unique(of_column))
    ]
    return [f"different numbers of {', '.join(names)} are equal in single precision, which models get"] if names else []


def _read_ts(path: Path, options: FileOptions, test_path: Path | None) -> _Read:
    check_place(path)
    if test_path:
        check_place(test_path)
    from bench.datasets.series.ts_file import read_ts

    given = [name for name in options.model_dump(exclude_defaults=True) if name not in _TS_OPTIONS]
    if given:
        names = ", ".join(map(option_name, given))
        raise UsageError(f"{names}: a {TS_ENDING} file such as {path} has no use for it; leave it out")
    first = read_ts(path)
    files = [first]
    if test_path:
        test = read_ts(test_path)
        if test.series.n_channels != first.series.n_channels:
            raise DataError(
                f"{test_path} has {test.series.n_channels} channels, {path} has {first.series.n_channels}; expected "
                "as many in both"
            )
        files.append(test)
    return _Read(
        Series(RaggedArray.from_rows([frames for file in files for frames in file.series])),
        labels=[file.class_names[code] for file in files for code in file.labels.tolist()],
        known_classes=first.class_names,
        n_train=len(first.series),
        where="cases of a .ts file",
        label_column="",
        groups=[],
        splits=[],
        notes=[],
        found=options,
    )
