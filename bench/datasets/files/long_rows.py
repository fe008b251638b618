"""Files in the long format: a row per step, which an id column puts together into series or pieces."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.files.columns import shown_column
from bench.datasets.files.detected import found_characters, how_read, refuse_unused
from bench.datasets.files.long_columns import WHAT, LongColumns, find_long_columns, is_no_value
from bench.datasets.files.readers import open_table
from bench.datasets.files.readers.names import SPLIT_NAMES
from bench.datasets.files.readers.table import Table
from bench.datasets.files.times import TimeReader, Times, write_time
from bench.errors import DataError, UsageError
from bench.records import FileOptions, TaskName
from bench.tasks import find_task
from bench.tasks.base import Float64Array
from bench.utils.text import counted, listed, shown

Parse = Callable[[Table, int, int, str | None], float]
"""Turns a cell into a number, given its table, row and column."""


@dataclass(frozen=True)
class LongRows:
    """The series of a file, in the order in which they begin.

    Parameters
    ----------
    table : Table
        It was read.
    columns : LongColumns
    ids : list of str
    values : float64 array, shape (n_steps, n_columns)
        What cells were turned into, the steps of one series after the other.
    offsets : int64 array, shape (n_series + 1,)
    numbers : int64 array, shape (n_steps,)
        Of each step, its line or row in the file.
    times : array, shape (n_steps,), or None
    are_dates : bool
    shared : list of tuple of str
        Of each series its label, group and part, as far as there are columns for them.
    """

    table: Table
    columns: LongColumns
    ids: list[str]
    values: Float64Array
    offsets: Int64Array
    numbers: Int64Array
    times: Times | None
    are_dates: bool
    shared: list[tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def labels(self) -> list[str]:
        """The label of each series."""
        return [shared[0] for shared in self.shared] if self.columns.label is not None else []

    @property
    def groups(self) -> list[str]:
        """The group of each series; none without a column of groups."""
        place = int(self.columns.label is not None)
        return [shared[place] for shared in self.shared] if self.columns.group is not None else []

    @property
    def splits(self) -> list[str]:
        """The part that each series belongs to; none without a column of parts."""
        return [shared[-1] for shared in self.shared] if self.columns.split is not None else []

    @property
    def value_names(self) -> tuple[str, ...]:
        """The columns of values, as ``--value-column`` names them."""
        return tuple(
            self.table.names[i] if self.table.has_header is not False else str(i + 1) for i in self.columns.values
        )

    @property
    def are_clear(self) -> bool:
        """Whether each of these names one column alone: not where it is a number too, or occurs twice."""
        return self.table.has_header is False or all(
            self.table.names.count(name) == 1 and not name.isdecimal() for name in self.value_names
        )

    @property
    def origin(self) -> str:
        """Which columns hold what, in words."""
        named = [("value", self.columns.values)]
        named += [
            (kind, (at,)) for kind, at in self.columns._asdict().items() if isinstance(at, int) and kind != "split"
        ]
        return ", ".join(f"{kind} {' and '.join(shown_column(self.table, i) for i in at)}" for kind, at in named)

    def found(self, options: FileOptions) -> FileOptions:
        """Return the options with what was detected, so that nothing has to be guessed again."""
        names = {
            f"{kind}_column": self.table.names[at] if self.table.has_header is not False else str(at + 1)
            for kind, at in self.columns._asdict().items()
            if isinstance(at, int)
        }
        found = {**found_characters(self.table, options), **names}
        if self.are_clear:
            found["value_column"] = self.value_names
        given = options.model_dump(exclude_defaults=True)
        return options.model_copy(update={name: value for name, value in found.items() if name not in given})

    def notes(self, options: FileOptions) -> list[str]:
        """Return what the user should know of how the file was read."""
        notes = how_read(self.table, self.columns.guessed, options)
        unused = self.unused
        return [*notes, *([f"not used: {listed(unused)}; --value-column names the columns to use"] if unused else [])]

    @property
    def unused(self) -> list[str]:
        """The names of columns that nothing is read from, but for one that may say which rows are for testing."""
        if self.table.has_header is False:
            return []
        used = {i for at in self.columns[:-1] for i in (at if isinstance(at, tuple) else (at,))}
        left = [name for i, name in enumerate(self.table.names) if i not in used]
        return [name for name in left if name and name.lower() not in SPLIT_NAMES]

    def error(self, step: int, problem: str) -> DataError:
        """Return an error at one step."""
        return self.table.error(int(self.numbers[step]), problem)

    def series_of(self, step: int) -> str:
        """Return the id of a step's series, as messages show it."""
        return shown(self.ids[int(np.searchsorted(self.offsets, step, side="right")) - 1])


