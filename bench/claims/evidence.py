"""What the runs of a claim found: models in their experiments, and the advantages that contrasts ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from bench.claims.declaration import ClaimFile, Contrast, Experiment, Side
from bench.claims.growth import growth_of_run
from bench.errors import OutputError
from bench.records import DatasetInfo
from bench.results.entries import Entry, make_entries
from bench.results.run import Run
from bench.results.store import RUN_FILE, RunStore
from bench.stats.intervals import BoolArray
from bench.stats.margins import Advantage, advantage
from bench.stats.row_scores import RowScores
from bench.tasks import find_task
from bench.tasks.base import Metric, Task
from bench.utils.text import counted


@dataclass(frozen=True)
class Evidence:
    """The runs of one claim.

    Parameters
    ----------
    declared : ClaimFile
    runs : mapping of experiment to Run
        Those that have begun.
    """

    declared: ClaimFile
    runs: Mapping[str, Run]

    @property
    def experiments(self) -> Sequence[Experiment]:
        """As they were declared."""
        return self.declared.plan.experiments

    @cached_property
    def _entries(self) -> dict[Side, Entry]:
        return {
            Side(experiment=name, model=entry.name, train_size=entry.trial.train_size): entry
            for name in self.runs
            for entry in self._declared_entries(name)
        }

    def _declared_entries(self, experiment: str) -> list[Entry]:
        """Return the models of an experiment with the seeds that were declared; a user may have added others to it."""
        run, spec = self.runs[experiment], next(e.spec for e in self.experiments if e.name == experiment)
        return make_entries(run.store, [record for record in run.records if record.trial.seed < spec.seeds])

    def label(self, side: Side) -> str:
        """Return what a model is called: without parameters, where its experiment has no other model of the name."""
        models = [e.spec.models for e in self.experiments if e.name == side.experiment]
        targets = [_target(model) for names in models for model in names]
        return _target(side.model) if targets.count(_target(side.model)) == 1 else side.model

    @property
    def full_names(self) -> list[str]:
        """Return what the shortened names of models stand for."""
        used: dict[str, Counter[str]] = {}
        for experiment in self.experiments:
            for model in experiment.spec.models:
                label = self.label(Side(experiment=experiment.name, model=model))
                used.setdefault(label, Counter())[model] += 1
        found = []
        for label, models in used.items():
            if set(models) != {label}:
                uses = [f"{model} in {counted(n, 'run')}" for model, n in models.items()]
                found.append(f"{label}: {', '.join(uses)}")
        return found

    def entry(self, side: Side) -> Entry | None:
        """Return a model in an experiment; None: it has not run, or failed."""
        entry = self._entries.get(side)
        if entry is None and side.train_size is not None:  # as many rows as there are: all of them
            entry = self._entries.get(side.model_copy(update={"train_size": None}))
            entry = entry if entry and entry.n_train == side.train_size else None
        return entry if entry and entry.good else None

    def entries(self, experiment: str) -> list[Entry]:
        """Return the models of an experiment that were measured, each with each number of training rows."""
        return [entry for side, entry in self._entries.items() if side.experiment == experiment and entry.good]

    def dataset(self, experiment: str) -> DatasetInfo:
        """Return what was recorded of an experiment's data."""
        return self.runs[experiment].store.run.manifest.dataset

    def task(self, experiment: str) -> Task:
        """Return what an experiment's models learn; the classification of texts where it has not begun."""
        return find_task(self.dataset(experiment).task if experiment in self.runs else "classification")

    def metric(self, contrast: Contrast) -> Metric:
        """Return the score that a contrast is about."""
        return self.task(contrast.model.experiment).metric

    def best_accuracy(self, contrast: Contrast) -> float | None:
        """Return the best accuracy that any model can reach on a contrast's test rows; None: it is not known."""
        if contrast.tokens is not None or contrast.model.experiment not in self.runs:
            return None
        return self.dataset(contrast.model.experiment).best_accuracy

    @property
    def n_missing(self) -> int:
        """Trials that are still to run, of the experiments that have begun."""
        return sum(len(run.missing) for run in self.runs.values())

    @property
    def is_whole(self) -> bool:
        """Whether every experiment has run to its end, as far as it has been declared to go."""
        return self.n_missing == 0 and all(
            e.name in self.runs and not growth_of_run(self.runs[e.name].store.run.spec, e.spec)
            for e in self.experiments
        )

    def advantage(self, contrast: Contrast) -> Advantage | None:
        """Return a model's advantage over the best of its rivals.

        None is returned where the model or all its rivals failed, or what was measured says too little: see
        :func:`bench.stats.margins.advantage`. Where some rivals failed, it is said to be incomplete.

        Raises
        ------
        OutputError
            The models predicted other test rows.
        """
        model = self.entry(contrast.model)
        rivals = {rival_name(contrast, side): entry for side in contrast.rivals if (entry := self.entry(side))}
        if model is None or not rivals:
            return None
        _check_same_rows(model, rivals.values())
        rows = rows_of(model, contrast.tokens)
        chosen = {name: _at_rows(entry, rows) for name, entry in rivals.items()}
        return advantage(_at_rows(model, rows), chosen, is_complete=len(rivals) == len(contrast.rivals))

    def missing(self, contrast: Contrast) -> list[str]:
        """Return the models of a contrast that were not measured, or not with every seed."""
        found = []
        for side in (contrast.model, *contrast.rivals):
            entry = self.entry(side)
            if entry is None or entry.failed:
                found.append(side.model)
        return found

    def find_rival(self, contrast: Contrast, name: str) -> Side:
        """Return the rival that :func:`rival_name` calls so."""
        return next(side for side in contrast.rivals if rival_name(contrast, side) == name)

    def score(self, side: Side, tokens: tuple[int, int | None] | None = None) -> float | None:
        """Return a model's mean score, such as its accuracy, on test rows of so many tokens; None: not measured."""
        entry = self.entry(side)
        if entry is None:
            return None
        rows = rows_of(entry, tokens)
        return float(entry.by_row[:, rows].mean()) if rows.any() else None


