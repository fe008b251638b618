"""Tables that describe what no verdict follows from: what order is worth, what a step costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.claims.declaration import Contrast, Side
from bench.claims.evidence import Evidence
from bench.claims.verdicts import write_difference


@dataclass(frozen=True)
class Table:
    """Rows with the same keys. A table without rows is not shown.

    Parameters
    ----------
    title, caption : str
    rows : sequence of dict
        The first key heads the rows.

    Raises
    ------
    ValueError
        The keys of rows differ.
    """

    title: str
    caption: str
    rows: Sequence[dict[str, str]]

    def __post_init__(self) -> None:
        for row in self.rows:
            if list(row) != list(self.rows[0]):
                raise ValueError(
                    f"rows of the table {self.title!r} have different columns: {', '.join(self.rows[0])}, and "
                    f"{', '.join(row)}"
                )


def difference(evidence: Evidence, first: Side, second: Side) -> str:
    """Return by how much the first is better, with a 95 % interval of this pair alone; "-": not measured."""
    contrast = Contrast(part="", at="", model=first, rivals=(second,))
    found = evidence.advantage(contrast)
    return "-" if found is None else write_difference(found, evidence.metric(contrast))


def accuracy(evidence: Evidence, side: Side | None, tokens: tuple[int, int | None] | None = None) -> str:
    """Return an accuracy, or the score of another task, with three digits; "-": not measured."""
    found = side and evidence.score(side, tokens)
    return "-" if found is None else f"{found:.3f}"


def cost(evidence: Evidence, side: Side, field: str = "fit_seconds") -> float | None:
    """Return a cost, in the unit that its field names, the mean over seeds; None: not measured."""
    entry = evidence.entry(side)
    return None if entry is None else entry.mean(field)


def write_seconds(value: float | None) -> str:
    """Return seconds with three digits.

    >>> write_seconds(0.01234), write_seconds(123.4), write_seconds(None)
    ('0.0123 s', '123 s', '-')
    """
    return "-" if value is None else f"{value:,.3g} s" if value < 1000 else f"{value:,.0f} s"
