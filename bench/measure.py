"""Clocks, memory and processors of the process that measures."""

from __future__ import annotations

import contextlib
import os
import resource
import sys
import time
from pathlib import Path
from types import TracebackType

import psutil

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


def processors() -> list[int]:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def limit_processors(threads: int) -> None:
    """Bind this process and what it starts to so many processors. Call it before numerical libraries are imported.

    Where the system has no affinity, the libraries' thread variables are set instead.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, processors()[:threads])
    else:
        os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(threads)))


class Stopwatch:
    """Wall and CPU seconds of a ``with`` block; CPU seconds cover all threads and the children that have ended."""

    seconds = 0.0
    cpu_seconds = 0.0

    def __enter__(self) -> Stopwatch:
        self._cpu_start = cpu_seconds()
        self._start = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = time.perf_counter() - self._start
        self.cpu_seconds = cpu_seconds() - self._cpu_start


def cpu_seconds() -> float:
    """User and system seconds of this process and of its children that have ended."""
    times = os.times()  # in ticks of 10 ms, too coarse for a quick fit
    return time.process_time() + times.children_user + times.children_system


def resident_memory_mb() -> float:
    """Resident memory now, in 10**6 bytes."""
    return float(psutil.Process().memory_info().rss) / 1e6


def reset_peak_memory() -> None:
    """Begin the high-water mark anew, where the system can (Linux): what reading the data took is not the model's."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_memory_mb() -> float:
    """The high-water mark of resident memory, in 10**6 bytes."""
    try:
        # getrusage would include what the parent held when it started this process.
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
    except (OSError, IndexError):
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
