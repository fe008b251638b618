"""The records of a CSV or TSV file, by Python's csv module, in which a carriage return is a character like others."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bench.datasets.files.readers.separators import field_limit
from bench.datasets.files.readers.text_file import TextFile
from bench.errors import DataError
from bench.records import Quoting

# The csv module ends a row at a carriage return. These replace characters that it must not see; no
# decoded text holds half of a pair of surrogates.
_RETURN, _QUOTE = "\ud80d", "\ud822"


class DelimitedRecord(NamedTuple):
    """The cells of a record, none for an empty line, and its first and last line, from 1."""

    first_line: int
    last_line: int
    cells: list[str]

    @property
    def ends_in_return(self) -> bool:
        """Whether the last cell ends in a carriage return."""
        return bool(self.cells) and self.cells[-1].endswith(_RETURN)

    def cell(self, column: int) -> str:
        """Return a cell as it is in the file."""
        return restored(self.cells[column])


def restored(cell: str) -> str:
    """Return a cell's own characters."""
    if _RETURN in cell:
        cell = cell.replace(_RETURN, "\r")
    return cell.replace(_QUOTE, '"') if _QUOTE in cell else cell


def read_records(text: TextFile, separator: str, quoting: Quoting) -> Iterator[DelimitedRecord]:
    """Yield the records of a file, in order.

    Raises
    ------
    DataError
        What quotes mean does not fit, or a field is too long.
    """
    reader = csv.reader(
        _guarded(text, separator, quoting),
        delimiter=separator,
        quoting=csv.QUOTE_NONE if quoting == "literal" else csv.QUOTE_MINIMAL,
        strict=True,
    )
    first = text.first_line
    while True:
        try:
            with field_limit(text.line_length_max):
                cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _broken(text, first, quoting, str(error)) from error
        last = text.first_line - 1 + reader.line_num
        yield DelimitedRecord(first, last, cells)
        first = last + 1


def _guarded(text: TextFile, separator: str, quoting: Quoting) -> Iterator[str]:
    """Lines in which the csv module sees no character that it would take for something else."""
    ends_in_return: bool | None = None
    lines = _without_backslashes(text, separator) if quoting == "backslash" else text.lines()
    for line in lines:
        if ends_in_return is None:
            ends_in_return = line.endswith("\r\n")
        if "\r" in line:
            line = _guard_returns(line, ends_in_return, can_close=quoting != "literal")
        yield line


def _guard_returns(line: str, ends_in_return: bool, *, can_close: bool) -> str:
    """Return a line whose carriage returns are replaced, except the one of the line's end.

    Where the first line ends in a line feed alone, a carriage return before one is the last field's, unless a quote
    closes that.
    """
    is_end = line.endswith("\r\n") and (ends_in_return or len(line) == 2 or (can_close and line[-3] == '"'))
    end = "\r\n" if is_end else "\n" if line.endswith("\n") else ""
    return line.removesuffix(end).replace("\r", _RETURN) + end


def _without_backslashes(text: TextFile, separator: str) -> Iterable[str]:
    # In tab-separated lines a backslash before the closing quote is a character.
    escaped = re.compile(r'\\"(?![\t\r\n]|$)' if separator == "\t" else r'\\"')
    other = re.escape(separator)
    doubled = re.compile(rf'(?<=[^{other}])""|""(?=[^{other}\r\n])')
    for number, line in enumerate(text.lines(), start=text.first_line):
        line = escaped.sub(_QUOTE, line)
        if doubled.search(line):
            raise _broken(text, number, "backslash", "doubled")
        yield line


def _broken(text: TextFile, line: int, quoting: Quoting, reason: str) -> DataError:
    where = f"{text.path}, line {line:,}"
    if "field limit" in reason:
        limit = f"{text.line_length_max:,} characters"
        return DataError(f"{where}: a field of more than {limit}; is a quote never closed?")
    if "end of data" in reason:
        problem = "a quote opens here and is never closed"
    elif quoting == "backslash":
        problem = "a quote in a field in quotes has no backslash in front of it"
    else:
        problem = "a quote in a field in quotes is neither doubled nor followed by the separator"
    return DataError(
        f"{where}: {problem}; mend it, or say what quotes mean: --quoting literal (characters like any other), "
        r'--quoting backslash (\" stands for a quote) or --quoting doubled ("" does)'
    )
