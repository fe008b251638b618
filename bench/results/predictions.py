"""The predictions of one trial as a Parquet file: written by the runner, read by tests, figures and programs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bench.corpus import Int64Array
from bench.tasks.base import AnyArray, Predictions, Task
from bench.tasks.classification import LABEL
from bench.utils.files import replacing

ROW = "row"


class PredictionsError(Exception):
    """A file of predictions cannot be read or lacks columns."""


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Write a Parquet file atomically: the row, and one column per array, or per column of a matrix."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {ROW: pa.array(np.arange(len(predictions), dtype=np.int32))}
    for name, column in flat_columns(predictions).items():
        columns[name] = pa.array(column.astype(np.int32) if column.dtype.kind == "i" else column)
    with replacing(path) as file:
        # A dictionary of numbers that hardly repeat is larger than the numbers; rows are numbered in steps of one.
        pq.write_table(
            pa.table(columns),
            file,
            compression="zstd",
            use_dictionary=[LABEL] if LABEL in columns else False,
            column_encoding={ROW: "DELTA_BINARY_PACKED"},
        )


def flat_columns(predictions: Predictions) -> dict[str, AnyArray]:
    """Return the arrays of predictions, the columns of a matrix one by one: ``forecast_0``, ``forecast_1``."""
    columns: dict[str, AnyArray] = {}
    for name, array in predictions.arrays().items():
        columns |= {name: array} if array.ndim == 1 else {f"{name}_{k}": column for k, column in enumerate(array.T)}
    return columns


def read_predictions(path: Path, task: Task) -> tuple[Predictions, Int64Array]:
    """Return the predictions in a file, and the numbers of their test rows, shape (n_test,).

    Raises
    ------
    PredictionsError
        The file is missing or damaged, or lacks columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path).read()
    except (OSError, pa.ArrowException) as error:
        raise PredictionsError(f"the predictions {path} cannot be read: {error}") from error
    columns = {name: table[name].to_numpy() for name in table.column_names}
    rows = columns.pop(ROW, np.arange(0)).astype(np.int64)
    try:
        return task.predictions.from_arrays(_join(columns)), rows
    except (KeyError, ValueError) as error:
        raise PredictionsError(f"the predictions {path} lack their columns") from error


def _join(columns: Mapping[str, AnyArray]) -> dict[str, AnyArray]:
    """Return arrays by name; columns whose names end in numbers are those of one matrix."""
    joined: dict[str, AnyArray] = {}
    matrices: dict[str, list[AnyArray]] = defaultdict(list)
    for name, column in columns.items():
        if numbered := re.fullmatch(r"(.+)_\d+", name):
            matrices[numbered[1]].append(column)
        else:
            joined[name] = column
    return joined | {name: np.column_stack(parts) for name, parts in matrices.items()}
