"""What models cost, weighed against each other: seconds of the fit, milliseconds for one row, memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.results.columns import write_number
from bench.results.entries import Entry

ALIKE = 1.5
"""Costs that differ by less count as alike."""
MUCH = 10.0
"""From this factor on, a reader may prefer a less accurate model."""


@dataclass(frozen=True)
class Cost:
    """One kind of cost.

    Parameters
    ----------
    field : str
        The measurement.
    name : str
    unit : str
    little : float
        Two costs that are less than this apart count as alike: such differences are chance, or nobody minds.
    matters_from : float
        From here on a reader may prefer a less accurate model that costs less.
    """

    field: str
    name: str
    unit: str
    little: float
    matters_from: float


COSTS = (
    Cost("fit_seconds", "training time", "s to train", 1.0, 10.0),
    Cost("latency_p50_ms", "the time for one {row}", "ms for one {row}", 1.0, 5.0),
    Cost("peak_memory_mb", "memory", "MB of memory", 500.0, 2000.0),
)


def weigh(one: Entry, other: Entry) -> Literal["less", "more", "both ways", "alike"]:
    """Whether one model costs clearly less than another, clearly more, each in some way, or neither."""
    ratios = [_ratio(one, other, cost) for cost in COSTS]
    is_less, is_more = any(ratio <= 1 / ALIKE for ratio in ratios), any(ratio >= ALIKE for ratio in ratios)
    if is_less and is_more:
        return "both ways"
    return "less" if is_less else "more" if is_more else "alike"


def cheaper_by(other: Entry, choice: Entry) -> tuple[str, float] | None:
    """Return the cost in which another model is furthest ahead, and the ratio; None where it is not far ahead."""
    ratios = {
        cost.name.format(row=choice.task.words.row): _ratio(other, choice, cost)
        for cost in COSTS
        if (choice.mean(cost.field) or 0.0) >= cost.matters_from
    }
    if not ratios:
        return None
    name = min(ratios, key=lambda key: ratios[key])
    return (name, ratios[name]) if ratios[name] <= 1 / MUCH else None


def listed_costs(entry: Entry, *, with_words: bool = True) -> str:
    """Return a model's costs, as ``2.16 s to train, 0.50 ms for one text and 997 MB of memory`` or without words."""
    row = entry.task.words.row
    units = [cost.unit.format(row=row) if with_words else cost.unit.partition(" ")[0] for cost in COSTS]
    parts = [f"{write_number(entry.mean(cost.field) or 0.0)} {unit}" for cost, unit in zip(COSTS, units, strict=True)]
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def share_in_words(ratio: float) -> str:
    """Return a small proportion in words.

    >>> share_in_words(0.1), share_in_words(0.013), share_in_words(0.0)
    ('a 10th', 'a 77th', 'next to nothing')
    """
    if ratio < 1e-6:
        return "next to nothing"
    n = round(1 / ratio)
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"a {n:,}{ending}"


def _ratio(one: Entry, other: Entry, cost: Cost) -> float:
    mine, others = one.mean(cost.field) or 0.0, other.mean(cost.field) or 0.0
    if abs(mine - others) < cost.little:
        return 1.0
    if others == 0:
        return 1.0 if mine == 0 else float("inf")
    return mine / others
