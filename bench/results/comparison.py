"""Two runs side by side: what changed between before and after, or between machine A and machine B."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.errors import UsageError
from bench.records import DatasetInfo
from bench.results.columns import write_p
from bench.results.entries import Entry
from bench.results.provenance import machine_notes, provenance_notes
from bench.results.run import Run
from bench.stats.intervals import Interval, ratio_interval
from bench.stats.verdicts import Comparison, compare_pairs, shared_seeds
from bench.utils.text import first_of

COMPARED_COSTS = {
    "fit": "fit_seconds",
    "predict": "predict_seconds",
    "one row (p50)": "latency_p50_ms",
    "peak memory": "peak_memory_mb",
}


@dataclass(frozen=True)
class Ratio:
    """How many times as large a cost is in the second run.

    Parameters
    ----------
    value : float
    interval : Interval or None
        95 %; None: one measurement each.
    n_pairs : int
    """

    value: float
    interval: Interval | None
    n_pairs: int

    @property
    def text(self) -> str:
        """The ratio with its interval."""
        if self.interval is None:
            return f"{self.value:.2f}"
        return f"{self.value:.2f} ({self.interval.low:.2f} to {self.interval.high:.2f})"


@dataclass(frozen=True)
class ModelChange:
    """One model with one number of training rows, in both runs.

    Parameters
    ----------
    model : str
    n_train : int
    before, after : float
        Main scores of the task, such as accuracies.
    comparison : Comparison or None
        Second run against the first; None: no seed is shared.
    ratios : mapping of cost to Ratio
    """

    model: str
    n_train: int
    before: float
    after: float
    comparison: Comparison | None
    ratios: Mapping[str, Ratio]

    @property
    def verdict(self) -> str:
        """Of the main score, in words."""
        if self.comparison is None:
            return "no seed in common"
        found = self.comparison.broadest
        of_these = "" if self.comparison.again else " (these fits; of training again it says nothing)"
        if not found.is_significant:
            return f"not significant, {write_p(found.p_value)}{of_these}"
        return f"{'better' if self.comparison.gain > 0 else 'worse'}, {write_p(found.p_value)}{of_these}"


@dataclass(frozen=True)
class RunComparison:
    """What changed between two runs.

    Parameters
    ----------
    changes : list of ModelChange
    notes : list of str
        What the reader should know: other machines, other versions, models that only one run has.
    """

    changes: list[ModelChange]
    notes: list[str]


def check_comparable(runs: Sequence[Run]) -> None:
    """Refuse runs on other data, another division or other test rows.

    Raises
    ------
    UsageError
    """
    first, *others = runs
    for other in others:
        a, b = first.store.run, other.store.run
        x, y = a.manifest.dataset, b.manifest.dataset
        names = f"runs {a.name!r} and {b.name!r} cannot be compared:"
        if x.digest != y.digest:
            raise UsageError(f"{names} their data differ, {_data(x)} and {_data(y)}; run both on the same data")
        if a.spec.division != b.spec.division:
            raise UsageError(
                f"{names} one is in the {a.spec.division} division and one in the {b.spec.division}, where models see "
                "other texts; run both in the same one"
            )


def compare_runs(before: Run, after: Run) -> RunComparison:
    """Return the models that both runs have, by name and number of training rows.

    Raises
    ------
    UsageError
        The runs are on other data, another division or other training rows, or share no model.
    """
    check_comparable([before, after])
    first = {(entry.name, entry.n_train): entry for entry in before.entries}
    second = {(entry.name, entry.n_train): entry for entry in after.entries}
    shared = [key for key in first if key in second]
    if not shared:
        raise UsageError(_nothing_shared(before, after, first, second))
    pairs = [(first[key], second[key]) for key in shared if first[key].good and second[key].good]
    tested = compare_pairs([(after.name, before.name, b.row_scores, a.row_scores) for a, b in pairs])
    changes = [_change(a, b, comparison) for (a, b), comparison in zip(pairs, tested, strict=True)]
    failed = [key[0] for key in shared if not (first[key].good and second[key].good)]
    notes = provenance_notes([before, after])
    if not machine_notes([before, after]):
        notes.append("seconds vary from run to run: repeat both runs in turn before a small ratio is believed")
    if failed:
        notes.append(f"not compared, since it failed in one of the runs: {first_of(failed, 8)}")
    for run, mine, others in ((before, first, second), (after, second, first)):
        if alone := [name for name, _ in mine if name not in {name for name, _ in others}]:
            notes.append(f"only in {run.name}: {first_of(list(dict.fromkeys(alone)), 8)}")
    return RunComparison(changes, notes)


def _change(before: Entry, after: Entry, comparison: Comparison | None) -> ModelChange:
    ratios = {}
    seeds = shared_seeds(before.row_scores, after.row_scores)
    if before.varies or after.varies:
        timed = [{record.trial.seed for record in entry.timed} for entry in (before, after) if entry.varies]
        seeds = [seed for seed in seeds if all(seed in of_entry for of_entry in timed)]
    for name, field in COMPARED_COSTS.items():
        values = [_costs(entry, field, seeds) for entry in (after, before)]
        if all(len(v) and (v > 0).all() for v in values):
            n = min(map(len, values))
            value, interval = ratio_interval(values[0][:n], values[1][:n])
            ratios[name] = Ratio(value, interval, n)
    return ModelChange(before.name, before.n_train, before.score, after.score, comparison, ratios)


def _costs(entry: Entry, field: str, seeds: list[int]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Measurements at these seeds; all of them of a model that does not vary."""
    values = [
        getattr(record.measurements.costs, field)
        for record in entry.timed
        if record.measurements and (not entry.varies or record.trial.seed in seeds)
    ]
    return np.array(values, np.float64)


def _nothing_shared(
    before: Run, after: Run, first: Mapping[tuple[str, int], Entry], second: Mapping[tuple[str, int], Entry]
) -> str:
    names = [sorted({name for name, _ in keys}) for keys in (first, second)]
    if common := sorted(set(names[0]) & set(names[1])):
        sizes = [sorted({size for _, size in keys}) for keys in (first, second)]
        return (
            f"runs {before.name!r} and {after.name!r} share {', '.join(common)}, but not with the same training rows: "
            f"{sizes[0]} and {sizes[1]}; run both with the same --train-size"
        )
    return (
        f"runs {before.name!r} and {after.name!r} share no model ({', '.join(names[0])}; {', '.join(names[1])}); "
        f"bench report {before.name} {after.name} sets them side by side"
    )


def _data(dataset: DatasetInfo) -> str:
    return f"{dataset.name} ({dataset.digest[:12]}…, {dataset.n_train:,} + {dataset.n_test:,} rows)"
