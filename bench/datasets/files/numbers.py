"""The numbers of series, and what is done where there is none."""

from __future__ import annotations

import math

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.files.columns import shown_column
from bench.datasets.files.long_rows import LongRows, Parse
from bench.datasets.files.readers.table import Table
from bench.datasets.files.times import refuse_dates_in_digits
from bench.errors import DataError
from bench.records import Missing
from bench.tasks.base import Float64Array
from bench.utils.text import counted, shown

MARKS = ("", "?", "na", "n/a", "nan", "none", "null")
"""What stands for a value that is missing, whatever the case."""

LARGEST = float(np.finfo(np.float32).max)
"""Models of series are given single precision."""


def number_parser(missing: Missing) -> Parse:
    """Return what reads a cell as a finite number; NaN where it is missing and an option says what to do then."""

    def parse(table: Table, number: int, column: int, cell: str | None) -> float:
        text = cell or ""
        try:
            value = float(text) if "_" not in text else math.nan
        except ValueError:
            value = math.nan
        if -LARGEST <= value <= LARGEST:
            return value
        text = text.strip()
        if text.lower() in MARKS:
            if missing != "refuse":
                return math.nan
            mark = f" ({shown(text)})" if text else ""
            raise table.error(
                number,
                f"{shown_column(table, column)} has no value{mark}; expected a number in each row: fill it in, or "
                "choose --missing interpolate or --missing drop (leave the step out)",
            )
        if math.isnan(value):
            raise table.error(
                number,
                f"{shown_column(table, column)} is {shown(text)}, no number; expected such as -1.5 or 2e-3; "
                "--value-column names the columns of values",
            )
        raise table.error(
            number,
            f"{shown_column(table, column)} is {shown(text)}, expected a number up to {LARGEST:.1e}; where it stands "
            "for a missing value, leave the cell empty and choose --missing interpolate or drop",
        )

    return parse


def fill_series(rows: LongRows, missing: Missing) -> tuple[Float64Array, Int64Array, list[str]]:
    """Fill in or leave out the steps of whole series that lack a value.

    *interpolate*: a straight line over time, or over steps where there are no times, between the values before and
    after, in the same column of the same series; before the first and after the last value, that value. *drop*: steps
    that lack a value in any column are left out.

    Returns
    -------
    values : float64 array, shape (n_steps, n_columns)
    offsets : int64 array, shape (n_series + 1,)
    notes : list of str

    Raises
    ------
    DataError
        A series has no value at all, or none in one of the columns.
    """
    is_missing = np.isnan(rows.values)
    if not is_missing.any():
        return rows.values, rows.offsets, []
    if missing == "drop":
        is_kept = ~is_missing.any(axis=1)
        counts = np.add.reduceat(is_kept, rows.offsets[:-1])
        if (counts == 0).any():
            raise _no_value(rows, int(np.argmin(counts)), "in every column of any row")
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        n_dropped = int(np.sum(~is_kept))
        return rows.values[is_kept], offsets, [f"{counted(n_dropped, 'step')} without a value left out"]
    if rows.times is not None and not rows.are_dates:
        refuse_dates_in_digits(rows.table.path, rows.times)
    values = rows.values.copy()
    for row, column in zip(*np.nonzero(np.add.reduceat(is_missing, rows.offsets[:-1], axis=0)), strict=True):
        part = slice(rows.offsets[row], rows.offsets[row + 1])
        gaps = is_missing[part, column]
        if gaps.all():
            raise _no_value(rows, int(row), f"in the column {shown_column(rows.table, rows.columns.values[column])}")
        of_series = values[part, column]
        at = np.arange(len(gaps)) if rows.times is None else rows.times[part] - rows.times[part][0]
        of_series[gaps] = np.interp(at[gaps], at[~gaps], of_series[~gaps])
    return values, rows.offsets, [f"{counted(int(is_missing.sum()), 'missing value')} interpolated"]


def _no_value(rows: LongRows, row: int, where: str) -> DataError:
    return DataError(f"{rows.table.path}: series {shown(rows.ids[row])} has no value {where}; leave the series out")
