"""How far a claim is, and how long it will still take."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bench.claims.declaration import Experiment
from bench.claims.growth import growth_of_run
from bench.records import ModelInfo, Trial, TrialRecord
from bench.results.run import Run
from bench.running.progress import INTERRUPTED, Display, Guarded

Kind = tuple[str, int | None]
"""Trials that take about equally long: of one model with one number of training rows."""


class ClaimDisplay(Display, Protocol):
    """A display that also shows how far the whole claim is."""

    def begin_claim(self, title: str, n_trials: int) -> None:
        """Show that a claim begins, or goes on, with so many trials to run."""

    def advance(self, n_done: int, n_trials: int, seconds_left: float | None) -> None:
        """Show how far the claim is; None: nothing has run that could say how long the rest takes."""


class GuardedClaims(Guarded):
    """Another display of claims, until it fails: what a terminal, pipe or log does never ends a claim."""

    def begin_claim(self, title: str, n_trials: int) -> None:
        """As the display's."""
        self._try("begin_claim", title, n_trials)

    def advance(self, n_done: int, n_trials: int, seconds_left: float | None) -> None:
        """As the display's."""
        self._try("advance", n_done, n_trials, seconds_left)


class ProgressOfClaim:
    """Passes on what a run says, and adds up how far the claim is.

    Parameters
    ----------
    display : ClaimDisplay
    title : str
    left : mapping of experiment to Counter
        Trials of each kind that are still to run, as far as that is known.
    """

    def __init__(self, display: ClaimDisplay, title: str, left: Mapping[str, Counter[Kind]]) -> None:
        self._display = display
        self._left = {name: Counter(counts) for name, counts in left.items()}
        self._seconds: defaultdict[Kind, list[float]] = defaultdict(list)
        self._done = 0
        self._experiment = ""
        display.begin_claim(title, self._n_left)

    def begin_experiment(self, name: str) -> None:
        """Say which experiment the next trials are of."""
        self._experiment = name

    def end_experiment(self) -> None:
        """Say that no more trials of it will run."""
        self._left.pop(self._experiment, None)

    def note(self, text: str) -> None:
        """As the display's, but for how a run of its own would be gone on with: a claim is gone on with as a whole."""
        if not text.startswith(INTERRUPTED):
            self._display.note(text)

    def begin(self, trials: Sequence[Trial]) -> None:
        """As the display's; what is planned is known exactly now."""
        self._left[self._experiment] = Counter(map(_kind, trials))
        self._display.begin(trials)

    def update(self, trial: Trial, message: Mapping[str, Any]) -> None:
        """As the display's."""
        self._display.update(trial, message)

    def finish(self, record: TrialRecord) -> None:
        """As the display's."""
        kind = _kind(record.trial)
        self._seconds[kind].append(record.total_seconds)
        self._left[self._experiment][kind] -= 1
        self._done += 1
        self._display.finish(record)
        self._display.advance(self._done, self._done + self._n_left, self.seconds_left())

    @property
    def _n_left(self) -> int:
        return sum(max(0, n) for counts in self._left.values() for n in counts.values())

    def seconds_left(self) -> float | None:
        """Return about how many seconds the rest takes: as its like took, else the same model, else any."""
        if not self._seconds:
            return None
        of_model: defaultdict[str, list[float]] = defaultdict(list)
        for (model, _), seconds in self._seconds.items():
            of_model[model] += seconds
        any_model = [value for values in of_model.values() for value in values]
        return sum(
            max(0, n) * _mean(self._seconds.get(kind) or of_model.get(kind[0]) or any_model)
            for counts in self._left.values()
            for kind, n in counts.items()
        )


def count_left(experiment: Experiment, models: Mapping[str, ModelInfo], run: Run | None) -> Counter[Kind]:
    """Return the trials that are still to run.

    Parameters
    ----------
    experiment : Experiment
    models : mapping of name to ModelInfo
    run : Run or None
        What has run. None: nothing, so that a model that takes no seed is expected to be fitted twice.
    """
    if run is None:
        return _count_planned(experiment, models)
    done: list[Trial] = []
    again = run.missing
    for record in run.records:
        is_good = record.status == "ok" and run.store.is_whole(record)
        (done if is_good else again).append(record.trial)
    left = Counter(map(_kind, again))
    if growth_of_run(run.store.run.spec, experiment.spec):
        left |= _count_planned(experiment, models) - Counter(map(_kind, done))
    return left


def _count_planned(experiment: Experiment, models: Mapping[str, ModelInfo]) -> Counter[Kind]:
    spec = experiment.spec
    counts: Counter[Kind] = Counter()
    for model in spec.models:
        for size in spec.train_size or (None,):
            takes_seeds = bool(models[model].seed_parameters) or size is not None
            counts[models[model].name, size] += spec.seeds if takes_seeds else min(2, spec.seeds)
    return counts


def _kind(trial: Trial) -> Kind:
    return trial.model.name, trial.train_size


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
