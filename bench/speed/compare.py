"""Two commits, measured in turn."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from bench.errors import UsageError
from bench.speed import asv_command
from bench.speed.asv_results import Measured, read_results
from bench.speed.checkout import Checkout
from bench.speed.verdicts import SpeedChange, judge


@dataclass(frozen=True)
class CommitComparison:
    """What came of it.

    Parameters
    ----------
    titles : pair of str
        Of the commits.
    commit : str
        The second one, or its copy.
    changes : tuple of SpeedChange
        One per benchmark, those of the quick profile first.
    after : mapping of str to Measured
        What was measured of the second one.
    printed : str
        By asv.
    """

    titles: tuple[str, str]
    commit: str
    changes: tuple[SpeedChange, ...]
    after: Mapping[str, Measured]
    printed: str


@dataclass(frozen=True)
class Settings:
    """How two commits are measured.

    Parameters
    ----------
    patterns : sequence of str
        Regular expressions of benchmarks.
    rounds : int
        How often each commit is measured.
    threshold : float or None
        The ratio from which on a benchmark is slower; None: those of asv.conf.json.
    options : sequence of str
        More options of asv.
    machine : str
    """

    patterns: Sequence[str]
    rounds: int
    threshold: float | None
    options: Sequence[str]
    machine: str


def compare_commits(
    checkout: Checkout, before: str, after: str, settings: Settings, to: TextIO | None = None
) -> CommitComparison:
    """Measure two commits in turn, apart from the history, and judge.

    Parameters
    ----------
    checkout : Checkout
    before, after : str
        Commits, branches or tags; the same one twice is measured twice.
    settings : Settings
    to : file, optional
        Where asv's words are shown.

    Raises
    ------
    UsageError
        A commit does not exist, or asv failed.
    """
    commits = [checkout.commit(before), checkout.commit(after)]
    titles = (checkout.title(commits[0]), checkout.title(commits[1]))
    if commits[0] == commits[1]:
        commits[1] = checkout.twin(commits[0])
    results = checkout.scratch / "compare"
    shutil.rmtree(results, ignore_errors=True)
    config = asv_command.write_config(checkout, checkout.scratch / "compare.conf.json", results_dir=str(results))
    in_turn = ["--interleave-rounds", "--attribute", f"rounds={settings.rounds}", *settings.options]
    printed = asv_command.measure(checkout, config, commits, settings.machine, settings.patterns, in_turn, to=to)
    a, b = (read_results(results, settings.machine, commit, patterns=settings.patterns) for commit in commits)
    if not a and not b:
        raise UsageError("asv kept nothing; what it said stands above")
    thresholds = {".*": settings.threshold - 1} if settings.threshold else _thresholds(checkout)
    changes = judge(a, b, thresholds, asv_command.patterns(checkout, "quick"))
    return CommitComparison(titles, commits[1], tuple(changes), b, printed)


def _thresholds(checkout: Checkout) -> Mapping[str, float]:
    thresholds: Mapping[str, float] = asv_command.read_config(checkout)["regressions_thresholds"]
    return thresholds
