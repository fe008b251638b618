"""The answer in three sentences, made from the tests: who is most accurate, what that costs, what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from bench.errors import counted, first_of
from bench.report.columns import write_share
from bench.report.costs import cheaper_by, listed_costs, share_in_words, weigh
from bench.report.entries import Entry
from bench.report.views import write_p
from bench.stats.paired import Comparison
from bench.terminal import short

SHOWN_NAMES = 4


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
    guess : float
        Accuracy of answering the commonest class always.
    run_name : str
        For the commands that the answer names.
    n_missing : int
        Planned trials that have not run.
    n_train : int or None
        Training rows, where there are models with other numbers of them.
    are_costs_comparable : bool
        Whether all were measured on the same kind of machine with as many processors.
    """

    entries: Sequence[Entry]
    comparisons: Sequence[Comparison]
    groups: dict[str, int]
    n_test: int
    guess: float
    run_name: str = "RUN"
    n_missing: int = 0
    n_train: int | None = None
    are_costs_comparable: bool = True

    @cached_property
    def good(self) -> list[Entry]:
        """Models that were measured, those that no other beats first, and among these the most accurate."""
        return sorted((e for e in self.entries if e.good), key=lambda e: (self.groups[e.name] > 1, -e.accuracy))

    @property
    def failed(self) -> list[Entry]:
        """Models without a good trial."""
        return [entry for entry in self.entries if not entry.good]

    @property
    def best(self) -> Entry:
        """The most accurate of the models that no other is shown to beat."""
        return self.good[0]

    @cached_property
    def untested(self) -> list[Entry]:
        """Models that share no seed with the best."""
        return [entry for entry in self.good[1:] if self.between(self.best, entry) is None]

    @cached_property
    def leaders(self) -> list[Entry]:
        """The best, and those that it was compared with and that no model is shown to beat."""
        return [e for e in self.good if self.groups[e.name] == 1 and e not in self.untested]

    @cached_property
    def behind(self) -> list[Entry]:
        """Models that another one is shown to beat, the most accurate first."""
        return [entry for entry in self.good if self.groups[entry.name] > 1 and entry not in self.untested]

    def between(self, first: Entry, second: Entry) -> Comparison | None:
        """Their comparison, as the first against the second; None: they share no seed."""
        for c in self.comparisons:
            if {c.first, c.second} == {first.name, second.name}:
                return c if c.first == first.name else c.reversed
        return None


def answer(contest: Contest) -> list[str]:
    """Three sentences."""
    if not contest.good:
        return _nothing_measured(contest)
    if len(contest.good) == 1 + len(contest.untested):
        return _one_model(contest)
    return [_accuracy(contest), _cost(contest), f"{_advice(contest)}{_limits(contest)}"]


def _nothing_measured(contest: Contest) -> list[str]:
    reasons = [f"{entry.name} ({_reason(entry)})" for entry in contest.failed]
    if not reasons:
        return [
            "Nothing was measured yet: no trial has ended.",
            f"{counted(contest.n_missing, 'trial is', 'trials are')} planned.",
            f"So there is no answer: go on with bench run --resume {contest.run_name}.",
        ]
    none = "the only model did not finish" if len(reasons) == 1 else f"none of {len(reasons)} models finished"
    return [
        f"Nothing was measured: {none} a trial.",
        f"What failed: {first_of(reasons, SHOWN_NAMES)}.",
        f"So there is no answer: bench show {contest.run_name} --errors prints what failed trials wrote last, and "
        f"bench run --resume {contest.run_name} runs them again (give it wider limits if these ended them).",
    ]


def _one_model(contest: Contest) -> list[str]:
    entry = contest.best
    alone = "There is no other model to compare it with"
    if contest.untested:
        alone = f"It shares no seed with {_names(contest.untested)} and cannot be compared"
    return [
        f"{entry.name} is right about {_share(contest, entry)}.",
        f"It takes {listed_costs(entry)}.",
        f"{alone}, so this says nothing about what another would do{_limits(contest)}",
    ]


