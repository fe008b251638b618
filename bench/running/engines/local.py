"""The embedded engine: one worker process at a time on this machine, watched from outside."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bench.records import Measurements, RunSpec, Trial, TrialRecord
from bench.running.measure import cpu_model, utc_now
from bench.running.process import Listener, Worker, tail
from bench.running.worker import Job
from bench.utils.paths import scrub


def run_trial(
    trial: Trial,
    spec: RunSpec,
    threads: int,
    predictions_path: Path,
    model_path: Path | None,
    pickled: bytes,
    listener: Listener,
) -> TrialRecord:
    """Run one trial in a fresh process, within its limits. It always comes back with a record, unless interrupted.

    Parameters
    ----------
    trial : Trial
    spec : RunSpec
        Gives the data and the limits.
    threads : int
        Processors that the worker may use.
    predictions_path : Path
        Where the worker writes the test rows' scores.
    model_path : Path, optional
        The folder that the worker keeps the fitted model in.
    pickled : bytes
        cloudpickle bytes of an estimator instance; empty for a model by name.
    listener : callable
        Hears phases and history entries as they come.
    """
    job = Job(
        trial=trial,
        dataset=spec.dataset,
        file=spec.file,
        data_dir=spec.data_dir,
        predictions_path=str(predictions_path),
        model_path=str(model_path) if model_path else None,
        started=time.monotonic(),
        instance_bytes=len(pickled),
        import_path=tuple(folder or str(Path.cwd()) for folder in sys.path) if pickled else (),
    )
    started_at = utc_now()
    with tempfile.TemporaryFile() as stderr:
        with Worker(job, pickled, threads, stderr) as worker:
            outcome = worker.watch(spec, listener)
        total_seconds = time.monotonic() - job.started
        stderr_tail = () if outcome["status"] == "ok" else tail(stderr)
    return TrialRecord(
        trial=trial,
        started_at=started_at,
        total_seconds=outcome.pop("total_seconds", total_seconds),
        threads=threads,
        cpu_model=cpu_model(),
        time_limit_seconds=spec.time_limit_seconds,
        memory_limit_mb=spec.memory_limit_mb,
        status=outcome["status"],
        reason=scrub(outcome["reason"], spec.data_dir) if outcome.get("reason") else None,
        measurements=Measurements.model_validate(outcome["measurements"]) if "measurements" in outcome else None,
        history=tuple(worker.history),
        warnings=tuple(scrub(warning, spec.data_dir) for warning in outcome.get("warnings", ())),
        stderr_tail=tuple(scrub(line, spec.data_dir) for line in stderr_tail),
    )
