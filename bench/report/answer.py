"""The answer in a few sentences, derived from the tests: who is most accurate, what that costs, what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from bench.report.costs import cheaper_by, listed_costs, share_in_words, weigh
from bench.results.analysis import Analysis
from bench.results.columns import write_p
from bench.results.entries import Entry
from bench.stats.verdicts import Comparison
from bench.tasks.base import Task, Words
from bench.utils.text import counted, first_of, rounded_up, short

SHOWN_NAMES = 4


@dataclass(frozen=True)
class Standings:
    """Which of the compared models are ahead, and which behind. Of two scores the better one is called the higher.

    Parameters
    ----------
    analysis : Analysis
    run_name : str
        For the commands that the answer names.
    """

    analysis: Analysis
    run_name: str

    @property
    def task(self) -> Task:
        """What is learnt."""
        return self.analysis.task

    @property
    def words(self) -> Words:
        """How the task calls its things."""
        return self.task.words

    @property
    def n_train(self) -> int | None:
        """Training rows, where there are models with different numbers of them."""
        return self.analysis.n_train if self.analysis.has_several_sizes else None

    @cached_property
    def good(self) -> list[Entry]:
        """Models that were measured, those that none is significantly better than first, then by score."""
        return sorted(self.analysis.good, key=lambda e: (self._is_beaten(e), -e.gain))

    @property
    def failed(self) -> list[Entry]:
        """Models without a good trial."""
        return [entry for entry in self.analysis.compared if not entry.good]

    @property
    def best(self) -> Entry:
        """The best of the models that no other is significantly better than."""
        return self.good[0]

    @cached_property
    def untested(self) -> list[Entry]:
        """Models that share no seed with the best."""
        return [entry for entry in self.good[1:] if self.between(self.best, entry) is None]

    @cached_property
    def leaders(self) -> list[Entry]:
        """The best, and those that it was compared with and that no model is significantly better than."""
        return [e for e in self.good if not self._is_beaten(e) and e not in self.untested]

    @cached_property
    def behind(self) -> list[Entry]:
        """Models that another one is significantly better than, the best first."""
        return [entry for entry in self.good if self._is_beaten(entry) and entry not in self.untested]

    def _is_beaten(self, entry: Entry) -> bool:
        rank = self.analysis.ranks["fitted"][entry.name]
        return rank is not None and rank.best > 1

    def between(self, first: Entry, second: Entry) -> Comparison | None:
        """Their comparison, as the first against the second; None: they share no seed."""
        for c in self.analysis.comparisons:
            if {c.first, c.second} == {first.name, second.name}:
                return c if c.first == first.name else c.reversed
        return None


def answer(standings: Standings) -> list[str]:
    """Three or four sentences: how these models differ, what training again could change, costs, and advice."""
    if not standings.good:
        return _nothing_measured(standings)
    if len(standings.good) == 1 + len(standings.untested):
        return _one_model(standings)
    advice = f"{_advice(standings)}{_limits(standings)}"
    return [_scores(standings), *_again(standings), _cost(standings), advice]


def _nothing_measured(standings: Standings) -> list[str]:
    reasons = [f"{entry.name} ({_reason(entry)})" for entry in standings.failed]
    if not reasons:
        return [
            "Nothing was measured yet: no trial has ended.",
            f"{counted(len(standings.analysis.missing), 'trial is', 'trials are')} planned.",
            f"So there is no answer: go on with bench run --resume {standings.run_name}.",
        ]
    none = "the only model did not finish" if len(reasons) == 1 else f"none of {len(reasons)} models finished"
    return [
        f"Nothing was measured: {none} a trial.",
        f"What failed: {first_of(reasons, SHOWN_NAMES)}.",
        f"So there is no answer: bench show {standings.run_name} --errors prints what failed trials wrote last, and "
        f"bench run --resume {standings.run_name} runs them again (give it wider limits if these ended them).",
    ]


def _one_model(standings: Standings) -> list[str]:
    entry = standings.best
    limits = _limits(standings)
    alone = "There is no other model to compare it with"
    if standings.untested:
        alone = f"It shares no seed with {_names(standings.untested)} and cannot be compared"
    return [
        f"{entry.name} {_gets(standings, entry)}.",
        f"It takes {listed_costs(entry)}.",
        f"{alone}, so this says nothing about what another would do{limits}",
    ]


def _scores(standings: Standings) -> str:
    best, leaders, behind, words = standings.best, standings.leaders, standings.behind, standings.words
    gets = _gets(standings, best)
    if len(leaders) == 1:
        nearest = behind[0]
        gap = f"{nearest.name} is {_gap(standings, nearest)}"
        if len(behind) == 1:
            return f"{best.name} is {words.better} than {nearest.name}: it {gets}, and {gap}."
        each = f"is significantly {words.worse}" + ("" if _beats_all(standings) else " than another model")
        return f"{best.name} is the {words.best}: it {gets}, and each of the {len(behind)} others {each}; {gap}."
    if not behind:
        last = leaders[-1]
        return (
            f"The differences in {standings.task.metric.heading} between {_names(leaders)} are not significant: "
            f"{best.name} {gets}, "
            f"and {_open_gap(standings, last)}."
        )
    others = f"the other {len(behind)} are" if len(behind) > 1 else f"{behind[0].name} is"
    rivals = " and ".join(f"{entry.name} ({_open_gap(standings, entry)})" for entry in leaders[1:3])
    more = f" and {len(leaders) - 3} more" if len(leaders) > 3 else ""
    differences = "the difference" if len(leaders) == 2 else "the differences"
    return (
        f"{best.name} {gets}, but {differences} to {rivals}{more} {'is' if len(leaders) == 2 else 'are'} not "
        f"significant; {others} significantly {words.worse} than another model."
    )


def _gap(standings: Standings, other: Entry) -> str:
    """How far a model is behind the best, whether or not that is significant."""
    found = standings.between(standings.best, other)
    assert found is not None
    if not found.fitted.is_significant:
        return f"{_open_gap(standings, other)}, which is not significant for these two alone"
    metric = standings.task.metric
    low, high = sorted(map(metric.gain, found.fitted.interval))
    ends = f"{metric.write_number(low)} to {metric.write_number(high)}"
    return f"{metric.write_difference(found.gain)} behind (95 % interval {ends})"


def _open_gap(standings: Standings, other: Entry) -> str:
    found = standings.between(standings.best, other)
    assert found is not None
    metric = standings.task.metric
    if abs(metric.scale * found.gain) < 0.005:
        about = "about as many" if standings.task.has_classes else "about the same"
        return f"{other.name} {about}" if not standings.behind else "as many right"
    where = "behind" if found.gain > 0 else "ahead"
    named = f"{other.name} is " if not standings.behind else ""
    return f"{named}{metric.write_difference(abs(found.gain))} {where}, {write_p(found.fitted.p_value)}"


def _again(standings: Standings) -> list[str]:
    """Return a sentence on what training again could change."""
    compared = [*standings.leaders, *standings.behind]
    if not any(entry.varies for entry in compared):
        once = [entry for entry in compared if not entry.is_deterministic]
        if not once:
            return ["Trained again, these models predict the same, so that this holds for such models too."]
        return [f"What training {_names(once)} again would change was not measured (--seeds 2 does)."]
    pairs = [(entry, standings.between(standings.best, entry)) for entry in compared[1:]]
    unknown = [entry for entry, found in pairs if found is not None and found.again is None]
    if unknown:
        once = [entry for entry in compared if len(entry.good) == 1]
        single = [entry for entry in once if entry.varies] or once
        few = f"there is one fit of {_names(single)}" if single else "too few seeds are shared"
        return [f"What training again would change is not known, since {few}; --seeds 5 tells."]
    settled = [(entry, found) for entry, found in pairs if found is not None and found.fitted.is_significant]
    lost = [(entry, found) for entry, found in settled if found.again is not None and not found.again.is_significant]
    if lost:
        names = _listed([f"{e.name} ({write_p(found.broadest.p_value)})" for e, found in lost])
        evidence = _evidence([f for _, f in lost], standings.words)
        return [f"Trained again, {names} might do as well as {standings.best.name}: {evidence}."]
    if settled:
        every = "All of this" if len(settled) == len(pairs) else "What is significant"
        return [f"{every} most likely holds for such models trained again, too.{_rows(standings)}"]
    return [f"Trained again, any of them might come first.{_rows(standings)}"]


def _evidence(comparisons: Sequence[Comparison], words: Words) -> str:
    """Return how many seeds would settle comparisons that are significant for these models."""
    needed = [comparison.seeds_needed for comparison in comparisons]
    if None in needed:
        return f"not even 100 seeds would settle that with these test {words.rows}"
    return f"about {max(n for n in needed if n is not None)} seeds would settle that"


def _rows(standings: Standings) -> str:
    """Return how many test rows would tell the best from the next, where these do not."""
    if len(standings.leaders) < 2:
        return ""
    second = standings.leaders[1]
    found = standings.between(standings.best, second)
    if found is None or found.rows_needed is None:
        return ""
    return (
        f" More seeds alone would not tell {second.name} from {standings.best.name}: that takes about "
        f"{rounded_up(found.rows_needed):,} test {standings.words.rows}, if the difference is what it seems."
    )


def _cost(standings: Standings) -> str:
    best, leaders = standings.best, standings.leaders
    if not standings.analysis.are_costs_comparable:
        return "What they cost was measured on different machines or numbers of processors, and is not compared."
    if len(leaders) > 1:
        one, other = _pair_to_weigh(standings)
        verdict = {
            "less": f"{one.name} costs less" if len(leaders) == 2 else f"{one.name} costs less than {other.name}",
            "more": f"{other.name} costs less",
            "both ways": "each is cheaper in some way",
            "alike": "none costs clearly less",
        }[weigh(one, other)]
        start = f"Of {'the two' if len(leaders) == 2 else f'these {len(leaders)}'}, {verdict}"
    else:
        one, other = best, standings.behind[0]
        start = {
            "less": "It costs less as well",
            "more": "That has its price",
            "both ways": "Each is cheaper in some way",
            "alike": "It costs about the same",
        }[weigh(one, other)]
    return f"{start}: {one.name} takes {listed_costs(one)}; {other.name} {listed_costs(other, with_words=False)}."


def _fit_seconds(entry: Entry) -> float:
    return entry.mean("fit_seconds") or 0.0


def _pair_to_weigh(standings: Standings) -> tuple[Entry, Entry]:
    """Return which two leaders' costs are named: those of whom the advice says that one costs less, where it does."""
    best, choice, dearer = standings.best, _choice(standings), _dearer(standings)
    if choice is not best:
        return choice, best
    if dearer:
        return best, max(dearer, key=_fit_seconds)
    quickest = min(standings.leaders, key=_fit_seconds)
    return (quickest, best) if quickest is not best else (best, max(standings.leaders[1:], key=_fit_seconds))


