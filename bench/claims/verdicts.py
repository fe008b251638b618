"""The rule from contrasts to verdicts, of each contrast, part and claim."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from bench.claims.declaration import Contrast
from bench.claims.evidence import Evidence
from bench.stats.margins import Advantage, Outcome, decide
from bench.tasks.base import Metric
from bench.utils.text import capital, counted, first_of, rounded_up

Verdict = Literal["supported", "refuted", "depends", "undecided"]

VERDICT_OF: dict[Outcome, Verdict] = {
    "better": "supported",
    "no better": "refuted",
    "worse": "refuted",
    "open": "undecided",
}


DECIDED_FIRST: tuple[Verdict, ...] = ("supported", "refuted", "undecided")
"""Verdicts of a contrast."""


@dataclass(frozen=True)
class Judged:
    """A contrast and what was found.

    Parameters
    ----------
    contrast : Contrast
    advantage : Advantage or None
        None: a side was not measured.
    outcome : "better", "no better", "worse" or "open"
    margin : float
    n_tests : int
        What its p-values were multiplied with.
    metric : Metric
        The score that is compared.
    missing : sequence of str
        Models that were not measured.
    """

    contrast: Contrast
    advantage: Advantage | None
    outcome: Outcome
    margin: float
    n_tests: int
    metric: Metric
    missing: Sequence[str] = ()

    @property
    def verdict(self) -> Verdict:
        """The verdict on this contrast alone."""
        return VERDICT_OF[self.outcome]

    @property
    def effect(self) -> str:
        """How much better the model is, with the interval, in the unit of the score: points of accuracy."""
        if self.advantage is None:
            return "not measured"
        return write_difference(self.advantage, self.metric)

    @property
    def words(self) -> str:
        """The verdict, and what it means."""
        meant = {"no better": ": no better by what matters", "worse": ": a rival is better"}.get(self.outcome, "")
        return f"{self.verdict}{meant}" + (f", needs {self.needed}" if self.needed else "")

    @cached_property
    def needed(self) -> str:
        """What it would take to decide; empty where it is decided."""
        if self.outcome != "open":
            return ""
        if self.missing:
            return f"trials of {first_of(list(self.missing), 3)} that succeed"
        if self.advantage is None:
            return "more seeds and test rows"
        seeds = self.advantage.seeds_needed(self.margin, self.n_tests)
        rows = self.advantage.rows_needed(self.margin, self.n_tests)
        found = [f"about {counted(seeds, 'seed')}"] if seeds else []
        found += [f"about {rounded_up(rows):,} test rows"] if rows else []
        return " or ".join(found) or "both more seeds and more test rows"


def write_difference(found: Advantage, metric: Metric) -> str:
    """Return how much better a model is, with the interval, such as "+1.2 points (+0.4 to +2.0)"."""
    low, high = (_signed(value, metric) for value in found.interval)
    return f"{_signed(found.mean, metric)} {metric.unit or metric.heading} ({low} to {high})"


def _signed(value: float, metric: Metric) -> str:
    """Return a difference in the score's unit; one that is rounded to 0 has no minus.

    >>> _signed(-0.0001, Metric("accuracy", "accuracy", unit="points"))
    '+0.0'
    """
    written = metric.write_number(value, signed=True)
    return written if float(written) else written.replace("-", "+")


@dataclass(frozen=True)
class JudgedPart:
    """The contrasts of one axis, task or dataset, in their order.

    Parameters
    ----------
    name : str
    contrasts : sequence of Judged
    """

    name: str
    contrasts: Sequence[Judged]

    @property
    def where(self) -> str:
        """Where the verdict is which, in words, with the differences in the unit of the score."""
        said = [f"{verdict}{self.at(verdict, ' ')} ({self.range(verdict)})" for verdict in self.verdicts]
        turn = self.turn
        return "; ".join([*said, *([f"it turns {turn}"] if turn else [])])

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdicts that its contrasts have, what is decided first."""
        found = {judged.verdict for judged in self.contrasts}
        return [verdict for verdict in DECIDED_FIRST if verdict in found]

    def at(self, verdict: Verdict, before: str = "") -> str:
        """Return where it has a verdict, such as "at 100 rows to 3,000 rows"; empty: everywhere."""
        return "" if self.verdicts == [verdict] else f"{before}at {self._places(verdict)}"

    def range(self, verdict: Verdict) -> str:
        """Return the smallest and the largest difference where it has a verdict, in the unit of the score."""
        return _range([judged for judged in self.contrasts if judged.verdict == verdict])

    def _places(self, verdict: Verdict) -> str:
        """Return the places that have a verdict; three or more in a row by the first and the last."""
        said: list[str] = []
        for has_verdict, group in itertools.groupby(self.contrasts, lambda judged: judged.verdict == verdict):
            places = [judged.contrast.at for judged in group]
            is_row = len(places) > 2 and all(judged.contrast.x is not None for judged in self.contrasts)
            if has_verdict:
                said += [f"{places[0]} to {places[-1]}"] if is_row else places
        return first_of(said, 7)

    @property
    def turn(self) -> str:
        """Return where an ordered verdict turns: between two places at which it is decided.

        Empty where it does not turn, or turns more than once.
        """
        decided = [
            judged for judged in self.contrasts if judged.verdict != "undecided" and judged.contrast.x is not None
        ]
        changes = [(a, b) for a, b in itertools.pairwise(decided) if a.verdict != b.verdict]
        if len(changes) != 1:
            return ""
        before, after = changes[0]
        return f"between {before.contrast.at} and {after.contrast.at}"


