"""Clocks and memory of one process."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np

from bench.measure import Stopwatch, peak_memory_mb, processors, reset_peak_memory, resident_memory_mb


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
    code = "from bench.measure import peak_memory_mb; print(peak_memory_mb())"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(child.stdout) < 200
    assert block.nbytes == 400_000_000


def test_processors_are_those_of_the_affinity_mask() -> None:
    code = (
        "import os; from bench.measure import limit_processors, processors; n = len(processors());"
        "limit_processors(1); print(n, len(processors()), len(os.sched_getaffinity(0)))"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout.split() == [str(len(processors())), "1", "1"]
