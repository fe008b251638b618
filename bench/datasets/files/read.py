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
from bench.datasets.files.columns import Columns
from bench.datasets.files.labels import Classes, find_classes
from bench.datasets.files.readers.folder import TRAIN, Parts, find_parts
from bench.datasets.files.readers.table import Table
from bench.datasets.files.readers.text_file import file_kind
from bench.datasets.files.rows import LabelledRows
from bench.datasets.files.split import cut_groups, cut_rows, find_test_rows
from bench.errors import DataError, UsageError
from bench.records import FileOptions, option_name
from bench.utils.text import first_of, listed, shown

TEST_FRACTION = 0.2


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
    _check_together(options, parts.test)
    test_path = Path(options.test_file) if options.test_file else parts.test
    read = _read_rows(parts, options, test_path)
    path = parts.train
    classes = find_classes(read.rows.labels, read.table.class_names(read.columns.label))
    if len(classes.names) < 2:
        raise DataError(
            f"{path}: all labels in column {_column(read.table, read.columns.label)} are {listed(classes.names)}; "
            f"expected two classes at least{'' if read.table.LAYOUT else '; is --label-column the right one?'}"
        )
    texts, labels = read.rows.texts, _encode(read.rows, classes)
    numbers = number_texts(texts)
    notes = [*read.notes, *classes.notes]
    if test_path:
        is_test = np.arange(len(texts)) >= read.n_train
        _refuse_unknown_classes(str(test_path), labels, is_test, classes.names)
    elif options.split_column:
        is_test = find_test_rows(path, options.split_column, read.rows.splits)
        _refuse_unknown_classes(str(path), labels, is_test, classes.names)
    elif options.group_column:
        is_test = cut_groups(path, options, labels, numbers, read.rows.groups, options.test_fraction or TEST_FRACTION)
        notes.append(f"{is_test.sum():,} of {len(is_test):,} rows are for testing, no group on both sides")
    else:
        is_test, cut_notes = _cut(path, labels, numbers, classes.names, options)
        notes += cut_notes
    dataset = TextDataset(
        name,
        _part(texts, labels, ~is_test),
        _part(texts, labels, is_test),
        classes.names,
        f"{_which_columns(read.table, read.columns)}, {_which_test_rows(options, test_path)}",
        tuple(notes),
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
    n_train, found, notes = len(rows), _found(table, columns, options), _how_read(table, columns, options)
    tables = [table]
    beside = [*parts.beside, *([parts.test.name] if parts.test and test_path != parts.test else [])]
    if beside:
        notes.append(f"in the same folder, not read: {first_of(beside, 4)}")
    if test_path:
        test_table, test_columns = rows.read(test_path, options)
        tables.append(test_table)
        test_notes = _how_read(test_table, test_columns, options)
        if _found(test_table, test_columns, options) != found:
            found = options  # what was detected holds for one of the two
            test_notes.insert(0, _which_columns(test_table, test_columns))
        notes += [f"{test_path.name}: {note}" for note in test_notes]
    _refuse_unused(options, tables)
    return _Read(rows, n_train, table, columns, found, notes)


def _check_together(options: FileOptions, test_folder: Path | None) -> None:
    cut = [f"--test-fraction {options.test_fraction}"] if options.test_fraction is not None else []
    cut += [f"--split-seed {options.split_seed}"] if options.split_seed else []
    groups = [f"--group-column {options.group_column!r}"] if options.group_column else []
    test_file = [f"--test-file {options.test_file!r}"] if options.test_file else []
    if options.split_column and (others := [*test_file, *groups, *cut]):
        raise UsageError(
            f"--split-column {options.split_column!r} and {' and '.join(others)} exclude each other: the column says "
            "which rows are for testing; leave one out"
        )
    if test_file and (others := [*groups, *cut]):
        raise UsageError(
            f"{test_file[0]} and {' and '.join(others)} exclude each other: rows are split off only where there is no "
            "test file; leave one out"
        )
    column = [f"--split-column {options.split_column!r}"] if options.split_column else []
    if test_folder and (others := [*column, *groups, *cut]):
        raise UsageError(
            f"{' and '.join(others)}: the folder {test_folder} holds the test rows, so that none are split off; leave "
            f"the option out, or name {test_folder.parent / TRAIN} alone"
        )


def _refuse_unused(options: FileOptions, tables: Sequence[Table]) -> None:
    given = {name for name in ("separator", "quoting", "encoding") if getattr(options, name) is not None}
    given |= set() if options.header else {"header"}
    unused = given - set().union(*(table.OPTIONS for table in tables))
    if unused:
        names = ", ".join(sorted(option_name(name) for name in unused))
        raise UsageError(f"{names}: a file such as {tables[0].path} has no use for it; leave it out")


def _encode(rows: LabelledRows, classes: Classes) -> Int64Array:
    """Return the position of each row's class among the classes' names."""
    positions = {name: i for i, name in enumerate(classes.names)}
    of_label = np.array([positions[classes.name_of[label]] for label in rows.labels], np.int64)
    return of_label[rows.label_numbers]


def _refuse_unknown_classes(
    test_file: str, labels: Int64Array, is_test: npt.NDArray[np.bool_], names: Sequence[str]
) -> None:
    unknown = np.setdiff1d(labels[is_test], labels[~is_test])
    if unknown.size:
        raise DataError(
            f"{test_file}: no training row has the class {listed([names[i] for i in unknown])}, so no model can learn "
            f"it; expected {listed([names[i] for i in np.unique(labels[~is_test])])}"
        )


def _cut(
    path: Path, labels: Int64Array, numbers: Int64Array, names: Sequence[str], options: FileOptions
) -> tuple[npt.NDArray[np.bool_], list[str]]:
    fraction = options.test_fraction or TEST_FRACTION
    try:
        is_test = cut_rows(labels, numbers, names, fraction, options.split_seed)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    n_texts, n_test_texts = len(np.unique(numbers)), len(np.unique(numbers[is_test]))
    if abs(n_test_texts - fraction * n_texts) <= 0.5:
        return is_test, []
    return is_test, [
        f"{n_test_texts:,} of {n_texts:,} texts are for testing, so that each class has one on either side"
    ]


def _part(texts: Sequence[str], labels: Int64Array, chosen: npt.NDArray[np.bool_]) -> Part:
    return Part([texts[i] for i in np.flatnonzero(chosen).tolist()], labels[chosen])


def _which_columns(table: Table, columns: Columns) -> str:
    if table.LAYOUT:
        return table.LAYOUT
    texts = " and ".join(_column(table, position) for position in columns.text)
    return f"text {texts}, label {_column(table, columns.label)}"


def _which_test_rows(options: FileOptions, test_path: Path | None) -> str:
    if test_path:
        return f"test rows of {test_path.name}"
    if options.split_column:
        return f"split by {shown(options.split_column)}"
    groups = f"groups by {shown(options.group_column)}, " if options.group_column else ""
    return f"{groups}{options.test_fraction or TEST_FRACTION:g} of the texts for testing, seed {options.split_seed}"


def _column(table: Table, position: int) -> str:
    return f"column {position + 1}" if table.has_header is False else shown(table.names[position])


def _how_read(table: Table, columns: Columns, options: FileOptions) -> list[str]:
    """Return what was detected without an option, and what was noticed."""
    notes = []
    if columns.guessed and not table.LAYOUT:
        verb = "chooses" if len(columns.guessed) == 1 else "choose"
        notes.append(f"columns are chosen by their names; {' and '.join(columns.guessed)} {verb} others")
    usual = "," if table.path.is_dir() or file_kind(table.path) != "tsv" else "\t"
    if options.separator is None and table.separator not in (None, usual):
        notes.append(f"the separator is {table.separator!r}")
    if options.encoding is None and table.encoding not in (None, "utf-8", "utf-8-sig"):
        notes.append(f"the encoding is {table.encoding}")
    return notes + table.notes


def _found(table: Table, columns: Columns, options: FileOptions) -> FileOptions:
    """Return the options with what was detected, so that nothing has to be guessed again."""
    update: dict[str, object] = {
        "encoding": options.encoding or table.encoding,
        "separator": options.separator or table.separator,
        "quoting": table.quoting,
    }
    if not options.text_column:
        update["text_column"] = tuple(table.names[position] for position in columns.text)
    if options.label_column is None:
        update["label_column"] = table.names[columns.label]
    return options.model_copy(update=update)
