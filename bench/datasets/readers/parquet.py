"""Parquet files, a batch of rows at a time, the columns that are used only."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from bench.datasets.readers.content import open_bytes, reading
from bench.datasets.readers.table import Row, Table, shown
from bench.errors import DataError
from bench.records import FileOptions

BATCH_ROWS = 8192


def open_parquet(path: Path, options: FileOptions) -> Table:
    """A Parquet file. Names of classes that Hugging Face's datasets keep in the schema's metadata are used.

    Raises
    ------
    DataError
        It is damaged.
    """
    with _open(path) as file:
        schema = file.schema_arrow
    table = Table(path, [name.strip() for name in schema.names], "row", lambda columns: _rows(table, columns))
    table.is_ordered = True
    names, unusable = _class_names(schema.metadata or {})
    table.class_names = {i: names[name] for i, name in enumerate(schema.names) if name in names}
    for name in unusable:
        table.note(f"the names of classes that the file gives for {shown(name)} are not used: they are not distinct")
    return table


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with reading(path), _seekable(path) as source:
        try:
            file = pq.ParquetFile(source)
        except pa.ArrowException as error:
            raise DataError(f"{path} is no whole Parquet file: {error}") from error
        with file:
            yield file


@contextmanager
def _seekable(path: Path) -> Iterator[Path | IO[bytes]]:
    """The file itself, or where it is compressed a temporary one: Parquet is read from its end."""
    if path.suffix.lower() != ".gz":
        yield path
        return
    with tempfile.TemporaryFile() as unpacked, open_bytes(path) as packed:
        shutil.copyfileobj(packed, unpacked, 1 << 20)
        yield unpacked


def _rows(table: Table, columns: Sequence[int]) -> Iterator[Row]:
    import pyarrow as pa

    number = 0
    with _open(table.path) as file:
        names = file.schema_arrow.names
        # By name only the columns in use are read; where names occur twice, positions in the whole file are left.
        wanted = None if len(set(names)) < len(names) else list(dict.fromkeys(names[column] for column in columns))
        try:
            for batch in file.iter_batches(BATCH_ROWS, columns=wanted):
                found = [c if wanted is None else batch.schema.get_field_index(names[c]) for c in columns]
                cells = [
                    _written(table, number, names[column], batch.column(i))
                    for column, i in zip(columns, found, strict=True)
                ]
                for row in zip(*cells, strict=True):
                    number += 1
                    yield number, list(row)
        except (pa.ArrowException, OverflowError) as error:
            raise DataError(f"{table.path}: after row {number:,} a value cannot be read: {error}") from error


def _written(table: Table, n_before: int, name: str, array: Any) -> list[str | None]:
    """A column's values as text: numbers as CSV has them, bytes as UTF-8."""
    import pyarrow as pa

    kind = array.type
    if pa.types.is_dictionary(kind):
        array, kind = array.dictionary_decode(), kind.value_type
    if pa.types.is_floating(kind):
        # NumPy writes a float32 with its own digits; as a Python float it would have more.
        floats = array.to_numpy(zero_copy_only=False)
        return [None if value != value else str(value) for value in floats]
    if _is_any(kind, "is_string", "is_large_string", "is_string_view"):
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
    found: dict[str, Sequence[str]] = {}
    unusable = []
    for column, feature in features:
        if not isinstance(feature, dict) or feature.get("_type") != "ClassLabel" or feature.get("names") is None:
            continue
        names = feature["names"]
        if isinstance(names, list) and all(isinstance(name, str) and name.strip() for name in names):
            found[column] = tuple(name.strip() for name in names)
        if len(set(found.get(column, ()))) < len(names):
            found.pop(column, None)
            unusable.append(column)
    return found, unusable