def _dearer(standings: Standings) -> list[Entry]:
    """Return the leaders that cost clearly more than the best."""
    if not standings.analysis.are_costs_comparable:
        return []
    return [entry for entry in standings.leaders[1:] if weigh(standings.best, entry) == "less"]


def _choice(standings: Standings) -> Entry:
    """Return the leader to take: the best, or one that costs clearly less than it, and than others that do."""
    best = choice = standings.best
    if standings.analysis.are_costs_comparable:
        for entry in standings.leaders[1:]:
            if weigh(entry, best) == weigh(entry, choice) == "less":
                choice = entry
    return choice


def _advice(standings: Standings) -> str:
    best, leaders, words, metric = standings.best, standings.leaders, standings.words, standings.task.metric
    baseline = standings.analysis.baseline
    if baseline is not None and not standings.analysis.passes_baseline(best):
        return (
            f"So take none of them: not even {best.name} is significantly better than {words.baseline}, which would "
            f"reach {metric.write(baseline)}"
        )
    choice = _choice(standings)
    reason = f"no other model here is significantly {words.better}"
    if len(leaders) == 1:
        reason = f"it is {words.better} than every other model here" if _beats_all(standings) else reason
    elif choice is not best:
        reason += f", and it costs less than {best.name}"
    else:
        dearer = _dearer(standings)
        alike = [entry for entry in leaders if entry not in dearer]
        if len(alike) > 1:
            more = f"; {_names(dearer)} {'costs' if len(dearer) == 1 else 'cost'} more" if dearer else ""
            which = "either of" if len(alike) == 2 else "any of"
            return (
                f"So for {words.data} like these take {which} {_names(alike)}: neither "
                f"{metric.heading} nor cost tells them clearly apart{more}{_unless(standings, choice)}"
            )
        reason += ", and it costs less than those that may be as good"
    return f"So for {words.data} like these take {choice.name}: {reason}{_unless(standings, choice)}"


