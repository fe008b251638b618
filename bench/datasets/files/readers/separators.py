"""What separates the fields of a line: one of four characters, and only if that is certain."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.errors import DataError, UsageError
from bench.utils.text import shown

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}


def parse_separator(asked: str) -> str:
    """Return the character that an option names.

    Raises
    ------
    UsageError
    """
    separator = SEPARATORS.get(asked.lower(), asked.replace("\\t", "\t"))
    if len(separator) != 1 or separator in '"\r\n':
        raise UsageError(
            f"--separator is {asked!r}, expected one character or one of {', '.join(SEPARATORS)}; a quote or a line "
            "break cannot separate fields"
        )
    return separator


def guess_separator(
    path: Path, sample: Sequence[str], length_max: int, is_header: Callable[[Sequence[str]], bool], n_columns_min: int
) -> str:
    """Return the separator that gives all sampled records as many fields, else one that gives a known header.

    Parameters
    ----------
    path : Path
        For errors.
    sample : sequence of str
        The first lines.
    length_max : int
        Characters of a field.
    is_header : callable
        Whether a first record is a header with the names that are sought.
    n_columns_min : int
        1: where no separator is found there is one column.

    Raises
    ------
    DataError
        None or several could be meant.
    """
    by_separator = {separator: _records(sample, separator, length_max) for separator in SEPARATORS.values()}
    several = {s: records for s, records in by_separator.items() if records and len(records[0]) > 1}
    even = {s: records for s, records in several.items() if len({len(record) for record in records}) == 1}
    pool = even or several
    if len(pool) > 1:
        known = {s: records for s, records in pool.items() if is_header(records[0])}
        pool = known if len(known) == 1 else pool
    if len(pool) == 1:
        return next(iter(pool))
    if pool:
        found = " and ".join(name for name, character in SEPARATORS.items() if character in pool)
        raise DataError(f"{path}: {found} could all separate its fields; say which does with --separator")
    if n_columns_min == 1:
        return ","
    raise one_column(path, sample[0].strip(), None)


def one_column(path: Path, first: str, separator: str | None) -> DataError:
    """Return an error: there is no second column."""
    at = f" where {separator!r} separates" if separator else ""
    return DataError(
        f"{path}: its first line, {shown(first)}, is one column{at}; expected at least two, with one of "
        f"these between them: {', '.join(SEPARATORS)}; --separator names the right one"
    )


@contextmanager
def field_limit(length: int) -> Iterator[None]:
    """Limit the characters of a field, a setting that the csv module has for the whole process."""
    before = csv.field_size_limit(length)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _records(lines: Iterable[str], separator: str, length_max: int) -> list[list[str]]:
    guarded = (line.replace("\r", "") for line in lines)
    records: list[list[str]] = []
    with field_limit(length_max):
        try:
            for record in csv.reader(guarded, delimiter=separator):
                records.append(record)
        except csv.Error:  # those before it are whole
            records.append([])
    # The last record may be cut off by the sample's end.
    return [record for record in records[:-1] or records if record]
