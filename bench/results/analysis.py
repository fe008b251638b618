"""What the runs of a report say: their models, the table, the paired tests and the ranks that follow from them."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bench.errors import OutputError
from bench.records import DatasetInfo, Trial
from bench.results.comparison import check_comparable
from bench.results.entries import Entry
from bench.results.provenance import machine_notes
from bench.results.run import Run
from bench.results.summary import compare, summarize
from bench.stats.intervals import score_intervals
from bench.stats.ranking import Outperformance, RankRange, probability_of_outperforming, rank_ranges
from bench.stats.verdicts import QUESTIONS, Comparison, Question, shared_seeds
from bench.tasks import find_task
from bench.tasks.base import Task

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Analysis:
    """What was measured in one run, or in several runs on the same data.

    Parameters
    ----------
    dataset : DatasetInfo
    entries : sequence of Entry
        All models with all numbers of training rows.
    n_train : int
        The number of training rows at which the models are compared.
    comparisons : sequence of Comparison
        All pairs of the models with ``n_train`` training rows.
    ranks : mapping of question to ranks, by model
        Of the same models; a rank is None where the question has no answer.
    missing : sequence of Trial
        Planned trials that have not run.
    are_costs_comparable : bool
        Whether all trials ran on the same kind of machine with as many processors.
    """

    dataset: DatasetInfo
    entries: Sequence[Entry]
    n_train: int
    comparisons: Sequence[Comparison]
    ranks: Mapping[Question, Mapping[str, RankRange | None]]
    missing: Sequence[Trial]
    are_costs_comparable: bool

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per entry, with ``rank``, ``rank_again`` and the intervals of other scores."""
        return self._with_ranks(_with_intervals(summarize(self.entries, self.task), self.entries, self.task))

    def _with_ranks(self, summary: pd.DataFrame) -> pd.DataFrame:
        columns = {}
        for name, ranks in (("rank", self.ranks["fitted"]), ("rank_again", self.ranks["again"])):
            found = [
                ranks.get(model) if n_train == self.n_train else None
                for model, n_train in zip(summary["model"], summary["n_train"], strict=True)
            ]
            columns[name] = ["" if rank is None else str(rank) for rank in found]
        return summary.assign(**columns)

    @cached_property
    def outperformance(self) -> Mapping[tuple[str, str], Outperformance]:
        """Of the compared pairs, from 10 seeds on."""
        return _outperformance(self.good)

    @property
    def compared(self) -> list[Entry]:
        """The entries with ``n_train`` training rows, those that failed among them."""
        return [entry for entry in self.entries if entry.n_train == self.n_train]

    @property
    def good(self) -> list[Entry]:
        """The compared entries that were measured."""
        return [entry for entry in self.compared if entry.good]

    @property
    def has_several_sizes(self) -> bool:
        """Whether there are entries with different numbers of training rows."""
        return len({entry.n_train for entry in self.entries}) > 1

    @property
    def task(self) -> Task:
        """What is learnt."""
        return find_task(self.dataset.task)

    @property
    def baseline(self) -> float | None:
        """The main score that needs no model, such as the share of the commonest class; None: not known."""
        return self.task.baseline(self.dataset)

    def passes_baseline(self, entry: Entry) -> bool:
        """Whether a model is significantly better than the baseline; also where there is none."""
        if self.baseline is None:
            return True
        low, high = entry.interval
        return low > self.baseline if self.task.metric.larger_is_better else high < self.baseline


def analyse(runs: Sequence[Run]) -> Analysis:
    """Analyse one run, or several of the same data.

    Raises
    ------
    UsageError
        The runs are not of the same data.
    OutputError
        Predictions are missing, damaged, or of other rows.
    """
    check_comparable(runs)
    entries = _all_entries(runs)
    dataset = runs[0].store.run.manifest.dataset
    n_train = _main_size(entries, dataset.n_train)
    good = [entry for entry in entries if entry.n_train == n_train and entry.good]
    comparisons = (runs[0].compared if len(runs) == 1 else compare(good)).get(n_train, [])
    names = [entry.name for entry in good]
    return Analysis(
        dataset=dataset,
        entries=entries,
        n_train=n_train,
        comparisons=comparisons,
        ranks={question: rank_ranges(names, comparisons, question) for question in QUESTIONS},
        missing=[trial for run in runs for trial in run.missing],
        are_costs_comparable=not machine_notes(runs),
    )


def _all_entries(runs: Sequence[Run]) -> list[Entry]:
    """Return the entries of all runs; a model that is in several gets the run's name."""
    by_run = [(label, run.entries) for label, run in zip(_labels(runs), runs, strict=True)]
    uses = Counter(name for _, entries in by_run for name in {entry.name for entry in entries})
    found = [
        replace(entry, name=f"{entry.name} ({label})") if uses[entry.name] > 1 else entry
        for label, entries in by_run
        for entry in entries
    ]
    _check_rows([entry for entry in found if entry.good])
    return found


def _labels(runs: Sequence[Run]) -> list[str]:
    """Return the runs' names, numbered where two are equal."""
    names = [run.name for run in runs]
    return [name if names.count(name) == 1 else f"{name} {names[: i + 1].count(name)}" for i, name in enumerate(names)]


def _check_rows(entries: Sequence[Entry]) -> None:
    """Refuse predictions that are not of the same test rows in the same order."""
    if not entries:
        return
    first = entries[0].predictions[0]
    for entry in entries:
        for record, predictions in zip(entry.good, entry.predictions, strict=True):
            if not predictions.has_truth_of(first):
                path = entry.store.predictions_path(record.trial)
                raise OutputError(
                    f"the predictions {path} are of other rows than those of {entries[0].trial.label}; bench run "
                    f"--resume {entry.store.run.name} makes them again if you remove the file"
                )


def _with_intervals(summary: pd.DataFrame, entries: Sequence[Entry], task: Task) -> pd.DataFrame:
    """Add intervals of the other scores of a task with classes."""
    if not task.has_classes:
        return summary
    intervals = {}
    for n_train in dict.fromkeys(entry.n_train for entry in entries):
        of_size = {entry.name: entry.class_predictions for entry in entries if entry.good and entry.n_train == n_train}
        intervals.update({(name, n_train): found for name, found in score_intervals(of_size).items()})
    columns: dict[str, Any] = {}
    for field in ("f1_macro", "roc_auc", "log_loss"):
        found = [
            intervals.get((model, n_train), {}).get(field)
            for model, n_train in zip(summary["model"], summary["n_train"], strict=True)
        ]
        columns[f"{field}_low"] = [interval.low if interval else None for interval in found]
        columns[f"{field}_high"] = [interval.high if interval else None for interval in found]
    return summary.assign(**columns)


def _outperformance(entries: Sequence[Entry]) -> dict[tuple[str, str], Outperformance]:
    found = {}
    for first, second in itertools.permutations(entries, 2):
        seeds = shared_seeds(first.row_scores, second.row_scores)
        gains = [entry.row_scores.gains_at(seeds).mean(axis=1) for entry in (first, second)]
        if (probability := probability_of_outperforming(*gains)) is not None:
            found[first.name, second.name] = probability
    return found


def _main_size(entries: Sequence[Entry], all_rows: int) -> int:
    """Return the largest number of training rows with several measured models, else with one, else with any."""
    good = Counter(entry.n_train for entry in entries if entry.good)
    several = [size for size, n_models in good.items() if n_models > 1]
    return max(several or good or [entry.n_train for entry in entries] or [all_rows])