def read_long(path: Path, task: TaskName, options: FileOptions, parse: Parse) -> LongRows:
    """Read a file in the long format.

    Parameters
    ----------
    path : Path
    task : str
    options : FileOptions
    parse : callable

    Raises
    ------
    DataError
        It cannot be read exactly; a row has no id; times do not run forwards; or label, group or part change within a
        series.
    UsageError
        An option does not fit it.
    """
    table = open_table(path, options, n_columns_min=1 if task == "forecast" else 2)
    if table.LAYOUT:
        raise UsageError(
            f"{path} holds texts ({table.LAYOUT}), which are no {WHAT[task]} of the task {task}; expected a .csv, "
            ".tsv, .jsonl, .parquet or .xlsx file of one row per step"
        )
    columns = find_long_columns(table, task, options)
    rows = _Rows(table, columns, parse)
    for number, cells in table.rows(rows.positions):
        rows.add(number, cells)
    if not rows.numbers:
        raise DataError(f"{path} holds no rows; expected one row per step")
    found = rows.together()
    _refuse_single_rows(found, task)
    _refuse_backwards(found)
    return found


def read_both(
    path: Path, test_path: Path | None, task: TaskName, options: FileOptions, parse: Parse, dtype: type = np.float64
) -> BothRead:
    """As :func:`read_long`, of a file and its test file, if there is one."""
    first = read_long(path, task, options, parse)
    files, found, notes = [first], first.found(options), first.notes(options)
    if test_path:
        # The columns of values are the same ones in the same order, however the test file orders its columns.
        same_values = options.model_copy(update={"value_column": first.value_names}) if first.are_clear else options
        test = read_long(test_path, task, same_values, parse)
        if task == "sequence" and not options.value_column:
            _refuse_other_channels(first, test)
        files.append(test)
        found = found if test.found(options) == found else options  # what was detected holds for one of the two
        notes += [f"{test_path.name}: {note}" for note in test.notes(options)]
    refuse_unused(options, [file.table for file in files])
    n_steps, n_series = sum(len(file.values) for file in files), sum(map(len, files))
    counts = f"{counted(n_steps, 'row')} are steps of {n_series:,} {find_task(task).words.rows}"
    return BothRead(files, found, [*notes, counts])


def _refuse_other_channels(first: LongRows, test: LongRows) -> None:
    paths = test.table.path, first.table.path
    more = [name for name in test.unused if name not in first.unused and not is_no_value(name.lower())]
    if more:
        raise DataError(
            f"{paths[0]} has columns that {paths[1]} has not: {listed(more)}; expected the same ones"
            + (f", or --value-column {','.join(first.value_names)} to use no others" if first.are_clear else "")
        )
    if test.value_names != first.value_names:
        raise DataError(
            f"{paths[0]} has the values {listed(test.value_names)}, {paths[1]} {listed(first.value_names)}; expected "
            "the same columns in the same order"
        )


class BothRead(NamedTuple):
    """A file, and its test file if there is one."""

    files: list[LongRows]
    found: FileOptions
    """As given, with what was detected filled in."""
    notes: list[str]


