"""Sequence classification: the class of a series of frames, such as the word in a recording."""

from __future__ import annotations

from bench.tasks.base import Words
from bench.tasks.classification import Classification


class SequenceClassification(Classification):
    """Classes of series: X is a :class:`bench.series.Series`, y are class codes."""

    name = "sequence"
    summary = "the class of a series of frames, such as the word in a recording"
    words = Words(
        "series",
        "series",
        "frame",
        "frames",
        "more accurate",
        "less accurate",
        "most accurate",
        "predicting the commonest class always",
        "series",
    )