def _beats_all(standings: Standings) -> bool:
    found = [standings.between(standings.best, entry) for entry in standings.behind]
    return all(c is not None and c.fitted.is_significant and c.gain > 0 for c in found)


def _unless(standings: Standings, choice: Entry) -> str:
    """Return the best model that is far cheaper in some way, for those to whom that counts more."""
    if not standings.analysis.are_costs_comparable:
        return ""
    for other in standings.good:
        if other is choice or other in standings.untested or not standings.analysis.passes_baseline(other):
            continue
        if saved := cheaper_by(other, choice):
            name, ratio = saved
            found = standings.between(choice, other)
            loses, worse, metric = "", standings.words.worse, standings.task.metric
            if found is not None:
                loses = f" and is {metric.write_difference(found.gain)} {worse}"
            if found is not None and not found.fitted.is_significant:
                loses = f" and is not significantly {worse}"
            return f"; where {name} counts more, {other.name} takes {share_in_words(ratio)} of it{loses}"
    return ""


def _limits(standings: Standings) -> str:
    """How far the answer holds, to end the last sentence with."""
    limits = []
    single = [entry.name for entry in standings.good if entry.varies and len(entry.good) == 1]
    if single and len(standings.good) == 1 + len(standings.untested):
        limits.append(f"one seed of {_listed(single)}: what chance in training does is not measured")
    if standings.untested and len(standings.good) > 1 + len(standings.untested):
        limits.append(f"not compared, since no seed is shared: {_names(standings.untested)}")
    if standings.failed:
        reasons = [f"{entry.name} ({_reason(entry)})" for entry in standings.failed]
        limits.append(f"not measured: {first_of(reasons, SHOWN_NAMES)}")
    if partly := [entry.name for entry in standings.good if entry.failed]:
        limits.append(f"some seeds of {_listed(partly)} failed")
    if len(standings.analysis.missing):
        limits.append(f"{counted(len(standings.analysis.missing), 'trial has', 'trials have')} not run yet")
    return f" ({'; '.join(limits)})." if limits else "."


def _gets(standings: Standings, entry: Entry) -> str:
    words, task = standings.words, standings.task
    test_rows = counted(standings.analysis.dataset.n_test, f"test {words.row}", f"test {words.rows}")
    trained = f", trained on {counted(standings.n_train, words.row, words.rows)}" if standings.n_train else ""
    ends = task.write_ends(*entry.interval)
    return f"gets {task.write_score(entry.score, test_rows)} (95 % interval {ends}{trained})"


def _names(entries: Sequence[Entry]) -> str:
    return _listed([entry.name for entry in entries])


def _listed(names: Sequence[str]) -> str:
    if len(names) > SHOWN_NAMES:
        return first_of(names, SHOWN_NAMES)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _reason(entry: Entry) -> str:
    first = entry.failed[0]
    return short(f"{first.status}: {first.reason}" if first.reason else first.status)
