"""What every reader of a file gives: named columns, and rows of written values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Literal

from bench.errors import DataError
from bench.records import Quoting

Row = tuple[int, list[str | None]]
"""The number of a row's first line (or of the row itself), and its cells as they are written; None: null or absent."""


class Table(ABC):
    """A file whose columns are known and whose rows are still to be read.

    Attributes
    ----------
    path : Path
    unit : "line" or "row"
        What the numbers of rows count, from 1.
    names : sequence of str
        The columns, trimmed; "" where a column has no name.
    is_ordered : bool
        Whether columns can be named by number: the keys of JSON have no order.
    has_header : bool or None
        Whether the names are in the first line; None: the format has them.
    first : sequence of str
        The first row, where columns have no names to choose them by.
    encoding, separator, quoting : str or None
        How it is read, as options name it; None: the format has none. The quoting is known once rows were read.
    notes : list of str
        What the user should know. It is complete once all rows were read.
    """

    LAYOUT: ClassVar[str] = ""
    """Where texts and labels are, if the format says that and has no columns to choose from."""
    OPTIONS: ClassVar[frozenset[str]] = frozenset()
    """The options of ``FileOptions`` that this kind of file can use, beside columns and limits."""

    def __init__(self, path: Path, unit: Literal["line", "row"]) -> None:
        self.path = path
        self.unit = unit
        self.names: Sequence[str] = ()
        self.is_ordered = True
        self.has_header: bool | None = None
        self.first: Sequence[str] = ()
        self.encoding: str | None = None
        self.separator: str | None = None
        self.quoting: Quoting | None = None
        self.notes: list[str] = []

    @abstractmethod
    def rows(self, columns: Sequence[int]) -> Iterator[Row]:
        """Yield the rows, with the cells of these columns. Each call reads the file anew.

        Raises
        ------
        DataError
            A row cannot be read exactly.
        """

    def class_names(self, column: int) -> Sequence[str]:
        """Return the classes of a label column in the order that the file gives, if it gives one."""
        return ()

    def error(self, number: int, problem: str) -> DataError:
        """Return an error at one row."""
        return DataError(f"{self.path}, {self.unit} {number:,}: {problem}")

    def note(self, text: str) -> None:
        """Add to the notes, once."""
        if text not in self.notes:
            self.notes.append(text)