def _accuracy(contest: Contest) -> str:
    best, leaders, behind = contest.best, contest.leaders, contest.behind
    share = _share(contest, best)
    if len(leaders) == 1:
        nearest = behind[0]
        gap = f"{nearest.name} is {_gap(contest, nearest)}"
        if len(behind) == 1:
            return f"{best.name} is more accurate than {nearest.name}: it is right about {share}, and {gap}."
        each = "is shown to be less accurate" + ("" if _beats_all(contest) else " than another model")
        return (
            f"{best.name} is the most accurate: it is right about {share}, and each of the {len(behind)} others "
            f"{each}; {gap}."
        )
    if not behind:
        last = leaders[-1]
        return (
            f"No difference in accuracy is shown between {_names(leaders)}: {best.name} is right about {share}, and "
            f"{_unshown_gap(contest, last)}."
        )
    others = f"the other {len(behind)} are" if len(behind) > 1 else f"{behind[0].name} is"
    rivals = " and ".join(f"{entry.name} ({_unshown_gap(contest, entry)})" for entry in leaders[1:3])
    more = f" and {len(leaders) - 3} more" if len(leaders) > 3 else ""
    return (
        f"{best.name} is right about {share}, but no difference is shown to {rivals}{more}; {others} shown to be less "
        "accurate than another model."
    )


def _gap(contest: Contest, other: Entry) -> str:
    """How far a model is behind the best, whether or not that is shown."""
    found = contest.between(contest.best, other)
    assert found is not None
    if not found.is_significant:
        return f"{_unshown_gap(contest, other)}, which is not shown for these two alone"
    low, high = found.interval
    return f"{100 * found.difference:.1f} points behind (95 % interval {100 * low:.1f} to {100 * high:.1f})"


def _unshown_gap(contest: Contest, other: Entry) -> str:
    found = contest.between(contest.best, other)
    assert found is not None
    points = 100 * found.difference
    if abs(points) < 0.005:
        return f"{other.name} about as many" if not contest.behind else "as many right"
    digits = 1 if abs(points) >= 0.05 else 2
    where = "behind" if points > 0 else "ahead"
    named = f"{other.name} is " if not contest.behind else ""
    return f"{named}{abs(points):.{digits}f} points {where}, {write_p(found.p_value)}"


def _cost(contest: Contest) -> str:
    best, leaders = contest.best, contest.leaders
    if not contest.are_costs_comparable:
        return "What they cost was measured on different machines or numbers of processors, and is not compared."
    if len(leaders) > 1:
        one = min(leaders, key=_fit_seconds)
        other = best if best is not one else max((entry for entry in leaders if entry is not one), key=_fit_seconds)
        verdict = {
            "less": f"{one.name} costs less",
            "more": f"{other.name} costs less",
            "both ways": "each is cheaper in some way",
            "alike": "none costs clearly less",
        }[weigh(one, other)]
        start = f"Of {'the two' if len(leaders) == 2 else f'these {len(leaders)}'}, {verdict}"
    else:
        one, other = best, contest.behind[0]
        start = {
            "less": "It costs less as well",
            "more": "That has its price",
            "both ways": "Each is cheaper in some way",
            "alike": "It costs about the same",
        }[weigh(one, other)]
    return f"{start}: {one.name} takes {listed_costs(one)}; {other.name} {listed_costs(other, with_words=False)}."


def _fit_seconds(entry: Entry) -> float:
    return entry.mean("fit_seconds") or 0.0