@dataclass(frozen=True)
class Judgement:
    """The verdict on a claim.

    Parameters
    ----------
    parts : sequence of JudgedPart
    n_contrasts : int
        Contrasts of all claims that were judged together.
    """

    parts: Sequence[JudgedPart]
    n_contrasts: int

    @property
    def contrasts(self) -> list[Judged]:
        """The contrasts of all parts."""
        return [judged for part in self.parts for judged in part.contrasts]

    @property
    def verdict(self) -> Verdict:
        """The verdict on the claim."""
        return combine([judged.verdict for judged in self.contrasts])

    @property
    def where(self) -> str:
        """Where the verdict is which, part by part, in words."""
        return ". ".join(f"{capital(part.name)}: {part.where}" for part in self.parts)

    @property
    def needed(self) -> str:
        """What it would take to decide what is open; empty where nothing is."""
        found = [
            f"{judged.contrast.part}, {judged.contrast.at}: {judged.needed}"
            for judged in self.contrasts
            if judged.needed
        ]
        return "; ".join([*found[:3], *([f"and {len(found) - 3} more"] if len(found) > 3 else [])])

    @property
    def shown(self) -> list[Judged]:
        """The contrasts that are shown first: the last that has the verdict, or one of each side if it depends."""
        wanted: list[Verdict] = ["supported", "refuted"] if self.verdict == "depends" else [self.verdict]
        found = [[judged for judged in self.contrasts if judged.verdict == verdict] for verdict in wanted]
        return [of_verdict[-1] for of_verdict in found if of_verdict]


def _range(found: Sequence[Judged]) -> str:
    """Return the smallest and the largest difference of contrasts, in the unit of the score."""
    metrics = {judged.metric.field: judged.metric for judged in found}
    said = []
    for field, metric in metrics.items():
        of_metric = [judged for judged in found if judged.metric.field == field and judged.advantage]
        means = sorted(judged.advantage.mean for judged in of_metric if judged.advantage)
        ends = list(dict.fromkeys(_signed(mean, metric) for mean in (means[:1] + means[-1:])))
        said += [f"{' to '.join(ends)} {metric.unit or metric.heading}"] if ends else []
    return " and ".join(said) or "not measured"


def combine(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict on several contrasts together.

    All agree, or it depends: some support the claim and some refute it. Else it is undecided: what is open at one
    place may yet go either way.

    Examples
    --------
    >>> combine(["supported", "supported"]), combine(["supported", "undecided", "refuted"])
    ('supported', 'depends')
    >>> combine(["supported", "undecided"]), combine([])
    ('undecided', 'undecided')
    """
    found = set(verdicts)
    if {"supported", "refuted"} <= found:
        return "depends"
    return found.pop() if len(found) == 1 else "undecided"


def _margin(contrast: Contrast, evidence: Evidence) -> float:
    return evidence.declared.margin if contrast.margin is None else contrast.margin


def judge(evidences: Sequence[Evidence]) -> list[Judgement]:
    """Judge claims by their contrasts, all claims together.

    A contrast supports its claim if the model is significantly better than the best rival, and the difference measured
    is the margin at least; it refutes it if the model is significantly not better by the margin. p-values are adjusted
    by Holm's method over all contrasts of all claims.

    Parameters
    ----------
    evidences : sequence of Evidence
        One per claim.
    """
    found = [
        (_margin(contrast, evidence), contrast, evidence.missing(contrast), evidence.advantage(contrast))
        for evidence in evidences
        for contrast in evidence.declared.plan.contrasts
    ]
    metrics = [evidence.metric(contrast) for evidence in evidences for contrast in evidence.declared.plan.contrasts]
    decided = decide([advantage for _, _, _, advantage in found], [margin for margin, *_ in found])
    judged = iter(
        Judged(contrast, advantage, outcome, margin, n_tests, metric, missing)
        for (margin, contrast, missing, advantage), (outcome, n_tests), metric in zip(
            found, decided, metrics, strict=True
        )
    )
    judgements = []
    for evidence in evidences:
        parts: dict[str, list[Judged]] = {}
        for contrast in evidence.declared.plan.contrasts:
            parts.setdefault(contrast.part, []).append(next(judged))
        judgements.append(Judgement([JudgedPart(name, of_part) for name, of_part in parts.items()], len(found)))
    return judgements
