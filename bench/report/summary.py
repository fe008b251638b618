"""One row a model: the frame behind every table, and the comparisons under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bench import stats
from bench.metrics import Predictions
from bench.records import Measurements, Trial, TrialRecord
from bench.store import RunStore

if TYPE_CHECKING:
    import pandas as pd

_MEANS = (
    "f1_macro",
    "roc_auc",
    "log_loss",
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
COLUMNS = (
    *(
        "model",
        "dataset",
        "division",
        "n_train",
        "n_test",
        "seeds",
        "status",
        "accuracy",
        "accuracy_low",
        "accuracy_high",
    ),
    *_MEANS,
    "accuracy_sd",
    "is_deterministic",
    "n_test_seen",
    "accuracy_unseen",
)

Group = list[TrialRecord]


def summarize(store: RunStore, records: Sequence[TrialRecord] | None = None) -> pd.DataFrame:
    """One row a model and training size, means over seeds; where no trial is good, ``status`` is the reason."""
    import pandas as pd

    rows = [_summary_row(store, group) for group in _groups(store.records() if records is None else records)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    numbers = [column for column in COLUMNS if column.startswith(("accuracy", "n_test_seen")) or column in _MEANS]
    frame[numbers] = frame[numbers].astype("float64")
    return frame.assign(n_parameters=frame["n_parameters"].round().astype("Int64"))


def compare(store: RunStore, records: Sequence[TrialRecord] | None = None) -> dict[int, list[stats.Comparison]]:
    """Comparisons of all models with good trials, by number of training rows.

    Models are compared over the seeds that all of them have; one that ran once answers the same for every seed.
    """
    by_size: dict[int, list[Group]] = {}
    for group in _groups(store.records() if records is None else records):
        if good := [record for record in group if record.measurements]:
            by_size.setdefault(_measured(good[0]).n_train, []).append(good)
    return {size: stats.compare_all(_paired(store, groups)) for size, groups in by_size.items()}


def _paired(store: RunStore, groups: Sequence[Group]) -> dict[str, stats.BoolArray]:
    """Whether each model is right, seed by seed, shape (n_seeds, n_rows); models that share no seed are left out."""
    seeds = [{record.trial.seed for record in group} for group in groups if _varies(group[0].trial)]
    shared = set.intersection(*seeds) if seeds else set()
    rows = {
        group[0].trial.model.name: [
            _correct(store, record)
            for record in sorted(group, key=lambda record: record.trial.seed)
            if record.trial.seed in shared or not _varies(record.trial)
        ]
        for group in groups
    }
    return {name: np.stack(correct) for name, correct in rows.items() if correct}


def _varies(trial: Trial) -> bool:
    """Whether another seed can give other answers: by the model, or by the rows drawn."""
    return bool(trial.model.seed_parameters) or trial.train_size is not None


def _are_equal(predictions: Sequence[Predictions]) -> bool:
    return all(np.array_equal(other.scores, predictions[0].scores) for other in predictions)


def _groups(records: Sequence[TrialRecord]) -> list[Group]:
    groups: dict[tuple[str, int | None], Group] = {}
    for record in records:
        groups.setdefault((record.trial.model.name, record.trial.train_size), []).append(record)
    return list(groups.values())


def _summary_row(store: RunStore, group: Group) -> dict[str, Any]:
    trial = group[0].trial
    good = [record for record in group if record.measurements]
    failed = [record for record in group if not record.measurements]
    row: dict[str, Any] = {
        "model": trial.model.name,
        "dataset": trial.dataset,
        "division": trial.division,
        "n_train": trial.train_size or store.run.manifest.dataset.n_train,
        "n_test": store.run.manifest.dataset.n_test,
        "seeds": len(group),
        "status": _status(group, failed),
    }
    if not good:
        return row
    predictions = [store.predictions(record.trial) for record in good]
    correct = np.stack([p.predicted == p.labels for p in predictions])
    low, high = stats.accuracy_interval(correct[:1] if (correct == correct[0]).all() else correct)
    measured = [_measured(record) for record in good]
    return {
        **row,
        "accuracy": float(np.mean([m.accuracy for m in measured])),
        "accuracy_low": low,
        "accuracy_high": high,
        **{field: _mean([getattr(m, field) for m in measured]) for field in _MEANS},
        "accuracy_sd": float(np.std([m.accuracy for m in measured], ddof=1)) if len(good) > 1 else None,
        "n_test_seen": _mean([m.n_test_seen for m in measured]),
        "accuracy_unseen": _mean([m.accuracy_unseen for m in measured]),
        "is_deterministic": not _varies(trial) or (len(good) > 1 and _are_equal(predictions)),
    }


def _status(group: Group, failed: Group) -> str:
    if not failed:
        return "ok"
    first = failed[0]
    text = f"{first.status}: {first.reason}" if first.reason else first.status
    return text if len(failed) == len(group) else f"{len(failed)} of {len(group)} seeds failed, {text}"


def _mean(values: list[Any]) -> float | None:
    return None if any(value is None for value in values) else float(np.mean(values))


def _measured(record: TrialRecord) -> Measurements:
    assert record.measurements is not None
    return record.measurements


def _correct(store: RunStore, record: TrialRecord) -> stats.BoolArray:
    predictions = store.predictions(record.trial)
    return np.asarray(predictions.predicted == predictions.labels)
