"""One trial, measured: the stages of the protocol, each with a small record of what it found.

The order is the measurement protocol, and the same for every model:

1. **start**: the model's module is imported and the model built, before anything else is timed.
2. **load**: the data are read, or their arrays mapped. The high-water mark of memory begins anew after encoding.
3. **encode**: texts become the division's token ids. This is the harness's work; its cost is recorded beside the fit.
4. **fit**: the clock starts before the model has touched the data and stops when it can predict.
5. **predict**: all test rows, twice. The second pass counts as cost, and the first one's predictions are scored: in it
   a model has seen no test row before.
6. **probe**: one test row at a time, for the latency.
7. **score**: the parent compares the predictions with the test labels, which no model has seen. Nothing is timed any
   more, and a worker imports no more than its model needs.
"""

from __future__ import annotations

import contextlib
import random
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.datasets.base import Dataset, DrawnRows, RowsDataset
from bench.datasets.encoded import EncodedData, EncodedDataError, encode_dataset, open_encoded
from bench.encoding import Encoder
from bench.records import Costs, ModelInfo, Trial
from bench.registry import load_factory
from bench.running.engines.base import Job
from bench.running.messages import Order
from bench.running.resources import (
    Stopwatch,
    load_average,
    machine_load,
    peak_memory_mb,
    reset_peak_memory,
    resident_memory_mb,
)
from bench.tasks import find_task
from bench.tasks.base import Predictions, Task

LATENCY_ROWS = 200
LATENCY_WARM_UP_ROWS = 20
LATENCY_LIMIT_SECONDS = 10.0
HISTORY_POLL_SECONDS = 0.25

TrialRows = EncodedData | DrawnRows
"""The data of a trial as its model gets them."""

Tell = Callable[..., None]
"""Sends a message to the parent: ``phase=...`` or ``history=...``."""


@dataclass(frozen=True)
class Started:
    """A model that is built and not fitted."""

    model: Any
    seconds: float
    """From the start of the process on."""
    memory_mb: float
    """Resident, before the data."""


@dataclass(frozen=True)
class Loaded:
    """The data of a trial: encoded before and mapped, or a dataset that is still to be encoded."""

    data: EncodedData | Dataset
    seconds: float


@dataclass(frozen=True)
class Fitted:
    """How the fit went."""

    watch: Stopwatch
    load_average: float | None
    """When it began."""


@dataclass(frozen=True)
class Predicted:
    """Both passes over the test rows, and the predictions of the first."""

    first: Stopwatch
    second: Stopwatch
    predictions: Predictions


@dataclass(frozen=True)
class Probed:
    """Latencies of single rows."""

    latencies_ms: list[float]
    seconds: float
    """Of the whole probe, warm-up included."""


@dataclass(frozen=True)
class TrialFindings:
    """What a worker found, before its predictions are scored."""

    task: Task
    data: TrialRows
    fitted: Fitted
    predicted: Predicted
    costs: Costs
    is_saved: bool


def run_trial(order: Order, pickled: bytes, tell: Tell) -> TrialFindings:
    """Run the stages of the protocol in their order, as the module's docstring states it, all but the last.

    Parameters
    ----------
    order : Order
    pickled : bytes
        cloudpickle bytes of an estimator instance; empty for a model by name.
    tell : callable
        Sends a message to the parent.
    """
    job, trial, task = order.job, order.job.trial, find_task(order.job.task)
    tell(phase="starting")
    started = start(order, pickled)
    model = started.model
    tell(phase="loading")
    loaded = load(job)
    data, load_seconds = encode(loaded, trial), loaded.seconds
    del loaded
    reset_peak_memory()

    tell(phase="fitting")
    fitted = fit(task, model, data, tell)
    tell(phase="predicting")
    predicted = predict(task, model, data)
    tell(phase="probing")
    probed = probe(task, model, data)
    peak_mb = peak_memory_mb()

    is_saved = job.model_path is not None and save(Path(job.model_path), model, trial.model, data.encoder)
    costs = Costs(
        startup_seconds=started.seconds,
        load_seconds=load_seconds,
        encode_seconds=data.encode_seconds,
        **_fit_costs(model, task.count_rows(data.X_train), fitted),
        **_prediction_costs(data, predicted, probed),
        cpu_seconds=fitted.watch.cpu_seconds + predicted.second.cpu_seconds,
        peak_memory_mb=peak_mb,
        baseline_memory_mb=started.memory_mb,
        n_parameters=getattr(model, "n_parameters_", None),
    )
    return TrialFindings(task, data, fitted, predicted, costs, is_saved)


