"""CSV and TSV files, by Python's csv module, held to one rule: a row is read exactly, or refused with its line."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.datasets.columns import has_usual_names
from bench.datasets.readers.content import TextFile, find_encoding
from bench.datasets.readers.quoting import find_quoting
from bench.datasets.readers.table import Row, Table, listed, shown
from bench.errors import DataError, UsageError
from bench.records import FileOptions, Quoting

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
SAMPLE_LINES = 1000
SAMPLE_CHARACTERS = 1 << 20
RECORD_LIMITS = 10
"""A line or field that is longer than this many times the longest text allowed is damage."""

# The csv module ends a row at a carriage return; these stand in for characters that are none of its business. No
# decoded text holds a lone surrogate.
_RETURN, _QUOTE = "\ud80d", "\ud822"

_DECLARED = re.compile(r'"?sep=([^"\r\n])"?\r?\n?', re.IGNORECASE)


def open_delimited(path: Path, options: FileOptions, *, is_tsv: bool, n_columns_min: int) -> Table:
    """A CSV or TSV file: its encoding, separator, quotes and header are found out where no option says them.

    Raises
    ------
    DataError
        They cannot be told, or a row breaks them.
    UsageError
        An option cannot be used.
    """
    limit = options.max_text_length * RECORD_LIMITS
    text = TextFile(path, find_encoding(path, options.encoding), limit)
    sample = _sample(text)
    declared = _DECLARED.fullmatch(sample[0])
    if declared:
        sample = sample[1:]
    first_line = sample[0].removesuffix("\n").removesuffix("\r") if sample else ""
    if first_line.count("\r") > 1 and (options.header or len(sample) == 1) and '"' not in first_line:
        raise DataError(f"{path}: its lines end in a carriage return alone; convert them to line feeds first")
    asked = _separator(options.separator) if options.separator else declared[1] if declared else None
    separator = asked or ("\t" if is_tsv else _guess_separator(path, sample, options, n_columns_min))
    records = _Records(text, separator, options.quoting, 1 if declared else 0, options)
    first = records.first()
    if len(first) < n_columns_min:
        raise _one_column(path, first[0], separator)
    names = [name.strip() for name in first] if options.header else [str(i + 1) for i in range(len(first))]
    table = Table(
        path,
        names,
        "line",
        lambda columns: _rows(table, records, columns),
        {"separator": separator, "encoding": text.encoding},
        has_header=options.header,
        is_ordered=True,
        first=() if options.header else first,
    )
    return table


@dataclass
class _Records:
    """The records of a file, each with the number of its first line."""

    text: TextFile
    separator: str
    quoting: Quoting | None
    skipped_lines: int
    options: FileOptions
    n_lines: int = 0

    def lines(self) -> Iterator[str]:
        return itertools.islice(self.text.lines(), self.skipped_lines, None)

    def first(self) -> list[str]:
        """The first record. A header is read before it is known what quotes mean: a wrong one should be said first."""
        quoting = self.quoting
        if quoting is None and self.options.header:
            self.quoting = "doubled"
        elif quoting is None:
            self.find_quoting()
        try:
            cells = next((cells for _, cells in self if cells), None)
        finally:
            self.quoting = quoting
        if cells is None:
            raise DataError(f"{self.text.path} is empty; expected texts and labels")
        return [_restored(cell) for cell in cells]

    def find_quoting(self) -> str | None:
        """Find out what quotes mean, if no option says it. Returns what the user should know."""
        if self.quoting is not None:
            return None
        if self.separator != "\t":
            self.quoting = "doubled"
            return None
        self.quoting, note = find_quoting(
            self.text.path,
            self.lines,
            has_header=self.options.header,
            first_line=self.skipped_lines + 1,
            record_length_max=self.options.max_text_length,
        )
        return note

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(
            self._guarded_lines(),
            delimiter=self.separator,
            quoting=csv.QUOTE_NONE if self.quoting == "literal" else csv.QUOTE_MINIMAL,
            strict=True,
        )
        first = 1
        while True:
            try:
                with _field_limit(self.text.line_length_max):
                    cells = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                raise self._broken(first, error) from error
            yield first + self.skipped_lines, cells
            first = reader.line_num + 1
        self.n_lines = reader.line_num + self.skipped_lines

    def _guarded_lines(self) -> Iterator[str]:
        """Lines in which a carriage return is a character, unless it belongs to the line's end."""
        ends_in_return: bool | None = None
        separator = re.escape(self.separator)
        # In tab-separated lines a backslash before the closing quote is a character.
        escaped = re.compile(r'\\"(?![\t\r\n]|$)' if self.separator == "\t" else r'\\"')
        doubled = re.compile(rf'(?<=[^{separator}])""|""(?=[^{separator}\r\n])')
        for number, line in enumerate(self.lines(), start=1):
            if self.quoting == "backslash":
                line = escaped.sub(_QUOTE, line)
                if doubled.search(line):
                    raise self._broken(number, csv.Error("a doubled quote"))
            if ends_in_return is None:
                ends_in_return = line.endswith("\r\n")
            yield self._guard_returns(line, ends_in_return) if "\r" in line else line

    def _guard_returns(self, line: str, ends_in_return: bool) -> str:
        body, end = line, ""
        if line.endswith("\n"):
            # Where lines end in a line feed alone, a carriage return before it is the last field's, unless quotes close
            # that before.
            is_closed = self.quoting != "literal" and line[-3:-2] == '"'
            is_end = line.endswith("\r\n") and (ends_in_return or len(line) == 2 or is_closed)
            end = "\r\n" if is_end else "\n"
            body = line[: -len(end)]
        return body.replace("\r", _RETURN) + end

    def _broken(self, line: int, error: csv.Error) -> DataError:
        where = f"{self.text.path}, line {line + self.skipped_lines:,}"
        if "field limit" in str(error):
            return DataError(
                f"{where}: a field of more than {self.text.line_length_max:,} characters; is a quote never closed?"
            )
        if "end of data" in str(error):
            problem = "a quote opens here and is never closed"
        elif self.quoting == "backslash":
            problem = "a quote in a field in quotes has no backslash in front of it"
        else:
            problem = "a quote in a field in quotes is neither doubled nor followed by the separator"
        return DataError(
            f"{where}: {problem}; mend it, or say what quotes mean: --quoting literal (characters like any other), "
            r'--quoting backslash (\" stands for a quote) or --quoting doubled ("" does)'
        )


