"""CSV and TSV files: encoding, separator, header and quotes are detected where no option gives them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.datasets.files.readers.delimited_records import DelimitedRecord, read_records, restored
from bench.datasets.files.readers.names import has_usual_names
from bench.datasets.files.readers.quoting import find_quoting
from bench.datasets.files.readers.separators import guess_separator, one_column, parse_separator
from bench.datasets.files.readers.table import Row, Table
from bench.datasets.files.readers.text_file import TextFile, find_encoding
from bench.errors import DataError
from bench.records import FileOptions, Quoting
from bench.utils.text import counted, listed

SAMPLE_LINES = 1000
SAMPLE_CHARACTERS = 1 << 20
RECORD_LIMITS = 10
"""A line or field that is longer than this many times the longest text allowed is damage."""

_DECLARED = re.compile(r'"?sep=([^"\r\n])"?\r?\n?', re.IGNORECASE)


class DelimitedTable(Table):
    """A CSV or TSV file.

    Parameters
    ----------
    path : Path
    options : FileOptions
    is_tsv : bool
        The separator is a tab, if no option names another.
    n_columns_min : int
        Columns that a separator must give at least.

    Raises
    ------
    DataError
        Encoding, separator or header cannot be detected.
    UsageError
        An option cannot be used.
    """

    OPTIONS = frozenset({"separator", "quoting", "encoding", "header"})

    def __init__(self, path: Path, options: FileOptions, *, is_tsv: bool, n_columns_min: int) -> None:
        super().__init__(path, "line")
        self.has_header = options.header
        self.encoding = find_encoding(path, options.encoding)
        self.quoting = options.quoting
        self._text = TextFile(path, self.encoding, options.max_text_length * RECORD_LIMITS)
        sample = _sample(self._text)
        declared = _DECLARED.fullmatch(sample[0])
        if declared:
            self._text, sample = replace(self._text, first_line=2), sample[1:] or [""]
        self._refuse_returns_alone(sample)
        if options.separator:
            self.separator = parse_separator(options.separator)
        elif declared or is_tsv:
            self.separator = declared[1] if declared else "\t"
        else:
            self.separator = guess_separator(
                path,
                sample,
                self._text.line_length_max,
                lambda names: options.header and has_usual_names(names, options),
                n_columns_min,
            )
        self._record_length_max = options.max_text_length
        first = self._first_record()
        if len(first) < n_columns_min:
            raise one_column(path, first[0], self.separator)
        if options.header:
            self.names = [name.strip() for name in first]
        else:
            self.names, self.first = [str(i + 1) for i in range(len(first))], first

    def rows(self, columns: Sequence[int]) -> Iterator[Row]:
        """Yield the rows, with the cells of these columns."""
        assert self.separator is not None
        self.quoting = self.quoting or self._find_quoting()
        seen = _Seen({i: 0 for i, name in enumerate(self.names) if not name and i not in columns})
        awaits_header, is_one_column = bool(self.has_header), len(self.names) == 1
        for record in read_records(self._text, self.separator, self.quoting):
            if not record.cells and (awaits_header or not is_one_column):
                seen.n_blank += 1
                continue
            cells = record.cells or [""]
            if awaits_header:
                awaits_header, seen.header = False, cells
                continue
            if len(cells) != len(self.names):
                raise self.error(record.first_line, self._wrong_width(cells))
            seen.add(record, cells)
            yield record.first_line, [restored(cells[column]) for column in columns]
        for note in seen.notes():
            self.note(note)

    def _first_record(self) -> Sequence[str]:
        # A header is read before it is known what quotes mean: that it is missing should be said first.
        quoting = self.quoting or ("doubled" if self.has_header else self._find_quoting())
        assert self.separator is not None
        for record in read_records(self._text, self.separator, quoting):
            if record.cells:
                return [restored(cell) for cell in record.cells]
        raise DataError(f"{self.path} is empty; expected rows of data")

    def _find_quoting(self) -> Quoting:
        if self.separator != "\t":
            return "doubled"
        quoting, note = find_quoting(
            self._text, has_header=bool(self.has_header), record_length_max=self._record_length_max
        )
        if note:
            self.note(note)
        return quoting

    def _refuse_returns_alone(self, sample: Sequence[str]) -> None:
        first = sample[0].removesuffix("\n").removesuffix("\r")
        if first.count("\r") > 1 and '"' not in first and (self.has_header or len(sample) == 1):
            raise DataError(f"{self.path}: its lines end in a carriage return alone; convert them to line feeds first")

    def _wrong_width(self, cells: Sequence[str]) -> str:
        expected = f"the columns {listed(self.names)}" if self.has_header else "as in the first line"
        return (
            f"{counted(len(cells), 'field')}, {listed([restored(cell) for cell in cells], 4)}; expected "
            f"{len(self.names)}, {expected}. A field that holds the separator ({self.separator!r}) must stand in "
            "quotes; --separator names another one"
        )


@dataclass
class _Seen:
    """What was noticed while rows were read."""

    unnamed: dict[int, int]
    """By column without a name, the rows that hold a value there."""
    header: list[str] | None = None
    n_rows: int = 0
    n_blank: int = 0
    n_returns: int = 0
    n_headers: int = 0
    n_joined: int = 0
    first_joined: int = 0

    def add(self, record: DelimitedRecord, cells: list[str]) -> None:
        self.n_rows += 1
        if record.last_line > record.first_line:
            self.n_joined += record.last_line - record.first_line
            self.first_joined = self.first_joined or record.first_line
        for column in self.unnamed:
            self.unnamed[column] += bool(cells[column])
        self.n_returns += record.ends_in_return
        self.n_headers += cells == self.header

    def notes(self) -> Iterator[str]:
        if self.n_joined:
            lines = f"{self.n_rows + self.n_joined:,} lines"
            yield (
                f"{counted(self.n_rows, 'row')} in {lines}: fields in quotes hold line breaks (the first in line "
                f"{self.first_joined:,})"
            )
        for column, count in self.unnamed.items():
            if count:
                yield f"column {column + 1} has no name and holds values in {counted(count, 'row')}: it is not used"
        if self.n_headers:
            yield f"{counted(self.n_headers, 'row')} equal to the header, as where files were joined: read as data"
        if self.n_blank:
            yield f"{counted(self.n_blank, 'empty line')} skipped"
        if self.n_returns:
            yield (
                f"in {counted(self.n_returns, 'row')} the last field ends in a carriage return, read as part of it, "
                "since the first line ends in a line feed alone"
            )


def _sample(text: TextFile) -> list[str]:
    lines, length = [], 0
    for line in itertools.islice(text.lines(), SAMPLE_LINES):
        lines.append(line)
        length += len(line)
        if length > SAMPLE_CHARACTERS:
            break
    return lines or [""]