def start(order: Order, pickled: bytes) -> Started:
    """Import and build the trial's estimator, and set its seed and that of ``random`` and NumPy."""
    trial = order.job.trial
    if pickled:
        import cloudpickle

        sys.path.extend(folder for folder in order.import_path if folder not in sys.path)
        model = cloudpickle.loads(pickled)
    else:
        model = load_factory(trial.model.target, trial.model.task)(**trial.model.given)
    random.seed(trial.seed)
    np.random.seed(trial.seed)
    if trial.model.seed_parameters:
        model.set_params(**dict.fromkeys(trial.model.seed_parameters, trial.seed))
    return Started(model, time.monotonic() - order.started, resident_memory_mb())


def load(job: Job) -> Loaded:
    """Map the encoded data that the parent prepared; where there are none, read the dataset.

    Raises
    ------
    DataError
        The dataset is not available, or is different from what it was when the run began.
    """
    with Stopwatch() as watch:
        data = _load(job)
    return Loaded(data, watch.seconds)


def _load(job: Job) -> EncodedData | Dataset:
    if job.encoded_path is not None:
        with contextlib.suppress(EncodedDataError):  # it was removed, or the disk fails: the dataset is still there
            return open_encoded(Path(job.encoded_path))
    from bench.datasets import load_any

    data_dir = Path(job.data_dir) if job.data_dir else None
    return load_any(job.dataset, data_dir, job.trial.dataset_digest, job.file, job.task)


def encode(loaded: Loaded, trial: Trial) -> TrialRows:
    """Draw the training rows and encode the texts, unless the data were encoded before."""
    if isinstance(loaded.data, EncodedData):
        return loaded.data
    if isinstance(loaded.data, RowsDataset):
        return loaded.data.draw(trial.train_size, trial.seed)
    return encode_dataset(loaded.data, trial.division, trial.train_size, trial.seed)


def fit(task: Task, model: Any, data: TrialRows, tell: Tell) -> Fitted:
    """Fit the model; its ``history_`` is sent to the parent while it grows."""
    task.check_model(model)
    len(data.X_train)  # drawn, if it was not yet
    load_before = load_average()
    with _followed_history(model, tell), Stopwatch() as watch:
        task.fit(model, data)
    task.check_fitted(model, data)
    return Fitted(watch, load_before)


def predict(task: Task, model: Any, data: TrialRows) -> Predicted:
    """Predict all test rows, twice."""
    with Stopwatch() as first:
        predictions = task.predict(model, data)
    with Stopwatch() as second:
        task.predict(model, data)
    return Predicted(first, second, predictions)


def probe(task: Task, model: Any, data: TrialRows) -> Probed:
    """Measure the latency of single rows."""
    with Stopwatch() as watch:
        latencies_ms = probe_latency(task, model, data)
    return Probed(latencies_ms, watch.seconds)


def save(path: Path, model: Any, info: ModelInfo, encoder: Encoder | None) -> bool:
    """Save a fitted model and return whether it is; if not, a warning says why, and what was measured stays."""
    from bench.results.saved_models import save_model

    if info.is_instance:
        warnings.warn("the model is not kept: it was given as an object, which no name finds again", stacklevel=1)
        return False
    if not (hasattr(model, "save") and hasattr(load_factory(info.target, info.task), "load")):
        warnings.warn(f"{type(model).__name__} is not kept: it has no save(path) and load(path)", stacklevel=1)
        return False
    try:
        save_model(path, model, encoder)
    except Exception as error:  # a model may raise anything
        warnings.warn(f"the model could not be saved: {type(error).__name__}: {error}", stacklevel=1)
        return False
    return True