class _Rows:
    """Rows as they come, the values of one row after the other."""

    def __init__(self, table: Table, columns: LongColumns, parse: Parse) -> None:
        self.table, self.columns, self.parse = table, columns, parse
        self.shared_columns = [c for c in (columns.label, columns.group, columns.split) if c is not None]
        keys = [c for c in (columns.id, columns.time) if c is not None]
        self.positions = [*columns.values, *keys, *self.shared_columns]
        self.numbers, self.codes, self.values = array("q"), array("q"), array("d")
        self.times: list[float] = []
        self.time_reader = None if columns.time is None else TimeReader(table, shown_column(table, columns.time))
        self.ids: dict[str, int] = {}
        self.shared: list[tuple[str, ...]] = []

    def add(self, number: int, cells: list[str | None]) -> None:
        """Add one row."""
        rest = iter(cells[len(self.columns.values) :])
        key = "" if self.columns.id is None else self._filled(number, self.columns.id, next(rest))
        if self.time_reader:
            self.times.append(self.time_reader.read(number, next(rest)))
        shared = tuple(self._filled(number, c, cell) for c, cell in zip(self.shared_columns, rest, strict=True))
        code = self.ids.setdefault(key, len(self.ids))
        if code == len(self.shared):
            self.shared.append(shared)
        elif shared != self.shared[code]:
            raise self._changed(number, key, shared, self.shared[code])
        elif not self.time_reader and code != self.codes[-1]:
            raise self.table.error(
                number,
                f"the id {shown(key)} comes back after other ids; expected the rows of a series one after the other, "
                "or a --time-column that says how they follow each other",
            )
        self.codes.append(code)
        self.numbers.append(number)
        for column, cell in zip(self.columns.values, cells, strict=False):
            self.values.append(self.parse(self.table, number, column, cell))

    def together(self) -> LongRows:
        """Return the rows, those of one series together."""
        codes = np.asarray(self.codes, np.int64)
        order = np.argsort(codes, kind="stable")
        offsets = np.concatenate([[0], np.cumsum(np.bincount(codes))]).astype(np.int64)
        values = np.array(self.values).reshape(len(codes), len(self.columns.values))
        times = np.array(self.times) if self.time_reader else None
        if times is not None:
            times = (times if times.dtype == np.int64 else times.astype(np.float64))[order]
        are_dates = bool(self.time_reader and self.time_reader.are_dates)
        numbers = np.asarray(self.numbers, np.int64)[order]
        return LongRows(
            self.table, self.columns, list(self.ids), values[order], offsets, numbers, times, are_dates, self.shared
        )

    def _filled(self, number: int, column: int, cell: str | None) -> str:
        text = (cell or "").strip()
        if not text:
            raise self.table.error(number, f"{shown_column(self.table, column)} is empty; expected a value in each row")
        return text

    def _changed(self, number: int, key: str, shared: tuple[str, ...], before: tuple[str, ...]) -> DataError:
        column, new, old = next(
            (column, new, old)
            for column, new, old in zip(self.shared_columns, shared, before, strict=True)
            if new != old
        )
        return self.table.error(
            number,
            f"{shown_column(self.table, column)} is {shown(new)}, but {shown(old)} in an earlier row of the id "
            f"{shown(key)}; expected the same in all rows of an id",
        )


def _refuse_single_rows(rows: LongRows, task: TaskName) -> None:
    is_single = np.diff(rows.offsets) == 1
    if rows.columns.id is None or not is_single.any():
        return
    what = "piece" if task == "next-event" else "series"
    if is_single.all():
        raise DataError(
            f"{rows.table.path}: each of {counted(len(rows), 'id')} has one row only ({listed(rows.ids, 3)}); expected "
            f"the rows of a {what} under one id: is --id-column the right one?"
        )
    first = int(np.argmax(is_single))
    n_others = int(is_single.sum()) - 1
    others = f", as {'has' if n_others == 1 else 'have'} {counted(n_others, 'other id')}" if n_others else ""
    raise rows.error(
        int(rows.offsets[first]),
        f"the {what} {shown(rows.ids[first])} has one row only{others}; expected two steps at least: leave it out",
    )


def _refuse_backwards(rows: LongRows) -> None:
    if rows.times is None:
        return
    is_wrong = np.diff(rows.times) <= 0
    is_wrong[rows.offsets[1:-1] - 1] = False
    if not is_wrong.any():
        return
    step = int(np.argmax(is_wrong)) + 1
    time, before = (write_time(rows.times[i], are_dates=rows.are_dates) for i in (step, step - 1))
    problem = "occurs twice" if rows.times[step] == rows.times[step - 1] else f"comes after {before}"
    of_series = f" in the series {rows.series_of(step)}" if rows.columns.id is not None else ""
    hint = "" if rows.columns.id is not None else "; if the rows are of several series, --id-column says which"
    raise rows.error(step, f"the time {time} {problem}{of_series}; expected times that run forwards{hint}")
