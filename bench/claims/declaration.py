"""What a claim declares before it runs: its trials, and the contrasts that judge it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from pydantic import Field

from bench.records import Record, RunSpec

SCHEMA_VERSION = 1
"""Version of ``claim.json``."""

Profile = Literal["quick", "full"]
PROFILES: tuple[Profile, ...] = get_args(Profile)


class Experiment(Record):
    """One ordinary run of a claim: models on a dataset.

    Parameters
    ----------
    name : str
        The run's name, and its folder inside the claim's.
    spec : RunSpec
    """

    name: str
    spec: RunSpec

    @property
    def train_size(self) -> int | None:
        """The first number of training rows that is drawn; None: all rows."""
        return next(iter(self.spec.train_size), None)


class Side(Record):
    """A model in an experiment, with a number of training rows (None: all)."""

    experiment: str
    model: str
    train_size: int | None = None


class Contrast(Record):
    """A model against its rivals on the same test rows: whether it is better than the best of them.

    Parameters
    ----------
    part : str
        What the contrasts of one axis, task or dataset share.
    at : str
        The place on that axis, in words: ``lag 50``.
    x : float, optional
        The same as a number.
    model : Side
    rivals : tuple of Side, at least one
    margin : float, optional
        The smallest difference that matters, in the unit of the task's score; if not given, the claim's.
    tokens : pair of int, optional
        Only test rows with so many tokens, the first number and the last one (None: no limit) among them.
    """

    part: str
    at: str
    x: float | None = None
    model: Side
    rivals: tuple[Side, ...] = Field(min_length=1)
    margin: float | None = None
    tokens: tuple[int, int | None] | None = None


@dataclass(frozen=True)
class Setting:
    """What a claim plans its trials for.

    Parameters
    ----------
    profile : "quick" or "full"
    reviews : str
        The dataset of film reviews: ``imdb`` in full, ``imdb-dev`` where things must be quick.
    is_available : callable
        Whether a dataset of this name can be loaded here.
    """

    profile: Profile
    reviews: str
    is_available: Callable[[str], bool]

    @property
    def is_full(self) -> bool:
        """Whether hours are at hand, not minutes."""
        return self.profile == "full"


class Plan(Record):
    """What a claim is going to run and to compare, fixed before it runs.

    Parameters
    ----------
    experiments : tuple of Experiment
    contrasts : tuple of Contrast
        What the verdict follows from. Other models of the experiments are shown, not judged.
    notes : tuple of str
        What is left out, and why.
    """

    experiments: tuple[Experiment, ...]
    contrasts: tuple[Contrast, ...]
    notes: tuple[str, ...] = ()


class ClaimFile(Record):
    """``claim.json``: what was declared, written before the first trial.

    Parameters
    ----------
    created_at : str
        UTC, ISO 8601.
    bench_version : str
    seconds : float, optional
        What its trials have taken so far, resumed parts counted; None: nothing has run.
    changes : tuple of str
        How the plan grew after trials had run, and when.
    """

    schema_version: int = SCHEMA_VERSION
    claim: str
    version: int
    profile: Profile
    sentence: str
    refuted_if: str
    margin: float
    plan: Plan
    created_at: str
    bench_version: str
    seconds: float | None = None
    changes: tuple[str, ...] = ()


def side(experiment: Experiment, model: str, train_size: int | None = None) -> Side:
    """Return a model of an experiment."""
    return Side(experiment=experiment.name, model=model, train_size=train_size)


def sides(experiment: Experiment, models: Sequence[str], train_size: int | None = None) -> tuple[Side, ...]:
    """Return models of an experiment."""
    return tuple(side(experiment, model, train_size) for model in models)