def probe_latency(task: Task, model: Any, data: TrialRows) -> list[float]:
    """Milliseconds to predict one row, for up to 200 rows at even ranks of length, in an order that is not sorted.

    The first 20 are not measured; measuring ends after 10 seconds.
    """
    n_rows = len(data.X_test)
    by_length = np.argsort(data.X_test.lengths, kind="stable")
    ranks = np.unique(np.linspace(0, n_rows - 1, min(LATENCY_ROWS, n_rows)).astype(int))
    rows = np.random.default_rng(0).permutation(by_length[ranks]).tolist()
    for row in rows[:LATENCY_WARM_UP_ROWS]:
        task.predict_row(model, data, row)
    latencies_ms: list[float] = []
    deadline = time.perf_counter() + LATENCY_LIMIT_SECONDS
    for row in rows:
        start = time.perf_counter()
        task.predict_row(model, data, row)
        stop = time.perf_counter()
        latencies_ms.append((stop - start) * 1e3)
        if stop > deadline:
            break
    return latencies_ms


def _fit_costs(model: Any, n_train: int, fitted: Fitted) -> dict[str, Any]:
    n_rows_seen = _rows_seen(model, n_train)
    return {
        "fit_seconds": fitted.watch.seconds,
        "fit_cpu_seconds": fitted.watch.cpu_seconds,
        "fit_rows_per_second": n_rows_seen / fitted.watch.seconds,
        "n_rows_seen": n_rows_seen,
    }


def _prediction_costs(data: TrialRows, predicted: Predicted, probed: Probed) -> dict[str, Any]:
    p50, p90, p99 = np.percentile(probed.latencies_ms, [50, 90, 99]).tolist()
    second = predicted.second
    return {
        "predict_first_seconds": predicted.first.seconds,
        "predict_seconds": second.seconds,
        "predict_cpu_seconds": second.cpu_seconds,
        "predict_rows_per_second": len(data.X_test) / second.seconds,
        "predict_tokens_per_second": int(data.X_test.lengths.sum()) / second.seconds,
        "latency_count": len(probed.latencies_ms),
        "latency_p50_ms": p50,
        "latency_p90_ms": p90,
        "latency_p99_ms": p99,
        "latency_seconds": probed.seconds,
    }


def describe_measured(measured: TrialFindings) -> dict[str, Any]:
    """Return the fields of :class:`bench.records.Measurements`, all but the scores."""
    data = measured.data
    watches = [measured.fitted.watch, measured.predicted.first, measured.predicted.second]
    lengths = [measured.task.lengths(X) for X in (data.X_train, data.X_test)]
    return {
        "n_train": measured.task.count_rows(data.X_train),
        "n_test": len(data.X_test),
        "n_empty_texts": int(sum(np.sum(of_side == 0) for of_side in lengths)),
        "costs": measured.costs.model_dump(),
        "n_test_seen": int(data.is_leaked.sum()),
        "train_lengths": measured.task.measure_lengths(data.X_train).model_dump(),
        "test_lengths": measured.task.measure_lengths(data.X_test).model_dump(),
        "load": machine_load(watches, measured.fitted.load_average).model_dump(),
        "is_saved": measured.is_saved,
    }


@contextmanager
def _followed_history(model: Any, tell: Tell) -> Iterator[None]:
    """Send each new entry of the model's ``history_`` while the block runs."""
    n_sent = 0

    def send_new() -> None:
        nonlocal n_sent
        history = getattr(model, "history_", None)
        for entry in history[n_sent:] if isinstance(history, list) else []:
            if isinstance(entry, Mapping):
                tell(history=dict(entry))
            n_sent += 1

    def poll() -> None:
        while not is_fitted.wait(HISTORY_POLL_SECONDS):
            send_new()

    is_fitted = threading.Event()
    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_fitted.set()
        thread.join()
        send_new()


def _rows_seen(model: Any, n_train: int) -> int:
    seen = getattr(model, "n_rows_seen_", None)
    if seen is not None:
        return int(seen)
    history = getattr(model, "history_", None)
    return n_train * max(len(history), 1) if isinstance(history, list) else n_train
