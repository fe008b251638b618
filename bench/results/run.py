"""A run on disk, for programs and notebooks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.plan import plan
from bench.records import Trial, TrialRecord
from bench.results.predictions import flat_columns
from bench.results.store import RunStore
from bench.tasks import find_task
from bench.tasks.base import Task
from bench.tasks.classification import Predictions

if TYPE_CHECKING:
    import pandas as pd

    from bench.results.entries import Entry
    from bench.stats.verdicts import Comparison, Verdict


@dataclass(repr=False)
class Run:
    """A run on disk, for programs.

    Parameters
    ----------
    store : RunStore
    """

    store: RunStore
    _records: list[TrialRecord] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self._records = self.store.records()

    @property
    def name(self) -> str:
        """The run's name."""
        return self.store.run.name

    @property
    def task(self) -> Task:
        """What its models learn."""
        return find_task(self.store.run.manifest.dataset.task)

    @property
    def path(self) -> Path:
        """The run's folder."""
        return self.store.path

    @property
    def records(self) -> list[TrialRecord]:
        """The newest record of each trial."""
        return list(self._records)

    @property
    def missing(self) -> list[Trial]:
        """Planned trials that have no record yet."""
        run, done = self.store.run, {record.trial.id for record in self._records}
        planned = plan(run.spec, run.models, run.manifest.dataset, self._records)
        return [trial for trial in planned if trial.id not in done]

    @property
    def progress(self) -> str:
        """How many of the planned trials are done, in words."""
        good = sum(record.status == "ok" for record in self._records)
        failed = len(self._records) - good
        planned = len(self._records) + len(self.missing)
        return f"{good} of {planned} done" + (f", {failed} failed" if failed else "")

    @cached_property
    def entries(self) -> list[Entry]:
        """A model with one number of training rows each, the best first: its trials and predictions."""
        from bench.results.entries import make_entries

        return make_entries(self.store, self._records)

    @cached_property
    def compared(self) -> dict[int, list[Comparison]]:
        """All pairs of models, by number of training rows."""
        from bench.results.summary import compare

        return compare(self.entries)

    @property
    def summary(self) -> pd.DataFrame:
        """One row per model, means over seeds: the columns of ``summary.csv``."""
        from bench.results.summary import summarize

        return summarize(self.entries, self.task)

    @property
    def trials(self) -> pd.DataFrame:
        """One row per trial."""
        import pandas as pd

        return pd.DataFrame([_trial_row(record) for record in self._records])

    @property
    def comparisons(self) -> pd.DataFrame:
        """One row per pair of models: the difference of their main scores, such as accuracies, and what is known of it.

        Two questions: do these fitted models differ (``low``, ``high``, ``p_value``, ``is_significant``, ``test``), and
        would such models differ if they were trained again (the same with ``_again``; None where there is one seed)?
        Intervals are 95 %, p-values are Holm's over all pairs. ``seeds_needed`` and ``rows_needed``: about how many
        would make the difference significant.
        """
        import pandas as pd

        rows = [
            {
                "n_train": size,
                "first": c.first,
                "second": c.second,
                "difference": c.difference,
                **_verdict_columns(c.fitted, ""),
                **_verdict_columns(c.again, "_again"),
                "seeds_needed": c.seeds_needed,
                "rows_needed": c.rows_needed,
            }
            for size, found in self.compared.items()
            for c in found
        ]
        return pd.DataFrame(rows)

    @property
    def history(self) -> pd.DataFrame:
        """One row per entry of a model's ``history_``, with trial, model and seed in front."""
        import pandas as pd

        rows = [
            {**entry, "trial": record.trial.id, "model": record.trial.model.name, "seed": record.trial.seed}
            for record in self._records
            for entry in record.history
        ]
        frame = pd.DataFrame(rows, columns=None if rows else ["trial", "model", "seed"])
        first = ["trial", "model", "seed"]
        return frame[[*first, *(column for column in frame if column not in first)]]

    def predictions(self, trial_id: str) -> pd.DataFrame:
        """Return the test rows of one trial, as the task stores them.

        Where there are classes: label and scores, classes by name (one named label as ``class label``).

        Raises
        ------
        bench.errors.UsageError
            No trial of this run has this id, or several begin so.
        """
        import pandas as pd

        trial = self.store.find_trial(trial_id).trial
        predictions = self.store.predictions(trial)
        names = self.store.run.manifest.dataset.class_names
        if not isinstance(predictions, Predictions):
            return pd.DataFrame(flat_columns(predictions)).rename_axis(index="row")
        columns = [f"class {name}" if name == "label" else name for name in names]
        frame = pd.DataFrame(predictions.scores, columns=columns).rename_axis(index="row")
        frame.insert(0, "label", [names[label] for label in predictions.labels])
        return frame

    def __repr__(self) -> str:
        return f"<Run {self.name}: {self.progress}, in {self.path}>"

    def _repr_html_(self) -> str:
        from bench.results.formats import notebook_html

        return notebook_html(self.summary, self.task, f"{self.name}: {self.progress}")


def _verdict_columns(verdict: Verdict | None, ending: str) -> dict[str, Any]:
    values = {
        "low": verdict and verdict.interval.low,
        "high": verdict and verdict.interval.high,
        "p_value": verdict and verdict.p_value,
        "is_significant": verdict and verdict.is_significant,
        "test": verdict and verdict.test,
    }
    return {f"{name}{ending}": value for name, value in values.items()}


def _trial_row(record: TrialRecord) -> dict[str, Any]:
    trial = record.trial
    row = {
        "trial": trial.id,
        "model": trial.model.name,
        "dataset": trial.dataset,
        "division": trial.division,
        "seed": trial.seed,
        "train_size": trial.train_size,
        "status": record.status,
        "reason": record.reason,
        "total_seconds": record.total_seconds,
    }
    return row | (record.measurements.flat() if record.measurements else {})
