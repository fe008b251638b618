"""The engine for one machine: one worker process at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bench.running.engines.base import Job, Listener, Outcome
from bench.running.process import run_job


class LocalEngine:
    """Runs one job after the other in a fresh process each, so that no two of them disturb each other's timing."""

    def run(self, jobs: Iterable[Job], listen: Listener) -> Iterator[Outcome]:
        """Run jobs in their order."""
        for job in jobs:
            yield run_job(job, listen)
