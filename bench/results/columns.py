"""The columns that tables of a run show, and the cells of its rows: the same for terminal, page and text formats."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bench.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from bench.tasks.base import Task


@dataclass(frozen=True)
class Column:
    """One column: its heading (with unit), the summary column, how a value is written and which one is best."""

    heading: str
    field: str
    write: Callable[[Any], str]
    best: Literal["max", "min"] | None
    in_narrow: bool = False
    shows_interval: bool = False
    """Whether half of its interval is shown behind the value."""


def write_number(value: float) -> str:
    """Three significant digits, thousands with commas.

    >>> write_number(12345.6), write_number(45.67), write_number(1.234), write_number(0.00123)
    ('12,346', '45.7', '1.23', '0.0012')
    """
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 0.1 or value == 0 else f"{value:.2g}"


def write_count(value: float) -> str:
    """Return a whole number, thousands with commas."""
    return f"{value:,.0f}"


def write_share(value: float) -> str:
    """Return a number between 0 and 1, or one that is about as large."""
    return f"{value:.3f}"


def write_p(p_value: float) -> str:
    """Return a p-value with two digits.

    >>> write_p(0.00001), write_p(0.0234), write_p(0.5), write_p(1.0)
    ('p < 0.001', 'p = 0.023', 'p = 0.50', 'p = 1.00')
    """
    if p_value < 0.001:
        return "p < 0.001"
    return f"p = {p_value:.3f}" if p_value < 0.1 else f"p = {p_value:.2f}"


CALIBRATION = Column("calibration error", "calibration_error", write_share, "min")
COSTS = (
    Column("fit s", "fit_seconds", write_number, "min", in_narrow=True),
    Column("fit rows/s", "fit_rows_per_second", write_number, "max"),
    Column("predict rows/s", "predict_rows_per_second", write_number, "max", in_narrow=True),
    Column("p50 ms", "latency_p50_ms", write_number, "min", in_narrow=True),
    Column("p99 ms", "latency_p99_ms", write_number, "min"),
    Column("CPU s", "cpu_seconds", write_number, "min"),
    Column("peak MB", "peak_memory_mb", write_number, "min", in_narrow=True),
    Column("parameters", "n_parameters", write_count, None),
)


def main_column(task: Task) -> Column:
    """Return the column of a task's main score."""
    metric = task.metric
    return Column(metric.heading, metric.field, metric.write, metric.best, in_narrow=True, shows_interval=True)


def other_scores(task: Task) -> tuple[Column, ...]:
    """Return the columns of a task's other scores."""
    return tuple(
        Column(metric.heading, metric.field, metric.write, metric.best if metric.marks_best else None)
        for metric in task.others
    )


def table_columns(task: Task) -> tuple[Column, ...]:
    """Return the columns of terminal and text formats."""
    return (main_column(task), *other_scores(task), *COSTS)


def page_scores(task: Task) -> tuple[Column, ...]:
    """Return the columns of other scores on a page."""
    return (*other_scores(task), *((CALIBRATION,) if task.has_classes else ()))


def page_columns(task: Task) -> tuple[Column, ...]:
    """Return the columns of a page."""
    return (main_column(task), *page_scores(task), *COSTS)


@dataclass(frozen=True)
class Cell:
    """The cell of a row under a column.

    Parameters
    ----------
    text : str
    value : float or None
        The value of the text, in the column's unit; None: not defined.
    is_best : bool
        Whether it is the best of several in its column.
    interval : str or None
        Its 95 % interval in words, where the summary has one.
    """

    text: str
    value: float | None = None
    is_best: bool = False
    interval: str | None = None


@dataclass(frozen=True)
class Row:
    """A model with one number of training rows; one that failed has no cells."""

    model: str
    n_train: int
    status: str
    cells: tuple[Cell, ...]
    columns: tuple[Column, ...] = ()

    def cells_of(self, columns: Sequence[Column]) -> list[Cell]:
        """Return the cells under some of its columns, in their order."""
        by_field = {column.field: cell for column, cell in zip(self.columns, self.cells, strict=True)}
        return [by_field[column.field] for column in columns]

    @property
    def failure(self) -> str | None:
        """The kind of failure of a model that has no good trial."""
        return None if self.cells else self.status.partition(":")[0]


def sort_rows(summary: pd.DataFrame, task: Task, by: str) -> pd.DataFrame:
    """Return the summary with the best of a column first, models by name; rows without a value are last.

    Parameters
    ----------
    summary : DataFrame
        From ``bench.results.summary``.
    task : Task
    by : str
        A heading of the table or ``model``; small and capital letters are alike.

    Raises
    ------
    UsageError
        There is no such column.
    """
    columns = {column.heading.lower(): column for column in table_columns(task)}
    wanted = by.strip().lower()
    if wanted == "model":
        return summary.sort_values("model", kind="stable", ignore_index=True)
    if wanted not in columns:
        headings = ", ".join(["model", *(column.heading for column in table_columns(task))])
        raise UsageError(f"no column {by!r} to sort by; expected one of: {headings}")
    column = columns[wanted]
    return summary.sort_values(column.field, ascending=column.best != "max", kind="stable", ignore_index=True)


def make_rows(summary: pd.DataFrame, columns: Sequence[Column]) -> list[Row]:
    """Return the rows of a table, in the summary's order.

    Parameters
    ----------
    summary : DataFrame
        From ``bench.results.summary``. Where it has columns that end in ``_low`` and ``_high``, cells have intervals.
    columns : sequence of Column
    """
    import pandas as pd

    best = {column.field: _best(summary[column.field], column.best) for column in columns}
    rows = []
    for row in summary.to_dict("records"):
        is_good = not pd.isna(row["fit_seconds"])
        cells = tuple(_cell(row, column, best[column.field]) for column in columns) if is_good else ()
        rows.append(Row(row["model"], row["n_train"], row["status"], cells, tuple(columns) if is_good else ()))
    return rows


def _cell(row: Mapping[Any, Any], column: Column, best: Any) -> Cell:
    import pandas as pd

    value = row[column.field]
    if pd.isna(value):
        return Cell("-")
    text = column.write(value)
    low, high = row.get(f"{column.field}_low"), row.get(f"{column.field}_high")
    interval = None
    if low is not None and not pd.isna(low):
        interval = f"{column.write(low)} to {column.write(high)}"
        if column.shows_interval:
            text = f"{text} ± {column.write((high - low) / 2)}"
    return Cell(text, float(value), best is not None and math.isclose(value, best, rel_tol=1e-9), interval)


def _best(values: pd.Series[Any], which: str | None) -> Any:
    known = values.dropna()
    if which is None or known.empty or len(values) < 2:
        return None
    return known.max() if which == "max" else known.min()
