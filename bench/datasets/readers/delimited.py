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
from bench.datasets.readers.table import Row, Table, listed
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

_DECLARED = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)


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
    if len(sample) == 1 and sample[0].count("\r") > 1 and not sample[0].endswith("\n"):
        raise DataError(f"{path}: its lines end in a carriage return alone; convert them to line feeds first")
    asked = _separator(options.separator) if options.separator else declared[1] if declared else None
    separator = asked or ("\t" if is_tsv else _guess_separator(path, sample, options, n_columns_min))
    records = _Records(text, separator, options.quoting, 1 if declared else 0, options)
    first = records.first()
    names = [name.strip() for name in first] if options.header else [str(i + 1) for i in range(len(first))]
    table = Table(
        path,
        names,
        "line",
        lambda columns: _rows(table, records, columns),
        {"separator": separator, "encoding": text.encoding},
        has_header=options.header,
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
        # In tab-separated lines a backslash before the closing quote is a character.
        escaped = re.compile(r'\\"(?![\t\r\n]|$)' if self.separator == "\t" else r'\\"')
        for line in self.lines():
            if self.quoting == "backslash":
                line = escaped.sub(_QUOTE, line)
            if ends_in_return is None:
                ends_in_return = line.endswith("\r\n")
            yield _guard_returns(line, ends_in_return) if "\r" in line else line

    def _broken(self, line: int, error: csv.Error) -> DataError:
        where = f"{self.text.path}, line {line + self.skipped_lines:,}"
        if "field limit" in str(error):
            return DataError(
                f"{where}: a field of more than {self.text.line_length_max:,} characters; is a quote never closed?"
            )
        if "end of data" in str(error):
            problem = "a quote opens here and is never closed"
        else:
            problem = "a quote in a field in quotes is neither doubled nor followed by the separator"
        return DataError(
            f"{where}: {problem}; mend it, or say what quotes mean: --quoting literal (characters like any other) or "
            r"--quoting backslash (\" stands for a quote)"
        )


def _rows(table: Table, records: _Records, columns: Sequence[int]) -> Iterator[Row]:
    if note := records.find_quoting():
        table.note(note)
    width = len(table.names)
    unnamed = {i: 0 for i, name in enumerate(table.names) if not name and i not in columns}
    n_rows = n_blank = n_returns = 0
    is_header = table.has_header
    for line, cells in records:
        if not cells:
            n_blank += 1
        elif is_header:
            is_header = False
        elif len(cells) != width:
            raise table.error(line, _wrong_width(cells, table, records.separator))
        else:
            n_rows += 1
            for column in unnamed:
                unnamed[column] += bool(cells[column])
            n_returns += cells[-1].endswith(_RETURN)
            yield line, [_restored(cells[column]) for column in columns]
    n_joined = records.n_lines - records.skipped_lines - n_blank - n_rows - bool(table.has_header)
    if n_joined:
        table.note(f"{n_rows:,} rows in {records.n_lines:,} lines: fields in quotes hold line breaks")
    for column, count in unnamed.items():
        if count:
            table.note(f"column {column + 1} has no name and holds values in {count:,} rows: it is not used")
    if n_blank:
        table.note(f"{n_blank:,} empty lines are no rows")
    if n_returns:
        table.note(
            f"in {n_returns:,} rows the last column ends in a carriage return, which is kept as part of it (the first "
            "line ends in a line feed alone)"
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


def _guard_returns(line: str, ends_in_return: bool) -> str:
    body, end = line, ""
    if line.endswith("\n"):
        # Where lines end in a line feed alone, a carriage return before one is the last field's, unless that is closed.
        is_end = line.endswith("\r\n") and (ends_in_return or len(line) == 2 or line[-3] == '"')
        end = "\r\n" if is_end else "\n"
        body = line[: -len(end)]
    return body.replace("\r", _RETURN) + end


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
    names = ", ".join(SEPARATORS)
    if not pool:
        raise DataError(
            f"{path}, line 1: {listed([sample[0].strip()])} is one column; expected at least two, a text and a label, "
            f"with one of these between them: {names}; --separator names another one"
        )
    found = " and ".join(name for name, character in SEPARATORS.items() if character in pool)
    raise DataError(f"{path}: {found} could all separate its fields; say which does with --separator")


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
