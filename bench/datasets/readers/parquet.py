"""Parquet files, a batch of rows at a time, the columns that are used only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

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
    schema = _open(path).schema_arrow
    names = [name.strip() for name in schema.names]
    of_classes = _class_names(schema.metadata or {})
    table = Table(
        path,
        names,
        "row",
        lambda columns: _rows(table, columns),
        class_names={i: of_classes[name] for i, name in enumerate(schema.names) if name in of_classes},
    )
    return table


def _open(path: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with reading(path):
        try:
            if path.suffix.lower() == ".gz":
                with open_bytes(path) as file:
                    return pq.ParquetFile(pa.BufferReader(file.read()))
            return pq.ParquetFile(path)
        except pa.ArrowException as error:
            raise DataError(f"{path} is no whole Parquet file: {error}") from error


def _rows(table: Table, columns: Sequence[int]) -> Iterator[Row]:
    import pyarrow as pa

    file = _open(table.path)
    wanted = sorted({file.schema_arrow.names[column] for column in columns})
    number = 0
    with reading(table.path), file:
        try:
            for batch in file.iter_batches(BATCH_ROWS, columns=wanted):
                cells = [_written(table, number, file.schema_arrow.names[c], batch) for c in columns]
                for row in zip(*cells, strict=True):
                    number += 1
                    yield number, list(row)
        except pa.ArrowException as error:
            raise table.error(number + 1, f"it cannot be read: {error}") from error


def _written(table: Table, n_before: int, name: str, batch: Any) -> list[str | None]:
    """A column's values as text: numbers as CSV has them, bytes as UTF-8."""
    import pyarrow as pa

    array = batch.column(batch.schema.get_field_index(name))
    kind = array.type
    if pa.types.is_dictionary(kind):
        array, kind = array.dictionary_decode(), kind.value_type
    if pa.types.is_floating(kind):
        # NumPy writes a float32 with its own digits; as a Python float it would have more.
        floats = array.to_numpy(zero_copy_only=False)
        return [None if value != value else str(value) for value in floats]
    if _is_any(kind, "is_binary", "is_large_binary", "is_fixed_size_binary", "is_binary_view"):
        return [_decoded(table, n_before + i, name, value) for i, value in enumerate(array.to_pylist(), start=1)]
    if not _is_any(
        kind,
        *("is_string", "is_large_string", "is_string_view", "is_integer", "is_boolean", "is_decimal", "is_null"),
        *("is_date", "is_timestamp"),
    ):
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


def _class_names(metadata: Mapping[bytes, bytes]) -> dict[str, Sequence[str]]:
    """Names of classes by column, from what Hugging Face's ``datasets`` writes (its feature ``ClassLabel``)."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        return {
            column: tuple(str(name) for name in feature["names"])
            for column, feature in features.items()
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel" and feature.get("names")
        }
    except (KeyError, ValueError, TypeError, AttributeError):
        return {}
