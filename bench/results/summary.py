"""One row per model: the frame behind every table, and the comparisons under it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.results.entries import Entry
from bench.stats.verdicts import Comparison, compare_all
from bench.tasks.base import Task

if TYPE_CHECKING:
    import pandas as pd

_COSTS = (
    "fit_seconds",
    "fit_rows_per_second",
    "predict_rows_per_second",
    "latency_p50_ms",
    "latency_p99_ms",
    "cpu_seconds",
    "peak_memory_mb",
    "n_parameters",
    "startup_seconds",
    "encode_seconds",
    "predict_tokens_per_second",
    "latency_p90_ms",
    "baseline_memory_mb",
)
_TEXTS = ("model", "dataset", "division", "status", "is_deterministic", "cpu_model")


def summary_columns(task: Task) -> tuple[str, ...]:
    """Return the columns of ``summary.csv``."""
    main = task.metric.field
    return (
        *("model", "dataset", "division", "n_train", "n_test", "seeds", "status"),
        *(main, f"{main}_low", f"{main}_high"),
        *_means(task),
        *(f"{main}_sd", "is_deterministic", "n_test_seen"),
        *((f"{main}_unseen", "calibration_error") if task.has_classes else ()),
        *("cpu_model", "seeds_timed"),
    )


def _means(task: Task) -> tuple[str, ...]:
    return (*(metric.field for metric in task.others), *_COSTS)


def summarize(entries: Iterable[Entry], task: Task) -> pd.DataFrame:
    """One row per model and training size, means over seeds; where no trial is good, ``status`` is the reason."""
    import pandas as pd

    columns = summary_columns(task)
    frame = pd.DataFrame([_summary_row(entry) for entry in entries], columns=list(columns))
    numbers = [column for column in columns if column not in (*_TEXTS, "n_train", "n_test", "seeds")]
    frame[numbers] = frame[numbers].astype("float64")
    return frame.assign(n_parameters=frame["n_parameters"].round().astype("Int64"))


def compare(entries: Iterable[Entry]) -> dict[int, list[Comparison]]:
    """All pairs of models with good trials, by number of training rows, over the seeds that both have."""
    by_size: dict[int, list[Entry]] = {}
    for entry in entries:
        if entry.good:
            by_size.setdefault(entry.n_train, []).append(entry)
    return {size: compare_all({entry.name: entry.row_scores for entry in group}) for size, group in by_size.items()}


def _summary_row(entry: Entry) -> dict[str, Any]:
    dataset = entry.store.run.manifest.dataset
    row: dict[str, Any] = {
        "model": entry.name,
        "dataset": dataset.name,
        "division": entry.trial.division,
        "n_train": entry.n_train,
        "n_test": dataset.n_test,
        "seeds": len(entry.records),
        "status": _status(entry),
    }
    if not entry.good:
        return row
    task, by_seed = entry.task, entry.by_seed
    main = task.metric.field
    return {
        **row,
        main: entry.score,
        f"{main}_low": entry.interval.low,
        f"{main}_high": entry.interval.high,
        **{field: entry.mean(field) for field in _means(task)},
        f"{main}_sd": float(np.std(by_seed, ddof=1)) if len(by_seed) > 1 else None,
        "is_deterministic": entry.is_deterministic,
        "n_test_seen": entry.mean("n_test_seen"),
        **(_of_classes(entry, main) if task.has_classes else {}),
        "cpu_model": ", ".join(entry.cpu_models),
        "seeds_timed": len(entry.timed),
    }


def _of_classes(entry: Entry, main: str) -> dict[str, float | None]:
    return {f"{main}_unseen": entry.mean(f"{main}_unseen"), "calibration_error": entry.calibration_error}


def _status(entry: Entry) -> str:
    if not entry.failed:
        return "ok"
    first = entry.failed[0]
    text = f"{first.status}: {first.reason}" if first.reason else first.status
    if not entry.good:
        return text
    return f"{len(entry.failed)} of {len(entry.records)} seeds failed, {text}"
