"""The rows of every table: a model with one number of training rows, its trials and what they answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bench.records import Costs, Measurements, Trial, TrialRecord
from bench.results.store import RunStore
from bench.stats.calibration import reliability
from bench.stats.intervals import Interval, mean_interval
from bench.stats.resampling import FloatArray, ScoreArray
from bench.stats.row_scores import RowScores
from bench.tasks import find_task
from bench.tasks.base import Predictions, Task
from bench.tasks.classification import Predictions as ClassPredictions


@dataclass(frozen=True)
class Entry:
    """One model with one number of training rows.

    Parameters
    ----------
    name : str
        What tables call it.
    records : tuple of TrialRecord
        Of all its trials, by seed.
    store : RunStore
    """

    name: str
    records: tuple[TrialRecord, ...]
    store: RunStore

    @property
    def trial(self) -> Trial:
        """Its first trial."""
        return self.records[0].trial

    @property
    def task(self) -> Task:
        """What its trials learn."""
        return find_task(self.trial.model.task)

    @property
    def n_train(self) -> int:
        """Training rows."""
        return self.trial.train_size or self.store.run.manifest.dataset.n_train

    @cached_property
    def good(self) -> list[TrialRecord]:
        """Trials that were measured."""
        return [record for record in self.records if record.measurements]

    @property
    def failed(self) -> list[TrialRecord]:
        """Trials that were not."""
        return [record for record in self.records if not record.measurements]

    @property
    def measured(self) -> list[Measurements]:
        """What was measured in the good trials."""
        return [record.measurements for record in self.good if record.measurements]

    @cached_property
    def timed(self) -> list[TrialRecord]:
        """Good trials whose costs count: those on the processor that the run began on; all where none ran there.

        A run may be resumed on another machine, and seconds of two processors have no common mean.
        """
        began_on = self.store.run.manifest.cpu_model
        return [record for record in self.good if record.cpu_model in (began_on, None)] or self.good

    @property
    def cpu_models(self) -> list[str]:
        """Processors that its costs were measured on: one, unless no trial ran where the run began."""
        began_on = self.store.run.manifest.cpu_model
        return list(dict.fromkeys(record.cpu_model or began_on for record in self.timed))

    @property
    def seeds(self) -> list[int]:
        """Seeds of the good trials."""
        return [record.trial.seed for record in self.good]

    @property
    def varies(self) -> bool:
        """Whether training again can give other predictions: by a seed, by the rows drawn, or since it did."""
        takes_chance = bool(self.trial.model.seed_parameters) or self.trial.train_size is not None
        digests = {record.predictions_sha256 for record in self.good} - {None}  # None: before schema 6
        return takes_chance or len(digests) > 1

    @cached_property
    def predictions(self) -> list[Predictions]:
        """One per good trial."""
        return [self.store.predictions(record.trial) for record in self.good]

    @property
    def class_predictions(self) -> list[ClassPredictions]:
        """One per good trial, of a task that has classes; else none."""
        return [found for found in self.predictions if isinstance(found, ClassPredictions)]

    @cached_property
    def by_row(self) -> ScoreArray:
        """The task's main score of each test row, shape (n_seeds, n_test)."""
        scores = [found.by_row for found in self.predictions]
        if all(of_seed.dtype == np.bool_ for of_seed in scores):
            return np.array(scores, np.bool_)
        return np.array(scores, np.float64)

    @property
    def row_scores(self) -> RowScores:
        """What paired tests need."""
        metric = self.task.metric
        varies = self.varies or (False if self.is_deterministic else None)
        return RowScores(self.by_row, self.seeds, varies, metric.larger_is_better, metric.limits)

    @property
    def by_seed(self) -> FloatArray:
        """The main score of each good trial, shape (n_seeds,)."""
        means: FloatArray = self.by_row.mean(axis=1)
        return means

    @property
    def score(self) -> float:
        """The task's main score, the mean over seeds."""
        return float(self.by_seed.mean())

    @property
    def gain(self) -> float:
        """The main score with the sign that makes a better one larger."""
        return self.task.metric.gain(self.score)

    @cached_property
    def interval(self) -> Interval:
        """95 % interval of the mean score; that of one trial where all seeds score the same on every row."""
        scores = self.row_scores
        are_equal = (scores.values == scores.values[0]).all()
        return mean_interval(scores.values[:1] if are_equal else scores.values, scores.limits)

    def mean(self, field: str) -> float | None:
        """Of a measurement over seeds, of a cost over those that count; None where it is not defined in each."""
        records = self.timed if field in Costs.model_fields else self.good
        values = [record.measurements.flat()[field] for record in records if record.measurements]
        return None if None in values else float(np.mean(values))

    @cached_property
    def calibration_error(self) -> float | None:
        """Expected calibration error, the mean over seeds; None where there are no probabilities of classes."""
        found = [reliability(predictions) for predictions in self.class_predictions]
        return (
            None if None in found or not found else float(np.mean([curve.expected_error for curve in found if curve]))
        )

    @cached_property
    def is_deterministic(self) -> bool:
        """Whether several fits to the same rows gave the same predictions."""
        first, *others = self.predictions
        are_equal = all(np.array_equal(other.answers, first.answers) for other in others)
        return self.trial.train_size is None and bool(others) and are_equal


def make_entries(store: RunStore, records: Iterable[TrialRecord]) -> list[Entry]:
    """Entries of one run: by number of training rows, the best first, those that failed last."""
    groups: dict[tuple[str, int | None], list[TrialRecord]] = {}
    for record in records:
        groups.setdefault((record.trial.model.name, record.trial.train_size), []).append(record)
    entries = [
        Entry(name, tuple(sorted(group, key=lambda record: record.trial.seed)), store)
        for (name, _), group in groups.items()
    ]
    return sorted(entries, key=_order)


def _order(entry: Entry) -> tuple[int, float]:
    metric = entry.task.metric
    return entry.n_train, -metric.gain(entry.mean(metric.field) or 0.0) if entry.good else np.inf