def _rows(table: Table, records: _Records, columns: Sequence[int]) -> Iterator[Row]:
    if note := records.find_quoting():
        table.note(note)
    seen = _Seen({i: 0 for i, name in enumerate(table.names) if not name and i not in columns})
    header: list[str] | None = None
    last_line = 0
    for line, cells in records:
        if seen.n_rows and line - last_line > 1 and not seen.first_joined:
            seen.first_joined = last_line
        last_line = line
        if not cells and (len(table.names) > 1 or (table.has_header and header is None)):
            seen.n_blank += 1
        elif table.has_header and header is None:
            header = cells
        elif len(cells or [""]) != len(table.names):
            raise table.error(line, _wrong_width(cells, table, records.separator))
        else:
            seen.add(cells or [""], header)
            yield line, [_restored(cells[column]) if cells else "" for column in columns]
    n_lines = records.n_lines - records.skipped_lines - seen.n_blank - bool(table.has_header)
    if n_lines > seen.n_rows:
        where = f" (the first in line {seen.first_joined:,})" if seen.first_joined else ""
        table.note(f"{seen.n_rows:,} rows in {records.n_lines:,} lines: fields in quotes hold line breaks{where}")
    for text in seen.notes():
        table.note(text)


@dataclass
class _Seen:
    """What was noticed while rows were read."""

    unnamed: dict[int, int]
    """By column without a name, the rows that hold a value there."""
    n_rows: int = 0
    n_blank: int = 0
    n_returns: int = 0
    n_headers: int = 0
    first_joined: int = 0

    def add(self, cells: list[str], header: list[str] | None) -> None:
        self.n_rows += 1
        for column in self.unnamed:
            self.unnamed[column] += bool(cells[column])
        self.n_returns += cells[-1].endswith(_RETURN)
        self.n_headers += cells == header

    def notes(self) -> Iterator[str]:
        for column, count in self.unnamed.items():
            if count:
                yield f"column {column + 1} has no name and holds values in {count:,} rows: it is not used"
        if self.n_headers:
            yield f"{self.n_headers:,} rows are equal to the header, as where files were put together; they are read"
        if self.n_blank:
            yield f"{self.n_blank:,} empty lines are no rows"
        if self.n_returns:
            yield (
                f"in {self.n_returns:,} rows the last column ends in a carriage return, which is kept as part of it "
                "(the first line ends in a line feed alone)"
            )