def _target(model: str) -> str:
    return model.partition("[")[0]


def rival_name(contrast: Contrast, side: Side) -> str:
    """Return what a rival is called: its model, and its experiment where that is another than the model's."""
    return side.model if side.experiment == contrast.model.experiment else f"{side.model} on {side.experiment}"


def rows_of(entry: Entry, tokens: tuple[int, int | None] | None) -> BoolArray:
    """Return which test rows have so many tokens, shape (n_test,).

    Raises
    ------
    OutputError
        The lengths of texts were not saved.
    """
    if tokens is None:
        return np.ones(entry.by_row.shape[1], np.bool_)
    low, high = tokens
    n_tokens = entry.predictions[0].row_lengths
    if n_tokens is None:
        raise OutputError(f"{entry.store.path} does not hold the lengths of texts, by which its claim is judged")
    rows: BoolArray = (n_tokens >= low) & (n_tokens <= (np.inf if high is None else high))
    return rows


def read_evidence(declared: ClaimFile, folder: Path) -> Evidence:
    """Return what the runs in a claim's folder found.

    Raises
    ------
    OutputError
        A run's files are damaged.
    """
    found = {}
    for experiment in declared.plan.experiments:
        path = folder / experiment.name
        if (path / RUN_FILE).exists():
            found[experiment.name] = Run(RunStore.open(path))
    return Evidence(declared, found)


def _at_rows(entry: Entry, rows: BoolArray) -> RowScores:
    whole = entry.row_scores
    return replace(whole, values=whole.values[:, rows])


def _check_same_rows(model: Entry, rivals: Iterable[Entry]) -> None:
    for rival in rivals:
        if not rival.predictions[0].has_truth_of(model.predictions[0]):
            raise OutputError(
                f"{model.name} and {rival.name} predicted other test rows, in {model.store.path} and "
                f"{rival.store.path}: a contrast needs the same; correct the claim's plan"
            )
