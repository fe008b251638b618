"""What a trial uses: time, memory and processors of the process that measures, and the load of its machine."""

from __future__ import annotations

import contextlib
import datetime
import math
import os
import platform
import re
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import psutil

from bench.records import MachineLoad

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
CLOCK_SECONDS = 0.1
CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")
CGROUP_1 = Path("/sys/fs/cgroup/cpu")
"""Of control groups of version 2, and of version 1."""


def processors() -> list[int]:
    """Return the processors that this process may use: those that it is bound to, as many as its quota allows."""
    bound = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))
    quota = _quota()
    return bound if quota is None else bound[: max(1, math.ceil(quota))]


def _quota() -> float | None:
    """Return how many processors' time the control group may use, as a container's ``--cpus``; None: no limit."""
    try:
        if CGROUP_QUOTA.exists():
            quota, period = CGROUP_QUOTA.read_text().split()
        else:
            quota, period = (
                (CGROUP_1 / name).read_text().strip() for name in ("cpu.cfs_quota_us", "cpu.cfs_period_us")
            )
        return float(quota) / float(period) if float(quota) > 0 else None
    except (OSError, ValueError, ZeroDivisionError):  # none, "max", or a system without control groups
        return None


@contextlib.contextmanager
def limited_processors(threads: int) -> Iterator[dict[str, str]]:
    """Bind the processes that this thread starts in the block to some processors, from their first instruction on.

    Where the system has no affinity, it gives the thread variables that numerical libraries read instead.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield dict.fromkeys(THREAD_VARIABLES, str(threads))
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, processors()[:threads])
    try:
        yield {}
    finally:
        os.sched_setaffinity(0, before)


class Stopwatch:
    """Wall and CPU seconds of a ``with`` block; CPU seconds cover all threads and all child processes.

    ``busy_seconds`` and ``steal_seconds`` are those of all processes on the processors that this one may use.
    """

    seconds = 0.0
    cpu_seconds = 0.0
    busy_seconds = 0.0
    steal_seconds = 0.0

    def __enter__(self) -> Stopwatch:
        self._busy_start, self._steal_start = _machine_seconds()
        self._cpu_start = _children_cpu_seconds() + time.process_time()
        self._start = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = time.perf_counter() - self._start
        self.cpu_seconds = time.process_time() + _children_cpu_seconds() - self._cpu_start
        busy, steal = _machine_seconds()
        self.busy_seconds, self.steal_seconds = busy - self._busy_start, steal - self._steal_start


def utc_now() -> str:
    """Return the time in UTC, ISO 8601, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def cpu_model() -> str:
    """Return the processor's model name."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def load_average() -> float | None:
    """Return the mean number of running or waiting processes over the last minute; None where it is unknown."""
    try:
        return os.getloadavg()[0]
    except OSError:
        return None


def machine_load(watches: Sequence[Stopwatch], load_average_before: float | None) -> MachineLoad:
    """Return what else the processors did while these stopwatches ran.

    The system counts in hundredths of a second, so nothing is made of less than a tenth.
    """
    available = len(processors()) * sum(watch.seconds for watch in watches)
    others = sum(watch.busy_seconds - watch.cpu_seconds for watch in watches)
    steal = sum(watch.steal_seconds for watch in watches)

    def share(seconds: float) -> float:
        return round(seconds / available, 4) if seconds >= CLOCK_SECONDS else 0.0

    return MachineLoad(load_average=load_average_before, others_share=share(others), steal_share=share(steal))


def _machine_seconds() -> tuple[float, float]:
    """Busy and stolen seconds since the machine started, of the processors that this process may use."""
    times = psutil.cpu_times(percpu=True)
    mine = [times[i] for i in processors() if i < len(times)]
    idle = ("idle", "iowait", "steal", "guest", "guest_nice")  # guests' time is in user time too
    busy = sum(sum(getattr(t, field) for field in t._fields if field not in idle) for t in mine)
    return busy, sum(getattr(t, "steal", 0.0) for t in mine)


def _children_cpu_seconds() -> float:
    """User and system seconds of the children that have ended and of those that live, such as joblib's."""
    own = os.times()
    total = own.children_user + own.children_system
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            times = child.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def resident_memory_mb() -> float:
    """Resident memory now, in 10**6 bytes."""
    return float(psutil.Process().memory_info().rss) / 1e6


def reset_peak_memory() -> None:
    """Begin the high-water mark anew, where the system can (Linux): what reading the data took is not the model's."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_memory_mb() -> float:
    """Return the high-water mark of resident memory, in 10**6 bytes."""
    try:
        # getrusage would include what the parent held when it started this process.
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
    except (OSError, IndexError):
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