def _wrong_width(cells: Sequence[str], table: Table, separator: str) -> str:
    expected = f"the columns {listed(table.names)}" if table.has_header else "as in the first line"
    return (
        f"{len(cells)} field{'s' * (len(cells) != 1)}, {listed([_restored(cell) for cell in cells], 4)}; expected "
        f"{len(table.names)}, {expected}. A field that holds the separator ({separator!r}) must stand in quotes; "
        "--separator names another one"
    )


def _restored(cell: str) -> str:
    if _RETURN in cell:
        cell = cell.replace(_RETURN, "\r")
    return cell.replace(_QUOTE, '"') if _QUOTE in cell else cell


def _sample(text: TextFile) -> list[str]:
    lines, length = [], 0
    for line in itertools.islice(text.lines(), SAMPLE_LINES):
        lines.append(line)
        length += len(line)
        if length > SAMPLE_CHARACTERS:
            break
    return lines or [""]


def _separator(asked: str) -> str:
    separator = SEPARATORS.get(asked.lower(), asked.replace("\\t", "\t"))
    if len(separator) != 1 or separator in '"\r\n':
        raise UsageError(
            f"--separator is {asked!r}, expected one character or one of {', '.join(SEPARATORS)}; a quote or a line "
            "break cannot separate fields"
        )
    return separator


def _guess_separator(path: Path, sample: Sequence[str], options: FileOptions, n_columns_min: int) -> str:
    """The one separator that gives every sampled record the same number of fields, or names that are known."""
    by_separator = {separator: _sampled(sample, separator) for separator in SEPARATORS.values()}
    several = {s: records for s, records in by_separator.items() if records and len(records[0]) > 1}
    even = {s: records for s, records in several.items() if len({len(record) for record in records}) == 1}
    pool = even or several
    if len(pool) > 1 and options.header:
        named = {s: records for s, records in pool.items() if has_usual_names(records[0], options)}
        pool = named if len(named) == 1 else pool
    if len(pool) == 1:
        return next(iter(pool))
    if not pool and n_columns_min == 1:
        return ","
    if not pool:
        raise _one_column(path, sample[0].strip(), None)
    found = " and ".join(name for name, character in SEPARATORS.items() if character in pool)
    raise DataError(f"{path}: {found} could all separate its fields; say which does with --separator")


def _one_column(path: Path, first: str, separator: str | None) -> DataError:
    at = f" where {separator!r} separates" if separator else ""
    return DataError(
        f"{path}: its first line, {shown(first)}, is one column{at}; expected at least two, a text and a label, with "
        f"one of these between them: {', '.join(SEPARATORS)}; --separator names the right one"
    )


def _sampled(lines: Iterable[str], separator: str) -> list[list[str]]:
    guarded = (line.replace("\r", "") for line in lines)
    records: list[list[str]] = []
    with _field_limit(SAMPLE_CHARACTERS * 4):
        try:
            for record in csv.reader(guarded, delimiter=separator):
                records.append(record)
        except csv.Error:
            return []
    # The last record may be cut off by the sample's end.
    return [record for record in records[:-1] or records if record]


@contextmanager
def _field_limit(length: int) -> Iterator[None]:
    before = csv.field_size_limit(length)
    try:
        yield
    finally:
        csv.field_size_limit(before)