def _advice(contest: Contest) -> str:
    best, leaders = contest.best, contest.leaders
    if best.interval.low <= contest.guess:
        return (
            f"So take none of them: not even {best.name} is shown to know more than answering the commonest class "
            f"always, which would reach {write_share(contest.guess)}"
        )
    choice = best
    if contest.are_costs_comparable and len(leaders) > 1:
        choice = next((e for e in leaders[1:] if weigh(e, best) == "less"), best)
    reason = "no other model here is shown to be more accurate"
    if len(leaders) == 1:
        reason = "it is more accurate than every other model here" if _beats_all(contest) else reason
    elif choice is not best:
        reason += f", and it costs less than {best.name}"
    elif contest.are_costs_comparable and all(weigh(best, e) == "less" for e in leaders[1:]):
        reason += ", and it costs less than those that may be as good"
    else:
        any_of = "either of" if len(leaders) == 2 else "any of"
        return (
            f"So for texts like these take {any_of} {_names(leaders)}: neither accuracy nor cost tells them clearly "
            f"apart{_unless(contest, choice)}"
        )
    return f"So for texts like these take {choice.name}: {reason}{_unless(contest, choice)}"


def _beats_all(contest: Contest) -> bool:
    found = [contest.between(contest.best, entry) for entry in contest.behind]
    return all(c is not None and c.is_significant and c.difference > 0 for c in found)


def _unless(contest: Contest, choice: Entry) -> str:
    """The most accurate model that is far cheaper in some way, for those to whom that counts more."""
    if not contest.are_costs_comparable:
        return ""
    for other in contest.good:
        if other is choice or other in contest.untested or other.interval.low <= contest.guess:
            continue
        if saved := cheaper_by(other, choice):
            name, ratio = saved
            found = contest.between(choice, other)
            loses = "" if found is None else f" and is {100 * found.difference:.1f} points less accurate"
            if found is not None and not found.is_significant:
                loses = " and is not shown to be less accurate"
            return f"; where {name} counts more, {other.name} takes {share_in_words(ratio)} of it{loses}"
    return ""


def _limits(contest: Contest) -> str:
    """How far the answer holds, to end the last sentence with."""
    limits = []
    single = [entry.name for entry in contest.good if entry.varies and len(entry.good) == 1]
    if single:
        limits.append(f"one seed of {_listed(single)}: what chance in training does is not measured")
    limits += _nearly_shown(contest)
    if contest.untested and len(contest.good) > 1 + len(contest.untested):
        limits.append(f"not compared, since no seed is shared: {_names(contest.untested)}")
    if contest.failed:
        reasons = [f"{entry.name} ({_reason(entry)})" for entry in contest.failed]
        limits.append(f"not measured: {first_of(reasons, SHOWN_NAMES)}")
    if partly := [entry.name for entry in contest.good if entry.failed]:
        limits.append(f"some seeds of {_listed(partly)} failed")
    if contest.n_missing:
        limits.append(f"{counted(contest.n_missing, 'trial has', 'trials have')} not run yet")
    return f" ({'; '.join(limits)})." if limits else "."


def _nearly_shown(contest: Contest) -> list[str]:
    """Leaders that would be behind the best if there were no other pairs."""
    pairs = [(entry, contest.between(contest.best, entry)) for entry in contest.leaders[1:]]
    near = [(entry.name, found) for entry, found in pairs if found is not None and found.interval.low > 0]
    if not near:
        return []
    more = "test texts" if all(found.test == "McNemar" for _, found in near) else "seeds"
    leaves = (
        "the 95 % interval of its difference leaves" if len(near) == 1 else "95 % intervals of their differences leave"
    )
    return [
        f"{_listed([name for name, _ in near])} may well be less accurate: {leaves} out 0, and more {more} may show it"
    ]


def _share(contest: Contest, entry: Entry) -> str:
    low, high = entry.interval
    trained = f", trained on {counted(contest.n_train, 'text')}" if contest.n_train else ""
    return (
        f"{100 * entry.accuracy:.1f} % of {counted(contest.n_test, 'test text')} (95 % interval {100 * low:.1f} to "
        f"{100 * high:.1f}{trained})"
    )


def _names(entries: Sequence[Entry]) -> str:
    return _listed([entry.name for entry in entries])


def _listed(names: Sequence[str]) -> str:
    if len(names) > SHOWN_NAMES:
        return first_of(names, SHOWN_NAMES)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _reason(entry: Entry) -> str:
    first = entry.failed[0]
    return short(f"{first.status}: {first.reason}" if first.reason else first.status)
