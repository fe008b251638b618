"""A clock that goes slower when the machine does, so that equal work takes equal time on it.

What shares cores, caches and memory with a benchmark lengthens it by half from one minute to the next. A fixed
calculation of the same kind, done again and again between the parts of the benchmark, is lengthened in the same way.
The clock goes on by the benchmark's seconds, times what this calculation usually takes, over what it took now. What is
usual was read off one kind of machine, so that on any other kind seconds are comparable with each other alone.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean

import numpy as np

Work = Callable[[], object]


@dataclass(frozen=True)
class Reference:
    """A fixed calculation.

    Parameters
    ----------
    work : callable
    usual_seconds : float
        What it takes on two cores of an Intel Xeon (Sapphire Rapids) with nothing beside it.
    """

    work: Work
    usual_seconds: float

    def seconds(self) -> float:
        """Return what it takes now."""
        return seconds_of(self.work)


class SteadyClock:
    """A timer for asv, corrected for the machine's current speed.

    A process has one of a kind, since asv keeps the first that a benchmark's ``setup`` names its ``timer``.

    Parameters
    ----------
    reference : Reference
    """

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self._time = 0.0

    def __call__(self) -> float:
        return self._time

    def run(self, parts: Sequence[Work]) -> float:
        """Do the parts of a benchmark, the reference before, between and after them; return by how much it went on."""
        seconds, references = [], [self.reference.seconds()]
        for part in parts:
            seconds.append(seconds_of(part))
            references.append(self.reference.seconds())
        return self.advance(sum(seconds), references)

    def advance(self, seconds: float, references: Sequence[float]) -> float:
        """Advance by seconds, corrected by what the reference took meanwhile; return by how much."""
        steady = seconds * self.reference.usual_seconds / fmean(references)
        self._time += steady
        return steady


def seconds_of(work: Work) -> float:
    """Seconds of the wall clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@cache
def recurrence() -> SteadyClock:
    """For networks: 100 steps of a gated recurrence, 128 texts and 128 units, in TensorFlow."""
    import tensorflow as tf

    random = np.random.default_rng(0)
    weights = tf.constant(random.normal(scale=0.05, size=(128, 384)), tf.float32)
    inputs = tf.constant(random.normal(size=(128, 384)), tf.float32)

    @tf.function  # type: ignore[untyped-decorator]
    def steps(h: tf.Tensor) -> tf.Tensor:
        for _ in tf.range(100):
            z, r, candidate = tf.split(h @ weights + inputs, 3, axis=1)
            z = tf.sigmoid(z)
            h = z * h + (1 - z) * tf.tanh(tf.sigmoid(r) * candidate)
        return h

    h = tf.zeros((128, 128))
    steps(h)
    return SteadyClock(Reference(lambda: steps(h).numpy(), usual_seconds=0.0175))


@cache
def counting() -> SteadyClock:
    """For models that count words: sorting, counting and a sparse product."""
    from scipy import sparse

    random = np.random.default_rng(0)
    ids = random.integers(0, 10_000, 400_000)
    texts = sparse.csr_matrix((np.ones(len(ids)), ids, np.arange(0, len(ids) + 1, 400)), shape=(1000, 10_000))
    weights = random.normal(size=10_000)

    def work() -> None:
        np.unique(ids, return_counts=True)
        for _ in range(20):
            texts.T @ (texts @ weights)

    return SteadyClock(Reference(work, usual_seconds=0.02))


@cache
def process() -> SteadyClock:
    """For commands: an interpreter that starts and imports."""
    command = [sys.executable, "-c", "import argparse, asyncio, json, logging"]
    return SteadyClock(Reference(lambda: subprocess.run(command, check=True), usual_seconds=0.08))
