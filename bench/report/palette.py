"""One colour, marker and dash a model, the same in every figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

COLORS = ("#0072b2", "#d55e00", "#009673", "#a85aa0", "#8a6d00", "#5b6cd9", "#c2407a", "#687680")
"""After Okabe and Ito (2008), darkened until each stands out on white and on black paper by 3 to 1."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")
DASHES: tuple[tuple[float, ...], ...] = ((), (4, 1.5), (1, 1), (3, 1, 1, 1), (5, 1, 1, 1, 1, 1))


class Look(NamedTuple):
    """How a model is drawn."""

    color: str
    marker: str
    dashes: tuple[float, ...]


def looks(names: Sequence[str]) -> dict[str, Look]:
    """The look of each model, in the order of the report; after eight, a colour comes again with another marker."""
    return {
        name: Look(COLORS[i % len(COLORS)], MARKERS[(i + i // len(COLORS)) % len(MARKERS)], DASHES[i % len(DASHES)])
        for i, name in enumerate(dict.fromkeys(names))
    }
