"""The predictions of one trial as a Parquet file: written by the worker, read by tests, figures and programs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.corpus import Int64Array
from bench.tasks.classification import Predictions
from bench.utils.files import replacing

LABEL, ROW, N_TOKENS = "label", "row", "n_tokens"
PROBABILITY, SCORE = "probability", "score"


class PredictionsError(Exception):
    """A file of predictions cannot be read or lacks columns."""


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Write a Parquet file atomically: row, label, tokens and one float32 column per class."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kind = PROBABILITY if predictions.are_probabilities else SCORE
    columns = {
        ROW: pa.array(np.arange(len(predictions.labels), dtype=np.int32)),
        LABEL: pa.array(predictions.labels.astype(np.int32)),
        **({} if predictions.n_tokens is None else {N_TOKENS: pa.array(predictions.n_tokens.astype(np.int32))}),
        **{f"{kind}_{k}": pa.array(column) for k, column in enumerate(predictions.scores.T)},
    }
    with replacing(path) as file:
        # A dictionary of numbers that hardly repeat is larger than the numbers; rows are numbered in steps of one.
        pq.write_table(
            pa.table(columns),
            file,
            compression="zstd",
            use_dictionary=[LABEL],
            column_encoding={ROW: "DELTA_BINARY_PACKED"},
        )


def read_predictions(path: Path) -> tuple[Predictions, Int64Array]:
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
    names = [name for name in table.column_names if name.startswith((PROBABILITY, SCORE))]
    if LABEL not in table.column_names or not names:
        raise PredictionsError(f"the predictions {path} lack their columns")
    scores = np.column_stack([table[name].to_numpy() for name in names]).astype(np.float32, copy=False)
    n_tokens = table[N_TOKENS].to_numpy().astype(np.int64) if N_TOKENS in table.column_names else None
    rows = table[ROW].to_numpy().astype(np.int64) if ROW in table.column_names else np.arange(0)
    labels = table[LABEL].to_numpy().astype(np.int64)
    return Predictions(labels, scores, names[0].startswith(PROBABILITY), n_tokens), rows
