"""Readers of the user's own files: each kind of file gives the same Table."""

from __future__ import annotations

from pathlib import Path

from bench.datasets.files.readers.table import Table
from bench.datasets.files.readers.text_file import check_content, check_place, file_kind
from bench.records import FileOptions


def open_table(path: Path, options: FileOptions, *, n_columns_min: int = 2) -> Table:
    """Return the columns of a file, and a way to read their rows. The kind is that of the file's ending.

    Parameters
    ----------
    path : Path
    options : FileOptions
    n_columns_min : int
        Columns that a separator must give at least.

    Raises
    ------
    bench.errors.DataError
        The file is not there, is not what its ending says, or is ambiguous.
    bench.errors.UsageError
        Its ending, or an option, is not supported.
    """
    check_place(path)
    kind = file_kind(path)
    check_content(path, kind)
    if kind == "parquet":
        from bench.datasets.files.readers.parquet import ParquetTable

        return ParquetTable(path)
    if kind == "json":
        from bench.datasets.files.readers.json_rows import JSONTable

        return JSONTable(path, options)
    from bench.datasets.files.readers.delimited import DelimitedTable

    return DelimitedTable(path, options, is_tsv=kind == "tsv", n_columns_min=n_columns_min)
