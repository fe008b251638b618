"""What is learnt and how it is scored: one file per task."""

from __future__ import annotations

from bench.records import TaskName
from bench.tasks.base import Task
from bench.tasks.classification import Classification
from bench.tasks.forecast import Forecasting
from bench.tasks.next_event import NextEvent
from bench.tasks.sequence import SequenceClassification
from bench.tasks.transduction import Transduction

TASKS: dict[TaskName, Task] = {
    task.name: task for task in (Classification(), SequenceClassification(), Forecasting(), NextEvent(), Transduction())
}
"""By name, in the order of ``bench list tasks``."""


def find_task(name: TaskName) -> Task:
    """Return the task of this name."""
    return TASKS[name]
