"""Time, memory and processors of one process."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np

from bench.running.resources import (
    Stopwatch,
    limited_processors,
    peak_memory_mb,
    processors,
    reset_peak_memory,
    resident_memory_mb,
)


def test_a_stopwatch_tells_waiting_from_working() -> None:
    with Stopwatch() as waiting:
        time.sleep(0.2)
    with Stopwatch() as working:
        end = time.process_time() + 0.2
        while time.process_time() < end:
            pass
    assert waiting.seconds >= 0.2
    assert waiting.cpu_seconds < 0.1
    assert working.cpu_seconds > 0.1


def test_the_work_of_a_child_counts() -> None:
    with Stopwatch() as watch:
        subprocess.run([sys.executable, "-c", "sum(range(10_000_000))"], check=True)
    assert watch.cpu_seconds > 0.05


def test_the_high_water_mark_is_of_memory_that_was_touched() -> None:
    reset_peak_memory()
    before = peak_memory_mb()
    block = np.ones(25_000_000)
    held = resident_memory_mb()
    del block
    assert 190 < peak_memory_mb() - before < 230
    assert held >= before
    if sys.platform == "linux":
        reset_peak_memory()
        assert peak_memory_mb() < before + 100


def test_a_child_does_not_inherit_the_mark_of_its_parent() -> None:
    block = np.ones(50_000_000)
    code = "from bench.running.resources import peak_memory_mb; print(peak_memory_mb())"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(child.stdout) < 200
    assert block.nbytes == 400_000_000


def test_the_work_of_a_child_that_lives_on_counts() -> None:
    code = "sum(range(10_000_000)); print(flush=True); import time; time.sleep(60)"
    with Stopwatch() as watch:
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
    with child:
        child.kill()
    assert watch.cpu_seconds > 0.05


def test_every_thread_of_a_process_that_is_limited_is_bound() -> None:
    before = processors()
    code = (
        "import os, numpy, threadpoolctl; from bench.running.resources import processors;"
        "masks = [os.sched_getaffinity(int(task)) for task in os.listdir('/proc/self/task')];"
        "print(len(processors()), max(map(len, masks)), *{p['num_threads'] for p in threadpoolctl.threadpool_info()})"
    )
    with limited_processors(1) as variables:
        child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert variables == {}
    assert child.stdout.split() == ["1", "1", "1"]
    assert processors() == before
