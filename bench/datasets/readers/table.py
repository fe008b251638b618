"""What every reader of a file gives: named columns, and rows of written values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from bench.errors import DataError

Row = tuple[int, list[str | None]]
"""The number of a row's first line (or of the row itself), and its cells as they are written; None: null or absent."""


@dataclass
class Table:
    """A file whose columns are known and whose rows are still to be read.

    Parameters
    ----------
    path : Path
    names : sequence of str
        The columns, trimmed; "" where a column has no name.
    unit : "line" or "row"
        What the numbers of rows count, from 1.
    read : callable
        Positions of columns to an iterator of rows. Each call reads the file anew.
    settings : mapping of str
        What was found out about the file and options can fix: encoding and separator.
    class_names : mapping of int to sequence of str
        The names of a column's numbers 0, 1, … where the file knows them.
    has_header : bool or None
        Whether the names stand in the first line; None: the format has them.
    is_ordered : bool
        Whether columns can be named by number: the keys of JSON have no order.
    first : sequence of str
        The first row, where columns have no names to choose them by.
    notes : list of str
        What the user should know. It is complete when the rows were read.
    """

    path: Path
    names: Sequence[str]
    unit: Literal["line", "row"]
    read: Callable[[Sequence[int]], Iterator[Row]]
    settings: Mapping[str, Any] = field(default_factory=dict)
    class_names: Mapping[int, Sequence[str]] = field(default_factory=dict)
    has_header: bool | None = None
    is_ordered: bool = False
    first: Sequence[str] = ()
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Add to the notes, once."""
        if text not in self.notes:
            self.notes.append(text)

    def error(self, number: int, problem: str) -> DataError:
        """An error at one row."""
        return DataError(f"{self.path}, {self.unit} {number:,}: {problem}")


def shown(value: str, length: int = 40) -> str:
    """A value as an error shows it: in quotes, control characters escaped, cut where it is long.

    >>> shown("a\\tb"), shown("x" * 50, 5)
    ("'a\\\\tb'", "'xxxxx…'")
    """
    return repr(value if len(value) <= length else value[:length] + "…")


def listed(values: Sequence[str], most: int = 8) -> str:
    """Values as an error lists them, the first few of many."""
    more = f" and {len(values) - most:,} more" if len(values) > most else ""
    return ", ".join(shown(value) for value in values[:most]) + more
