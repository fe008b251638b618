"""One trial in a process of its own: ``python -P -m bench.running.worker`` reads a job and answers with the result.

The parent writes one line of JSON (a Job), for an estimator instance followed by its cloudpickle bytes, and keeps the
pipe open: its end means that the parent is gone, and the worker ends itself and whatever it started.
"""

from __future__ import annotations

import faulthandler
import os
import random
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from bench.corpus import Corpus
from bench.datasets import load_dataset
from bench.datasets.duplicates import find_seen
from bench.datasets.sampling import draw_rows
from bench.encoding import Encoder, count_tokens, encode_split, measure_lengths
from bench.errors import BenchError
from bench.records import FileOptions, Measurements, Record, Trial
from bench.results.predictions import write_predictions
from bench.results.saved_models import save_model
from bench.running.measure import (
    Stopwatch,
    load_average,
    machine_load,
    peak_memory_mb,
    reset_peak_memory,
    resident_memory_mb,
)
from bench.running.protocol import claim_channels, send
from bench.tasks.classification import Predictions, predict_scores, score

LATENCY_ROWS = 200
LATENCY_WARM_UP_ROWS = 20
LATENCY_LIMIT_SECONDS = 10.0
HISTORY_POLL_SECONDS = 0.25


class Job(Record):
    """What a worker is asked to do."""

    trial: Trial
    dataset: str
    """The registered name, or the path of a file."""
    file: FileOptions
    data_dir: str | None
    predictions_path: str
    model_path: str | None
    """Where the fitted model is kept; None: nowhere."""
    started: float
    """``time.monotonic()`` of the parent when it started the worker."""
    instance_bytes: int = 0
    """Length of the pickled estimator that follows the job's line."""
    import_path: tuple[str, ...] = ()
    """Where the parent finds the modules that a pickled estimator names."""


def main() -> None:
    """Read a job from standard input, run it, answer on what was standard output."""
    parent, channel = claim_channels()
    faulthandler.enable(all_threads=False)
    job = Job.model_validate_json(parent.readline())
    pickled = _read_exactly(parent, job.instance_bytes)
    threading.Thread(target=_end_with_parent, args=[parent], daemon=True).start()
    heard: list[str] = []
    warnings.showwarning = lambda message, category, *_, **__: heard.append(f"{category.__name__}: {message}")
    try:
        measurements = run_trial(job, pickled, lambda **message: send(channel, **message))
    except MemoryError:
        send(channel, status="out of memory", reason="Python could not allocate memory", warnings=heard)
    except BenchError as error:
        send(channel, status="error", reason=str(error), warnings=heard)
    except Exception as error:
        traceback.print_exc()
        send(channel, status="error", reason=f"{type(error).__name__}: {error}", warnings=heard)
    else:
        send(channel, status="ok", measurements=measurements.model_dump(), warnings=heard)


def run_trial(job: Job, pickled: bytes, tell: Callable[..., None]) -> Measurements:
    """Fit, predict and measure one trial; the predictions are written to ``job.predictions_path``."""
    trial = job.trial
    tell(phase="starting")
    model = build_model(trial, pickled, job.import_path)
    startup_seconds = time.monotonic() - job.started
    baseline_memory_mb = resident_memory_mb()

    tell(phase="loading")
    with Stopwatch() as load:
        data_dir = Path(job.data_dir) if job.data_dir else None
        dataset = load_dataset(job.dataset, data_dir, trial.dataset_digest, job.file)
        rows = draw_rows(dataset.train.labels, trial.train_size, trial.seed)
        y_train = dataset.train.labels[rows]
        train_texts = [dataset.train.texts[i] for i in rows]
        is_seen = find_seen(train_texts, dataset.test.texts)
    with Stopwatch() as encode:
        encoder, X_train, X_test = encode_split(train_texts, dataset.test.texts, trial.division)
    n_classes, y_test = len(dataset.class_names), dataset.test.labels
    del dataset, train_texts
    reset_peak_memory()

    load_before = load_average()
    tell(phase="fitting")
    with _follow_history(model, tell), Stopwatch() as fit:
        model.fit(X_train, y_train)

    tell(phase="predicting")
    with Stopwatch() as first_pass:
        predict_scores(model, X_test, n_classes)
    with Stopwatch() as second_pass:
        scores, are_probabilities = predict_scores(model, X_test, n_classes)

    tell(phase="probing")
    with Stopwatch() as probe:
        latencies_ms = probe_latency(model, X_test, n_classes)

    peak_mb = peak_memory_mb()
    predictions = Predictions(y_test, scores, are_probabilities, count_tokens(X_test.token_ids))
    write_predictions(Path(job.predictions_path), predictions)
    is_saved = job.model_path is not None and keep_model(Path(job.model_path), model, trial.model.target, encoder)
    n_rows_seen = _rows_seen(model, len(X_train))
    p50, p90, p99 = np.percentile(latencies_ms, [50, 90, 99]).tolist()
    return Measurements(
        n_train=len(X_train),
        n_test=len(X_test),
        n_empty_texts=int(np.sum(X_train.token_ids.lengths == 1) + np.sum(X_test.token_ids.lengths == 1)),
        **score(predictions),
        startup_seconds=startup_seconds,
        load_seconds=load.seconds,
        encode_seconds=encode.seconds,
        fit_seconds=fit.seconds,
        fit_cpu_seconds=fit.cpu_seconds,
        fit_rows_per_second=n_rows_seen / fit.seconds,
        n_rows_seen=n_rows_seen,
        predict_first_seconds=first_pass.seconds,
        predict_seconds=second_pass.seconds,
        predict_cpu_seconds=second_pass.cpu_seconds,
        predict_rows_per_second=len(X_test) / second_pass.seconds,
        predict_tokens_per_second=len(X_test.token_ids.values) / second_pass.seconds,
        latency_count=len(latencies_ms),
        latency_p50_ms=p50,
        latency_p90_ms=p90,
        latency_p99_ms=p99,
        latency_seconds=probe.seconds,
        cpu_seconds=fit.cpu_seconds + second_pass.cpu_seconds,
        peak_memory_mb=peak_mb,
        baseline_memory_mb=baseline_memory_mb,
        n_parameters=getattr(model, "n_parameters_", None),
        n_test_seen=int(is_seen.sum()),
        train_lengths=measure_lengths(X_train.token_ids),
        test_lengths=measure_lengths(X_test.token_ids),
        load=machine_load([fit, first_pass, second_pass], load_before),
        accuracy_unseen=None if is_seen.all() else float(np.mean((predictions.predicted == y_test)[~is_seen])),
        is_saved=is_saved,
    )


