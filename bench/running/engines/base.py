"""What an engine is asked, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import Field

from bench.records import FileOptions, Record, TaskName, Trial, TrialRecord
from bench.tasks.base import Predictions

Listener = Callable[[Trial, Mapping[str, Any]], None]
"""Called with each message of a worker: the trial, and a ``phase`` or a ``history`` entry."""


class Job(Record):
    """A trial, and all that an engine needs to run it."""

    trial: Trial
    task: TaskName
    dataset: str
    """The registered name, or the path of a file."""
    file: FileOptions
    data_dir: str | None
    encoded_path: str | None
    """The folder of the trial's encoded data; None: the worker loads and encodes the dataset itself."""
    model_path: str | None
    """Where the fitted model is saved; None: nowhere."""
    threads: int
    """Processors that the worker may use."""
    time_limit_seconds: float | None
    memory_limit_mb: float | None
    pickled: bytes = Field(default=b"", exclude=True, repr=False)
    """cloudpickle bytes of an estimator instance; empty for a model by name."""


@dataclass(frozen=True)
class Outcome:
    """What came of a job.

    Parameters
    ----------
    record : TrialRecord
    predictions : Predictions or None
        None: the trial failed.
    """

    record: TrialRecord
    predictions: Predictions | None


class Engine(Protocol):
    """Where trials run."""

    def run(self, jobs: Iterable[Job], listen: Listener) -> Iterator[Outcome]:
        """Run jobs and yield what comes of each, good or bad, as it ends.

        Parameters
        ----------
        jobs : iterable of Job
            Taken one by one, when there is room for another: preparing a job may take a while.
        listen : callable
            Called with phases and history entries as they come.
        """
