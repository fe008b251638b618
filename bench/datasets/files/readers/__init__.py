"""Readers of the user's own files: each kind of file gives the same Table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.datasets.files.readers.table import Table
from bench.datasets.files.readers.text_file import check_content, check_place, file_kind
from bench.records import FileOptions


def open_table(path: Path, options: FileOptions, *, n_columns_min: int = 2, leave_out: Sequence[str] = ()) -> Table:
    """Return the columns of a file or folder, and a way to read their rows. A file's kind is that of its ending.

    Parameters
    ----------
    path : Path
    options : FileOptions
    n_columns_min : int
        Columns that a separator must give at least.
    leave_out : sequence of str
        Classes of a folder that are not read.

    Raises
    ------
    bench.errors.DataError
        The file is not there, is not what its ending says, or is ambiguous.
    bench.errors.UsageError
        Its ending, or an option, is not supported.
    """
    check_place(path)
    if path.is_dir():
        from bench.datasets.files.readers.folder import FolderTable

        return FolderTable(path, options, leave_out)
    kind = file_kind(path)
    check_content(path, kind)
    if kind == "parquet":
        from bench.datasets.files.readers.parquet import ParquetTable

        return ParquetTable(path)
    if kind == "xlsx":
        from bench.datasets.files.readers.xlsx import XlsxTable

        return XlsxTable(path, options)
    if kind == "fasttext":
        from bench.datasets.files.readers.fasttext import FastTextTable

        return FastTextTable(path, options)
    if kind == "json":
        from bench.datasets.files.readers.json_rows import JSONTable

        return JSONTable(path, options)
    from bench.datasets.files.readers.delimited import DelimitedTable

    return DelimitedTable(path, options, is_tsv=kind == "tsv", n_columns_min=n_columns_min)
