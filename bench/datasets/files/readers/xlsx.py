"""Excel workbooks of one sheet."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.datasets.files.readers.packed import most_unpacked_bytes, packed_ending
from bench.datasets.files.readers.table import Row, Table
from bench.datasets.files.readers.text_file import reading
from bench.errors import DataError, UsageError
from bench.records import FileOptions
from bench.utils.text import listed


class XlsxTable(Table):
    """The one sheet of a workbook; its first row is the header, if no option says otherwise.

    Raises
    ------
    DataError
        It has several sheets, or none with rows.
    UsageError
        openpyxl, which reads workbooks, is not installed.
    """

    OPTIONS = frozenset({"header"})

    def __init__(self, path: Path, options: FileOptions) -> None:
        super().__init__(path, "row")
        self.has_header = options.header
        if packed_ending(path):
            raise UsageError(f"{path}: a workbook is packed already; unpack it to its .xlsx")
        _check_size(path)
        self._stated_width = 0
        first = next(self._cells(), None)
        if first is None:
            raise DataError(f"{path} holds no rows; expected rows of data")
        self.first = [self._written(1, column, cell) or "" for column, cell in enumerate(first)]
        self.first += [""] * (self._stated_width - len(first))  # columns without a heading
        self.names = [name.strip() for name in self.first] if self.has_header else [""] * len(self.first)

    def rows(self, columns: Sequence[int]) -> Iterator[Row]:
        """Yield the rows that are not empty."""
        for number, cells in enumerate(self._cells(), start=1):
            if number == 1 and self.has_header:
                continue
            if any(cell.value is not None for cell in cells):
                yield number, [self._written(number, c, cells[c]) if c < len(cells) else None for c in columns]

    def _cells(self) -> Iterator[Sequence[Any]]:
        with reading(self.path), _workbook(self.path) as workbook:
            sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
            if len(sheets) != 1:
                names = listed([sheet.title for sheet in sheets])
                raise DataError(
                    f"{self.path} has {len(sheets)} sheets ({names}), expected one; save the sheet that you mean as "
                    "CSV, or in a workbook of its own"
                )
            self._stated_width = sheets[0].max_column or 0
            sheets[0].reset_dimensions()  # what a writer says of them may be wrong, and rows beyond would be lost
            with _whole(self.path):
                yield from sheets[0].iter_rows()

    def _written(self, number: int, column: int, cell: Any) -> str | None:
        """Return a cell as CSV has it."""
        value = cell.value
        if cell.data_type in ("f", "e"):
            what = "a formula" if cell.data_type == "f" else f"the error {value}"
            raise self.error(number, f"column {column + 1} holds {what}; put the values in place of it, or save as CSV")
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, datetime.date | datetime.time):
            return value.isoformat()
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    try:
        import openpyxl
    except ImportError:
        raise UsageError(
            f"{path}: reading Excel workbooks needs openpyxl; pip install 'gru-bench[xlsx]', or save the sheet as CSV"
        ) from None
    with _whole(path):
        workbook = openpyxl.load_workbook(path, read_only=True)
    try:
        yield workbook
    finally:
        workbook.close()


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """Turn what openpyxl raises into an error for the user; broken XML is a SyntaxError."""
    try:
        yield
    except (KeyError, IndexError, ValueError, TypeError, AttributeError, SyntaxError) as error:
        raise DataError(f"{path} is not a whole Excel workbook: {error}") from error


def _check_size(path: Path) -> None:
    """Refuse a workbook that would unpack to far more than it should."""
    with reading(path), zipfile.ZipFile(path) as archive:
        n_bytes = sum(info.file_size for info in archive.infolist())
    if n_bytes > (most := most_unpacked_bytes(path)):
        raise DataError(f"{path} unpacks to {n_bytes / 1e6:,.0f} MB, expected {most / 1e6:,.0f} MB at most")
