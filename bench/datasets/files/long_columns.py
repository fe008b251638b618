"""The columns of a file in the long format: as the user names them, else guessed from common names, with a note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bench.datasets.files.columns import column_name, find_named, find_usual, note_split_column, refuse_twice
from bench.datasets.files.readers.names import (
    ID_NAMES,
    LABEL_NAMES,
    SPLIT_NAMES,
    TIME_NAMES,
    TOKEN_NAMES,
    VALUE_NAMES,
)
from bench.datasets.files.readers.table import Table
from bench.errors import UsageError
from bench.records import FileOptions, TaskName
from bench.utils.text import is_number, listed

WHAT = {"sequence": "values", "forecast": "values", "next-event": "events"}
"""What the columns of values hold in each task."""


class LongColumns(NamedTuple):
    """Positions of the columns in use, and the options that would have named them but were not given."""

    values: tuple[int, ...]
    id: int | None
    time: int | None
    label: int | None
    group: int | None
    split: int | None
    guessed: tuple[str, ...]


def find_long_columns(table: Table, task: TaskName, options: FileOptions) -> LongColumns:
    """Return the columns that the options name, else those with a usual name.

    A time is never needed, and an id not to forecast. Of ``sequence`` all columns that are left hold values.

    Raises
    ------
    UsageError
        A column is not there, occurs twice, or cannot be guessed.
    """
    is_numbered = list(table.names) == [str(i) for i in range(len(table.names))]  # as pandas names columns
    if table.has_header and not options.value_column and not is_numbered and all(map(is_number, table.names)):
        raise UsageError(
            f"{table.path}: the first line holds numbers alone ({listed(table.names)}); expected names of columns. If "
            "it is a row, say so: --no-header, with numbers for the columns"
        )
    guessed: list[str] = []
    values = tuple(find_named(table, name, "--value-column") for name in options.value_column)
    named = {
        kind: None if name is None else find_named(table, name, f"--{kind}-column")
        for kind, name in (
            ("id", options.id_column),
            ("time", options.time_column),
            ("label", options.label_column),
            ("group", options.group_column),
            ("split", options.split_column),
        )
    }
    refuse_twice(table, [*values, *named.values()], ("value", *named))
    taken = {*values, *(position for position in named.values() if position is not None)}

    def guess(kind: str, usual: Sequence[str], what: str, *, is_needed: bool) -> None:
        is_there = table.has_header is not False and any(
            name.lower() in usual for position, name in enumerate(table.names) if position not in taken
        )
        if named[kind] is None and (is_needed or is_there):
            named[kind] = position = find_usual(table, usual, f"--{kind}-column", what, taken)
            taken.add(position)
            guessed.append(f"--{kind}-column")

    guess("id", ID_NAMES, f"ids of {'pieces' if task == 'next-event' else 'series'}", is_needed=task != "forecast")
    guess("time", TIME_NAMES, "times", is_needed=False)
    if task == "sequence":
        guess("label", LABEL_NAMES, "labels", is_needed=True)
    if not values:
        values = _guess_values(table, task, taken)
        guessed.append("--value-column")
    if task == "forecast" and len(values) > 1:
        raise UsageError(
            f"{table.path}: --value-column names {len(values)} columns; expected one, since a forecast is of one value "
            "a step: give each its own rows, with an --id-column"
        )
    if named["split"] is None and task != "forecast":
        note_split_column(table)
    return LongColumns(
        values, named["id"], named["time"], named["label"], named["group"], named["split"], tuple(guessed)
    )


def _guess_values(table: Table, task: TaskName, taken: set[int]) -> tuple[int, ...]:
    if table.has_header is False:
        raise UsageError(
            f"{table.path}: with --no-header the columns are numbers, 1 to {len(table.names)}; say which hold the "
            f"{WHAT[task]}, such as --value-column 1. The first row is {listed(table.first)}"
        )
    left = [i for i, name in enumerate(table.names) if i not in taken and not is_no_value(name.lower())]
    if not left:
        used = [column_name(table, position) for position in sorted(taken)]
        raise UsageError(
            f"{table.path}: no column is left for the {WHAT[task]} beside {', '.join(used)}; name one with "
            "--value-column"
        )
    if task == "sequence" or len(left) == 1:
        return tuple(left)
    usual = TOKEN_NAMES if task == "next-event" else VALUE_NAMES
    known = [i for i in left if table.names[i].lower() in usual]
    if len(known) == 1:
        return (known[0],)
    names = [table.names[i] for i in known or left]
    choose = (
        "name one with --value-column"
        if task == "forecast"
        else (f"name one with --value-column, or several such as --value-column {names[0]},{names[1]}")
    )
    raise UsageError(f"{table.path}: {listed(names)} could all hold the {WHAT[task]}; {choose}")


def is_no_value(name: str) -> bool:
    """Whether a column has no name, that of a column of parts, or pandas' name of one that has none, as of an index."""
    return not name or name in SPLIT_NAMES or name.startswith(("unnamed: ", "__index_level_"))
