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
from bench.speed.verdicts import Change, judge


@dataclass(frozen=True)
class Compared:
    """What came of it.

    Parameters
    ----------
    titles : pair of str
        Of the commits.
    commit : str
        The second one, or its copy.
    changes : tuple of Change
        One a benchmark, those of the quick profile first.
    after : mapping of str to Measured
        What was measured of the second one.
    printed : str
        By asv.
    """

    titles: tuple[str, str]
    commit: str
    changes: tuple[Change, ...]
    after: Mapping[str, Measured]
    printed: str


def compare_commits(
    checkout: Checkout,
    before: str,
    after: str,
    *,
    patterns: Sequence[str],
    rounds: int,
    threshold: float | None,
    options: Sequence[str],
    machine: str,
    to: TextIO | None = None,
) -> Compared:
    """Measure two commits in turn, apart from the history, and judge.

    Parameters
    ----------
    checkout : Checkout
    before, after : str
        Commits, branches or tags; the same one twice is measured twice.
    patterns : sequence of str
        Regular expressions of benchmarks.
    rounds : int
        How often each is measured.
    threshold : float, optional
        The ratio from which on a benchmark is slower; without it those of asv.conf.json.
    options : sequence of str
        More of asv's.
    machine : str
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
    in_turn = ["--interleave-rounds", "--attribute", f"rounds={rounds}", *options]
    printed = asv_command.measure(checkout, config, commits, machine, patterns, in_turn, to=to)
    a, b = (read_results(results, machine, commit, patterns=patterns) for commit in commits)
    if not a and not b:
        raise UsageError("asv kept nothing; what it said stands above")
    thresholds = (
        asv_command.read_config(checkout)["regressions_thresholds"] if threshold is None else {".*": threshold - 1}
    )
    changes = judge(a, b, thresholds, asv_command.patterns(checkout, "quick"))
    return Compared(titles, commits[1], tuple(changes), b, printed)
