"""Which rows of a file are for testing: a test file's, those that a column names, whole groups, or a fraction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.files.split import cut_groups, cut_rows, find_test_rows
from bench.errors import DataError, UsageError
from bench.records import FileOptions
from bench.tasks.base import BoolArray, Words
from bench.utils.text import listed, shown

TEST_FRACTION = 0.2


@dataclass(frozen=True)
class SplitRows:
    """The rows of a file, and behind them those of its test file, as far as a split goes by them.

    Parameters
    ----------
    path : Path
        Of the file, for errors.
    words : Words
        What the rows are called.
    numbers : int64 array, shape (n_rows,)
        Equal rows have equal numbers, from 0.
    labels : int64 array, shape (n_rows,), or None
        Positions in ``class_names``; None: there are no classes.
    class_names : sequence of str
    groups, splits : sequence of str
        Of each row, where the options name a column of them.
    """

    path: Path
    words: Words
    numbers: Int64Array
    labels: Int64Array | None = None
    class_names: Sequence[str] = ()
    groups: Sequence[str] = ()
    splits: Sequence[str] = ()


def find_test_side(
    rows: SplitRows, options: FileOptions, test_path: Path | None, n_train: int
) -> tuple[BoolArray, list[str]]:
    """Return which rows are for testing, shape (n_rows,), and what the user should know of that.

    Parameters
    ----------
    rows : SplitRows
    options : FileOptions
    test_path : Path or None
        A file of test rows.
    n_train : int
        Rows of the file itself, before those of ``test_path``.

    Raises
    ------
    DataError
        There are too few rows to split, or a class has none to learn from.
    """
    fraction = options.test_fraction or TEST_FRACTION
    if test_path or options.split_column:
        if test_path:
            is_test = np.arange(len(rows.numbers)) >= n_train
        else:
            is_test = find_test_rows(rows.path, options.split_column or "", rows.splits)
        _refuse_unknown_classes(test_path or rows.path, rows, is_test)
        return is_test, []
    _refuse_one_row(rows)
    labels = np.zeros(len(rows.numbers), np.int64) if rows.labels is None else rows.labels
    if options.group_column:
        is_test = cut_groups(rows.path, options, labels, rows.numbers, rows.groups, fraction, rows.words)
        return is_test, [f"{is_test.sum():,} of {len(is_test):,} rows are for testing, no group on both sides"]
    try:
        is_test = cut_rows(labels, rows.numbers, rows.class_names or [""], fraction, options.split_seed, rows.words)
    except DataError as error:
        raise DataError(f"{rows.path}: {error}") from error
    n_rows, n_test = len(np.unique(rows.numbers)), len(np.unique(rows.numbers[is_test]))
    if abs(n_test - fraction * n_rows) <= 0.5 or rows.labels is None:
        return is_test, []
    return is_test, [
        f"{n_test:,} of {n_rows:,} {rows.words.rows} are for testing, so that each class has one on either side"
    ]


def refuse_two_splits(options: FileOptions, test_path: Path | None, train_path: Path) -> None:
    """Refuse options that say in two ways which rows are for testing.

    Parameters
    ----------
    options : FileOptions
    test_path : Path or None
        Test rows that were found beside the training rows at ``train_path``, without an option.

    Raises
    ------
    UsageError
    """
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
    if test_path and (others := [*column, *groups, *cut]):
        alone = f"name {train_path} alone" if train_path.is_dir() else f"copy {train_path} elsewhere"
        raise UsageError(
            f"{' and '.join(others)}: {test_path} holds the test rows, so that none are split off; leave the option "
            f"out, or {alone}"
        )


def which_test_rows(options: FileOptions, test_path: Path | None, words: Words) -> str:
    """Return in words which rows are for testing."""
    if test_path:
        return f"test rows of {test_path.name}"
    if options.split_column:
        return f"split by {shown(options.split_column)}"
    groups = f"groups by {shown(options.group_column)}, " if options.group_column else ""
    fraction = options.test_fraction or TEST_FRACTION
    return f"{groups}{fraction:g} of the {words.rows} for testing, seed {options.split_seed}"


def _refuse_unknown_classes(test_file: Path, rows: SplitRows, is_test: BoolArray) -> None:
    if rows.labels is None:
        return
    unknown = np.setdiff1d(rows.labels[is_test], rows.labels[~is_test])
    if unknown.size:
        known = np.unique(rows.labels[~is_test])
        raise DataError(
            f"{test_file}: no training row has the class {listed([rows.class_names[i] for i in unknown])}, so no model "
            f"can learn it; expected {listed([rows.class_names[i] for i in known])}"
        )


def _refuse_one_row(rows: SplitRows) -> None:
    if rows.labels is None and len(np.unique(rows.numbers)) < 2:
        what = f"there is one {rows.words.row} only" if len(rows.numbers) == 1 else f"all {rows.words.rows} are equal"
        raise DataError(
            f"{rows.path}: {what}; expected two at least, one to train and one to test on: add rows, or give test rows "
            "of your own with --test-file"
        )
