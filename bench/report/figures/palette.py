"""One colour, marker and dash a model, the same in every figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

COLORS = ("#0079ad", "#f26363", "#7e9e00", "#9d0aff", "#766319", "#aa4156", "#9f75ff", "#cd7a9b")
"""Each has a contrast of 3 to 1 on white and on dark paper, and differs from the others, also for the colour-blind."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")
DASHES: tuple[tuple[float, ...], ...] = ((), (4, 1.5), (1, 1), (3, 1, 1, 1), (5, 1, 1, 1, 1, 1))


class ModelStyle(NamedTuple):
    """How a model is drawn."""

    color: str
    marker: str
    dashes: tuple[float, ...]


def model_styles(names: Sequence[str]) -> dict[str, ModelStyle]:
    """Return the look of each model in the order of the report; after eight, colours repeat with other markers."""
    return {
        name: ModelStyle(
            COLORS[i % len(COLORS)], MARKERS[(i + i // len(COLORS)) % len(MARKERS)], DASHES[i % len(DASHES)]
        )
        for i, name in enumerate(dict.fromkeys(names))
    }
