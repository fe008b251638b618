"""A file of the user's own: labelled texts, read exactly or refused, and split into training and test rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bench.corpus import Int64Array
from bench.datasets.base import Part, TextDataset
from bench.datasets.duplicates import number_texts
from bench.datasets.files.columns import Columns, shown_column
from bench.datasets.files.detected import found_characters, how_read, refuse_unused
from bench.datasets.files.labels import Classes, find_classes
from bench.datasets.files.readers.folder import Parts, find_parts
from bench.datasets.files.readers.table import Table
from bench.datasets.files.rows import LabelledRows
from bench.datasets.files.sides import SplitRows, find_test_side, refuse_two_splits, which_test_rows
from bench.errors import DataError
from bench.records import FileOptions
from bench.tasks.classification import Classification
from bench.utils.text import first_of, listed

WORDS = Classification.words


class FileRead(NamedTuple):
    """A file as it was read."""

    dataset: TextDataset
    options: FileOptions
    """As given, with what was detected filled in."""


def read_file(path: Path, options: FileOptions) -> FileRead:
    """Read a file, and its test file or a split of its own.

    Raises
    ------
    DataError
        It cannot be read exactly, or holds too little.
    UsageError
        An option does not fit it.
    """
    name = path.name or path.resolve().name
    parts = find_parts(path)
    refuse_two_splits(options, parts.test, parts.train)
    test_path = Path(options.test_file) if options.test_file else parts.test
    read = _read_rows(parts, options, test_path)
    path = parts.train
    classes = find_classes(read.rows.labels, read.table.class_names(read.columns.label))
    if len(classes.names) < 2:
        raise DataError(
            f"{path}: all labels in column {shown_column(read.table, read.columns.label)} are {listed(classes.names)}; "
            f"expected two classes at least{'' if read.table.LAYOUT else '; is --label-column the right one?'}"
        )
    texts, labels = read.rows.texts, _encode(read.rows, classes)
    numbers = number_texts(texts)
    split_rows = SplitRows(path, WORDS, numbers, labels, classes.names, read.rows.groups, read.rows.splits)
    is_test, split_notes = find_test_side(split_rows, options, test_path, read.n_train)
    dataset = TextDataset(
        name,
        _part(texts, labels, ~is_test),
        _part(texts, labels, is_test),
        classes.names,
        f"{_which_columns(read.table, read.columns)}, {which_test_rows(options, test_path, WORDS)}",
        (*read.notes, *classes.notes, *split_notes),
        read.found,
        np.concatenate([numbers[~is_test], numbers[is_test]]),
    )
    return FileRead(dataset, read.found)


class _Read(NamedTuple):
    """The rows of a file, and behind them those of its test file; the table is the first one's."""

    rows: LabelledRows
    n_train: int
    table: Table
    columns: Columns
    found: FileOptions
    notes: list[str]


def _read_rows(parts: Parts, options: FileOptions, test_path: Path | None) -> _Read:
    rows = LabelledRows()
    table, columns = rows.read(parts.train, options, parts.leave_out if test_path == parts.test else ())
    n_train, found, notes = len(rows), _found(table, columns, options), how_read(table, columns.guessed, options)
    tables = [table]
    beside = [*parts.beside, *([parts.test.name] if parts.test and test_path != parts.test else [])]
    if beside:
        notes.append(f"in the same folder, not read: {first_of(beside, 4)}")
    if test_path:
        test_table, test_columns = rows.read(test_path, options)
        tables.append(test_table)
        test_notes = how_read(test_table, test_columns.guessed, options)
        if _found(test_table, test_columns, options) != found:
            found = options  # what was detected holds for one of the two
            test_notes.insert(0, _which_columns(test_table, test_columns))
        notes += [f"{test_path.name}: {note}" for note in test_notes]
    refuse_unused(options, tables)
    return _Read(rows, n_train, table, columns, found, notes)


def _encode(rows: LabelledRows, classes: Classes) -> Int64Array:
    """Return the position of each row's class among the classes' names."""
    positions = {name: i for i, name in enumerate(classes.names)}
    of_label = np.array([positions[classes.name_of[label]] for label in rows.labels], np.int64)
    return of_label[rows.label_numbers]


def _part(texts: Sequence[str], labels: Int64Array, chosen: npt.NDArray[np.bool_]) -> Part:
    return Part([texts[i] for i in np.flatnonzero(chosen).tolist()], labels[chosen])


def _which_columns(table: Table, columns: Columns) -> str:
    if table.LAYOUT:
        return table.LAYOUT
    texts = " and ".join(shown_column(table, position) for position in columns.text)
    return f"text {texts}, label {shown_column(table, columns.label)}"


def _found(table: Table, columns: Columns, options: FileOptions) -> FileOptions:
    """Return the options with what was detected, so that nothing has to be guessed again."""
    update = found_characters(table, options)
    if not options.text_column:
        update["text_column"] = tuple(table.names[position] for position in columns.text)
    if options.label_column is None:
        update["label_column"] = table.names[columns.label]
    return options.model_copy(update=update)
