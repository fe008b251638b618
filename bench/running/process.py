"""One worker process, started with few processors, watched from outside, and ended with all that it started."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any

import psutil

from bench.records import Measurements, TrialRecord
from bench.running.engines.base import Job, Listener, Outcome
from bench.running.handover import load_arrays
from bench.running.messages import PYTHON, Order, child_environment
from bench.running.resources import cpu_model, limited_processors, utc_now
from bench.tasks import find_task
from bench.utils.paths import scrub

POLL_SECONDS = 0.1
GRACE_SECONDS = 3.0
STDERR_LINES = 20


def run_job(job: Job, listen: Listener) -> Outcome:
    """Run a job in a fresh process, within its limits. It always comes back with a record, unless interrupted."""
    started_at, started = utc_now(), time.monotonic()
    with tempfile.TemporaryFile() as stderr, tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        with Worker(job, started, Path(scratch), stderr) as worker:
            end = worker.watch(listen)
        total_seconds = time.monotonic() - started
        stderr_tail = () if end["status"] == "ok" else tail(stderr)
        task = find_task(job.task)
        predictions, is_leaked = load_arrays(task, Path(scratch)) if end["status"] == "ok" else (None, None)
    measured = {}
    if predictions is not None and is_leaked is not None:
        measured = {**end["measured"], "scores": predictions.measure(is_leaked)}
    record = TrialRecord(
        trial=job.trial,
        started_at=started_at,
        total_seconds=end.pop("total_seconds", total_seconds),
        threads=job.threads,
        cpu_model=cpu_model(),
        time_limit_seconds=job.time_limit_seconds,
        memory_limit_mb=job.memory_limit_mb,
        status=end["status"],
        reason=scrub(end["reason"], job.data_dir) if end.get("reason") else None,
        measurements=Measurements.model_validate(measured) if measured else None,
        history=tuple(worker.history),
        warnings=tuple(scrub(warning, job.data_dir) for warning in end.get("warnings", ())),
        stderr_tail=tuple(scrub(line, job.data_dir) for line in stderr_tail),
    )
    return Outcome(record, predictions)


class Worker:
    """A worker process and the pipes to it. Leaving the ``with`` block ends the whole process group."""

    def __init__(self, job: Job, started: float, scratch: Path, stderr: IO[bytes]) -> None:
        self._job, self._started = job, started
        self._oom_kills = _oom_kills()
        self.history: list[dict[str, Any]] = []
        with limited_processors(job.threads) as variables:
            self._process = subprocess.Popen(
                [*PYTHON, "bench.running.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
                env={**child_environment(), **variables},
            )
        import_path = tuple(folder or str(Path.cwd()) for folder in sys.path) if job.pickled else ()
        order = Order(
            job=job, started=started, scratch=str(scratch), instance_bytes=len(job.pickled), import_path=import_path
        )
        self._input = order.model_dump_json().encode() + b"\n" + job.pickled

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    def watch(self, listen: Listener) -> dict[str, Any]:
        """Hand over the job and follow it until it is done, dead or over a limit. Returns the fields of its record."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(self._input)
            self._process.stdin.flush()
        for message in self._messages():
            if message is None:
                if reason := self._over_time(self._job.time_limit_seconds):
                    return {"status": "timed out", "reason": reason}
                if reason := self._over_memory(self._job.memory_limit_mb):
                    return {"status": "out of memory", "reason": reason}
            elif "status" in message:
                total_seconds = time.monotonic() - self._started
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(GRACE_SECONDS)
                return {**message, "total_seconds": total_seconds}
            else:
                if "history" in message:
                    self.history.append(message["history"])
                listen(self._job.trial, message)
        return self._death()

    def _messages(self) -> Any:
        """Messages as they come, None at least every 0.1 seconds, the end when the worker has ended.

        Its pipe may stay open then: a process that it forked holds it too.
        """
        assert self._process.stdout is not None
        received = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while True:
                if selector.select(POLL_SECONDS):
                    chunk = os.read(self._process.stdout.fileno(), 1 << 16)
                    if not chunk:
                        return
                    *lines, received = (received + chunk).split(b"\n")
                    yield from map(json.loads, lines)
                elif self._process.poll() is not None:
                    return
                yield None

    def _over_time(self, limit_seconds: float | None) -> str | None:
        if limit_seconds is None or time.monotonic() - self._started <= limit_seconds:
            return None
        return f"over the time limit of {limit_seconds:g} s"

    def _over_memory(self, limit_mb: float | None) -> str | None:
        if limit_mb is None:
            return None
        used_mb = sum(map(_resident_mb, self._tree()))
        if used_mb > limit_mb:
            used_mb = sum(map(_proportional_mb, self._tree()))
        return f"over the memory limit of {limit_mb:,.0f} MB: reached {used_mb:,.0f} MB" if used_mb > limit_mb else None

    def _death(self) -> dict[str, Any]:
        """Return why a worker ended without a result."""
        code = self._process.wait()
        if code >= 0:
            return {"status": "crashed", "reason": f"the worker ended with exit code {code} before its result"}
        if -code == signal.SIGKILL and _oom_kills() > self._oom_kills:
            return {"status": "out of memory", "reason": "ended by the system, which was out of memory"}
        return {"status": "crashed", "reason": f"signal {-code} ({signal.Signals(-code).name})"}

    def _tree(self) -> list[psutil.Process]:
        try:
            worker = psutil.Process(self._process.pid)
            return [worker, *worker.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _end(self) -> None:
        """End the process group and strays of it: first politely, then hard."""
        tree = self._tree()
        if self._process.poll() is None:
            self._signal_group(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE_SECONDS)
        self._signal_group(signal.SIGKILL)
        for process in tree:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()

    def _signal_group(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def _resident_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 1e6
    except psutil.Error:
        return 0.0


def _proportional_mb(process: psutil.Process) -> float:
    """Resident memory, pages that processes share counted in parts where the system can tell. Slow."""
    try:
        memory = process.memory_full_info()
        return float(getattr(memory, "pss", memory.rss)) / 1e6
    except psutil.Error:
        return 0.0


def _oom_kills() -> int:
    """How often the kernel ended a process for want of memory since the machine started; 0 where it does not say."""
    try:
        return int(Path("/proc/vmstat").read_text(encoding="ascii").partition("oom_kill ")[2].split()[0])
    except (OSError, IndexError):
        return 0


def tail(stderr: IO[bytes]) -> tuple[str, ...]:
    """Return the last lines of a worker's standard error."""
    size = stderr.seek(0, os.SEEK_END)
    stderr.seek(max(0, size - 20_000))
    return tuple(stderr.read().decode("utf-8", "replace").splitlines()[-STDERR_LINES:])