def build_model(trial: Trial, pickled: bytes, import_path: Sequence[str] = ()) -> Any:
    """The trial's estimator with its seed set; ``random`` and NumPy's global generator are seeded too."""
    if pickled:
        import cloudpickle

        sys.path.extend(folder for folder in import_path if folder not in sys.path)
        model = cloudpickle.loads(pickled)
    else:
        from bench.registry import load_factory

        model = load_factory(trial.model.target)(**trial.model.given)
    random.seed(trial.seed)
    np.random.seed(trial.seed)
    if trial.model.seed_parameters:
        model.set_params(**dict.fromkeys(trial.model.seed_parameters, trial.seed))
    return model


def probe_latency(model: Any, X: Corpus, n_classes: int) -> list[float]:
    """Milliseconds to predict one text, for up to 200 texts at even ranks of length, in an order that is not sorted.

    The first 20 are not measured; measuring ends after 10 seconds.
    """
    by_length = np.argsort(X.token_ids.lengths, kind="stable")
    ranks = np.unique(np.linspace(0, len(X) - 1, min(LATENCY_ROWS, len(X))).astype(int))
    rows = np.random.default_rng(0).permutation(by_length[ranks])
    for row in rows[:LATENCY_WARM_UP_ROWS]:
        predict_scores(model, X[row : row + 1], n_classes)
    latencies_ms: list[float] = []
    deadline = time.perf_counter() + LATENCY_LIMIT_SECONDS
    for row in rows:
        one = X[row : row + 1]
        start = time.perf_counter()
        predict_scores(model, one, n_classes)
        stop = time.perf_counter()
        latencies_ms.append((stop - start) * 1e3)
        if stop > deadline:
            break
    return latencies_ms


def keep_model(path: Path, model: Any, target: str, encoder: Encoder) -> bool:
    """Save a fitted model and tell whether it is; if not, a warning says why, and what was measured stays."""
    from bench.registry import load_factory

    if target == "instance":
        warnings.warn("the model is not kept: it was given as an object, which no name finds again", stacklevel=1)
        return False
    if not (hasattr(model, "save") and hasattr(load_factory(target), "load")):
        warnings.warn(f"{type(model).__name__} is not kept: it has no save(path) and load(path)", stacklevel=1)
        return False
    try:
        save_model(path, model, encoder)
    except Exception as error:  # a model may raise anything
        warnings.warn(f"the model could not be saved: {type(error).__name__}: {error}", stacklevel=1)
        return False
    return True


class _follow_history:  # noqa: N801 - used as a function
    """Send each new entry of the model's ``history_`` while the ``with`` block runs."""

    def __init__(self, model: Any, tell: Callable[..., None]) -> None:
        self._model, self._tell = model, tell
        self._sent = 0
        self._fitted = threading.Event()
        self._thread = threading.Thread(target=self._poll, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._fitted.set()
        self._thread.join()
        self._send_new()

    def _poll(self) -> None:
        while not self._fitted.wait(HISTORY_POLL_SECONDS):
            self._send_new()

    def _send_new(self) -> None:
        history = getattr(self._model, "history_", None)
        for entry in history[self._sent :] if isinstance(history, list) else []:
            if isinstance(entry, Mapping):
                self._tell(history=dict(entry))
            self._sent += 1


def _rows_seen(model: Any, n_train: int) -> int:
    seen = getattr(model, "n_rows_seen_", None)
    if seen is not None:
        return int(seen)
    history = getattr(model, "history_", None)
    return n_train * max(len(history), 1) if isinstance(history, list) else n_train


def _read_exactly(file: IO[bytes], size: int) -> bytes:
    content = b""
    while len(content) < size and (part := file.read(size - len(content))):
        content += part
    return content


def _end_with_parent(parent: IO[bytes]) -> None:
    while parent.read(4096):
        pass
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main()
