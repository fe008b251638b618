"""Parquet files, a batch of rows at a time, the columns that are used only."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from bench.datasets.files.readers.packed import open_bytes, packed_ending
from bench.datasets.files.readers.table import Row, Table
from bench.datasets.files.readers.text_file import reading
from bench.errors import DataError
from bench.utils.text import listed, shown

BATCH_ROWS = 8192

_INDEX = re.compile(r"([0-9]{1,9})(?:\.0)?")


class ParquetTable(Table):
    """A Parquet file. Names of classes that Hugging Face's datasets keep in the schema's metadata are used.

    Raises
    ------
    DataError
        It is damaged.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "row")
        with _open(path) as file:
            self._schema = file.schema_arrow
        self.names = [name.strip() for name in self._schema.names]
        self._class_names, unusable = _class_names(self._schema.metadata or {})
        for name in unusable:
            self.note(
                f"what the file gives as names of classes of {shown(name)} is not used: it is no list of distinct names"
            )

    def class_names(self, column: int) -> Sequence[str]:
        """Return the classes of a label column in the order that the file's metadata give."""
        return self._class_names.get(self._schema.names[column], ())

    def rows(self, columns: Sequence[int]) -> Iterator[Row]:
        """Yield the rows, with the cells of these columns."""
        import pyarrow as pa

        number = 0
        names = self._schema.names
        # By name only the columns in use are read; where names occur twice, positions in the whole file are left.
        wanted = None if len(set(names)) < len(names) else list(dict.fromkeys(names[column] for column in columns))
        with _open(self.path) as file:
            try:
                for batch in file.iter_batches(BATCH_ROWS, columns=wanted):
                    found = [c if wanted is None else batch.schema.get_field_index(names[c]) for c in columns]
                    cells = [
                        self._cells(number, column, batch.column(i)) for column, i in zip(columns, found, strict=True)
                    ]
                    for row in zip(*cells, strict=True):
                        number += 1
                        yield number, list(row)
            except (pa.ArrowException, OverflowError) as error:
                raise DataError(f"{self.path}: after row {number:,} a value cannot be read: {error}") from error

    def _cells(self, n_before: int, column: int, array: Any) -> list[str | None]:
        cells = _written(self, n_before, self._schema.names[column], array)
        names = self.class_names(column)
        if not names:
            return cells
        is_text = _is_text(array.type)
        return [self._named(n_before + i, cell, names, is_text=is_text) for i, cell in enumerate(cells, start=1)]

    def _named(self, number: int, label: str | None, names: Sequence[str], *, is_text: bool) -> str | None:
        """Return the class of a label that is a number from 0 or, in a column of texts, a name; None for -1."""
        label = (label or "").strip()
        if is_text and label in names:
            return label
        if label in ("", "-1", "-1.0"):
            return None
        match = _INDEX.fullmatch(label)
        is_index = match is not None and not (is_text and any(name.isdecimal() for name in names))
        if match is None or not is_index or int(match[1]) >= len(names):
            raise self.error(
                number, f"the label is {shown(label)}, expected 0 to {len(names) - 1}: the file names {listed(names)}"
            )
        return names[int(match[1])]


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with reading(path), _seekable(path) as source:
        try:
            file = pq.ParquetFile(source)
        except pa.ArrowException as error:
            raise DataError(f"{path} is not a whole Parquet file: {error}") from error
        with file:
            yield file


@contextmanager
def _seekable(path: Path) -> Iterator[Path | IO[bytes]]:
    """Open the file, or a temporary one where it is compressed: Parquet is read from its end."""
    if not packed_ending(path):
        yield path
        return
    with tempfile.TemporaryFile() as unpacked, open_bytes(path) as packed:
        shutil.copyfileobj(packed, unpacked, 1 << 20)
        yield unpacked


def _written(table: Table, n_before: int, name: str, array: Any) -> list[str | None]:
    """Return a column's values as text: numbers as CSV has them, bytes as UTF-8."""
    import pyarrow as pa

    kind = array.type
    if pa.types.is_dictionary(kind):
        array, kind = array.dictionary_decode(), kind.value_type
    if pa.types.is_floating(kind):
        # NumPy writes a float32 with its own digits; as a Python float it would have more.
        floats = array.to_numpy(zero_copy_only=False)
        return [None if value != value else str(value) for value in floats]
    if _is_text(kind):
        try:
            texts: list[str | None] = array.to_pylist()
            return texts
        except UnicodeDecodeError:  # a damaged file
            array, kind = array.cast(pa.large_binary()), pa.large_binary()
    if _is_any(kind, "is_binary", "is_large_binary", "is_fixed_size_binary", "is_binary_view"):
        return [_decoded(table, n_before + i, name, value) for i, value in enumerate(array.to_pylist(), start=1)]
    if not _is_any(kind, "is_integer", "is_boolean", "is_decimal", "is_null", "is_date", "is_timestamp"):
        raise DataError(f"{table.path}: the column {shown(name)} holds {kind}, expected texts or plain values")
    return [None if value is None else str(value) for value in array.to_pylist()]


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return _is_any(kind, "is_string", "is_large_string", "is_string_view")


def _is_any(kind: Any, *checks: str) -> bool:
    import pyarrow as pa

    return any(getattr(pa.types, check)(kind) for check in checks if hasattr(pa.types, check))


def _decoded(table: Table, number: int, name: str, value: bytes | None) -> str | None:
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise table.error(
            number, f"{shown(name)} holds byte 0x{value[error.start]:02X}, which is not UTF-8; store it as text"
        ) from error


def _class_names(metadata: Mapping[bytes, bytes]) -> tuple[dict[str, Sequence[str]], list[str]]:
    """Names of classes by column, and columns whose names are of no use.

    Hugging Face's ``datasets`` writes them (its feature ``ClassLabel``).
    """
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"].items()
    except (KeyError, ValueError, TypeError, AttributeError):
        return {}, []
    given = {
        column: feature["names"]
        for column, feature in features
        if isinstance(feature, dict) and feature.get("_type") == "ClassLabel" and feature.get("names") is not None
    }
    usable: dict[str, Sequence[str]] = {
        column: [name.strip() for name in names] for column, names in given.items() if _are_names(names)
    }
    return usable, [column for column in given if column not in usable]


def _are_names(names: Any) -> bool:
    are_texts = isinstance(names, list) and all(isinstance(name, str) and name.strip() for name in names)
    return are_texts and len({name.strip() for name in names}) == len(names)
