"""The answer in three sentences, made from the tests: who is most accurate, what that costs, what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bench.errors import counted, first_of
from bench.report.columns import write_number, write_share
from bench.report.entries import Entry
from bench.stats.intervals import Interval, accuracy_interval
from bench.stats.paired import Comparison

SHOWN_NAMES = 4
CHEAPER = 1.5
"""Costs that differ by less count as alike."""
EXPENSIVE = 10
"""From this factor on, the reader is to say whether a lead is worth its cost."""


@dataclass(frozen=True)
class Contest:
    """Models with the same number of training rows, and which of them differ.

    Parameters
    ----------
    entries : sequence of Entry
        The failed ones too.
    comparisons : sequence of Comparison
    groups : mapping of name to ranking group
    n_test : int
    n_missing : int
        Planned trials that have not run.
    """

    entries: Sequence[Entry]
    comparisons: Sequence[Comparison]
    groups: dict[str, int]
    n_test: int
    n_missing: int = 0

    @cached_property
    def good(self) -> list[Entry]:
        """Models that were measured, the most accurate first."""
        return sorted((e for e in self.entries if e.good), key=lambda entry: -entry.accuracies.mean())

    @property
    def failed(self) -> list[Entry]:
        """Models without a good trial."""
        return [entry for entry in self.entries if not entry.good]

    @property
    def leaders(self) -> list[Entry]:
        """Models that cannot be told from the most accurate."""
        return [entry for entry in self.good if self.groups.get(entry.name) == 1]

    def between(self, first: Entry, second: Entry) -> Comparison | None:
        """Their comparison, whichever came first."""
        return next((c for c in self.comparisons if {c.first, c.second} == {first.name, second.name}), None)


def answer(contest: Contest) -> list[str]:
    """Three sentences."""
    if not contest.good:
        return _nothing_measured(contest)
    if len(contest.good) == 1:
        return _one_model(contest)
    return [_accuracy(contest), _cost(contest), f"{_advice(contest)}{_limits(contest)}"]


def _nothing_measured(contest: Contest) -> list[str]:
    reasons = [f"{entry.name} ({_reason(entry)})" for entry in contest.failed]
    if not reasons:
        return [
            "Nothing was measured yet: no trial has ended.",
            f"{counted(contest.n_missing, 'trial is', 'trials are')} planned.",
            "So there is no answer: go on with bench run --resume.",
        ]
    return [
        f"Nothing was measured: none of {counted(len(reasons), 'model')} finished a trial.",
        f"What failed: {first_of(reasons, SHOWN_NAMES)}.",
        "So there is no answer: bench show --errors prints what failed trials wrote last, and bench run --resume runs "
        "them again.",
    ]


def _one_model(contest: Contest) -> list[str]:
    (entry,) = contest.good
    return [
        f"{entry.name} answers {_share(entry)} of {contest.n_test:,} test texts rightly.",
        f"It needs {_seconds(entry)} to learn and {_ms(entry)} for one text (median), and {_memory(entry)}.",
        f"There is no other model to compare it with, so this says nothing about what another would do"
        f"{_limits(contest)}",
    ]


def _accuracy(contest: Contest) -> str:
    best, leaders = contest.good[0], contest.leaders
    behind = [entry for entry in contest.good if entry not in leaders]
    has = f"{_share(best)} of {contest.n_test:,} test texts right"
    if len(leaders) == len(contest.good):
        return (
            f"No difference in accuracy is shown between {_names(leaders)}: the highest, {best.name}, gets {has}, and "
            f"{_largest_gap(contest, best, leaders[-1])}."
        )
    if len(leaders) > 1:
        return (
            f"{best.name} gets most right, {has}, but cannot be told from {_names(leaders[1:])}; "
            f"{_names(behind)} {'is' if len(behind) == 1 else 'are'} behind it."
        )
    nearest = behind[0]
    gap = f"{_points(best, nearest)} behind{_gap_interval(contest, best, nearest)}"
    if len(behind) == 1:
        return f"{best.name} is more accurate than {nearest.name}, with {has}; {nearest.name} is {gap}."
    return (
        f"{best.name} is the most accurate, with {has}; its lead over each of the {len(behind)} others is shown, and "
        f"the nearest, {nearest.name}, is {gap}."
    )


def _largest_gap(contest: Contest, best: Entry, last: Entry) -> str:
    if best.accuracies.mean() == last.accuracies.mean():
        return "all get equally many right"
    return (
        f"the largest gap, {_points(best, last)} to {last.name}, is one that chance alone may make"
        f"{_p_value(contest, best, last)}"
    )


def _cost(contest: Contest) -> str:
    best, leaders = contest.good[0], contest.leaders
    if len(leaders) > 1:
        cheapest, dearest = min(leaders, key=_fit), max(leaders, key=_fit)
        of_them = "the two" if len(leaders) == 2 else f"these {len(leaders)}"
        if _fit(dearest) < CHEAPER * _fit(cheapest):
            costs = f"{_seconds(cheapest)} to {_seconds(dearest)}"
            return f"Training costs about the same with {of_them}, {costs}{_aside(contest)}."
        return (
            f"Of {of_them}, {cheapest.name} costs least to train, {_seconds(cheapest)}, where {dearest.name} takes "
            f"{_seconds(dearest)} ({_times(dearest, cheapest)} as long); one text takes it {_ms(cheapest)}, and "
            f"{dearest.name} {_ms(dearest)}{_aside(contest)}."
        )
    nearest = contest.good[1]
    texts = f"one text takes it {_ms(best)}, and {nearest.name} {_ms(nearest)}{_aside(contest)}"
    if _fit(nearest) >= CHEAPER * _fit(best):
        return (
            f"It costs less as well: {_seconds(best)} to train, where {nearest.name} takes {_seconds(nearest)} "
            f"({_times(nearest, best)} as long); {texts}."
        )
    if _fit(best) >= CHEAPER * _fit(nearest):
        return (
            f"That has its price: {_seconds(best)} to train, where {nearest.name} takes {_seconds(nearest)} "
            f"({_times(best, nearest)} as long); {texts}."
        )
    return f"Training the two costs about the same, {_seconds(best)} and {_seconds(nearest)}; {texts}."


def _aside(contest: Contest) -> str:
    """The cheapest model of all, where it is far cheaper than those that the sentence is about."""
    named = contest.leaders if len(contest.leaders) > 1 else contest.good[:2]
    cheapest = min(contest.good, key=_fit)
    if cheapest in named or min(map(_fit, named)) < EXPENSIVE * _fit(cheapest):
        return ""
    return f"; cheapest is {cheapest.name}, {_seconds(cheapest)} at {_points(contest.good[0], cheapest)} less"


def _advice(contest: Contest) -> str:
    best, leaders = contest.good[0], contest.leaders
    if len(leaders) > 1:
        cheapest = min(leaders, key=_fit)
        choice = best if _fit(best) < CHEAPER * _fit(cheapest) else cheapest
        return (
            f"So for texts like these take {choice.name}: no other model here is shown to be more accurate, and none "
            f"that keeps up with it {'costs clearly less' if choice is best else 'costs less'} to train"
        )
    nearest = contest.good[1]
    if _fit(best) >= EXPENSIVE * _fit(nearest):
        return (
            f"So take {best.name} if {_points(best, nearest)} are worth {_times(best, nearest)} the training time of "
            f"{nearest.name}, and {nearest.name} if not"
        )
    if CHEAPER * _fit(best) <= _fit(nearest):
        return (
            f"So for texts like these take {best.name}: it is more accurate than every other model here, and costs "
            "less to train than the nearest"
        )
    return f"So for texts like these take {best.name}: it is more accurate than every other model here"


def _limits(contest: Contest) -> str:
    """How far the answer holds, to end the last sentence with."""
    limits = []
    single = [entry.name for entry in contest.good if entry.varies and len(entry.good) == 1]
    if single:
        limits.append(f"one seed of {first_of(single, SHOWN_NAMES)}: what chance in training does is not measured")
    if contest.failed:
        reasons = [f"{entry.name} ({_reason(entry)})" for entry in contest.failed]
        limits.append(f"not measured: {first_of(reasons, SHOWN_NAMES)}")
    partly = [entry.name for entry in contest.good if entry.failed]
    if partly:
        limits.append(f"some seeds of {first_of(partly, SHOWN_NAMES)} failed")
    if contest.n_missing:
        limits.append(f"{counted(contest.n_missing, 'trial has', 'trials have')} not run yet")
    return f" ({'; '.join(limits)})." if limits else "."


def _share(entry: Entry) -> str:
    correct = entry.correct
    low, high = accuracy_interval(correct[:1] if (correct == correct[0]).all() else correct)
    return f"{write_share(entry.accuracies.mean())} ({_interval(Interval(low, high))})"


def _interval(interval: Interval) -> str:
    return f"95 % interval {write_share(interval.low)} to {write_share(interval.high)}"


def _gap_interval(contest: Contest, best: Entry, nearest: Entry) -> str:
    found = contest.between(best, nearest)
    if found is None:
        return ""
    low, high = sorted(abs(end) if found.is_significant else end for end in found.interval)
    return f" (95 % interval {100 * low:.1f} to {100 * high:.1f})"


def _p_value(contest: Contest, first: Entry, second: Entry) -> str:
    found = contest.between(first, second)
    return f" (p = {found.p_value:.2f}, Holm over {counted(len(contest.comparisons), 'pair')})" if found else ""


def _points(more: Entry, less: Entry) -> str:
    """A difference of accuracy in percentage points."""
    gap = 100 * float(more.accuracies.mean() - less.accuracies.mean())
    return f"{gap:.1f} points" if gap >= 0.05 else f"{gap:.2f} points"


def _fit(entry: Entry) -> float:
    return float(np.mean([m.fit_seconds for m in entry.measured]))


def _seconds(entry: Entry) -> str:
    return f"{write_number(_fit(entry))} s"


def _times(more: Entry, less: Entry) -> str:
    ratio = _fit(more) / _fit(less)
    return f"{ratio:.1f} times" if ratio < 10 else f"{ratio:,.0f} times"


def _ms(entry: Entry) -> str:
    return f"{write_number(float(np.mean([m.latency_p50_ms for m in entry.measured])))} ms"


def _memory(entry: Entry) -> str:
    return f"{np.mean([m.peak_memory_mb for m in entry.measured]):,.0f} MB of memory at most"


def _names(entries: Sequence[Entry]) -> str:
    names = [entry.name for entry in entries]
    if len(names) > SHOWN_NAMES:
        return first_of(names, SHOWN_NAMES)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _reason(entry: Entry) -> str:
    first = entry.failed[0]
    return f"{first.status}: {first.reason}" if first.reason else first.status
